/* ./manage loaddata: rows from Django's JSON fixtures. All files are loaded in one transaction. */
#include <errno.h>
#include <string.h>

#include "nuages/database.h"
#include "nuages/file.h"
#include "nuages/json.h"
#include "nuages/query.h"

#include "command/internal.h"
#include "migrate/internal.h"

static const nu_option_def options[] = {
    {"database", .value = "ALIAS", .fallback = "default", .help = "which database"},
    {0},
};

enum { LARGEST_FIXTURE = 1 << 30 };

/* ---- finding the file ------------------------------------------------------------------------ */

static const char *with_ending(const char *path)
{
    if (nu_file_exists(path))
        return path;
    const char *longer = nu_fmt("%s.json", path);
    return nu_file_exists(longer) ? longer : NULL;
}

/* A path as it is given, else a name in the fixtures/ folder of an app. */
static const char *find_fixture(const char *name)
{
    const char *path = with_ending(name);
    for (const nu_app *const *app = nu_apps(); *app != NULL && path == NULL; app++) {
        const char *folder = nu_app_folder(*app);
        if (folder != NULL)
            path = with_ending(nu_path_join(nu_path_join(folder, "fixtures"), name));
    }
    if (path == NULL) {
        nu_error *error = nu_error_new(NU_COMMAND_ERROR, "no fixture \"%s\"", name);
        error->hint = "Give a path, or the name of a file in the fixtures/ folder of an app.";
        nu_throw(error);
    }
    return path;
}

/* ---- one object ------------------------------------------------------------------------------ */

/* An object of a fixture and where it came from, for messages. */
struct object {
    const char *path;
    uint32_t    number;        /* from 1 */
    const char *model, *field; /* as far as it was read; NULL: not yet */
    nu_dict    *tables;        /* of the rows so far: the column of the key that counts by itself */
};

static NU_NORETURN void raise_at(const struct object *object, const nu_error *cause,
                                 const char *fact)
{
    const char *model = object->model != NULL ? nu_fmt(", %s", object->model) : "";
    const char *field = object->field != NULL ? nu_fmt(", field \"%s\"", object->field) : "";
    nu_error   *error = nu_error_new(NU_COMMAND_ERROR, "%s: object %u%s%s: %s", object->path,
                                     object->number, model, field, fact);
    error->detail = cause != NULL ? cause->detail : NULL;
    error->hint = cause != NULL ? cause->hint : NULL;
    nu_throw(error);
}

static void load_fields(nu_row *row, const nu_dict *fields, nu_dict *many, struct object *object)
{
    const nu_model *model = nu_row_model(row);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(fields, entry)) != NULL;) {
        const nu_column *column = nu_column_get(model, entry->key.text);
        object->field = column->name;
        if (column->column == NULL)
            nu_dict_put(many, entry->key, entry->value);
        else if (nu_is_null(entry->value) &&
                 !column->null) /* a member may have no NULL to tell of */
            nu_raise(NU_VALUE_ERROR, "may not be null");
        else
            nu_row_put(row, column, nu_column_clean(column, entry->value));
    }
    object->field = NULL;
}

/* Where rows came from, by table and key: references are checked when all rows are there. */
static const char *origin_key(const char *table, nu_value key)
{
    return nu_fmt("%s %s", table, nu_text(key));
}

static void note_key(nu_dict *tables, const nu_column *key)
{
    if (key->db_type.type <= NU_DB_SMALL_AUTO && key->to == NULL)
        nu_dict_set(tables, nu_model_table(key->model), key->column);
}

static void load_object(nu_value value, struct object *object, nu_dict *origins)
{
    if (value.type != NU_DICT)
        raise_at(object, NULL, "is no JSON object");
    nu_value label = nu_dict_get(value.dict, "model");
    nu_value fields = nu_dict_get(value.dict, "fields");
    if (!nu_is_text(label) || fields.type != NU_DICT)
        raise_at(object, NULL, "needs \"model\" (a text) and \"fields\" (an object)");
    object->model = label.text;
    const nu_model *model = nu_model_get(label.text);
    nu_row         *row = nu_row_new(model);
    nu_dict        *many = nu_dict_new();
    nu_value        key = nu_dict_get(value.dict, "pk");
    load_fields(row, fields.dict, many, object);
    if (!nu_is_null(key))
        nu_row_set_key(row, nu_column_clean(nu_model_primary_key(model), key));
    nu_row_save_with(row, &(nu_save_options){.raw = true});
    note_key(object->tables, nu_model_primary_key(model));
    nu_dict_set(origins, origin_key(nu_model_table(model), nu_row_key(row)),
                nu_fmt("%s: object %u, %s", object->path, object->number, object->model));
    for (nu_entry *entry = NULL; (entry = nu_dict_next(many, entry)) != NULL;) {
        object->field = entry->key.text;
        if (entry->value.type != NU_LIST)
            raise_at(object, NULL, "needs a list of keys");
        nu_row_many_change(row, entry->key.text, NU_MANY_SET, entry->value.list);
    }
    object->field = NULL;
}

