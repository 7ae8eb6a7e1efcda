/* Tags that compute and name values: firstof, regroup, widthratio, with. */
#include <math.h>
#include <string.h>

#include "i18n/python.h"
#include "template/compiler.h"
#include "template/tags/kinds.h"

/* ---- with -------------------------------------------------------------------------------------------- */

static void emit_with(nu_compiler *c, const nu_node *node)
{
    const nu_operand *operands =
        nu__compile_expressions(c, node->expressions, node->expression_count);
    nu_scope scope;
    nu__scope_open(c, &scope, node->bodies, 1);
    for (uint32_t i = 0; i < node->name_count; i++) {
        uint32_t slot = nu__bind(c, &node->names[i], true)->slot;
        nu__emit(c, (nu_op){.code = NU_OP_SET, .target = slot, .operand = &operands[i]});
    }
    nu__emit_body(c, &node->bodies[0]);
    nu__scope_close(c, &scope);
}
static const nu_node_kind with_kind = {.name = "with", .emit = emit_with, .scope = true};

static nu_node *parse_with(nu_parser *parser, const nu_tag *tag)
{
    size_t      at = 1;
    nu_keywords given = nu__parse_keywords(parser, tag, &at, true);
    if (!given.count)
        nu__syntax_error(parser, "'with' expected at least one variable assignment");
    if (at < tag->words.count)
        nu__syntax_error(parser, "'with' received an invalid token: %s",
                         nu__quoted(nu__parse_text(parser, tag->words.items[at])));
    nu_node *node = nu__node(parser, &with_kind, 0, 1, 0);
    node->expressions = given.values;
    node->expression_count = given.count;
    node->names = given.names;
    node->name_count = given.count;
    node->bodies[0] = nu__parse_until(parser, "endwith");
    return node;
}

/* ---- firstof --------------------------------------------------------------------------------------------- */

static void run_firstof(nu_rendering *render, const nu_call *call)
{
    nu_value text = nu_value_text("");
    for (uint32_t i = 0; i < call->node->expression_count; i++) {
        nu_value value = nu__call_value_or_null(render, call, i);
        if (nu_truth(value)) {
            text = nu__rendered(render, value);
            break;
        }
    }
    nu__call_answer(render, call, text);
}
static const nu_node_kind firstof_kind = {.name = "firstof", .run = run_firstof};

static nu_node *parse_firstof(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count < 2)
        nu__syntax_error(parser, "'firstof' statement requires at least one argument");
    nu_name  name = {0};
    size_t   end = nu__parse_as(parser, tag, 1, &name);
    nu_node *node = nu__node(parser, &firstof_kind, (uint32_t)end - 1, 0, name.text ? 1 : 0);
    for (size_t i = 1; i < end; i++)
        node->expressions[i - 1] = nu__parse_expression(parser, tag->words.items[i]);
    if (name.text)
        node->names[0] = name;
    return node;
}

/* ---- regroup ------------------------------------------------------------------------------------------------ */

/* Django's GroupedResult: a pair with names. */
typedef struct group {
    const nu_class *class;
    nu_value grouper;
    nu_list *list;
} group;

static bool group_at(void *self, int64_t index, nu_value *out)
{
    const group *g = self;
    *out = index == 0 ? g->grouper : nu_value_list(g->list);
    return index == 0 || index == 1;
}

static bool group_get(void *self, const char *key, size_t length, nu_value *out)
{
    if (length == 7 && memcmp(key, "grouper", 7) == 0)
        return group_at(self, 0, out);
    return length == 4 && memcmp(key, "list", 4) == 0 && group_at(self, 1, out);
}

static int64_t group_count(void *self)
{
    (void)self;
    return 2;
}

static nu_value group_text(void *self)
{
    const group *g = self;
    return nu_value_text(nu_fmt("GroupedResult(grouper=%s, list=%s)", nu_text(nu_repr(g->grouper)),
                                nu_text(nu_repr(nu_value_list(g->list)))));
}

static const nu_class group_class = {.name = "GroupedResult",
                                     .get = group_get,
                                     .at = group_at,
                                     .count = group_count,
                                     .text = group_text};

