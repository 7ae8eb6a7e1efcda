/* Tags that are a C function with parameters: simple, block and inclusion tags. */
#include <string.h>

#include "template/parser.h"
#include "template/template.h"

typedef struct parameter {
    const char *name;
    bool        required;
    nu_value    fallback;
    uint32_t    expression; /* that gives its value; NONE: the default counts */
} parameter;
#define NONE UINT32_MAX

/* A use of such a tag. Its expressions are in the order of the tag's words. */
typedef struct use {
    const nu_template_tag *tag;
    parameter             *params;
    uint32_t               param_count;
    bool                   any_args, any_kwargs;
    uint32_t              *args; /* expressions that *args catches */
    uint32_t               arg_count;
    nu_name               *kwarg_names; /* what **kwargs catches */
    uint32_t              *kwargs;
    uint32_t               kwarg_count;
} use;

/* ---- parameters ---------------------------------------------------------------------------------------- */

static nu_value default_value(nu_arena *arena, nu_word text)
{
    if (nu__word_is(text, "True") || nu__word_is(text, "False"))
        return nu_value_bool(text.text[0] == 'T');
    if (nu__word_is(text, "None"))
        return nu_null();
    nu_variable variable = nu__variable_parse(arena, text.text, text.length);
    if (!variable.literal)
        nu_raise(NU_CONFIG_ERROR, "\"%s\" is no default value for a tag's parameter",
                 variable.text);
    variable.value.flags = 0;
    return variable.value;
}

static void read_parameter(nu_arena *arena, use *u, nu_word word)
{
    nu_word key, value;
    if (word.length > 2 && memcmp(word.text, "**", 2) == 0) {
        u->any_kwargs = true;
    } else if (word.length > 1 && word.text[0] == '*') {
        u->any_args = true;
    } else if (nu__split_keyword(word, &key, &value)) {
        u->params[u->param_count++] = (parameter){.name = nu__word_text(arena, key),
                                                  .fallback = default_value(arena, value),
                                                  .expression = NONE};
    } else {
        u->params[u->param_count++] =
            (parameter){.name = nu__word_text(arena, word), .required = true, .expression = NONE};
    }
}

static use *use_new(nu_parser *parser, const nu_tag *tag, const nu_template_tag *definition)
{
    nu_arena   *arena = parser->arena;
    const char *params = definition->params ? definition->params : "";
    nu_words    words = nu__split_words(arena, params, strlen(params));
    use        *u = nu_arena_zalloc(arena, sizeof *u);
    u->tag = definition;
    u->params = nu_arena_array(arena, words.count, sizeof *u->params);
    u->args = nu_arena_array(arena, tag->words.count, sizeof *u->args);
    u->kwargs = nu_arena_array(arena, tag->words.count, sizeof *u->kwargs);
    u->kwarg_names = nu_arena_array(arena, tag->words.count, sizeof *u->kwarg_names);
    for (size_t i = 0; i < words.count; i++)
        read_parameter(arena, u, words.items[i]);
    return u;
}

/* ---- matching what a template gives -------------------------------------------------------------------- */

static void give_keyword(nu_parser *parser, use *u, nu_word key, uint32_t expression)
{
    const char *tag = u->tag->name;
    nu_name     name = nu__parse_name(parser, key);
    for (uint32_t i = 0; i < u->param_count; i++) {
        if (strcmp(u->params[i].name, name.text) != 0)
            continue;
        if (u->params[i].expression != NONE)
            nu__syntax_error(parser, "'%s' received multiple values for keyword argument '%s'", tag,
                             name.text);
        u->params[i].expression = expression;
        return;
    }
    if (!u->any_kwargs)
        nu__syntax_error(parser, "'%s' received unexpected keyword argument '%s'", tag, name.text);
    for (uint32_t i = 0; i < u->kwarg_count; i++) {
        if (nu__name_equal(&u->kwarg_names[i], &name))
            nu__syntax_error(parser, "'%s' received multiple values for keyword argument '%s'", tag,
                             name.text);
    }
    u->kwarg_names[u->kwarg_count] = name;
    u->kwargs[u->kwarg_count++] = expression;
}

static void give_positional(nu_parser *parser, use *u, uint32_t position, uint32_t expression)
{
    if (position < u->param_count)
        u->params[position].expression = expression;
    else if (u->any_args)
        u->args[u->arg_count++] = expression;
    else
        nu__syntax_error(parser, "'%s' received too many positional arguments", u->tag->name);
}

