#include "command/serving.h"

#include <string.h>
#include <sys/stat.h>

#include "nuages/database.h"
#include "nuages/file.h"
#include "nuages/text.h"

#include "web/internal.h"

const char *const *nu__listen_addresses(const nu_command_call *call)
{
    const char **list = nu_alloc(2 * sizeof *list);
    list[0] = call->count > 0 ? call->arguments[0] : "127.0.0.1:8000";
    return list;
}

/* ---- containment ------------------------------------------------------------------------------ */

static bool is_within(const char *folder, const char *outer)
{
    size_t length = strlen(outer);
    return strncmp(folder, outer, length) == 0 && (folder[length] == '/' || folder[length] == '\0');
}

/* A folder within one of the list is writable with it. */
static size_t add_folder(const char **list, size_t count, const char *folder)
{
    for (size_t i = 0; i < count; i++)
        if (is_within(folder, list[i]))
            return count;
    list[count] = folder;
    return count + 1;
}

static size_t count_databases(void)
{
    size_t count = 0;
    for (nu_database *db = NULL; (db = nu_database_next(db)) != NULL;)
        count++;
    return count;
}

/* The project, the folders of database files, since journals are written beside them, and what the
 * settings name. */
static const char *const *writable_folders(void)
{
    const nu_settings *s = nu_settings_current();
    size_t             named = 0;
    while (s->writable_dirs != NULL && s->writable_dirs[named] != NULL)
        named++;
    const char **list = nu_alloc((named + count_databases() + 2) * sizeof *list);
    size_t       count = add_folder(list, 0, s->base_dir);
    for (nu_database *db = NULL; (db = nu_database_next(db)) != NULL;)
        if (nu_database_file(db) != NULL)
            count = add_folder(list, count, nu_path_folder(nu_database_file(db)));
    for (size_t i = 0; i < named; i++)
        count = add_folder(list, count, nu_path_join(s->base_dir, s->writable_dirs[i]));
    list[count] = NULL;
    return list;
}

/* Who owns the project may be trusted with it. */
static const char *owner_of(const char *folder)
{
    struct stat status;
    return stat(folder, &status) == 0 && status.st_uid != 0 ? nu_fmt("%u", status.st_uid) : NULL;
}

const nu_sandbox *nu__site_sandbox(void)
{
    const nu_settings *s = nu_settings_current();
    nu_sandbox        *sandbox = nu_alloc(sizeof *sandbox);
    *sandbox = (nu_sandbox){
        .off = s->no_sandbox,
        .user = s->user != NULL ? s->user : owner_of(s->base_dir),
        .writable = writable_folders(),
        .exec = s->allow_exec,
    };
    return sandbox;
}

/* ---- the server --------------------------------------------------------------------------------- */

/* Connections to the database are a worker's own: the parent's, if it has any, stay with it. */
static void stop_worker(void *unused)
{
    (void)unused;
    nu_database_close_all();
}

static void sample_databases(nu_server_sample *sample, void *ctx)
{
    nu_database_load load;
    (void)ctx;
    nu_database_measure(&load);
    sample->database_open = load.open;
    sample->database_busy = load.busy;
    sample->database_waiting = load.waiting;
    sample->database_statements = load.statements;
    sample->database_errors = load.errors;
}

nu_server_options nu__site_server_options(void)
{
    const nu_settings *s = nu_settings_current();
    return (nu_server_options){
        .handler = nu__probe_or_site,
        .sample = sample_databases,
        .http = nu__http_options(),
        .stop = stop_worker,
        .proxy_protocol = s->proxy_protocol,
        .limits = {.body = s->max_upload,
                   .in_flight = s->max_in_flight,
                   .per_client = s->max_per_client,
                   .memory = s->max_worker_memory},
        .access_log = s->access_log,
        .access_log_every = s->access_log_every,
    };
}
