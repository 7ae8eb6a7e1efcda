/* Routes: no path may upset the resolver, and one that it takes can be written again from its arguments
 * and then leads to the same route. Expressions to be reversed may be anything. */
#include <stdlib.h>
#include <string.h>

#include "url/internal.h"

static nu_response *view(nu_request *req)
{
    (void)req;
    return NULL;
}

static const nu_route inner[] = {
    NU_PATH("", view, .name = "home"),
    NU_PATH("<int:a>/", view, .name = "int"),
    NU_PATH("<slug:a>/<str:b>.<str:c>", view, .name = "slug"),
    NU_PATH("p/<path:a>/x/<path:b>/", view, .name = "path"),
    NU_PATH("u/<uuid:a>", view, .name = "uuid"),
    {0},
};

static const nu_route routes[] = {
    NU_INCLUDE("", inner, .app_name = "root"),
    NU_INCLUDE("in/<str:who>/", inner, .app_name = "in"),
    NU_REGEX("^re/(?P<a>\\w+)/(?:(?P<b>\\d+)/)?$", view, .name = "regex"),
    NU_REGEX("^pos/(.+)-(\\d*)$", view, .name = "pos"),
    {0},
};

static void check_path(const char *path)
{
    nu_urls *urls = nu_urls_new(nu_arena_current(), routes, NULL);
    nu_urls_tried(urls, path);
    const nu_match *match = nu_urls_find(urls, path, NULL, NULL);
    if (match == NULL)
        return;
    bool               named = nu_dict_count(match->kwargs) > 0;
    nu_reverse_options options = {.args = named ? NULL : match->args,
                                  .kwargs = named ? match->kwargs : NULL};
    const char        *again = nu_urls_reverse(urls, match->view_name, &options);
    nu_request        *req = nu_request_new("GET", again, NULL);
    const nu_match    *back = nu_urls_find(urls, nu_request_path(req), NULL, NULL);
    if (back == NULL || strcmp(back->view_name, match->view_name) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    nu_arena   *arena = nu_arena_new(NULL, "fuzz"), *before = nu_arena_enter(arena);
    const char *text = nu_arena_copy(arena, bytes, size);
    size_t      count;
    if (nu_utf8_valid(text, strlen(text)))
        check_path(text);
    nu__templates_of(text, &count);
    nu_arena_enter(before);
    nu_arena_free(arena);
    return 0;
}
