/* The query log of a site in development: each statement of a request with its time, its rows and the line of the
 * application that asked for it, at the level "debug"; and a warning for a statement that one request
 * runs again and again. */
#include <stdio.h>
#include <string.h>

#include "base/ambient.h"
#include "base/backtrace.h"
#include "nuages/database.h"
#include "nuages/log.h"
#include "nuages/text.h"
#include "web/internal.h"

enum { DEPTH = 48, TOO_OFTEN = 5, SLOTS = 1024, MOST_OF_SQL = 1000 };

/* How often a request ran a statement. A few bits of both are enough to tell them apart; a place that
 * another statement needs is taken over. */
typedef struct tally {
    uint64_t key;
    uint32_t count;
} tally;

static tally tallies[SLOTS];

/* ---- the line of the application ------------------------------------------------------------------ */

typedef struct search {
    char place[160]; /* "file:line", empty as long as it is not found */
    char root[256];  /* folder of the library's sources, taken from this file's own name */
} search;

/* A file below one of the library's folders, by the name under which the compiler knew it. */
static bool is_library(const search *self, const char *file)
{
    static const char *const folders[] = {"src/", "include/nuages/", "contrib/"};
    size_t                   length = strlen(self->root);
    if (strncmp(file, self->root, length) != 0)
        return false;
    for (size_t i = 0; i < NU_COUNT(folders); i++)
        if (nu_starts_with(file + length, folders[i]))
            return true;
    return false;
}

static bool look_at(void *arg, const nu_stack_line *line)
{
    static const char own[] = "src/web/query_log.c";
    search           *self = arg;
    if (line->file == NULL)
        return true;
    size_t length = strlen(line->file);
    if (self->root[0] == '\0' && nu_ends_with(line->file, own))
        snprintf(self->root, sizeof self->root, "%.*s/", (int)(length - sizeof own), line->file);
    if (self->root[0] == '\0' || is_library(self, line->file))
        return true;
    snprintf(self->place, sizeof self->place, "%s:%d", line->file, line->line);
    return false;
}

/* The first line outside the library, from the inside. */
static void find_place(search *self)
{
    void  *pcs[DEPTH];
    size_t count = nu__stack_capture(pcs, DEPTH);
    *self = (search){.place = ""};
    for (size_t i = 0; i < count && self->place[0] == '\0'; i++)
        nu__stack_resolve(pcs[i], look_at, self);
    if (self->place[0] == '\0')
        snprintf(self->place, sizeof self->place, "an unknown place");
}

/* ---- counting ------------------------------------------------------------------------------------- */

/* FNV-1a. */
static uint64_t mixed(uint64_t hash, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3;
    return hash;
}

/* How often the request being served has run this statement by now; 0 outside of requests. */
static uint32_t times_run(const char *sql)
{
    const struct nu_ambient *ambient = nu__ambient();
    uint64_t                 hash = 0xcbf29ce484222325;
    if (ambient->request == NULL)
        return 0;
    hash = mixed(hash, &ambient->request, sizeof ambient->request);
    if (ambient->request_id != NULL)
        hash = mixed(hash, ambient->request_id, strlen(ambient->request_id));
    hash = mixed(hash, sql, strlen(sql));
    tally *slot = &tallies[hash % SLOTS];
    if (slot->key != hash)
        *slot = (tally){.key = hash};
    return ++slot->count;
}

static void on_statement(void *arg, const nu_query_event *event)
{
    (void)arg;
    uint32_t times = times_run(event->sql);
    bool     wanted = times > 0 && nu_log_level() <= NU_LOG_DEBUG;
    if (!wanted && times != TOO_OFTEN)
        return;
    search where;
    find_place(&where);
    if (wanted)
        nu_debug("query", "%.2f ms, %lld rows%s, at %s: %.*s", (double)event->took_us / 1000.0,
                 (long long)event->rows, event->failed ? ", failed" : "", where.place, MOST_OF_SQL,
                 event->sql);
    if (times == TOO_OFTEN)
        nu_warning("query",
                   "%s runs one statement again and again, %u times in this request by now; "
                   "nu_select_related or nu_prefetch_related reads related rows at once: %.*s",
                   where.place, times, MOST_OF_SQL, event->sql);
}

void nu__query_log_setup(const nu_settings *settings)
{
    if (!settings->debug)
        return;
    nu__stack_prepare();
    nu_query_watch(on_statement, NULL);
}
