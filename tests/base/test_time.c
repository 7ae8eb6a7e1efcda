#include "nuages/test.h"

#include <string.h>

#include "nuages/random.h"

TEST(calendar_days_and_dates_fit)
{
    const struct {
        int year, month, day, days, weekday, yearday;
    } cases[] = {
        {1, 1, 1, -719162, 0, 1},      {1582, 10, 15, -141427, 4, 288},
        {1600, 2, 29, -135081, 1, 60}, {1900, 3, 1, -25508, 3, 60},
        {1969, 12, 31, -1, 2, 365},    {1970, 1, 1, 0, 3, 1},
        {2000, 2, 29, 11016, 1, 60},   {2026, 11, 21, 20778, 5, 325},
        {2100, 3, 1, 47541, 0, 60},    {9999, 12, 31, 2932896, 4, 365},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_date date = nu_date_of(cases[i].year, cases[i].month, cases[i].day);
        CHECK_EQ(date.days, cases[i].days);
        nu_civil civil = nu_date_civil(date);
        CHECK_EQ(civil.year, cases[i].year);
        CHECK_EQ(civil.month, cases[i].month);
        CHECK_EQ(civil.day, cases[i].day);
        CHECK_EQ(civil.weekday, cases[i].weekday);
        CHECK_EQ(civil.yearday, cases[i].yearday);
    }
    for (int32_t days = -719162; days <= 2932896; days += 97) {
        nu_civil civil = nu_date_civil((nu_date){days, true});
        CHECK(nu_date_of(civil.year, civil.month, civil.day).days == days);
    }
}

TEST(a_part_out_of_range_is_named)
{
    CHECK_RAISES(NU_VALUE_ERROR, nu_date_of(0, 1, 1));
    CHECK_RAISES(NU_VALUE_ERROR, nu_date_of(10000, 1, 1));
    CHECK_RAISES(NU_VALUE_ERROR, nu_date_of(2026, 13, 1));
    CHECK_TEXT(nu_test_error()->fact, "month 13 is not within 1..12");
    CHECK_RAISES(NU_VALUE_ERROR, nu_date_of(2026, 2, 29));
    CHECK_TEXT(nu_test_error()->fact, "day 29 is not within 1..28");
    CHECK_RAISES(NU_VALUE_ERROR, nu_time_of(24, 0, 0, 0));
    CHECK_RAISES(NU_VALUE_ERROR, nu_time_of(0, 0, 60, 0));
    CHECK_RAISES(NU_VALUE_ERROR, nu_datetime_of(2026, 1, 1, 0, -1, 0));
}

TEST(the_clock_can_be_frozen)
{
    nu_datetime moment = nu_datetime_of(2026, 11, 21, 23, 30, 0);
    nu_clock_freeze(moment);
    CHECK_EQ(nu_now(), moment);
    CHECK_EQ(nu_today(NULL), nu_date_of(2026, 11, 21));
    nu_clock_freeze((nu_datetime){0});
    CHECK(nu_now().us > moment.us - 100 * 365 * NU_DAY);
    int64_t before = nu_monotonic_us();
    CHECK(nu_monotonic_us() >= before);
}

/* NULL: refused. The texts are those of Django's dateparse and Python's isoformat(). */
struct parsed {
    const char *text, *expected;
};

TEST(dates_are_parsed_as_django_does)
{
    const struct parsed cases[] = {
        {"2012-04-23", "2012-04-23"}, {"2012-4-9", "2012-04-09"},
        {"20120423", "2012-04-23"},   {"0001-01-01", "0001-01-01"},
        {"9999-12-31", "9999-12-31"}, {"2012423", NULL},
        {"2012-04-56", NULL},         {"2011-02-29", NULL},
        {"0000-01-01", NULL},         {"2012-04-23 ", NULL},
        {" 2012-04-23", NULL},        {"2012-04-23T", NULL},
        {"12-04-23", NULL},           {"2012/04/23", NULL},
        {"2012-004-23", NULL},        {"", NULL},
        {"+2012-04-23", NULL},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_date date;
        bool    good = nu_date_try(cases[i].text, strlen(cases[i].text), &date);
        CHECK_EQ(nu_fmt("%s %d", cases[i].text, good),
                 nu_fmt("%s %d", cases[i].text, cases[i].expected != NULL));
        if (good)
            CHECK_TEXT(nu_date_text(date), cases[i].expected);
    }
}

TEST(times_are_parsed_as_django_does)
{
    const struct parsed cases[] = {
        {"09:15:00", "09:15:00"},
        {"091500", "09:15:00"},
        {"10:10", "10:10:00"},
        {"10:20:30.400", "10:20:30.400000"},
        {"10:20:30,400", "10:20:30.400000"},
        {"10:20:30.123456789", "10:20:30.123456"},
        {"4:8:16", "04:08:16"},
        {"00:05:23+04:00", "00:05:23"},
        {"00:05:", NULL},
        {"00:05:23,", NULL},
        {"00:05:23+", NULL},
        {"00:05:23+25:00", NULL},
        {"4:18:101", NULL},
        {"09:15:90", NULL},
        {"24:00", NULL},
        {"10:20:30.1234567890123", NULL},
        {"10", NULL},
        {"10:", NULL},
        {"", NULL},
        {"10:20.5", NULL},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_time time;
        bool    good = nu_time_try(cases[i].text, strlen(cases[i].text), &time);
        CHECK_EQ(nu_fmt("%s %d", cases[i].text, good),
                 nu_fmt("%s %d", cases[i].text, cases[i].expected != NULL));
        if (good)
            CHECK_TEXT(nu_time_text(time), cases[i].expected);
    }
}

