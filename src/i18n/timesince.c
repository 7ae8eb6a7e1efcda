/* "2 weeks, 3 days": how long ago something was, counted by the calendar. */
#include "i18n/timesince.h"

#include "i18n/internal.h"

#include <string.h>

enum { UNIT_COUNT = 6 };

static const struct unit {
    const char *one, *many;
} units[UNIT_COUNT] = {
    {"%(num)d year", "%(num)d years"}, {"%(num)d month", "%(num)d months"},
    {"%(num)d week", "%(num)d weeks"}, {"%(num)d day", "%(num)d days"},
    {"%(num)d hour", "%(num)d hours"}, {"%(num)d minute", "%(num)d minutes"},
};

/* "3 weeks" with a space at which no line breaks. */
static void put_count(nu_builder *out, const struct unit *unit, int64_t count, const char *context)
{
    const char *text = nu_npgettext(context, unit->one, unit->many, count);
    nu__put_unbroken(out, nu_fill(text, nu_fmt("%lld", (long long)count)));
}

/* One of the two moments as a wall clock and as a number that can be subtracted. */
typedef struct side {
    nu_civil civil;
    int64_t  us; /* between naive moments: as if UTC */
} side;

/* Both sides are read on the clock of `zone`, or of the offset of the first. */
static side read_side(nu_value value, nu_value first)
{
    side       result = {0};
    nu__moment moment;
    if (!nu__moment_read(value, &moment) || moment.type == NU_TIME)
        nu_raise(NU_VALUE_ERROR, "a date or datetime is needed, not a value of type \"%s\"",
                 nu_value_type_name(value));
    if (value.type == NU_DATE) {
        result.civil = moment.civil;
        result.us = nu_value_as_date(value).days * NU_DAY;
    } else if (moment.naive) {
        result.civil = moment.civil;
        result.us = value.us;
    } else {
        if (first.type == NU_DATETIME && (first.flags & NU_NAIVE) == 0) {
            value.zone = first.zone;
            value.offset = first.offset;
            nu__moment_read(value, &moment);
        }
        result.civil = moment.civil;
        result.us = moment.unix_us;
    }
    return result;
}

static bool is_aware(nu_value value)
{
    return value.type == NU_DATETIME && (value.flags & NU_NAIVE) == 0;
}

static int64_t time_of_day(const nu_civil *c)
{
    return ((c->hour * 60 + c->minute) * 60 + c->second) * NU_SECOND + c->us;
}

/* Whole months from one wall clock to the other. */
static int whole_months(const nu_civil *from, const nu_civil *to)
{
    int  months = (to->year - from->year) * 12 + to->month - from->month;
    bool unfinished =
        from->day > to->day || (from->day == to->day && time_of_day(from) > time_of_day(to));
    return unfinished ? months - 1 : months;
}

/* How many microseconds the wall clock moves when `months` are added to `from`. A day that the month
 * has not becomes its last; February has 28. */
static int64_t months_us(const nu_civil *from, int months)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int              month = from->month - 1 + months;
    int              year = from->year + month / 12;
    month %= 12;
    int     day = from->day < days[month] ? from->day : days[month];
    nu_date start = nu_date_of(from->year, from->month, from->day);
    nu_date end = nu_date_of(year, month + 1, day);
    /* The fraction of the second stays behind, as Django's reckoning leaves it. */
    return (end.days - start.days) * NU_DAY - from->us;
}

static void split(const side *from, const side *to, int64_t counts[UNIT_COUNT])
{
    static const int64_t chunks[] = {7 * NU_DAY, NU_DAY, NU_HOUR, NU_MINUTE};
    int                  months = whole_months(&from->civil, &to->civil);
    counts[0] = months / 12;
    counts[1] = months % 12;
    int64_t rest = to->us - from->us;
    if (months > 0)
        rest -= months_us(&from->civil, months);
    for (size_t i = 0; i < NU_COUNT(chunks); i++) {
        counts[i + 2] = rest / chunks[i];
        rest %= chunks[i];
    }
}

static const char *write_counts(const int64_t counts[UNIT_COUNT], int depth, const char *context)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    int first = 0;
    while (first < UNIT_COUNT && counts[first] == 0)
        first++;
    if (first == UNIT_COUNT)
        put_count(&out, &units[UNIT_COUNT - 1], 0, context);
    for (int i = first; i < UNIT_COUNT && i - first < depth && counts[i] != 0; i++) {
        if (i > first)
            nu_builder_puts(&out, nu_gettext(", "));
        put_count(&out, &units[i], counts[i], context);
    }
    return nu_builder_text(&out);
}

nu_value nu__present(nu_value like)
{
    if (is_aware(like))
        return nu_value_datetime(nu_now());
    nu_civil    civil = nu_datetime_civil(nu_now(), nu_zone_default());
    nu_datetime naive = nu_datetime_in(&civil, NULL);
    naive.naive = true;
    return nu_value_datetime(naive);
}

const char *nu__time_distance(nu_value moment, nu_value now, bool until, int depth,
                              const char *context)
{
    if (depth < 1)
        nu_raise(NU_VALUE_ERROR, "depth must be greater than 0.");
    if (nu_is_null(now))
        now = nu__present(moment);
    if (is_aware(moment) != is_aware(now))
        nu_raise(NU_VALUE_ERROR, "a moment with a zone and one without cannot be compared");
    side        a = read_side(moment, moment), b = read_side(now, moment);
    const side *from = until ? &b : &a, *to = until ? &a : &b;

    int64_t counts[UNIT_COUNT] = {0};
    if (to->us - from->us >= NU_SECOND)
        split(from, to, counts);
    return write_counts(counts, depth, context);
}

const char *nu_timesince(nu_value since, nu_value now, int depth)
{
    return nu__time_distance(since, now, false, depth, NULL);
}

const char *nu_timeuntil(nu_value then, nu_value now, int depth)
{
    return nu__time_distance(then, now, true, depth, NULL);
}
