#include "nuages/i18n.h"
#include "nuages/test.h"

TEST(every_character_writes_its_part)
{
    nu_datetime moment = nu_datetime_of(2008, 1, 2, 15, 4, 9);
    moment.naive = true;
    static const struct {
        const char *format, *text;
    } cases[] = {
        {"d j D l S w z", "02 2 Wed Wednesday nd 3 2"},
        {"m n M b F N E t", "01 1 Jan jan January Jan. January 31"},
        {"y Y L o W", "08 2008 True 2008 1"},
        {"g G h H i s u", "3 15 03 15 04 09 000000"},
        {"a A f P", "p.m. PM 3:04 3:04 p.m."},
        {"c", "2008-01-02T15:04:09"},
        {"r", "Wed, 02 Jan 2008 15:04:09 +0000"},
        {"U", "1199286249"},
        {"e|T|O|Z|I", "|UTC|+0000|0|0"},
        {"jS \\o\\f F", "2nd of January"},
        {"\\\\d", "\\d"},
        {"Y\\", "2008\\"},
        {"\\Y\\m", "Ym"},
        {"[x] k", "[x] k"},
        {"Y年n月j日", "2008年1月2日"},
        {"", ""},
        {"DATE_FORMAT", "Jan. 2, 2008"},
        {"SHORT_DATETIME_FORMAT", "01/02/2008 3:04 p.m."},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(nu_date_format(moment, cases[i].format), cases[i].text);
}

TEST(weeks_are_counted_after_iso_8601)
{
    static const struct {
        int         year, month, day;
        const char *text;
    } cases[] = {
        {2003, 1, 1, "2003-1"},    {2006, 12, 29, "2006-52"}, {2007, 12, 31, "2008-1"},
        {2016, 1, 3, "2015-53"},   {2020, 12, 31, "2020-53"}, {2021, 1, 3, "2020-53"},
        {2021, 1, 4, "2021-1"},    {2024, 12, 30, "2025-1"},  {2010, 1, 3, "2009-53"},
        {1999, 12, 31, "1999-52"}, {1, 1, 1, "1-1"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(nu_date_format(nu_date_of(cases[i].year, cases[i].month, cases[i].day), "o-W"),
                   cases[i].text);
}

TEST(a_date_has_no_time_and_a_time_no_date)
{
    nu_date     date = nu_date_of(2008, 1, 2);
    nu_time     time = nu_time_of(12, 0, 0, 5);
    const char *text;
    CHECK_RAISES(NU_VALUE_ERROR, nu_date_format(date, "H:i"));
    CHECK_CONTAINS(nu_test_error()->fact, "found 'H'");
    CHECK(!nu_date_format_try(nu_value_time(time), "Y", &text));
    CHECK(!nu_time_format_try(nu_value_time(time), "H Y", &text));
    CHECK(!nu_date_format_try(nu_value_text("x"), "Y", &text));
    CHECK_RAISES(NU_VALUE_ERROR, nu_date_format("x", "Y"));
    CHECK_TEXT(nu_time_format(time, "P u e|"), "noon 000005 |");
    CHECK_TEXT(nu_date_format(time, "c"), "12:00:00.000005");
    CHECK_TEXT(nu_date_format(date, "c"), "2008-01-02");
    CHECK_TEXT(nu_date_format(date, "r"), "Wed, 02 Jan 2008 00:00:00 +0000");
}

static void use_zone(const char *name)
{
    nu_locale_options options = {.zone = nu_zone_get(name), .use_tz = true};
    nu_locales_use(nu_locales_new(nu_arena_current(), &options));
}

TEST(moments_are_shown_where_they_belong)
{
    nu_datetime moment = nu_datetime_of(2020, 7, 4, 12, 35, 0);
    CHECK_TEXT(nu_date_format(moment, "c e T O"), "2020-07-04T12:35:00+00:00 UTC UTC +0000");
    moment.offset = 330;
    CHECK_TEXT(nu_date_format(moment, "c e T Z"), "2020-07-04T18:05:00+05:30 +0530 +0530 19800");

    nu_value tokyo = nu_moment_in(nu_value_datetime(moment), nu_zone_get("Asia/Tokyo"));
    CHECK_TEXT(nu_date_format(tokyo, "c e"), "2020-07-04T21:35:00+09:00 JST");

    use_zone("Europe/Paris");
    nu_value shown = nu_moment_local(nu_value_datetime(moment), -1);
    CHECK_TEXT(nu_date_format(shown, "H:i T I"), "14:35 CEST 1");
    CHECK_TEXT(nu_date_format(nu_moment_local(tokyo, -1), "H:i T"), "21:35 JST");
    CHECK_TEXT(nu_date_format(nu_moment_local(nu_value_datetime(moment), 0), "H:i"), "18:05");

    const nu_zone *before = nu_zone_activate(nu_zone_get("America/New_York"));
    CHECK_TEXT(nu_date_format(nu_moment_local(nu_value_datetime(moment), -1), "H:i T"),
               "08:35 EDT");
    nu_zone_activate(before);
    nu_locales_use(NULL);
}

TEST(a_naive_moment_is_read_in_the_default_zone)
{
    use_zone("America/Chicago");
    nu_datetime moment = nu_datetime_of(2010, 1, 2, 3, 4, 5);
    moment.naive = true;
    CHECK_TEXT(nu_date_format(moment, "c e|T O"), "2010-01-02T03:04:05 |CST -0600");
    nu_value utc = nu_moment_in(nu_value_datetime(moment), nu_zone_get("UTC"));
    CHECK_TEXT(nu_date_format(utc, "c"), "2010-01-02T09:04:05+00:00");
    /* A reading that the clock shows twice has no offset. */
    moment = nu_datetime_of(2020, 11, 1, 1, 30, 0);
    moment.naive = true;
    CHECK_TEXT(nu_date_format(moment, "T|O|Z|I|H:i"), "||||01:30");
    nu_locales_use(NULL);
}

TEST(the_ends_of_the_calendar_can_be_written)
{
    use_zone("Asia/Tokyo");
    nu_datetime first = nu_datetime_of(1, 1, 1, 0, 0, 0);
    nu_datetime last = nu_datetime_of(9999, 12, 31, 23, 59, 59);
    first.naive = last.naive = true;
    CHECK_TEXT(nu_date_format(first, "Y-m-d"), "0001-01-01");
    CHECK_TEXT(nu_date_format(last, "c"), "9999-12-31T23:59:59");
    CHECK_TEXT(nu_date_format(last, "T O H"), "JST +0900 23");
    nu_locales_use(NULL);
}

TEST(names_are_those_of_the_language)
{
    nu_locales   *locales = nu_locales_new(nu_arena_current(), NULL);
    nu_catalogue *russian = nu_locales_catalogue(locales, "ru");
    nu_catalogue_add(russian, "alt. month", "January", NU_STRS("января"), 1);
    nu_catalogue_add(russian, NULL, "January", NU_STRS("Январь"), 1);
    nu_catalogue_add(russian, NULL, "jan", NU_STRS("янв"), 1);
    nu_locales_use(locales);
    nu_language_activate("ru");
    CHECK_TEXT(nu_date_format(nu_date_of(2008, 1, 2), "DATE_FORMAT"), "2 января 2008 г.");
    CHECK_TEXT(nu_date_format(nu_date_of(2008, 1, 2), "F M b"), "Январь Янв янв");
    nu_language_activate(NULL);
    nu_locales_use(NULL);
}
