/* Tags about URLs and forms: url, csrf_token, querystring. */
#include <string.h>

#include "template/engine.h"
#include "template/filters/quote.h"
#include "template/program.h"
#include "template/tags/kinds.h"

/* ---- url ---------------------------------------------------------------------------------------------- */

typedef struct url {
    uint32_t    arg_count; /* expressions 1 …; those of the keywords follow */
    nu_keywords keywords;
} url;

static const char *reverse(nu_rendering *render, const nu_url_request *request)
{
    const nu_template_hooks *hooks = &render->engine->options.hooks;
    if (!hooks->url)
        nu_raise(NU_CONFIG_ERROR, "the template engine was given no function for {%% url %%}");
    return hooks->url(hooks->data, request);
}

/* With "as name" a URL that does not exist is no error. */
static const char *reverse_or_empty(nu_rendering *render, const nu_url_request *request)
{
    NU_TRY {
        return reverse(render, request);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_NO_REVERSE_MATCH))
            nu_reraise(error);
    }
    return "";
}

static nu_pairs keyword_values(nu_rendering *render, const nu_call *call)
{
    const url *u = call->node->data;
    nu_pair   *pairs = nu_alloc(u->keywords.count * sizeof *pairs);
    for (uint32_t i = 0; i < u->keywords.count; i++)
        pairs[i] = (nu_pair){.key = u->keywords.names[i].text,
                             .value = nu__call_value(render, call, 1 + u->arg_count + i)};
    return (nu_pairs){.items = pairs, .count = u->keywords.count};
}

static void run_url(nu_rendering *render, const nu_call *call)
{
    const url *u = call->node->data;
    nu_value  *args = nu_alloc(u->arg_count * sizeof *args);
    for (uint32_t i = 0; i < u->arg_count; i++)
        args[i] = nu__call_value(render, call, 1 + i);
    nu_url_request request = {.name = nu_text(nu__call_value(render, call, 0)),
                              .args = args,
                              .arg_count = u->arg_count,
                              .kwargs = keyword_values(render, call),
                              .request = render->request,
                              .current_app = render->current_app};
    if (call->node->name_count) {
        nu__call_set(render, call, 0, nu_value_text(reverse_or_empty(render, &request)));
        return;
    }
    const char *path = reverse(render, &request);
    nu__write_value(render, nu_value_text(path));
}
static const nu_node_kind url_kind = {.name = "url", .run = run_url};

static nu_node *url_node(nu_parser *parser, nu_word view, nu_expression **args, url *u,
                         const nu_name *name)
{
    nu_node *node =
        nu__node(parser, &url_kind, 1 + u->arg_count + u->keywords.count, 0, name->text ? 1 : 0);
    node->expressions[0] = nu__parse_expression(parser, view);
    for (uint32_t i = 0; i < u->arg_count; i++)
        node->expressions[1 + i] = args[i];
    for (uint32_t i = 0; i < u->keywords.count; i++)
        node->expressions[1 + u->arg_count + i] = u->keywords.values[i];
    if (name->text)
        node->names[0] = *name;
    node->data = u;
    return node;
}

static nu_node *parse_url(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count < 2)
        nu__syntax_error(parser, "'url' takes at least one argument, a URL pattern name.");
    nu_name         name = {0};
    size_t          end = nu__parse_as(parser, tag, 2, &name);
    nu_arena       *arena = parser->arena;
    url            *u = nu_arena_zalloc(arena, sizeof *u);
    nu_expression **args = nu_arena_array(arena, end, sizeof *args);
    u->keywords.names = nu_arena_array(arena, end, sizeof *u->keywords.names);
    u->keywords.values = nu_arena_array(arena, end, sizeof(nu_expression *));
    for (size_t i = 2; i < end; i++) {
        nu_word key, value;
        if (nu__split_keyword(tag->words.items[i], &key, &value))
            nu__add_keyword(parser, &u->keywords, key, value);
        else
            args[u->arg_count++] = nu__parse_expression(parser, tag->words.items[i]);
    }
    return url_node(parser, tag->words.items[1], args, u, &name);
}

/* ---- csrf_token ------------------------------------------------------------------------------------------- */

