/* Reading dates and times by a format, as Python's strptime does in the C locale. */
#include <string.h>

#include "form/internal.h"

struct reader {
    const char *at, *end;
    nu_civil   *out;
    bool        afternoon, half_day; /* %p was there */
    int         yearday;             /* of %j; 0: it was not there */
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One to `most` digits within the range; it stops before a digit that would leave it. */
static bool read_number(struct reader *r, int most, int low, int high, int *out)
{
    int value = 0, digits = 0;
    while (digits < most && r->at < r->end && is_digit(*r->at)) {
        int next = value * 10 + (*r->at - '0');
        if (next > high)
            break;
        value = next;
        digits++;
        r->at++;
    }
    *out = value;
    return digits > 0 && value >= low;
}

static bool read_year(struct reader *r)
{
    const char *start = r->at;
    return read_number(r, 4, 1, 9999, &r->out->year) && r->at - start == 4;
}

static bool read_short_year(struct reader *r)
{
    const char *start = r->at;
    if (!read_number(r, 2, 0, 99, &r->out->year) || r->at - start != 2)
        return false;
    r->out->year += r->out->year < 69 ? 2000 : 1900;
    return true;
}

static bool read_microseconds(struct reader *r)
{
    const char *start = r->at;
    if (!read_number(r, 6, 0, 999999, &r->out->us))
        return false;
    for (long digits = r->at - start; digits < 6; digits++)
        r->out->us *= 10;
    return true;
}

static bool read_word(struct reader *r, const char *word, size_t length)
{
    if ((size_t)(r->end - r->at) < length || !nu_equal_ascii_nocase(r->at, length, word, length))
        return false;
    r->at += length;
    return true;
}

static bool read_month(struct reader *r, bool whole)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    for (int i = 0; i < 12; i++) {
        if (read_word(r, months[i], whole ? strlen(months[i]) : 3)) {
            r->out->month = i + 1;
            return true;
        }
    }
    return false;
}

static bool read_weekday(struct reader *r, bool whole)
{
    static const char *const days[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday"};
    for (size_t i = 0; i < NU_COUNT(days); i++) {
        if (read_word(r, days[i], whole ? strlen(days[i]) : 3))
            return true;
    }
    return false;
}

static bool read_half(struct reader *r)
{
    r->half_day = true;
    if (read_word(r, "AM", 2))
        return true;
    r->afternoon = read_word(r, "PM", 2);
    return r->afternoon;
}

static bool read_part(struct reader *r, char code)
{
    nu_civil *c = r->out;
    switch (code) {
    case 'Y': return read_year(r);
    case 'y': return read_short_year(r);
    case 'm': return read_number(r, 2, 1, 12, &c->month);
    case 'd': return read_number(r, 2, 1, 31, &c->day);
    case 'j': return read_number(r, 3, 1, 366, &r->yearday);
    case 'H': return read_number(r, 2, 0, 23, &c->hour);
    case 'I': return read_number(r, 2, 1, 12, &c->hour);
    case 'M': return read_number(r, 2, 0, 59, &c->minute);
    case 'S': return read_number(r, 2, 0, 59, &c->second);
    case 'f': return read_microseconds(r);
    case 'B': return read_month(r, true);
    case 'b': return read_month(r, false);
    case 'A': return read_weekday(r, true);
    case 'a': return read_weekday(r, false);
    case 'p': return read_half(r);
    case '%': return read_word(r, "%", 1);
    default: return false;
    }
}

static bool read_space(struct reader *r)
{
    const char *start = r->at;
    while (r->at < r->end && is_space(*r->at))
        r->at++;
    return r->at > start;
}

static bool read_all(struct reader *r, const char *format)
{
    for (; *format != '\0'; format++) {
        bool fits;
        if (*format == '%' && format[1] != '\0') {
            fits = read_part(r, *++format);
        } else if (is_space(*format)) {
            fits = read_space(r);
            while (is_space(format[1]))
                format++;
        } else {
            fits = read_word(r, format, 1);
        }
        if (!fits)
            return false;
    }
    return r->at == r->end;
}

static int days_of_month(const nu_civil *c)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool             leap = c->year % 4 == 0 && (c->year % 100 != 0 || c->year % 400 == 0);
    return days[c->month - 1] + (c->month == 2 && leap);
}

/* Month and day of the day of the year, if that is what was given; false if there is no such day. */
static bool find_day(struct reader *r)
{
    nu_civil *c = r->out;
    if (r->yearday > 0) {
        c->month = 1;
        c->day = r->yearday;
        while (c->month < 12 && c->day > days_of_month(c)) {
            c->day -= days_of_month(c);
            c->month++;
        }
    }
    return c->day <= days_of_month(c);
}

bool nu__strptime(const char *text, size_t length, const char *format, nu_civil *out)
{
    nu_civil      civil = {.year = 1900, .month = 1, .day = 1};
    struct reader reader = {.at = text, .end = text + length, .out = &civil};
    if (!read_all(&reader, format) || !find_day(&reader))
        return false;
    if (reader.half_day && civil.hour <= 12)
        civil.hour = civil.hour % 12 + (reader.afternoon ? 12 : 0);
    *out = civil;
    return true;
}