/* Expression 1 is "name.attribute", where name is the variable that the tag sets in the end. */
static void run_regroup(nu_rendering *render, const nu_call *call)
{
    nu_value       source = nu__call_value_or_null(render, call, 0);
    nu_list       *groups = nu_list_new();
    const nu_list *items = nu_is_null(source) ? groups : nu__value_items(source);
    if (!items)
        nu_raise(NU_VALUE_ERROR, "'%s' object is not iterable", nu__python_type(source));
    group *last = NULL;
    for (uint32_t i = 0; i < items->count; i++) {
        nu_value item = items->items[i];
        nu__call_set(render, call, 0, item);
        nu_value key = nu__call_value_or_null(render, call, 1);
        if (!last || !nu_equal(last->grouper, key)) {
            last = nu_alloc(sizeof *last);
            *last = (group){.class = &group_class, .grouper = key, .list = nu_list_new()};
            nu_list_push(groups, nu_value_object(last));
        }
        nu_list_push(last->list, item);
    }
    nu__call_set(render, call, 0, nu_value_list(groups));
}
static const nu_node_kind regroup_kind = {.name = "regroup", .run = run_regroup};

static nu_node *parse_regroup(nu_parser *parser, const nu_tag *tag)
{
    const nu_word *words = tag->words.items;
    if (tag->words.count != 6)
        nu__syntax_error(parser, "'regroup' tag takes five arguments");
    if (!nu__tag_word_is(tag, 2, "by"))
        nu__syntax_error(parser, "second argument to 'regroup' tag must be 'by'");
    if (!nu__tag_word_is(tag, 4, "as"))
        nu__syntax_error(parser, "next-to-last argument to 'regroup' tag must be 'as'");
    nu_node *node = nu__node(parser, &regroup_kind, 2, 0, 1);
    node->expressions[0] = nu__parse_expression(parser, words[1]);
    node->names[0] = nu__parse_name(parser, words[5]);
    char *path = nu_arena_format(parser->arena, "%s.%.*s", node->names[0].text,
                                 (int)words[3].length, words[3].text);
    node->expressions[1] =
        nu__parse_expression(parser, (nu_word){.text = path, .length = (uint32_t)strlen(path)});
    return node;
}

/* ---- widthratio ------------------------------------------------------------------------------------------------ */

static const char *ratio(nu_value value, nu_value most, int64_t width)
{
    double a, b;
    if (!nu__python_float(value, &a) || !nu__python_float(most, &b))
        return "";
    if (b == 0)
        return "0";
    double result = a / b * (double)width;
    return isfinite(result) ? nu_fmt("%.0f", rint(result) + 0.0) : "";
}

static void run_widthratio(nu_rendering *render, const nu_call *call)
{
    int64_t  width;
    nu_value value = nu__call_value(render, call, 0), most = nu__call_value(render, call, 1);
    if (!nu__python_int64(nu__call_value(render, call, 2), &width))
        nu_raise(NU_TEMPLATE_SYNTAX, "widthratio final argument must be a number");
    nu__call_answer(render, call, nu_value_text(ratio(value, most, width)));
}
static const nu_node_kind widthratio_kind = {.name = "widthratio", .run = run_widthratio};

static nu_node *parse_widthratio(nu_parser *parser, const nu_tag *tag)
{
    size_t count = tag->words.count;
    if (count != 4 && count != 6)
        nu__syntax_error(parser, "widthratio takes at least three arguments");
    if (count == 6 && !nu__tag_word_is(tag, 4, "as"))
        nu__syntax_error(parser, "Invalid syntax in widthratio tag. Expecting 'as' keyword");
    nu_node *node = nu__node(parser, &widthratio_kind, 3, 0, count == 6 ? 1 : 0);
    for (uint32_t i = 0; i < 3; i++)
        node->expressions[i] = nu__parse_expression(parser, tag->words.items[i + 1]);
    if (count == 6)
        node->names[0] = nu__parse_name(parser, tag->words.items[5]);
    return node;
}

const nu_template_tag nu__tags_assign[] = {
    {.name = "firstof", .syntax = &(const struct nu_tag_syntax){parse_firstof}},
    {.name = "regroup", .syntax = &(const struct nu_tag_syntax){parse_regroup}},
    {.name = "widthratio", .syntax = &(const struct nu_tag_syntax){parse_widthratio}},
    {.name = "with", .syntax = &(const struct nu_tag_syntax){parse_with}},
    {0},
};
