/* What views write all day (Django's django.shortcuts and friends). */
#pragma once

#include "nuages/query.h"
#include "nuages/request.h"
#include "nuages/response.h"
#include "nuages/url.h"

/* A page from a template: nu_render(request, "blog/list.html", "articles", query, "title", "All").
 * The context also holds request, csrf_token, debug and what the settings' context processors add. */
#define nu_render(request, name, ...) nu_render_((request), (name), NU_PAIRS(__VA_ARGS__))
/* The same from a dict; the dict is not changed. */
NU_PUBLIC NU_WAITS nu_response *nu_render_dict(nu_request *request, const char *name, const nu_dict *context);
/* Only the text. `request` may be NULL. */
NU_PUBLIC NU_WAITS const char *nu_render_text(nu_request *request, const char *name, const nu_dict *context);

/* One of the setting template_engines by its name; NULL: the site's own engine, which nu_render uses. An engine
 * has the hooks, prefixes and languages of the site where its options give none, and the site's variables and
 * libraries beside its own. Raises ImproperlyConfigured if there is none of that name. */
NU_PUBLIC NU_RETURNS_NONNULL struct nu_engine *nu_template_engine(const char *name);

/* 302 to a named URL, nu_redirect("blog:detail", "slug", slug), or to a path or address if `to` holds a
 * "/" or ".". Raises NoReverseMatch. */
#define nu_redirect(to, ...) nu_redirect_((to), NU_PAIRS(__VA_ARGS__))

/* The URL of a named route: nu_reverse("blog:detail", "slug", "hello"). Raises NoReverseMatch. */
#define nu_reverse(name, ...) nu_reverse_((name), NU_PAIRS(__VA_ARGS__))

/* The address of a static file: "/static/" and the percent-encoded path. */
NU_PUBLIC const char *nu_static_url(const char *path);

/* Methods a view takes; any other raises MethodNotAllowed (405 with Allow). */
#define nu_require_methods(request, ...) nu_require_methods_((request), NU_STRS(__VA_ARGS__))

/* The page of a new project: a view for its first route. */
NU_PUBLIC nu_response *nu_welcome(nu_request *request);

NU_PUBLIC NU_WAITS nu_response *nu_render_(nu_request *request, const char *name, nu_pairs context);
NU_PUBLIC nu_response *nu_redirect_(const char *to, nu_pairs arguments);
NU_PUBLIC const char  *nu_reverse_(const char *name, nu_pairs arguments);
NU_PUBLIC void         nu_require_methods_(nu_request *request, const char *const *methods);
