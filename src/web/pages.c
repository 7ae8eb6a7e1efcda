/* The framework's own pages. They have an engine of their own, so that a mistake in the site's
 * templates or settings cannot reach them. */
#include "web/pages.h"

#include <string.h>

extern const nu_embedded nu__page_files[];

nu_value nu__own_page(const char *name, nu_dict *context)
{
    nu_engine         *engine = nu_engine_new(&(nu_engine_options){0});
    const nu_embedded *file = nu_embedded_find(nu__page_files, name);
    return nu_template_render(nu_template_from(engine, file->bytes), context);
}

/* ---- error pages ----------------------------------------------------------------------------- */

/* What a visitor is told; the reasons are for the log. */
static const char *message_of(int status)
{
    switch (status) {
    case 400: return "The server did not understand this request.";
    case 403: return "You may not see this page.";
    case 404: return "There is no page at this address.";
    case 405: return "This page cannot be asked for in this way.";
    case 413: return "What was sent is too large.";
    case 503: return "The site is busy or under maintenance. Please try again in a moment.";
    default:
        return status >= 500 ? "Something went wrong on our side. It has been noted."
                             : "The request could not be answered.";
    }
}

/* With debug, why the site said no: a visitor of a site in use is not told, and who tries something (a strange host)
 * gets no advice either. */
static const char *hint_of(int status, const nu_error *error)
{
    if (error == NULL || status >= 500)
        return NULL;
    if (nu_settings_current()->debug)
        return nu_fmt("%s. %s", error->fact, error->hint != NULL ? error->hint : "");
    return nu_error_is(error, NU_SUSPICIOUS) ? NULL : error->hint;
}

static nu_dict *error_context(int status, const nu_error *error)
{
    nu_dict *context = nu_dict_new();
    nu_dict_set(context, "status", status);
    nu_dict_set(context, "reason", nu_status_reason(status));
    nu_dict_set(context, "message", message_of(status));
    nu_dict_set(context, "hint", hint_of(status, error));
    return context;
}

/* The site's own template for the status, NULL if it has none. */
static nu_template *site_template(int status)
{
    nu_template *volatile found = NULL;
    NU_TRY {
        found = nu_template_get(nu__site_engine(), nu_fmt("%d.html", status));
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_TEMPLATE_MISSING))
            nu_reraise(error);
    }
    return found;
}

nu_response *nu__error_page(nu_request *request, int status, const nu_error *error)
{
    nu_dict     *context = error_context(status, error);
    nu_template *own = site_template(status);
    nu_response *response = nu_html(
        own != NULL
            ? nu__render_page(request, nu_template_name(own), context, (nu_pairs){NULL, 0}).text
            : nu__own_page("error.html", context).text);
    nu_response_set_status(response, status);
    return response;
}

/* ---- others ---------------------------------------------------------------------------------- */

const char *nu__build_page(const char *report)
{
    return nu__own_page("build.html", nu_dict_of("report", report)).text;
}

nu_response *nu_welcome(nu_request *request)
{
    (void)request;
    return nu_html(nu__own_page("welcome.html", nu_dict_of("version", NU_VERSION, "debug",
                                                           nu_settings_current()->debug))
                       .text);
}