static void check_all_given(nu_parser *parser, const use *u)
{
    nu_builder missing;
    nu_builder_init(&missing, NULL, 64);
    for (uint32_t i = 0; i < u->param_count; i++) {
        if (u->params[i].required && u->params[i].expression == NONE)
            nu_builder_printf(&missing, "%s'%s'", missing.length ? ", " : "", u->params[i].name);
    }
    if (missing.length)
        nu__syntax_error(parser, "'%s' did not receive value(s) for the argument(s): %s",
                         u->tag->name, nu_builder_text(&missing));
}

static void give_all(nu_parser *parser, use *u, const nu_tag *tag, size_t end, nu_node *node)
{
    bool keywords = false;
    for (uint32_t i = 1; i < end; i++) {
        nu_word key, value = tag->words.items[i];
        bool    keyword = nu__split_keyword(tag->words.items[i], &key, &value);
        node->expressions[i - 1] = nu__parse_expression(parser, value);
        if (keyword)
            give_keyword(parser, u, key, i - 1);
        else if (keywords)
            nu__syntax_error(parser,
                             "'%s' received some positional argument(s) after some "
                             "keyword argument(s)",
                             u->tag->name);
        else
            give_positional(parser, u, i - 1, i - 1);
        keywords |= keyword;
    }
    check_all_given(parser, u);
}

/* ---- running ----------------------------------------------------------------------------------------------- */

static nu_dict *keyword_dict(nu_rendering *render, const nu_call *call, const use *u)
{
    nu_dict *dict = nu_dict_new();
    for (uint32_t i = 0; i < u->kwarg_count; i++)
        nu_dict_put(dict, nu_value_text_n(u->kwarg_names[i].text, u->kwarg_names[i].length),
                    nu__call_value(render, call, u->kwargs[i]));
    return dict;
}

static nu_value call_function(nu_rendering *render, const nu_call *call)
{
    const use *u = call->node->data;
    nu_value  *values = nu_alloc((u->param_count + u->arg_count) * sizeof *values);
    for (uint32_t i = 0; i < u->param_count; i++)
        values[i] = u->params[i].expression == NONE
                        ? u->params[i].fallback
                        : nu__call_value(render, call, u->params[i].expression);
    for (uint32_t i = 0; i < u->arg_count; i++)
        values[u->param_count + i] = nu__call_value(render, call, u->args[i]);
    nu_tag_call arguments = {.render = render,
                             .params = values,
                             .args = values + u->param_count,
                             .arg_count = u->arg_count};
    if (u->any_kwargs)
        arguments.kwargs = keyword_dict(render, call, u);
    if (u->tag->end)
        arguments.content = nu__call_capture(render, call, 0);
    return u->tag->fn(&arguments);
}

static void run_simple(nu_rendering *render, const nu_call *call)
{
    nu_value result = call_function(render, call);
    if (call->node->name_count)
        nu__call_set(render, call, 0, result);
    else
        nu__write_value(render, nu_value_str(result));
}
static const nu_node_kind simple_kind = {.name = "simple tag", .run = run_simple};

static void run_inclusion(nu_rendering *render, const nu_call *call)
{
    const use *u = call->node->data;
    nu_value   result = call_function(render, call);
    if (result.type != NU_DICT)
        nu_raise(NU_VALUE_ERROR, "the function of the inclusion tag '%s' must return a dict",
                 u->tag->name);
    nu_template *t = nu_template_get(render->engine, u->tag->include);
    nu__activate(render, t->program, NULL, result.dict, true);
}
static const nu_node_kind inclusion_kind = {.name = "inclusion tag", .run = run_inclusion};

nu_node *nu__parse_function_tag(nu_parser *parser, const nu_tag *tag,
                                const nu_template_tag *definition)
{
    use    *u = use_new(parser, tag, definition);
    nu_name name = {0};
    size_t  end = definition->include ? tag->words.count : nu__parse_as(parser, tag, 1, &name);
    const nu_node_kind *kind = definition->include ? &inclusion_kind : &simple_kind;
    nu_node            *node =
        nu__node(parser, kind, (uint32_t)end - 1, definition->end ? 1 : 0, name.text ? 1 : 0);
    node->data = u;
    if (name.text)
        node->names[0] = name;
    give_all(parser, u, tag, end, node);
    if (definition->end)
        node->bodies[0] = nu__parse_until(parser, definition->end);
    return node;
}
