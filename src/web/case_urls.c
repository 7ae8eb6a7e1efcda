#include "web/case_urls.h"

#include "nuages/arena.h"
#include "nuages/url.h"

static const char *text_of(const nu_dict *dict, const char *key)
{
    nu_value value = nu_dict_get(dict, key);
    return nu_is_null(value) ? NULL : nu_text(value);
}

/* Routes without a view do not exist; nothing ever asks these for a response. */
static nu_response *no_view(nu_request *request)
{
    (void)request;
    return NULL;
}

static const nu_route *routes_of(nu_value json)
{
    nu_check_stack();
    uint32_t  count = json.type == NU_LIST ? json.list->count : 0;
    nu_route *routes = nu_alloc((count + 1) * sizeof *routes);
    for (uint32_t i = 0; i < count; i++) {
        if (json.list->items[i].type != NU_DICT)
            nu_raise(NU_VALUE_ERROR, "option \"urls\": a route is an object");
        const nu_dict *one = json.list->items[i].dict;
        nu_value       include = nu_dict_get(one, "include");
        routes[i] = (nu_route){.kind = NU_ROUTE_PATH,
                               .pattern = text_of(one, "route"),
                               .name = text_of(one, "name"),
                               .app_name = text_of(one, "app_name"),
                               .namespace = text_of(one, "namespace")};
        if (routes[i].pattern == NULL)
            nu_raise(NU_VALUE_ERROR, "option \"urls\": a route has no \"route\"");
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

const nu_case_urls nu__case_urls = {.open = open_urls, .url = reverse};
