/* Queries as SELECT statements. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/text.h"

static void put(nu_sql *sql, const char *text)
{
    nu_builder_puts(&sql->text, text);
}

/* ---- FROM, WHERE ---------------------------------------------------------------------------- */

static void put_table(nu_sql *sql, const nu_query *query, int join)
{
    const nu_join *table = &query->joins[join];
    sql->backend->quote(&sql->text, table->info->table);
    bool renamed = sql->scope->depth > 0 || strcmp(table->alias, table->info->table) != 0;
    if (renamed && !sql->scope->bare) {
        nu_builder_putc(&sql->text, ' ');
        nu__sql_alias(sql, sql->scope, join);
    }
}

static void put_content_type(nu_sql *sql, const nu_join *join, int at)
{
    if (join->type_column == NULL)
        return;
    put(sql, " AND ");
    nu__sql_alias(sql, sql->scope, join->type_of_parent ? join->parent : at);
    nu_builder_putc(&sql->text, '.');
    sql->backend->quote(&sql->text, join->type_column);
    nu_builder_printf(&sql->text, " = %lld", (long long)join->type);
}

static void put_joins(nu_sql *sql, const nu_query *query)
{
    for (int i = 1; i < query->join_count; i++) {
        const nu_join *join = &query->joins[i];
        put(sql, join->outer ? " LEFT OUTER JOIN " : " INNER JOIN ");
        put_table(sql, query, i);
        put(sql, " ON (");
        nu__sql_alias(sql, sql->scope, join->parent);
        nu_builder_putc(&sql->text, '.');
        sql->backend->quote(&sql->text, join->parent_column);
        put(sql, " = ");
        nu__sql_alias(sql, sql->scope, i);
        nu_builder_putc(&sql->text, '.');
        sql->backend->quote(&sql->text, join->column);
        put_content_type(sql, join, i);
        nu_builder_putc(&sql->text, ')');
    }
}

/* The outermost AND needs no parentheses. */
static void put_condition(nu_sql *sql, const char *word, const nu_expression *condition)
{
    if (condition == NULL)
        return;
    nu_check_stack();
    put(sql, word);
    if (condition->kind != NU_EXPR_AND) {
        nu__sql_expr(sql, condition);
        return;
    }
    for (size_t i = 0; i < condition->count; i++)
        put_condition(sql, i > 0 ? " AND " : "", condition->args[i]);
}

void nu__sql_from_where(nu_sql *sql, const nu_query *query)
{
    put(sql, " FROM ");
    put_table(sql, query, 0);
    put_joins(sql, query);
    put_condition(sql, " WHERE ", query->where);
}

/* ---- columns of rows ------------------------------------------------------------------------ */

static bool has_name(const char *const *names, const nu_column *column)
{
    for (; names != NULL && *names != NULL; names++) {
        if (strcmp(*names, column->name) == 0 || strcmp(*names, column->attname) == 0)
            return true;
    }
    return false;
}

/* The columns that only() and defer() leave, and which are missing. */
static const nu_column *const *columns_of(const nu_query *query, uint64_t *deferred)
{
    const nu_model_info *info = query->info;
    *deferred = 0;
    if (query->only == NULL && query->defer == NULL)
        return info->column_list;
    const nu_column **columns = nu_alloc((info->all_count + 1) * sizeof *columns);
    size_t            count = 0;
    for (size_t i = 0; i < info->all_count; i++) {
        const nu_column *column = info->column_list[i];
        bool             wanted =
            column->primary_key ||
            (query->only != NULL ? has_name(query->only, column) : !has_name(query->defer, column));
        if (wanted)
            columns[count++] = column;
        else
            *deferred |= (uint64_t)1 << (i < 63 ? i : 63);
    }
    return columns;
}

static int put_columns(nu_sql *sql, nu_query *query, int join, const nu_column *const *columns,
                       int first)
{
    int at = first;
    for (; *columns != NULL; columns++) {
        if (at++ > 0)
            put(sql, ", ");
        nu__sql_column(sql, nu__join_owner(query, join, *columns), *columns);
    }
    return at;
}

