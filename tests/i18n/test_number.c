#include "nuages/i18n.h"
#include "nuages/test.h"

TEST(numbers_take_the_style)
{
    static const struct {
        const char     *number;
        nu_number_style style;
        const char     *text;
    } cases[] = {
        {"1234", {".", ",", "3", -1}, "1,234"},
        {"1234", {".", ",", NULL, -1}, "1234"},
        {"1234", {".", ",", "0", 2}, "1234.00"},
        {"-1234.567", {",", ".", "3", 1}, "-1.234,5"},
        {"123", {".", ",", "3", -1}, "123"},
        {"-123", {".", ",", "3", -1}, "-123"},
        {"1234567890", {".", ",", "3,2,0", -1}, "1,23,45,67,890"},
        {"1234567",
         {".", "\xc2\xa0", "3", -1},
         "1\xc2\xa0"
         "234\xc2\xa0"
         "567"},
        {"12345678", {".", ",", "2", 0}, "12,34,56,78"},
        {"0.5", {".", ",", "3", 0}, "0"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        CHECK_TEXT(nu_number_format(nu_value_text(cases[i].number), &cases[i].style),
                   cases[i].text);
        nu_decimal number = nu_decimal_get(cases[i].number);
        CHECK_TEXT(nu_number_format(nu_value_decimal(number), &cases[i].style), cases[i].text);
    }
}

TEST(floats_and_long_numbers_are_plain)
{
    const nu_number_style style = {".", ",", NULL, -1};
    CHECK_TEXT(nu_number_format(nu_value_float(1e16), &style), "10000000000000000");
    CHECK_TEXT(nu_number_format(nu_value_float(1e-7), &style), "0.0000001");
    CHECK_TEXT(nu_number_format(nu_value_float(-0.0), &style), "-0.0");
    CHECK_TEXT(nu_number_format(nu_value_decimal(nu_decimal_get("1.5e250")), &style), "1.5e+250");
    CHECK_TEXT(nu_number_format(nu_value_decimal(nu_decimal_get("9e-19")),
                                &(nu_number_style){".", ",", NULL, 2}),
               "0.00");
}

TEST(values_are_localised)
{
    nu_datetime moment = nu_datetime_of(2006, 10, 25, 14, 30, 59);
    CHECK_EQ(nu_localize(nu_value_int(12345), true), "12345");
    CHECK_EQ(nu_localize(nu_value_float(1.5), true), "1.5");
    CHECK_EQ(nu_localize(nu_value_bool(true), true), "True");
    CHECK_EQ(nu_localize(nu_null(), true), "None");
    CHECK_EQ(nu_localize(NU_V(moment), true), "Oct. 25, 2006, 2:30 p.m.");
    nu_language_activate("de");
    CHECK_EQ(nu_localize(nu_value_float(1.5), true), "1,5");
    CHECK_EQ(nu_localize(nu_value_float(1.5), false), "1.5");
    CHECK_EQ(nu_localize(NU_V(nu_date_of(2006, 10, 25)), true), "25. October 2006");
    CHECK_EQ(nu_localize(NU_V(nu_date_of(2006, 10, 25)), false), "Oct. 25, 2006");
    CHECK_EQ(nu_localize_input(NU_V(nu_date_of(2006, 10, 25)), NULL), "25.10.2006");
    CHECK_EQ(nu_localize_input(NU_V(moment), NULL), "25.10.2006 14:30:59");
    CHECK_EQ(nu_localize_input(NU_V(nu_time_of(1, 2, 3, 0)), NULL), "01:02:03");
    CHECK_TEXT(nu_number_clean("1234,5"), "1234.5");
    nu_language_activate(NULL);
}

TEST(thousands_are_grouped_where_the_options_say_so)
{
    nu_locale_options options = {.thousand_separator = true};
    nu_locales       *locales = nu_locales_new(nu_arena_current(), &options);
    nu_catalogue_formats(nu_locales_catalogue(locales, "hi"), &(nu_formats){.grouping = "3,2,0"});
    nu_locales_use(locales);
    CHECK_EQ(nu_localize(nu_value_int(1234567), true), "1,234,567");
    CHECK_EQ(nu_localize(nu_value_int(1234567), false), "1234567");
    CHECK_TEXT(nu_number_clean(" 1,234 "), " 1234 ");
    nu_language_activate("de-ch");
    CHECK_EQ(nu_localize(nu_value_int(1234567), true), "1\xc2\xa0"
                                                       "234\xc2\xa0"
                                                       "567");
    CHECK_TEXT(nu_number_clean("1 234 567,25"), "1234567.25");
    nu_language_activate("de");
    CHECK_TEXT(nu_number_clean("1.5"), "1.5");
    CHECK_TEXT(nu_number_clean("1.500"), "1500");
    nu_language_activate("hi");
    CHECK_EQ(nu_localize(nu_value_int(1234567), true), "12,34,567");
    nu_language_activate(NULL);
    nu_locales_use(NULL);
}

TEST(unknown_languages_have_the_formats_of_the_options)
{
    nu_locale_options options = {.formats = {.date = "Y-m-d"}};
    nu_locales_use(nu_locales_new(nu_arena_current(), &options));
    CHECK_TEXT(nu_formats_of("xx-yy")->date, "Y-m-d");
    CHECK_TEXT(nu_formats_of("xx-yy")->time, "P");
    CHECK_TEXT(nu_formats_of("de-at")->date, "j. F Y");
    CHECK_TEXT(nu_formats_of("de")->date_input[0], "%d.%m.%Y");
    CHECK_TEXT(nu_formats_of("de")->date_input[2], "%Y-%m-%d");
    nu_locales_use(NULL);
}

TEST(sizes_have_a_unit)
{
    static const struct {
        int64_t     size;
        const char *text;
    } cases[] = {
        {0, "0\xc2\xa0"
            "bytes"},
        {1, "1\xc2\xa0"
            "byte"},
        {1023, "1023\xc2\xa0"
               "bytes"},
        {1024, "1.0\xc2\xa0KB"},
        {10 * 1024, "10.0\xc2\xa0KB"},
        {1024 * 1024 - 1, "1024.0\xc2\xa0KB"},
        {50 << 20, "50.0\xc2\xa0MB"},
        {-2048, "-2.0\xc2\xa0KB"},
        {(int64_t)1 << 60, "1024.0\xc2\xa0PB"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(nu_filesize_format(nu_value_int(cases[i].size)), cases[i].text);
    CHECK_CONTAINS(nu_filesize_format(nu_value_float(1e30)), "888178419700125.2\xc2\xa0PB");
    CHECK_TEXT(nu_filesize_format(nu_value_text("x")), "0\xc2\xa0"
                                                       "bytes");
    CHECK_TEXT(nu_filesize_format(nu_null()), "0\xc2\xa0"
                                              "bytes");
}

#define NBSP "\xc2\xa0"

TEST(distances_in_time_are_counted_by_the_calendar)
{
    static const struct {
        const char *from, *to;
        int         depth;
        const char *text;
    } cases[] = {
        {"2007-08-14T13:46:00", "2007-08-14T13:46:00", 2, "0" NBSP "minutes"},
        {"2007-08-14T13:46:00", "2007-08-14T13:46:59", 2, "0" NBSP "minutes"},
        {"2007-08-14T13:46:00", "2007-08-14T13:47:00", 2, "1" NBSP "minute"},
        {"2007-08-14T13:46:00", "2007-08-13T13:47:00", 2, "0" NBSP "minutes"},
        {"2007-08-14T13:46:00", "2008-09-20T14:46:00", 2, "1" NBSP "year, 1" NBSP "month"},
        {"2007-08-14T13:46:00", "2008-09-22T14:46:00", 6,
         "1" NBSP "year, 1" NBSP "month, 1" NBSP "week, 1" NBSP "day, 1" NBSP "hour"},
        {"2023-01-31T00:00:00", "2023-02-28T00:00:00", 2, "4" NBSP "weeks"},
        {"2024-01-31T00:00:00", "2024-03-08T00:00:00", 2, "1" NBSP "month, 1" NBSP "week"},
        {"2020-02-29T00:00:00", "2021-02-28T00:00:00", 2, "11" NBSP "months, 4" NBSP "weeks"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_datetime from, to;
        CHECK(nu_datetime_try(cases[i].from, 19, &from) && nu_datetime_try(cases[i].to, 19, &to));
        CHECK_TEXT(nu_timesince(NU_V(from), NU_V(to), cases[i].depth), cases[i].text);
        CHECK_TEXT(nu_timeuntil(NU_V(to), NU_V(from), cases[i].depth), cases[i].text);
    }
    CHECK_RAISES(NU_VALUE_ERROR, nu_timesince(NU_V("x"), nu_null(), 2));
    CHECK_RAISES(NU_VALUE_ERROR, nu_timesince(NU_V(nu_now()), nu_null(), 0));
}
