/* Moments and the zones in which they are shown.
 *
 * A datetime has three ways to know its clock: it is naive and is read as it stands; it carries the
 * offset it was written with; or nu_moment_in tied it to a zone, whose number stands in the value. */
#include "i18n/internal.h"

/* The zones that moments were tied to, numbered from 1. There are about 600 in the world; the table
 * only grows, as zones do. */
enum { ZONES_MAX = 1024 };
static const nu_zone *tied_zones[ZONES_MAX];
static uint16_t       tied_count;

/* 0 if there is no room. */
static uint16_t zone_number(const nu_zone *zone)
{
    for (uint16_t i = 0; i < tied_count; i++)
        if (tied_zones[i] == zone)
            return (uint16_t)(i + 1);
    if (tied_count == ZONES_MAX)
        return 0;
    tied_zones[tied_count++] = zone;
    return tied_count;
}

static const nu_zone *zone_of(nu_value moment)
{
    return moment.zone == 0 || moment.zone > tied_count ? NULL : tied_zones[moment.zone - 1];
}

/* The moment at which the default zone's clock shows what the naive moment says. */
static nu_datetime aware(nu_datetime moment)
{
    if (!moment.naive)
        return moment;
    nu_civil civil = nu_datetime_civil(moment, NULL);
    return nu_datetime_in(&civil, nu_zone_default());
}

nu_value nu_moment_in(nu_value moment, const nu_zone *zone)
{
    if (moment.type != NU_DATETIME)
        return moment;
    nu_datetime at = aware(nu_value_as_datetime(moment));
    at.naive = false;
    at.offset = (int16_t)(nu_datetime_civil(at, zone).offset / 60);
    nu_value tied = nu_value_datetime(at);
    tied.zone = zone_number(zone);
    return tied;
}

nu_value nu_moment_local(nu_value moment, int use_tz)
{
    if (moment.type != NU_DATETIME || (moment.flags & NU_NAIVE) != 0 || moment.zone != 0)
        return moment;
    if (use_tz == 0 || (use_tz < 0 && !nu_locale_settings()->use_tz))
        return moment;
    return nu_moment_in(moment, nu_zone_active());
}

/* The offset in force at a moment. */
static int64_t offset_us(int64_t unix_us, const nu_zone *zone)
{
    nu_datetime at = {.us = unix_us, .set = true};
    return nu_datetime_civil(at, zone).offset * NU_SECOND;
}

/* True where the clock is moved: it shows `wall` (as if it were UTC) twice, or not at all. */
static bool is_uncertain(int64_t wall, const nu_zone *zone)
{
    int64_t before = offset_us(wall - NU_DAY, zone), after = offset_us(wall + NU_DAY, zone);
    if (before == after)
        return false;
    bool fits_before = offset_us(wall - before, zone) == before;
    bool fits_after = offset_us(wall - after, zone) == after;
    return fits_before == fits_after;
}

/* The moment itself, or one some days off the end of the calendar, so that a zone can be asked what
 * holds the day before and the day after. */
static int64_t off_the_end(int64_t us)
{
    const int64_t first = (-62135596800 + 3 * 86400) * NU_SECOND;
    const int64_t last = (253402300799 - 3 * 86400) * NU_SECOND;
    return us < first ? first : us > last ? last : us;
}

static void read_datetime(nu_value value, nu__moment *out)
{
    nu_datetime moment = nu_value_as_datetime(value);
    out->naive = moment.naive;
    out->unix_us = moment.us;
    out->zone = moment.naive ? nu_zone_default() : zone_of(value);
    if (!moment.naive && out->zone != NULL) {
        out->civil = nu_datetime_civil(moment, out->zone);
        return;
    }
    int64_t     offset = moment.naive ? 0 : moment.offset;
    nu_datetime there = {.us = moment.us + offset * NU_MINUTE, .set = true, .naive = true};
    out->civil = nu_datetime_civil(there, NULL);
    out->civil.offset = (int)offset * 60;
}

/* The wall clock's reading counts as if it were UTC until the zone has been asked. */
static void settle_naive(nu__moment *m)
{
    nu_datetime wall = {.us = off_the_end(m->unix_us), .set = true, .naive = true};
    nu_datetime at = aware(wall);
    nu_civil    there = nu_datetime_civil(at, m->zone);
    m->civil.offset = (int)((wall.us - at.us) / NU_SECOND);
    m->civil.dst = there.dst;
    m->civil.abbreviation = there.abbreviation;
    m->unix_us -= wall.us - at.us;
}

void nu__moment_settle(nu__moment *m)
{
    if (m->settled || m->type != NU_DATETIME || m->zone == NULL)
        return;
    m->settled = true;
    if (m->naive)
        settle_naive(m);
    int64_t wall = m->unix_us + m->civil.offset * NU_SECOND;
    m->uncertain = is_uncertain(off_the_end(wall), m->zone);
}

bool nu__moment_read(nu_value value, nu__moment *out)
{
    *out = (nu__moment){.type = value.type};
    switch (value.type) {
    case NU_DATE: out->civil = nu_date_civil(nu_value_as_date(value)); return true;
    case NU_TIME: out->civil = nu_time_civil(nu_value_as_time(value)); return true;
    case NU_DATETIME: read_datetime(value, out); return true;
    default: return false;
    }
}

bool nu_moment_civil(nu_value moment, nu_civil *out)
{
    nu__moment read;
    if (!nu__moment_read(moment, &read))
        return false;
    *out = read.civil;
    return true;
}
