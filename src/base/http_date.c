/* Dates of HTTP headers (RFC 9110, 5.6.7). */
#include "nuages/time.h"

#include <stdio.h>
#include <string.h>

#include "base/zone.h"

static const char *const week[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                   "Friday", "Saturday", "Sunday"};
static const char        months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

void nu_http_date_write(char out[30], int64_t unix_seconds)
{
    nu_civil civil = nu_datetime_civil(nu_datetime_at(unix_seconds), NULL);
    snprintf(out, 30, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT", week[civil.weekday],
             (unsigned)civil.day % 100, months + (civil.month - 1) * 3,
             (unsigned)civil.year % 10000, (unsigned)civil.hour % 100, (unsigned)civil.minute % 100,
             (unsigned)civil.second % 100);
}

struct parts {
    int  year, month, day, hour, minute, second;
    bool short_year;
};

/* Reads `text` by a picture: a letter stands for a digit of the part it names (y M d h m s), `N` for
 * the three letters of a month, `_` for a space or a digit of the day, all else for itself. */
static bool read_picture(const char *text, const char *picture, struct parts *parts)
{
    int *of[128] = {['y'] = &parts->year, ['d'] = &parts->day,    ['_'] = &parts->day,
                    ['h'] = &parts->hour, ['m'] = &parts->minute, ['s'] = &parts->second};
    for (; *picture != '\0'; picture++, text++) {
        int *part = of[(unsigned char)*picture];
        if (*picture == 'N') {
            const char *month = NULL;
            for (int i = 0; i < 12 && month == NULL; i++)
                if (memcmp(months + i * 3, text, 3) == 0)
                    month = months + i * 3;
            if (month == NULL)
                return false;
            parts->month = (int)(month - months) / 3 + 1;
            text += 2;
        } else if (*picture == '_' && *text == ' ') {
            continue;
        } else if (part != NULL) {
            if (*text < '0' || *text > '9')
                return false;
            *part = *part * 10 + (*text - '0');
        } else if (*picture != *text) {
            return false;
        }
    }
    return true;
}

/* Skips the name of a weekday, short or long; NULL if there is none. */
static const char *skip_weekday(const char *text, bool *is_long)
{
    for (size_t i = 0; i < NU_COUNT(week); i++) {
        size_t length = strlen(week[i]);
        *is_long = strncmp(text, week[i], length) == 0;
        if (*is_long)
            return text + length;
        if (strncmp(text, week[i], 3) == 0)
            return text + 3;
    }
    return NULL;
}

/* Two digits of a year that would lie more than fifty years ahead mean the past century. */
static int full_year(int year)
{
    int now = nu_date_civil(nu_today(NULL)).year, guess = now - now % 100 + year;
    return guess > now + 50 ? guess - 100 : guess;
}

static bool to_seconds(const struct parts *parts, int64_t *out)
{
    int     year = parts->short_year ? full_year(parts->year) : parts->year;
    int32_t days;
    /* A leap second counts as the one before it. */
    int second = parts->second == 60 ? 59 : parts->second;
    if (!nu__date_try_parts(year, parts->month, parts->day, &days) || parts->hour > 23 ||
        parts->minute > 59 || second > 59)
        return false;
    *out = days * (NU_DAY / NU_SECOND) + parts->hour * 3600 + parts->minute * 60 + second;
    return true;
}

bool nu_http_date_try(const char *text, size_t length, int64_t *unix_seconds)
{
    char         copy[40];
    struct parts parts = {0};
    bool         is_long;
    if (length < 24 || length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    const char *rest = skip_weekday(copy, &is_long);
    if (rest == NULL)
        return false;
    const char *picture = " N _d hh:mm:ss yyyy"; /* asctime() */
    if (is_long)
        picture = ", dd-N-yy hh:mm:ss GMT"; /* RFC 850 */
    else if (*rest == ',')
        picture = ", dd N yyyy hh:mm:ss GMT";
    parts.short_year = is_long;
    /* A month is one letter of the picture and three of the text. */
    return strlen(rest) == strlen(picture) + 2 && read_picture(rest, picture, &parts) &&
           to_seconds(&parts, unix_seconds);
}
