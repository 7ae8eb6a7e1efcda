/* Every change of models goes the whole way: found, run, undone. After the run the tables must be
 * those that the new models would get on an empty database, with the rows still there. */
#include "helper.h"

#include <stdlib.h>
#include <string.h>

#define ID NU_COLUMN("id", big_auto, .primary_key = true)

static const nu_field tag_fields[] = {ID, NU_COLUMN("word", char, .max_length = 9), {0}};
static const nu_field item_fields[] = {
    ID,
    NU_COLUMN("name", char, .max_length = 20),
    NU_COLUMN("price", int, .null = true),
    NU_COLUMN("tag", foreign, .to_name = "shop.Tag", .on_delete = NU_CASCADE),
    {0},
};
static const nu_operation start[] = {
    NU_CREATE_MODEL("Tag", tag_fields),
    NU_CREATE_MODEL("Item", item_fields, .unique_together = NU_TOGETHER(NU_STRS("name", "tag")),
                    .indexes = NU_INDEXES({.name = "by_price", .fields = NU_STRS("-price")})),
    {0},
};

static nu_value seven(const nu__model *model, const nu_field *field, bool added)
{
    (void)model, (void)added;
    return strcmp(field->type->name, "CharField") == 0 ? nu_value_text("seven") : nu_value_int(7);
}

static bool yes_field(const nu__model *model, const nu_field *from, const nu_field *to)
{
    (void)model, (void)from, (void)to;
    return true;
}

static bool yes_model(const nu__model *from, const nu__model *to)
{
    (void)from, (void)to;
    return true;
}

static const nu__questions always_yes = {
    .renamed_field = yes_field, .renamed_model = yes_model, .one_off_default = seven};
static const nu__questions never = {.one_off_default = seven};

static nu__draft **diff(const nu__state *from, const nu__state *to, const nu__graph *graph,
                        size_t *count)
{
    return nu__diff(from, to, graph, &always_yes, NULL, count);
}

/* `start` as the one migration there is. */
static nu__graph *start_graph(void)
{
    return GRAPH(MIGRATION("shop", "0001_initial", start));
}

static nu__graph *with_drafts(nu__draft *const *drafts, size_t count)
{
    const nu_migration **list = nu_alloc((count + 2) * sizeof *list);
    list[0] = MIGRATION("shop", "0001_initial", start);
    for (size_t i = 0; i < count; i++) {
        nu_dependency *depends = nu_alloc((drafts[i]->depend_count + 1) * sizeof *depends);
        for (size_t n = 0; n < drafts[i]->depend_count; n++)
            depends[n] = drafts[i]->depends[n];
        list[i + 1] = migration_of(drafts[i]->app, drafts[i]->name, drafts[i]->operations, depends);
    }
    return graph_of(list);
}

/* The database that the changes are tried on: SQLite, and PostgreSQL where NUAGES_TEST_POSTGRES names
 * one (scripts/postgres run). */
static bool on_postgres;

static nu_database *empty_database(void)
{
    return on_postgres ? database_on_postgres() : database_in_memory();
}

/* What each column is, by table and name: the order of columns is a matter of history. */
static const char *tables_of(nu_database *db)
{
    if (on_postgres)
        return values_of(
            db,
            "SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)"
            " || ' ' || a.attnotnull || a.attidentity::text"
            " || (SELECT count(*) FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = "
            "ANY(i.indkey))"
            " || (SELECT coalesce(string_agg(k.contype::text || coalesce('>' || f.relname, ''), '' "
            "ORDER BY k.contype::text), '')"
            "     FROM pg_constraint k LEFT JOIN pg_class f ON f.oid = k.confrelid"
            "     WHERE k.conrelid = c.oid AND a.attnum = ANY(k.conkey)) || chr(10)"
            " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relkind = 'r' AND c.relname LIKE 'shop%' AND a.attnum > 0"
            " AND NOT a.attisdropped ORDER BY c.relname, a.attname");
    return values_of(
        db, "SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || c.pk || "
            "coalesce("
            " (SELECT '>' || f.\"table\" FROM pragma_foreign_key_list(m.name) f WHERE f.\"from\" = "
            "c.name), '')"
            " || (SELECT count(*) FROM pragma_index_list(m.name) x JOIN pragma_index_info(x.name) i"
            "     WHERE i.name = c.name) || char(10)"
            " FROM sqlite_master m JOIN pragma_table_info(m.name) c"
            " WHERE m.type = 'table' AND m.name LIKE 'shop%' ORDER BY m.name, c.name");
}

