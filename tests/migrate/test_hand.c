/* What people write into migrations by hand: data in SQL and C, with the models of that time; changes of
 * the database alone or of the models alone; what only PostgreSQL has. */
#include "helper.h"

#include <stdlib.h>
#include <string.h>

static const nu_field maker_fields[] = {
    NU_COLUMN("code", char, .max_length = 5, .primary_key = true),
    {0},
};
static const nu_field pen_fields[] = {
    NU_COLUMN("id", big_auto, .primary_key = true),
    NU_COLUMN("name", char, .max_length = 20),
    NU_COLUMN("price", decimal, .max_digits = 5, .decimal_places = 2, .null = true),
    NU_COLUMN("made", datetime, .null = true),
    NU_COLUMN("data", json, .null = true),
    NU_COLUMN("small", small_int, .null = true),
    NU_COLUMN("maker", foreign, .to_name = "shop.Maker", .on_delete = NU_CASCADE, .null = true,
              .related_name = "pens"),
    NU_COLUMN("friends", many_to_many, .to_name = "shop.Pen"),
    {0},
};
static const nu_field quill_fields[] = {
    NU_COLUMN("pen_ptr", one_to_one, .to_name = "shop.Pen", .on_delete = NU_CASCADE,
              .primary_key = true, .parent_link = true),
    NU_COLUMN("bird", char, .max_length = 20),
    {0},
};
static const nu_operation create[] = {
    NU_CREATE_MODEL("Maker", maker_fields),
    NU_CREATE_MODEL("Pen", pen_fields, .ordering = NU_STRS("name")),
    NU_CREATE_MODEL("Quill", quill_fields, .bases = NU_STRS("shop.Pen")),
    {0},
};
#define FIRST              MIGRATION("shop", "0001", create)
#define SECOND(operations) MIGRATION("shop", "0002", operations, {"shop", "0001"})

/* ---- C --------------------------------------------------------------------------------------- */

static void fill(nu_database *db, const nu_past *past)
{
    (void)db;
    const nu_model *maker = nu_past_model(past, "shop", "Maker");
    const nu_model *pen = nu_past_model(past, "shop", "pen");
    const nu_model *quill = nu_past_model(past, "shop", "Quill");
    nu_row         *bic = nu_row_create_(maker, NU_PAIRS("code", "bic"));
    nu_row *first = nu_row_create_(pen, NU_PAIRS("name", "b", "maker", bic, "price", "1.50"));
    nu_row_create_(pen, NU_PAIRS("name", "a", "small", 7, "made", nu_now()));
    nu_row_create_(quill, NU_PAIRS("name", "q", "bird", "goose"));
    nu_row_set(first, "data", nu_value_text("ink"));
    nu_row_save(first);
    nu_row_many_change(first, "friends", NU_MANY_ADD, nu_list_of(first));
    nu_update(nu_filter(nu_query_all(pen), "maker__code", "bic"), "small", nu_f("id"));
    CHECK_EQ(nu_count(nu_filter(nu_query_all(pen), "friends__name", "b")), 1);
    nu_row **rows = nu_query_rows(nu_query_all(pen)); /* by the ordering of then */
    CHECK_TEXT(nu_text(nu_row_get(rows[0], "name")), "a");
    CHECK_TEXT(nu_text(nu_row_get(rows[1], "price")), "1.50");
    CHECK_TEXT(nu_text(nu_row_get(nu_row_of(nu_row_get(rows[1], "maker")), "code")), "bic");
    CHECK_TEXT(nu_text(nu_row_get(nu_query_first(nu_query_all(quill)), "name")), "q");
}

static void forget(nu_database *db, const nu_past *past)
{
    (void)db;
    nu_delete_all(nu_query_all(nu_past_model(past, "shop", "Pen")));
}

static const nu_operation with_c[] = {NU_RUN_C(fill, forget), {0}};
static const nu_operation after_c[] = {NU_REMOVE_FIELD("Pen", "small"), {0}};

TEST(data_migrations_in_c_have_the_models_of_their_time)
{
    EACH_DATABASE(db)
    {
        nu__graph *graph =
            GRAPH(FIRST, SECOND(with_c), MIGRATION("shop", "0003", after_c, {"shop", "0002"}));
        migrate(db, graph, NULL, NULL);
        CHECK_TEXT(values_of(db, "SELECT name FROM shop_pen ORDER BY id"), "b a q");
        CHECK_TEXT(values_of(db, "SELECT bird FROM shop_quill"), "goose");
        CHECK_TEXT(values_of(db, "SELECT maker_id FROM shop_pen WHERE name = 'b'"), "bic");
        migrate(db, graph, "shop", "0001");
        CHECK_TEXT(values_of(db, "SELECT count(*) FROM shop_pen"), "0");
    }
}

