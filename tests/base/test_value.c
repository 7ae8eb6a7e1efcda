#include "nuages/test.h"

#include <math.h>
#include <string.h>

#include "nuages/json.h"
#include "nuages/random.h"

static const char *str(nu_value value)
{
    return nu_text(value);
}

static const char *repr(nu_value value)
{
    return nu_text(nu_repr(value));
}

/* The expected texts are what Python prints. */
TEST(str_and_repr_are_pythons)
{
    nu_date     date = nu_date_of(2026, 11, 21);
    nu_time     time = nu_time_of(9, 5, 0, 123);
    nu_datetime moment = nu_datetime_of(2026, 11, 21, 9, 5, 7);
    nu_datetime naive = moment, east = moment;
    naive.naive = true;
    east.offset = 90;
    nu_value tuple = NU_V(nu_list_of(1));
    tuple.flags = NU_TUPLE;
    nu_uuid uuid;
    CHECK(nu_uuid_try("12345678123456781234567812345678", 32, &uuid));
    const struct {
        nu_value    value;
        const char *str, *repr;
    } cases[] = {
        {nu_null(), "None", "None"},
        {NU_V(true), "True", "True"},
        {NU_V(-7), "-7", "-7"},
        {NU_V(INT64_MIN), "-9223372036854775808", "-9223372036854775808"},
        {NU_V(3.0), "3.0", "3.0"},
        {NU_V(0.1), "0.1", "0.1"},
        {NU_V(UINT64_MAX), "18446744073709551615", "Decimal('18446744073709551615')"},
        {NU_V(nu_decimal_get("1.50")), "1.50", "Decimal('1.50')"},
        {NU_V("it's"), "it's", "\"it's\""},
        {NU_V("a\"b"), "a\"b", "'a\"b'"},
        {NU_V("'\"\\"), "'\"\\", "'\\'\"\\\\'"},
        {NU_V("é\n\t\x01\u200b\u00a0\U000e0001"), "é\n\t\x01\u200b\u00a0\U000e0001",
         "'é\\n\\t\\x01\\u200b\\xa0\\U000e0001'"},
        {nu_value_bytes("a\0\xff'", 4), "b\"a\\x00\\xff'\"", "b\"a\\x00\\xff'\""},
        {NU_V(date), "2026-11-21", "datetime.date(2026, 11, 21)"},
        {NU_V(time), "09:05:00.000123", "datetime.time(9, 5, 0, 123)"},
        {NU_V(nu_time_of(9, 5, 0, 0)), "09:05:00", "datetime.time(9, 5)"},
        {NU_V(moment), "2026-11-21 09:05:07+00:00",
         "datetime.datetime(2026, 11, 21, 9, 5, 7, tzinfo=datetime.timezone.utc)"},
        {NU_V(naive), "2026-11-21 09:05:07", "datetime.datetime(2026, 11, 21, 9, 5, 7)"},
        {NU_V(east), "2026-11-21 10:35:07+01:30",
         "datetime.datetime(2026, 11, 21, 10, 35, 7, "
         "tzinfo=datetime.timezone(datetime.timedelta(seconds=5400)))"},
        {NU_V(nu_duration_of(NU_DAY + 5 * NU_SECOND)), "1 day, 0:00:05",
         "datetime.timedelta(days=1, seconds=5)"},
        {NU_V(nu_duration_of(-1)), "-1 day, 23:59:59.999999",
         "datetime.timedelta(days=-1, seconds=86399, microseconds=999999)"},
        {NU_V(nu_duration_of(0)), "0:00:00", "datetime.timedelta(0)"},
        {NU_V(uuid), "12345678-1234-5678-1234-567812345678",
         "UUID('12345678-1234-5678-1234-567812345678')"},
        {NU_V(nu_list_of(1, "a", nu_null(), 2.5)), "[1, 'a', None, 2.5]", "[1, 'a', None, 2.5]"},
        {NU_V(nu_list_of()), "[]", "[]"},
        {tuple, "(1,)", "(1,)"},
        {NU_V(nu_dict_of("a", 1, "b", nu_list_of(true))), "{'a': 1, 'b': [True]}",
         "{'a': 1, 'b': [True]}"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        CHECK_TEXT(str(cases[i].value), cases[i].str);
        CHECK_TEXT(repr(cases[i].value), cases[i].repr);
    }
}

TEST(floats_are_written_with_the_fewest_digits)
{
    const struct {
        double      number;
        const char *text;
    } cases[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {100.0, "100.0"},
        {19.99, "19.99"},
        {1e15, "1000000000000000.0"},
        {1e16, "1e+16"},
        {123456789012345680.0, "1.2345678901234568e+17"},
        {9007199254740993.0, "9007199254740992.0"},
        {0.0001, "0.0001"},
        {0.00001, "1e-05"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3, "0.6666666666666666"},
        {9.99 + 7, "16.990000000000002"},
        {19.99 * 3, "59.97"},
        {1e15 / 7, "142857142857142.84"},
        {0.015625 + 1e-17, "0.01562500000000001"},
        {1.0000000000000002, "1.0000000000000002"},
        {0.9999999999999999, "0.9999999999999999"},
        {1e-20 / 3, "3.3333333333333333e-21"},
        {5e-324, "5e-324"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {4.35, "4.35"},
        {1e22, "1e+22"},
        {1e23, "1e+23"},
        {-1.5e-7, "-1.5e-07"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
        {NAN, "nan"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(str(NU_V(cases[i].number)), cases[i].text);
}

TEST(floats_read_back_as_they_were)
{
    for (int i = 0; i < 20000; i++) {
        double   number, back;
        uint64_t bits = nu_random_below(UINT64_MAX);
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number))
            continue;
        CHECK(nu_float_try(nu_value_str(NU_V(number)), &back));
        CHECK_EQ(back, number);
        number = (double)nu_random_below(100000000) / 100;
        CHECK(nu_float_try(nu_value_str(NU_V(number)), &back));
        CHECK_EQ(back, number);
    }
}

TEST(truth_is_pythons)
{
    const nu_value no[] = {nu_null(),
                           NU_V(false),
                           NU_V(0),
                           NU_V(0.0),
                           NU_V(nu_decimal_get("0.00")),
                           NU_V(""),
                           nu_value_bytes("", 0),
                           NU_V(nu_duration_of(0)),
                           NU_V(nu_list_new()),
                           NU_V(nu_dict_new())};
    const nu_value yes[] = {NU_V(true),
                            NU_V(-1),
                            NU_V(NAN),
                            NU_V(nu_decimal_get("0.01")),
                            NU_V("0"),
                            NU_V(nu_time_of(0, 0, 0, 0)),
                            NU_V(nu_date_of(1970, 1, 1)),
                            NU_V(nu_list_of(nu_null())),
                            NU_V(nu_dict_of("a", false)),
                            NU_V(nu_uuid4())};
    for (size_t i = 0; i < NU_COUNT(no); i++)
        CHECK_EQ(nu_truth(no[i]), false);
    for (size_t i = 0; i < NU_COUNT(yes); i++)
        CHECK_EQ(nu_truth(yes[i]), true);
}

/* Sorted; the values of one row are equal, and every later row is larger. */
TEST(numbers_compare_exactly_across_types)
{
    const nu_value rows[][3] = {
        {NU_V(-INFINITY), NU_V(-INFINITY), NU_V(-INFINITY)},
        {NU_V(-0x1p63), NU_V(INT64_MIN), NU_V(nu_decimal_get("-9223372036854775808"))},
        {NU_V(-1.5), NU_V(nu_decimal_get("-1.5")), NU_V(nu_decimal_get("-1.500"))},
        {NU_V(-1), NU_V(-1.0), NU_V(nu_decimal_get("-1.0"))},
        {NU_V(-5e-324), NU_V(-5e-324), NU_V(-5e-324)},
        {NU_V(0), NU_V(false), NU_V(nu_decimal_get("-0E+5"))},
        {NU_V(1e-300), NU_V(1e-300), NU_V(1e-300)},
        {NU_V(nu_decimal_get("0.1")), NU_V(nu_decimal_get("0.10")), NU_V(nu_decimal_get("1E-1"))},
        {NU_V(0.1), NU_V(0.1), NU_V(0.1)},
        {NU_V(1), NU_V(true), NU_V(1.0)},
        {NU_V(9007199254740992), NU_V(9007199254740992.0),
         NU_V(nu_decimal_get("9007199254740992"))},
        {NU_V(9007199254740993), NU_V(nu_decimal_get("9007199254740993")), NU_V(9007199254740993)},
        {NU_V(INT64_MAX), NU_V(nu_decimal_get("9223372036854775807")), NU_V(INT64_MAX)},
        {NU_V(0x1p63), NU_V(nu_decimal_get("9223372036854775808")), NU_V(0x1p63)},
        {NU_V(1e23), NU_V(nu_decimal_get("99999999999999991611392")), NU_V(1e23)},
        {NU_V(nu_decimal_get("1E+23")), NU_V(nu_decimal_get("1E+23")),
         NU_V(nu_decimal_get("10E+22"))},
        {NU_V(INFINITY), NU_V(INFINITY), NU_V(INFINITY)},
    };
    for (size_t i = 0; i < NU_COUNT(rows); i++)
        for (size_t j = 0; j < NU_COUNT(rows); j++)
            for (size_t k = 0; k < 9; k++) {
                nu_value a = rows[i][k / 3], b = rows[j][k % 3];
                int      order;
                CHECK(nu_compare_try(a, b, &order));
                CHECK_EQ(order, (i > j) - (i < j));
                CHECK_EQ(nu_equal(a, b), i == j);
            }
}

TEST(what_cannot_be_ordered_says_so)
{
    nu_datetime naive = nu_datetime_at(0);
    naive.naive = true;
    nu_value tuple = NU_V(nu_list_of(1));
    tuple.flags = NU_TUPLE;
    const nu_value pairs[][2] = {
        {nu_null(), NU_V(1)},
        {NU_V("1"), NU_V(1)},
        {NU_V(NAN), NU_V(NAN)},
        {NU_V(1), NU_V(NAN)},
        {NU_V(nu_decimal_of(1)), NU_V(NAN)},
        {NU_V(naive), NU_V(nu_datetime_at(0))},
        {NU_V(nu_date_of(1970, 1, 1)), NU_V(nu_datetime_at(0))},
        {NU_V(nu_list_of(1)), tuple},
        {NU_V(nu_list_of(1, "a")), NU_V(nu_list_of(1, 2))},
        {NU_V("a"), nu_value_bytes("a", 1)},
    };
    for (size_t i = 0; i < NU_COUNT(pairs); i++) {
        int order = 7;
        CHECK(!nu_compare_try(pairs[i][0], pairs[i][1], &order));
        CHECK(!nu_compare_try(pairs[i][1], pairs[i][0], &order));
        CHECK_EQ(order, 7);
        CHECK(!nu_equal(pairs[i][0], pairs[i][1]));
    }
    CHECK(nu_equal(nu_null(), nu_null()));
}

TEST(texts_lists_and_dates_have_an_order)
{
    const nu_value pairs[][2] = {
        {NU_V(""), NU_V("a")},
        {NU_V("a"), NU_V("aa")},
        {NU_V("Z"), NU_V("a")},
        {NU_V("\uffff"), NU_V("\U00010000")},
        {NU_V(nu_list_of(1, 2)), NU_V(nu_list_of(1, 2, 3))},
        {NU_V(nu_list_of(1, 2, 3)), NU_V(nu_list_of(1, 3))},
        {NU_V(nu_date_of(1969, 12, 31)), NU_V(nu_date_of(1970, 1, 1))},
        {NU_V(nu_duration_of(-5)), NU_V(nu_duration_of(5))},
        {NU_V(nu_time_of(1, 0, 0, 0)), NU_V(nu_time_of(1, 0, 0, 1))},
    };
    for (size_t i = 0; i < NU_COUNT(pairs); i++) {
        int order;
        CHECK(nu_compare_try(pairs[i][0], pairs[i][1], &order));
        CHECK_EQ(order, -1);
        CHECK(nu_compare_try(pairs[i][1], pairs[i][0], &order));
        CHECK_EQ(order, 1);
    }
}

TEST(dicts_are_equal_by_content)
{
    CHECK_EQ(nu_dict_of("a", 1, "b", 2), nu_dict_of("b", 2.0, "a", true));
    CHECK_NE(nu_dict_of("a", 1), nu_dict_of("a", 2));
    CHECK_NE(nu_dict_of("a", 1), nu_dict_of("b", 1));
    CHECK_NE(nu_dict_of("a", 1), nu_dict_of("a", 1, "b", 2));
}

TEST(whole_numbers_are_found_in_many_values)
{
    const struct {
        nu_value value;
        int64_t  whole;
    } good[] = {
        {NU_V(true), 1},
        {NU_V(5), 5},
        {NU_V(5.0), 5},
        {NU_V(-0x1p63), INT64_MIN},
        {NU_V(nu_decimal_get("5.00")), 5},
        {NU_V(nu_decimal_get("5E+3")), 5000},
        {NU_V(nu_decimal_get("-9223372036854775808")), INT64_MIN},
        {NU_V(" 12 "), 12},
        {NU_V("-9223372036854775808"), INT64_MIN},
        {NU_V("+3"), 3},
        {NU_V("007"), 7},
    };
    for (size_t i = 0; i < NU_COUNT(good); i++)
        CHECK_EQ(nu_int(good[i].value), good[i].whole);
    const nu_value bad[] = {nu_null(),
                            NU_V(5.5),
                            NU_V(0x1p63),
                            NU_V(NAN),
                            NU_V(INFINITY),
                            NU_V(nu_decimal_get("5.5")),
                            NU_V(nu_decimal_get("1E+30")),
                            NU_V(nu_decimal_get("9223372036854775808")),
                            NU_V(""),
                            NU_V(" "),
                            NU_V("5.0"),
                            NU_V("5x"),
                            NU_V("- 5"),
                            NU_V("9223372036854775808"),
                            NU_V(nu_list_new())};
    for (size_t i = 0; i < NU_COUNT(bad); i++)
        CHECK_RAISES(NU_VALUE_ERROR, nu_int(bad[i]));
    CHECK_TEXT(nu_test_error()->fact, "[] is not a whole number");
}

TEST(floats_are_read_from_text_in_one_form_only)
{
    const char *good[] = {"1", "-1.5", ".5", "5.", "1e3", "+1E-3", " 2.5\n"};
    const char *bad[] = {"", ".", "e5", "1e", "1e+", "nan", "inf", "0x10", "1.2.3", "1 2", "1_000"};
    double      number;
    for (size_t i = 0; i < NU_COUNT(good); i++)
        CHECK(nu_float_try(NU_V(good[i]), &number));
    for (size_t i = 0; i < NU_COUNT(bad); i++)
        CHECK(!nu_float_try(NU_V(bad[i]), &number));
    CHECK(nu_float_try(NU_V("0.1000000000000000055511151231257827021181583404541015625000000000"),
                       &number));
    CHECK_EQ(number, 0.1);
}

TEST(unset_structs_are_null)
{
    CHECK(nu_is_null(NU_V((nu_date){0})));
    CHECK(nu_is_null(NU_V((nu_time){0})));
    CHECK(nu_is_null(NU_V((nu_datetime){0})));
    CHECK(nu_is_null(NU_V((nu_duration){0})));
    CHECK(nu_is_null(NU_V((nu_decimal){0})));
    CHECK(nu_is_null(NU_V((nu_uuid){0})));
    CHECK(nu_is_null(NU_V((const char *)NULL)));
    CHECK(nu_is_null(NU_V((nu_list *)NULL)));
    CHECK(nu_is_null(NU_V((nu_dict *)NULL)));
    CHECK(nu_is_null(NU_V((void *)NULL)));
    CHECK(!nu_value_as_date(NU_V(1)).set);
    CHECK_EQ(nu_value_as_datetime(NU_V(nu_datetime_at(5))), nu_datetime_at(5));
}

TEST(a_copy_lives_in_its_own_arena)
{
    nu_arena *from = nu_arena_new(NULL, "from"), *before = nu_arena_enter(from);
    nu_value  value = NU_V(nu_dict_of("list", nu_list_of(1, nu_fmt("text %d", 2), nu_uuid4()),
                                      "price", nu_decimal_get("9.90")));
    nu_dict_put(value.dict, nu_value_text(nu_fmt("key")), nu_value_bytes("\0\1", 2));
    const char *text = repr(value);
    nu_arena_enter(before);
    text = nu_arena_text(before, text);
    nu_value copy = nu_value_copy(before, value);
    nu_arena_free(from);
    CHECK_TEXT(repr(copy), text);
    nu_list_add(copy.dict != NULL ? nu_dict_get(copy.dict, "list").list : NULL, "more");
    CHECK_CONTAINS(repr(copy), ", 'more']");
}

/* ---- objects ---------------------------------------------------------------------------------- */

struct pet {
    const nu_class *class;
    const char *name;
};

static nu_value pet_text(void *self)
{
    return nu_value_text(((struct pet *)self)->name);
}

static int64_t pet_count(void *self)
{
    return (int64_t)strlen(((struct pet *)self)->name);
}

static bool pet_equal(void *self, nu_value other)
{
    return other.type == NU_TEXT && strcmp(((struct pet *)self)->name, other.text) == 0;
}

static const nu_class pet_class = {
    .name = "Pet", .text = pet_text, .count = pet_count, .equal = pet_equal};
static const nu_class bare_class = {.name = "Bare"};

TEST(objects_answer_by_their_class)
{
    struct pet rex = {&pet_class, "Rex"}, none = {&pet_class, ""}, bare = {&bare_class, ""};
    CHECK_TEXT(nu_text(NU_V(&rex)), "Rex");
    CHECK_TEXT(repr(NU_V(nu_list_of(&rex))), "[<Pet: Rex>]");
    CHECK_TEXT(nu_text(NU_V(&bare)), "<Bare object>");
    CHECK_TEXT(nu_value_type_name(NU_V(&rex)), "Pet");
    CHECK(nu_truth(NU_V(&rex)));
    CHECK(!nu_truth(NU_V(&none)));
    CHECK(nu_truth(NU_V(&bare)));
    CHECK_EQ(NU_V(&rex), NU_V("Rex"));
    CHECK_EQ(NU_V("Rex"), NU_V(&rex));
    CHECK_EQ(NU_V(&bare), NU_V(&bare));
    CHECK_NE(NU_V(&rex), NU_V(&none));
}
