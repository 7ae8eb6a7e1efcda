/* ORDER BY and GROUP BY.
 *
 * The order is made out before FROM is written, because it may add joins. A reference stands for
 * the ordering of the model it points to. What is among the results already is called by its name,
 * so that no parameter is bound twice for it. With DISTINCT, what the rows are ordered by is
 * selected too. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/text.h"

static void put(nu_sql *sql, const char *text)
{
    nu_builder_puts(&sql->text, text);
}

/* ---- making the order out ------------------------------------------------------------------- */

typedef struct order_walk {
    nu_query        *query;
    nu_order        *out;
    const nu_column *followed[8]; /* references whose models' orderings led here */
    int              depth;
} order_walk;

static nu_order_item *add_item(order_walk *walk, const nu_expression *expression, bool descending);

/* By a key of several fields: by each of them. */
static nu_order_item *add_key(order_walk *walk, const nu_expression *key, bool descending)
{
    nu_order_item *last = NULL;
    for (const nu_column *const *part = key->column->parts; *part != NULL; part++)
        last = add_item(walk, nu__column_expr(key->join, *part), descending);
    return last;
}

static nu_order_item *add_item(order_walk *walk, const nu_expression *expression, bool descending)
{
    if (expression != NULL && nu__is_key(expression))
        return add_key(walk, expression, descending);
    nu_order *out = walk->out;
    if (out->count == out->capacity) {
        size_t size = out->capacity * sizeof *out->items;
        out->capacity = out->capacity > 0 ? out->capacity * 2 : 4;
        out->items =
            nu_arena_grow(nu_arena_current(), out->items, size, out->capacity * sizeof *out->items);
    }
    out->items[out->count] = (nu_order_item){.expression = expression, .descending = descending};
    return &out->items[out->count++];
}

static void add_name(order_walk *walk, const char *name, bool turned);

/* Ordering by a reference means the ordering of the model it points to, if that has one. */
static bool add_ordering_of(order_walk *walk, const char *path, const nu_column *relation,
                            bool descending)
{
    const char *const *ordering = nu_model_ordering(relation->to);
    if (ordering == NULL || *ordering == NULL)
        return false;
    for (int i = 0; i < walk->depth; i++) {
        if (walk->followed[i] == relation)
            nu_raise(NU_FIELD_ERROR, "the orderings of models run in a circle at \"%s\" of \"%s\"",
                     relation->name, relation->model->name);
    }
    if (walk->depth == (int)NU_COUNT(walk->followed))
        nu_raise(NU_FIELD_ERROR, "the ordering by \"%s\" goes on through too many models", path);
    walk->followed[walk->depth++] = relation;
    for (; *ordering != NULL; ordering++) {
        bool down = **ordering == '-';
        add_name(walk, nu_fmt("%s__%s", path, *ordering + (down || **ordering == '+')),
                 descending != down);
    }
    walk->depth--;
    return true;
}

static bool ends_with_key(const char *path)
{
    size_t length = strlen(path);
    return length >= 2 && strcmp(path + length - 2, "pk") == 0 &&
           (length == 2 || path[length - 3] == '_');
}

static void add_name(order_walk *walk, const char *name, bool turned)
{
    bool descending = *name == '-';
    if (descending || *name == '+')
        name++;
    descending = descending != turned;
    if (strcmp(name, "?") == 0) {
        add_item(walk, NULL, false);
        return;
    }
    nu_path path;
    nu__path_follow(nu__query_clone(walk->query), name, NU_EVERY_JOIN, &path);
    bool relation = path.annotation == NULL && path.rest == NULL && path.relation != NULL &&
                    path.column == path.relation && path.relation->to != NULL &&
                    !path.relation->field->type->many && !ends_with_key(name);
    if (relation && add_ordering_of(walk, name, path.relation, descending))
        return;
    nu_joins reuse = NU_EVERY_JOIN, used = 0;
    add_item(walk, nu__expr_resolve(walk->query, nu_f(name), &reuse, &used), descending);
}

