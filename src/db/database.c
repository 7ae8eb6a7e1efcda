#include "nuages/database.h"

#include <string.h>

#include "db/internal.h"

/* Databases by alias, and the back ends there are. Filled at start-up, read ever after. */
static nu_database         *databases;
static const nu_db_backend *backends[8] = {&nu_db_sqlite, &nu_db_postgres};

void nu_db_register(const nu_db_backend *backend)
{
    for (size_t i = 0; i < NU_COUNT(backends); i++) {
        if (backends[i] == backend)
            return;
        if (backends[i] == NULL) {
            backends[i] = backend;
            return;
        }
    }
    nu_raise(NU_CONFIG_ERROR, "too many database back ends");
}

/* True if the space-separated `schemes` hold the `length` bytes at `scheme`. */
static bool scheme_fits(const char *schemes, const char *scheme, size_t length)
{
    for (const char *at = schemes; *at != '\0';) {
        size_t word = strcspn(at, " ");
        if (nu_equal_ascii_nocase(at, word, scheme, length))
            return true;
        at += word + (at[word] == ' ');
    }
    return false;
}

static NU_NORETURN void refuse(const char *alias, const char *url, const char *why)
{
    nu_error *error =
        nu_error_new(NU_CONFIG_ERROR, "database \"%s\" cannot be reached by \"%s\"", alias, url);
    error->detail = why;
    error->hint =
        "Use a URL such as sqlite:site.db, sqlite:/var/lib/site/site.db, sqlite::memory: or "
        "postgres://user:password@host:5432/name.";
    nu_throw(error);
}

static const nu_db_backend *backend_for(const char *alias, const nu_database_options *options)
{
    const char *url = options->url;
    const char *colon = strchr(url, ':');
    if (colon == NULL)
        refuse(alias, url, "It has no scheme before a colon.");
    for (size_t i = 0; i < NU_COUNT(backends) && backends[i] != NULL; i++) {
        if (!scheme_fits(backends[i]->schemes, url, (size_t)(colon - url)))
            continue;
        const char *why = NULL;
        if (!backends[i]->accepts(options, &why))
            refuse(alias, url, why);
        return backends[i];
    }
    refuse(alias, url, nu_fmt("There is no back end for \"%.*s\".", (int)(colon - url), url));
}

/* Replicas and what they copy may be named in any order. */
static void count_replicas(void)
{
    for (nu_database *db = databases; db != NULL; db = db->next) {
        db->replicas = 0;
        for (nu_database *copy = databases; copy != NULL; copy = copy->next) {
            const char *of = copy->options.replica_of;
            if (of == NULL || strcmp(of, db->alias) != 0)
                continue;
            if (copy->backend != db->backend)
                refuse(copy->alias, copy->options.url,
                       nu_fmt("It is to copy \"%s\", which is of another kind.", db->alias));
            db->replicas++;
        }
    }
}

static void forget(nu_database *db)
{
    for (nu_database **at = &databases; *at != NULL; at = &(*at)->next) {
        if (*at == db) {
            *at = db->next;
            break;
        }
    }
    nu__db_close(db);
    nu_arena_free(db->arena);
    count_replicas();
}

nu_database *nu_database_add(const char *alias, const nu_database_options *options)
{
    if (alias == NULL)
        alias = "default";
    if (options->url == NULL || *options->url == '\0')
        refuse(alias, "", "The URL is empty.");
    const nu_db_backend *backend = backend_for(alias, options);
    nu_database         *old = nu_database_find(alias);
    if (old != NULL)
        forget(old);
    nu_arena    *arena = nu_arena_new(NULL, "database");
    nu_database *db = nu_arena_zalloc(arena, sizeof *db);
    *db = (nu_database){
        .next = databases,
        .arena = arena,
        .backend = backend,
        .options = *options,
        .alias = nu_arena_text(arena, alias),
        .single = backend->single(options),
        .writer = {.permits = 1},
    };
    db->options.url = nu_arena_text(arena, options->url);
    db->options.folder = nu_arena_text(arena, options->folder);
    db->options.replica_of = nu_arena_text(arena, options->replica_of);
    db->options.read_only = options->read_only || options->replica_of != NULL;
    if (db->options.timeout_ms <= 0)
        db->options.timeout_ms = 5000;
    if (db->options.max_open <= 0)
        db->options.max_open = 20;
    if (db->options.max_shared <= 0)
        db->options.max_shared = 3;
    if (db->options.max_shared > NU_DB_LANES)
        db->options.max_shared = NU_DB_LANES;
    if (db->options.connect_timeout_ms <= 0)
        db->options.connect_timeout_ms = 10000;
    db->options.application_name = nu_arena_text(
        arena, options->application_name != NULL ? options->application_name : "nuages");
    databases = db;
    count_replicas();
    return db;
}

nu_database *nu_database_next(const nu_database *db)
{
    return db != NULL ? db->next : databases;
}

nu_database *nu_database_find(const char *alias)
{
    if (alias == NULL)
        alias = "default";
    nu_database *db = databases;
    while (db != NULL && strcmp(db->alias, alias) != 0)
        db = db->next;
    return db;
}

nu_database *nu_database_get(const char *alias)
{
    nu_database *db = nu_database_find(alias);
    if (db != NULL)
        return db;
    nu_error *error = nu_error_new(NU_CONFIG_ERROR, "there is no database \"%s\"",
                                   alias != NULL ? alias : "default");
    error->hint = databases == NULL ? "Set the database in the settings."
                                    : nu_fmt("The settings name \"%s\".", databases->alias);
    nu_throw(error);
}

void nu_database_close_all(void)
{
    while (databases != NULL)
        forget(databases);
}

const char *nu_database_file(const nu_database *db)
{
    return db->backend->file(&db->options);
}

const char *nu_database_alias(const nu_database *db)
{
    return db->alias;
}

/* Hides what stands between the colon and the @ of "scheme://user:password@host". */
const char *nu_database_url(const nu_database *db)
{
    const char *url = db->options.url;
    const char *start = strstr(url, "://");
    const char *at = strrchr(url, '@');
    if (start == NULL || at == NULL)
        return url;
    const char *colon = memchr(start + 3, ':', (size_t)(at - start - 3));
    if (colon == NULL)
        return url;
    return nu_fmt("%.*s:***%s", (int)(colon - url), url, at);
}

const nu_db_backend *nu_database_backend(const nu_database *db)
{
    return db->backend;
}
