/* Deleting rows together with what depends on them.
 *
 * First all is collected: for each model the keys of its rows that must go, in the order in which
 * they were found, and what else must change. A relation that forbids it raises before anything is
 * written. Then, in one transaction: references are set to NULL, rows go in reverse order of
 * discovery, so that nothing refers to a row when it goes. Models that nothing refers to are
 * deleted by condition, without being read. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/text.h"

/* Rows of one model to delete. */
typedef struct doomed {
    struct doomed       *next;
    const nu_model_info *info;
    nu_list             *keys;
    nu_dict             *seen;
} doomed;

/* Rows whose reference `column` points to one of `keys`: to delete unread, to set to `value`, or to
 * find out at the end that they forbid it. */
typedef struct dependent {
    struct dependent *next;
    const nu_column  *column;
    nu_list          *keys;
    nu_value          value;
} dependent;

typedef struct deletion {
    nu_database *database;
    doomed      *rows; /* newest first */
    dependent   *unread, *updates, *restricted;
} deletion;

static NU_WAITS void collect(deletion *collector, const nu_model_info *info, nu_list *keys);

/* ---- collecting ----------------------------------------------------------------------------- */

static doomed *doomed_of(deletion *collector, const nu_model_info *info)
{
    for (doomed *item = collector->rows; item != NULL; item = item->next) {
        if (item->info == info)
            return item;
    }
    doomed *item = nu_alloc(sizeof *item);
    *item = (doomed){collector->rows, info, nu_list_new(), nu_dict_new()};
    collector->rows = item;
    return item;
}

/* The keys that are new, which end a circle of references. */
static nu_list *add_keys(deletion *collector, const nu_model_info *info, const nu_list *keys)
{
    doomed  *item = doomed_of(collector, info);
    nu_list *fresh = nu_list_new();
    for (uint32_t i = 0; i < keys->count; i++) {
        if (nu_dict_find_value(item->seen, keys->items[i]) != NULL)
            continue;
        nu_dict_put(item->seen, keys->items[i], nu_value_bool(true));
        nu_list_push(item->keys, keys->items[i]);
        nu_list_push(fresh, keys->items[i]);
    }
    return fresh;
}

static nu_query *rows_in(const nu_model *model, const char *name, nu_list *values, nu_database *db)
{
    nu_query *query = nu_unordered(nu_filter(nu_query_everything(model), nu_fmt("%s__in", name), values));
    query->database = db;
    return query;
}

/* What references hold for the rows with these keys: the key itself, or the field they refer to. */
static NU_WAITS nu_list *referred_values(const deletion *collector, const nu_column *column,
                                         nu_list *keys)
{
    if (column->target->primary_key)
        return keys;
    nu_query *query = rows_in(column->to, "pk", keys, collector->database);
    return nu_query_list(nu_flat(query, column->target->name));
}

static void depend(dependent **list, const nu_column *column, nu_list *keys, nu_value value)
{
    dependent *item = nu_alloc(sizeof *item);
    *item = (dependent){*list, column, keys, value};
    *list = item;
}

static NU_NORETURN void raise_protected(const nu_column *column, int64_t count)
{
    const nu_model_info *info = nu__info(column->model);
    nu_error            *error =
        nu_error_new(NU_PROTECTED_ERROR, "cannot delete %s: %lld %s refer to it by \"%s\"",
                     nu__info(column->to)->verbose_name, (long long)count,
                     count == 1 ? info->verbose_name : info->verbose_name_plural, column->name);
    error->hint =
        nu_fmt("Delete the %s first, or let them refer to another.", info->verbose_name_plural);
    nu_throw(error);
}

static NU_WAITS void protect(const deletion *collector, const nu_column *column, nu_list *values)
{
    int64_t count = nu_count(rows_in(column->model, column->name, values, collector->database));
    if (count > 0)
        raise_protected(column, count);
}

static NU_WAITS void cascade(deletion *collector, const nu_column *column, nu_list *values)
{
    const nu_model_info *info = nu__info(column->model);
    if (info->plain_delete) {
        depend(&collector->unread, column, values, nu_null());
        return;
    }
    nu_query *query =
        nu_flat(rows_in(column->model, column->name, values, collector->database), "pk");
    nu_list *keys = nu_query_list(query);
    if (keys->count > 0)
        collect(collector, info, keys);
}

static NU_WAITS void follow(deletion *collector, const nu_reverse *reverse, nu_list *keys)
{
    const nu_column *column = reverse->column;
    if (reverse->many || column->field->on_delete == NU_DO_NOTHING)
        return; /* of a many-to-many relation, the model between has the references */
    nu_list *values = referred_values(collector, column, keys);
    switch (column->field->on_delete) {
    case NU_CASCADE: cascade(collector, column, values); break;
    case NU_PROTECT: protect(collector, column, values); break;
    case NU_RESTRICT: depend(&collector->restricted, column, values, nu_null()); break;
    case NU_SET_NULL: depend(&collector->updates, column, values, nu_null()); break;
    case NU_SET_DEFAULT:
        depend(&collector->updates, column, values, nu_column_default(column));
        break;
    case NU_SET_VALUE:
        depend(&collector->updates, column, values, column->field->on_delete_value);
        break;
    case NU_DO_NOTHING:
    case NU_ON_DELETE_MISSING: break;
    }
}

static NU_WAITS void collect(deletion *collector, const nu_model_info *info, nu_list *keys)
{
    nu_check_stack();
    nu_list *fresh = add_keys(collector, info, keys);
    if (fresh->count == 0)
        return;
    for (const nu_reverse *reverse = info->reverses; reverse->name != NULL; reverse++)
        follow(collector, reverse, fresh);
}