static const char *fresh_tables(const nu__state *to)
{
    nu_database         *db = empty_database();
    size_t               count;
    nu__draft          **drafts = nu__diff(nu__state_new(), to, GRAPH(NULL), &never, NULL, &count);
    const nu_migration **list = nu_alloc((count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++) {
        nu_migration *migration = nu_alloc(sizeof *migration);
        *migration = (nu_migration){
            .app = drafts[i]->app, .name = drafts[i]->name, .operations = drafts[i]->operations};
        list[i] = migration;
        CHECK_EQ((int64_t)i, 0);
    }
    migrate(db, graph_of(list), NULL, NULL);
    return tables_of(db);
}

static void empty_tables(nu_database *db)
{
    nu_list *tables = nu_database_backend(db)->tables(db);
    NU_ATOMIC {
        for (uint32_t i = 0; i < tables->count; i++)
            if (nu_starts_with(tables->items[i].text, "shop"))
                nu_sql(db, nu_fmt("DELETE FROM %s", tables->items[i].text));
    }
}

/* What the changed models come to: the operations, so that a test reads what was found. */
static const char *check_change(const nu_operation *change)
{
    nu__state *from = state_after(start), *to = state_after(start);
    for (const nu_operation *o = change; o->kind != NU_OPERATION_END; o++)
        nu__operation_apply(to, "shop", o);
    size_t      count, again;
    nu__draft **drafts = diff(from, to, start_graph(), &count);
    nu__graph  *graph = with_drafts(drafts, count);
    diff(nu__graph_state(graph, NULL), to, graph, &again);
    CHECK_EQ((int64_t)again, 0);

    const char  *wanted = fresh_tables(to);
    nu_database *db = empty_database();
    migrate(db, start_graph(), NULL, NULL);
    nu_sql_script(db, "INSERT INTO shop_tag VALUES (5, 'soft'), (6, 'wet'); INSERT INTO shop_item "
                      "VALUES (1, 'pen', NULL, 5);"
                      "INSERT INTO shop_item VALUES (2, 'ink', 30, 6);");
    const char *before = tables_of(db);
    migrate(db, graph, NULL, NULL);
    CHECK_TEXT(tables_of(db), wanted);
    if (!on_postgres)
        CHECK_TEXT(values_of(db, "PRAGMA foreign_key_check"), "");
    empty_tables(db); /* a field that comes back would have no value for them */
    migrate(db, graph, "shop", "0001");
    CHECK_TEXT(tables_of(db), before);
    nu_builder found;
    nu_builder_init(&found, NULL, 64);
    for (size_t i = 0; i < count; i++)
        for (size_t n = 0; n < drafts[i]->count; n++)
            nu_builder_printf(&found, "%s%s", found.length > 0 ? "; " : "",
                              nu__operation_text(&drafts[i]->operations[n]));
    return nu_builder_text(&found);
}

#define CHECK_CHANGE(told, ...)                                                                    \
    do {                                                                                           \
        const nu_operation change_[] = {__VA_ARGS__, {0}};                                         \
        on_postgres = false;                                                                       \
        CHECK_TEXT(check_change(change_), (told));                                                 \
        on_postgres = getenv("NUAGES_TEST_POSTGRES") != NULL;                                      \
        if (on_postgres)                                                                           \
            CHECK_TEXT(check_change(change_), (told));                                             \
        on_postgres = false;                                                                       \
    } while (0)

TEST(fields_come_and_go)
{
    CHECK_CHANGE("Add field stock to Item", NU_ADD_FIELD("Item", "stock", int));
    CHECK_CHANGE("Add field stock to Item",
                 NU_ADD_FIELD("Item", "stock", int, .default_value = NU_CONST_INT(3)));
    CHECK_CHANGE("Add field note to Item", NU_ADD_FIELD("Item", "note", text, .null = true));
    CHECK_CHANGE("Add field code to Item",
                 NU_ADD_FIELD("Item", "code", slug, .null = true, .unique = true));
    CHECK_CHANGE("Add field made to Item",
                 NU_ADD_FIELD("Item", "made", datetime, .auto_now_add = true));
    CHECK_CHANGE("Add field twin to Item",
                 NU_ADD_FIELD("Item", "twin", foreign, .to_name = "shop.Item",
                              .on_delete = NU_CASCADE, .null = true));
    CHECK_CHANGE("Add field tags to Item",
                 NU_ADD_FIELD("Item", "tags", many_to_many, .to_name = "shop.Tag"));
    CHECK_CHANGE("Add field peers to Item",
                 NU_ADD_FIELD("Item", "peers", many_to_many, .to_name = "shop.Item"));
    CHECK_CHANGE("Remove field word from Tag", NU_REMOVE_FIELD("Tag", "word"));
}

TEST(a_field_that_options_name_goes_after_them)
{
    CHECK_CHANGE("Remove index by_price from Item; Alter unique_together for Item (0 constraint(s)); "
                 "Remove field price from Item",
                 NU_ALTER_UNIQUE_TOGETHER("Item", NULL), NU_REMOVE_INDEX("Item", "by_price"),
                 NU_REMOVE_FIELD("Item", "price"));
    CHECK_CHANGE("Alter unique_together for Item (0 constraint(s)); Remove field tag from Item",
                 NU_ALTER_UNIQUE_TOGETHER("Item", NULL), NU_REMOVE_FIELD("Item", "tag"));
    CHECK_CHANGE("Alter unique_together for Item (0 constraint(s)); Add field shelf to Item; "
                 "Alter unique_together for Item (1 constraint(s))",
                 NU_ADD_FIELD("Item", "shelf", int),
                 NU_ALTER_UNIQUE_TOGETHER("Item", NU_TOGETHER(NU_STRS("name", "shelf"))));
}

TEST(fields_change)
{
    CHECK_CHANGE("Alter field name on Item",
                 NU_ALTER_FIELD("Item", "name", char, .max_length = 40, .unique = true));
    CHECK_CHANGE("Alter field price on Item", NU_ALTER_FIELD("Item", "price", int));
    CHECK_CHANGE("Alter field price on Item", NU_ALTER_FIELD("Item", "price", text, .null = true));
    CHECK_CHANGE("Alter field name on Item",
                 NU_ALTER_FIELD("Item", "name", char, .max_length = 20, .db_column = "title"));
    CHECK_CHANGE("Alter field name on Item",
                 NU_ALTER_FIELD("Item", "name", char, .max_length = 20, .help_text = "x"));
    CHECK_CHANGE("Alter field tag on Item",
                 NU_ALTER_FIELD("Item", "tag", foreign, .to_name = "shop.Tag",
                                .on_delete = NU_SET_NULL, .null = true));
    CHECK_CHANGE("Alter field tag on Item",
                 NU_ALTER_FIELD("Item", "tag", one_to_one, .to_name = "shop.Tag",
                                .on_delete = NU_CASCADE, .null = true, .no_constraint = true));
}

TEST(things_are_renamed)
{
    CHECK_CHANGE("Rename field price on Item to cost", NU_RENAME_FIELD("Item", "price", "cost"));
    CHECK_CHANGE("Rename field tag on Item to label", NU_RENAME_FIELD("Item", "tag", "label"));
    CHECK_CHANGE("Rename model Tag to Label", NU_RENAME_MODEL("Tag", "Label"));
    CHECK_CHANGE("Rename model Item to Thing", NU_RENAME_MODEL("Item", "Thing"));
    CHECK_CHANGE("Rename table for Tag to shop_words", NU_ALTER_TABLE("Tag", "shop_words"));
    CHECK_CHANGE("Rename index by_price on Item to by_cost",
                 NU_RENAME_INDEX("Item", "by_price", "by_cost"));
}

static const nu_field person_fields[] = {
    ID,
    NU_COLUMN("boss", foreign, .to_name = "shop.Person", .on_delete = NU_CASCADE, .null = true),
    NU_COLUMN("peers", many_to_many, .to_name = "shop.Person"),
    {0},
};
static const nu_operation people[] = {NU_CREATE_MODEL("Person", person_fields), {0}};
static const nu_operation workers[] = {NU_RENAME_MODEL("Person", "Worker"), {0}};

static void rename_people(nu_database *db)
{
    const nu_migration *first = MIGRATION("shop", "0001_initial", people);
    nu__graph *whole = GRAPH(first, MIGRATION("shop", "0002", workers, {"shop", "0001_initial"}));
    migrate(db, GRAPH(first), NULL, NULL);
    nu_sql_script(db, "INSERT INTO shop_person (id, boss_id) VALUES (1, NULL), (2, 1);"
                      "INSERT INTO shop_person_peers (from_person_id, to_person_id) VALUES (2, 1)");
    migrate(db, whole, NULL, NULL);
    CHECK_TEXT(values_of(db, "SELECT from_worker_id * 10 + to_worker_id FROM shop_worker_peers"),
               "21");
    CHECK_RAISES(NU_INTEGRITY_ERROR,
                 nu_sql(db, "INSERT INTO shop_worker (id, boss_id) VALUES (3, 9)"));
    migrate(db, whole, "shop", "0001");
    CHECK_TEXT(values_of(db, "SELECT from_person_id * 10 + to_person_id FROM shop_person_peers"),
               "21");
    CHECK_TEXT(values_of(db, "SELECT boss_id FROM shop_person WHERE id = 2"), "1");
}

/* Its references to itself go with it, and the table between of its many-to-many field. */
TEST(a_model_that_refers_to_itself_is_renamed)
{
    EACH_DATABASE (db)
        rename_people(db);
}

TEST(models_come_and_go)
{
    static const nu_field box_fields[] = {
        ID,
        NU_COLUMN("item", foreign, .to_name = "shop.Item", .on_delete = NU_CASCADE),
        NU_COLUMN("tag", foreign, .to_name = "shop.Tag", .on_delete = NU_CASCADE),
        {0}};
    CHECK_CHANGE(
        "Create model Box",
        NU_CREATE_MODEL("Box", box_fields, .unique_together = NU_TOGETHER(NU_STRS("item", "tag"))));
    CHECK_CHANGE("Delete model Item", NU_DELETE_MODEL("Item"));
    CHECK_CHANGE("Delete model Item; Delete model Tag", NU_DELETE_MODEL("Item"),
                 NU_DELETE_MODEL("Tag"));
}

static const nu_expression *price_is_positive(void)
{
    return nu_q("price__gt", 0);
}

static const nu_expression *has_tag(void)
{
    return nu_not(nu_q("tag__isnull", true));
}

static const nu_expression *name_in_small_letters(void)
{
    return nu_desc(nu_lower_of("name"));
}

TEST(options_change)
{
    CHECK_CHANGE("Change Meta options on Item", NU_ALTER_OPTIONS("Item", .verbose_name = "thing"));
    CHECK_CHANGE("Change Meta options on Item; Alter unique_together for Item (1 constraint(s))",
                 NU_ALTER_OPTIONS("Item", .ordering = NU_STRS("name")),
                 NU_ALTER_UNIQUE_TOGETHER("Item", NU_TOGETHER(NU_STRS("price", "tag"))));
    CHECK_CHANGE("Set order_with_respect_to on Item to tag",
                 NU_ALTER_ORDER_WITH_RESPECT_TO("Item", "tag"));
}

TEST(indexes_and_constraints_change)
{
    CHECK_CHANGE("Create constraint one on Item",
                 NU_ADD_CONSTRAINT("Item", "one", .fields = NU_STRS("name", "price")));
    CHECK_CHANGE("Create constraint one on Item; Rename table for Item to shop_things",
                 NU_ALTER_TABLE("Item", "shop_things"),
                 NU_ADD_CONSTRAINT("Item", "one", .fields = NU_STRS("name", "price")));
    CHECK_CHANGE("Create constraint positive on Item",
                 NU_ADD_CONSTRAINT("Item", "positive", .condition = price_is_positive));
    CHECK_CHANGE("Create constraint one on Item",
                 NU_ADD_CONSTRAINT("Item", "one", .fields = NU_STRS("name"), .condition = has_tag));
    CHECK_CHANGE("Create index small on Item",
                 NU_ADD_INDEX("Item", "small", .expressions = NU_EXPRESSIONS(name_in_small_letters),
                              .condition = has_tag));
    CHECK_CHANGE("Remove index by_price from Item; Create index by_price on Item",
                 NU_REMOVE_INDEX("Item", "by_price"),
                 NU_ADD_INDEX("Item", "by_price", .fields = NU_STRS("price")));
}

/* An index keeps its name when its table gets another. */
TEST(a_unique_set_goes_after_its_table_was_renamed)
{
    const nu_operation rename[] = {NU_RENAME_MODEL("Item", "Thing"), {0}};
    const nu_operation drop[] = {NU_ALTER_UNIQUE_TOGETHER("Thing", NULL), {0}};
    nu_database       *db = database_in_memory();
    migrate(db,
            GRAPH(MIGRATION("shop", "0001_initial", start),
                  MIGRATION("shop", "0002", rename, {"shop", "0001_initial"}),
                  MIGRATION("shop", "0003", drop, {"shop", "0002"})),
            NULL, NULL);
    CHECK_TEXT(
        values_of(
            db,
            "SELECT name FROM sqlite_master WHERE tbl_name = 'shop_thing' AND name LIKE '%uniq'"),
        "");
}

TEST(rows_get_the_value_that_was_asked_for)
{
    const nu_operation change[] = {NU_ALTER_FIELD("Item", "price", int), {0}};
    nu_database       *db = database_in_memory();
    nu__state         *to = state_after(start);
    nu__operation_apply(to, "shop", &change[0]);
    size_t      count;
    nu__draft **drafts = diff(state_after(start), to, start_graph(), &count);
    migrate(db, start_graph(), NULL, NULL);
    nu_sql_script(db, "INSERT INTO shop_tag VALUES (5, 'soft'), (6, 'wet'); INSERT INTO shop_item "
                      "VALUES (1, 'pen', NULL, 5);"
                      "INSERT INTO shop_item VALUES (2, 'ink', 30, 6);");
    migrate(db, with_drafts(drafts, count), NULL, NULL);
    CHECK_TEXT(values_of(db, "SELECT price FROM shop_item ORDER BY id"), "7 30");
    CHECK_TEXT(
        values_of(
            db, "SELECT i.name FROM shop_item i JOIN shop_tag t ON t.id = i.tag_id ORDER BY i.id"),
        "pen ink");
}

static nu_value list_in_dict(void)
{
    return NU_V(nu_dict_of("a", nu_list_of(1, 2)));
}

/* What fills a new column is stored as the model would store it. */
TEST(defaults_are_stored_in_the_form_of_their_kind)
{
    const nu_operation add[] = {
        NU_ADD_FIELD("Tag", "at", datetime, .auto_now_add = true),
        NU_ADD_FIELD("Tag", "day", date, .default_value = NU_CONST_TEXT("2026-02-03")),
        NU_ADD_FIELD("Tag", "moment", datetime,
                     .default_value = NU_CONST_TEXT("2026-02-03T04:05:06+01:00")),
        NU_ADD_FIELD("Tag", "cost", decimal, .max_digits = 6, .decimal_places = 2,
                     .default_value = NU_CONST_TEXT("1.5")),
        NU_ADD_FIELD("Tag", "data", json, .default_fn = list_in_dict),
        NU_ADD_FIELD("Tag", "open", bool, .default_value = NU_CONST_BOOL(true)),
        NU_ADD_FIELD("Tag", "key", uuid,
                     .default_value = NU_CONST_TEXT("12345678-1234-5678-1234-567812345678")),
        NU_ADD_FIELD("Tag", "took", duration, .default_value = NU_CONST_TEXT("1 00:00:01")),
        {0},
    };
    static const struct {
        const char *column, *stored;
    } cases[] = {
        {"at GLOB '20*-*-* *:*:*' AND at NOT LIKE '%+%'", "1"},
        {"day || ''", "2026-02-03"},
        {"moment || ''", "2026-02-03 03:05:06"},
        {"cost || typeof(cost)", "1.5real"},
        {"\"open\" + 0", "1"},
        {"data || ''", "{\"a\": [1, 2]}"},
        {"key || ''", "12345678123456781234567812345678"},
        {"took || ''", "86401000000"},
    };
    nu_database *db = database_in_memory();
    migrate(db, start_graph(), NULL, NULL);
    nu_sql(db, "INSERT INTO shop_tag VALUES (5, 'soft')");
    migrate(db,
            GRAPH(MIGRATION("shop", "0001_initial", start),
                  MIGRATION("shop", "0002", add, {"shop", "0001_initial"})),
            NULL, NULL);
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(values_of(db, nu_fmt("SELECT %s FROM shop_tag", cases[i].column)),
                   cases[i].stored);
}

TEST(a_key_of_a_new_type_takes_its_references_along)
{
    const nu_operation change[] = {
        NU_ALTER_FIELD("Tag", "id", char, .max_length = 8, .primary_key = true), {0}};
    nu_database *db = database_in_memory();
    migrate(db,
            GRAPH(MIGRATION("shop", "0001_initial", start),
                  MIGRATION("shop", "0002", change, {"shop", "0001_initial"})),
            NULL, NULL);
    CHECK_TEXT(
        values_of(db, "SELECT type FROM pragma_table_info('shop_item') WHERE name = 'tag_id'"),
        "varchar(8)");
}

/* ---- several apps ---------------------------------------------------------------------------- */

static const char *drafts_text(nu__draft *const *drafts, size_t count)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 64);
    for (size_t i = 0; i < count; i++) {
        nu_builder_printf(&text, "%s.%s:", drafts[i]->app, drafts[i]->name);
        for (size_t n = 0; n < drafts[i]->count; n++)
            nu_builder_printf(&text, " %s;", nu__operation_text(&drafts[i]->operations[n]));
        for (size_t n = 0; n < drafts[i]->depend_count; n++)
            nu_builder_printf(&text, " <%s.%s", drafts[i]->depends[n].app,
                              drafts[i]->depends[n].name);
        nu_builder_puts(&text, "\n");
    }
    return nu_builder_text(&text);
}

