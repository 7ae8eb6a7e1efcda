#include "web/internal.h"

#include <string.h>

#include "nuages/file.h"

static nu_urls *site_urls;

const nu_urls *nu__site_urls(void)
{
    if (site_urls == NULL)
        nu_raise(NU_CONFIG_ERROR, "the site's URLs are not set up yet");
    return site_urls;
}

void nu__urls_setup(const nu_settings *settings)
{
    site_urls = nu_urls_new(nu_arena_current(), settings->urls, NULL);
}

void nu__site_resolve(nu_request *request)
{
    const char *path = nu_request_path_info(request);
    /* The method is looked at later, so that middleware sees the view that the path means. */
    const nu_match *match = nu_urls_find(site_urls, path, NULL, NULL);
    if (match == NULL)
        nu_raise(NU_NOT_FOUND, "no route matches \"%s\"", path);
    nu_request_set_match(request, match);
}

/* ---- reverse --------------------------------------------------------------------------------- */

/* The namespaces of the view at work, so that a bare app name means the instance we are in. */
static const char *current_app(void)
{
    nu_request     *request = nu_request_current();
    const nu_match *match = request != NULL ? nu_request_match(request) : NULL;
    return match != NULL ? match->namespace : NULL;
}

const char *nu_reverse_(const char *name, nu_pairs arguments)
{
    nu_reverse_options options = {
        .kwargs = arguments.count > 0 ? nu_dict_of_(arguments) : NULL,
        .current_app = current_app(),
    };
    return nu_urls_reverse(nu__site_urls(), name, &options);
}

nu_response *nu_redirect_(const char *to, nu_pairs arguments)
{
    if (arguments.count == 0 && (strchr(to, '/') != NULL || strchr(to, '.') != NULL))
        return nu_redirect_to(to);
    return nu_redirect_to(nu_reverse_(to, arguments));
}

const char *nu__template_url(void *unused, const nu_url_request *asked)
{
    (void)unused;
    nu_list *args = NULL;
    if (asked->arg_count > 0)
        args = nu_list_of_(asked->args, asked->arg_count);
    nu_reverse_options options = {
        .args = args,
        .kwargs = asked->kwargs.count > 0 ? nu_dict_of_(asked->kwargs) : NULL,
        .current_app = asked->current_app != NULL ? asked->current_app : current_app(),
    };
    return nu_urls_reverse(nu__site_urls(), asked->name, &options);
}
