/* References are checked when all rows are there: fixtures may refer to what comes later. */
#include <string.h>

#include "command/load.h"
#include "nuages/query.h"

/* A reference that leads nowhere. */
struct broken {
    const nu_model  *model; /* that has the field, in words of the fixture */
    const nu_column *field;
    nu_value         key, value; /* of the row, and what it refers to */
};

static void put_name(nu_builder *sql, const nu_database *db, const char *alias, const char *column)
{
    nu_builder_printf(sql, "%s.", alias);
    nu_database_backend(db)->quote(sql, column);
}

/* The first row of `column`'s table that refers to none; its value of `key` and of the reference. */
static bool find_broken(nu_database *db, const nu_column *column, const char *key,
                        struct broken *broken)
{
    nu_builder           sql;
    const nu_db_backend *backend = nu_database_backend(db);
    nu_builder_init(&sql, NULL, 256);
    nu_builder_puts(&sql, "SELECT ");
    put_name(&sql, db, "a", key);
    nu_builder_puts(&sql, " AS key, ");
    put_name(&sql, db, "a", column->column);
    nu_builder_puts(&sql, " AS value FROM ");
    backend->quote(&sql, nu_model_table(column->model));
    nu_builder_puts(&sql, " a WHERE ");
    put_name(&sql, db, "a", column->column);
    nu_builder_puts(&sql, " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ");
    backend->quote(&sql, nu_model_table(column->target->model));
    nu_builder_puts(&sql, " b WHERE ");
    put_name(&sql, db, "b", column->target->column);
    nu_builder_puts(&sql, " = ");
    put_name(&sql, db, "a", column->column);
    nu_builder_puts(&sql, ") LIMIT 1");
    nu_list *rows = nu_sql_rows(db, nu_builder_text(&sql));
    if (rows->count == 0)
        return false;
    broken->key = nu_dict_get(rows->items[0].dict, "key");
    broken->value = nu_dict_get(rows->items[0].dict, "value");
    return true;
}

/* ---- whose fault it is ----------------------------------------------------------------------- */

static bool is_it(const struct broken *broken, nu_value object)
{
    if (object.type != NU_DICT || !nu_is_text(nu_dict_get(object.dict, "model")))
        return false;
    const nu_model *model = nu_model_find(nu_dict_get(object.dict, "model").text);
    return model != NULL && nu_model_concrete(model) == broken->model &&
           strcmp(nu_text(nu_dict_get(object.dict, "pk")), nu_text(broken->key)) == 0;
}

static bool find_in(const char *path, const struct broken *broken, nu__load_object *object)
{
    if (strcmp(path, "-") == 0)
        return false;
    nu__fixture_reader *reader = nu__fixture_open(path);
    nu_arena           *before = nu_arena_current(), *scratch = nu_arena_new(before, "fixture");
    nu_value            value;
    bool                found = false;
    nu_arena_enter(scratch);
    for (int64_t number = 1; !found && nu__fixture_next(reader, &value); number++) {
        *object = (nu__load_object){.path = path, .number = number};
        found = is_it(broken, value);
        nu_arena_reset(scratch);
    }
    nu_arena_enter(before);
    nu_arena_free(scratch);
    return found;
}

static NU_NORETURN void raise_broken(const struct broken *broken, const char *const *paths,
                                     size_t count)
{
    const char *fact = nu_fmt("refers to the row %s of \"%s\", which does not exist",
                              nu_text(broken->value), nu_model_label(broken->field->to));
    nu_error   *nothing = nu_error_new(NU_COMMAND_ERROR, "nothing");
    nothing->detail = "Nothing was loaded.";
    for (size_t i = 0; i < count; i++) {
        nu__load_object object;
        if (!find_in(paths[i], broken, &object))
            continue;
        object.model = nu_model_label(broken->model);
        object.field = broken->field->name;
        nu__load_refuse(&object, nothing, fact);
    }
    nu_error *error =
        nu_error_new(NU_COMMAND_ERROR, "row %s of \"%s\", field \"%s\": %s", nu_text(broken->key),
                     nu_model_label(broken->model), broken->field->name, fact);
    error->detail = nothing->detail;
    nu_throw(error);
}

/* ---- all models ------------------------------------------------------------------------------ */

static void check_model(nu_database *db, const nu_model *model, const char *const *paths,
                        size_t count)
{
    const nu_column *key = nu_model_primary_key(model);
    for (const nu_column *const *column = nu_model_own_columns(model); *column != NULL; column++) {
        struct broken broken = {.model = model, .field = *column};
        if ((*column)->target != NULL &&
            find_broken(db, *column, key->parts != NULL ? key->parts[0]->column : key->column,
                        &broken))
            raise_broken(&broken, paths, count);
    }
}

/* The first reference of the table between to a model of relation `many`: the owner's side. */
static const nu_column *owner_of(const nu_column *many)
{
    for (const nu_column *const *column = nu_model_own_columns(many->through); *column != NULL;
         column++)
        if ((*column)->to != NULL && nu_model_is_a(many->model, (*column)->to))
            return *column;
    return NULL;
}

/* The table between: its row belongs to the object that has the field. The other side comes first, for
 * a symmetrical relation has each row twice. */
static void check_many(nu_database *db, const nu_column *many, const char *const *paths,
                       size_t count)
{
    const nu_column *owner = owner_of(many);
    for (int side = 0; owner != NULL && side < 2; side++)
        for (const nu_column *const *column = nu_model_own_columns(many->through); *column != NULL;
             column++) {
            struct broken broken = {.model = many->model, .field = many};
            if ((*column)->target != NULL && (*column == owner) == side &&
                find_broken(db, *column, owner->column, &broken))
                raise_broken(&broken, paths, count);
        }
}

void nu__load_check_references(const nu__load *load, const char *const *paths, size_t count)
{
    nu_database *db = nu_database_get(load->alias);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(load->models, entry)) != NULL;) {
        const nu_model *model = nu_model_get(entry->key.text);
        check_model(db, model, paths, count);
        for (const nu_column *const *many = nu_model_own_many(model); *many != NULL; many++)
            if (nu_model_is_automatic((*many)->through))
                check_many(db, *many, paths, count);
    }
}
