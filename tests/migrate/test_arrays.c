/* Array fields, on PostgreSQL (scripts/postgres run); on SQLite what is said about them. */
#include <string.h>

#include "helper.h"
#include "model/array_field.h"
#include "model/schema_sql.h"
#include "nuages/postgres.h"
#include "nuages/query.h"

struct post {
    nu_row      row;
    const char *title;
    nu_list    *tags, *marks, *board, *prices, *days, *extras;
};
extern const nu_model post_model;

static const nu_field post_fields[] = {
    NU_CHAR(post, title, .max_length = 30),
    NU_ARRAY(post, tags, .base_field = NU_BASE(nu_field_char, .max_length = 10), .size = 4,
             .blank = true, .default_fn = nu_list_default),
    NU_ARRAY(post, marks, .base_field = NU_BASE(nu_field_int, .null = true), .null = true,
             .blank = true),
    NU_ARRAY(post, board, .null = true, .blank = true,
             .base_field =
                 NU_BASE(nu_field_array, .base_field = NU_BASE(nu_field_bool), .size = 2)),
    NU_ARRAY(post, prices, .null = true, .blank = true,
             .base_field = NU_BASE(nu_field_decimal, .max_digits = 6, .decimal_places = 2)),
    NU_ARRAY(post, days, .null = true, .blank = true, .base_field = NU_BASE(nu_field_datetime)),
    NU_ARRAY(post, extras, .null = true, .blank = true, .base_field = NU_BASE(nu_field_json)),
    {0},
};
const nu_model post_model = {
    NU_MODEL_OF(post, "Post"),
    .fields = post_fields,
    .ordering = NU_STRS("id"),
    .indexes = NU_INDEXES({.name = "post_tags",
                           .fields = NU_STRS("tags"),
                           .method = "gin",
                           .storage = "fastupdate = off"},
                          {.name = "", .fields = NU_STRS("marks"), .method = "gin"}),
};
static const nu_model *const models[] = {&post_model, NULL};

static nu_database *posts(void)
{
    nu_database *db = empty_database_on(true);
    if (db == NULL)
        return NULL;
    make_tables(db, "app", models);
    nu_create(post, "title", "a", "tags", nu_list_of("c", "web"), "marks", nu_list_of(1, 2, 3));
    nu_create(post, "title", "b", "tags", nu_list_of("c"), "marks", nu_list_of(3, nu_null()));
    nu_create(post, "title", "c");
    return db;
}

static const char *found(const nu_query *query)
{
    return nu_text(nu_value_list(nu_query_list(nu_flat(query, "title"))));
}

#define FOUND(lookup, value) found(nu_filter(nu_all(post), lookup, value))

TEST(arrays_are_made_and_come_back_as_they_went)
{
    nu_database *db = empty_database_on(true);
    if (db == NULL)
        return;
    const char *source = make_tables(db, "app", models);
    CHECK_CONTAINS(source, "NU_COLUMN(\"tags\", array, .base_field = NU_BASE(nu_field_char, "
                           ".max_length = 10), .size = 4, .blank = true)");
    CHECK_CONTAINS(source,
                   "NU_BASE(nu_field_array, .base_field = NU_BASE(nu_field_bool), .size = 2)");
    CHECK_TEXT(values_of(db, "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE "
                             "attrelid = 'app_post'::regclass AND attnum > 2 ORDER BY attnum"),
               "character varying(10)[] integer[] boolean[] numeric(6,2)[] timestamp with time "
               "zone[] jsonb[]");
    CHECK_CONTAINS(values_of(db, "SELECT indexdef FROM pg_indexes WHERE indexname = 'post_tags'"),
                   "USING gin (tags) WITH (fastupdate=off)");
    CHECK_CONTAINS(source, ".method = \"gin\", .storage = \"fastupdate = off\"");
    CHECK_CONTAINS(source, ".name = \"app_post_marks_73d5e0_gin\"");
    struct post *a =
        nu_create(post, "title", "a", "tags", nu_list_of("c", "x\"y, {z}\\", "NULL"), "marks",
                  nu_list_of(1, nu_null(), -3), "board",
                  nu_list_of(nu_list_of(true, false), nu_list_of(false, false)), "prices",
                  nu_list_of("1.234", 2), "days", nu_list_of(nu_datetime_of(2026, 1, 2, 3, 4, 5)),
                  "extras", nu_list_of(nu_dict_of("k", nu_list_of(1, "é"))));
    struct post *same = nu_get(post, "id", a->row.id);
    CHECK_TEXT(nu_text(nu_value_list(same->tags)), "['c', 'x\"y, {z}\\\\', 'NULL']");
    CHECK_TEXT(nu_text(nu_value_list(same->marks)), "[1, None, -3]");
    CHECK_TEXT(nu_text(nu_value_list(same->board)), "[[True, False], [False, False]]");
    CHECK_TEXT(nu_text(nu_value_list(same->prices)), "[Decimal('1.23'), Decimal('2.00')]");
    CHECK_EQ(nu_value_list(same->days), nu_value_list(a->days));
    CHECK_TEXT(nu_text(nu_value_list(same->extras)), "[{'k': [1, 'é']}]");
    struct post *bare = nu_create(post, "title", "bare");
    nu_row_refresh(&bare->row);
    CHECK_EQ(bare->tags->count, 0);
    CHECK(bare->marks == NULL);
    CHECK_TEXT(
        values_of(db, "SELECT tags::text || (marks IS NULL)::text FROM app_post WHERE id = 2"),
        "{}true");
    bare->tags = nu_list_of("new");
    nu_save(bare);
    CHECK_TEXT(nu_text(nu_value_list(nu_get(post, "id", 2)->tags)), "['new']");
    CHECK_RAISES(NU_VALUE_ERROR, nu_create(post, "marks", nu_list_of("one")));
    CHECK_RAISES(NU_VALUE_ERROR, nu_create(post, "marks", 3));
    CHECK_RAISES(NU_DATA_ERROR, nu_create(post, "tags", nu_list_of("more than ten letters")));
}

