/* Addresses of databases, in libpq's forms. */
#include <string.h>

#include "db/postgres/internal.h"

/* libpq's message without its line ends, as a sentence. */
static const char *sentence(const char *message)
{
    size_t length = strlen(message);
    while (length > 0 && (message[length - 1] == '\n' || message[length - 1] == ' '))
        length--;
    if (length == 0)
        return "libpq does not understand it.";
    return nu_fmt("%c%.*s.", message[0] >= 'a' && message[0] <= 'z' ? message[0] - 32 : message[0],
                  (int)length - 1, message + 1);
}

bool nu__pg_accepts(const nu_database_options *options, const char **why)
{
    char             *message = NULL;
    PQconninfoOption *parsed = NULL;
    const char       *rest = strchr(options->url, ':') + 1;
    if (strncmp(rest, "//", 2) != 0) {
        *why = "Two slashes must follow the scheme; a host or nothing stands behind them.";
        return false;
    }
    nu__pq_load();
    parsed = nu__pq.conninfoParse(options->url, &message);
    if (parsed == NULL)
        *why = sentence(message != NULL ? message : "");
    nu__pq.conninfoFree(parsed);
    nu__pq.freemem(message);
    return parsed != NULL;
}

bool nu__pg_single(const nu_database_options *options)
{
    (void)options;
    return false;
}

const char *nu__pg_file(const nu_database_options *options)
{
    (void)options;
    return NULL;
}

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    for (; options != NULL && options->keyword != NULL; options++) {
        if (strcmp(options->keyword, keyword) == 0)
            return options->val != NULL ? nu_arena_text(nu_arena_current(), options->val) : NULL;
    }
    return NULL;
}

const char *nu__pg_keyword(const char *url, const char *keyword)
{
    PQconninfoOption *given = nu__pq.conninfoParse(url, NULL);
    const char       *value = value_of(given, keyword);
    nu__pq.conninfoFree(given);
    if (value != NULL)
        return value;
    PQconninfoOption *defaults = nu__pq.conndefaults();
    value = value_of(defaults, keyword);
    nu__pq.conninfoFree(defaults);
    return value;
}
