/* Tags that say how what they enclose is written: autoescape, comment, filter, spaceless, verbatim. */
#include <string.h>

#include "template/compiler.h"
#include "template/tags/kinds.h"

/* ---- autoescape -------------------------------------------------------------------------------------- */

static void run_autoescape(nu_rendering *render, const nu_call *call)
{
    bool outer = render->autoescape;
    render->autoescape = call->node->data != NULL;
    nu__call_body(render, call, 0);
    render->autoescape = outer;
}
static const nu_node_kind autoescape_kind = {.name = "autoescape", .run = run_autoescape};

static nu_node *parse_autoescape(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count != 2)
        nu__syntax_error(parser, "'autoescape' tag requires exactly one argument.");
    bool on = nu__tag_word_is(tag, 1, "on");
    if (!on && !nu__tag_word_is(tag, 1, "off"))
        nu__syntax_error(parser, "'autoescape' argument should be 'on' or 'off'");
    nu_node *node = nu__node(parser, &autoescape_kind, 0, 1, 0);
    node->data = on ? node : NULL;
    node->bodies[0] = nu__parse_until(parser, "endautoescape");
    return node;
}

/* ---- comment, verbatim ---------------------------------------------------------------------------------- */

static nu_node *parse_comment(nu_parser *parser, const nu_tag *tag)
{
    (void)tag;
    nu__skip_past(parser, "endcomment");
    return NULL;
}

static void emit_verbatim(nu_compiler *c, const nu_node *node)
{
    nu__emit_body(c, &node->bodies[0]);
}
static const nu_node_kind verbatim_kind = {.name = "verbatim", .emit = emit_verbatim};

static nu_node *parse_verbatim(nu_parser *parser, const nu_tag *tag)
{
    (void)tag;
    nu_node *node = nu__node(parser, &verbatim_kind, 0, 1, 0);
    node->bodies[0] = nu__parse_until(parser, "endverbatim");
    return node;
}

/* ---- filter ------------------------------------------------------------------------------------------------ */

static void run_filter(nu_rendering *render, const nu_call *call)
{
    nu_value body = nu__call_capture(render, call, 0);
    nu_value result = nu__apply_filters(render, &call->operands[0], body);
    result = nu_value_str(result);
    nu__write(render, result.text, result.length);
}
static const nu_node_kind filter_kind = {.name = "filter", .run = run_filter};

static nu_node *parse_filter(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count < 2)
        nu__syntax_error(parser, "'filter' tag requires at least one filter");
    const char *rest = tag->words.items[1].text;
    size_t      length = tag->token->length - (size_t)(rest - tag->token->text);
    char       *text = nu_arena_format(parser->arena, "var|%.*s", (int)length, rest);
    nu_node    *node = nu__node(parser, &filter_kind, 1, 1, 0);
    node->expressions[0] =
        nu__parse_expression(parser, (nu_word){.text = text, .length = (uint32_t)strlen(text)});
    for (uint32_t i = 0; i < node->expressions[0]->filter_count; i++) {
        const char *name = node->expressions[0]->filters[i].filter->name;
        if (strcmp(name, "escape") == 0 || strcmp(name, "safe") == 0)
            nu__syntax_error(parser,
                             "\"filter %s\" is not permitted.  Use the \"autoescape\" tag instead.",
                             name);
    }
    node->bodies[0] = nu__parse_until(parser, "endfilter");
    return node;
}

/* ---- spaceless ----------------------------------------------------------------------------------------------- */

static void run_spaceless(nu_rendering *render, const nu_call *call)
{
    nu_value    body = nu__call_capture(render, call, 0);
    const char *p = body.text, *end = body.text + body.length;
    nu__trim_words(&p, &end);
    const char *from = p;
    while ((p = memchr(p, '>', (size_t)(end - p)))) {
        const char *next = nu__skip_space(++p, end);
        if (next > p && next < end && *next == '<') {
            nu__write(render, from, (size_t)(p - from));
            from = next;
        }
        p = next;
    }
    nu__write(render, from, (size_t)(end - from));
}
static const nu_node_kind spaceless_kind = {.name = "spaceless", .run = run_spaceless};

static nu_node *parse_spaceless(nu_parser *parser, const nu_tag *tag)
{
    (void)tag;
    nu_node *node = nu__node(parser, &spaceless_kind, 0, 1, 0);
    node->bodies[0] = nu__parse_until(parser, "endspaceless");
    return node;
}

const nu_template_tag nu__tags_enclose[] = {
    {.name = "autoescape", .syntax = &(const struct nu_tag_syntax){parse_autoescape}},
    {.name = "comment", .syntax = &(const struct nu_tag_syntax){parse_comment}},
    {.name = "filter", .syntax = &(const struct nu_tag_syntax){parse_filter}},
    {.name = "spaceless", .syntax = &(const struct nu_tag_syntax){parse_spaceless}},
    {.name = "verbatim", .syntax = &(const struct nu_tag_syntax){parse_verbatim}},
    {0},
};