/* The list of all columns is the same for every query of the model, so it is kept. */
static int put_own_columns(nu_sql *sql, nu_query *query, const nu_column *const *columns)
{
    nu_model_info *info = (nu_model_info *)query->info;
    if (columns != info->column_list || sql->scope->depth > 0 || sql->text.length > 16 ||
        info->parent != NULL)
        return put_columns(sql, query, 0, columns, 0);
    if (info->sql_for != sql->backend) {
        size_t start = sql->text.length;
        put_columns(sql, query, 0, columns, 0);
        info->sql_columns_length = sql->text.length - start;
        info->sql_columns =
            nu_arena_copy(nu__models_arena(), sql->text.data + start, info->sql_columns_length);
        info->sql_for = sql->backend;
        return (int)info->column_count;
    }
    nu_builder_add(&sql->text, info->sql_columns, info->sql_columns_length);
    return (int)info->column_count;
}

/* ---- select_related ------------------------------------------------------------------------- */

typedef struct select_list {
    nu_query *query;
    nu_plan  *plan;
    int      *joins; /* of each group */
    int       next;  /* result column */
} select_list;

static int find_group(const nu_plan *plan, int parent, const nu_column *relation, bool back)
{
    for (size_t i = 1; i < plan->group_count; i++) {
        const nu_plan_group *group = &plan->groups[i];
        if (group->parent == parent && group->relation == relation && group->back == back)
            return (int)i;
    }
    return -1;
}

static int join_group(nu_query *query, int join, const nu_column *relation, bool back,
                      const char *name)
{
    if (!back)
        return nu__join_forward(query, join, relation);
    (void)name;
    nu_path path;
    /* A one-to-one from elsewhere; the FROM table is the only place select_related starts from. */
    nu__path_get(query, name, NU_EVERY_JOIN, &path);
    return path.join;
}

static int add_group(select_list *list, nu_sql *sql, int parent, const nu_column *relation,
                     bool back, const char *name)
{
    int found = find_group(list->plan, parent, relation, back);
    if (found >= 0)
        return found;
    const nu_model_info *info = nu__info(back ? relation->model : relation->to);
    int                  at = (int)list->plan->group_count++;
    list->joins[at] = join_group(list->query, list->joins[parent], relation, back, name);
    list->plan->groups[at] = (nu_plan_group){.info = info,
                                             .first = list->next,
                                             .columns = info->column_list,
                                             .parent = parent,
                                             .relation = relation,
                                             .back = back};
    list->next = put_columns(sql, list->query, list->joins[at], info->column_list, list->next);
    return at;
}

static size_t count_steps(const char *const *paths)
{
    size_t steps = 0;
    for (; paths != NULL && *paths != NULL; paths++) {
        steps++;
        for (const char *at = *paths; (at = strstr(at, "__")) != NULL; at += 2)
            steps++;
    }
    return steps;
}

static void add_path(select_list *list, nu_sql *sql, const char *path)
{
    int group = 0;
    while (path != NULL) {
        const char    *end = strstr(path, "__");
        size_t         length = end != NULL ? (size_t)(end - path) : strlen(path);
        const nu_name *name = nu__name_find(list->plan->groups[group].info, path, length,
                                            NU_MEANS_COLUMN | NU_MEANS_QUERY);
        if (name->meaning == NU_MEANS_QUERY) {
            if (group != 0)
                nu_raise(NU_FIELD_ERROR,
                         "\"%s\": nu_select_related follows a one-to-one relation from "
                         "elsewhere in the first step only",
                         path);
            const nu_reverse *reverse = name->what;
            group = add_group(list, sql, group, reverse->column, true, reverse->query_name);
        } else {
            group = add_group(list, sql, group, name->what, false, NULL);
        }
        path = end != NULL ? end + 2 : NULL;
    }
}

static void plan_rows(nu_sql *sql, nu_query *query, nu_plan *plan)
{
    size_t      steps = count_steps(query->related);
    select_list list = {.query = query, .plan = plan};
    plan->groups = nu_alloc((steps + 1) * sizeof *plan->groups);
    list.joins = nu_alloc((steps + 1) * sizeof *list.joins);
    plan->groups[0] = (nu_plan_group){.info = query->info, .parent = -1};
    plan->groups[0].columns = columns_of(query, &plan->groups[0].deferred);
    plan->group_count = 1;
    list.next = put_own_columns(sql, query, plan->groups[0].columns);
    for (const char *const *path = query->related; path != NULL && *path != NULL; path++)
        add_path(&list, sql, *path);
    plan->first_extra = list.next;
    plan->extras = nu_alloc((query->annotation_count + 1) * sizeof *plan->extras);
    plan->names = nu_alloc((query->annotation_count + 1) * sizeof *plan->names);
    for (size_t i = 0; i < query->annotation_count; i++) {
        if (query->annotations[i].hidden)
            continue;
        plan->extras[plan->extra_count] = query->annotations[i].expression;
        plan->names[plan->extra_count++] = query->annotations[i].name;
    }
}

