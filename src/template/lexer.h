/* The lexer: a template's text as a list of tokens, in one pass. */
#pragma once

#include "nuages/arena.h"

typedef enum nu_token_kind {
    NU_TOKEN_TEXT,
    NU_TOKEN_VARIABLE, /* {{ … }} */
    NU_TOKEN_BLOCK,    /* {% … %} */
    NU_TOKEN_COMMENT,  /* {# … #} */
} nu_token_kind;

/* `text` points into the source: all of it for text, else what is between the delimiters, without
 * white space around it. */
typedef struct nu_token {
    nu_token_kind kind;
    uint32_t      length;
    const char   *text;
    const char   *start; /* where the token begins in the source, delimiters included */
    uint32_t      line;  /* from 1 */
} nu_token;

typedef struct nu_tokens {
    nu_token *items;
    size_t    count;
} nu_tokens;

/* Splits `text`. A tag does not span lines, an unclosed one is text, and between {% verbatim %} and its
 * end all is text: as Django's lexer has it. */
nu_tokens nu__lex(nu_arena *arena, const char *text, size_t length);