/* Rows that restrict are forgiven if they go themselves. */
static NU_WAITS void check_restricted(deletion *collector)
{
    for (dependent *item = collector->restricted; item != NULL; item = item->next) {
        nu_query *query =
            rows_in(item->column->model, item->column->name, item->keys, collector->database);
        nu_list *keys = nu_query_list(nu_flat(query, "pk"));
        doomed  *gone = doomed_of(collector, nu__info(item->column->model));
        int64_t  left = 0;
        for (uint32_t i = 0; i < keys->count; i++)
            left += nu_dict_find_value(gone->seen, keys->items[i]) == NULL;
        if (left > 0)
            raise_protected(item->column, left);
    }
}

/* ---- deleting ------------------------------------------------------------------------------- */

static void count_model(nu_dict *by_model, const nu_model_info *info, int64_t count)
{
    nu_value *before = nu_dict_find(by_model, info->label);
    int64_t   sum = count + (before != NULL ? before->integer : 0);
    if (sum > 0)
        nu_dict_put(by_model, nu_value_text(info->label), nu_value_int(sum));
}

/* DELETE of what the query selects, unread. */
static NU_WAITS int64_t delete_unread(nu_query *query)
{
    nu_database *db = nu__query_database(query);
    nu_scope     scope = {.query = query};
    nu_sql       sql;
    if (query->none)
        return 0;
    nu__sql_init(&sql, db);
    sql.scope = &scope;
    nu_builder_puts(&sql.text, "DELETE FROM ");
    sql.backend->quote(&sql.text, query->info->table);
    if (query->join_count > 1) {
        nu_builder_puts(&sql.text, " WHERE ");
        nu__sql_column(&sql, 0, query->info->primary_key);
        nu_builder_puts(&sql.text, " IN ");
        nu__sql_subselect(&sql, query, NULL, false);
    } else if (query->where != NULL) {
        nu_builder_puts(&sql.text, " WHERE ");
        nu__sql_expr(&sql, query->where);
    }
    nu_db_statement statement = nu__sql_statement(&sql, true);
    return nu__db_execute(db, statement.sql, statement.length, statement.params, statement.count,
                          NULL);
}

static NU_WAITS void carry_out(deletion *collector, nu_dict *by_model)
{
    for (dependent *item = collector->unread; item != NULL; item = item->next) {
        const nu_column *column = item->column;
        count_model(
            by_model, nu__info(column->model),
            delete_unread(rows_in(column->model, column->name, item->keys, collector->database)));
    }
    for (dependent *item = collector->updates; item != NULL; item = item->next) {
        nu_query *query =
            rows_in(item->column->model, item->column->name, item->keys, collector->database);
        nu_update(query, item->column->name, item->value);
    }
    for (doomed *item = collector->rows; item != NULL; item = item->next) {
        nu_query *query = rows_in(item->info->model, "pk", item->keys, collector->database);
        count_model(by_model, item->info, delete_unread(query));
    }
}

static int64_t total(const nu_dict *by_model)
{
    int64_t sum = 0;
    for (nu_entry *entry = NULL; (entry = nu_dict_next(by_model, entry));)
        sum += entry->value.integer;
    return sum;
}

static bool is_plain(const nu_query *query)
{
    return query->info->plain_delete && !query->distinct && query->low == 0 && query->high < 0 &&
           query->grouping == NU_GROUP_NONE;
}

static NU_WAITS void delete_collected(nu_database *db, const nu_model_info *info, nu_list *keys,
                                      nu_dict *by_model)
{
    deletion collector = {.database = db};
    NU_ATOMIC_ON(nu_database_alias(db))
    {
        collect(&collector, info, keys);
        check_restricted(&collector);
        carry_out(&collector, by_model);
    }
}

int64_t nu_delete_counted(nu_query *query, nu_dict **by_model)
{
    nu_dict *counts = nu_dict_new();
    if (query->result != NU_RESULT_ROWS || query->low != 0 || query->high >= 0)
        nu_raise(NU_VALUE_ERROR, "only a query of whole rows, not sliced, can be deleted");
    if (is_plain(query)) {
        count_model(counts, query->info, delete_unread(query));
    } else {
        nu_list *keys = nu_query_list(nu_flat(nu_unordered(query), "pk"));
        if (keys->count > 0)
            delete_collected(nu__query_database(query), query->info, keys, counts);
    }
    if (by_model != NULL)
        *by_model = counts;
    return total(counts);
}

int64_t nu_delete_all(nu_query *query)
{
    return nu_delete_counted(query, NULL);
}

int64_t nu_row_delete(nu_row *row)
{
    const nu_model *model = nu_row_model(row);
    nu_value        key = nu_row_key(row);
    if (nu_is_null(key))
        nu_raise(NU_VALUE_ERROR, "a row of \"%s\" that was never saved cannot be deleted",
                 model->name);
    nu_query *query = nu_filter(nu_query_everything(model), "pk", key);
    query->database = row->state->database;
    nu_dict *counts = nu_dict_new();
    if (query->info->plain_delete) {
        count_model(counts, query->info, delete_unread(query));
    } else {
        nu_list *keys = nu_list_new();
        nu_list_push(keys, key);
        delete_collected(nu__query_database(query), query->info, keys, counts);
    }
    row->state->saved = false;
    if (row->class != NULL && nu_model_primary_key(model)->db_type.type <= NU_DB_SMALL_AUTO)
        nu_row_set_key(row, nu_null());
    return total(counts);
}
