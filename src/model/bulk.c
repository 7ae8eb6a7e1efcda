/* nu_bulk_create: rows in statements of many. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/router.h"

/* Statements of this many rows where nothing is said, so that all but the last are the same text. */
enum { BATCH = 1000 };

typedef struct insertion {
    const nu_model_info   *info;
    nu_database           *database;
    const nu_db_backend   *backend;
    const nu_bulk_options *options;
    bool                   with_key; /* the rows say their keys */
    const nu_column      **columns;  /* those that are written, ended by NULL */
} insertion;

static size_t count_columns(const insertion *into)
{
    size_t count = 0;
    while (into->columns[count] != NULL)
        count++;
    return count;
}

static void put_names(nu_sql *sql, const insertion *into)
{
    nu_builder_puts(&sql->text, "INSERT INTO ");
    sql->backend->quote(&sql->text, into->info->table);
    for (size_t i = 0; into->columns[i] != NULL; i++) {
        nu_builder_puts(&sql->text, i == 0 ? " (" : ", ");
        sql->backend->quote(&sql->text, into->columns[i]->column);
    }
    nu_builder_puts(&sql->text, ") VALUES ");
}

static void put_row(nu_sql *sql, nu_row *row, const insertion *into)
{
    for (size_t i = 0; into->columns[i] != NULL; i++) {
        nu_builder_puts(&sql->text, i == 0 ? "(" : ", ");
        nu__sql_insert_value(sql, row, into->columns[i], into->database, false);
    }
    nu_builder_putc(&sql->text, ')');
}

static bool have_expressions(nu_row *const *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i]->state->computed != NULL)
            return true;
    return false;
}

/* Nothing of a row is the database's to say: its values are parameters all. */
static bool have_values_only(const insertion *into, nu_row *const *rows, size_t count)
{
    return !into->info->has_computed && !have_expressions(rows, count);
}

static void put_rows(nu_sql *sql, const insertion *into, nu_row *const *rows, size_t count)
{
    bool plain = have_values_only(into, rows, count);
    if (plain)
        nu__sql_tuples(sql, count, count_columns(into));
    for (size_t i = 0; plain && i < count; i++) {
        for (const nu_column **column = into->columns; *column != NULL; column++)
            nu__sql_keep_param(sql, nu__value_to_write(rows[i], *column, true), NULL);
    }
    for (size_t i = 0; !plain && i < count; i++) {
        nu_builder_puts(&sql->text, i > 0 ? ", " : "");
        put_row(sql, rows[i], into);
    }
}

/* ---- conflicts ------------------------------------------------------------------------------ */

static void put_columns(nu_sql *sql, const nu_model *model, const char *const *names,
                        const char *before, const char *after)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        const char *column = nu_column_get(model, names[i])->column;
        nu_builder_puts(&sql->text, i > 0 ? ", " : "");
        sql->backend->quote(&sql->text, column);
        if (before == NULL)
            continue;
        nu_builder_puts(&sql->text, before);
        sql->backend->quote(&sql->text, column);
        nu_builder_puts(&sql->text, after);
    }
}

/* Both SQLite and PostgreSQL know the standard's successor: ON CONFLICT. */
static void put_conflict(nu_sql *sql, const insertion *into)
{
    const nu_bulk_options *options = into->options;
    const nu_model        *model = into->info->model;
    if (options->ignore_conflicts)
        nu_builder_puts(&sql->text, " ON CONFLICT DO NOTHING");
    if (!options->update_conflicts)
        return;
    nu_builder_puts(&sql->text, " ON CONFLICT (");
    put_columns(sql, model, options->unique_fields, NULL, NULL);
    nu_builder_puts(&sql->text, ") DO UPDATE SET ");
    put_columns(sql, model, options->update_fields, " = EXCLUDED.", "");
}

static void check_field(const nu_model *model, const char *name, bool update)
{
    const nu_column *column = nu_column_get(model, name);
    if (column->column == NULL)
        nu_raise(NU_VALUE_ERROR, "field \"%s\" of model \"%s\" has no column", name, model->name);
    if (update && (column->primary_key || column->key_part))
        nu_raise(NU_VALUE_ERROR, "the primary key of \"%s\" cannot be among .update_fields",
                 model->name);
}