static void add_value(order_walk *walk, nu_value value)
{
    if (value.type == NU_TEXT) {
        add_name(walk, value.text, false);
        return;
    }
    const nu_expression *expression = nu_expression_of(value);
    bool                 descending = false;
    signed char          nulls = 0;
    if (expression->kind == NU_EXPR_ORDER) {
        descending = expression->descending;
        nulls = expression->nulls;
        expression = expression->args[0];
    }
    nu_joins reuse = NU_EVERY_JOIN, used = 0;
    expression = nu__expr_resolve(walk->query, expression, &reuse, &used);
    if (expression->aggregate && expression->kind != NU_EXPR_REF &&
        walk->query->grouping == NU_GROUP_NONE)
        nu_raise(NU_FIELD_ERROR, "an aggregate in the order of rows needs nu_annotate first");
    add_item(walk, expression, descending)->nulls = nulls;
}

/* Results that go by a name, and columns that are selected. */
static void find_selected(const nu_plan *plan, nu_order_item *item)
{
    const nu_expression *expression = item->expression;
    if (expression == NULL)
        return;
    for (size_t i = 0; i < plan->extra_count; i++) {
        const nu_expression *extra = plan->extras[i];
        bool                 same = expression->kind == NU_EXPR_REF &&
                    (expression->args[0] == extra || strcmp(expression->name, plan->names[i]) == 0);
        if (same && extra->kind != NU_EXPR_COLUMN)
            item->name = plan->names[i];
        if (same || (expression->kind == NU_EXPR_COLUMN && extra->kind == NU_EXPR_COLUMN &&
                     extra->join == expression->join && extra->column == expression->column))
            item->selected = true;
    }
    for (size_t i = 0; expression->kind == NU_EXPR_COLUMN && i < plan->group_count; i++) {
        const nu_column *const *column = plan->groups[i].columns;
        for (; plan->groups[i].join == expression->join && *column != NULL; column++)
            item->selected |= *column == expression->column;
    }
}

void nu__order_resolve(nu_query *query, const nu_plan *plan, nu_order *out)
{
    order_walk walk = {.query = query, .out = out};
    *out = (nu_order){.count = 0};
    if (query->ordered) {
        for (size_t i = 0; i < query->order_count; i++)
            add_value(&walk, query->order[i]);
    } else if (query->grouping == NU_GROUP_NONE) {
        const char *const *name = query->info->ordering;
        for (; name != NULL && *name != NULL; name++)
            add_name(&walk, *name, false);
    }
    for (size_t i = 0; i < out->count; i++)
        find_selected(plan, &out->items[i]);
}

/* ---- ORDER BY ------------------------------------------------------------------------------- */

void nu__order_put_selected(nu_sql *sql, const nu_query *query, nu_plan *plan,
                            const nu_order *order)
{
    int next = nu__plan_position(plan, plan->extra_count);
    for (size_t i = 0; query->distinct && query->distinct_on == NULL && i < order->count; i++) {
        nu_order_item *item = &order->items[i];
        if (item->expression == NULL || item->selected || item->expression->kind == NU_EXPR_VALUE)
            continue;
        put(sql, next++ > 0 ? ", " : "");
        nu__sql_expr(sql, item->expression);
        item->position = next;
    }
}

static void put_item(nu_sql *sql, const nu_order_item *item, bool reversed)
{
    if (item->expression == NULL) {
        put(sql, sql->backend->random);
        return;
    }
    if (item->name != NULL)
        sql->backend->quote(&sql->text, item->name);
    else if (item->position > 0)
        nu_builder_int(&sql->text, item->position);
    else
        nu__sql_expr(sql, item->expression);
    nu__sql_direction(sql, item->descending, item->nulls, reversed);
}

void nu__order_put(nu_sql *sql, const nu_query *query, const nu_order *order)
{
    for (size_t i = 0; i < order->count; i++) {
        put(sql, i == 0 ? " ORDER BY " : ", ");
        put_item(sql, &order->items[i], query->reversed);
    }
}

/* ---- GROUP BY ------------------------------------------------------------------------------- */

enum { MOST_GROUPS = 64 };

typedef struct group_list {
    const nu_query      *query;
    const nu_plan       *plan;
    const nu_expression *items[MOST_GROUPS];
    size_t               count;
} group_list;

static bool same_group(const nu_expression *a, const nu_expression *b)
{
    return a == b || (a->kind == NU_EXPR_COLUMN && b->kind == NU_EXPR_COLUMN &&
                      a->join == b->join && a->column == b->column);
}

