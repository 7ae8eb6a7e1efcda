/* Expressions: values that the database computes, on SQLite and, when NUAGES_TEST_POSTGRES has the URL
 * of a server, on PostgreSQL. */
#include <stdlib.h>
#include <string.h>

#include "blog.h"
#include "nuages/json.h"

static nu_value parsed(const char *json)
{
    return nu_json_parse(json, strlen(json));
}

static void fill(void)
{
    nu_create(every, "name", "Zoë", "big", 40, "number", 12, "small", 3, "ratio", 2.5, "yes", true,
              "money", nu_decimal_get("19.90"), "day", nu_date_of(2024, 2, 29), "time",
              nu_time_of(8, 30, 15, 0), "moment", nu_datetime_of(2024, 12, 31, 23, 59, 59), "span",
              nu_duration_of(90 * NU_MINUTE), "json", parsed("{\"a\": {\"b\": [1, \"x\"]}}"));
    nu_create(every, "name", "ann", "big", -7, "number", 0, "small", 1, "ratio", 0.25, "maybe", 5,
              "money", nu_decimal_get("-3.05"), "day", nu_date_of(2021, 1, 3), "moment",
              nu_datetime_of(2021, 1, 3, 0, 30, 0), "json", parsed("{\"n\": true}"));
    nu_create(every, "big", 9, "number", 7, "small", 1, "ratio", -1.0, "maybe_yes", false);
}

