#include "site.h"

#include "nuages/log.h"
#include "nuages/model.h"

#include "web/internal.h"

void site_up(nu_settings settings)
{
    static const nu_route nowhere[] = {{0}};
    if (settings.secret_key == NULL)
        settings.secret_key = "a key for tests that is long enough to be one 0123456789";
    if (settings.urls == NULL)
        settings.urls = nowhere;
    if (settings.base_dir == NULL)
        settings.base_dir = NU_TEST_DATA "/web";
    nu_models_clear();
    nu__settings_setup(&settings);
    nu__site_setup();
    nu_log_setup(&(nu_log_options){.level = NU_LOG_OFF});
}

const char *header_of(nu_response *response, const char *name)
{
    const char *value = nu_response_header(response, name);
    return value != NULL ? value : "";
}
