/* The engine's insides: what it knows by name, and the templates it keeps. */
#pragma once

#include "template/internal.h"
#include "template/node.h"

/* Names and what they stand for: grows, never forgets. */
typedef struct nu_registry {
    struct nu_registered {
        const char *name;
        uint32_t    length, hash;
        const void *item;
    } * slots;
    uint32_t count, capacity; /* capacity: a power of two, or 0 */
} nu_registry;

/* NULL if there is none. */
const void *nu__registry_find(const nu_registry *registry, const char *name, size_t length);
/* Adds or replaces. `name` is borrowed. */
void nu__registry_put(nu_arena *arena, nu_registry *registry, const char *name, const void *item);

struct nu_engine {
    nu_engine_options          options;
    nu_arena                  *arena;
    nu_registry                tags, filters; /* those of every template */
    nu_registry                libraries;     /* what {% load %} finds */
    nu_registry                templates;     /* name: nu_template */
    nu_registry                trees;         /* name or key: nu_tree */
    const char                *library_names; /* "\ncache\nhumanize…" for messages */
    const nu_template_loader **loaders;
    size_t                     loader_count;
    nu_registry                variables; /* name: nu_template_variable */
};

/* ---- trees ---- */

/* Trees that a look-up passes over: a template that extends its own name means the next one. */
typedef struct nu_origins {
    const char              *key;
    const struct nu_origins *next;
} nu_origins;

/* The tree of that name, parsed and kept. Raises TemplateDoesNotExist and TemplateSyntaxError. */
const nu_tree *nu__tree_get(nu_engine *engine, const char *name, const nu_origins *skip);
/* True if the tree's source has changed since it was loaded. */
bool nu__tree_changed(const nu_tree *tree);

/* ---- places ---- */

/* Line, column and the line itself of `at` in the tree's text. */
nu_place nu__place(const nu_tree *tree, const char *at, uint32_t line);
/* Raises `error` again, with this place if it has none. */
NU_NORETURN void nu__rethrow_at(const nu_error *error, nu_place place);