/* ---- values --------------------------------------------------------------------------------- */

static const char *const *default_names(const nu_query *query)
{
    const nu_model_info *info = query->info;
    const char **names = nu_alloc((info->all_count + query->annotation_count + 1) * sizeof *names);
    size_t       count = 0;
    for (size_t i = 0; i < info->all_count; i++)
        names[count++] = info->column_list[i]->attname;
    for (size_t i = 0; i < query->annotation_count; i++) {
        if (!query->annotations[i].hidden)
            names[count++] = query->annotations[i].name;
    }
    return names;
}

const nu_expression *nu__value_expr(nu_query *query, const char *name)
{
    nu_joins reuse = NU_EVERY_JOIN, used = 0;
    return nu__expr_resolve(query, nu_f(name), &reuse, &used);
}

static void plan_values(nu_query *query, nu_plan *plan)
{
    const char *const *names = query->names != NULL ? query->names : default_names(query);
    size_t             count = 0;
    while (names[count] != NULL)
        count++;
    plan->names = nu_alloc((count + 1) * sizeof *plan->names);
    plan->extras = nu_alloc((count + 1) * sizeof *plan->extras);
    plan->extra_count = count;
    for (size_t i = 0; i < count; i++) {
        plan->names[i] = names[i];
        plan->extras[i] = nu__value_expr(query, names[i]);
    }
}

static void put_extras(nu_sql *sql, const nu_plan *plan)
{
    for (size_t i = 0; i < plan->extra_count; i++) {
        if (plan->first_extra + (int)i > 0)
            put(sql, ", ");
        nu__sql_expr(sql, plan->extras[i]);
        if (plan->extras[i]->kind == NU_EXPR_COLUMN)
            continue;
        put(sql, " AS ");
        sql->backend->quote(&sql->text, plan->names[i]);
    }
}

/* ---- GROUP BY ------------------------------------------------------------------------------- */

/* The other columns of a table depend on its own key only. */
static void put_parents_keys(nu_sql *sql, const nu_query *query)
{
    for (const nu_model_info *info = query->info->parent; info != NULL; info = info->parent) {
        for (int i = 1; i < query->join_count; i++) {
            if (query->joins[i].info != info || query->joins[i].outer)
                continue;
            put(sql, ", ");
            nu__sql_column(sql, i, info->primary_key);
        }
    }
}

static void put_group_by(nu_sql *sql, const nu_query *query, const nu_plan *plan)
{
    if (query->grouping == NU_GROUP_NONE)
        return;
    bool first = true;
    if (query->grouping == NU_GROUP_KEY) {
        put(sql, " GROUP BY ");
        nu__sql_column(sql, 0, query->info->primary_key);
        put_parents_keys(sql, query);
        first = false;
    }
    for (size_t i = 0; i < plan->extra_count; i++) {
        const nu_expression *extra = plan->extras[i];
        bool                 own = extra->kind == NU_EXPR_COLUMN && extra->join == 0;
        if (extra->aggregate || extra->kind == NU_EXPR_VALUE ||
            (own && query->grouping == NU_GROUP_KEY))
            continue;
        put(sql, first ? " GROUP BY " : ", ");
        nu__sql_expr(sql, extra);
        first = false;
    }
}

/* ---- ORDER BY, LIMIT ------------------------------------------------------------------------ */

typedef struct order_list {
    nu_query *query;
    bool      any;
    int       depth; /* of orderings of models referred to */
} order_list;

static void put_order_expr(nu_sql *sql, order_list *list, const nu_expression *expression,
                           bool descending)
{
    put(sql, list->any ? ", " : " ORDER BY ");
    list->any = true;
    nu__sql_expr(sql, expression);
    put(sql, descending != list->query->reversed ? " DESC" : " ASC");
}

static void put_order_name(nu_sql *sql, order_list *list, const char *name, bool turned);