static void check_options(const nu_model *model, const nu_bulk_options *options)
{
    if (options->batch_size < 0)
        nu_raise(NU_VALUE_ERROR, "a batch has one row at least");
    if (options->ignore_conflicts && options->update_conflicts)
        nu_raise(NU_VALUE_ERROR, ".ignore_conflicts and .update_conflicts exclude each other");
    if (!options->update_conflicts)
        return;
    if (options->update_fields == NULL || options->update_fields[0] == NULL)
        nu_raise(NU_VALUE_ERROR, ".update_conflicts needs .update_fields");
    if (options->unique_fields == NULL || options->unique_fields[0] == NULL)
        nu_raise(NU_VALUE_ERROR, ".update_conflicts needs .unique_fields");
    for (size_t i = 0; options->update_fields[i] != NULL; i++)
        check_field(model, options->update_fields[i], true);
    for (size_t i = 0; options->unique_fields[i] != NULL; i++)
        check_field(model, options->unique_fields[i], false);
}

/* ---- keys ----------------------------------------------------------------------------------- */

/* The keys of one statement's rows follow each other: they were given under one lock. */
static void set_keys(nu_row *const *rows, size_t count, const nu_column *key, int64_t last)
{
    for (size_t i = 0; i < count; i++)
        nu__member_put(rows[i], key, nu_value_int(last - (int64_t)(count - 1 - i)));
}

static void read_returned(nu_db_run *run, nu_row *const *rows, size_t count,
                          const nu_column *const *columns)
{
    for (size_t i = 0; run->cursor.row && i < count; i++) {
        nu__read_returned(run, rows[i], columns);
        nu__db_next(run);
    }
}

/* The database gives a value of the column in some of the rows. */
static bool is_computed(const nu_column *column, nu_row *const *rows, size_t count)
{
    if (column->field->generated != NULL)
        return true;
    for (size_t i = 0; i < count; i++)
        if (nu__takes_default(rows[i], column) || nu__computed(rows[i], column) != NULL)
            return true;
    return false;
}

/* What comes back: the key, if the database gives it and says so, and what it computes. */
static const nu_column **columns_returned(const insertion *into, nu_row *const *rows, size_t count)
{
    const nu_model_info *info = into->info;
    const nu_column    **list = nu_alloc((info->column_count + 2) * sizeof *list);
    size_t               used = 0;
    if (into->options->ignore_conflicts)
        return list;
    bool some = !have_values_only(into, rows, count);
    for (size_t i = 0; some && i < info->column_count; i++)
        if (is_computed(&info->columns[i], rows, count))
            list[used++] = &info->columns[i];
    bool plain = !into->options->update_conflicts;
    if (!into->with_key && (into->backend->returning || !plain || used > 0))
        list[used++] = info->primary_key;
    return list;
}

/* ---- statements ----------------------------------------------------------------------------- */

static void mark_saved(const insertion *into, nu_row *const *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rows[i]->state->saved = true;
        rows[i]->state->database = into->database;
    }
}

static NU_WAITS void insert(const insertion *into, nu_row *const *rows, size_t count)
{
    const nu_column **returned = columns_returned(into, rows, count);
    nu_sql            sql;
    nu__sql_init(&sql, into->database);
    nu__sql_expect(&sql, count * count_columns(into));
    put_names(&sql, into);
    put_rows(&sql, into, rows, count);
    put_conflict(&sql, into);
    nu__sql_returning(&sql, returned);
    nu_db_statement statement = nu__sql_statement(&sql, true);
    nu_db_run       run;
    nu__db_start(&run, into->database, &statement);
    if (returned[0] != NULL)
        read_returned(&run, rows, count, returned);
    nu__db_finish(&run);
    if (!into->with_key && !into->options->ignore_conflicts && returned[0] == NULL)
        set_keys(rows, count, into->info->primary_key, run.cursor.last_id);
    mark_saved(into, rows, count);
}

/* ---- COPY ----------------------------------------------------------------------------------- */

typedef struct copying {
    const insertion *into;
    nu_row *const   *rows;
    size_t           at, count;
} copying;

static bool next_row(void *arg, nu_value *values)
{
    copying *copy = arg;
    if (copy->at == copy->count)
        return false;
    nu_row *row = copy->rows[copy->at++];
    for (size_t i = 0; copy->into->columns[i] != NULL; i++)
        values[i] = nu__value_to_write(row, copy->into->columns[i], true);
    return true;
}

