/* Expressions as the application wrote them become expressions on the joins of a query. */
#include <string.h>

#include "model/query_internal.h"

/* ---- names ---------------------------------------------------------------------------------- */

const nu_expression *nu__expr_path(nu_query *query, const char *name, nu_joins *reuse,
                                   nu_joins *used)
{
    nu_path path;
    nu__path_follow(query, name, *reuse, &path);
    *used |= path.joins;
    *reuse |= path.joins;
    const nu_expression *left =
        path.annotation != NULL ? path.annotation : nu__column_expr(path.join, path.column);
    return path.rest == NULL ? left : nu__transforms_build(query, &path, left);
}

/* ---- subqueries ----------------------------------------------------------------------------- */

static const nu_expression *selected(const nu_query *query)
{
    nu_joins reuse = NU_EVERY_JOIN, used = 0;
    if (query->names == NULL || query->names[0] == NULL)
        return NULL;
    return nu__expr_path(nu__query_clone(query), query->names[0], &reuse, &used);
}

static const nu_column *subquery_type(const nu_expression *subquery)
{
    const nu_expression *column = selected(subquery->query);
    if (column == NULL)
        return subquery->query->info->primary_key;
    if (column->kind == NU_EXPR_REF)
        column = column->args[0];
    if (column->kind == NU_EXPR_OUTER)
        column = subquery->outers[column->join];
    return nu__unmeasured(nu__expr_type(column));
}

static const nu_expression *nothing(void)
{
    nu_expression *condition = nu__expr_new(NU_EXPR_NOTHING, 0);
    condition->resolved = true;
    condition->type = &nu__bool_column;
    return condition;
}

/* What the inside calls nu_outer("x") is the outside's "x", or its own outer again. */
static const nu_expression *resolve_subquery(nu_query *query, const nu_expression *expression,
                                             nu_joins *reuse, nu_joins *used)
{
    const nu_query *inner = expression->query;
    nu_expression  *resolved = nu__expr_copy(expression);
    resolved->resolved = true;
    resolved->outers = nu_alloc((inner->outer_count + 1) * sizeof *resolved->outers);
    for (size_t i = 0; i < inner->outer_count; i++)
        resolved->outers[i] = nu__expr_resolve(query, inner->outers[i], reuse, used);
    if (expression->kind == NU_EXPR_EXISTS && inner->none)
        return nothing();
    resolved->type =
        expression->kind == NU_EXPR_EXISTS ? &nu__bool_column : subquery_type(resolved);
    return resolved;
}

/* What an outer name means to the query outside: a path there, or its outer. */
static const nu_expression *outside_of(const nu_expression *outer)
{
    return outer->count > 0 ? outer->args[0] : nu_f(outer->name);
}

static bool same_outer(const nu_expression *a, const nu_expression *b)
{
    while (a->kind == b->kind && a->count == b->count && a->count > 0) {
        a = a->args[0];
        b = b->args[0];
    }
    return a->kind == b->kind && a->count == b->count && strcmp(a->name, b->name) == 0;
}

/* Notes the name, so that the query outside knows what to resolve. */
static const nu_expression *resolve_outer(nu_query *query, const nu_expression *expression)
{
    nu_expression       *resolved = nu__expr_copy(expression);
    const nu_expression *outside = outside_of(expression);
    size_t               at = 0;
    resolved->resolved = true;
    while (at < query->outer_count && !same_outer(query->outers[at], outside))
        at++;
    resolved->join = (int)at;
    if (at < query->outer_count)
        return resolved;
    const nu_expression **outers =
        nu_arena_array(query->arena, query->outer_count + 1, sizeof *outers);
    if (query->outer_count > 0)
        memcpy(outers, query->outers, query->outer_count * sizeof *outers);
    outers[query->outer_count++] = outside;
    query->outers = outers;
    return resolved;
}

/* ---- conditions ----------------------------------------------------------------------------- */

/* A condition inside an expression (WHEN, FILTER): its joins stay as they are. */
const nu_expression *nu__condition_inside(nu_query *query, const nu_expression *condition)
{
    int      before = query->join_count;
    nu_join *joins = nu_alloc((size_t)before * sizeof *joins);
    memcpy(joins, query->joins, (size_t)before * sizeof *joins);
    const nu_expression *resolved = nu__condition_resolve(query, condition);
    for (int i = 1; i < query->join_count; i++) {
        nu_join *join = &query->joins[i];
        join->outer =
            i < before ? joins[i].outer : join->nullable || query->joins[join->parent].outer;
    }
    return resolved;
}

