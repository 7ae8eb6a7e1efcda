/* Carries out what deletion.c has collected, in one transaction: rows that were not read go first,
 * references are emptied, then rows go model by model, so that what refers goes before what it
 * refers to. */
#include "model/deletion.h"
#include "nuages/signal.h"

/* Rows of one statement, as Django has them. */
enum { BATCH = 100 };

void nu__deletion_count(nu_dict *by_model, const nu_model_info *info, int64_t count)
{
    nu_value *before = nu_dict_find(by_model, info->label);
    int64_t   sum = count + (before != NULL ? before->integer : 0);
    if (sum > 0)
        nu_dict_put(by_model, nu_value_text(info->label), nu_value_int(sum));
}

static void write_delete(nu_sql *sql, const nu_query *query, nu_plan *plan)
{
    nu_scope scope = {.query = query};
    *plan = (nu_plan){.groups = NULL};
    sql->scope = &scope;
    nu_builder_puts(&sql->text, "DELETE FROM ");
    sql->backend->quote(&sql->text, query->info->table);
    if (query->join_count > 1 || query->grouping != NU_GROUP_NONE) {
        nu_builder_puts(&sql->text, " WHERE ");
        nu__sql_key(sql, query->info);
        nu_builder_puts(&sql->text, " IN ");
        nu__sql_subselect(sql, query, NULL, false);
    } else if (query->where != NULL) {
        nu_builder_puts(&sql->text, " WHERE ");
        nu__sql_expr(sql, query->where);
    }
    sql->scope = NULL;
}

int64_t nu__delete_unread(nu_query *query)
{
    nu_database *db = nu__query_database(query);
    nu_sql       sql;
    nu_plan      plan;
    if (query->none)
        return 0;
    nu__sql_query(&sql, db, write_delete, query, &plan);
    nu_db_statement statement = nu__sql_statement(&sql, true);
    return nu__db_run_all(db, &statement);
}

/* ---- the order ------------------------------------------------------------------------------ */

static bool is_among(const nu_doomed *list, const nu_model_info *concrete)
{
    for (; list != NULL; list = list->next) {
        if (list->info->concrete == concrete)
            return true;
    }
    return false;
}

static bool must_wait(const nu_deletion *deletion, const nu_doomed *item, const nu_doomed *sorted)
{
    for (const nu_before *rule = deletion->order; rule != NULL; rule = rule->next) {
        if (rule->second == item->info->concrete && rule->first != rule->second &&
            !is_among(sorted, rule->first))
            return true;
    }
    return false;
}

/* Models whose rows go first come first. A circle stays as it was found: the database's constraints
 * are checked at the end. */
static void sort(nu_deletion *deletion)
{
    nu_doomed *left = deletion->rows, *sorted = NULL, **last = &sorted;
    while (left != NULL) {
        nu_doomed **at = &left;
        while (*at != NULL && must_wait(deletion, *at, sorted))
            at = &(*at)->next;
        if (*at == NULL) { /* a circle */
            *last = left;
            break;
        }
        nu_doomed *next = *at;
        *at = next->next;
        next->next = NULL;
        *last = next;
        last = &next->next;
    }
    deletion->rows = sorted;
}

/* ---- the statements ------------------------------------------------------------------------- */

static nu_query *batch(const nu_deletion *deletion, const nu_model *model, const nu_list *rows,
                       uint32_t from)
{
    nu_list *keys = nu_list_new();
    for (uint32_t i = from; i < rows->count && i < from + BATCH; i++)
        nu_list_push(keys, nu_row_key(rows->items[i].object));
    nu_query *query = nu_unordered(nu_filter(nu_query_everything(model), "pk__in", keys));
    query->database = deletion->database;
    return query;
}

static void tell(const nu_deletion *deletion, nu_signal_kind signal, const nu_doomed *item)
{
    if (item->info->automatic || !nu_signal_is_heard(signal, item->info->model))
        return;
    for (uint32_t i = item->rows->count; i-- > 0;)
        nu_signal_send(&(nu_event){.signal = signal,
                                   .model = item->info->model,
                                   .row = item->rows->items[i].object,
                                   .database = deletion->database});
}

static NU_WAITS void delete_unread(nu_deletion *deletion, nu_dict *by_model)
{
    for (uint32_t i = 0; i < deletion->unread->count; i++) {
        nu_query *query = deletion->unread->items[i].object;
        nu__deletion_count(by_model, query->info, nu__delete_unread(query));
    }
}

static NU_WAITS void update_references(nu_deletion *deletion)
{
    for (nu_affected *item = deletion->updates; item != NULL; item = item->next) {
        for (uint32_t from = 0; from < item->rows->count; from += BATCH)
            nu_update(batch(deletion, item->column->model, item->rows, from), item->column->name,
                      item->value);
    }
}

static NU_WAITS void delete_rows(nu_deletion *deletion, nu_dict *by_model)
{
    for (nu_doomed *item = deletion->rows; item != NULL; item = item->next) {
        for (uint32_t from = 0; from < item->rows->count; from += BATCH) {
            nu_query *query = batch(deletion, item->info->model, item->rows, from);
            nu__deletion_count(by_model, item->info, nu__delete_unread(query));
        }
        tell(deletion, NU_POST_DELETE, item);
    }
}

/* Then it needs no block around it. */
static bool is_one_statement(const nu_deletion *deletion)
{
    const nu_doomed *rows = deletion->rows;
    if (rows == NULL)
        return deletion->unread->count == 1;
    return rows->next == NULL && rows->rows->count <= BATCH && deletion->unread->count == 0 &&
           deletion->updates == NULL && !nu_signal_is_heard(NU_PRE_DELETE, rows->info->model) &&
           !nu_signal_is_heard(NU_POST_DELETE, rows->info->model);
}

void nu__deletion_run(nu_deletion *deletion, nu_dict *by_model)
{
    sort(deletion);
    if (is_one_statement(deletion)) {
        delete_unread(deletion, by_model);
        delete_rows(deletion, by_model);
        return;
    }
    NU_ATOMIC_ON(nu_database_alias(deletion->database))
    {
        for (nu_doomed *item = deletion->rows; item != NULL; item = item->next)
            tell(deletion, NU_PRE_DELETE, item);
        delete_unread(deletion, by_model);
        update_references(deletion);
        delete_rows(deletion, by_model);
    }
}
