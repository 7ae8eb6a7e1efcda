#include "nuages/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/zone.h"
#include "base/zone_rule.h"
#include "nuages/file.h"

static bool is_installed(void)
{
    return access("/usr/share/zoneinfo/Europe/Zurich", R_OK) == 0;
}

TEST(zones_answer_as_pythons_zoneinfo)
{
    if (!is_installed())
        return;
    nu_value text = nu_file_read(NU_TEST_DATA "/base/zones.txt", 1 << 20);
    nu_list *lines = nu_split((const char *)text.bytes, '\n');
    int      cases = 0;
    for (uint32_t i = 1; i < lines->count; i++) {
        char      name[40], abbreviation[10], wall[40];
        long long moment;
        int       offset, dst;
        if (sscanf(lines->items[i].text, "%39s %lld %d %d %9s %39s", name, &moment, &offset, &dst,
                   abbreviation, wall) != 6)
            continue;
        const nu_zone *zone = nu_zone_get(name);
        nu_civil       civil = nu_datetime_civil(nu_datetime_at(moment), zone);
        const char    *got = nu_fmt("%s %lld %d %d %s %04d-%02d-%02dT%02d:%02d:%02d", name, moment,
                                    civil.offset, civil.dst, civil.abbreviation, civil.year,
                                    civil.month, civil.day, civil.hour, civil.minute, civil.second);
        CHECK_TEXT(got, lines->items[i].text);
        /* And back, unless the same reading came twice. */
        nu_datetime back = nu_datetime_in(&civil, zone);
        CHECK(back.us <= moment * NU_SECOND);
        nu_civil again = nu_datetime_civil(back, zone);
        CHECK_EQ(again.hour * 100 + again.minute, civil.hour * 100 + civil.minute);
        cases++;
    }
    CHECK(cases > 300);
}

static const char *utc_of(const char *wall, const char *zone)
{
    nu_datetime naive;
    CHECK(nu_datetime_try(wall, strlen(wall), &naive));
    nu_civil    civil = nu_datetime_civil(naive, NULL);
    nu_datetime moment = nu_datetime_in(&civil, nu_zone_get(zone));
    return nu_datetime_text(moment);
}

TEST(wall_clocks_in_gaps_and_overlaps)
{
    if (!is_installed())
        return;
    CHECK_TEXT(utc_of("2026-07-01T12:00:00.5", "Europe/Zurich"),
               "2026-07-01T12:00:00.500000+02:00");
    /* 02:30 came twice on the last Sunday of October: the earlier one. */
    CHECK_TEXT(utc_of("2026-10-25T02:30:00", "Europe/Zurich"), "2026-10-25T02:30:00+02:00");
    /* 02:30 never came on the last Sunday of March. */
    CHECK_TEXT(utc_of("2026-03-29T02:30:00", "Europe/Zurich"), "2026-03-29T03:30:00+02:00");
    CHECK_TEXT(utc_of("2026-01-01T00:00:00", "UTC"), "2026-01-01T00:00:00+00:00");
    CHECK_TEXT(utc_of("2026-01-01T00:00:00", "America/St_Johns"), "2026-01-01T00:00:00-03:30");
    /* A whole day that never came: Samoa crossed the date line. */
    CHECK_TEXT(utc_of("2011-12-30T12:00:00", "Pacific/Apia"), "2011-12-31T12:00:00+14:00");
}

TEST(names_of_zones_stay_inside_their_folder)
{
    const char *bad[] = {
        "",    "/etc/passwd", "../../etc/passwd", "Europe/../UTC", "Europe",  "Nope",
        "a b", "UTC\n",       "tzdata.zi",        "Europe/",       "zone.tab"};
    for (size_t i = 0; i < NU_COUNT(bad); i++)
        CHECK(nu_zone_find(bad[i]) == NULL);
    char long_name[300];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    CHECK(nu_zone_find(long_name) == NULL);
    CHECK(nu_zone_find("UTC") == nu_zone_find("UTC"));
    CHECK_TEXT(nu_zone_name(nu_zone_get("UTC")), "UTC");
}

TEST(an_unknown_zone_has_a_near_name)
{
    CHECK_RAISES(NU_VALUE_ERROR, nu_zone_get("Europe/Zuerich"));
    CHECK_TEXT(nu_test_error()->fact, "there is no time zone \"Europe/Zuerich\"");
    if (access("/usr/share/zoneinfo/tzdata.zi", R_OK) == 0)
        CHECK_TEXT(nu_test_error()->hint, "Did you mean \"Europe/Zurich\"?");
}

