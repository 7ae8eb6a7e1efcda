/* Every kind of value there and back. */
#include <math.h>
#include <string.h>

#include "helper.h"

/* One column of a type whose binary form is not known makes the whole result text. */
TEST(values_beside_one_of_an_unknown_type_are_what_they_are)
{
    nu_database *db = open_server();
    static const struct {
        const char *sql;
        int64_t     us;
    } intervals[] = {
        {"1 day 00:00:01.5", NU_DAY + 1500000},
        {"-1 days +02:03:04", -NU_DAY + INT64_C(7384000000)},
        {"1 year 2 mons 3 days", (365 + 60 + 3) * NU_DAY},
        {"-00:00:00.000001", -1},
        {"-100:00:00", INT64_C(-360000000000)},
        {"0", 0},
    };
    for (size_t i = 0; i < NU_COUNT(intervals); i++) {
        nu_list *rows = nu_sql_rows(
            db, nu_fmt("SELECT '(1,2)'::point AS p, '%s'::interval AS i, true AS t, false AS f", intervals[i].sql));
        const nu_dict *row = rows->items[0].dict;
        CHECK_TEXT(nu_text(nu_dict_get(row, "p")), "(1,2)");
        CHECK_EQ(nu_dict_get(row, "i"), nu_value_duration(nu_duration_of(intervals[i].us)));
        CHECK_EQ(nu_dict_get(row, "t"), true);
        CHECK_EQ(nu_dict_get(row, "f"), false);
    }
}

TEST(every_kind_of_value_comes_back_as_it_went)
{
    nu_database *db = open_server();
    nu_uuid      uuid = {.bytes = {0xab, 0x01, [15] = 0xff}, .set = true};
    const struct {
        const char *type;
        nu_value    value;
    } cases[] = {
        {"boolean", NU_V(true)},
        {"boolean", NU_V(false)},
        {"smallint", NU_V(-32768)},
        {"integer", NU_V(INT32_MIN)},
        {"integer", NU_V(INT32_MAX)},
        {"bigint", NU_V(INT64_MIN)},
        {"bigint", NU_V(INT64_MAX)},
        {"bigint", NU_V(5)},
        {"double precision", NU_V(-2.5)},
        {"double precision", NU_V(1.7976931348623157e308)},
        {"double precision", NU_V(5e-324)},
        {"double precision", NU_V(INFINITY)},
        {"real", NU_V(0.5)},
        {"numeric", NU_V(nu_decimal_get("12.50"))},
        {"numeric", NU_V(nu_decimal_get("-0.000000000001"))},
        {"numeric", NU_V(nu_decimal_get("9999999999999999999999999999"))},
        {"numeric", NU_V(nu_decimal_get("0"))},
        {"numeric", NU_V(nu_decimal_get("100000000"))},
        {"numeric", NU_V(nu_decimal_get("0.00010"))},
        {"text", NU_V("")},
        {"text", NU_V("é \\ ' \" $1 ? \U0001f600")},
        {"varchar(20)", NU_V("plain")},
        {"bytea", nu_value_bytes("a\0b\xff", 4)},
        {"bytea", nu_value_bytes("", 0)},
        {"date", NU_V(nu_date_of(2026, 2, 3))},
        {"date", NU_V(nu_date_of(1, 1, 1))},
        {"date", NU_V(nu_date_of(9999, 12, 31))},
        {"time", NU_V(nu_time_of(7, 8, 9, 10))},
        {"time", NU_V(nu_time_of(0, 0, 0, 0))},
        {"time", NU_V(nu_time_of(23, 59, 59, 999999))},
        {"timestamptz", NU_V(nu_datetime_of(2026, 11, 21, 9, 5, 0))},
        {"timestamptz", NU_V(nu_datetime_of(1969, 12, 31, 23, 59, 59))},
        {"timestamptz", NU_V(nu_datetime_of(1, 1, 1, 0, 0, 0))},
        {"timestamptz", NU_V(nu_datetime_of(9999, 12, 31, 23, 59, 59))},
        {"interval", NU_V(nu_duration_of(1500000))},
        {"interval", NU_V(nu_duration_of(-NU_DAY * 40 - 1))},
        {"interval", NU_V(nu_duration_of(0))},
        {"uuid", NU_V(uuid)},
        {"jsonb", NU_V(nu_dict_of("a", 1, "b", nu_list_of(true, nu_null(), "x")))},
        {"json", NU_V(nu_list_of(1, "a"))},
        {"integer[]", NU_V(nu_list_of(1, nu_null(), -3))},
        {"text[]", NU_V(nu_list_of("a,b", "", "c\"d\\", "NULL", nu_null()))},
        {"integer[]", NU_V(nu_list_of(nu_list_of(1, 2), nu_list_of(3, 4)))},
        {"integer[]", NU_V(nu_list_new())},
        {"bytea[]", NU_V(nu_list_of(nu_value_bytes("\0\xff", 2)))},
        {"date[]", NU_V(nu_list_of(nu_date_of(2026, 2, 3)))},
        {"jsonb[]", NU_V(nu_list_of(nu_dict_of("a", 1)))},
        {"inet", NU_V("192.168.0.1")},
        {"inet", NU_V("2001:db8::1")},
        {"inet", NU_V("10.0.0.1/8")},
        {"cidr", NU_V("10.0.0.0/8")},
        {"macaddr", NU_V("08:00:2b:01:02:03")},
        {"timetz", NU_V("12:30:00+05:30")},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_sql_script(db, nu_fmt("DROP TABLE IF EXISTS t; CREATE TABLE t (v %s)", cases[i].type));
        nu_sql(db, "INSERT INTO t VALUES (?)", cases[i].value);
        nu_value back = nu_sql_value(db, "SELECT v FROM t");
        if (back.type != cases[i].value.type)
            FAIL("%s: %s instead of %s", cases[i].type, nu_value_type_name(back),
                 nu_value_type_name(cases[i].value));
        CHECK_EQ(back, cases[i].value);
        nu_sql(db, "UPDATE t SET v = ?", nu_null());
        CHECK(nu_is_null(nu_sql_value(db, "SELECT v FROM t")));
    }
    nu_database_close_all();
}

