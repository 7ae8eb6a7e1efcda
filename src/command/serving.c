#include "command/serving.h"

#include "nuages/database.h"

#include "web/internal.h"

const char *const *nu__listen_addresses(const nu_command_call *call)
{
    const char **list = nu_alloc(2 * sizeof *list);
    list[0] = call->count > 0 ? call->arguments[0] : "127.0.0.1:8000";
    return list;
}

/* Connections to the database are a worker's own: the parent's, if it has any, stay with it. */
static void stop_worker(void *unused)
{
    (void)unused;
    nu_database_close_all();
}

nu_server_options nu__site_server_options(void)
{
    const nu_settings *s = nu_settings_current();
    return (nu_server_options){
        .handler = nu__site_handle,
        .http = nu__http_options(),
        .stop = stop_worker,
        .limits = {.body = s->max_upload},
        .access_log = s->access_log,
    };
}
