/* The rows of the C programs without an ORM: structs with copied texts, as one writes them. */
#pragma once

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

struct article {
    int64_t id, author_id;
    char   *title, *slug, *body;
    int64_t published; /* microseconds since 1970 */
    bool    live;
    int     likes;
};

struct author {
    int64_t          id;
    char            *name, *email;
    int64_t          joined;
    struct article **articles;
    int              count;
};

static void free_article(struct article *a)
{
    free(a->title);
    free(a->slug);
    free(a->body);
    free(a);
}

static int number(const char *text, int digits)
{
    int n = 0;
    for (int i = 0; i < digits; i++)
        n = n * 10 + text[i] - '0';
    return n;
}

/* "2026-01-02 03:04:05[.678901]" */
static int64_t parse_moment(const char *text)
{
    int     y = number(text, 4), m = number(text + 5, 2), d = number(text + 8, 2);
    int64_t us = 0;
    y -= m <= 2;
    int era = y / 400, yoe = y - era * 400, doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t days = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
    if (text[19] == '.') {
        int digits = (int)strspn(text + 20, "0123456789");
        us = number(text + 20, digits);
        for (; digits < 6; digits++)
            us *= 10;
    }
    int64_t seconds = days * 86400 + number(text + 11, 2) * 3600 + number(text + 14, 2) * 60 +
                      number(text + 17, 2);
    return seconds * 1000000 + us;
}

static void nothing(void)
{
}