static void ask_for_nothing(nu_database *db, const nu_past *past)
{
    (void)db;
    nu_past_model(past, "shop", "Pne");
}
static const nu_operation wrong_model[] = {NU_RUN_C(ask_for_nothing, nu_run_nothing), {0}};

TEST(a_model_that_is_not_there_yet_is_named)
{
    nu_database *db = database_in_memory();
    CHECK_RAISES(NU_COMMAND_ERROR, migrate(db, GRAPH(FIRST, SECOND(wrong_model)), NULL, NULL));
    CHECK_TEXT(nu_test_error()->fact,
               "the migration shop.0002 failed: there is no model \"shop.Pne\" at this point");
    CHECK_CONTAINS(nu_test_error()->detail,
                   "Operation 1 of 1, \"Run C: ask_for_nothing\", failed.");
    CHECK_TEXT(nu_test_error()->hint, "Did you mean \"shop.Pen\"?");
}

/* ---- SQL ------------------------------------------------------------------------------------- */

static const nu_field     cap_fields[] = {NU_COLUMN("id", big_auto, .primary_key = true), {0}};
static const nu_operation cap_state[] = {NU_CREATE_MODEL("Cap", cap_fields, .db_table = "caps"),
                                         {0}};
static const nu_operation with_sql[] = {
    NU_RUN_SQL("INSERT INTO shop_pen (name, small) VALUES (?, ?)",
               "DELETE FROM shop_pen WHERE name = ?",
               .params = NU_PARAMS(NU_CONST_TEXT("it's a; ?"), NU_CONST_INT(3)),
               .reverse_params = NU_PARAMS(NU_CONST_TEXT("it's a; ?"))),
    NU_RUN_SQL("CREATE TABLE caps (id integer PRIMARY KEY); INSERT INTO caps VALUES (1)",
               "DROP TABLE caps", .state = cap_state),
    NU_RUN_C(nu_run_nothing, nu_run_nothing, .elidable = true),
    {0},
};

TEST(sql_takes_parameters_and_tells_the_models)
{
    EACH_DATABASE(db)
    {
        nu__graph *graph = GRAPH(FIRST, SECOND(with_sql));
        migrate(db, graph, NULL, NULL);
        CHECK_TEXT(values_of(db, "SELECT name FROM shop_pen"), "it's a; ?");
        CHECK_TEXT(values_of(db, "SELECT small FROM shop_pen"), "3");
        CHECK(nu__state_find(nu__graph_state(graph, NULL), "shop", "Cap") != NULL);
        nu_list *sql = nu__collect_sql(db, graph, graph->order[1], false);
        CHECK_CONTAINS(sql->items[1].text, "VALUES (?, ?) /* with 'it''s a; ?', 3 */");
        migrate(db, graph, "shop", "0001");
        CHECK_TEXT(values_of(db, "SELECT count(*) FROM shop_pen"), "0");
        CHECK(nu_database_backend(db)->columns(db, "caps") == NULL);
    }
}

/* A many-to-many table that becomes a model of its own, without a row being moved. */
static const nu_field link_fields[] = {
    NU_COLUMN("id", big_auto, .primary_key = true),
    NU_COLUMN("from_pen", foreign, .to_name = "shop.Pen", .on_delete = NU_CASCADE,
              .related_name = "+"),
    NU_COLUMN("to_pen", foreign, .to_name = "shop.Pen", .on_delete = NU_CASCADE,
              .related_name = "+"),
    {0},
};
static const nu_operation link_state[] = {
    NU_CREATE_MODEL("Friendship", link_fields, .db_table = "friendship"),
    NU_ALTER_FIELD("Pen", "friends", many_to_many, .to_name = "shop.Pen",
                   .through_name = "shop.Friendship"),
    {0},
};
static const nu_operation link_database[] = {
    NU_RUN_SQL("ALTER TABLE shop_pen_friends RENAME TO friendship",
               "ALTER TABLE friendship RENAME TO shop_pen_friends"),
    {0},
};
static const nu_operation separated[] = {NU_SEPARATE(link_database, link_state), {0}};