static void load_guarded(nu_value value, struct object *object, nu_dict *origins)
{
    NU_TRY {
        load_object(value, object, origins);
    }
    NU_CATCH (error) {
        if (nu_error_is(error, NU_COMMAND_ERROR))
            nu_reraise(error);
        raise_at(object, error, error->fact);
    }
}

/* ---- files ----------------------------------------------------------------------------------- */

static nu_list *read_fixture(const char *path)
{
    nu_value text = nu_file_read(path, LARGEST_FIXTURE);
    nu_value objects = nu_null();
    NU_TRY {
        objects = nu_json_parse((const char *)text.bytes, text.length);
    }
    NU_CATCH (error) {
        nu_error *located = nu_error_new(NU_COMMAND_ERROR, "%s is no JSON: %s", path, error->fact);
        located->place = error->place;
        located->place.file = path;
        located->hint = error->hint;
        nu_throw(located);
    }
    if (objects.type != NU_LIST)
        nu_raise(NU_COMMAND_ERROR, "%s holds no list of objects", path);
    return objects.list;
}

static uint32_t load_file(const char *path, nu_dict *origins, nu_dict *tables)
{
    nu_list *objects = read_fixture(path);
    for (uint32_t i = 0; i < objects->count; i++) {
        struct object object = {.path = path, .number = i + 1, .tables = tables};
        load_guarded(objects->items[i], &object, origins);
    }
    return objects->count;
}

static void check_references(nu_database *db, const nu_dict *origins)
{
    const nu_dict *broken = nu__broken_reference(db);
    if (broken == NULL)
        return;
    const char *table = nu_text(nu_dict_get(broken, "table"));
    nu_value    rowid = nu_dict_get(broken, "rowid");
    nu_value    origin = nu_dict_get(origins, origin_key(table, rowid));
    nu_error   *error = nu_error_new(
          NU_COMMAND_ERROR, "%s: refers to a row of \"%s\" that does not exist",
        nu_is_text(origin) ? origin.text : nu_fmt("row %s of \"%s\"", nu_text(rowid), table),
          nu_text(nu_dict_get(broken, "parent")));
    error->detail = "Nothing was loaded.";
    nu_throw(error);
}

/* The database counts on after the keys that came with the rows. */
static void renumber(nu_database *db, const nu_dict *tables)
{
    const nu_db_backend *backend = nu_database_backend(db);
    if (backend->renumber == NULL)
        return;
    for (nu_entry *entry = NULL; (entry = nu_dict_next(tables, entry)) != NULL;) {
        nu_builder sql;
        nu_builder_init(&sql, NULL, 256);
        backend->renumber(&sql, entry->key.text, entry->value.text);
        nu_sql_value(db, nu_builder_text(&sql));
    }
}

static void run(const nu_command_call *call)
{
    volatile uint32_t count = 0;
    nu_dict          *origins = nu_dict_new(), *tables = nu_dict_new();
    NU_ATOMIC_ON(nu_option(call, "database"))
    {
        for (int i = 0; i < call->count; i++)
            count += load_file(find_fixture(call->arguments[i]), origins, tables);
        check_references(nu_database_get(nu_option(call, "database")), origins);
        renumber(nu_database_get(nu_option(call, "database")), tables);
    }
    if (call->verbosity > 0)
        nu_say("%u %s loaded from %d %s.", count, count == 1 ? "row" : "rows", call->count,
               call->count == 1 ? "fixture" : "fixtures");
}

const nu_command nu__command_loaddata = {
    .name = "loaddata",
    .help = "Loads rows from fixtures in Django's JSON form; all of them or, on a mistake, none.",
    .arguments = "FIXTURE…",
    .min_arguments = 1,
    .max_arguments = -1,
    .options = options,
    .run = run,
};