TEST(values_that_none_of_ours_can_hold_come_as_text)
{
    nu_database *db = open_server();
    const struct {
        const char *sql, *text;
    } cases[] = {
        {"'infinity'::date", "infinity"},
        {"'-infinity'::timestamptz", "-infinity"},
        {"'0044-03-15 BC'::date", "0044-03-15 BC"},
        {"'12026-01-02 03:04:05.6'::timestamp", "12026-01-02 03:04:05.6"},
        {"'24:00'::time", "24:00:00"},
        {"'1.2345678901234567890123456789012345'::numeric", "1.2345678901234567890123456789012345"},
        {"'1 2 3'::tsvector", "'1' '2' '3'"},
        {"'(1,2)'::point", "(1,2)"},
        {"'[1,5)'::int4range", "[1,5)"},
        {"B'101'", "101"},
        {"'pg_class'::regclass", "pg_class"},
        {"ROW(1, 'a')", "(1,a)"},
        {"'$1.50'::money", "$1.50"},
        {"'5 years 2 mons'::interval + '293000 years'::interval", "293005 years 2 mons"},
    };
    nu_sql_script(db, "SET lc_monetary = 'C'");
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_value value = nu_sql_value(db, nu_fmt("SELECT %s", cases[i].sql));
        CHECK(nu_is_text(value));
        CHECK_TEXT(value.text, cases[i].text);
    }
    CHECK(isnan(nu_sql_value(db, "SELECT 'NaN'::numeric").number));
    CHECK(isnan(nu_sql_value(db, "SELECT 'NaN'::float8").number));
    CHECK_EQ(nu_sql_value(db, "SELECT '-Infinity'::numeric"), -INFINITY);
    CHECK_EQ(nu_sql_value(db, "SELECT '1 year 1 mon 1 day'::interval"),
             nu_duration_of((365 + 30 + 1) * NU_DAY));
    nu_database_close_all();
}

