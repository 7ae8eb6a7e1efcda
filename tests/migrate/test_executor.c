#include "helper.h"

#include <string.h>

static const nu_field pen_fields[] = {
    NU_COLUMN("id", big_auto, .primary_key = true),
    NU_COLUMN("name", char, .max_length = 20, .unique = true),
    {0},
};
static const nu_operation create_pen[] = {NU_CREATE_MODEL("Pen", pen_fields), {0}};
static const nu_operation add_colour[] = {
    NU_ADD_FIELD("Pen", "colour", char, .max_length = 10, .default_value = NU_CONST_TEXT("red")),
    {0}};

#define FIRST  MIGRATION("shop", "0001_initial", create_pen)
#define SECOND MIGRATION("shop", "0002_colour", add_colour, {"shop", "0001_initial"})

TEST(forwards_backwards_and_to_zero)
{
    nu_database *db = database_in_memory();
    nu__graph   *graph = GRAPH(FIRST, SECOND);
    migrate(db, graph, NULL, NULL);
    CHECK_TEXT(values_of(db, "SELECT name FROM django_migrations ORDER BY id"),
               "0001_initial 0002_colour");
    nu_sql(db, "INSERT INTO shop_pen (name, colour) VALUES ('a', 'blue')");
    migrate(db, graph, "shop", "0001");
    CHECK_TEXT(values_of(db, "SELECT name FROM pragma_table_info('shop_pen')"), "id name");
    CHECK_TEXT(values_of(db, "SELECT name FROM shop_pen"), "a");
    migrate(db, graph, "shop", NULL);
    CHECK_TEXT(values_of(db, "SELECT colour FROM shop_pen"), "red");
    migrate(db, graph, "shop", "zero");
    CHECK_TEXT(values_of(db, "SELECT name FROM django_migrations"), "");
    CHECK(strstr(schema_of(db), "shop_pen") == NULL);
}

TEST(backwards_takes_along_what_needs_it)
{
    nu_database *db = database_in_memory();
    nu__graph   *graph =
        GRAPH(FIRST, SECOND, MIGRATION("other", "0001", NULL, {"shop", "0002_colour"}));
    migrate(db, graph, NULL, NULL);
    migrate(db, graph, "shop", "0001");
    CHECK_TEXT(values_of(db, "SELECT app || '.' || name FROM django_migrations ORDER BY id"),
               "shop.0001_initial");
}

TEST(fake_only_records)
{
    nu_database *db = database_in_memory();
    nu__graph   *graph = GRAPH(FIRST);
    bool        *applied = nu__recorder_applied(db, graph);
    size_t       count;
    nu__step    *steps = nu__plan(graph, applied, NULL, NULL, &count);
    CHECK_EQ((int64_t)count, 1);
    nu__execute(db, graph, applied, steps, count, &(nu__run_options){.fake = true});
    CHECK_TEXT(values_of(db, "SELECT name FROM django_migrations"), "0001_initial");
    CHECK(nu_database_backend(db)->columns(db, "shop_pen") == NULL);
}

TEST(a_history_with_a_hole_is_refused)
{
    nu_database *db = database_in_memory();
    nu__graph   *graph = GRAPH(FIRST, SECOND);
    migrate(db, graph, NULL, NULL);
    nu_sql(db, "DELETE FROM django_migrations WHERE name = '0001_initial'");
    CHECK_RAISES(NU_COMMAND_ERROR, migrate(db, graph, NULL, NULL));
    CHECK_TEXT(nu_test_error()->fact,
               "shop.0002_colour is applied, but shop.0001_initial, which it needs, is not");
}

TEST(applied_migrations_of_others_do_not_disturb)
{
    nu_database *db = database_in_memory();
    migrate(db, GRAPH(FIRST), NULL, NULL);
    nu_sql(db, "INSERT INTO django_migrations (app, name, applied) VALUES ('gone', '0001_initial', "
               "'2026-01-01')");
    migrate(db, GRAPH(FIRST, SECOND), NULL, NULL);
    CHECK_TEXT(values_of(db, "SELECT count(*) FROM django_migrations"), "3");
}

/* ---- failures -------------------------------------------------------------------------------- */

static void insert_twice(nu_database *db, const nu_past *past)
{
    (void)past;
    nu_sql(db, "UPDATE shop_pen SET name = 'lost'");
    nu_sql(db, "INSERT INTO shop_pen (id, name, colour) VALUES (1, 'x', 'y')");
}

