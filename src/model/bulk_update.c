/* nu_bulk_update: UPDATE … SET a = CASE WHEN id = 1 THEN … END WHERE id IN (1, …). */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/router.h"

typedef struct bulk_change {
    const nu_model   *model;
    nu_database      *database;
    const nu_column **columns; /* to set */
    size_t            column_count;
} bulk_change;

static const nu_column **columns_of(const nu_model *model, const char *const *names, size_t *count)
{
    *count = 0;
    while (names[*count] != NULL)
        ++*count;
    if (*count == 0)
        nu_raise(NU_VALUE_ERROR, "nu_bulk_update needs the names of the fields to set");
    const nu_column **columns = nu_alloc(*count * sizeof *columns);
    for (size_t i = 0; i < *count; i++) {
        columns[i] = nu_column_get(model, names[i]);
        if (columns[i]->column == NULL)
            nu_raise(NU_VALUE_ERROR, "field \"%s\" of model \"%s\" has no column to update",
                     names[i], model->name);
        if (columns[i]->primary_key || columns[i]->key_part)
            nu_raise(NU_VALUE_ERROR, "the primary key of \"%s\" cannot be updated in bulk",
                     model->name);
    }
    return columns;
}

static void check_rows(const bulk_change *change, nu_row *const *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (nu_row_model(rows[i]) != change->model ||
            nu_database_for_write(change->model, rows[i]) != change->database)
            nu_raise(NU_VALUE_ERROR, "nu_bulk_update takes rows of one model and one database");
        if (nu_is_null(nu_row_key(rows[i])))
            nu_raise(NU_VALUE_ERROR, "nu_bulk_update takes rows that were saved");
    }
}

static const nu_expression *cases(const nu_column *column, nu_row *const *rows, size_t count)
{
    nu_value *whens = nu_alloc(count * sizeof *whens);
    for (size_t i = 0; i < count; i++) {
        const nu_expression *value = nu__computed(rows[i], column);
        if (value == NULL)
            value = nu__typed_value(column, nu__value_to_write(rows[i], column, false));
        whens[i] = NU_V(nu_expr_when_(nu_q("pk", nu_row_key(rows[i])), NU_V(value)));
    }
    return nu_expr_case_(whens, count);
}

static NU_WAITS int64_t update(const bulk_change *change, nu_row *const *rows, size_t count)
{
    nu_list *keys = nu_list_new();
    for (size_t i = 0; i < count; i++)
        nu_list_push(keys, nu_row_key(rows[i]));
    nu_query *query = nu_unordered(nu_filter(nu_query_everything(change->model), "pk__in", keys));
    query->database = change->database;
    nu_pair *pairs = nu_alloc(change->column_count * sizeof *pairs);
    for (size_t i = 0; i < change->column_count; i++)
        pairs[i] =
            (nu_pair){change->columns[i]->name, NU_V(cases(change->columns[i], rows, count))};
    int64_t changed = nu_update_(query, (nu_pairs){pairs, change->column_count});
    for (size_t i = 0; i < count * change->column_count; i++)
        nu__computed_written(rows[i / change->column_count],
                             change->columns[i % change->column_count], false);
    return changed;
}

/* Each row takes two parameters for each field, and one in the list of keys. Django counts a field once
 * and the key twice. */
static size_t batch_size(const bulk_change *change, size_t wanted)
{
    const nu_db_backend *backend = nu_database_backend(change->database);
    size_t               fit = (size_t)backend->max_params / (change->column_count * 2 + 1);
    size_t               named = nu__rows_named(backend, (uint32_t)change->column_count + 2);
    fit = fit < named ? fit : named;
    return wanted > 0 && wanted < fit ? wanted : fit;
}

int64_t nu_bulk_update_(nu_row *const *rows, size_t count, size_t wanted, const char *const *names)
{
    int64_t changed = 0;
    if (count == 0)
        return 0;
    bulk_change change = {.model = nu_row_model(rows[0]),
                          .database = nu_database_for_write(nu_row_model(rows[0]), rows[0])};
    change.columns = columns_of(change.model, names, &change.column_count);
    check_rows(&change, rows, count);
    size_t size = batch_size(&change, wanted);
    /* One statement is a transaction by itself, and two round trips less. */
    if (count <= size && change.model->parent == NULL)
        return update(&change, rows, count);
    NU_ATOMIC_ON(nu_database_alias(change.database))
    {
        for (size_t from = 0; from < count; from += size)
            changed += update(&change, rows + from, count - from < size ? count - from : size);
    }
    return changed;
}
