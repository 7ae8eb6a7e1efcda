/* Expressions as written: a literal or a variable, then filters.
 *
 *      article.title|truncatewords:30|default:_("untitled")
 *
 * The parser makes these once per template; the compiler turns them into operands, whose variables
 * are resolved to slots (program.h). */
#pragma once

#include "nuages/template.h"
#include "template/words.h"

/* A name with its hash, so that most comparisons are one of numbers. NUL-terminated. */
typedef struct nu_name {
    const char *text;
    uint32_t    length;
    uint32_t    hash;
} nu_name;

/* One step of a dotted path. `index` is its number if it is one, else -1. */
typedef struct nu_step {
    nu_name name;
    int64_t index;
} nu_step;

/* A literal or a dotted path. */
typedef struct nu_variable {
    const char    *text; /* as written, for messages and string_if_invalid */
    bool           literal;
    bool           translate; /* _("…") */
    nu_value       value;     /* of a literal */
    const nu_step *steps;
    uint32_t       step_count;
} nu_variable;

typedef struct nu_applied_filter {
    const nu_template_filter *filter;
    const nu_variable        *arg; /* NULL: none */
} nu_applied_filter;

typedef struct nu_expression {
    nu_variable              variable;
    const nu_applied_filter *filters;
    uint32_t                 filter_count;
} nu_expression;

nu_name            nu__name(nu_arena *arena, const char *text, size_t length);
uint32_t           nu__name_hash(const char *text, size_t length);
static inline bool nu__name_equal(const nu_name *a, const nu_name *b)
{
    return a->hash == b->hash && a->length == b->length &&
           __builtin_memcmp(a->text, b->text, a->length) == 0;
}

/* Parses a literal or path. Raises TemplateSyntaxError, without place. */
nu_variable nu__variable_parse(nu_arena *arena, const char *text, size_t length);

/* Finds a filter by name; raises TemplateSyntaxError if there is none. */
typedef struct nu_filter_finder {
    const nu_template_filter *(*find)(void *self, nu_word name);
    void *self;
} nu_filter_finder;

/* Parses a whole expression. Raises TemplateSyntaxError with Django's wording, without place. */
nu_expression *nu__expression_parse(nu_arena *arena, const char *text, size_t length,
                                    nu_filter_finder filters);
