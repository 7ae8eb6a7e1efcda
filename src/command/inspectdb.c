/* ./manage inspectdb: models of the tables that a database has, as C source. */
#include <string.h>
#include <strings.h>

#include "command/inspect.h"
#include "command/migrations.h"

static const nu_option_def options[] = {
    {"database", .value = "ALIAS", .fallback = "default", .help = "which database"},
    {"include-views", .help = "views, too"},
    {"include-partitions", .help = "the partitions of tables, too"},
    {0},
};

/* ---- which tables ---------------------------------------------------------------------------- */

static bool is_wanted(const nu_command_call *call, const nu_db_table_info *table)
{
    for (int i = 0; i < call->count; i++)
        if (strcmp(call->arguments[i], table->name) == 0)
            return true;
    return call->count == 0 &&
           (table->kind != NU_DB_VIEW || nu_option_flag(call, "include-views")) &&
           (table->kind != NU_DB_PARTITION || nu_option_flag(call, "include-partitions"));
}

static void check_arguments(const nu_command_call *call, const nu_db_table_info *tables,
                            size_t count)
{
    const char **names = nu_alloc((count + 1) * sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = tables[i].name;
    for (int i = 0; i < call->count; i++) {
        size_t at = 0;
        while (at < count && strcmp(names[at], call->arguments[i]) != 0)
            at++;
        if (at < count)
            continue;
        nu_error *error =
            nu_error_new(NU_COMMAND_ERROR, "the database has no table \"%s\"", call->arguments[i]);
        const char *near = nu_nearest(call->arguments[i], names);
        error->hint = near != NULL ? nu_fmt("Did you mean \"%s\"?", near) : NULL;
        nu_throw(error);
    }
}

static void read_table(nu_database *db, nu__inspected_table *table)
{
    const nu_db_column_info *infos = nu_database_backend(db)->columns(db, table->info.name);
    size_t                   count = 0;
    while (infos != NULL && infos[count].name != NULL)
        count++;
    /* One more for a row's own number. */
    table->columns = nu_arena_array(nu_arena_current(), count + 2, sizeof *table->columns);
    for (size_t i = 0; i < count; i++) {
        table->columns[i].info = infos[i];
        if (infos[i].generated)
            nu__inspected_note(&table->columns[i].notes,
                               "The database computes it: do not write it.");
    }
    table->keys = nu_database_backend(db)->keys(db, table->info.name);
}

static nu__inspected_table *read_tables(nu_database *db, const nu_command_call *call, size_t *count)
{
    nu_db_table_info *infos = nu_database_backend(db)->inspect(db);
    size_t            all = 0;
    while (infos[all].name != NULL)
        all++;
    check_arguments(call, infos, all);
    nu__inspected_table *tables = nu_arena_array(nu_arena_current(), all + 1, sizeof *tables);
    *count = 0;
    for (size_t i = 0; i < all; i++)
        if (is_wanted(call, &infos[i])) {
            tables[*count].info = infos[i];
            read_table(db, &tables[*count]);
            if (tables[*count].columns->info.name != NULL)
                (*count)++;
            else
                nu_complain("the table \"%s\" has no columns: it gets no model", infos[i].name);
        }
    return tables;
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* SQLite ignores case, PostgreSQL may have columns that differ in it alone. */
nu__inspected_column *nu__inspected_find(const nu__inspected_table *table, const char *column)
{
    for (nu__inspected_column *at = table->columns; at->info.name != NULL; at++)
        if (strcmp(at->info.name, column) == 0)
            return at;
    for (nu__inspected_column *at = table->columns; at->info.name != NULL; at++)
        if (strcasecmp(at->info.name, column) == 0)
            return at;
    return NULL;
}

void nu__inspected_note(const char **notes, const char *note)
{
    *notes = *notes != NULL ? nu_fmt("%s %s", *notes, note) : note;
}

static const nu_db_key_info *primary_key_of(const nu__inspected_table *table)
{
    for (const nu_db_key_info *key = table->keys; key->columns != NULL; key++)
        if (key->kind == NU_DB_PRIMARY_KEY)
            return key;
    return NULL;
}

/* The first unique column that is never NULL; else the first that is never NULL; else the first. */
static nu__inspected_column *stand_in(const nu__inspected_table *table)
{
    for (nu__inspected_column *column = table->columns; column->info.name != NULL; column++)
        if (column->unique && !column->info.null)
            return column;
    for (nu__inspected_column *column = table->columns; column->info.name != NULL; column++)
        if (!column->info.null)
            return column;
    return table->columns;
}

/* SQLite numbers rows of tables without a key, too, under a name that no column has taken. */
static nu__inspected_column *row_number(nu__inspected_table *table)
{
    static const char *const names[] = {"rowid", "_rowid_", "oid"};
    for (size_t i = 0; table->info.rowid && i < NU_COUNT(names); i++) {
        if (nu__inspected_find(table, names[i]) != NULL)
            continue;
        nu__inspected_column *column = table->columns;
        while (column->info.name != NULL)
            column++;
        column->info = (nu_db_column_info){.name = names[i],
                                           .type = "integer",
                                           .automatic = true,
                                           .kind = {.type = NU_DB_BIG_INT}};
        nu__inspected_note(&column->notes,
                           "The table has no primary key; SQLite numbers its rows.");
        return column;
    }
    return NULL;
}

static void find_primary_key(nu__inspected_table *table)
{
    const nu_db_key_info *key = primary_key_of(table);
    nu__inspected_column *column = NULL;
    if (key != NULL && key->columns[1] != NULL) {
        table->key = key;
        for (size_t i = 0; key->columns[i] != NULL; i++)
            nu__inspected_find(table, key->columns[i])->info.null = false;
    } else if (key != NULL) {
        column = nu__inspected_find(table, key->columns[0]);
    } else if ((column = row_number(table)) == NULL) {
        column = stand_in(table);
        nu__inspected_note(&column->notes,
                           column->unique && !column->info.null
                               ? "There is no primary key; this column tells rows apart."
                               : "There is no primary key: rows may share this one.");
    }
    if (column == NULL)
        return;
    column->primary_key = true;
    column->unique = false;
    column->info.null = false;
    table->implicit_id = strcmp(column->info.name, "id") == 0 && column->info.automatic;
}

static void find_unique(nu__inspected_table *table)
{
    for (const nu_db_key_info *key = table->keys; key->columns != NULL; key++)
        if (key->kind == NU_DB_UNIQUE_KEY && key->columns[0] != NULL && key->columns[1] == NULL) {
            nu__inspected_column *column = nu__inspected_find(table, key->columns[0]);
            if (column != NULL)
                column->unique = true;
        }
}

/* ---- references ------------------------------------------------------------------------------ */

static bool is_number(nu_db_type type)
{
    return type <= NU_DB_SMALL_AUTO || (type >= NU_DB_SMALL_INT && type <= NU_DB_POSITIVE_BIG_INT);
}

static bool is_text(nu_db_type type)
{
    return type == NU_DB_CHAR || type == NU_DB_TEXT || type == NU_DB_SLUG;
}

static bool fit(nu_db_type a, nu_db_type b)
{
    return (is_number(a) && is_number(b)) || (is_text(a) && is_text(b)) ||
           (a == NU_DB_UUID && b == NU_DB_UUID);
}

/* True if `from` is reached again from `target` on. */
static bool leads_back(const nu__inspected_column *from, const nu__inspected_column *target)
{
    while (target != NULL && target != from)
        target = target->target;
    return target == from;
}

static nu__inspected_table *find_table(nu__inspected_table *tables, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(tables[i].info.name, name) == 0)
            return &tables[i];
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(tables[i].info.name, name) == 0)
            return &tables[i];
    return NULL;
}