/* Ordering by a reference means the ordering of the model it points to, if that has one. */
static bool put_order_of_model(nu_sql *sql, order_list *list, const char *path,
                               const nu_column *relation, bool descending)
{
    const char *const *ordering = nu_model_ordering(relation->to);
    if (ordering == NULL || list->depth > 4)
        return false;
    list->depth++;
    for (const char *const *name = ordering; *name != NULL; name++) {
        bool        down = **name == '-';
        const char *inner = *name + (down || **name == '+');
        put_order_name(sql, list, nu_fmt("%s__%s", path, strcmp(inner, "pk") == 0 ? "pk" : inner),
                       descending != down);
    }
    list->depth--;
    return true;
}

static void put_order_name(nu_sql *sql, order_list *list, const char *name, bool turned)
{
    bool descending = *name == '-';
    if (descending || *name == '+')
        name++;
    descending = descending != turned;
    if (strcmp(name, "?") == 0) {
        put(sql, list->any ? ", " : " ORDER BY ");
        put(sql, sql->backend->random);
        list->any = true;
        return;
    }
    nu_path path;
    nu__path_get(list->query, name, NU_EVERY_JOIN, &path);
    if (path.annotation != NULL) {
        put_order_expr(sql, list, path.annotation, descending);
        return;
    }
    bool by_key = nu_ends_with(name, "pk") || nu_ends_with(name, "_id");
    if (path.relation != NULL && path.relation->to != NULL && !path.relation->field->type->many &&
        path.column == path.relation && !by_key &&
        put_order_of_model(sql, list, name, path.relation, descending))
        return;
    put_order_expr(sql, list, nu__column_expr(path.join, path.column), descending);
}

static void put_order_value(nu_sql *sql, order_list *list, nu_value value)
{
    if (value.type == NU_TEXT) {
        put_order_name(sql, list, value.text, false);
        return;
    }
    const nu_expression *expression = nu_expression_of(value);
    bool                 descending = expression->kind == NU_EXPR_ORDER && expression->descending;
    if (expression->kind == NU_EXPR_ORDER)
        expression = expression->args[0];
    nu_joins reuse = NU_EVERY_JOIN, used = 0;
    put_order_expr(sql, list, nu__expr_resolve(list->query, expression, &reuse, &used), descending);
}

static void put_order(nu_sql *sql, nu_query *query)
{
    order_list list = {.query = query};
    if (query->ordered) {
        for (size_t i = 0; i < query->order_count; i++)
            put_order_value(sql, &list, query->order[i]);
        return;
    }
    if (query->grouping != NU_GROUP_NONE)
        return;
    for (const char *const *name = query->info->ordering; name != NULL && *name != NULL; name++)
        put_order_name(sql, &list, *name, false);
}

