#include "template/uses.h"

#include <string.h>

typedef struct search {
    const char      *tag;
    nu_template_use *found;
    size_t           count, capacity;
} search;

/* The text of the tag's first argument; NULL if that is computed. */
static const char *constant(const nu_node *node)
{
    const nu_expression *first = node->expression_count ? node->expressions[0] : NULL;
    bool                 plain =
        first && first->variable.literal && !first->variable.translate && !first->filter_count;
    return plain && first->variable.value.type == NU_TEXT ? first->variable.value.text : NULL;
}

static void note(search *s, const nu_node *node, const char *text)
{
    if (s->count == s->capacity) {
        size_t size = s->capacity * sizeof *s->found;
        s->capacity = s->capacity ? 2 * s->capacity : 8;
        s->found =
            nu_arena_grow(nu_arena_current(), s->found, size, s->capacity * sizeof *s->found);
    }
    s->found[s->count++] =
        (nu_template_use){.text = text,
                          .assigned = node->name_count > 0,
                          .place = nu__place(node->tree, node->start, node->line)};
}

/* NOLINTNEXTLINE(misc-no-recursion): the stack is checked */
static void walk(search *s, const nu_body *body)
{
    nu_check_stack();
    for (const nu_node *node = body->first; node; node = node->next) {
        const char *text = strcmp(node->kind->name, s->tag) == 0 ? constant(node) : NULL;
        if (text)
            note(s, node, text);
        for (uint32_t i = 0; i < node->body_count; i++)
            walk(s, &node->bodies[i]);
    }
}

const nu_template_use *nu__template_uses(nu_engine *engine, const char *name, const char *tag,
                                         size_t *count)
{
    const nu_tree *tree = nu__tree_get(engine, name, NULL);
    search         s = {.tag = tag};
    walk(&s, &tree->root);
    for (const nu_partial *partial = tree->partials; partial; partial = partial->next)
        walk(&s, &partial->body);
    *count = s.count;
    return s.found;
}
