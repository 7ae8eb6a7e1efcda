/* {% load %}. */
#include <stdlib.h>
#include <string.h>

#include "template/engine.h"
#include "template/suggest.h"
#include "template/tags/kinds.h"

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *all_libraries(const nu_engine *engine)
{
    const char **names = nu_alloc((engine->libraries.count + 1) * sizeof *names);
    size_t       count = 0;
    for (uint32_t i = 0; i < engine->libraries.capacity; i++) {
        if (engine->libraries.slots[i].name)
            names[count++] = engine->libraries.slots[i].name;
    }
    qsort(names, count, sizeof *names, compare_names);
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    for (size_t i = 0; i < count; i++)
        nu_builder_printf(&out, "%s%s", i ? "\n" : "", names[i]);
    return nu_builder_text(&out);
}

static const nu_template_library *find_library(nu_parser *parser, nu_word name)
{
    const nu_template_library *library =
        nu__registry_find(&parser->engine->libraries, name.text, name.length);
    if (!library)
        nu__syntax_error_hint(nu__suggest_library(parser, name),
                              "'%.*s' is not a registered tag library. Must be one of:\n%s",
                              (int)name.length, name.text, all_libraries(parser->engine));
    return library;
}

/* {% load name … from library %} */
static void load_some(nu_parser *parser, nu_word name, const nu_template_library *library)
{
    bool found = false;
    for (const nu_template_tag *tag = library->tags; tag && tag->name; tag++) {
        if (nu__word_is(name, tag->name)) {
            nu__load_one(parser, (nu_loaded){.tag = tag});
            found = true;
        }
    }
    for (const nu_template_filter *filter = library->filters; filter && filter->name; filter++) {
        if (nu__word_is(name, filter->name)) {
            nu__load_one(parser, (nu_loaded){.filter = filter});
            found = true;
        }
    }
    if (!found)
        nu__syntax_error_hint(nu__suggest_member(library, name),
                              "'%.*s' is not a valid tag or filter in tag library '%s'",
                              (int)name.length, name.text, library->name);
}

static nu_node *parse_load(nu_parser *parser, const nu_tag *tag)
{
    size_t         count = tag->words.count;
    const nu_word *words = tag->words.items;
    if (count >= 4 && nu__tag_word_is(tag, count - 2, "from")) {
        const nu_template_library *library = find_library(parser, words[count - 1]);
        for (size_t i = 1; i < count - 2; i++)
            load_some(parser, words[i], library);
        return NULL;
    }
    for (size_t i = 1; i < count; i++)
        nu__load_library(parser, find_library(parser, words[i]));
    return NULL;
}

const nu_template_tag nu__tags_load[] = {
    {.name = "load", .syntax = &(const struct nu_tag_syntax){parse_load}},
    {0},
};
