/* {% load static %}: static, get_static_prefix, get_media_prefix. */
#include <string.h>

#include "template/engine.h"
#include "template/filters/quote.h"
#include "template/program.h"
#include "template/tags/kinds.h"

/* ---- static -------------------------------------------------------------------------------------------- */

/* Python's urljoin() for a quoted path, which has no scheme: one that begins with "/" replaces the
 * prefix's own path. */
static const char *join(const char *prefix, nu_value path)
{
    nu_builder out;
    nu_builder_init(&out, NULL, strlen(prefix) + path.length + 16);
    const char *host = strstr(prefix, "://");
    const char *root = host ? strchrnul(host + 3, '/') : prefix;
    if (path.length > 0 && path.text[0] == '/')
        nu_builder_add(&out, prefix, (size_t)(root - prefix));
    else
        nu_builder_puts(&out, prefix);
    nu__put_quoted(&out, path.text, path.length, "/");
    return nu_builder_text(&out);
}

static nu_value static_url(nu_rendering *render, nu_value path)
{
    const nu_engine_options *options = &render->engine->options;
    path = nu_value_str(path);
    if (options->hooks.static_url)
        return nu_value_text(options->hooks.static_url(options->hooks.data, path.text));
    return nu_value_text(join(options->static_prefix, path));
}

static void run_static(nu_rendering *render, const nu_call *call)
{
    nu_value url = static_url(render, nu__call_value(render, call, 0));
    nu__call_answer(render, call, render->autoescape ? nu__escaped(url) : url);
}
static const nu_node_kind static_kind = {.name = "static", .run = run_static};

static nu_node *parse_static(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count < 2)
        nu__syntax_error(parser, "'static' takes at least one argument (path to file)");
    nu_name name = {0};
    nu__parse_as(parser, tag, 2, &name);
    nu_node *node = nu__node(parser, &static_kind, 1, 0, name.text ? 1 : 0);
    node->expressions[0] = nu__parse_expression(parser, tag->words.items[1]);
    if (name.text)
        node->names[0] = name;
    return node;
}

/* ---- prefixes -------------------------------------------------------------------------------------------- */

static void run_static_prefix(nu_rendering *render, const nu_call *call)
{
    nu__call_answer(render, call, nu_value_text(render->engine->options.static_prefix));
}
static const nu_node_kind static_prefix_kind = {.name = "get_static_prefix",
                                                .run = run_static_prefix};

static void run_media_prefix(nu_rendering *render, const nu_call *call)
{
    nu__call_answer(render, call, nu_value_text(render->engine->options.media_prefix));
}
static const nu_node_kind media_prefix_kind = {.name = "get_media_prefix", .run = run_media_prefix};

static nu_node *parse_prefix(nu_parser *parser, const nu_tag *tag, const nu_node_kind *kind)
{
    bool named = tag->words.count > 1;
    if (named && (!nu__tag_word_is(tag, 1, "as") || tag->words.count < 3))
        nu__syntax_error(parser, "First argument in '%s' must be 'as'", kind->name);
    nu_node *node = nu__node(parser, kind, 0, 0, named);
    if (named)
        node->names[0] = nu__parse_name(parser, tag->words.items[2]);
    return node;
}

static nu_node *parse_static_prefix(nu_parser *parser, const nu_tag *tag)
{
    return parse_prefix(parser, tag, &static_prefix_kind);
}

static nu_node *parse_media_prefix(nu_parser *parser, const nu_tag *tag)
{
    return parse_prefix(parser, tag, &media_prefix_kind);
}

const nu_template_tag nu__tags_static[] = {
    {.name = "static", .syntax = &(const struct nu_tag_syntax){parse_static}},
    {.name = "get_static_prefix", .syntax = &(const struct nu_tag_syntax){parse_static_prefix}},
    {.name = "get_media_prefix", .syntax = &(const struct nu_tag_syntax){parse_media_prefix}},
    {0},
};
