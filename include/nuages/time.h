/* Dates, times, zones and durations. Inside, time is UTC; a zone is applied at the edges.
 *
 * Every struct here is "not set" when zero-filled, which is how SQL NULL reads, so that a nullable
 * column needs no second member. Years run from 1 to 9999 in the proleptic Gregorian calendar, as
 * in Python's datetime; resolution is one microsecond. */
#pragma once

#include "nuages/arena.h"

typedef struct nu_date {
    int32_t days; /* since 1970-01-01 */
    bool    set;
} nu_date;

typedef struct nu_time {
    int64_t us; /* since midnight */
    bool    set;
} nu_time;

/* A moment. `naive`: a wall clock reading without a zone, kept as if it were UTC. */
typedef struct nu_datetime {
    int64_t us; /* since 1970-01-01T00:00:00Z */
    bool    set;
    bool    naive;
    int16_t offset; /* minutes east of UTC it was written with; for display only */
} nu_datetime;

typedef struct nu_duration {
    int64_t us;
    bool    set;
} nu_duration;

/* A time zone from the system's tzdata (TZif, RFC 8536). Shared by the whole process, never freed. */
typedef struct nu_zone nu_zone;

/* A date and time taken apart. */
typedef struct nu_civil {
    int         year, month, day;    /* 1..9999, 1..12, 1..31 */
    int         hour, minute, second, us;
    int         weekday;             /* 0 = Monday … 6 = Sunday */
    int         yearday;             /* 1..366 */
    int         offset;              /* seconds east of UTC */
    bool        dst;
    const char *abbreviation;        /* "CET"; "UTC" without a zone */
} nu_civil;

#define NU_SECOND ((int64_t)1000000)
#define NU_MINUTE (60 * NU_SECOND)
#define NU_HOUR   (60 * NU_MINUTE)
#define NU_DAY    (24 * NU_HOUR)

/* The present moment; tests may freeze it with nu_clock_freeze. */
NU_PUBLIC nu_datetime nu_now(void);
/* Makes nu_now answer `moment` until it is called with an unset one. For tests. */
NU_PUBLIC void nu_clock_freeze(nu_datetime moment);
/* Microseconds of a clock that never jumps, for measuring. */
NU_PUBLIC int64_t nu_monotonic_us(void);
/* Today in `zone` (NULL: UTC). */
NU_PUBLIC nu_date nu_today(const nu_zone *zone);

/* From parts. Raises ValueError naming the part that is out of range. */
NU_PUBLIC nu_date     nu_date_of(int year, int month, int day);
NU_PUBLIC nu_time     nu_time_of(int hour, int minute, int second, int us);
NU_PUBLIC nu_datetime nu_datetime_of(int year, int month, int day, int hour, int minute, int second);
NU_PUBLIC nu_datetime nu_datetime_at(int64_t unix_seconds);
NU_PUBLIC nu_duration nu_duration_of(int64_t us);

/* The moment as seen in `zone` (NULL: UTC; a naive moment is taken as it stands). */
NU_PUBLIC nu_civil nu_datetime_civil(nu_datetime moment, const nu_zone *zone);
NU_PUBLIC nu_civil nu_date_civil(nu_date date);
NU_PUBLIC nu_civil nu_time_civil(nu_time time);

/* The moment whose wall clock in `zone` shows `civil`; in an overlap the earlier one, in a gap the
 * one after the jump. */
NU_PUBLIC nu_datetime nu_datetime_in(const nu_civil *civil, const nu_zone *zone);

/* The zone of that name ("Europe/Zurich", "UTC"); NULL if there is none. Names with ".." or a
 * leading "/" are refused. Reads a file once; later calls are a table look-up. */
NU_PUBLIC const nu_zone *nu_zone_find(const char *name);
/* The same; an unknown name raises ValueError with near names. */
NU_PUBLIC NU_RETURNS_NONNULL const nu_zone *nu_zone_get(const char *name);
NU_PUBLIC const char *nu_zone_name(const nu_zone *zone);

/* Parse exactly: the whole text must fit, else false and `*out` is untouched. The forms are those of
 * Django's django.utils.dateparse: ISO 8601 dates, times with optional seconds and fraction,
 * datetimes joined by T or a space with Z or ±HH[[:]MM], all of them also without separators
 * (20261121, 091500), durations as "D HH:MM:SS.ffffff", ISO 8601 or PostgreSQL's day-time. A
 * datetime without a zone comes back naive. */
NU_PUBLIC NU_MUST_USE bool nu_date_try(const char *text, size_t length, nu_date *out);
NU_PUBLIC NU_MUST_USE bool nu_time_try(const char *text, size_t length, nu_time *out);
NU_PUBLIC NU_MUST_USE bool nu_datetime_try(const char *text, size_t length, nu_datetime *out);
NU_PUBLIC NU_MUST_USE bool nu_duration_try(const char *text, size_t length, nu_duration *out);

/* ISO 8601 text, as Python's isoformat(): "2026-11-21", "09:05:00.000123",
 * "2026-11-21T09:05:00+00:00" (no offset when naive). In the current arena. */
NU_PUBLIC const char *nu_date_text(nu_date date);
NU_PUBLIC const char *nu_time_text(nu_time time);
NU_PUBLIC const char *nu_datetime_text(nu_datetime moment);
/* As Django's duration_string(): "[D ]HH:MM:SS[.ffffff]". */
NU_PUBLIC const char *nu_duration_text(nu_duration duration);

/* RFC 9110 5.6.7 dates of HTTP headers. The text is always 29 bytes; `out` holds 30. */
NU_PUBLIC void nu_http_date_write(char out[30], int64_t unix_seconds);
/* Reads all three forms of RFC 9110; false if it is none of them. */
NU_PUBLIC NU_MUST_USE bool nu_http_date_try(const char *text, size_t length, int64_t *unix_seconds);
