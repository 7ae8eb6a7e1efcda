/* Texts that have the form of a date or time and yet name none: "2026-13-01". Django tells them from
 * other wrong texts, by code and by sentence. */
#include <string.h>

#include "model/internal.h"

/* Walks over `least` to `most` digits. */
static bool digits(const char **at, int least, int most)
{
    int count = 0;
    while (count < most && **at >= '0' && **at <= '9') {
        count++;
        (*at)++;
    }
    return count >= least;
}

static bool mark(const char **at, const char *marks)
{
    if (**at == '\0' || strchr(marks, **at) == NULL)
        return false;
    (*at)++;
    return true;
}

static bool date_form(const char **at)
{
    return digits(at, 4, 4) && mark(at, "-") && digits(at, 1, 2) && mark(at, "-") &&
           digits(at, 1, 2);
}

static bool time_form(const char **at)
{
    if (!digits(at, 1, 2) || !mark(at, ":") || !digits(at, 1, 2))
        return false;
    if (mark(at, ":") && !digits(at, 1, 2))
        return false;
    return !mark(at, ".,") || digits(at, 1, 12);
}

static bool zone_form(const char **at)
{
    while (mark(at, " ")) {
    }
    if (mark(at, "Z") || !mark(at, "+-"))
        return true;
    if (!digits(at, 2, 2))
        return false;
    mark(at, ":");
    return digits(at, 0, 2);
}

static bool is_date(const char *text)
{
    return date_form(&text) && *text == '\0';
}

static bool is_time(const char *text)
{
    return time_form(&text) && *text == '\0';
}

static bool is_datetime(const char *text)
{
    return date_form(&text) && mark(&text, "T ") && time_form(&text) && zone_form(&text) &&
           *text == '\0';
}

const nu_impossible *nu__impossible(nu_db_type type, const char *text)
{
    static const nu_impossible date = {
        .code = "invalid_date",
        .sentence = "“%s” value has the correct format (YYYY-MM-DD) but it is an invalid date.",
    };
    static const nu_impossible time = {
        .code = "invalid_time",
        .sentence =
            "“%s” value has the correct format (HH:MM[:ss[.uuuuuu]]) but it is an invalid time.",
    };
    static const nu_impossible datetime = {
        .code = "invalid_datetime",
        .sentence = "“%s” value has the correct format (YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]) but it "
                    "is an invalid date/time.",
    };
    if ((type == NU_DB_DATE || type == NU_DB_DATETIME) && is_date(text))
        return &date;
    if (type == NU_DB_TIME && is_time(text))
        return &time;
    return type == NU_DB_DATETIME && is_datetime(text) ? &datetime : NULL;
}
