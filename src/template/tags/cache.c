/* {% load cache %}: cache. */
#include <string.h>

#include "i18n/python.h"
#include "template/engine.h"
#include "template/program.h"
#include "template/tags/kinds.h"

/* Expressions: the time, the cache's name if there is one, then what the fragment varies on. */
typedef struct cache_tag {
    const char *fragment;
    bool        named;
} cache_tag;

static int64_t seconds_of(nu_value time)
{
    int64_t seconds;
    if (nu_is_null(time))
        return -1;
    if (!nu__python_int64(time, &seconds))
        nu_raise(NU_TEMPLATE_SYNTAX, "\"cache\" tag got a non-integer timeout value: %s",
                 nu_text(nu_repr(time)));
    return seconds < 0 ? 0 : seconds;
}

static nu_value get(const nu_template_hooks *hooks, const nu_cache_fragment *fragment)
{
    if (!hooks->cache_get)
        return nu_null();
    NU_TRY {
        return hooks->cache_get(hooks->data, fragment);
    }
    NU_CATCH (error) {
        if (nu_error_is(error, NU_CONFIG_ERROR) && fragment->alias)
            nu_raise(NU_TEMPLATE_SYNTAX, "Invalid cache name specified for cache tag: %s",
                     nu_text(nu_repr(nu_value_text(fragment->alias))));
        nu_reraise(error);
    }
    return nu_null();
}

static void run_cache(nu_rendering *render, const nu_call *call)
{
    const cache_tag         *tag = call->node->data;
    const nu_template_hooks *hooks = &render->engine->options.hooks;
    uint32_t          first = tag->named ? 2 : 1, count = call->node->expression_count - first;
    int64_t           seconds = seconds_of(nu__call_value(render, call, 0));
    nu_value         *vary = nu_alloc(count * sizeof *vary);
    nu_cache_fragment fragment = {.name = tag->fragment, .vary = vary, .vary_count = count};
    if (tag->named)
        fragment.alias = nu_text(nu__call_value(render, call, 1));
    for (uint32_t i = 0; i < count; i++)
        vary[i] = nu__call_value(render, call, first + i);
    nu_value html = get(hooks, &fragment);
    if (html.type != NU_TEXT) {
        html = nu__call_capture(render, call, 0);
        if (hooks->cache_set)
            hooks->cache_set(hooks->data, &fragment, html, seconds);
    }
    nu__write(render, html.text, html.length);
}
static const nu_node_kind cache_kind = {.name = "cache", .run = run_cache};

static nu_node *parse_cache(nu_parser *parser, const nu_tag *tag)
{
    size_t         count = tag->words.count;
    const nu_word *words = tag->words.items;
    nu_body        body = nu__parse_until(parser, "endcache");
    if (count < 3)
        nu__syntax_error(parser, "''cache'' tag requires at least 2 arguments.");
    cache_tag *data = nu_arena_zalloc(parser->arena, sizeof *data);
    data->fragment = nu__parse_text(parser, words[2]);
    nu_word last = words[count - 1];
    data->named = count > 3 && last.length > 6 && memcmp(last.text, "using=", 6) == 0;
    if (data->named)
        count--;
    uint32_t first = data->named ? 2 : 1;
    nu_node *node = nu__node(parser, &cache_kind, (uint32_t)count - 3 + first, 1, 0);
    node->data = data;
    node->bodies[0] = body;
    node->expressions[0] = nu__parse_expression(parser, words[1]);
    if (data->named)
        node->expressions[1] = nu__parse_expression(
            parser, (nu_word){.text = last.text + 6, .length = last.length - 6});
    for (size_t i = 3; i < count; i++)
        node->expressions[first + i - 3] = nu__parse_expression(parser, words[i]);
    return node;
}

const nu_template_tag nu__tags_cache[] = {
    {.name = "cache", .syntax = &(const struct nu_tag_syntax){parse_cache}},
    {0},
};