static bool is_condition(const nu_expression *expression)
{
    return expression->kind == NU_EXPR_AND || expression->kind == NU_EXPR_OR ||
           expression->kind == NU_EXPR_NOT || expression->kind == NU_EXPR_LEAF;
}

/* ---- what functions ask of their arguments -------------------------------------------------- */

static const char *source_name(const nu_expression *source)
{
    return source->kind == NU_EXPR_COLUMN ? source->column->name : "an expression";
}

static const char *part_of(const nu_expression *function)
{
    if (function->shape->part != NULL)
        return function->shape->part;
    const char *part = function->options != NULL ? function->options->lookup_name : NULL;
    if (part == NULL)
        nu_raise(NU_VALUE_ERROR, "\"%s\" needs to be told the part: .lookup_name = \"month\"",
                 function->name);
    return part;
}

static bool is_clock(const char *part)
{
    return strcmp(part, "hour") == 0 || strcmp(part, "minute") == 0 || strcmp(part, "second") == 0;
}

static void set_part(nu_expression *function)
{
    const char *part = part_of(function);
    if (nu__part_find(part) < 0)
        nu_raise(NU_VALUE_ERROR, "dates and times have no part \"%s\"", part);
    function->value = nu_value_text(part);
}

/* Only moments are in some zone. */
static void check_zone(const nu_expression *function, const nu_column *type)
{
    if (function->options != NULL && function->options->zone != NULL &&
        type->db_type.type != NU_DB_DATETIME)
        nu_raise(NU_VALUE_ERROR, "\"%s\" of a %s takes no zone", function->name,
                 type->field->type->name);
}

static void check_extract(nu_expression *function)
{
    const nu_expression *source = function->args[0];
    const nu_column     *type = nu__expr_type(source);
    set_part(function);
    if (type == NULL)
        return;
    check_zone(function, type);
    bool dated = nu__is_kind(type, &nu_field_date), timed = nu__is_kind(type, &nu_field_time);
    if (!dated && !timed && !nu__is_kind(type, &nu_field_duration))
        nu_raise(NU_VALUE_ERROR, "\"%s\" takes a date, a time, a datetime or a duration, not %s",
                 function->name, source_name(source));
    if (dated && type->db_type.type == NU_DB_DATE && is_clock(function->value.text))
        nu_raise(NU_VALUE_ERROR, "the date \"%s\" has no part \"%s\"", source_name(source),
                 function->value.text);
}

static void check_trunc(nu_expression *function)
{
    const nu_expression *source = function->args[0];
    const nu_column     *type = nu__expr_type(source);
    set_part(function);
    if (!nu__is_kind(type, &nu_field_date) && !nu__is_kind(type, &nu_field_time))
        nu_raise(NU_VALUE_ERROR, "\"%s\" takes a date, a time or a datetime, not %s",
                 function->name, source_name(source));
    check_zone(function, type);
    const char *part = function->value.text;
    bool        clock = is_clock(part) || strcmp(part, "time") == 0;
    bool        to_datetime = nu__is_kind(function->output, &nu_field_datetime);
    bool of_date = type->db_type.type == NU_DB_DATE, of_time = type->db_type.type == NU_DB_TIME;
    if ((of_date && (clock || to_datetime)) || (of_time && (!clock || to_datetime)))
        nu_raise(NU_VALUE_ERROR, "the %s \"%s\" cannot be cut to %s", of_date ? "date" : "time",
                 source_name(source), to_datetime ? "a datetime" : part);
    if (function->output != NULL && !nu__is_kind(function->output, &nu_field_date) &&
        !nu__is_kind(function->output, &nu_field_time))
        nu_raise(NU_VALUE_ERROR, "what \"%s\" gives is a date, a time or a datetime",
                 function->name);
}

/* The database cuts the wall clock of a zone; the value is read as a moment there. */
static void set_trunc_type(nu_expression *function)
{
    const nu_column *type = function->output != NULL ? function->output : function->args[0]->type;
    if (strcmp(function->value.text, "date") == 0)
        type = &nu__date_column;
    else if (strcmp(function->value.text, "time") == 0)
        type = &nu__time_column;
    nu_dst dst = function->options != NULL ? function->options->dst : NU_DST_UNKNOWN;
    function->type = nu__zoned_column(type, nu__expr_zone(function), dst);
}