/* One column of a type whose binary form is not known makes the whole result text. */
TEST(arrays_in_text_form_are_read)
{
    nu_database *db = empty_database_on(true);
    static const struct {
        const char *sql, *value;
    } cases[] = {
        {"ARRAY['a', NULL, 'NULL', '', 'x\"y\\z{,}']::text[]",
         "['a', None, 'NULL', '', 'x\"y\\\\z{,}']"},
        {"'[0:1]={1,2}'::int[]", "[1, 2]"},
        {"'{}'::int[]", "[]"},
        {"ARRAY[[true], [false]]", "[[True], [False]]"},
    };
    for (size_t i = 0; db != NULL && i < NU_COUNT(cases); i++) {
        nu_list *rows =
            nu_sql_rows(db, nu_fmt("SELECT '(1,2)'::point AS p, %s AS a", cases[i].sql));
        CHECK_TEXT(nu_text(nu_dict_get(rows->items[0].dict, "a")), cases[i].value);
    }
}

TEST(arrays_are_looked_into)
{
    if (posts() == NULL)
        return;
    CHECK_TEXT(FOUND("tags", nu_list_of("c")), "['b']");
    CHECK_TEXT(FOUND("tags__contains", nu_list_of("c")), "['a', 'b']");
    CHECK_TEXT(FOUND("tags__contained_by", nu_list_of("c", "x")), "['b', 'c']");
    CHECK_TEXT(FOUND("tags__overlap", nu_list_of("web", "x")), "['a']");
    CHECK_TEXT(FOUND("tags__len", 1), "['b']");
    CHECK_TEXT(FOUND("tags__len__gte", 1), "['a', 'b']");
    CHECK_TEXT(FOUND("tags__len", 0), "['c']");
    CHECK_TEXT(FOUND("marks__len", nu_null()), "['c']");
    CHECK_TEXT(FOUND("tags__0", "c"), "['a', 'b']");
    CHECK_TEXT(FOUND("tags__1__startswith", "w"), "['a']");
    CHECK_TEXT(FOUND("marks__2__gt", 2), "['a']");
    CHECK_TEXT(FOUND("marks__0_2", nu_list_of(1, 2)), "['a']");
    CHECK_TEXT(FOUND("marks__0_2__contains", nu_list_of(2)), "['a']");
    CHECK_TEXT(FOUND("marks__gt", nu_list_of(2)), "['b']");
    CHECK_TEXT(FOUND("tags__in", nu_list_of(nu_list_of("c"), nu_list_of("d"))), "['b']");
    CHECK_TEXT(FOUND("marks__isnull", true), "['c']");
    CHECK_TEXT(found(nu_exclude(nu_all(post), "marks__contains", nu_list_of(1))), "['b', 'c']");
    CHECK_TEXT(FOUND("tags__contains", nu_f("tags")), "['a', 'b', 'c']");
    CHECK_TEXT(FOUND("tags__contains", nu_list_of(nu_f("title"))), "[]");
    CHECK_TEXT(FOUND("marks__contains", nu_list_of(nu_f("id"), 2)), "['a']");
    CHECK_TEXT(FOUND("tags__overlap", nu_flat(nu_filter(nu_all(post), "id", 1), "tags__1")),
               "['a']");
    CHECK_RAISES(NU_FIELD_ERROR, nu_filter(nu_all(post), "tags__icontains_", "x"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_filter(nu_all(post), "tags__x_2", "x"));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(post), "marks__contains", nu_list_of("x")));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(post), "marks__contains", nu_null()));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(post), "marks__overlap", 1));
}

