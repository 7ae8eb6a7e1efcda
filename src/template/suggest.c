#include "template/suggest.h"

#include <string.h>

#include "template/engine.h"

/* Choices are a list of names: all that the template could have meant. */

static void add(nu_list *choices, const char *name)
{
    nu_list_push(choices, nu_value_text(name));
}

static void add_registered(nu_list *choices, const nu_registry *registry)
{
    for (uint32_t i = 0; i < registry->capacity; i++) {
        if (registry->slots[i].name)
            add(choices, registry->slots[i].name);
    }
}

/* The sentence that names the nearest of the choices, NULL if none is near. */
static const char *did_you_mean(const nu_list *choices, nu_word word)
{
    const char **names = nu_alloc((choices->count + 1) * sizeof *names);
    for (uint32_t i = 0; i < choices->count; i++)
        names[i] = choices->items[i].text;
    names[choices->count] = NULL;
    const char *near = nu_nearest(nu__word_text(nu_arena_current(), word), names);
    return near ? nu_fmt("Did you mean \"%s\"?", near) : NULL;
}

static bool brings_tag(const nu_template_library *library, nu_word word)
{
    for (const nu_template_tag *tag = library->tags; tag && tag->name; tag++) {
        if (nu__word_is(word, tag->name))
            return true;
    }
    return false;
}

static bool brings_filter(const nu_template_library *library, nu_word word)
{
    for (const nu_template_filter *filter = library->filters; filter && filter->name; filter++) {
        if (nu__word_is(word, filter->name))
            return true;
    }
    return false;
}

/* What to load so that the very word is known; NULL if no library has it. */
static const char *what_to_load(const nu_engine *engine, nu_word word,
                                bool (*brings)(const nu_template_library *, nu_word))
{
    for (uint32_t i = 0; i < engine->libraries.capacity; i++) {
        const nu_template_library *library = engine->libraries.slots[i].item;
        if (library && brings(library, word))
            return nu_fmt("{%% load %s %%} brings it.", library->name);
    }
    return NULL;
}

const char *nu__suggest_tag(const nu_parser *parser, nu_word word, const char *const *until)
{
    const char *load = what_to_load(parser->engine, word, brings_tag);
    if (load)
        return load;
    nu_list *choices = nu_list_new();
    for (; until && *until; until++)
        add(choices, *until);
    add_registered(choices, &parser->engine->tags);
    for (const nu_loaded *loaded = parser->loaded; loaded; loaded = loaded->next) {
        if (loaded->tag)
            add(choices, loaded->tag->name);
    }
    return did_you_mean(choices, word);
}

const char *nu__suggest_filter(const nu_parser *parser, nu_word word)
{
    const char *load = what_to_load(parser->engine, word, brings_filter);
    if (load)
        return load;
    nu_list *choices = nu_list_new();
    add_registered(choices, &parser->engine->filters);
    for (const nu_loaded *loaded = parser->loaded; loaded; loaded = loaded->next) {
        if (loaded->filter)
            add(choices, loaded->filter->name);
    }
    return did_you_mean(choices, word);
}

const char *nu__suggest_library(const nu_parser *parser, nu_word word)
{
    nu_list *choices = nu_list_new();
    add_registered(choices, &parser->engine->libraries);
    return did_you_mean(choices, word);
}

const char *nu__suggest_member(const nu_template_library *library, nu_word word)
{
    nu_list *choices = nu_list_new();
    for (const nu_template_tag *tag = library->tags; tag && tag->name; tag++)
        add(choices, tag->name);
    for (const nu_template_filter *filter = library->filters; filter && filter->name; filter++)
        add(choices, filter->name);
    return did_you_mean(choices, word);
}