static const char *rule_at(const nu__zone_rule *rule, const char *utc)
{
    nu_datetime moment;
    CHECK(nu_datetime_try(utc, strlen(utc), &moment));
    nu__zone_offset at = nu__zone_rule_at(rule, moment.us / NU_SECOND);
    return nu_fmt("%d%s %s", at.seconds, at.dst ? " summer" : "", at.abbreviation);
}

TEST(rules_in_posix_notation)
{
    const struct {
        const char *rule, *utc, *expected;
    } cases[] = {
        {"UTC0", "2050-07-01T00:00:00", "0 UTC"},
        {"<+0545>-5:45", "2050-07-01T00:00:00", "20700 +0545"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2050-03-27T00:59:59", "3600 CET"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2050-03-27T01:00:00", "7200 summer CEST"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2050-10-30T00:59:59", "7200 summer CEST"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2050-10-30T01:00:00", "3600 CET"},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2050-01-01T00:00:00", "39600 summer AEDT"},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2050-07-01T00:00:00", "36000 AEST"},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2050-01-01T00:00:00", "39600 summer +11"},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2050-01-01T00:00:00", "0 summer GMT"},
        {"XXX3EDT4,0/0,J365/25", "2050-07-01T00:00:00", "-14400 summer EDT"},
        {"EST5EDT,J60,J300", "2048-02-29T12:00:00", "-18000 EST"},
        {"EST5EDT,J60,J300", "2048-03-01T12:00:00", "-14400 summer EDT"},
        {"EST5EDT,59,300", "2048-02-29T12:00:00", "-14400 summer EDT"},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-03-27T00:59:59", "-7200 -02"},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-03-27T01:00:00", "-3600 summer -01"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu__zone_rule rule;
        CHECK(nu__zone_rule_try(cases[i].rule, strlen(cases[i].rule), &rule));
        CHECK_TEXT(rule_at(&rule, cases[i].utc), cases[i].expected);
    }
    const char *bad[] = {"",
                         "CE",
                         "CET",
                         "CET-1CEST",
                         "CET-1CEST,M3.5.0",
                         "CET-1CEST,M13.5.0,M10.5.0",
                         "CET-1CEST,M3.6.0,M10.5.0",
                         "CET-1CEST,M3.5.7,M10.5.0",
                         "CET-1CEST,J0,J5",
                         "CET-1CEST,366,J5",
                         "CET-1 ",
                         "<CET-1",
                         "ABCDEFGHI0",
                         "CET-999"};
    for (size_t i = 0; i < NU_COUNT(bad); i++) {
        nu__zone_rule rule;
        CHECK_EQ(nu__zone_rule_try(bad[i], strlen(bad[i]), &rule), false);
    }
}

/* Every cut and every changed byte of a real file is read without harm. */
TEST(broken_zone_files_are_refused_or_read_safely)
{
    if (!is_installed())
        return;
    nu_value    good = nu_file_read("/usr/share/zoneinfo/Europe/Zurich", 1 << 16);
    const char *folder = nu_fmt("/tmp/nu-zones-%d", (int)getpid());
    CHECK_EQ(system(nu_fmt("mkdir -p %s", folder)), 0);
    setenv("TZDIR", folder, 1);
    int read = 0;
    for (uint32_t i = 0; i < 300; i++) {
        char  *bytes = nu_arena_copy(nu_arena_current(), good.bytes, good.length);
        bool   cut = i % 2;
        size_t length = cut ? good.length * i / 300 : good.length;
        if (!cut)
            bytes[i < 120 ? i / 2 : (size_t)i * 7919 % good.length] ^= (char)(1 + i % 255);
        nu_file_write(nu_fmt("%s/Z%u", folder, i), bytes, length);
        const nu_zone *zone = nu_zone_find(nu_fmt("Z%u", i));
        CHECK(!cut || zone == NULL);
        for (int64_t at = -3000000000; zone != NULL && at < 5000000000; at += 250000000)
            read += nu_datetime_civil(nu_datetime_at(at), zone).abbreviation != NULL;
    }
    CHECK(read > 0);
    unsetenv("TZDIR");
    CHECK_EQ(system(nu_fmt("rm -r %s", folder)), 0);
}
