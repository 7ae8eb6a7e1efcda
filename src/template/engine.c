#include "template/engine.h"

#include <string.h>

#include "template/tags/kinds.h"

#define DEFAULT_OUTPUT_LIMIT (64u * 1024 * 1024)
#define DEFAULT_LOOP_LIMIT   10000000

/* ---- registries ------------------------------------------------------------------------------------- */

static struct nu_registered *place_in(const nu_registry *registry, const char *name, size_t length,
                                      uint32_t hash)
{
    for (uint32_t i = hash;; i++) {
        struct nu_registered *slot = &registry->slots[i & (registry->capacity - 1)];
        if (!slot->name ||
            (slot->hash == hash && slot->length == length && memcmp(slot->name, name, length) == 0))
            return slot;
    }
}

const void *nu__registry_find(const nu_registry *registry, const char *name, size_t length)
{
    if (registry->count == 0)
        return NULL;
    return place_in(registry, name, length, nu__name_hash(name, length))->item;
}

static void grow(nu_arena *arena, nu_registry *registry)
{
    nu_registry larger = {.count = registry->count,
                          .capacity = registry->capacity ? registry->capacity * 2 : 32};
    larger.slots = nu_arena_array(arena, larger.capacity, sizeof *larger.slots);
    for (uint32_t i = 0; i < registry->capacity; i++) {
        const struct nu_registered *old = &registry->slots[i];
        if (old->name)
            *place_in(&larger, old->name, old->length, old->hash) = *old;
    }
    *registry = larger;
}

void nu__registry_put(nu_arena *arena, nu_registry *registry, const char *name, const void *item)
{
    if (registry->count * 2 >= registry->capacity)
        grow(arena, registry);
    uint32_t              length = (uint32_t)strlen(name), hash = nu__name_hash(name, length);
    struct nu_registered *slot = place_in(registry, name, length, hash);
    registry->count += slot->name == NULL;
    *slot = (struct nu_registered){.name = name, .length = length, .hash = hash, .item = item};
}

/* ---- engines ------------------------------------------------------------------------------------------ */

static void add_tags(nu_engine *engine, const nu_template_tag *tag)
{
    for (; tag && tag->name; tag++)
        nu__registry_put(engine->arena, &engine->tags, tag->name, tag);
}

static void add_filters(nu_engine *engine, const nu_template_filter *filter)
{
    for (; filter && filter->name; filter++)
        nu__registry_put(engine->arena, &engine->filters, filter->name, filter);
}

static void add_builtins(nu_engine *engine)
{
    for (size_t i = 0; nu__tags_builtin[i]; i++)
        add_tags(engine, nu__tags_builtin[i]);
    for (size_t i = 0; nu__filters_builtin[i]; i++)
        add_filters(engine, nu__filters_builtin[i]);
    const nu_template_library *const *own = engine->options.builtins;
    for (size_t i = 0; own && own[i]; i++) {
        add_tags(engine, own[i]->tags);
        add_filters(engine, own[i]->filters);
    }
}

static void add_libraries(nu_engine *engine, const nu_template_library *const *libraries)
{
    for (size_t i = 0; libraries && libraries[i]; i++)
        nu__registry_put(engine->arena, &engine->libraries, libraries[i]->name, libraries[i]);
}

static void add_variables(nu_engine *engine)
{
    const nu_template_variable *const *tables = engine->options.variables;
    for (size_t i = 0; tables && tables[i]; i++) {
        for (const nu_template_variable *variable = tables[i]; variable->name; variable++)
            nu__registry_put(engine->arena, &engine->variables, variable->name, variable);
    }
}

static void add_loaders(nu_engine *engine)
{
    const nu_engine_options *options = &engine->options;
    size_t                   own = 0, dirs = 0;
    while (options->loaders && options->loaders[own])
        own++;
    while (options->dirs && options->dirs[dirs])
        dirs++;
    engine->loaders = nu_arena_array(engine->arena, own + dirs, sizeof *engine->loaders);
    for (size_t i = 0; i < own; i++)
        engine->loaders[engine->loader_count++] = options->loaders[i];
    nu_template_loader *folders = nu_arena_array(engine->arena, dirs, sizeof *folders);
    for (size_t i = 0; i < dirs; i++) {
        folders[i] = (nu_template_loader){.name = options->dirs[i],
                                          .data = nu_arena_text(engine->arena, options->dirs[i]),
                                          .load = nu_template_load_dir,
                                          .stamp = nu_template_stamp_file};
        engine->loaders[engine->loader_count++] = &folders[i];
    }
}

static void set_defaults(nu_engine_options *options)
{
    if (!options->string_if_invalid)
        options->string_if_invalid = "";
    if (!options->static_prefix)
        options->static_prefix = "/static/";
    if (!options->media_prefix)
        options->media_prefix = "/media/";
    if (!options->output_limit)
        options->output_limit = DEFAULT_OUTPUT_LIMIT;
    if (!options->loop_limit)
        options->loop_limit = DEFAULT_LOOP_LIMIT;
}

nu_engine *nu_engine_new(const nu_engine_options *options)
{
    nu_arena  *arena = nu_arena_current();
    nu_engine *engine = nu_arena_zalloc(arena, sizeof *engine);
    engine->arena = arena;
    engine->options = *options;
    set_defaults(&engine->options);
    add_builtins(engine);
    add_libraries(engine, nu__libraries_standard);
    add_libraries(engine, options->libraries);
    add_variables(engine);
    add_loaders(engine);
    return engine;
}