TEST(datetimes_are_parsed_as_django_does)
{
    const struct parsed cases[] = {
        {"2012-04-23", "2012-04-23T00:00:00"},
        {"2012-04-23T09:15:00", "2012-04-23T09:15:00"},
        {"2012-4-9 4:8:16", "2012-04-09T04:08:16"},
        {"2012-04-23T09:15:00Z", "2012-04-23T09:15:00+00:00"},
        {"2012-4-9 4:8:16-0320", "2012-04-09T04:08:16-03:20"},
        {"2012-04-23T10:20:30.400+02:30", "2012-04-23T10:20:30.400000+02:30"},
        {"2012-04-23T10:20:30.400 +02:30", "2012-04-23T10:20:30.400000+02:30"},
        {"2012-04-23T10:20:30.400+02", "2012-04-23T10:20:30.400000+02:00"},
        {"2012-04-23T10:20:30.400-02", "2012-04-23T10:20:30.400000-02:00"},
        {"2012-04-23T10:20:30,400-02", "2012-04-23T10:20:30.400000-02:00"},
        {"2012-04-23T10:20:30.400 +0230", "2012-04-23T10:20:30.400000+02:30"},
        {"2012-04-23T10:20:30,400 +00", "2012-04-23T10:20:30.400000+00:00"},
        {"2012-04-23T10:20:30   -02", "2012-04-23T10:20:30-02:00"},
        {"2012-04-23T10:20", "2012-04-23T10:20:00"},
        {"0001-01-01T00:00:00", "0001-01-01T00:00:00"},
        {"0001-01-01T00:00:00+01:00", NULL},
        {"9999-12-31T23:59:59.999999-01:00", NULL},
        {"2024-05-06 07:08:09.123456", "2024-05-06T07:08:09.123456"},
        {"9999-12-31 23:59:59.999999", "9999-12-31T23:59:59.999999"},
        {"2023-02-29 07:08:09", NULL},
        {"2024-05-06 24:00:00", NULL},
        {"2024-05-06 07:08:0x", NULL},
        {"2024-05-06 07:08:09.12345x", NULL},
        {"20120423091500", NULL},
        {"2012-04-56T09:15:90", NULL},
        {"2012-04-23T10:20:30+24:00", NULL},
        {"2012-04-23T10:20:30+2", NULL},
        {"2012-04-23T10:20:30+02:3", NULL},
        {"2012-04-23T10:20:30ZZ", NULL},
        {"2012-04-23  10:20:30", NULL},
        {"2012-04-23t10:20:30", NULL},
        {"2012-04-23T", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_datetime moment;
        bool        good = nu_datetime_try(cases[i].text, strlen(cases[i].text), &moment);
        CHECK_EQ(nu_fmt("%s %d", cases[i].text, good),
                 nu_fmt("%s %d", cases[i].text, cases[i].expected != NULL));
        if (good)
            CHECK_TEXT(nu_datetime_text(moment), cases[i].expected);
    }
}

TEST(durations_are_parsed_as_django_does)
{
    const struct parsed cases[] = {
        {"30", "00:00:30"},
        {"15:30", "00:15:30"},
        {"5:30", "00:05:30"},
        {"10:15:30", "10:15:30"},
        {"1:15:30", "01:15:30"},
        {"100:200:300", "4 07:25:00"},
        {"4 15:30", "4 00:15:30"},
        {"4 10:15:30", "4 10:15:30"},
        {"4 days, 10:15:30", "4 10:15:30"},
        {"1 day, 0:00:00", "1 00:00:00"},
        {"-1 day, 23:59:59", "-1 23:59:59"},
        {"1 day 0:00:01", "1 00:00:01"},
        {"15:30.1", "00:15:30.100000"},
        {"15:30.000123", "00:15:30.000123"},
        {"15:30,12", "00:15:30.120000"},
        {"-4 15:30", "-4 00:15:30"},
        {"-172800", "-2 00:00:00"},
        {"-15:30", "-1 23:44:30"},
        {"-1:15:30", "-1 22:44:30"},
        {"-30.1", "-1 23:59:29.900000"},
        {"-00:01:01", "-1 23:58:59"},
        {"-01:-01", NULL},
        {"P4Y", NULL},
        {"P4M", NULL},
        {"P4W", NULL},
        {"P4D", "4 00:00:00"},
        {"-P1D", "-1 00:00:00"},
        {"P0.5D", "12:00:00"},
        {"P0,5D", "12:00:00"},
        {"PT5H", "05:00:00"},
        {"-PT5H", "-1 19:00:00"},
        {"PT5M", "00:05:00"},
        {"PT5S", "00:00:05"},
        {"PT0.000005S", "00:00:00.000005"},
        {"PT0,000005S", "00:00:00.000005"},
        {"P1DT2H3M4.5S", "1 02:03:04.500000"},
        {"+P1DT1H", "1 01:00:00"},
        {"P1H", NULL},
        {"PT5", NULL},
        {"PT5H5D", NULL},
        {"1 day", "1 00:00:00"},
        {"3 days -00:00:10", "2 23:59:50"},
        {"3 days +00:00:10.25", "3 00:00:10.250000"},
        {"-1 days +02:03:04", "-1 02:03:04"},
        {"", NULL},
        {" 5", NULL},
        {"5 ", NULL},
        {"a", NULL},
        {"1::2", NULL},
        {"1:2:3:4", NULL},
        {"999999999 00:00:00", NULL},
        {"99999999999999999999", NULL},
        {"106751991 04:00:54.775807", "106751991 04:00:54.775807"},
        {"106751991 04:00:54.775808", NULL},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_duration duration;
        bool        good = nu_duration_try(cases[i].text, strlen(cases[i].text), &duration);
        CHECK_EQ(nu_fmt("%s %d", cases[i].text, good),
                 nu_fmt("%s %d", cases[i].text, cases[i].expected != NULL));
        if (good)
            CHECK_TEXT(nu_duration_text(duration), cases[i].expected);
    }
}

TEST(http_dates_are_written_and_read)
{
    char text[30];
    nu_http_date_write(text, 784111777);
    CHECK_TEXT(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    const char *same[] = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                          "Sun Nov  6 08:49:37 1994"};
    for (size_t i = 0; i < NU_COUNT(same); i++) {
        int64_t seconds;
        CHECK(nu_http_date_try(same[i], strlen(same[i]), &seconds));
        CHECK_EQ(seconds, 784111777);
    }
    for (int64_t at = 0; at < 4102444800; at += 123456789) {
        int64_t back;
        nu_http_date_write(text, at);
        CHECK_EQ(strlen(text), 29);
        CHECK(nu_http_date_try(text, 29, &back));
        CHECK_EQ(back, at);
    }
    const char *bad[] = {"",
                         "Sun, 06 Nov 1994 08:49:37",
                         "Sun, 06 Nov 1994 08:49:37 UTC",
                         "Sun, 06 nov 1994 08:49:37 GMT",
                         "Sun, 31 Feb 1994 08:49:37 GMT",
                         "Sun, 06 Nov 1994 24:49:37 GMT",
                         "Xxx, 06 Nov 1994 08:49:37 GMT",
                         "Sun, 6 Nov 1994 08:49:37 GMT ",
                         "Sun, 06 Nov 1994 08:49:37 GMT ",
                         "Sun, 06 Nov 1994 08:4a:37 GMT",
                         "Sunday, 06-Nov-1994 08:49:37 GMT",
                         "Sun Nov 06 08:49:37 94   "};
    for (size_t i = 0; i < NU_COUNT(bad); i++) {
        int64_t seconds = 5;
        CHECK_EQ(nu_http_date_try(bad[i], strlen(bad[i]), &seconds), false);
        CHECK_EQ(seconds, 5);
    }
}

TEST(the_century_of_two_digits_is_the_nearest)
{
    int64_t seconds;
    nu_clock_freeze(nu_datetime_of(2026, 1, 1, 0, 0, 0));
    CHECK(nu_http_date_try("Tuesday, 01-Jan-76 00:00:00 GMT", 31, &seconds));
    CHECK_EQ(nu_datetime_civil(nu_datetime_at(seconds), NULL).year, 2076);
    CHECK(nu_http_date_try("Tuesday, 01-Jan-77 00:00:00 GMT", 31, &seconds));
    CHECK_EQ(nu_datetime_civil(nu_datetime_at(seconds), NULL).year, 1977);
    nu_clock_freeze((nu_datetime){0});
}

/* No text, however odd, may confuse the parsers; what they take must be writable. */
TEST(random_text_is_parsed_safely)
{
    for (int i = 0; i < 20000; i++) {
        const char *text = nu_random_text(nu_random_below(24), "0123456789-:., TZPDHMS+daysW");
        size_t      length = strlen(text);
        nu_date     date;
        nu_time     time;
        nu_datetime moment;
        nu_duration duration;
        if (nu_date_try(text, length, &date))
            CHECK_EQ(strlen(nu_date_text(date)), 10);
        if (nu_time_try(text, length, &time))
            CHECK(strlen(nu_time_text(time)) >= 8);
        if (nu_datetime_try(text, length, &moment))
            CHECK(strlen(nu_datetime_text(moment)) >= 19);
        if (nu_duration_try(text, length, &duration))
            CHECK(strlen(nu_duration_text(duration)) >= 8);
    }
}