TEST(the_parts_of_arrays_are_values)
{
    if (posts() == NULL)
        return;
    nu_query *query = nu_annotate(nu_all(post), "n", nu_f("tags__len"), "first", nu_f("marks__0"));
    CHECK_TEXT(nu_text(nu_value_list(nu_query_list(nu_values_list(query, "n", "first")))),
               "[(2, 1), (1, 3), (0, None)]");
    CHECK_TEXT(nu_text(nu_value_list(nu_query_list(nu_flat(nu_all(post), "marks__1_3")))),
               "[[2, 3], [None], None]");
    CHECK_TEXT(found(nu_order_by(nu_all(post), "-tags__len")), "['a', 'b', 'c']");
    nu_update(nu_filter(nu_all(post), "id", 3), "tags", nu_list_of("z"), "marks", nu_f("marks"));
    CHECK_TEXT(FOUND("tags__0", "z"), "['c']");
}

TEST(rows_are_gathered_in_arrays)
{
    if (posts() == NULL)
        return;
    const nu_expression *all = nu_aggregate_with("ArrayAgg", "title", NU_ORDER("-title"));
    const nu_expression *some =
        nu_aggregate_with("ArrayAgg", "id", .filter = nu_q("id__lt", 3), .distinct = true);
    const nu_expression *none = nu_aggregate_with("ArrayAgg", "title", .filter = nu_q("id", 9),
                                                  .default_value = nu_value_list(nu_list_new()));
    nu_dict *result = nu_aggregate(nu_all(post), "all", all, "some", some, "none", none);
    CHECK_TEXT(nu_text(nu_dict_get(result, "all")), "['c', 'b', 'a']");
    CHECK_TEXT(nu_text(nu_dict_get(result, "some")), "[1, 2]");
    CHECK_TEXT(nu_text(nu_dict_get(result, "none")), "[]");
    nu_query *grouped = nu_annotate(nu_values(nu_unordered(nu_all(post)), "tags__0"), "ids",
                                    nu_aggregate_with("ArrayAgg", "id", NU_ORDER("id")));
    CHECK_EQ(nu_count(nu_filter(grouped, "ids__contains", nu_list_of(1, 2))), 1);
    CHECK_EQ(nu_count(nu_filter(grouped, "ids__len", 1)), 1);
    nu_query *others = nu_flat(nu_exclude(nu_all(post), "id", nu_outer("id")), "title");
    nu_query *with = nu_annotate(nu_all(post), "others", nu_array_subquery(others));
    CHECK_TEXT(nu_text(nu_value_list(nu_query_list(nu_flat(with, "others")))),
               "[['b', 'c'], ['a', 'c'], ['a', 'b']]");
}

static const char *faults(const struct post *row)
{
    NU_TRY {
        nu_row_full_clean((nu_row *)(void *)&row->row);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALIDATION_ERROR) || error->data == NULL)
            nu_reraise(error);
        nu_value data = {.type = NU_DICT, .dict = (nu_dict *)(uintptr_t)error->data};
        nu_value codes = {.type = NU_DICT, .dict = (nu_dict *)(uintptr_t)error->codes};
        return nu_fmt("%s %s", nu_text(data), nu_text(codes));
    }
    return "";
}

