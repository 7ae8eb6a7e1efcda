/* Saving single rows: UPDATE, and which tables are written. */
#include <string.h>

#include "base/ambient.h"
#include "model/row_sql.h"
#include "nuages/signal.h"
#include "nuages/text.h"
#include "nuages/router.h"

nu_database *nu__row_database(const nu_row *row)
{
    if (row->state != NULL && row->state->database != NULL)
        return row->state->database;
    return nu_model_database(nu_row_model(row));
}

static void mark_saved(nu_row *row, nu_database *db)
{
    row->state->saved = true;
    row->state->database = db;
}

/* ---- one saving ----------------------------------------------------------------------------- */

/* A row on its way into the tables of its model and of the model's parents. */
typedef struct saving {
    nu_row            *row;
    nu_database       *database;
    const char *const *names; /* of the fields to write; NULL: all that were read */
    bool               force_insert, force_update, partial, raw;
} saving;

/* ---- UPDATE --------------------------------------------------------------------------------- */

static bool is_wanted(const saving *save, const nu_column *column)
{
    if (column->primary_key || column->key_part || column->field->generated != NULL ||
        nu__is_deferred(save->row, column))
        return false;
    if (save->names == NULL)
        return true;
    for (const char *const *name = save->names; *name != NULL; name++) {
        if (strcmp(*name, column->name) == 0 || strcmp(*name, column->attname) == 0)
            return true;
    }
    return false;
}

static NU_WAITS bool is_there(const saving *save, const nu_model_info *info)
{
    nu_value  key = nu__member_get(save->row, info->primary_key);
    nu_query *query = nu_filter(nu_query_everything(info->model), "pk", key);
    query->database = save->database;
    return nu_exists(query);
}

/* What the database gives back: an expression that is not written stays where it is. */
static const nu_column **returned(const saving *save, const nu_model_info *info)
{
    const nu_column **list = nu__columns_computed(info, save->row, false);
    size_t            count = 0;
    for (size_t i = 0; list[i] != NULL; i++)
        if (nu__computed(save->row, list[i]) == NULL || is_wanted(save, list[i]))
            list[count++] = list[i];
    list[count] = NULL;
    return list;
}

static const nu_column **wanted(const saving *save, const nu_model_info *info)
{
    const nu_column **list = nu_alloc((info->column_count + 1) * sizeof *list);
    size_t            count = 0;
    for (size_t i = 0; i < info->column_count; i++) {
        if (is_wanted(save, &info->columns[i]))
            list[count++] = &info->columns[i];
    }
    return list;
}

/* False if there was no such row. Without anything to set, asks whether there is. */
static NU_WAITS bool update(const saving *save, const nu_model_info *info)
{
    nu_row_write write = {
        .row = save->row,
        .info = info,
        .database = save->database,
        .columns = wanted(save, info),
        .returned = returned(save, info),
        .raw = save->raw,
    };
    if (write.columns[0] == NULL)
        return save->partial || is_there(save, info);
    nu_db_statement statement = nu__sql_row_update(&write);
    return nu__run_returning(&statement, save->database, save->row, write.returned);
}

/* ---- the row's tables ----------------------------------------------------------------------- */

/* A key that a default has just made up cannot be in the table yet. */
static bool key_is_fresh(const nu_row *row, const nu_column *key)
{
    for (const nu_column *const *part = key->parts; part != NULL && *part != NULL; part++) {
        if (key_is_fresh(row, *part))
            return true;
    }
    return nu_row_is_new(row) &&
           (key->field->default_fn != NULL || !nu_is_null(key->field->default_value));
}

static NU_NORETURN void refuse_no_key(const nu_model_info *info)
{
    nu_raise(NU_VALUE_ERROR, "a row of \"%s\" must be saved whole before some of its fields can be",
             info->model->name);
}

static NU_NORETURN void refuse_no_row(const saving *save, const nu_model_info *info)
{
    nu_raise(NU_DATABASE_ERROR, "the row of \"%s\" to update, %s, is not there", info->model->name,
             nu_text(nu__member_get(save->row, info->primary_key)));
}

/* UPDATE or INSERT of one table; true if it was an INSERT. */
static NU_WAITS bool save_table(const saving *save, const nu_model_info *info, bool force_insert)
{
    const nu_column *key = info->primary_key;
    bool             must_update = save->force_update || save->partial;
    bool             has_key = !nu__member_is_null(save->row, key);
    if (!has_key && must_update)
        refuse_no_key(info);
    if (!has_key && key->parts != NULL)
        nu_raise(NU_VALUE_ERROR, "a part of the key of a row of \"%s\" is missing",
                 info->model->name);
    if (has_key && !force_insert && (must_update || !key_is_fresh(save->row, key))) {
        if (update(save, info))
            return false;
        if (must_update)
            refuse_no_row(save, info);
    }
    nu__row_insert(save->row, info, save->database, save->raw);
    return true;
}

/* The parents' tables first: the row's key is given there. */
static NU_WAITS bool save_parents(const saving *save, const nu_model_info *info)
{
    if (info->parent == NULL)
        return false;
    bool inserted = save_parents(save, info->parent);
    return save_table(save, info->parent, inserted);
}

