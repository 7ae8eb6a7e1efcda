/* What the tests of migrate/ share: apps made of tables in the test, and a look at the database. */
#pragma once

#include "nuages/database.h"
#include "nuages/test.h"

#include "migrate/internal.h"

/* A database in memory, or in a file that is gone after the test. */
nu_database *database_in_memory(void);
nu_database *database_in_file(const char **path);

/* Empties and opens the one that NUAGES_TEST_POSTGRES names; NULL if it names none. */
nu_database *database_on_postgres(void);
/* Runs what follows on SQLite, and on PostgreSQL where there is one (scripts/postgres run). */
#define EACH_DATABASE(db)                                                                          \
    for (int each_ = 0; each_ < 2; each_++)                                                        \
        for (nu_database *db = each_ == 0 ? database_in_memory() : database_on_postgres();         \
             db != NULL; db = NULL)

/* {app, name, operations} with the dependencies that follow. */
#define MIGRATION(label, title, table, ...)                                                        \
    migration_of((label), (title), (table),                                                        \
                 (const nu_dependency[]){__VA_ARGS__ __VA_OPT__(, ){NULL, NULL}})
const nu_migration *migration_of(const char *app, const char *name, const nu_operation *operations,
                                 const nu_dependency *depends);
#define GRAPH(...) graph_of((const nu_migration *const[]){__VA_ARGS__, NULL})
nu__graph *graph_of(const nu_migration *const *migrations);

/* Plans and runs, as ./manage migrate APP TARGET; all forwards if `app` is NULL. */
void migrate(nu_database *db, const nu__graph *graph, const char *app, const char *target);

/* Tables, columns, indexes as text, without what SQLite makes by itself. */
const char *schema_of(nu_database *db);
/* The first column of the rows, joined by spaces. */
const char *values_of(nu_database *db, const char *sql);

/* The state after these operations of the app "shop" (or `app`), ended by {0}. */
nu__state *state_after(const nu_operation *operations);

/* An empty database: SQLite's in memory, or that of NUAGES_TEST_POSTGRES (scripts/postgres run); NULL
 * if that names none. */
nu_database *empty_database_on(bool postgres);
/* Registers the models as those of the app and makes their tables through the migrations that lead
 * to them. Returns those migrations as the C files that would be written. */
const char *make_tables(nu_database *db, const char *app, const nu_model *const *models);
