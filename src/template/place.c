#include <string.h>

#include "template/engine.h"

#define MAX_EXCERPT 200

nu_place nu__place(const nu_tree *tree, const char *at, uint32_t line)
{
    const char *start = at, *end = at, *last = tree->text + tree->length;
    while (start > tree->text && start[-1] != '\n')
        start--;
    while (end < last && *end != '\n')
        end++;
    if (end - start > MAX_EXCERPT)
        end = start + MAX_EXCERPT;
    nu_arena *arena = nu_arena_current();
    return (nu_place){.file = nu_arena_text(arena, tree->name ? tree->name : "<template>"),
                      .line = (int)line,
                      .column = (int)nu_utf8_count(start, (size_t)(at - start)) + 1,
                      .excerpt = nu_arena_copy(arena, start, (size_t)(end - start))};
}

void nu__rethrow_at(const nu_error *error, nu_place place)
{
    /* The error lives in the arena of whoever catches it; nobody else has seen it yet. */
    if (!error->place.file)
        ((nu_error *)(uintptr_t)error)->place = place;
    nu_reraise(error);
}
