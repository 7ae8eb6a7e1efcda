/* {% include %}, {% partialdef %} and {% partial %}: templates within templates. */
#include <string.h>

#include "template/tags/kinds.h"
#include "template/template.h"

/* ---- include ------------------------------------------------------------------------------------------- */

typedef struct include {
    const char *name;  /* written in the template: no look-up of a variable; NULL: expression 0 */
    nu_keywords given; /* names; the values are expressions 1 … */
    bool        only;
} include;

static nu_template *select_any(nu_engine *engine, nu_value names)
{
    if (!nu_truth(names))
        return nu_template_select(engine, (const char *const[]){NULL});
    const nu_list *items = nu__value_items(names);
    if (!items)
        nu_raise(NU_VALUE_ERROR, "'%s' object is not iterable", nu__python_type(names));
    const char **all = nu_alloc((items->count + 1) * sizeof *all);
    for (uint32_t i = 0; i < items->count; i++)
        all[i] = nu_text(items->items[i]);
    return nu_template_select(engine, all);
}

static nu_template *included(nu_rendering *render, const nu_call *call)
{
    const include *what = call->node->data;
    if (what->name)
        return nu_template_get(render->engine, what->name);
    nu_value     value = nu__call_value(render, call, 0);
    nu_template *given = nu__template_of(value);
    if (given)
        return given;
    if (value.type != NU_TEXT || value.length == 0)
        return select_any(render->engine, value);
    const char *current = call->node->tree->name;
    const char *relative = nu__relative_name(current, value.text, value.text, true);
    return nu_template_get(render->engine, relative ? relative : value.text);
}

static void run_include(nu_rendering *render, const nu_call *call)
{
    const include *what = call->node->data;
    nu_template   *t = included(render, call);
    nu_bindings    given = {.names = what->given.names, .count = what->given.count};
    if (given.count) {
        nu_value *values = nu_alloc(given.count * sizeof *values);
        for (uint32_t i = 0; i < given.count; i++)
            values[i] = nu__call_value(render, call, i + 1);
        given.values = values;
    }
    nu__activate(render, t->program, &given, NULL, what->only);
}
static const nu_node_kind include_kind = {.name = "include", .run = run_include};

static void parse_options(nu_parser *parser, const nu_tag *tag, include *what)
{
    bool with = false;
    for (size_t i = 2; i < tag->words.count;) {
        nu_word option = tag->words.items[i++];
        bool    is_with = nu__word_is(option, "with"), is_only = nu__word_is(option, "only");
        if ((is_with && with) || (is_only && what->only))
            nu__syntax_error(parser, "The '%.*s' option was specified more than once.",
                             (int)option.length, option.text);
        if (is_with) {
            what->given = nu__parse_keywords(parser, tag, &i, false);
            with = true;
            if (!what->given.count)
                nu__syntax_error(parser,
                                 "\"with\" in 'include' tag needs at least one keyword argument.");
        } else if (is_only) {
            what->only = true;
        } else {
            nu__syntax_error(parser, "Unknown argument for 'include' tag: %s.",
                             nu__quoted(nu__parse_text(parser, option)));
        }
    }
}

/* The name if it is plain text in the template. */
static const char *written_name(nu_parser *parser, nu_word word, const nu_expression *expression)
{
    const nu_variable *variable = &expression->variable;
    const char        *relative = nu__relative_word(parser, word, true);
    if (relative)
        return relative;
    bool plain = variable->literal && !variable->translate && !expression->filter_count &&
                 variable->value.type == NU_TEXT && variable->value.length > 0;
    return plain ? variable->value.text : NULL;
}

static nu_node *parse_include(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count < 2)
        nu__syntax_error(parser, "'include' tag takes at least one argument: "
                                 "the name of the template to be included.");
    include *what = nu_arena_zalloc(parser->arena, sizeof *what);
    parse_options(parser, tag, what);
    nu_node *node = nu__node(parser, &include_kind, what->given.count + 1, 0, 0);
    node->expressions[0] = nu__parse_expression(parser, tag->words.items[1]);
    for (uint32_t i = 0; i < what->given.count; i++)
        node->expressions[i + 1] = what->given.values[i];
    what->name = written_name(parser, tag->words.items[1], node->expressions[0]);
    node->data = what;
    return node;
}

/* ---- partials --------------------------------------------------------------------------------------------- */

static void run_partial(nu_rendering *render, const nu_call *call)
{
    const char *name = call->node->data;
    nu_partial *partial = nu__find_partial(call->node->tree, name);
    if (!partial)
        nu_raise(NU_TEMPLATE_SYNTAX, "Partial '%s' is not defined in the current template.", name);
    nu_template *t = nu__partial_template(render->engine, call->node->tree, partial);
    nu__activate(render, t->program, NULL, NULL, false);
}
static const nu_node_kind partial_kind = {.name = "partial", .run = run_partial};

static nu_node *parse_partial(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count != 2)
        nu__syntax_error(parser, "'partial' tag requires a single argument");
    nu_node *node = nu__node(parser, &partial_kind, 0, 0, 0);
    node->data = nu__parse_text(parser, tag->words.items[1]);
    return node;
}

static nu_body parse_partial_body(nu_parser *parser, const char *name)
{
    nu_tag      stop;
    nu_body     body = nu__parse_body(parser, (const char *const[]){"endpartialdef", NULL}, &stop);
    const char *named = nu_fmt("endpartialdef %s", name);
    if (strcmp(stop.content, "endpartialdef") != 0 && strcmp(stop.content, named) != 0)
        nu__invalid_tag(parser, stop.token, stop.words.items[0],
                        (const char *const[]){"endpartialdef", named, NULL});
    return body;
}

static nu_node *parse_partialdef(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count < 2)
        nu__syntax_error(parser, "'partialdef' tag requires a name");
    if (tag->words.count > 3)
        nu__syntax_error(parser, "'partialdef' tag takes at most 2 arguments");
    bool is_inline = tag->words.count == 3;
    if (is_inline && !nu__tag_word_is(tag, 2, "inline"))
        nu__syntax_error(parser, "'partialdef' tag's second argument must be 'inline'");
    nu_partial *partial = nu_arena_zalloc(parser->arena, sizeof *partial);
    partial->name = nu__parse_text(parser, tag->words.items[1]);
    partial->body = parse_partial_body(parser, partial->name);
    if (nu__find_partial(parser->tree, partial->name))
        nu__syntax_error(parser, "Partial '%s' is already defined in the '%s' template.",
                         partial->name, parser->tree->name ? parser->tree->name : "<unknown>");
    partial->next = parser->tree->partials;
    parser->tree->partials = partial;
    if (!is_inline)
        return NULL;
    nu_node *node = nu__node(parser, &partial_kind, 0, 0, 0);
    node->data = partial->name;
    return node;
}

const nu_template_tag nu__tags_include[] = {
    {.name = "include", .syntax = &(const struct nu_tag_syntax){parse_include}},
    {.name = "partialdef", .syntax = &(const struct nu_tag_syntax){parse_partialdef}},
    {.name = "partial", .syntax = &(const struct nu_tag_syntax){parse_partial}},
    {0},
};
