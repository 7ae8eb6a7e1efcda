/* PostgreSQL beside SQLite, and a replica that goes away. */
#include <string.h>

#include "db/internal.h"
#include "helper.h"
#include "model/internal.h"
#include "nuages/model.h"
#include "nuages/query.h"
#include "nuages/router.h"

struct thing {
    nu_row      row;
    const char *name;
    int32_t     hits;
};
struct note {
    nu_row      row;
    const char *text;
};

static const nu_field thing_fields[] = {
    NU_CHAR(thing, name, .max_length = 20),
    NU_INT(thing, hits),
    {0},
};
static const nu_field note_fields[] = {
    NU_TEXT(note, text),
    {0},
};
static const nu_model        thing_model = {NU_MODEL_OF(thing, "Thing"), .fields = thing_fields,
                                            .db_table = "thing", .ordering = NU_STRS("id")};
static const nu_model        note_model = {NU_MODEL_OF(note, "Note"), .fields = note_fields,
                                           .db_table = "note"};
static const nu_model *const models[] = {&thing_model, &note_model, NULL};

static const char *notes_local(const nu_model *model, const nu_row *row)
{
    (void)row;
    return model == &note_model ? "local" : NULL;
}

static const nu_router router = {.db_for_read = notes_local, .db_for_write = notes_local};

static void use_both(void *arg)
{
    (void)arg;
    for (int i = 0; i < 10; i++) {
        nu_create(thing, "name", nu_fmt("t%d", i), "hits", i);
        nu_create(note, "text", nu_fmt("n%d", i));
    }
    CHECK_EQ(nu_sql_value(nu_database_get(NULL), "SELECT count(*) FROM thing"), 10);
    CHECK_EQ(nu_sql_value(nu_database_get("local"), "SELECT count(*) FROM note"), 10);
    CHECK_EQ(nu_count(nu_filter(nu_all(thing), "hits__gte", 5)), 5);
    CHECK_EQ(nu_count(nu_filter(nu_all(note), "text__iexact", "N3")), 1);
    /* A block of one database is none of the other. */
    CHECK_RAISES(
        NU_VALUE_ERROR, NU_ATOMIC {
            nu_delete_all(nu_all(thing));
            nu_delete_all(nu_all(note));
            nu_raise(NU_VALUE_ERROR, "no");
        });
    CHECK_EQ(nu_count(nu_all(thing)), 10);
    CHECK_EQ(nu_count(nu_all(note)), 0);
    nu_delete_all(nu_all(thing));
}

static void open_models(void)
{
    nu_models_clear();
    nu_models_add("things", models);
    nu_models_ready();
    open_things();
    nu_database *local = nu_database_add("local", &(nu_database_options){.url = "sqlite::memory:"});
    nu_sql(local, "CREATE TABLE note (id integer PRIMARY KEY AUTOINCREMENT, text text NOT NULL)");
    nu_routers_set(NU_ROUTERS(&router));
}

static void close_models(void)
{
    nu_routers_set(NULL);
    nu_database_close_all();
    nu_models_clear();
}

TEST(models_live_on_postgres_and_sqlite)
{
    open_models();
    use_both(NULL);
    nu__loop_call(NULL, use_both, NULL);
    close_models();
}

/* ---- replicas ------------------------------------------------------------------------------- */

static void read_beside_absent(void *arg)
{
    (void)arg;
    nu_database *copy = nu_database_get("copy"), *gone = nu_database_get("gone");
    for (int i = 0; i < 20; i++)
        CHECK_EQ(nu_count(nu_all(thing)), 1);
    CHECK(copy->lane_count == 1);
    CHECK(gone->lane_count == 0);
    CHECK(gone->away.tries > 0 && gone->away.tries < 20); /* not for each query */
}

TEST(a_replica_that_is_away_is_passed_over)
{
    open_models();
    nu_create(thing, "name", "one");
    nu_database_add("copy", &(nu_database_options){.url = server_url(), .replica_of = "default"});
    nu_database_add("gone", &(nu_database_options){.url = "postgres://nuages@/nuages?host=/nowhere",
                                                   .replica_of = "default"});
    nu__loop_call(NULL, read_beside_absent, NULL);
    nu_database_close_all();
    close_models();
}

/* ---- COPY behind nu_bulk_create --------------------------------------------------------------- */

enum { MANY = 2500 };

static nu_row **many_things(void)
{
    nu_row **rows = nu_alloc((MANY + 1) * sizeof *rows);
    for (int i = 0; i < MANY; i++) {
        struct thing *thing = nu_new(thing, "name", nu_fmt("tab\t%d", i), "hits", i);
        thing->row.id = i + 1;
        rows[i] = &thing->row;
    }
    rows[MANY] = NULL;
    return rows;
}

TEST(many_rows_with_keys_are_copied)
{
    open_models();
    nu_row **rows = many_things();
    nu_bulk_create(rows);
    CHECK_EQ(nu_count(nu_all(thing)), MANY);
    CHECK_TEXT(nu_get(thing, "pk", 7)->name, "tab\t6");
    CHECK(rows[3]->state->saved);
    nu_delete_all(nu_all(thing));
    rows = many_things();
    ((struct thing *)rows[1800])->name = "tab\t3";
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_bulk_create(rows));
    CHECK_CONTAINS(nu_test_error()->detail, "row 1801 of those to load");
    CHECK_EQ(nu_count(nu_all(thing)), 0);
    nu_save((struct thing *)rows[0]);
    close_models();
}
