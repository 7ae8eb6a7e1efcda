#include "template/lexer.h"

#include <string.h>

#include "template/words.h"

typedef struct lexer {
    nu_arena   *arena;
    const char *at, *end;
    const char *text_start; /* of the text not yet made a token */
    uint32_t    line;       /* of text_start */
    nu_token   *items;
    size_t      count, capacity;
    /* Inside {% verbatim name %}: the content of the tag that ends it. */
    const char *verbatim;
    uint32_t    verbatim_length;
    /* For each kind of tag: no closer between here and that place, so that a line full of openers
     * is searched once and not once per opener. */
    const char *no_closer_before[4];
} lexer;

static void push(lexer *lex, nu_token token)
{
    if (lex->count == lex->capacity) {
        size_t capacity = lex->capacity ? lex->capacity * 2 : 64;
        lex->items = nu_arena_grow(lex->arena, lex->items, lex->capacity * sizeof(nu_token),
                                   capacity * sizeof(nu_token));
        lex->capacity = capacity;
    }
    lex->items[lex->count++] = token;
}

static uint32_t lines_in(const char *from, const char *to)
{
    uint32_t lines = 0;
    while (from < to && (from = memchr(from, '\n', (size_t)(to - from)))) {
        lines++;
        from++;
    }
    return lines;
}

static void push_text(lexer *lex, const char *until)
{
    if (until == lex->text_start)
        return;
    push(lex, (nu_token){.kind = NU_TOKEN_TEXT,
                         .text = lex->text_start,
                         .start = lex->text_start,
                         .length = (uint32_t)(until - lex->text_start),
                         .line = lex->line});
    lex->line += lines_in(lex->text_start, until);
    lex->text_start = until;
}

static nu_token_kind kind_of_opener(char c)
{
    switch (c) {
    case '{': return NU_TOKEN_VARIABLE;
    case '%': return NU_TOKEN_BLOCK;
    case '#': return NU_TOKEN_COMMENT;
    default: return NU_TOKEN_TEXT;
    }
}

/* The end of the tag that opens at `open`, after its closer; NULL if its line has none. */
static const char *tag_end(lexer *lex, const char *open, nu_token_kind kind)
{
    if (open < lex->no_closer_before[kind])
        return NULL;
    char        closer = kind == NU_TOKEN_VARIABLE ? '}' : open[1];
    const char *p = open + 2;
    for (; p + 1 < lex->end && *p != '\n'; p++) {
        if (*p == closer && p[1] == '}')
            return p + 2;
    }
    lex->no_closer_before[kind] = p;
    return NULL;
}

/* A {% %} inside or around verbatim. Returns false if it counts as text. */
static bool verbatim_step(lexer *lex, const char *content, uint32_t length)
{
    if (lex->verbatim) {
        /* "endverbatim name" against "verbatim name" */
        if (length != lex->verbatim_length + 3 || memcmp(content, "end", 3) != 0 ||
            memcmp(content + 3, lex->verbatim, lex->verbatim_length) != 0)
            return false;
        lex->verbatim = NULL;
    } else if (length >= 8 && memcmp(content, "verbatim", 8) == 0 &&
               (length == 8 || content[8] == ' ')) {
        lex->verbatim = content;
        lex->verbatim_length = length;
    }
    return true;
}

/* Makes a token of the tag between `open` and `end`, unless verbatim makes it text. */
static void tag(lexer *lex, nu_token_kind kind, const char *open, const char *end)
{
    const char *content = open + 2, *content_end = end - 2;
    nu__trim_words(&content, &content_end);
    uint32_t length = (uint32_t)(content_end - content);
    bool     counts = kind == NU_TOKEN_BLOCK ? verbatim_step(lex, content, length) : !lex->verbatim;
    if (!counts)
        return;
    push_text(lex, open);
    push(lex,
         (nu_token){
             .kind = kind, .text = content, .length = length, .start = open, .line = lex->line});
    lex->text_start = end;
}

nu_tokens nu__lex(nu_arena *arena, const char *text, size_t length)
{
    lexer lex = {.arena = arena, .at = text, .end = text + length, .text_start = text, .line = 1};
    while (lex.at < lex.end) {
        const char *open = memchr(lex.at, '{', (size_t)(lex.end - lex.at));
        if (!open || open + 3 >= lex.end)
            break;
        nu_token_kind kind = kind_of_opener(open[1]);
        const char   *end = kind == NU_TOKEN_TEXT ? NULL : tag_end(&lex, open, kind);
        if (end)
            tag(&lex, kind, open, end);
        lex.at = end ? end : open + 1;
    }
    push_text(&lex, lex.end);
    return (nu_tokens){.items = lex.items, .count = lex.count};
}
