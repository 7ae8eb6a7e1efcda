/* Asking a query for one row, or for rows by key. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/text.h"

/* ---- the earliest and the latest ------------------------------------------------------------ */

static const char *const *default_names(const nu_query *query)
{
    const char *name = query->info->get_latest_by;
    if (name == NULL)
        nu_raise(NU_VALUE_ERROR,
                 "the earliest and the latest of model \"%s\" need names to go by: it has no "
                 "get_latest_by",
                 query->model->name);
    const char **names = nu_alloc(2 * sizeof *names);
    names[0] = name;
    return names;
}

static NU_WAITS nu_row *extreme(nu_query *query, const char *const *names, bool last)
{
    nu__refuse_slice(query, "asked for its earliest or latest row");
    if (names[0] == NULL)
        names = default_names(query);
    nu_query *ordered = nu_order_by_(query, names);
    if (last)
        ordered = nu_reversed(ordered);
    return nu_get_(nu_slice(ordered, 0, 1), NU_PAIRS());
}

nu_row *nu_query_earliest(nu_query *query, const char *const *names)
{
    return extreme(query, names, false);
}

nu_row *nu_query_latest(nu_query *query, const char *const *names)
{
    return extreme(query, names, true);
}

/* ---- neighbours by date --------------------------------------------------------------------- */

static const nu_column *date_column(const nu_model *model, const char *field)
{
    const nu_column *column = nu_column_get(model, field);
    bool dated = column->db_type.type == NU_DB_DATE || column->db_type.type == NU_DB_DATETIME;
    if (!dated)
        nu_raise(NU_FIELD_ERROR, "field \"%s\" of model \"%s\" is no date", field, model->name);
    return column;
}

/* The same moment with a further key, or a further moment. */
static NU_WAITS nu_row *neighbour(nu_row *row, const char *field, nu_pairs more, bool next)
{
    const nu_model  *model = nu_row_model(row);
    const nu_column *column = date_column(model, field);
    nu_value         key = nu_row_key(row), when = nu_row_value(row, column);
    const char      *further = next ? "gt" : "lt";
    if (nu_is_null(key))
        nu_raise(NU_VALUE_ERROR, "a row of \"%s\" must be saved before it has neighbours",
                 model->name);
    const nu_expression *beside = nu_q(nu_fmt("%s", field), when, nu_fmt("pk__%s", further), key);
    nu_query            *query =
        nu_where(nu_query_all(model), nu_or(nu_q(nu_fmt("%s__%s", field, further), when), beside));
    query = nu_filter_(query, more);
    query->database = nu__row_database(row);
    query = nu_order_by(query, nu_fmt("%s%s", next ? "" : "-", field), next ? "pk" : "-pk");
    nu_row *found = nu_query_first(query);
    if (found == NULL) {
        nu_error *error =
            nu_error_new(NU_OBJECT_NOT_FOUND, "no %s %s this one by \"%s\"",
                         nu__info(model)->verbose_name, next ? "follows" : "precedes", field);
        error->data = model;
        nu_throw(error);
    }
    return found;
}

nu_row *nu_row_next_by_(nu_row *row, const char *field, nu_pairs more)
{
    return neighbour(row, field, more, true);
}

nu_row *nu_row_previous_by_(nu_row *row, const char *field, nu_pairs more)
{
    return neighbour(row, field, more, false);
}

/* ---- contains ------------------------------------------------------------------------------- */

bool nu_query_contains(nu_query *query, const nu_row *row)
{
    if (query->result != NU_RESULT_ROWS)
        nu_raise(NU_VALUE_ERROR, "a query of values contains no rows");
    nu_value key = nu_row_key(row);
    if (nu_row_model(row) != query->model)
        return false;
    if (nu_is_null(key))
        nu_raise(NU_VALUE_ERROR, "a row that was never saved is in no query");
    if (query->fetched == NULL)
        return nu_exists(nu_filter(query, "pk", key));
    for (size_t i = 0; i < query->fetched->count; i++) {
        if (nu_equal(nu_row_key(query->fetched->rows[i]), key))
            return true;
    }
    return false;
}

/* ---- in bulk -------------------------------------------------------------------------------- */

static const nu_column *bulk_column(const nu_query *query, const char *field)
{
    const nu_column *column = nu_column_get(query->model, field);
    if (!column->unique && !column->primary_key &&
        !(query->distinct_on != NULL && strcmp(query->distinct_on[0], field) == 0))
        nu_raise(NU_VALUE_ERROR, "rows by \"%s\": the field of model \"%s\" is not unique", field,
                 query->model->name);
    return column;
}

static NU_WAITS void collect(nu_query *query, const nu_column *column, nu_dict *out)
{
    for (nu_row **rows = nu_query_rows(query); *rows != NULL; rows++)
        nu_dict_put(out, nu_row_value(*rows, column), nu_value_object(*rows));
}

nu_dict *nu_in_bulk(nu_query *query, nu_list *keys, const char *field)
{
    nu_dict *out = nu_dict_new();
    nu__refuse_slice(query, "read in bulk");
    if (query->result != NU_RESULT_ROWS)
        nu_raise(NU_VALUE_ERROR, "a query of values gives no rows by key");
    const nu_column *column = bulk_column(query, field != NULL ? field : "pk");
    if (keys == NULL) {
        collect(nu__query_clone(query), column, out);
        return out;
    }
    const char          *lookup = nu_fmt("%s__in", column->name);
    const nu_db_backend *backend = nu_database_backend(nu__query_database(query));
    uint32_t most = 2 * nu__rows_named(backend, 2) + 1; /* as many as there are parameters */
    for (const nu_column *const *part = column->parts; part != NULL && part[1] != NULL; part++)
        most -= most / 2; /* each key takes a parameter more */
    for (uint32_t from = 0; from < keys->count; from += most) {
        uint32_t left = keys->count - from;
        nu_list  part = {.items = keys->items + from, .count = left < most ? left : most};
        collect(nu_unordered(nu_filter(query, lookup, &part)), column, out);
    }
    return out;
}