static void on_postgres(void (*test)(void))
{
    const char *url = getenv("NUAGES_TEST_POSTGRES");
    if (url == NULL)
        return;
    nu_database *db = nu_database_add(NULL, &(nu_database_options){.url = url});
    nu_models_clear();
    nu_models_add("blog", blog_models);
    nu_models_ready();
    nu_sql_script(db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    blog_tables(db);
    fill();
    test();
    blog_close();
}

static void on_both(void (*test)(void))
{
    blog_open();
    fill();
    test();
    blog_close();
    on_postgres(test);
}

static bool is_sqlite(void)
{
    return strcmp(nu_database_backend(nu_database_get(NULL))->name, "sqlite") == 0;
}

/* What the expression gives for the three rows, as JSON. */
static const char *gives(nu_value expression)
{
    nu_query *rows = nu_order_by(nu_annotate(nu_all(every), "x", expression), "id");
    return nu_json_text(NU_V(nu_query_list(nu_flat(rows, "x"))));
}
#define GIVES(expected, expression) CHECK_TEXT(gives(NU_V(expression)), expected)

static const char *summed(nu_value expression)
{
    return nu_json_text(nu_dict_get(nu_aggregate(nu_all(every), "x", expression), "x"));
}
#define SUMMED(expected, expression) CHECK_TEXT(summed(NU_V(expression)), expected)

/* ---- functions of texts -------------------------------------------------------------------------- */

static void texts(void)
{
    GIVES("[\"zoë\",\"ann\",null]", nu_lower_of("name"));
    GIVES("[\"ANN\",\"ANN\",\"ANN\"]", nu_upper_of(nu_const("ann")));
    GIVES("[3,3,null]", nu_length("name"));
    GIVES("[\"oë\",\"nn\",null]", nu_substr("name", 2));
    GIVES("[\"Zo\",\"an\",null]", nu_fn("Left", "name", 2));
    GIVES("[\"oë\",\"nn\",null]", nu_fn("Right", "name", 2));
    GIVES("[\"**Zoë\",\"**ann\",null]", nu_fn("LPad", "name", 5, nu_const("*")));
    GIVES("[\"Zoë  \",\"ann  \",null]", nu_fn("RPad", "name", 5));
    GIVES("[\"ëoZ\",\"nna\",null]", nu_fn("Reverse", "name"));
    GIVES("[\"ZoëZoë\",\"annann\",null]", nu_fn("Repeat", "name", 2));
    GIVES("[\"Zoë\",\"aNN\",null]", nu_fn("Replace", "name", nu_const("n"), nu_const("N")));
    GIVES("[0,2,null]", nu_fn("StrIndex", "name", nu_const("n")));
    GIVES("[90,97,null]", nu_fn("Ord", "name"));
    GIVES("[\"€\",\"€\",\"€\"]", nu_fn("Chr", nu_const(8364)));
    GIVES("[\"Zoë!\",\"ann!\",\"!\"]", nu_concat("name", nu_const("!")));
    GIVES("[\"Zoë\",\"ann\",\"none\"]", nu_coalesce("name", nu_const("none")));
    GIVES("[\"Zoë\",null,null]", nu_null_if("name", nu_const("ann")));
    GIVES("[\"fb44af73417cf03c023d098e7f07c114\",\"7e0d7f8a5d96c24ffcc840f31bce72b2\",null]",
          nu_fn("MD5", "name"));
    CHECK_RAISES(NU_VALUE_ERROR, nu_fn("Left", "name", 0));
    CHECK_RAISES(NU_VALUE_ERROR, nu_substr("name", 0));
    CHECK_RAISES(NU_VALUE_ERROR, nu_fn("Repeat", "name", -1));
    CHECK_RAISES(NU_FIELD_ERROR, nu_fn("Concat", "name"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_fn("Lowr", "name"));
}

TEST(functions_of_texts)
{
    on_both(texts);
}

/* ---- numbers ------------------------------------------------------------------------------------- */

static void numbers(void)
{
    GIVES("[40,7,9]", nu_fn("Abs", "big"));
    GIVES("[3.0,1.0,-1.0]", nu_fn("Ceil", "ratio"));
    GIVES("[2.0,0.0,-1.0]", nu_fn("Floor", "ratio"));
    GIVES("[1,-1,1]", nu_fn("Sign", "big"));
    GIVES("[1600,49,81]", nu_power(nu_f("big"), 2));
    GIVES("[52,-7,16]", nu_add(nu_f("big"), nu_f("number")));
    GIVES("[1,0,7]", nu_mod(nu_f("number"), 11));
    GIVES("[20,-3,4]", nu_div(nu_f("big"), 2));
    GIVES("[40,5,9]", nu_greatest("big", nu_coalesce("maybe", nu_const(-100))));
    GIVES("[\"even\",\"odd\",\"odd\"]", nu_case(nu_when(nu_q("big", 40), "even"), nu_const("odd")));
    GIVES("[0,1,1]", nu_bit_and(nu_f("big"), 1));
    GIVES("[43,-6,10]", nu_bit_xor(nu_f("big"), 3));
    GIVES("[80,-14,18]", nu_shift_left(nu_f("big"), 1));
    GIVES("[2,0,-1]", nu_wrap(nu_f("ratio"), nu_field_int));
    CHECK_RAISES(NU_FIELD_ERROR, gives(NU_V(nu_add(nu_f("ratio"), nu_f("money")))));
    CHECK(strstr(nu_test_error()->fact, "FloatField and DecimalField") != NULL);
}

TEST(arithmetic_and_functions_of_numbers)
{
    on_both(numbers);
}

static void sums(void)
{
    SUMMED("42", nu_sum("big"));
    SUMMED("43", nu_add(nu_sum("big"), 1));
    SUMMED("14.0", nu_avg("big"));
    SUMMED("3", nu_count_of("*"));
    SUMMED("2", nu_count_distinct_of("small"));
    SUMMED("40", nu_max("big"));
    SUMMED("9", nu_aggregate_with("Sum", "big", .filter = nu_q("name__isnull", true)));
    SUMMED("null", nu_aggregate_with("Sum", "big", .filter = nu_q("big", 0)));
    SUMMED("-1",
           nu_aggregate_with("Sum", "maybe", .filter = nu_q("big", 40), .default_value = NU_V(-1)));
    SUMMED("\"Zoë|ann\"", nu_aggregate_with("StringAgg", "name", .delimiter = "|", NU_ORDER("id")));
    SUMMED("\"16.85\"", nu_sum("money"));
    CHECK_RAISES(NU_FIELD_ERROR, summed(NU_V(nu_f("big"))));
    if (is_sqlite()) {
        CHECK_RAISES(NU_NOT_SUPPORTED, summed(NU_V(nu_sum("day"))));
        SUMMED("0.3333333333333333", nu_avg("yes"));
    } else {
        SUMMED("\"P0DT08H30M15S\"", nu_sum("time"));
        SUMMED("false", nu_aggregate_with("BoolAnd", "yes"));
        SUMMED("true", nu_aggregate_with("BoolOr", "yes"));
        SUMMED("1", nu_aggregate_with("BitAnd", "small"));
        SUMMED("3", nu_aggregate_with("BitOr", "small"));
        SUMMED("3", nu_aggregate_with("BitXor", "small"));
        SUMMED("[9,-7,40]", nu_aggregate_with("ArrayAgg", "big", NU_ORDER("-id")));
        SUMMED("[3,1]",
               nu_aggregate_with("JSONBAgg", "small", .distinct = true, NU_ORDER("-small")));
    }
}

TEST(aggregates_of_all_rows)
{
    on_both(sums);
}

/* ---- dates --------------------------------------------------------------------------------------- */

static void dates(void)
{
    GIVES("[2024,2021,null]", nu_fn("ExtractYear", "day"));
    GIVES("[2024,2020,null]", nu_fn("ExtractIsoYear", "day"));
    GIVES("[9,53,null]", nu_fn("ExtractWeek", "day"));
    GIVES("[5,1,null]", nu_fn("ExtractWeekDay", "day"));
    GIVES("[4,7,null]", nu_fn("ExtractIsoWeekDay", "day"));
    GIVES("[8,null,null]", nu_fn("ExtractHour", "time"));
    GIVES("[59,0,null]", nu_extract("second", "moment"));
    GIVES("[\"2024-01-01\",\"2021-01-01\",null]", nu_fn("TruncQuarter", "day"));
    GIVES("[\"2024-02-26\",\"2020-12-28\",null]", nu_truncate("week", "day"));
    GIVES("[\"2024-12-31\",\"2021-01-03\",null]", nu_fn("TruncDate", "moment"));
    GIVES("[\"08:30:00\",null,null]", nu_fn("TruncMinute", "time"));
    const nu_zone *tokyo = nu_zone_get("Asia/Tokyo");
    GIVES("[2025,2021,null]", nu_fn_with("ExtractYear", &(nu_fn_options){.zone = tokyo}, "moment"));
    GIVES("[\"2025-01-01\",\"2021-01-03\",null]",
          nu_fn_with("TruncDate", &(nu_fn_options){.zone = tokyo}, "moment"));
    CHECK_RAISES(NU_VALUE_ERROR,
                 gives(NU_V(nu_fn_with("ExtractYear", &(nu_fn_options){.zone = tokyo}, "day"))));
    CHECK_RAISES(NU_VALUE_ERROR, gives(NU_V(nu_fn("ExtractHour", "day"))));
    CHECK_RAISES(NU_VALUE_ERROR, gives(NU_V(nu_fn("ExtractYear", "name"))));
    CHECK_RAISES(NU_VALUE_ERROR, gives(NU_V(nu_extract("decade", "day"))));
    GIVES("[\"P306DT23H59M59S\",\"P0DT00H30M00S\",null]", nu_sub(nu_f("moment"), nu_f("day")));
    GIVES("[\"2025-01-01T01:29:59Z\",null,null]",
          nu_wrap(nu_add(nu_f("moment"), nu_f("span")), nu_field_datetime));
}

TEST(dates_and_times)
{
    on_both(dates);
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

static const char *found(nu_pairs pairs)
{
    return nu_json_text(
        NU_V(nu_query_list(nu_flat(nu_order_by(nu_filter_(nu_all(every), pairs), "id"), "id"))));
}
static const char *left(nu_pairs pairs)
{
    return nu_json_text(
        NU_V(nu_query_list(nu_flat(nu_order_by(nu_exclude_(nu_all(every), pairs), "id"), "id"))));
}
#define FOUND(expected, ...) CHECK_TEXT(found(NU_PAIRS(__VA_ARGS__)), expected)
#define LEFT(expected, ...)  CHECK_TEXT(left(NU_PAIRS(__VA_ARGS__)), expected)

static void json(void)
{
    GIVES("[1,null,null]", nu_f("json__a__b__0"));
    GIVES("[\"x\",null,null]", nu_f("json__a__b__1"));
    GIVES("[null,true,null]", nu_json_key("n", "json"));
    FOUND("[1]", "json__a__b__1", "x");
    FOUND("[2]", "json__n", true);
    FOUND("[1]", "json__has_key", "a");
    FOUND("[1,2]", "json__has_any_keys", nu_list_of("a", "n"));
    FOUND("[1,2]", "json__has_keys", nu_list_new());
    FOUND("[]", "json__has_any_keys", nu_list_new());
    FOUND("[2,3]", "json__a__isnull", true);
    LEFT("[2,3]", "json__has_key", "a");
    LEFT("[2,3]", "json__has_keys", nu_list_of("a"));
    LEFT("[3]", "json__n", true); /* of row 1 it is not known */
    GIVES("[{\"b\":40,\"n\":\"Zoë\"},{\"b\":-7,\"n\":\"ann\"},{\"b\":9,\"n\":null}]",
          nu_json_object("b", nu_f("big"), "n", nu_f("name")));
    if (is_sqlite())
        CHECK_RAISES(NU_NOT_SUPPORTED, found(NU_PAIRS("json__contains", nu_dict_of("n", true))));
    else
        FOUND("[2]", "json__contains", nu_dict_of("n", true));
}

TEST(json_paths_and_lookups)
{
    on_both(json);
}

/* ---- the rest ------------------------------------------------------------------------------------ */

static void windows(void)
{
    GIVES("[3,1,2]", nu_window(nu_fn("RowNumber"), NU_ORDER("big")));
    GIVES("[3,1,1]", nu_window(nu_fn("Rank"), NU_ORDER("small")));
    GIVES("[null,40,-7]", nu_window(nu_fn("Lag", "big"), NU_ORDER("id")));
    GIVES("[0,40,-7]", nu_window(nu_fn("Lag", "big", 1, 0), NU_ORDER("id")));
    GIVES("[40,33,42]", nu_window(nu_sum("big"), NU_ORDER("id")));
    GIVES("[33,42,2]",
          nu_window(nu_sum("big"), NU_ORDER("id"), .frame = NU_FRAME_ROWS, .start = -1, .end = 1));
    GIVES("[40,2,2]", nu_window(nu_sum("big"), NU_PARTITION("small")));
    CHECK_RAISES(NU_VALUE_ERROR, nu_window(nu_lower_of("name"), NU_ORDER("id")));
}

TEST(windows_over_rows)
{
    on_both(windows);
}

static void casts(void)
{
    GIVES("[\"12\",\"0\",\"7\"]", nu_cast("number", nu_field_char, .max_length = 5));
    GIVES("[12.0,0.0,7.0]", nu_cast("number", nu_field_float));
    GIVES(is_sqlite() ? "[\"2.5\",\"0.25\",\"-1.0\"]" : "[\"2.50\",\"0.25\",\"-1.00\"]",
          nu_cast("ratio", nu_field_decimal, .max_digits = 6, .decimal_places = 2));
    GIVES("[null,null,null]", nu_value_as(nu_null(), nu_field_int));
    CHECK_RAISES(NU_FIELD_ERROR, gives(nu_null()));
    CHECK_RAISES(NU_VALUE_ERROR, nu_annotate(nu_all(every), "a b", nu_f("big")));
    CHECK_RAISES(NU_VALUE_ERROR, nu_annotate(nu_all(every), "a\"", nu_f("big")));
    GIVES("[3,3,null]", nu_func("LENGTH", "name"));
    GIVES("[\"12/3\",\"0/1\",\"7/1\"]",
          nu_wrap(nu_func_template("{1} || '/' || {2}", nu_cast("number", nu_field_text),
                                   nu_cast("small", nu_field_text)),
                  nu_field_text));
    CHECK_RAISES(NU_FIELD_ERROR, nu_func("LENGTH(name); --", "name"));
}

TEST(casts_values_and_functions_of_ones_own)
{
    on_both(casts);
}

static void lookups(void)
{
    /* What is compared with a whole number becomes one, as int() makes it. */
    FOUND("[1]", "number__gte", 7.5);
    FOUND("[1,3]", "number__gte", nu_decimal_get("7.5"));
    FOUND("[]", "uuid", 5);
    CHECK_RAISES(NU_VALIDATION_ERROR, found(NU_PAIRS("day", "2024-02-29 10:00")));
    FOUND("[1]", "day", nu_datetime_of(2024, 2, 29, 10, 0, 0));
    FOUND("[1,3]", "big__gt", nu_f("number"));
}

TEST(values_are_compared_as_fields_hold_them)
{
    on_both(lookups);
}

/* ---- words of an application --------------------------------------------------------------------- */

static const nu_expression *build_near(const nu_expression *left, nu_value right)
{
    int64_t middle = nu_int(right);
    return nu_and(nu_compare(left, "gte", middle - 1), nu_compare(left, "lte", middle + 1));
}

static void words(void)
{
    static const nu_lookup_type ne = {.name = "ne", .sql = "{1} <> {2}"};
    static const nu_lookup_type near = {.name = "near", .build = build_near};
    static const nu_lookup_type size = {
        .name = "size", .function = "Length", .output = &nu_field_int};
    static const nu_lookup_type half = {
        .name = "half", .sql = "({1} / 2)", .transform = true, .output = &nu_field_int};
    static const nu_lookup_type upper = {.name = "upper", .function = "Upper", .bilateral = true};
    nu_register_lookup(NULL, &ne);
    nu_register_lookup(&nu_field_int, &near);
    nu_register_lookup(&nu_field_char, &size);
    nu_register_lookup(&nu_field_int, &half);
    nu_register_lookup(&nu_field_char, &upper);
    FOUND("[2,3]", "big__ne", 40);
    FOUND("[1]", "small__ne", 1, "big__gt", 0);
    FOUND("[3]", "number__near", 6);
    FOUND("[1,2]", "name__size", 3);
    FOUND("[]", "name__size__gt", 3);
    FOUND("[1]", "big__half", 20);
    FOUND("[2]", "name__upper", "aNn");
    GIVES("[3,3,null]", nu_f("name__size"));
    CHECK_RAISES(NU_FIELD_ERROR, found(NU_PAIRS("big__size", 1)));
    CHECK_RAISES(NU_CONFIG_ERROR, nu_register_lookup(NULL, &(nu_lookup_type){.name = "a__b"}));
    nu_unregister_lookup(&nu_field_char, &upper);
    nu_unregister_lookup(&nu_field_int, &half);
    nu_unregister_lookup(&nu_field_char, &size);
    nu_unregister_lookup(&nu_field_int, &near);
    nu_unregister_lookup(NULL, &ne);
    CHECK_RAISES(NU_FIELD_ERROR, found(NU_PAIRS("big__ne", 1)));
}

TEST(lookups_and_transforms_of_an_application)
{
    on_both(words);
}

TEST(a_moment_and_a_duration_give_a_moment)
{
    blog_fill();
    nu_duration day = {.us = (int64_t)24 * 3600 * 1000000, .set = true};
    nu_query   *query =
        nu_annotate(nu_filter(nu_all(article), "slug", "one"), "later",
                    nu_add(nu_f("published"), day), "sooner", nu_sub(nu_f("published"), day));
    nu_row *row = nu_query_rows(query)[0];
    CHECK_TEXT(nu_text(nu_row_get(row, "later")), "2026-01-01 23:00:00+00:00");
    CHECK_TEXT(nu_text(nu_row_get(row, "sooner")), "2025-12-30 23:00:00+00:00");
    CHECK_RAISES(NU_FIELD_ERROR,
                 nu_query_rows(nu_annotate(nu_all(article), "x", nu_mul(nu_f("published"), day))));
    blog_close();
}