/* Bounds are parameters, so that each page of a list is the same statement. */
void nu__sql_limit(nu_sql *sql, const nu_query *query)
{
    if (query->high >= 0) {
        put(sql, " LIMIT ");
        nu__sql_param(sql, nu_value_int(query->high - query->low));
    } else if (query->low > 0 && sql->backend->no_limit != NULL) {
        put(sql, " LIMIT ");
        put(sql, sql->backend->no_limit);
    }
    if (query->low > 0) {
        put(sql, " OFFSET ");
        nu__sql_param(sql, nu_value_int(query->low));
    }
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* The columns and the order may still add joins, and parameters are numbered in the order of the
 * text; so each part is written where it stands and the joins between are made known first. */
static void add_order_joins(nu_sql *sql, nu_query *query)
{
    nu_sql scratch = *sql;
    scratch.params = NULL;
    scratch.count = scratch.capacity = 0;
    nu_builder_init(&scratch.text, NULL, 64);
    put_order(&scratch, query);
}

static bool order_may_join(const nu_query *query)
{
    if (query->info->parent != NULL)
        return true;
    if (!query->ordered && query->grouping != NU_GROUP_NONE)
        return false;
    for (size_t i = 0; query->ordered && i < query->order_count; i++) {
        if (query->order[i].type != NU_TEXT || strstr(query->order[i].text, "__") != NULL)
            return true;
        const char    *name = query->order[i].text + (*query->order[i].text == '-');
        const nu_name *found = nu__name_find(query->info, name, strlen(name), NU_MEANS_COLUMN);
        if (found == NULL || ((const nu_column *)found->what)->to != NULL)
            return true;
    }
    if (query->ordered)
        return false;
    for (const char *const *name = query->info->ordering; name != NULL && *name != NULL; name++) {
        const char    *plain = *name + (**name == '-');
        const nu_name *found = nu__name_find(query->info, plain, strlen(plain), NU_MEANS_COLUMN);
        if (found == NULL || ((const nu_column *)found->what)->to != NULL)
            return true;
    }
    return false;
}

/* SELECT, SELECT DISTINCT or SELECT DISTINCT ON (…). */
static void put_select(nu_sql *sql, nu_query *query)
{
    put(sql, query->distinct ? "SELECT DISTINCT " : "SELECT ");
    for (size_t i = 0; query->distinct_on != NULL && query->distinct_on[i] != NULL; i++) {
        if (!sql->backend->distinct_on)
            nu_raise(NU_DATABASE_ERROR, "this database has no SELECT DISTINCT ON (…)");
        put(sql, i == 0 ? "ON (" : ", ");
        nu__sql_expr(sql, nu__value_expr(query, query->distinct_on[i]));
        if (query->distinct_on[i + 1] == NULL)
            put(sql, ") ");
    }
}

/* FOR UPDATE, where the database knows it. */
static void put_lock(nu_sql *sql, const nu_query *query)
{
    if (query->lock == NULL || !sql->backend->for_update)
        return;
    if (!nu_in_atomic(nu__query_database(query)))
        nu_raise(NU_TRANSACTION_ERROR, "rows can be locked inside of NU_ATOMIC only");
    put(sql, query->lock->no_key ? " FOR NO KEY UPDATE" : " FOR UPDATE");
    if (query->lock->nowait)
        put(sql, " NOWAIT");
    if (query->lock->skip_locked)
        put(sql, " SKIP LOCKED");
}

void nu__sql_select(nu_sql *sql, const nu_query *original, nu_plan *plan)
{
    if (original->combination != 0) {
        nu__sql_combined(sql, original, plan);
        return;
    }
    nu_query *query = nu__query_clone(original);
    nu_scope  scope = {.query = query, .outside = sql->scope};
    if (sql->scope != NULL) /* a subquery of COUNT(*) */
        scope.depth = sql->scope->depth + 1;
    sql->scope = &scope;
    *plan = (nu_plan){.groups = NULL};
    put_select(sql, query);
    if (query->result == NU_RESULT_ROWS)
        plan_rows(sql, query, plan);
    else
        plan_values(query, plan);
    put_extras(sql, plan);
    if (order_may_join(query))
        add_order_joins(sql, query);
    nu__sql_from_where(sql, query);
    put_group_by(sql, query, plan);
    put_condition(sql, " HAVING ", query->having);
    put_order(sql, query);
    nu__sql_limit(sql, query);
    put_lock(sql, query);
    sql->scope = scope.outside;
}

static void put_subselect_columns(nu_sql *sql, nu_query *query, nu_plan *plan, bool exists)
{
    if (exists) {
        put(sql, "1");
        return;
    }
    if (query->result == NU_RESULT_ROWS || query->names == NULL) {
        nu__sql_column(sql, 0, query->info->primary_key);
        return;
    }
    plan_values(query, plan);
    size_t all = plan->extra_count;
    plan->extra_count = 1;
    put_extras(sql, plan);
    plan->extra_count = all;
}

void nu__sql_subselect(nu_sql *sql, const nu_query *original, const nu_expression **outers,
                       bool exists)
{
    if (original->combination != 0) {
        nu_plan whole;
        nu_builder_puts(&sql->text, "(");
        nu__sql_combined(sql, original, &whole);
        nu_builder_puts(&sql->text, ")");
        return;
    }
    nu_query *query = nu__query_clone(original);
    nu_scope  scope = {.query = query, .outside = sql->scope, .outers = outers};
    scope.depth = sql->scope != NULL ? sql->scope->depth + 1 : 0;
    bool    ordered = query->high >= 0 && !exists;
    nu_plan plan = {.groups = NULL};
    sql->scope = &scope;
    put(sql, query->distinct ? "(SELECT DISTINCT " : "(SELECT ");
    put_subselect_columns(sql, query, &plan, exists);
    if (ordered && order_may_join(query))
        add_order_joins(sql, query);
    nu__sql_from_where(sql, query);
    if (!exists || query->having != NULL)
        put_group_by(sql, query, &plan);
    put_condition(sql, " HAVING ", query->having);
    if (ordered)
        put_order(sql, query);
    nu__sql_limit(sql, query);
    nu_builder_putc(&sql->text, ')');
    sql->scope = scope.outside;
}
