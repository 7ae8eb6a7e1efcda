#include "web/internal.h"

#include <string.h>

#include "nuages/text.h"
#include "nuages/uri.h"

/* True if a slash at the end would lead somewhere that the path as it is does not. */
static bool wants_slash(nu_request *request)
{
    const char *path = nu_request_path_info(request);
    if (nu_settings_current()->no_append_slash || nu_ends_with(path, "/"))
        return false;
    const nu_urls *urls = nu__site_urls();
    return nu_urls_find(urls, path, NULL, NULL) == NULL &&
           nu_urls_find(urls, nu_fmt("%s/", path), NULL, NULL) != NULL;
}

static nu_response *redirect_with_slash(nu_request *request)
{
    const char *method = nu_request_method(request);
    if (nu_settings_current()->debug &&
        (strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
         strcmp(method, "PATCH") == 0 || strcmp(method, "DELETE") == 0)) {
        nu_error *error = nu_error_new(NU_ERROR, "%s to \"%s\", which lacks its last slash", method,
                                       nu_request_path(request));
        error->detail = "A redirect to the URL with the slash would lose what was sent.";
        error->hint = nu_fmt("Send the form to \"%s/\".", nu_request_path(request));
        nu_throw(error);
    }
    return nu_redirect_permanently_to(nu_uri_escape_slashes(nu_request_full_path(request, true)));
}

/* Refuses a host that is not ours before anything else is done with the request. */
static nu_response *check_host(nu_request *request)
{
    (void)nu_request_host(request);
    return NULL;
}

/* Only when nothing was found: the usual request pays nothing for the slash. */
static nu_response *retry_with_slash(nu_request *request, nu_response *response)
{
    if (nu_response_status(response) == 404 && wants_slash(request))
        return redirect_with_slash(request);
    return response;
}

const nu_middleware nu_common_middleware = {
    .name = "common",
    .in = check_host,
    .out = retry_with_slash,
};
