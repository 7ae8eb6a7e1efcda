/* Cases of templates: text or error. */
#include <string.h>

#include "conformance.h"
#include "nuages/url.h"
#include "template/case.h"

/* ---- {% url %} ------------------------------------------------------------------------------------------- */

static const char *text_of(const nu_dict *dict, const char *key)
{
    nu_value value = nu_dict_get(dict, key);
    return nu_is_null(value) ? NULL : nu_text(value);
}

static nu_response *no_view(nu_request *request)
{
    (void)request;
    return NULL;
}

static const nu_route *routes_of(nu_value json)
{
    uint32_t  count = json.type == NU_LIST ? json.list->count : 0;
    nu_route *routes = nu_alloc((count + 1) * sizeof *routes);
    for (uint32_t i = 0; i < count; i++) {
        const nu_dict *one = json.list->items[i].dict;
        nu_value       include = nu_dict_get(one, "include");
        routes[i] = (nu_route){.kind = NU_ROUTE_PATH,
                               .pattern = text_of(one, "route"),
                               .name = text_of(one, "name"),
                               .app_name = text_of(one, "app_name"),
                               .namespace = text_of(one, "namespace")};
        if (include.type == NU_LIST)
            routes[i].include = routes_of(include);
        else
            routes[i].view = no_view;
    }
    return routes;
}

static void *open_urls(nu_value routes)
{
    return nu_urls_new(nu_arena_current(), routes_of(routes), NULL);
}

static const char *reverse(void *urls, const nu_url_request *request)
{
    nu_reverse_options options = {.current_app = request->current_app};
    if (request->arg_count) {
        options.args = nu_list_new();
        for (size_t i = 0; i < request->arg_count; i++)
            nu_list_push(options.args, request->args[i]);
    }
    if (request->kwargs.count)
        options.kwargs = nu_dict_of_(request->kwargs);
    return nu_urls_reverse(urls, request->name, &options);
}

/* ---- outcomes -------------------------------------------------------------------------------------------- */

/* Errors of the template language are told apart by type and message; of others it only matters that
 * there is one. */
static bool is_template_error(const char *type)
{
    return strcmp(type, "TemplateSyntaxError") == 0 || strcmp(type, "TemplateDoesNotExist") == 0 ||
           strcmp(type, "NoReverseMatch") == 0;
}

static bool check_error(const nu_error *error, const nu_dict *given, const char **got,
                        const char **wanted)
{
    *got = nu_fmt("%s: %s", error->kind->name, error->fact);
    nu_value expected = nu_dict_get(given, "error");
    if (expected.type != NU_DICT) {
        *wanted = nu_text(nu_repr(nu_dict_get(given, "expect")));
        return false;
    }
    const char *type = text_of(expected.dict, "type");
    *wanted = nu_fmt("%s: %s", type, text_of(expected.dict, "message"));
    return !is_template_error(type) || strcmp(*got, *wanted) == 0;
}

bool conformance_template(nu_value json, const char **got, const char **wanted)
{
    static const nu_case_urls urls = {.open = open_urls, .url = reverse};
    NU_TRY {
        nu_value text = nu__case_render(json, &urls);
        nu_value expected = nu_dict_get(json.dict, "expect");
        *got = nu_text(nu_repr(text));
        *wanted =
            nu_text(nu_repr(nu_is_null(expected) ? nu_dict_get(json.dict, "error") : expected));
        return expected.type == NU_TEXT && nu_equal(text, expected);
    }
    NU_CATCH (error) {
        return check_error(error, json.dict, got, wanted);
    }
    return false;
}
