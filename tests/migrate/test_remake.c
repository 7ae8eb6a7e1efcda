/* A table that is made anew on SQLite, and altered in place on PostgreSQL, keeps what it holds and what
 * others know of it. */
#include "helper.h"

#include <string.h>

static const nu_expression *is_live(void)
{
    return nu_q("live", true);
}
static const nu_expression *not_negative(void)
{
    return nu_q("price__gte", 0);
}

static const nu_field node_fields[] = {
    NU_COLUMN("id", big_auto, .primary_key = true),
    NU_COLUMN("name", char, .max_length = 20, .unique = true),
    NU_COLUMN("live", bool, .default_value = NU_CONST_BOOL(true)),
    NU_COLUMN("price", int, .db_index = true),
    NU_COLUMN("parent", foreign, .to_name = "shop.Node", .on_delete = NU_DB_CASCADE, .null = true),
    NU_COLUMN("friends", many_to_many, .to_name = "shop.Node"),
    {0},
};
static const nu_field leaf_fields[] = {
    NU_COLUMN("id", big_auto, .primary_key = true),
    NU_COLUMN("node", foreign, .to_name = "shop.Node", .on_delete = NU_DB_CASCADE),
    NU_COLUMN("by_name", foreign, .to_name = "shop.Node", .to_field = "name",
              .on_delete = NU_CASCADE, .null = true),
    {0},
};
static const nu_operation create[] = {
    NU_CREATE_MODEL(
        "Node", node_fields, .unique_together = NU_TOGETHER(NU_STRS("parent", "price")),
        .indexes =
            NU_INDEXES({.name = "live_nodes", .fields = NU_STRS("-price"), .condition = is_live}),
        .constraints = NU_CONSTRAINTS({.name = "not_negative", .condition = not_negative})),
    NU_CREATE_MODEL("Leaf", leaf_fields),
    {0},
};
static const nu_operation change[] = {
    NU_ALTER_FIELD("Node", "price", big_int, .db_index = true),
    NU_ALTER_FIELD("Node", "name", char, .max_length = 90, .unique = true),
    NU_RENAME_FIELD("Node", "parent", "above"),
    NU_ADD_FIELD("Node", "code", char, .max_length = 5, .unique = true, .null = true),
    NU_REMOVE_FIELD("Node", "code"),
    {0},
};
#define FIRST  MIGRATION("shop", "0001", create)
#define SECOND MIGRATION("shop", "0002", change, {"shop", "0001"})

static void check_rows(nu_database *db, const char *parent)
{
    CHECK_TEXT(values_of(db, "SELECT name FROM shop_node ORDER BY id"), "root a b");
    CHECK_TEXT(values_of(db, nu_fmt("SELECT coalesce(%s, 0) FROM shop_node ORDER BY id", parent)),
               "0 1 1");
    CHECK_TEXT(values_of(db, "SELECT node_id FROM shop_leaf ORDER BY id"), "2 3");
    CHECK_TEXT(values_of(db, "SELECT by_name_id FROM shop_leaf ORDER BY id"), "a b");
    CHECK_TEXT(values_of(db, "SELECT count(*) FROM shop_node_friends"), "1");
}

/* All that held before holds still. */
static void check_rules(nu_database *db, const char *parent)
{
    static const char insert[] = "INSERT INTO shop_node (name, live, price, %s) VALUES (%s)";
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_sql(db, nu_fmt(insert, parent, "'a', true, 9, NULL")));
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_sql(db, nu_fmt(insert, parent, "'x', true, -1, NULL")));
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_sql(db, nu_fmt(insert, parent, "'x', true, 2, 1")));
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_sql(db, nu_fmt(insert, parent, "'x', true, 9, 77")));
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_sql(db, "INSERT INTO shop_leaf (node_id) VALUES (77)"));
    NU_ATOMIC {
        nu_sql(db, "DELETE FROM shop_leaf WHERE id = 1");
        nu_sql(db, "DELETE FROM shop_leaf WHERE id = 2");
        nu_sql(db, "DELETE FROM shop_node_friends");
        nu_sql(db, "INSERT INTO shop_leaf (node_id) VALUES (3)");
        nu_sql(db, "DELETE FROM shop_node WHERE id = 1"); /* takes along its children and theirs */
        CHECK_TEXT(values_of(db, "SELECT count(*) FROM shop_node"), "0");
        CHECK_TEXT(values_of(db, "SELECT count(*) FROM shop_leaf"), "0");
        nu_set_rollback(db);
    }
    NU_ATOMIC { /* keys go on where they were */
        nu_sql(db, nu_fmt(insert, parent, "'new', true, 50, NULL"));
        CHECK_TEXT(values_of(db, "SELECT count(*) FROM shop_node WHERE id > 3"), "1");
        nu_set_rollback(db);
    }
}

static void change_with_rows(bool not_atomic)
{
    EACH_DATABASE(db)
    {
        nu_migration second = *SECOND;
        second.not_atomic = not_atomic;
        nu__graph *graph = GRAPH(FIRST, &second);
        migrate(db, graph, "shop", "0001");
        nu_sql_script(
            db,
            "INSERT INTO shop_node (name, live, price, parent_id) VALUES ('root', true, 1, NULL),"
            " ('a', true, 2, 1), ('b', false, 3, 1);"
            "INSERT INTO shop_leaf (node_id, by_name_id) VALUES (2, 'a'), (3, 'b');"
            "INSERT INTO shop_node_friends (from_node_id, to_node_id) VALUES (1, 2)");
        check_rules(db, "parent_id");
        migrate(db, graph, NULL, NULL);
        check_rows(db, "above_id");
        check_rules(db, "above_id");
        migrate(db, graph, "shop", "0001");
        check_rows(db, "parent_id");
        check_rules(db, "parent_id");
    }
}

TEST(rows_references_and_rules_are_kept_when_a_table_changes)
{
    change_with_rows(false);
}

TEST(so_they_are_without_one_transaction_around)
{
    change_with_rows(true);
}