TEST(database_and_models_can_change_apart)
{
    EACH_DATABASE(db)
    {
        nu__graph *graph = GRAPH(FIRST, SECOND(separated));
        migrate(db, graph, "shop", "0001");
        nu_sql_script(db, "INSERT INTO shop_pen (id, name) VALUES (1, 'a'); "
                          "INSERT INTO shop_pen_friends (from_pen_id, to_pen_id) VALUES (1, 1)");
        migrate(db, graph, NULL, NULL);
        CHECK_TEXT(values_of(db, "SELECT count(*) FROM friendship"), "1");
        migrate(db, graph, "shop", "0001");
        CHECK_TEXT(values_of(db, "SELECT count(*) FROM shop_pen_friends"), "1");
    }
}

/* ---- PostgreSQL ------------------------------------------------------------------------------ */

static const nu_expression *cheap(void)
{
    return nu_q("small__lt", 10);
}
static const nu_operation not_valid[] = {
    NU_RUN_SQL("INSERT INTO shop_pen (name, small) VALUES ('dear', 99)", ""),
    NU_ADD_CONSTRAINT_NOT_VALID("Pen", "cheap", .condition = cheap),
    NU_CREATE_EXTENSION("pg_trgm"),
    NU_CREATE_COLLATION("shop_german", .locale = "de-u-co-phonebk", .provider = "icu",
                        .nondeterministic = true),
    {0},
};
static const nu_operation validated[] = {NU_VALIDATE_CONSTRAINT("Pen", "cheap"), {0}};
static const nu_operation concurrent[] = {
    NU_ADD_INDEX_CONCURRENTLY("Pen", "by_small", .fields = NU_STRS("small")), {0}};

TEST(a_check_is_first_for_new_rows_then_for_all)
{
    nu_database *db = database_on_postgres();
    if (db == NULL)
        return;
    nu__graph *graph =
        GRAPH(FIRST, SECOND(not_valid), MIGRATION("shop", "0003", validated, {"shop", "0002"}));
    migrate(db, graph, "shop", "0002");
    CHECK_TEXT(values_of(db, "SELECT convalidated FROM pg_constraint WHERE conname = 'cheap'"),
               "False");
    CHECK_TEXT(values_of(db, "SELECT extname FROM pg_extension WHERE extname = 'pg_trgm'"),
               "pg_trgm");
    CHECK_TEXT(
        values_of(db, "SELECT 'A' || (count(*)) FROM pg_collation WHERE collname = 'shop_german' "
                      "AND NOT collisdeterministic"),
        "A1");
    CHECK_RAISES(NU_INTEGRITY_ERROR,
                 nu_sql(db, "INSERT INTO shop_pen (name, small) VALUES ('x', 98)"));
    CHECK_RAISES(NU_COMMAND_ERROR, migrate(db, graph, NULL, NULL));
    CHECK_CONTAINS(nu_test_error()->fact, "cheap");
    CHECK_CONTAINS(
        nu_test_error()->detail,
        "Operation 1 of 1, \"Validate constraint cheap on Pen\", failed. The last statement "
        "was: ALTER TABLE \"shop_pen\" VALIDATE CONSTRAINT \"cheap\"");
    nu_sql(db, "UPDATE shop_pen SET small = 1");
    migrate(db, graph, NULL, NULL);
    CHECK_TEXT(values_of(db, "SELECT convalidated FROM pg_constraint WHERE conname = 'cheap'"),
               "True");
    migrate(db, graph, "shop", "0001");
    CHECK_TEXT(values_of(db, "SELECT count(*) FROM pg_constraint WHERE conname = 'cheap'"), "0");
    CHECK_TEXT(values_of(db, "SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'"), "0");
}

TEST(an_index_is_made_while_others_write)
{
    nu_migration outside = *SECOND(concurrent), inside = *SECOND(concurrent);
    outside.not_atomic = true;
    EACH_DATABASE(db)
    {
        nu__graph *graph = GRAPH(FIRST, &outside);
        migrate(db, graph, NULL, NULL);
        migrate(db, graph, "shop", "0001");
    }
    nu_database *db = database_on_postgres();
    if (db == NULL)
        return;
    CHECK_RAISES(NU_COMMAND_ERROR, migrate(db, GRAPH(FIRST, &inside), NULL, NULL));
    CHECK_CONTAINS(nu_test_error()->fact, "cannot be made concurrently in a transaction");
    CHECK_CONTAINS(nu_test_error()->hint, ".not_atomic = true");
}