/* True if the model's own table got a new row. A fixture has a row for each of the tables. */
static NU_WAITS bool save_tables(const saving *save, const nu_model_info *info)
{
    if (info->parent == NULL || save->raw)
        return save_table(save, info, save->force_insert);
    volatile bool created = false;
    NU_ATOMIC_ON(nu_database_alias(save->database))
    {
        bool inserted = save_parents(save, info);
        created = save_table(save, info, save->force_insert || inserted);
    }
    return created;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void check_options(const nu_model *model, const nu_save_options *options)
{
    if (options->force_insert && (options->force_update || options->update_fields != NULL))
        nu_raise(NU_VALUE_ERROR, "a row cannot be forced to be inserted and updated at once");
    for (size_t i = 0; options->update_fields != NULL && options->update_fields[i] != NULL; i++) {
        const nu_column *column = nu_column_find(model, options->update_fields[i]);
        if (column == NULL || column->field->type->many || column->primary_key ||
            column->key_part || column->field->generated != NULL) {
            nu_error *error = nu_error_new(NU_VALUE_ERROR,
                                           "field \"%s\" of model \"%s\" cannot be saved by itself",
                                           options->update_fields[i], model->name);
            error->hint = "Name stored fields other than the key.";
            nu_throw(error);
        }
    }
}

/* Rows that were put into references must have their keys by now. */
static void take_keys(nu_row *row, const nu_model_info *info)
{
    for (size_t i = 0; i < info->all_count; i++) {
        const nu_column *column = info->column_list[i];
        if (column->to != NULL && !nu__is_deferred(row, column))
            nu__take_key(row, column);
    }
}

void nu_row_save_with(nu_row *row, const nu_save_options *options)
{
    const nu_model      *model = nu_row_model(row);
    const nu_model_info *info = nu__info(model)->concrete;
    nu_database         *own = nu_database_for_write(model, row);
    saving               save = {
                      .row = row,
                      .database = options->database != NULL ? nu_database_get(options->database) : own,
                      .names = options->update_fields,
                      .force_insert = options->force_insert,
                      .force_update = options->force_update,
                      .raw = options->raw,
    };
    check_options(model, options);
    if (options->update_fields != NULL && options->update_fields[0] == NULL)
        return;
    /* What was not read is not there to be written elsewhere, so it is not written here either. */
    bool deferred = row->state->deferred != 0 && !options->force_insert && save.database == own;
    save.partial = options->update_fields != NULL || deferred;
    nu_event event = {.signal = NU_PRE_SAVE,
                      .model = model,
                      .row = row,
                      .database = save.database,
                      .update_fields = options->update_fields};
    bool     quiet = nu__info(model)->automatic;
    take_keys(row, info);
    if (!quiet)
        nu_signal_send(&event);
    event.created = save_tables(&save, info);
    mark_saved(row, save.database);
    event.signal = NU_POST_SAVE;
    if (!quiet)
        nu_signal_send(&event);
}

void nu_row_save(nu_row *row)
{
    nu_row_save_with(row, &(nu_save_options){.force_insert = false});
}

void nu_row_insert(nu_row *row)
{
    nu_row_save_with(row, &(nu_save_options){.force_insert = true});
}

void nu_row_save_fields(nu_row *row, const char *const *names)
{
    nu_row_save_with(row, &(nu_save_options){.update_fields = names});
}

/* ---- reading anew --------------------------------------------------------------------------- */

static bool is_named(const char *const *names, const nu_column *column)
{
    for (; names != NULL && *names != NULL; names++) {
        if (strcmp(*names, column->name) == 0 || strcmp(*names, column->attname) == 0)
            return true;
    }
    return names == NULL;
}

static void forget_named(nu_row *row, const char *const *names)
{
    if (names == NULL)
        row->state->cache = NULL;
    for (; names != NULL && *names != NULL && row->state->cache != NULL; names++)
        nu_dict_remove(row->state->cache, *names);
}

/* The fields that the row has; NULL if these are all. */
static const char *const *loaded_names(const nu_row *row, const nu_model_info *info)
{
    if (row->state->deferred == 0)
        return NULL;
    const char **names = nu_alloc((info->all_count + 1) * sizeof *names);
    size_t       count = 0;
    for (size_t i = 0; i < info->all_count; i++)
        if (!nu__is_deferred(row, info->column_list[i]))
            names[count++] = info->column_list[i]->name;
    return names;
}

void nu_row_refresh_fields(nu_row *row, const char *const *asked)
{
    const nu_model_info *info = nu__info(nu_row_model(row));
    const char *const   *names = asked != NULL ? asked : loaded_names(row, info);
    nu_query            *query = nu_filter(nu_query_everything(info->model), "pk", nu_row_key(row));
    query->database = nu__row_database(row);
    if (names != NULL)
        query = nu_only_(query, names);
    nu_row *fresh = nu_get_(query, NU_PAIRS());
    for (size_t i = 0; i < info->all_count; i++) {
        const nu_column *column = info->column_list[i];
        if (is_named(names, column))
            nu_row_put(row, column, nu__member_get(fresh, column));
    }
    forget_named(row, asked);
    mark_saved(row, fresh->state->database);
}

void nu_row_refresh(nu_row *row)
{
    nu_row_refresh_fields(row, NULL);
}
