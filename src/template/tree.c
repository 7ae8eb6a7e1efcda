/* Trees by name: asking the loaders, parsing, keeping. */
#include <string.h>

#include "template/engine.h"
#include "template/parser.h"

#define MAX_SOURCE (16 * 1024 * 1024)

/* Names come from templates and variables: they must not lead out of the loaders' folders. */
static bool name_is_safe(const char *name)
{
    if (name[0] == '\0' || name[0] == '/' || strchr(name, '\\'))
        return false;
    for (const char *p = name; p; p = strchr(p, '/')) {
        p += *p == '/';
        if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == '\0'))
            return false;
    }
    return true;
}

static bool is_skipped(const char *key, const nu_origins *skip)
{
    for (; skip; skip = skip->next) {
        if (skip->key && strcmp(skip->key, key) == 0)
            return true;
    }
    return false;
}

/* Two loaders may call their sources by the same name. */
static const char *key_of(const nu_template_loader *loader, const nu_template_source *source)
{
    return nu_fmt("%p:%s", (const void *)loader, source->origin);
}

/* What one loader was asked, for the message when none has it. */
typedef struct search {
    nu_engine        *engine;
    const char       *name;
    const nu_origins *skip;
    nu_builder        tried;
} search;

static void note(search *s, const char *where, const char *why)
{
    nu_builder_printf(&s->tried, "%s%s (%s)", s->tried.length ? ", " : "", where, why);
}

static const nu_template_loader *find_source(search *s, nu_template_source *out)
{
    if (!name_is_safe(s->name))
        return NULL;
    for (size_t i = 0; i < s->engine->loader_count; i++) {
        const nu_template_loader *loader = s->engine->loaders[i];
        const char               *tried = loader->name ? loader->name : "a loader";
        *out = (nu_template_source){0};
        if (!loader->load(loader->data, s->name, out, &tried)) {
            note(s, tried, "Source does not exist");
        } else if (is_skipped(key_of(loader, out), s->skip)) {
            note(s, out->origin, "Skipped to avoid recursion");
        } else {
            return loader;
        }
    }
    return NULL;
}

static NU_NORETURN void missing(search *s)
{
    nu_error *error = nu_error_new(NU_TEMPLATE_MISSING, "%s", s->name);
    if (s->tried.length)
        error->detail = nu_fmt("Tried: %s.", nu_builder_text(&s->tried));
    nu_throw(error);
}

/* Parses into an arena of its own, so that a failure leaves nothing behind. */
static nu_tree *parse(nu_engine *engine, const char *name, const nu_template_source *source,
                      const nu_template_loader *loader)
{
    if (source->length > MAX_SOURCE)
        nu_raise(NU_TEMPLATE_SYNTAX, "the template \"%s\" is larger than %d bytes", name,
                 MAX_SOURCE);
    nu_arena *arena = nu_arena_new(engine->arena, "template");
    NU_TRY {
        nu_tree *tree = nu_arena_zalloc(arena, sizeof *tree);
        *tree = (nu_tree){.name = nu_arena_text(arena, name),
                          .origin = nu_arena_text(arena, source->origin),
                          .key = nu_arena_text(arena, key_of(loader, source)),
                          .text = nu_arena_copy(arena, source->text, source->length),
                          .length = source->length,
                          .stamp = source->stamp,
                          .loader = loader};
        nu__parse_tree(engine, arena, tree);
        return tree;
    }
    NU_CATCH (error) {
        nu_arena_free(arena);
        nu_reraise(error);
    }
    return NULL;
}

bool nu__tree_changed(const nu_tree *tree)
{
    return tree->loader && tree->loader->stamp && tree->stamp &&
           tree->loader->stamp(tree->loader->data, tree->origin) != tree->stamp;
}

/* The tree that a look-up by name found before; NULL if it is gone out of date or passed over. */
static const nu_tree *known_tree(nu_engine *engine, const char *name, const nu_origins *skip)
{
    const nu_tree *tree = nu__registry_find(&engine->trees, name, strlen(name));
    if (!tree || is_skipped(tree->key, skip))
        return NULL;
    return engine->options.watch && nu__tree_changed(tree) ? NULL : tree;
}

const nu_tree *nu__tree_get(nu_engine *engine, const char *name, const nu_origins *skip)
{
    const nu_tree *known = known_tree(engine, name, skip);
    if (known)
        return known;
    search s = {.engine = engine, .name = name, .skip = skip};
    nu_builder_init(&s.tried, NULL, 128);
    nu_template_source        source;
    const nu_template_loader *loader = find_source(&s, &source);
    if (!loader)
        missing(&s);
    /* One that was passed over before may be known by its place. */
    const char *key = key_of(loader, &source);
    known = nu__registry_find(&engine->trees, key, strlen(key));
    if (known && known->stamp == source.stamp)
        return known;
    nu_tree *tree = parse(engine, name, &source, loader);
    if (!skip || !nu__registry_find(&engine->trees, name, strlen(name)))
        nu__registry_put(engine->arena, &engine->trees, tree->name, tree);
    nu__registry_put(engine->arena, &engine->trees, tree->key, tree);
    return tree;
}
