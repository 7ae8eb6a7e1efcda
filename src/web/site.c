/* The way of a request through the site:
 *
 *      in ↓     each middleware in order; the first response turns round
 *      resolve  path → route
 *      view     view hooks in order, then the view; its error meets the exception hooks backwards
 *      out ↑    every middleware that was entered, backwards
 *
 * Each error becomes a response where it happens, and the walk goes on outwards from there. */
#include "web/internal.h"

#include "http/internal.h"

#include <string.h>

#include "nuages/proxy.h"

struct walk {
    nu_request                 *request;
    const nu_middleware *const *chain;
    size_t                      entered; /* middlewares whose `in` is done */
    nu_response                *response;
};

static void check_answer(const nu_response *response, const nu_match *match)
{
    if (response == NULL)
        nu_raise(NU_VALUE_ERROR, "the view \"%s\" returned NULL instead of a response",
                 match->view_function);
}

/* ---- the view -------------------------------------------------------------------------------- */

static bool is_allowed(const char *methods, const char *method)
{
    if (methods == NULL)
        return true;
    size_t length = strlen(method);
    for (const char *at = methods; (at = strstr(at, method)) != NULL; at += length)
        if ((at == methods || strchr(" ,", at[-1])) && strchr(" ,", at[length]))
            return true;
    /* HEAD is GET without the body. */
    return strcmp(method, "HEAD") == 0 && is_allowed(methods, "GET");
}

/* OPTIONS asks what a route takes. Its view must not run for it: no CSRF check guards the
 * method. */
static nu_response *tell_methods(const nu_match *match)
{
    nu_response *response = nu_text_response("");
    nu_response_set_header(response, "Allow", match->methods);
    return response;
}

static void call_view(struct walk *walk)
{
    const nu_match *match = nu_request_match(walk->request);
    for (const nu_middleware *const *m = walk->chain; *m != NULL; m++)
        if ((*m)->view != NULL && (walk->response = (*m)->view(walk->request, match)) != NULL)
            return;
    const char *method = nu_request_method(walk->request);
    if (!is_allowed(match->methods, method)) {
        walk->response =
            strcmp(method, "OPTIONS") == 0 ? tell_methods(match) : nu_not_allowed(match->methods);
        return;
    }
    walk->response = match->view(walk->request);
    check_answer(walk->response, match);
}

/* Offers the view's error to the exception hooks, innermost first. */
static nu_response *handle_exception(const struct walk *walk, const nu_error *error)
{
    size_t count = 0;
    while (walk->chain[count] != NULL)
        count++;
    while (count-- > 0) {
        const nu_middleware *m = walk->chain[count];
        nu_response *response = m->exception != NULL ? m->exception(walk->request, error) : NULL;
        if (response != NULL)
            return response;
    }
    nu_reraise(error);
}

static bool has_exception_hook(const struct walk *walk)
{
    for (const nu_middleware *const *m = walk->chain; *m != NULL; m++)
        if ((*m)->exception != NULL)
            return true;
    return false;
}

static void answer(struct walk *walk)
{
    nu__site_resolve(walk->request);
    if (!has_exception_hook(walk)) {
        call_view(walk);
        return;
    }
    NU_TRY {
        call_view(walk);
    }
    NU_CATCH (error) {
        walk->response = handle_exception(walk, error);
    }
}

/* ---- middleware ------------------------------------------------------------------------------ */

static void walk_in(struct walk *walk)
{
    const nu_middleware *m;
    for (; (m = walk->chain[walk->entered]) != NULL; walk->entered++) {
        if (m->in == NULL)
            continue;
        walk->response = m->in(walk->request);
        if (walk->response != NULL) {
            walk->entered++;
            return;
        }
    }
    answer(walk);
}

static void walk_out(struct walk *walk)
{
    while (walk->entered > 0) {
        const nu_middleware *m = walk->chain[--walk->entered];
        if (m->out == NULL)
            continue;
        walk->response = m->out(walk->request, walk->response);
        if (walk->response == NULL)
            nu_raise(NU_VALUE_ERROR, "the middleware \"%s\" returned NULL instead of a response",
                     m->name);
    }
}

/* Goes on to the end; an error becomes the response with which the way out goes on from there. */
static void walk_on(struct walk *walk)
{
    NU_TRY {
        if (walk->response == NULL)
            walk_in(walk);
        walk_out(walk);
    }
    NU_CATCH (error) {
        walk->response = nu__error_response(walk->request, error);
    }
}

/* No middleware runs for it: the other site has its own. */
static nu_response *ask_fallback(nu_request *request)
{
    NU_TRY {
        return nu_proxy(request, nu_settings_current()->fallback);
    }
    NU_CATCH (error) {
        return nu__error_response(request, error);
    }
    __builtin_unreachable();
}

nu_response *nu__site_handle(nu_request *request, void *unused)
{
    (void)unused;
    nu__request_forwarded(request);
    if (nu__is_for_fallback(request))
        return ask_fallback(request);
    struct walk walk = {.request = request, .chain = nu_settings_current()->middleware};
    do
        walk_on(&walk);
    while (walk.entered > 0);
    return walk.response;
}
