/* Tables of routes made ready. */
#include "url/internal.h"

#include <string.h>

/* A scope that already holds the list is not made longer: a table that includes itself must end. */
static const nu__scope *scope_with(nu_arena *arena, const nu__scope *outer,
                                   const nu_converter *const *converters)
{
    if (converters == NULL)
        return outer;
    for (const nu__scope *scope = outer; scope != NULL; scope = scope->outer) {
        if (scope->converters == converters)
            return outer;
    }
    nu__scope *scope = nu_arena_zalloc(arena, sizeof *scope);
    *scope = (nu__scope){.converters = converters, .outer = outer};
    return scope;
}

static bool same_scope(const nu__scope *a, const nu__scope *b)
{
    while (a != NULL && b != NULL && a->converters == b->converters) {
        a = a->outer;
        b = b->outer;
    }
    return a == b;
}

static void check_route(const nu_route *route)
{
    if (route->pattern == NULL)
        nu_raise(NU_CONFIG_ERROR, "a route has no pattern");
    if (route->view == NULL && route->include == NULL)
        nu_raise(NU_CONFIG_ERROR, "the route \"%s\" has no view", route->pattern);
    if (route->namespace != NULL && route->app_name == NULL)
        nu_raise(NU_CONFIG_ERROR, "the route \"%s\" has a namespace but no app_name",
                 route->pattern);
    if (route->namespace != NULL && strchr(route->namespace, ':') != NULL)
        nu_raise(NU_CONFIG_ERROR, "the namespace \"%s\" must not hold a \":\"", route->namespace);
}

static nu__table *table_of(nu_urls *urls, const nu_route *routes, const nu__scope *scope);

static void entry_init(nu_urls *urls, nu__entry *entry, const nu_route *route,
                       const nu__scope *outer)
{
    check_route(route);
    const nu__scope *scope = scope_with(urls->arena, outer, route->converters);
    entry->route = route;
    nu__pattern_init(&entry->pattern, urls->arena, route, scope);
    if (route->include == NULL)
        return;
    entry->namespace = route->namespace != NULL ? route->namespace : route->app_name;
    entry->child = table_of(urls, route->include, scope);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as tables are nested; each is made once */
static nu__table *table_of(nu_urls *urls, const nu_route *routes, const nu__scope *scope)
{
    for (nu__table *table = urls->tables; table != NULL; table = table->next) {
        if (table->routes == routes && same_scope(table->scope, scope))
            return table;
    }
    nu_check_stack();
    nu__table *table = nu_arena_zalloc(urls->arena, sizeof *table);
    *table = (nu__table){.routes = routes, .scope = scope, .next = urls->tables};
    urls->tables = table; /* before its entries: one of them may include it */
    while (routes[table->count].kind != NU_ROUTE_END)
        table->count++;
    table->entries = nu_arena_array(urls->arena, table->count, sizeof(nu__entry));
    for (size_t i = 0; i < table->count; i++)
        entry_init(urls, &table->entries[i], &routes[i], scope);
    return table;
}

nu_urls *nu_urls_new(nu_arena *arena, const nu_route *routes, const nu_converter *const *converters)
{
    nu_arena *before = nu_arena_enter(arena);
    nu_urls  *urls = nu_alloc(sizeof *urls);
    urls->arena = arena;
    urls->regexes = nu_dict_new();
    urls->root = table_of(urls, routes, scope_with(arena, NULL, converters));
    nu_arena_enter(before);
    return urls;
}