/* What the column would hold; NULL if no field can follow it. */
static nu__inspected_column *find_target(const nu__inspected_table  *to,
                                         const nu__inspected_column *column, const char *name)
{
    nu__inspected_column *target = to != NULL ? nu__inspected_find(to, name) : NULL;
    bool                  good = target != NULL && (target->primary_key || target->unique) &&
                !leads_back(column, target) && fit(column->info.kind.type, target->info.kind.type);
    return good ? target : NULL;
}

static void refer(nu__inspected_table *tables, size_t count, const nu__inspected_table *table,
                  const nu_db_key_info *key)
{
    nu__inspected_column *column = nu__inspected_find(table, key->columns[0]);
    if (column == NULL || column->target != NULL)
        return;
    if (key->columns[1] != NULL) {
        nu__inspected_note(&column->notes,
                           nu_fmt("Part of a key of several columns to \"%s\".", key->to_table));
        return;
    }
    nu__inspected_table  *to = find_table(tables, count, key->to_table);
    nu__inspected_column *target = find_target(to, column, key->to_columns[0]);
    if (target != NULL) {
        column->to = to;
        column->target = target;
        return;
    }
    nu__inspected_note(&column->notes,
                       nu_fmt("Refers to \"%s\" of \"%s\", which a field cannot follow here.",
                              key->to_columns[0], key->to_table));
}

static void find_references(nu__inspected_table *tables, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (const nu_db_key_info *key = tables[i].keys; key->columns != NULL; key++)
            if (key->kind == NU_DB_FOREIGN_KEY)
                refer(tables, count, &tables[i], key);
}

/* ---- the command ----------------------------------------------------------------------------- */

static void run(const nu_command_call *call)
{
    nu_database         *db = nu__migrate_database(call);
    size_t               count;
    nu__inspected_table *tables = read_tables(db, call, &count);
    for (size_t i = 0; i < count; i++) {
        find_unique(&tables[i]);
        find_primary_key(&tables[i]);
        nu__inspect_name_table(tables, i);
    }
    find_references(tables, count);
    for (size_t i = 0; i < count; i++)
        nu__inspect_name_columns(&tables[i]);
    nu__inspect_name_relations(tables, count);
    nu_say("%s", nu__inspect_source(db, tables, count));
}

const nu_command nu__command_inspectdb = {
    .name = "inspectdb",
    .help =
        "Prints models of the tables that a database has, as C source.\n"
        "Without names: all tables. Views are read when they are named or with --include-views.",
    .arguments = "[TABLE…]",
    .max_arguments = -1,
    .options = options,
    .run = run,
};