/* A column whose type only the server can write brings the whole row as text. */
TEST(rows_with_types_unknown_here_keep_the_others)
{
    nu_database *db = open_server();
    nu_dict     *row =
        nu_sql_rows(db, "SELECT 1 AS i, true AS b, 1.50 AS n, 2.5::float8 AS f,"
                        " date '2026-01-02' AS d, timestamptz '2026-01-02 03:04:05+00' AS t,"
                        " '\\x00ff'::bytea AS raw, '{\"a\": [1]}'::jsonb AS j,"
                        " NULL::int AS nothing, '[1,2]'::int4range AS r")
            ->items[0]
            .dict;
    CHECK_EQ(nu_dict_get(row, "i"), 1);
    CHECK_EQ(nu_dict_get(row, "b"), true);
    CHECK_EQ(nu_dict_get(row, "n"), nu_decimal_get("1.50"));
    CHECK_EQ(nu_dict_get(row, "f"), 2.5);
    CHECK_EQ(nu_dict_get(row, "d"), nu_date_of(2026, 1, 2));
    CHECK_EQ(nu_dict_get(row, "t"), nu_datetime_of(2026, 1, 2, 3, 4, 5));
    CHECK_EQ(nu_dict_get(row, "raw"), nu_value_bytes("\0\xff", 2));
    CHECK_EQ(nu_dict_get(row, "j"), nu_dict_of("a", nu_list_of(1)));
    CHECK(nu_is_null(nu_dict_get(row, "nothing")));
    CHECK_TEXT(nu_text(nu_dict_get(row, "r")), "[1,3)");
    nu_database_close_all();
}

TEST(the_server_never_has_to_guess_a_type)
{
    nu_database *db = open_server();
    CHECK_EQ(nu_sql_value(db, "SELECT ?", 5), 5);
    CHECK_EQ(nu_sql_value(db, "SELECT ? + ?", 2000000000, 3000000000), INT64_C(5000000000));
    CHECK_EQ(nu_sql_value(db, "SELECT ?", "text"), "text");
    CHECK(nu_is_null(nu_sql_value(db, "SELECT ?", nu_null())));
    CHECK_EQ(nu_sql_value(db, "SELECT concat(?, ?, ?)", "a", 1, nu_null()), "a1");
    CHECK_EQ(nu_sql_value(db, "SELECT ? IS NULL", nu_null()), true);
    CHECK_EQ(nu_sql_value(db, "SELECT ? IS NULL", "x"), false);
    CHECK_EQ(nu_sql_value(db, "SELECT substr(?, ?, ?)", "abcdef", 2, 3), "bcd");
    CHECK_EQ(nu_sql_value(db, "SELECT 4 = ANY(?)", nu_list_of(1, 4)), true);
    CHECK_EQ(nu_sql_value(db, "SELECT date '2026-01-02' + ?", 1), nu_date_of(2026, 1, 3));
    CHECK_EQ(nu_sql_value(db, "SELECT date '2026-01-02' < ?", "2026-01-03"), true);
    CHECK_EQ(nu_sql_value(db, "SELECT inet '10.0.0.1' << ?", "10.0.0.0/8"), true);
    CHECK_EQ(nu_sql_value(db, "SELECT 3 > ?", 2.5), true);
    CHECK_EQ(nu_sql_value(db, "SELECT CASE WHEN true THEN ? ELSE ? END + 1", 1, 2), 2);
    CHECK_EQ(
        nu_sql_value(db, "SELECT timestamptz '2026-01-02 00:00+00' + ?", nu_duration_of(NU_DAY)),
        nu_datetime_of(2026, 1, 3, 0, 0, 0));
    NU_ATOMIC {
        nu_sql(db, "CREATE TABLE t (a int)");
        CHECK_EQ(nu_sql_value(db, "SELECT concat(?, 'x')", "a"), "ax");
        nu_sql(db, "INSERT INTO t VALUES (1)");
    }
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM t"), 1);
    nu_database_close_all();
}

TEST(values_that_no_column_can_hold_are_refused)
{
    static const nu_class class = {.name = "stranger"};
    static nu_object stranger = {&class};
    nu_database     *db = open_server();
    CHECK_RAISES(NU_DATA_ERROR, nu_sql_value(db, "SELECT ?", nu_value_text_n("a\0b", 3)));
    CHECK_CONTAINS(nu_test_error()->fact, "NUL");
    CHECK_CONTAINS(nu_test_error()->detail, "parameter 1");
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql_value(db, "SELECT ?", &stranger));
    CHECK_RAISES(NU_DATA_ERROR, nu_sql_value(db, "SELECT ?::smallint", 70000));
    CHECK_RAISES(NU_DATA_ERROR, nu_sql_value(db, "SELECT ?::date", "2026-02-30"));
    CHECK_EQ(nu_sql_value(db, "SELECT 1"), 1);
    nu_database_close_all();
}