/* True if the rows' own key decides the column already. */
static bool depends_on_key(const group_list *list, const nu_expression *column)
{
    if (list->query->grouping != NU_GROUP_KEY || column->kind != NU_EXPR_COLUMN)
        return false;
    for (size_t i = 0; i < list->plan->group_count; i++) {
        if (list->plan->groups[i].join == column->join)
            return true;
    }
    return column->join == 0;
}

static void add_group(group_list *list, const nu_expression *expression)
{
    if (expression->kind == NU_EXPR_VALUE || depends_on_key(list, expression))
        return;
    for (size_t i = 0; i < list->count; i++) {
        if (same_group(list->items[i], expression))
            return;
    }
    if (list->count == MOST_GROUPS)
        nu_raise(NU_FIELD_ERROR, "a query of model \"%s\" is grouped by more than %d expressions",
                 list->query->model->name, MOST_GROUPS);
    list->items[list->count++] = expression;
}

/* What does not stand inside an aggregate: whole where it holds none. */
static void add_plain(group_list *list, const nu_expression *expression)
{
    nu_check_stack();
    if (expression->kind == NU_EXPR_AGGREGATE)
        return;
    if (expression->kind == NU_EXPR_REF) {
        add_plain(list, expression->args[0]);
        return;
    }
    if (!expression->aggregate && expression->kind != NU_EXPR_NOTHING &&
        expression->kind != NU_EXPR_ALL) {
        add_group(list, expression);
        return;
    }
    for (size_t i = 0; i < expression->count; i++)
        add_plain(list, expression->args[i]);
}

/* Of conditions, the columns count, not the comparisons. */
static void add_columns(group_list *list, const nu_expression *condition)
{
    nu_check_stack();
    if (condition->kind == NU_EXPR_AGGREGATE)
        return;
    if (condition->kind == NU_EXPR_REF) {
        add_plain(list, condition->args[0]);
        return;
    }
    if (condition->kind == NU_EXPR_COLUMN)
        add_group(list, condition);
    for (size_t i = 0; i < condition->count; i++)
        add_columns(list, condition->args[i]);
    for (size_t i = 0; condition->outers != NULL && i < condition->query->outer_count; i++)
        add_columns(list, condition->outers[i]);
}

/* The other columns of a table depend on its own key only. */
static void add_keys(group_list *list)
{
    const nu_query *query = list->query;
    list->items[list->count++] = nu__column_expr(0, query->info->primary_key);
    for (int i = 1; i < query->join_count; i++) {
        const nu_model_info *info = query->joins[i].info;
        bool                 wanted = false;
        for (const nu_model_info *at = query->info->parent; at != NULL; at = at->parent)
            wanted |= at == info && !query->joins[i].outer;
        for (size_t j = 1; j < list->plan->group_count; j++)
            wanted |= list->plan->groups[j].join == i;
        if (wanted && list->count < MOST_GROUPS)
            list->items[list->count++] = nu__column_expr(i, info->primary_key);
    }
}

static void put_group(nu_sql *sql, const group_list *list, const nu_expression *expression)
{
    const nu_plan *plan = list->plan;
    for (size_t i = 0; expression->kind != NU_EXPR_COLUMN && i < plan->extra_count; i++) {
        if (plan->extras[i] == expression) {
            nu_builder_int(&sql->text, nu__plan_position(plan, i) + 1);
            return;
        }
    }
    nu__sql_expr(sql, expression);
}

void nu__sql_group_by(nu_sql *sql, const nu_query *query, const nu_plan *plan,
                      const nu_order *order)
{
    group_list list = {.query = query, .plan = plan, .count = 0};
    if (query->grouping == NU_GROUP_NONE)
        return;
    if (query->grouping == NU_GROUP_KEY)
        add_keys(&list);
    for (size_t i = 0; query->grouping == NU_GROUP_VALUES && i < query->group_count; i++)
        add_group(&list, query->group[i]);
    for (size_t i = 0; i < plan->extra_count; i++)
        add_plain(&list, plan->extras[i]);
    for (size_t i = 0; i < order->count; i++) {
        if (order->items[i].expression != NULL && order->items[i].name == NULL)
            add_plain(&list, order->items[i].expression);
    }
    if (query->having != NULL)
        add_columns(&list, query->having);
    for (size_t i = 0; i < list.count; i++) {
        put(sql, i == 0 ? " GROUP BY " : ", ");
        put_group(sql, &list, list.items[i]);
    }
}
