#include "template/words.h"

#include <string.h>

#include "nuages/text.h"
#include "nuages/unicode.h"

static bool is_space(char c)
{
    return c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31);
}

size_t nu__space_length(const char *p, const char *end)
{
    if (p >= end || (unsigned char)*p < 0x80)
        return p < end && is_space(*p) ? 1 : 0;
    const char *next = p;
    return nu_char_is_space(nu_utf8_next(&next, end)) ? (size_t)(next - p) : 0;
}

const char *nu__skip_space(const char *p, const char *end)
{
    for (size_t length; (length = nu__space_length(p, end));)
        p += length;
    return p;
}

void nu__trim_words(const char **start, const char **end)
{
    *start = nu__skip_space(*start, *end);
    while (*end > *start) {
        const char *last = *end - 1;
        while (last > *start && ((unsigned char)*last & 0xc0) == 0x80)
            last--;
        if (nu__space_length(last, *end) != (size_t)(*end - last))
            return;
        *end = last;
    }
}

size_t nu__quoted_length(const char *text, const char *end)
{
    if (text >= end || (*text != '"' && *text != '\''))
        return 0;
    for (const char *p = text + 1; p < end; p++) {
        if (*p == '\\')
            p++;
        else if (*p == *text)
            return (size_t)(p + 1 - text);
    }
    return 0;
}

static bool is_name_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

size_t nu__name_length(const char *text, const char *end, bool dots)
{
    const char *p = text;
    while (p < end) {
        if (is_name_char((unsigned char)*p) || (dots && *p == '.')) {
            p++;
            continue;
        }
        const char *next = p;
        if ((unsigned char)*p < 0x80 || !nu_char_is_word(nu_utf8_next(&next, end)))
            break;
        p = next;
    }
    return (size_t)(p - text);
}

bool nu__word_is_name(nu_word word)
{
    return word.length > 0 &&
           nu__name_length(word.text, word.text + word.length, false) == word.length;
}

/* The end of a word that holds quoted text: plain characters, then quoted text and plain characters at
 * least once. NULL if there is no such word at `p`. */
static const char *quoted_word_end(const char *p, const char *end)
{
    const char *word_end = NULL;
    for (;;) {
        while (p < end && !nu__space_length(p, end) && *p != '"' && *p != '\'')
            p++;
        if (word_end)
            word_end = p;
        size_t quoted = nu__quoted_length(p, end);
        if (!quoted)
            return word_end;
        p += quoted;
        word_end = p;
    }
}

static const char *word_end(const char *p, const char *end)
{
    const char *quoted = quoted_word_end(p, end);
    if (quoted)
        return quoted;
    while (p < end && !nu__space_length(p, end))
        p++;
    return p;
}

/* Where the word that began with _(" ends: the first piece that closes it. */
static const char *translated_word_end(const char *start, const char *first_end, const char *end)
{
    char        closer[2] = {start[2], ')'};
    const char *p = first_end;
    while (p - start < 2 || memcmp(p - 2, closer, 2) != 0) {
        p = nu__skip_space(p, end);
        if (p >= end)
            return first_end;
        p = word_end(p, end);
    }
    return p;
}

nu_words nu__split_words(nu_arena *arena, const char *text, size_t length)
{
    const char *end = text + length;
    size_t      most = 1;
    for (const char *p = text; p < end; p++)
        most += is_space(*p) || *p == '"' || *p == '\'' || (unsigned char)*p >= 0x80;
    nu_words words = {.items = nu_arena_array(arena, most, sizeof(nu_word))};
    for (const char *p = text; p < end;) {
        size_t space = nu__space_length(p, end);
        if (space) {
            p += space;
            continue;
        }
        const char *stop = word_end(p, end);
        if (stop - p >= 3 && p[0] == '_' && p[1] == '(' && (p[2] == '"' || p[2] == '\''))
            stop = translated_word_end(p, stop, end);
        words.items[words.count++] = (nu_word){.text = p, .length = (uint32_t)(stop - p)};
        p = stop;
    }
    return words;
}

bool nu__word_is(nu_word word, const char *text)
{
    return strlen(text) == word.length && memcmp(word.text, text, word.length) == 0;
}

char *nu__word_text(nu_arena *arena, nu_word word)
{
    return nu_arena_copy(arena, word.text, word.length);
}