static const nu_operation fails_in_c[] = {
    NU_ADD_FIELD("Pen", "colour", char, .max_length = 10, .default_value = NU_CONST_TEXT("red")),
    NU_RUN_C(insert_twice, NULL),
    {0},
};
static const nu_operation fails_in_sql[] = {
    NU_RENAME_MODEL("Pen", "Pencil"),
    NU_RUN_SQL("UPDATE shop_pencil SET name = 'lost'; DELETE FROM nowhere;", NULL),
    {0},
};
static const nu_operation fails_on_rows[] = {
    NU_RUN_SQL("INSERT INTO shop_pen (id, name) VALUES (2, 'A')", ""),
    NU_ALTER_FIELD("Pen", "name", int, .unique = true),
    NU_RUN_SQL("UPDATE shop_pen SET name = 7", ""),
    {0},
};
static const nu_field refill_fields[] = {
    NU_COLUMN("id", big_auto, .primary_key = true),
    NU_COLUMN("pen", foreign, .to_name = "shop.Pen", .on_delete = NU_CASCADE),
    {0},
};
static const nu_operation leaves_dangling[] = {
    NU_CREATE_MODEL("Refill", refill_fields),
    NU_RUN_SQL("INSERT INTO shop_refill (pen_id) VALUES (99)", ""),
    {0},
};

TEST(a_migration_that_fails_leaves_all_as_it_was)
{
    static const struct {
        const nu_operation *operations;
        const char         *told;
    } cases[] = {
        {fails_in_c, "UNIQUE"},
        {fails_in_sql, "nowhere"},
        {fails_on_rows, "UNIQUE"},
        {leaves_dangling, "refers to a row of \"shop_pen\" that does not exist"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        const char  *path;
        nu_database *db = database_in_file(&path);
        migrate(db, GRAPH(FIRST), NULL, NULL);
        nu_sql(db, "INSERT INTO shop_pen (id, name) VALUES (1, 'a')");
        const char *before = schema_of(db);
        nu__graph  *graph = GRAPH(
             FIRST, MIGRATION("shop", "0002_bad", cases[i].operations, {"shop", "0001_initial"}));
        for (int twice = 0; twice < 2; twice++) {
            CHECK_RAISES(NU_COMMAND_ERROR, migrate(db, graph, NULL, NULL));
            CHECK_CONTAINS(nu_test_error()->fact, "the migration shop.0002_bad failed: ");
            CHECK_CONTAINS(nu_test_error()->fact, cases[i].told);
            CHECK_CONTAINS(nu_test_error()->detail, "rolled back");
            CHECK_TEXT(schema_of(db), before);
            CHECK_TEXT(values_of(db, "SELECT id || name FROM shop_pen"), "1a");
            CHECK_TEXT(values_of(db, "SELECT name FROM django_migrations"), "0001_initial");
            CHECK_TEXT(values_of(db, "PRAGMA foreign_keys"), "1");
        }
        nu_database_close_all();
    }
}

TEST(what_cannot_be_undone_says_so_and_undoes_nothing)
{
    const nu_operation one_way[] = {NU_RUN_SQL("INSERT INTO shop_pen (name) VALUES ('x')", NULL),
                                    {0}};
    nu_database       *db = database_in_memory();
    nu__graph *graph = GRAPH(FIRST, MIGRATION("shop", "0002", one_way, {"shop", "0001_initial"}));
    migrate(db, graph, NULL, NULL);
    CHECK_RAISES(NU_COMMAND_ERROR, migrate(db, graph, "shop", "zero"));
    CHECK_CONTAINS(nu_test_error()->fact, "\"Run SQL\" of app \"shop\" cannot be undone");
    CHECK_TEXT(values_of(db, "SELECT count(*) FROM django_migrations"), "2");
}

TEST(an_operation_that_does_not_fit_names_itself)
{
    const nu_operation wrong[] = {NU_REMOVE_FIELD("Pen", "ink"), {0}};
    nu_database       *db = database_in_memory();
    CHECK_RAISES(NU_ERROR,
                 migrate(db,
                         GRAPH(FIRST, MIGRATION("shop", "0002", wrong, {"shop", "0001_initial"})),
                         NULL, NULL));
    CHECK_CONTAINS(nu_test_error()->fact,
                   "\"Remove field ink from Pen\" of app \"shop\": there is no field \"ink\"");
}

TEST(sql_can_be_shown_without_running)
{
    nu_database *db = database_in_memory();
    nu__graph   *graph = GRAPH(FIRST, SECOND);
    nu_list     *sql = nu__collect_sql(db, graph, graph->order[1], false);
    CHECK_CONTAINS(sql->items[2].text, "'red'");
    CHECK(nu_database_backend(db)->columns(db, "shop_pen") == NULL);
}
