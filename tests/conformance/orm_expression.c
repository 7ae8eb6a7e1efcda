/* Tags that stand for expressions. */
#include <string.h>

#include "nuages/text.h"

#include "model/query_internal.h"
#include "orm.h"

/* A text in the place of an expression is a field. */
static nu_value operand(nu_value json)
{
    return json.type == NU_TEXT ? NU_V(nu_f(json.text)) : orm_read(json);
}

/* The arguments of a function: one or a list; texts name fields. */
static nu_list *arguments_of(nu_value json)
{
    return json.type == NU_LIST ? orm_read(json).list : nu_list_of(orm_read(json));
}

/* ---- conditions ------------------------------------------------------------------------------ */

static const nu_expression *joined(nu_value parts, bool any)
{
    const nu_expression **list = nu_alloc((parts.list->count + 1) * sizeof *list);
    for (uint32_t i = 0; i < parts.list->count; i++)
        list[i] = orm_condition(parts.list->items[i]);
    return nu_q_join_(any, list);
}

static const nu_expression *read_q(nu_value json)
{
    const nu_value *part = nu_dict_find(json.dict, "kw");
    if (part != NULL)
        return nu_q_(orm_read_pairs(part->dict));
    if ((part = nu_dict_find(json.dict, "and")) != NULL)
        return joined(*part, false);
    if ((part = nu_dict_find(json.dict, "or")) != NULL)
        return joined(*part, true);
    if ((part = nu_dict_find(json.dict, "not")) != NULL)
        return nu_not(orm_condition(*part));
    nu_value value = orm_read(json);
    return nu_expression_of(value);
}

const nu_expression *orm_condition(nu_value json)
{
    if (json.type != NU_DICT)
        nu_raise(NU_VALUE_ERROR, "%s is no condition", nu_repr(json).text);
    const nu_value *q = nu_dict_find(json.dict, "Q");
    return q != NULL ? read_q(*q) : read_q(json);
}

bool orm_is_relation(nu_value value)
{
    const nu_expression *expression = nu_expression_of(value);
    return expression != NULL && expression->kind == NU_EXPR_RELATION;
}

/* ---- options --------------------------------------------------------------------------------- */

static const nu_field *output_of(nu_dict *object)
{
    const nu_value *output = nu_dict_find(object, "output_field");
    return output != NULL ? orm_read_field(*output) : NULL;
}

static const nu_zone *zone_of(nu_dict *object)
{
    nu_value zone = nu_dict_get(object, "tzinfo");
    if (zone.type == NU_DICT)
        zone = nu_dict_get(zone.dict, "tz");
    return nu_is_null(zone) ? NULL : nu_zone_get(nu_text(zone));
}

/* Names and expressions: one or a list. */
static nu_list *orders_of(nu_dict *object, const char *key)
{
    nu_value json = nu_dict_get(object, key);
    if (nu_is_null(json))
        return nu_list_new();
    return json.type == NU_LIST ? orm_read(json).list : nu_list_of(orm_read(json));
}

/* ---- operators ------------------------------------------------------------------------------- */

static const struct {
    const char *tag, *op;
} operators[] = {
    {"+", "+"},
    {"-", "-"},
    {"*", "*"},
    {"/", "/"},
    {"%", "%"},
    {"^", "^"},
    {"bitand", "&"},
    {"bitor", "|"},
    {"bitxor", "#"},
    {"bitleftshift", "<<"},
    {"bitrightshift", ">>"},
};

static const nu_expression *combined(const char *op, nu_value list)
{
    nu_value left = orm_read(list.list->items[0]);
    for (uint32_t i = 1; i < list.list->count; i++)
        left = NU_V(nu_expr_combine_(op, left, orm_read(list.list->items[i])));
    return nu_expression_of(left);
}

/* ---- CASE ------------------------------------------------------------------------------------ */

static const nu_expression *read_case(nu_dict *object, nu_value list)
{
    nu_list *parts = nu_list_new();
    for (uint32_t i = 0; i < list.list->count; i++) {
        nu_dict *when = list.list->items[i].dict;
        nu_value then = operand(nu_dict_get(when, "then"));
        nu_list_add(parts, nu_expr_when_(orm_condition(nu_dict_get(when, "When")), then));
    }
    nu_list_push(parts, operand(nu_dict_get(object, "default")));
    const nu_expression *whole = nu_expr_case_(parts->items, parts->count);
    return output_of(object) != NULL ? nu_expr_wrap_(NU_V(whole), output_of(object)) : whole;
}

/* ---- functions, aggregates and windows -------------------------------------------------------- */