static const char *const *names_inserted(const insertion *into)
{
    size_t       count = count_columns(into);
    const char **names = nu_alloc((count + 1) * sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = into->columns[i]->column;
    names[count] = NULL;
    return names;
}

/* Many rows that want nothing back go three times as fast by COPY, where the database has it. */
static bool may_copy(const insertion *into, nu_row *const *rows, size_t count)
{
    const nu_bulk_options *options = into->options;
    return into->backend->copy_in != NULL && into->with_key && count > BATCH &&
           options->batch_size == 0 && !options->ignore_conflicts && !options->update_conflicts &&
           have_values_only(into, rows, count);
}

static NU_WAITS void copy_all(const insertion *into, nu_row *const *rows, size_t count)
{
    copying copy = {.into = into, .rows = rows, .count = count};
    nu_copy_in(into->database, into->info->table, names_inserted(into), next_row, &copy);
    mark_saved(into, rows, count);
}

/* ---- batches -------------------------------------------------------------------------------- */

uint32_t nu__rows_named(const nu_db_backend *backend, uint32_t columns)
{
    uint32_t most = (uint32_t)backend->max_params / columns;
    uint32_t named = (uint32_t)backend->max_named;
    named = columns == 1 ? named : (2 * named - 1) / columns;
    return named < most ? named : most;
}

/* How many rows a statement holds. */
static size_t batch_size(const insertion *into)
{
    size_t columns = count_columns(into);
    if (columns == 0)
        nu_raise(NU_VALUE_ERROR, "model \"%s\" has no field but its key; save its rows one by one",
                 into->info->model->name);
    size_t fit = nu__rows_named(into->backend, (uint32_t)columns);
    size_t wanted = into->options->batch_size > 0 ? (size_t)into->options->batch_size : BATCH;
    return wanted < fit ? wanted : fit;
}

static NU_WAITS void insert_all(insertion *into, nu_row *const *rows, size_t count)
{
    if (count == 0)
        return;
    into->columns = nu__columns_inserted(into->info, into->with_key);
    size_t size = batch_size(into);
    if (may_copy(into, rows, count)) {
        copy_all(into, rows, count);
        return;
    }
    for (size_t from = 0; from < count; from += size)
        insert(into, rows + from, count - from < size ? count - from : size);
}

/* Rows that say their keys go first, as in Django. */
static NU_WAITS void insert_both(insertion *into, nu_row *const *rows, size_t count)
{
    nu_row **keyed = nu_alloc(count * sizeof *keyed), **others = nu_alloc(count * sizeof *others);
    size_t   keyed_count = 0, other_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (into->info->primary_key->parts == NULL &&
            nu__member_is_null(rows[i], into->info->primary_key))
            others[other_count++] = rows[i];
        else
            keyed[keyed_count++] = rows[i];
    }
    into->with_key = true;
    insert_all(into, keyed, keyed_count);
    into->with_key = false;
    insert_all(into, others, other_count);
}

void nu_bulk_create_with(const nu_model *model, nu_row *const *rows, size_t count,
                         const nu_bulk_options *options)
{
    static const nu_bulk_options usual;
    if (options == NULL)
        options = &usual;
    check_options(model, options);
    if (nu__info(model)->parent != NULL)
        nu_raise(NU_VALUE_ERROR,
                 "rows of model \"%s\" lie in several tables, so they cannot be created in bulk",
                 model->name);
    if (count == 0)
        return;
    nu_database *db = nu_database_for_write(model, rows[0]);
    insertion    into = {
           .info = nu__info(model),
           .database = db,
           .backend = nu_database_backend(db),
           .options = options,
    };
    for (size_t i = 0; i < count; i++) {
        if (nu_row_model(rows[i]) != model || !nu__goes_with(rows[i], rows[0]))
            nu_raise(NU_VALUE_ERROR, "nu_bulk_create takes rows of one model and one database");
    }
    NU_ATOMIC_ON(nu_database_alias(db))
    insert_both(&into, rows, count);
}

void nu_bulk_create(nu_row *const *rows)
{
    size_t count = 0;
    while (rows[count] != NULL)
        count++;
    if (count > 0)
        nu_bulk_create_with(nu_row_model(rows[0]), rows, count, NULL);
}
