#include "web/internal.h"

#include <string.h>

#include "nuages/uri.h"

/* By its length: what a form sent may hold a NUL, and the page does not end there. */
static nu_response *html_response(nu_value page)
{
    return nu_bytes_response("text/html; charset=utf-8", page.text, page.length);
}

nu_response *nu_render_(nu_request *request, const char *name, nu_pairs context)
{
    return html_response(nu__render_page(request, name, NULL, context));
}

nu_response *nu_render_dict(nu_request *request, const char *name, const nu_dict *context)
{
    return html_response(nu__render_page(request, name, context, (nu_pairs){NULL, 0}));
}

const char *nu_render_text(nu_request *request, const char *name, const nu_dict *context)
{
    return nu__render_page(request, name, context, (nu_pairs){NULL, 0}).text;
}

void nu_require_methods_(nu_request *request, const char *const *methods)
{
    nu_builder list;
    nu_builder_init(&list, NULL, 32);
    for (const char *const *method = methods; *method != NULL; method++) {
        if (strcmp(*method, nu_request_method(request)) == 0)
            return;
        nu_builder_puts(&list, method == methods ? "" : ", ");
        nu_builder_puts(&list, *method);
    }
    nu_error *error = nu_error_new(NU_METHOD_NOT_ALLOWED, "method %s is not allowed for \"%s\"",
                                   nu_request_method(request), nu_request_path(request));
    error->data = nu_builder_text(&list);
    nu_throw(error);
}
