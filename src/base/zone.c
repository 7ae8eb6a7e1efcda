/* Time zones from the system's TZif files (RFC 8536). */
#include "base/zone.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/internal.h"
#include "base/zone_rule.h"

enum { FILE_LIMIT = 256 * 1024, NAME_LIMIT = 64, HEADER = 44 };

struct kind {
    int32_t seconds;
    bool    dst;
    uint8_t abbreviation; /* where it begins in the letters */
};

struct nu_zone {
    char           name[NAME_LIMIT];
    nu_zone       *next;
    uint32_t       transitions;
    const int64_t *moments; /* sorted; from moments[i] on kinds[which[i]] holds */
    const uint8_t *which;
    struct kind   *kinds;
    const char    *letters;
    uint8_t        before; /* kind that holds before the first moment */
    bool           ruled;
    nu__zone_rule  rule; /* after the last moment, if `ruled` */
};

/* ---- reading ---------------------------------------------------------------------------------- */

struct counts {
    uint32_t utc, standard, leap, moments, kinds, letters;
};

static uint32_t big32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t big64(const uint8_t *at)
{
    return (int64_t)((uint64_t)big32(at) << 32 | big32(at + 4));
}

static bool read_header(const uint8_t *at, const uint8_t *end, struct counts *counts)
{
    if (end - at < HEADER || memcmp(at, "TZif", 4) != 0)
        return false;
    *counts = (struct counts){big32(at + 20), big32(at + 24), big32(at + 28),
                              big32(at + 32), big32(at + 36), big32(at + 40)};
    /* Far beyond any zone, and small enough that no sum below overflows. */
    return counts->moments <= 10000 && counts->kinds >= 1 && counts->kinds <= 255 &&
           counts->letters >= 1 && counts->letters <= 255 && counts->leap <= 1000 &&
           counts->utc <= counts->kinds && counts->standard <= counts->kinds;
}

static size_t body_size(const struct counts *counts, size_t width)
{
    return counts->moments * (width + 1) + counts->kinds * 6 + counts->letters +
           counts->leap * (width + 4) + counts->standard + counts->utc;
}

/* Before the first moment the first kind that is not summer time holds (RFC 8536, 3.2). */
static uint8_t first_kind(const nu_zone *zone, uint32_t kinds)
{
    for (uint32_t i = 0; i < kinds; i++)
        if (!zone->kinds[i].dst)
            return (uint8_t)i;
    return 0;
}

/* Takes the tables out of a body with 64-bit moments; false if an index points outside. */
static bool read_body(nu_arena *arena, nu_zone *zone, const uint8_t *at,
                      const struct counts *counts)
{
    int64_t *moments = nu_arena_array(arena, counts->moments + 1, sizeof *moments);
    for (uint32_t i = 0; i < counts->moments; i++, at += 8) {
        moments[i] = big64(at);
        if (i > 0 && moments[i] <= moments[i - 1])
            return false;
    }
    zone->moments = moments;
    zone->transitions = counts->moments;
    zone->which = (const uint8_t *)nu_arena_copy(arena, at, counts->moments);
    for (uint32_t i = 0; i < counts->moments; i++)
        if (zone->which[i] >= counts->kinds)
            return false;
    at += counts->moments;
    zone->kinds = nu_arena_array(arena, counts->kinds, sizeof *zone->kinds);
    for (uint32_t i = 0; i < counts->kinds; i++, at += 6) {
        zone->kinds[i] = (struct kind){(int32_t)big32(at), at[4] != 0, at[5]};
        if (at[5] >= counts->letters || zone->kinds[i].seconds < -90000 ||
            zone->kinds[i].seconds > 93600)
            return false;
    }
    zone->letters = nu_arena_copy(arena, at, counts->letters);
    zone->before = first_kind(zone, counts->kinds);
    return true;
}

/* The second body of a version 2 file has 64-bit moments; the first is there for old readers. The
 * line after it is the rule for all time to come. */
