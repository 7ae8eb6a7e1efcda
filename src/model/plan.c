/* What a SELECT selects: columns of rows, of the rows that nu_select_related brings along, and
 * values; and the plan that says what each result column is for. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/text.h"

static void put(nu_sql *sql, const char *text)
{
    nu_builder_puts(&sql->text, text);
}

/* ---- only and defer ------------------------------------------------------------------------- */

/* The part of a deferred name behind "prefix__"; NULL if it stands elsewhere. */
static const char *below(const char *name, const char *prefix)
{
    size_t length = strlen(prefix);
    if (length == 0)
        return name;
    bool inside = strncmp(name, prefix, length) == 0 && strncmp(name + length, "__", 2) == 0;
    return inside ? name + length + 2 : NULL;
}

static bool is_called(const nu_column *column, const char *name, size_t length)
{
    return (strlen(column->name) == length && memcmp(column->name, name, length) == 0) ||
           (strlen(column->attname) == length && memcmp(column->attname, name, length) == 0);
}

/* True if one of the names means the column; with `passing`, also if it goes on behind it. */
static bool names_column(const char *const *names, const char *prefix, const nu_column *column,
                         bool passing)
{
    for (; *names != NULL; names++) {
        const char *name = below(*names, prefix);
        if (name == NULL)
            continue;
        const char *end = strstr(name, "__");
        size_t      length = end != NULL ? (size_t)(end - name) : strlen(name);
        if (is_called(column, name, length) && (end == NULL || passing))
            return true;
    }
    return false;
}

static bool any_below(const char *const *names, const char *prefix)
{
    for (; *names != NULL; names++) {
        if (below(*names, prefix) != NULL)
            return true;
    }
    return false;
}

/* The columns that nu_only and nu_defer leave of the rows at `prefix`, and which are missing. A parent's
 * key is the same as the row's own. */
static const nu_column *const *columns_of(const nu_query *query, const nu_model_info *info,
                                          const char *prefix, uint64_t *deferred)
{
    *deferred = 0;
    bool whole = (query->only == NULL && query->defer == NULL) ||
                 (query->only != NULL && !any_below(query->only, prefix));
    if (whole)
        return info->column_list;
    const nu_column **columns = nu_alloc((info->all_count + 1) * sizeof *columns);
    size_t            count = 0;
    for (size_t i = 0; i < info->all_count; i++) {
        const nu_column *column = info->column_list[i];
        bool wanted = query->only != NULL ? names_column(query->only, prefix, column, true)
                                          : !names_column(query->defer, prefix, column, false);
        if (wanted || column == info->primary_key || column->key_part)
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
            nu_arena_copy(info->arena, sql->text.data + start, info->sql_columns_length);
        info->sql_for = sql->backend;
        return (int)info->column_count;
    }
    nu_builder_add(&sql->text, info->sql_columns, info->sql_columns_length);
    return (int)info->column_count;
}

/* ---- rows that come along ------------------------------------------------------------------- */