static bool is_one_of(const char *tag, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcmp(*names, tag) == 0)
            return true;
    }
    return false;
}

static const nu_expression *aggregate(const char *tag, nu_dict *object, nu_value of)
{
    const nu_value      *filter = nu_dict_find(object, "filter");
    const nu_value      *delimiter = nu_dict_find(object, "delimiter");
    nu_aggregate_options options = {
        .distinct = nu_truth(nu_dict_get(object, "distinct")),
        .sample = nu_truth(nu_dict_get(object, "sample")),
        .filter = filter != NULL ? orm_condition(*filter) : NULL,
        .delimiter = delimiter != NULL ? nu_text(*delimiter) : NULL,
        .output = output_of(object),
    };
    if (nu_dict_find(object, "default") != NULL)
        options.default_value = orm_read(nu_dict_get(object, "default"));
    return nu_expr_aggregate_(tag, arguments_of(of)->items[0], &options);
}

static void read_frame(nu_value frame, nu_window_options *options)
{
    for (nu_entry *entry = NULL; (entry = nu_dict_next(frame.dict, entry)) != NULL;) {
        nu_value start = entry->value.list->items[0], end = entry->value.list->items[1];
        options->frame = strcmp(entry->key.text, "RowRange") == 0 ? NU_FRAME_ROWS : NU_FRAME_RANGE;
        options->start = nu_is_null(start) ? NU_UNBOUNDED_BEFORE : nu_int(start);
        options->end = nu_is_null(end) ? NU_UNBOUNDED_AFTER : nu_int(end);
    }
}

/* The option "default", behind the offset of Lag and Lead, which is one row if nothing is said. */
static void add_default(nu_list *arguments, const char *tag, nu_dict *object)
{
    bool neighbour = strcmp(tag, "Lag") == 0 || strcmp(tag, "Lead") == 0;
    if (neighbour && arguments->count == 1)
        nu_list_add(arguments, 1);
    nu_list_push(arguments, orm_read(nu_dict_get(object, "default")));
}

static const nu_expression *window(nu_dict *object, nu_value of)
{
    nu_list          *partition = orders_of(object, "partition_by");
    nu_list          *order = orders_of(object, "order_by");
    nu_window_options options = {
        .partition_by = partition->items,
        .partition_count = partition->count,
        .order_by = order->items,
        .order_count = order->count,
        .output = output_of(object),
    };
    if (nu_dict_find(object, "frame") != NULL)
        read_frame(nu_dict_get(object, "frame"), &options);
    nu_value function = orm_read(of);
    /* The options of Lag and Lead may stand beside the window's. */
    const char *tag = orm_tag(of);
    if (nu_dict_find(object, "default") != NULL && tag != NULL) {
        nu_list *arguments = arguments_of(nu_dict_get(of.dict, tag));
        add_default(arguments, tag, object);
        function = NU_V(nu_expr_fn_(tag, NULL, arguments->items, arguments->count));
    }
    return nu_expr_window_(nu_expression_of(function), &options);
}

/* "%(function)s(%(expressions)s)" as ours: "LOWER({*})". */
static const char *our_template(const char *python, const char *name)
{
    static const char function[] = "%(function)s", arguments[] = "%(expressions)s";
    nu_builder        text;
    nu_builder_init(&text, NULL, 64);
    while (*python != '\0') {
        if (nu_starts_with(python, function)) {
            nu_builder_puts(&text, name);
            python += sizeof function - 1;
        } else if (nu_starts_with(python, arguments)) {
            nu_builder_puts(&text, "{*}");
            python += sizeof arguments - 1;
        } else {
            python += nu_starts_with(python, "%%");
            nu_builder_putc(&text, *python++);
        }
    }
    return nu_builder_text(&text);
}

static const nu_expression *function(const char *tag, nu_dict *object, nu_value of)
{
    nu_list       *arguments = arguments_of(of);
    const nu_value dst = nu_dict_get(object, "is_dst"), part = nu_dict_get(object, "lookup_name");
    nu_fn_options  options = {
         .zone = zone_of(object),
         .output = output_of(object),
         .lookup_name = part.type == NU_TEXT ? part.text : NULL,
         .dst = dst.type != NU_BOOL ? NU_DST_UNKNOWN
                : dst.boolean       ? NU_DST_SUMMER
                                    : NU_DST_STANDARD,
    };
    if (nu_dict_find(object, "default") != NULL)
        add_default(arguments, tag, object);
    if (nu_dict_find(object, "num_buckets") != NULL)
        nu_list_push(arguments, orm_read(nu_dict_get(object, "num_buckets")));
    if (strcmp(tag, "ConcatPair") == 0) /* what Django's Concat is made of */
        tag = "Concat";
    if (strcmp(tag, "Func") != 0)
        return nu_expr_fn_(tag, &options, arguments->items, arguments->count);
    const char *name = nu_text(nu_dict_get(object, "function"));
    if (nu_dict_find(object, "template") == NULL)
        return nu_expr_func_(name, &options, arguments->items, arguments->count);
    options.template = our_template(nu_text(nu_dict_get(object, "template")), name);
    return nu_expr_func_(NULL, &options, arguments->items, arguments->count);
}