static bool read_file(nu_arena *arena, nu_zone *zone, const uint8_t *at, const uint8_t *end)
{
    struct counts counts;
    if (!read_header(at, end, &counts) || at[4] < '2' ||
        (size_t)(end - at - HEADER) < body_size(&counts, 4))
        return false;
    at += HEADER + body_size(&counts, 4);
    if (!read_header(at, end, &counts) || (size_t)(end - at - HEADER) < body_size(&counts, 8))
        return false;
    at += HEADER;
    if (!read_body(arena, zone, at, &counts))
        return false;
    at += body_size(&counts, 8);
    const uint8_t *line_end = at < end ? memchr(at + 1, '\n', (size_t)(end - at - 1)) : NULL;
    if (line_end == NULL || *at != '\n')
        return false;
    zone->ruled = line_end > at + 1;
    return !zone->ruled ||
           nu__zone_rule_try((const char *)at + 1, (size_t)(line_end - at - 1), &zone->rule);
}

static bool read_whole(int fd, uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read(fd, bytes + done, size - done);
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

/* A zone from the file, in `arena`; NULL if there is none that makes sense. */
static nu_zone *load_file(nu_arena *arena, const char *path)
{
    struct stat status;
    int         fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    uint8_t *bytes = NULL;
    size_t   size = 0;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= FILE_LIMIT) {
        size = (size_t)status.st_size;
        bytes = nu__arena_alloc_try(arena, size);
    }
    bool whole = bytes != NULL && read_whole(fd, bytes, size);
    close(fd);
    if (!whole)
        return NULL;
    nu_zone *zone = nu_arena_zalloc(arena, sizeof *zone);
    return read_file(arena, zone, bytes, bytes + size) ? zone : NULL;
}

/* ---- the table of zones ----------------------------------------------------------------------- */

/* Zones live as long as the process. Readers walk the list without the lock: it only ever grows at
 * its head, and a zone is complete before it gets there. */
static nu_zone        *zones;
static nu_arena       *zone_arena;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool name_is_safe(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length < NAME_LIMIT && name[0] != '/' && strstr(name, "..") == NULL &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/") ==
               length;
}

static const nu_zone *in_list(const char *name)
{
    const nu_zone *zone = __atomic_load_n(&zones, __ATOMIC_ACQUIRE);
    while (zone != NULL && strcmp(zone->name, name) != 0)
        zone = zone->next;
    return zone;
}

static const char *folder(void)
{
    const char *given = getenv("TZDIR");
    return given != NULL && given[0] == '/' ? given : "/usr/share/zoneinfo";
}

/* UTC needs no file, so that a system without tzdata works. */
static nu_zone *make_utc(nu_arena *arena)
{
    nu_zone *zone = nu_arena_zalloc(arena, sizeof *zone);
    zone->kinds = nu_arena_zalloc(arena, sizeof *zone->kinds);
    zone->letters = "UTC";
    return zone;
}

static nu_zone *load(nu_arena *arena, const char *name)
{
    nu_zone *zone;
    if (strcmp(name, "UTC") == 0) {
        zone = make_utc(arena);
    } else {
        char path[512];
        if ((size_t)snprintf(path, sizeof path, "%s/%s", folder(), name) >= sizeof path)
            return NULL;
        zone = load_file(arena, path);
    }
    if (zone != NULL)
        memcpy(zone->name, name, strlen(name) + 1);
    return zone;
}

/* Loads under the lock, into an arena that only these few lines touch. */
static const nu_zone *load_once(const char *name)
{
    pthread_mutex_lock(&lock);
    const nu_zone *volatile found = in_list(name);
    const nu_error *volatile failed = NULL;
    if (found == NULL) {
        NU_TRY {
            if (zone_arena == NULL)
                zone_arena = nu_arena_new(NULL, "zones");
            nu_zone *zone = load(zone_arena, name);
            if (zone != NULL) {
                zone->next = zones;
                __atomic_store_n(&zones, zone, __ATOMIC_RELEASE);
                found = zone;
            }
        }
        NU_CATCH (error) {
            failed = error;
        }
    }
    pthread_mutex_unlock(&lock);
    if (failed != NULL)
        nu_reraise(failed);
    return found;
}