typedef struct select_list {
    nu_query *query;
    nu_plan  *plan;
    nu_sql   *sql;
    size_t    capacity;
    int       next; /* result column */
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

static nu_plan_group *new_group(select_list *list)
{
    nu_plan *plan = list->plan;
    if (plan->group_count == list->capacity) {
        size_t size = list->capacity * sizeof *plan->groups;
        list->capacity = list->capacity > 0 ? list->capacity * 2 : 4;
        plan->groups = nu_arena_grow(nu_arena_current(), plan->groups, size,
                                     list->capacity * sizeof *plan->groups);
    }
    return &plan->groups[plan->group_count++];
}

static int add_group(select_list *list, int parent, const nu_column *relation, bool back,
                     const char *path)
{
    int found = find_group(list->plan, parent, relation, back);
    if (found >= 0)
        return found;
    nu_query            *query = list->query;
    const nu_model_info *info = nu__info(back ? relation->model : relation->to);
    int                  at = (int)list->plan->group_count;
    int                  from = list->plan->groups[parent].join;
    nu_plan_group       *group = new_group(list);
    *group = (nu_plan_group){.info = info,
                             .first = list->next,
                             .parent = parent,
                             .relation = relation,
                             .back = back,
                             .path = path};
    group->join = back ? nu__join_back(query, from, relation)
                       : nu__join_forward(query, nu__join_owner(query, from, relation), relation);
    group->columns = columns_of(query, info, path, &group->deferred);
    list->next = put_columns(list->sql, query, group->join, group->columns, list->next);
    return at;
}

/* The rows that a nu_filtered_relation leaves, under its name. */
static int add_filtered_group(select_list *list, const nu_filtered *relation)
{
    nu_plan *plan = list->plan;
    for (size_t i = 1; i < plan->group_count; i++)
        if (plan->groups[i].filtered == relation->name)
            return (int)i;
    nu_path path;
    nu__path_get(list->query, relation->name, NU_EVERY_JOIN, &path);
    int            at = (int)plan->group_count;
    nu_plan_group *group = new_group(list);
    *group = (nu_plan_group){.info = path.last,
                             .first = list->next,
                             .filtered = relation->name,
                             .join = path.join,
                             .path = relation->name};
    group->columns = columns_of(list->query, path.last, relation->name, &group->deferred);
    list->next = put_columns(list->sql, list->query, path.join, group->columns, list->next);
    return at;
}

static NU_NORETURN NU_COLD void refuse_deferred(const nu_column *column)
{
    nu_raise(NU_FIELD_ERROR,
             "\"%s\" of model \"%s\" cannot be left out and followed by nu_select_related at once",
             column->name, column->model->name);
}

static void check_deferred(const nu_plan_group *group, const nu_column *relation)
{
    if (group->deferred >> (relation->index < 63 ? relation->index : 63) & 1)
        refuse_deferred(relation);
}

static void add_path(select_list *list, const char *path)
{
    int                group = 0;
    const char        *at = path;
    const char        *second = strstr(path, "__");
    const nu_filtered *relation = nu__filtered_find(
        list->query, path, second != NULL ? (size_t)(second - path) : strlen(path));
    if (relation != NULL) {
        group = add_filtered_group(list, relation);
        at = second != NULL ? second + 2 : NULL;
    }
    while (at != NULL) {
        const char *end = strstr(at, "__");
        size_t      length = end != NULL ? (size_t)(end - at) : strlen(at);
        const char *reached = nu_fmt("%.*s", (int)((end != NULL ? end : at + length) - path), path);
        const nu_name *name = nu__name_find(list->plan->groups[group].info, at, length,
                                            NU_MEANS_COLUMN | NU_MEANS_QUERY | NU_MEANS_ACCESSOR);
        if (name->meaning == NU_MEANS_COLUMN) {
            check_deferred(&list->plan->groups[group], name->what);
            group = add_group(list, group, name->what, false, reached);
        } else {
            const nu_reverse *reverse = name->what;
            group = add_group(list, group, reverse->column, true, reached);
        }
        at = end != NULL ? end + 2 : NULL;
    }
}

/* nu_select_related without names: every reference that is never NULL, five deep. */
static void add_all(select_list *list, int group, int depth)
{
    const nu_model_info *info = list->plan->groups[group].info;
    for (size_t i = 0; depth < 5 && i < info->all_count; i++) {
        const nu_column *column = info->column_list[i];
        if (column->to == NULL || column->null || column->field->parent_link)
            continue;
        const char *before = list->plan->groups[group].path;
        int         next =
            add_group(list, group, column, false,
                      *before != '\0' ? nu_fmt("%s__%s", before, column->name) : column->name);
        add_all(list, next, depth + 1);
    }
}

/* ---- extras --------------------------------------------------------------------------------- */

int nu__plan_position(const nu_plan *plan, size_t at)
{
    int position = plan->first_extra + (int)at;
    for (size_t i = 0; plan->wide && i < at; i++) {
        const nu_column *const *part =
            nu__is_key(plan->extras[i]) ? plan->extras[i]->column->parts + 1 : NULL;
        for (; part != NULL && *part != NULL; part++)
            position++;
    }
    return position;
}

static void put_extras(nu_sql *sql, const nu_plan *plan)
{
    for (size_t i = 0; i < plan->extra_count; i++) {
        if (plan->first_extra + (int)i > 0)
            put(sql, ", ");
        nu__expr_type(plan->extras[i]); /* one that is mixed cannot be read */
        nu__sql_expr(sql, plan->extras[i]);
        if (plan->extras[i]->kind == NU_EXPR_COLUMN)
            continue;
        put(sql, " AS ");
        sql->backend->quote(&sql->text, plan->names[i]);
    }
}

void nu__plan_rows(nu_sql *sql, nu_query *query, nu_plan *plan)
{
    select_list    list = {.query = query, .plan = plan, .sql = sql};
    nu_plan_group *own = new_group(&list);
    *own = (nu_plan_group){.info = query->info, .parent = -1, .path = ""};
    own->columns = columns_of(query, query->info, "", &own->deferred);
    list.next = put_own_columns(sql, query, own->columns);
    if (query->related_all)
        add_all(&list, 0, 0);
    for (const char *const *path = query->related; path != NULL && *path != NULL; path++)
        add_path(&list, *path);
    plan->first_extra = list.next;
    if (query->annotation_count > 0) {
        plan->extras = nu_alloc(query->annotation_count * sizeof *plan->extras);
        plan->names = nu_alloc(query->annotation_count * sizeof *plan->names);
    }
    for (size_t i = 0; i < query->annotation_count; i++) {
        if (query->annotations[i].hidden)
            continue;
        plan->extras[plan->extra_count] = query->annotations[i].expression;
        plan->names[plan->extra_count++] = query->annotations[i].name;
    }
    put_extras(sql, plan);
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

const char *const *nu__plan_names(const nu_query *query)
{
    return query->names != NULL ? query->names : default_names(query);
}

const nu_expression *nu__value_expr(nu_query *query, const char *name)
{
    nu_joins reuse = NU_EVERY_JOIN, used = 0;
    nu__check_alias(name);
    const nu_expression *value = nu__expr_resolve(query, nu_f(name), &reuse, &used);
    return value->kind == NU_EXPR_REF ? value->args[0] : value;
}

void nu__plan_values(nu_sql *sql, nu_query *query, nu_plan *plan)
{
    const char *const *names = nu__plan_names(query);
    size_t             count = 0;
    while (names[count] != NULL)
        count++;
    plan->names = nu_alloc((count + 1) * sizeof *plan->names);
    plan->extras = nu_alloc((count + 1) * sizeof *plan->extras);
    plan->extra_count = count;
    for (size_t i = 0; i < count; i++) {
        plan->names[i] = names[i];
        plan->extras[i] = nu__value_expr(query, names[i]);
        plan->wide |= nu__is_key(plan->extras[i]);
    }
    put_extras(sql, plan);
}