/* A path into what is a path already is one longer path. */
static void join_keys(nu_expression *function)
{
    const nu_expression *inner = function->args[0];
    while (inner->kind == NU_EXPR_REF)
        inner = inner->args[0];
    if (inner->kind != NU_EXPR_FUNC || inner->shape == NULL ||
        strcmp(inner->shape->name, "KeyTransform") != 0)
        return;
    nu_list *keys = nu_list_new();
    for (uint32_t i = 0; i < inner->value.list->count; i++)
        nu_list_push(keys, inner->value.list->items[i]);
    for (uint32_t i = 0; i < function->value.list->count; i++)
        nu_list_push(keys, function->value.list->items[i]);
    function->args[0] = inner->args[0];
    function->value = nu_value_list(keys);
}

static void finish(nu_expression *resolved)
{
    const nu_fn_shape *shape = resolved->shape;
    if (shape != NULL && shape->result == NU_FN_PART)
        check_extract(resolved);
    if (shape != NULL && shape->result == NU_FN_TRUNC)
        check_trunc(resolved);
    if (resolved->kind == NU_EXPR_FUNC && resolved->value.type == NU_LIST)
        join_keys(resolved);
    nu__expr_set_type(resolved);
    if (shape != NULL && shape->result == NU_FN_TRUNC)
        set_trunc_type(resolved);
    if (shape != NULL && shape->result == NU_FN_OUTPUT && resolved->output == NULL)
        nu_raise(NU_FIELD_ERROR, "\"%s\" needs to be told the kind of its result", shape->name);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void resolve_all(nu_query *query, const nu_expression ***list, size_t count,
                        nu_expression *whole, nu_joins *reuse, nu_joins *used)
{
    if (count == 0)
        return;
    const nu_expression **resolved = nu_alloc(count * sizeof *resolved);
    for (size_t i = 0; i < count; i++) {
        resolved[i] = nu__expr_resolve(query, (*list)[i], reuse, used);
        whole->aggregate |= resolved[i]->aggregate;
        whole->over |= resolved[i]->over;
    }
    *list = resolved;
}

static const nu_expression *resolve_parts(nu_query *query, const nu_expression *expression,
                                          nu_joins *reuse, nu_joins *used)
{
    nu_expression *resolved = nu__expr_copy(expression);
    resolved->resolved = true;
    resolve_all(query, &resolved->args, resolved->count, resolved, reuse, used);
    resolve_all(query, &resolved->orders, resolved->order_count, resolved, reuse, used);
    if (expression->filter != NULL)
        resolved->filter = nu__condition_inside(query, expression->filter);
    /* A window over a sum groups nothing; what stands inside one may be an aggregate. */
    if (expression->kind == NU_EXPR_WINDOW && expression->args[0]->kind == NU_EXPR_AGGREGATE) {
        const nu_expression *of = resolved->args[0];
        resolved->aggregate = of->count > 0 && of->args[0]->aggregate;
        for (size_t i = 1; i < resolved->count; i++)
            resolved->aggregate |= resolved->args[i]->aggregate;
    }
    finish(resolved);
    return resolved;
}

static const nu_expression *resolve_comparison(nu_query *query, const nu_expression *comparison,
                                               nu_joins *reuse, nu_joins *used)
{
    const nu_expression *left = nu__expr_resolve(query, comparison->args[0], reuse, used);
    nu_path              path = {.last = query->info, .rest = comparison->name, .annotation = left};
    return nu__lookup_build(query, &path, left, comparison->value, reuse, used);
}

const nu_expression *nu__expr_resolve(nu_query *query, const nu_expression *expression,
                                      nu_joins *reuse, nu_joins *used)
{
    nu_check_stack();
    if (expression->resolved)
        return expression;
    if (is_condition(expression))
        return nu__condition_inside(query, expression);
    switch (expression->kind) {
    case NU_EXPR_F: return nu__expr_path(query, expression->name, reuse, used);
    case NU_EXPR_OUTER: return resolve_outer(query, expression);
    case NU_EXPR_EXISTS:
    case NU_EXPR_SUBQUERY: return resolve_subquery(query, expression, reuse, used);
    case NU_EXPR_COMPARE: return resolve_comparison(query, expression, reuse, used);
    default: return resolve_parts(query, expression, reuse, used);
    }
}
