/* Cutting the content of a tag into words, by Django's rules. */
#pragma once

#include "nuages/arena.h"

/* A piece of the source, not NUL-terminated. */
typedef struct nu_word {
    const char *text;
    uint32_t    length;
} nu_word;

typedef struct nu_words {
    nu_word *items;
    size_t   count;
} nu_words;

/* Length of the character at `p` if it is white space by Python's str.isspace(), else 0. */
size_t      nu__space_length(const char *p, const char *end);
const char *nu__skip_space(const char *p, const char *end);

/* Moves both ends inwards over white space. */
void nu__trim_words(const char **start, const char **end);

/* Words apart by white space; quoted text and _("…") stay whole. */
nu_words nu__split_words(nu_arena *arena, const char *text, size_t length);

bool nu__word_is(nu_word word, const char *text);
/* NUL-terminated copy. */
char *nu__word_text(nu_arena *arena, nu_word word);
/* True if it is a name as Python's \w+ has it: letters of any script, digits, underscore. */
bool nu__word_is_name(nu_word word);
/* Length of the \w+ (with `dots`, [\w.]+) at the start of the text, 0 if there is none. */
size_t nu__name_length(const char *text, const char *end, bool dots);
/* Length of the quoted string ("…" or '…', backslash escapes) at the start, 0 if there is none. */
size_t nu__quoted_length(const char *text, const char *end);