static void run_csrf_token(nu_rendering *render, const nu_call *call)
{
    (void)call;
    static const char before[] = "<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"";
    nu_value          token;
    if (!nu_render_variable(render, "csrf_token", &token) || !nu_truth(token))
        return;
    token = nu_value_str(token);
    if (strcmp(token.text, "NOTPROVIDED") == 0)
        return;
    token = nu__escaped(token);
    nu__write(render, before, sizeof before - 1);
    nu__write(render, token.text, token.length);
    nu__write(render, "\">", 2);
}
static const nu_node_kind csrf_token_kind = {.name = "csrf_token", .run = run_csrf_token};

static nu_node *parse_csrf_token(nu_parser *parser, const nu_tag *tag)
{
    (void)tag;
    return nu__node(parser, &csrf_token_kind, 0, 0, 0);
}

/* ---- querystring -------------------------------------------------------------------------------------------- */

static bool is_several(nu_value value)
{
    return value.type == NU_LIST || value.type == NU_DICT ||
           (value.type == NU_OBJECT && ((const nu_object *)value.object)->class->at);
}

static void merge(nu_dict *params, nu_value key, nu_value value)
{
    if (key.type != NU_TEXT)
        nu_raise(NU_TEMPLATE_SYNTAX,
                 "querystring requires strings for mapping keys (got %s instead).",
                 nu_text(nu_repr(key)));
    if (nu_is_null(value))
        nu_dict_remove(params, key.text);
    else
        nu_dict_put(params, key, value);
}

static void merge_mapping(nu_dict *params, nu_value mapping)
{
    if (mapping.type == NU_OBJECT) {
        const nu_class *class = ((const nu_object *)mapping.object)->class;
        if (class->plain)
            mapping = class->plain(mapping.object);
    }
    if (mapping.type != NU_DICT)
        nu_raise(NU_TEMPLATE_SYNTAX,
                 "querystring requires mappings for positional arguments (got %s instead).",
                 nu_text(nu_repr(mapping)));
    for (const nu_entry *entry = NULL; (entry = nu_dict_next(mapping.dict, entry));)
        merge(params, entry->key, entry->value);
}

/* Python's quote_plus() */
static void add_quoted(nu_builder *out, nu_value text)
{
    size_t start = out->length;
    nu__put_quoted(out, text.text, text.length, " ");
    for (size_t i = start; i < out->length; i++) {
        if (out->data[i] == ' ')
            out->data[i] = '+';
    }
}

static void add_pair(nu_builder *out, nu_value key, nu_value value)
{
    nu_builder_putc(out, out->length ? '&' : '?');
    add_quoted(out, key);
    nu_builder_putc(out, '=');
    add_quoted(out, nu_value_str(value));
}

static nu_value query_text(const nu_dict *params)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    for (const nu_entry *entry = NULL; (entry = nu_dict_next(params, entry));) {
        const nu_list *several = is_several(entry->value) ? nu__value_items(entry->value) : NULL;
        if (!several)
            add_pair(&out, entry->key, entry->value);
        for (uint32_t i = 0; several && i < several->count; i++)
            add_pair(&out, entry->key, several->items[i]);
    }
    return nu_builder_value(&out);
}

static nu_value querystring(const nu_tag_call *call)
{
    nu_dict *params = nu_dict_new();
    nu_value request, source;
    if (call->arg_count == 0) {
        if (!nu_render_variable(call->render, "request", &request) ||
            !nu__value_member(request, "GET", 3, &source))
            nu_raise(NU_VALUE_ERROR, "{%% querystring %%} needs the variable \"request\"");
        merge_mapping(params, source);
    }
    for (size_t i = 0; i < call->arg_count; i++)
        merge_mapping(params, call->args[i]);
    bool had_some = nu_dict_count(params) > 0;
    for (const nu_entry *entry = NULL; call->kwargs && (entry = nu_dict_next(call->kwargs, entry));)
        merge(params, entry->key, entry->value);
    nu_value text = query_text(params);
    return text.length == 0 && had_some ? nu_value_text("?") : text;
}

const nu_template_tag nu__tags_address[] = {
    {.name = "url", .syntax = &(const struct nu_tag_syntax){parse_url}},
    {.name = "csrf_token", .syntax = &(const struct nu_tag_syntax){parse_csrf_token}},
    {.name = "querystring", .fn = querystring, .params = "*args **kwargs"},
    {0},
};