/* [key, expression] */
static const nu_expression *key_transform(const char *tag, nu_value of)
{
    nu_value args[2] = {NU_V(nu_expr_value_(of.list->items[0])), orm_read(of.list->items[1])};
    return nu_expr_fn_(tag, NULL, args, 2);
}

/* ---- the rest -------------------------------------------------------------------------------- */

static const nu_expression *read_exists(nu_dict *object, nu_value of)
{
    const nu_expression *exists = nu_has(orm_query_of(of.dict).value.object);
    return nu_truth(nu_dict_get(object, "negated")) ? nu_not(exists) : exists;
}

static const nu_expression *ordered(nu_dict *object, nu_value of, bool descending)
{
    const nu_expression *expression = nu_expression_of(operand(of));
    expression = descending ? nu_desc(expression) : nu_asc(expression);
    if (nu_truth(nu_dict_get(object, "nulls_first")))
        return nu_nulls_first(expression);
    return nu_truth(nu_dict_get(object, "nulls_last")) ? nu_nulls_last(expression) : expression;
}

static const nu_expression *read_outer(nu_value of)
{
    if (of.type == NU_TEXT)
        return nu_outer(of.text);
    return nu_outer_of(nu_expression_of(orm_read(of)));
}

static const nu_expression *read_value(nu_dict *object, nu_value of)
{
    const nu_field *output = output_of(object);
    return output != NULL ? nu_expr_value_as_(orm_read(of), output) : nu_expr_value_(orm_read(of));
}

const nu_expression *orm_expression(const char *tag, nu_dict *object)
{
    static const char *const aggregates[] = {
        "Count",    "Sum",       "Avg",      "Min",      "Max",    "StdDev",
        "Variance", "StringAgg", "ArrayAgg", "BoolAnd",  "BoolOr", "AnyValue",
        "BitAnd",   "BitOr",     "BitXor",   "JSONBAgg", NULL};
    nu_value of = nu_dict_get(object, tag);
    for (size_t i = 0; i < NU_COUNT(operators); i++)
        if (strcmp(operators[i].tag, tag) == 0)
            return combined(operators[i].op, of);
    if (is_one_of(tag, aggregates))
        return aggregate(tag, object, of);
    if (strcmp(tag, "F") == 0)
        return nu_f(of.text);
    if (strcmp(tag, "Value") == 0)
        return read_value(object, of);
    if (strcmp(tag, "Q") == 0)
        return read_q(of);
    if (strcmp(tag, "Case") == 0)
        return read_case(object, of);
    if (strcmp(tag, "Window") == 0)
        return window(object, of);
    if (strcmp(tag, "OuterRef") == 0)
        return read_outer(of);
    if (strcmp(tag, "Subquery") == 0)
        return nu_subquery(orm_query_of(of.dict).value.object);
    if (strcmp(tag, "Exists") == 0)
        return read_exists(object, of);
    if (strcmp(tag, "asc") == 0 || strcmp(tag, "desc") == 0)
        return ordered(object, of, tag[0] == 'd');
    if (strcmp(tag, "ExpressionWrapper") == 0)
        return nu_expr_wrap_(orm_read(of), output_of(object));
    if (strcmp(tag, "Cast") == 0)
        return nu_expr_cast_(orm_read(of), output_of(object));
    if (strcmp(tag, "Collate") == 0)
        return nu_expr_collate_(orm_read(of.list->items[0]), nu_text(of.list->items[1]));
    if (strcmp(tag, "FilteredRelation") == 0)
        return nu_filtered_relation(nu_text(of), orm_condition(nu_dict_get(object, "condition")));
    if (strcmp(tag, "JSONObject") == 0)
        return nu_expr_json_object_(orm_read_pairs(of.dict));
    if (strcmp(tag, "KeyTransform") == 0 || strcmp(tag, "KeyTextTransform") == 0)
        return key_transform(tag, of);
    if (tag[0] >= 'A' && tag[0] <= 'Z' && strcmp(tag, "Prefetch") != 0)
        return function(tag, object, of);
    return NULL;
}