TEST(the_items_of_an_array_are_validated)
{
    if (posts() == NULL)
        return;
    CHECK_TEXT(faults(nu_new(post, "title", "x", "tags", nu_list_of("a"))), "");
    CHECK_TEXT(faults(nu_new(post, "title", "x", "tags", nu_list_of("a", "longer than ten", ""))),
               "{'tags': ['Item 2 in the array did not validate: Ensure this value has at most 10 "
               "characters (it has 15).', 'Item 3 in the array did not validate: This field cannot "
               "be blank.']} {'tags': ['item_invalid', 'item_invalid']}");
    CHECK_TEXT(faults(nu_new(post, "title", "x", "tags", nu_list_of("a", "b", "c", "d", "e"))),
               "{'tags': ['List contains 5 items, it should contain no more than 4.']} {'tags': "
               "['max_length']}");
    CHECK_TEXT(faults(nu_new(post, "title", "x", "tags", nu_list_of("a", nu_null()))),
               "{'tags': ['Item 2 in the array did not validate: This field cannot be null.']} "
               "{'tags': ['item_invalid']}");
    CHECK_TEXT(faults(nu_new(post, "title", "x", "board",
                             nu_list_of(nu_list_of(true), nu_list_of(true, true)))),
               "{'board': ['Nested arrays must have the same length.']} {'board': "
               "['nested_array_mismatch']}");
    const nu_column *marks = nu_column_get(&post_model, "marks");
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_column_clean(marks, NU_V(nu_list_of(1, "x"))));
    CHECK_TEXT(nu_test_error()->fact, "Item 2 in the array did not validate: “x” value must be an integer.");
    CHECK_TEXT(nu_text(nu_column_clean(marks, NU_V("[1, \"2\", null]"))), "[1, 2, None]");
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_column_clean(marks, NU_V("[1, ")));
    CHECK_TEXT(nu_test_error()->fact, "“[1, ” is not a list.");
}

TEST(an_array_has_a_text_form)
{
    const nu_field *days = &post_fields[5], *board = &post_fields[3];
    nu_list        *moments = nu_list_of(nu_datetime_of(2026, 1, 2, 3, 4, 5), nu_null());
    CHECK_TEXT(nu__array_text(days, moments), "[\"2026-01-02T03:04:05+00:00\", null]");
    nu_list *rows = nu_list_of(nu_list_of(true, false));
    CHECK_TEXT(nu__array_text(board, rows), "[\"[\\\"True\\\", \\\"False\\\"]\"]");
    nu_value back;
    CHECK(nu_field_array.clean(board, nu_value_text(nu__array_text(board, rows)), &back));
    CHECK_EQ(back, nu_value_list(rows));
}

TEST(a_database_without_arrays_says_so)
{
    nu_database *db = empty_database_on(false);
    CHECK_RAISES(NU_COMMAND_ERROR, make_tables(db, "app", models));
    CHECK_RAISES(NU_NOT_SUPPORTED,
                 nu_query_list(nu_filter(nu_all(post), "tags__overlap", nu_list_of("x"))));
}

/* ---- changes ----------------------------------------------------------------------------------- */

static const nu_operation made[] = {
    NU_CREATE_MODEL("Pen", ((const nu_field[]){NU_COLUMN("id", big_auto, .primary_key = true),
                                               NU_COLUMN("name", char, .max_length = 9),
                                               {0}})),
    {0},
};
static const nu_operation added[] = {
    NU_ADD_FIELD_ONCE("Pen", "inks", array, .base_field = NU_BASE(nu_field_char, .max_length = 5),
                      .default_value = NU_CONST_TEXT("[\"it's\"]")),
    {0},
};
static const nu_operation wider[] = {
    NU_ALTER_FIELD("Pen", "inks", array, .base_field = NU_BASE(nu_field_char, .max_length = 9)),
    {0},
};
static const nu_operation other[] = {
    NU_ALTER_FIELD("Pen", "inks", array, .base_field = NU_BASE(nu_field_text), .size = 3),
    {0},
};

TEST(arrays_are_added_and_altered)
{
    nu_database *db = database_on_postgres();
    if (db == NULL)
        return;
    nu__graph *graph =
        GRAPH(MIGRATION("shop", "0001", made), MIGRATION("shop", "0002", added, {"shop", "0001"}),
              MIGRATION("shop", "0003", wider, {"shop", "0002"}),
              MIGRATION("shop", "0004", other, {"shop", "0003"}));
    migrate(db, graph, "shop", "0001");
    nu_sql(db, "INSERT INTO shop_pen (name) VALUES ('x')");
    migrate(db, graph, "shop", "0002");
    CHECK_TEXT(values_of(db, "SELECT inks::text FROM shop_pen"), "{it's}");
    CHECK_TEXT(nu_text(nu_value_list(nu__collect_sql(db, graph, graph->order[2], false))),
               "['--\\n-- Alter field inks on Pen\\n--', 'ALTER TABLE \"shop_pen\" ALTER COLUMN "
               "\"inks\" TYPE varchar(9)[]']");
    CHECK_TEXT(nu_text(nu_value_list(nu__collect_sql(db, graph, graph->order[3], false))),
               "['--\\n-- Alter field inks on Pen\\n--', 'ALTER TABLE \"shop_pen\" ALTER COLUMN "
               "\"inks\" TYPE text[3] USING "
               "\"inks\"::text[3]']");
    migrate(db, graph, NULL, NULL);
    migrate(db, graph, "shop", NULL);
}