/* Options that name a reference wait for it, wherever the circle was broken. */
TEST(apps_that_refer_to_one_another_are_created)
{
    static const nu_field x_fields[] = {
        ID,
        NU_COLUMN("n", int),
        NU_COLUMN("y", foreign, .to_name = "b.Y", .on_delete = NU_CASCADE, .null = true),
        {0}};
    static const nu_field y_fields[] = {
        ID, NU_COLUMN("x", foreign, .to_name = "a.X", .on_delete = NU_CASCADE, .null = true), {0}};
    nu__state   *to = nu__state_new();
    nu_operation make_x =
        NU_CREATE_MODEL("X", x_fields, .unique_together = NU_TOGETHER(NU_STRS("n", "y")));
    nu_operation make_y = NU_CREATE_MODEL("Y", y_fields);
    nu__operation_apply(to, "a", &make_x);
    nu__operation_apply(to, "b", &make_y);
    size_t      count;
    nu__draft **drafts = nu__diff(nu__state_new(), to, GRAPH(NULL), &never, NULL, &count);
    CHECK_TEXT(drafts_text(drafts, count),
               "a.0001_initial: Create model X;\n"
               "b.0001_initial: Create model Y; <a.0001_initial\n"
               "a.0002_x_y_alter_x_unique_together: Add field y to X; Alter unique_together for X (1 constraint(s));"
               " <a.0001_initial <b.0001_initial\n");
}

TEST(a_question_nobody_answers_leaves_fields_as_removed_and_added)
{
    nu__state   *to = state_after(start);
    nu_operation rename = NU_RENAME_FIELD("Item", "price", "cost");
    nu__operation_apply(to, "shop", &rename);
    size_t      count;
    nu__draft **drafts = nu__diff(state_after(start), to, start_graph(), &never, NULL, &count);
    CHECK_CONTAINS(drafts_text(drafts, count),
                   "Remove field price from Item; Add field cost to Item;");
}

TEST(names_of_indexes_become_part_of_a_symbol)
{
    nu__state   *to = state_after(start);
    nu_operation change = NU_ADD_INDEX("Tag", "By \"word\"/é", .fields = NU_STRS("word"));
    nu__operation_apply(to, "shop", &change);
    size_t      count;
    nu__draft **drafts = diff(state_after(start), to, start_graph(), &count);
    CHECK_TEXT(drafts[0]->name, "0002_tag_by__word____");
}

TEST(no_change_is_no_migration)
{
    size_t count;
    diff(state_after(start), state_after(start), start_graph(), &count);
    CHECK_EQ((int64_t)count, 0);
}