const nu_zone *nu_zone_find(const char *name)
{
    if (!name_is_safe(name))
        return NULL;
    const nu_zone *zone = in_list(name);
    return zone != NULL ? zone : load_once(name);
}

const char *nu_zone_name(const nu_zone *zone)
{
    return zone->name;
}

/* ---- near names ------------------------------------------------------------------------------- */

/* tzdata lists its zones in a table, one line each: codes, coordinates, name. */
static const char *nearest_zone(const char *name)
{
    char  path[512], line[512];
    FILE *file = NULL;
    if ((size_t)snprintf(path, sizeof path, "%s/tzdata.zi", folder()) < sizeof path)
        file = fopen(path, "re");
    if (file == NULL)
        return NULL;
    nu_list *names = nu_list_new();
    while (fgets(line, sizeof line, file) != NULL) {
        char word[NAME_LIMIT];
        /* "Z Europe/Zurich …" begins a zone, "L Europe/Zurich Europe/Busingen" names another. */
        if (sscanf(line, "Z %63s", word) == 1 || sscanf(line, "L %*s %63s", word) == 1)
            nu_list_push(names, nu_value_text_copy(word, strlen(word)));
    }
    fclose(file);
    const char **choices = nu_arena_array(nu_arena_current(), names->count + 1, sizeof *choices);
    for (uint32_t i = 0; i < names->count; i++)
        choices[i] = names->items[i].text;
    return nu_nearest(name, choices);
}

const nu_zone *nu_zone_get(const char *name)
{
    const nu_zone *zone = nu_zone_find(name);
    if (zone != NULL)
        return zone;
    nu_error   *error = nu_error_new(NU_VALUE_ERROR, "there is no time zone \"%s\"", name);
    const char *near = nearest_zone(name);
    if (near != NULL)
        error->hint = nu_fmt("Did you mean \"%s\"?", near);
    else if (access(folder(), R_OK) != 0)
        error->hint =
            nu_fmt("Install the system's time zones (package tzdata); %s is missing.", folder());
    nu_throw(error);
}

/* ---- look-up ---------------------------------------------------------------------------------- */

static nu__zone_offset offset_of(const nu_zone *zone, uint8_t which)
{
    const struct kind *kind = &zone->kinds[which];
    return (nu__zone_offset){kind->seconds, kind->dst, zone->letters + kind->abbreviation};
}

nu__zone_offset nu__zone_at(const nu_zone *zone, int64_t unix_seconds)
{
    uint32_t low = 0, high = zone->transitions;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (zone->moments[middle] <= unix_seconds)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->transitions && zone->ruled)
        return nu__zone_rule_at(&zone->rule, unix_seconds);
    return offset_of(zone, low == 0 ? zone->before : zone->which[low - 1]);
}

/* The wall clock less an offset that held shortly before or after it. If the clock was put forward
 * in between, neither fits: the offset before the gap then gives a moment after the jump. */
nu_datetime nu_datetime_in(const nu_civil *civil, const nu_zone *zone)
{
    nu_datetime moment = nu_datetime_of(civil->year, civil->month, civil->day, civil->hour,
                                        civil->minute, civil->second);
    moment.us += civil->us;
    if (zone == NULL)
        return moment;
    int64_t wall = (moment.us - civil->us) / NU_SECOND;
    int     early = nu__zone_at(zone, wall - 86400).seconds;
    int     late = nu__zone_at(zone, wall + 86400).seconds;
    int     chosen = early;
    if (nu__zone_at(zone, wall - early).seconds != early &&
        nu__zone_at(zone, wall - late).seconds == late)
        chosen = late;
    moment.us -= chosen * NU_SECOND;
    moment.offset = (int16_t)(nu__zone_at(zone, wall - chosen).seconds / 60);
    return moment;
}
