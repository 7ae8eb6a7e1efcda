/* urlize finds addresses in text and makes links of them; urlencode and iriencode quote. */
#include <string.h>

#include "template/filters/filters.h"
#include "template/filters/quote.h"

/* ---- what is an address ----------------------------------------------------------------------- */

enum { URL_MAX = 2048, DOMAIN_MAX = 63 };

typedef struct span {
    const char *start, *end;
} span;

static size_t size_of(span s)
{
    return (size_t)(s.end - s.start);
}

static bool has(span s, char c)
{
    return memchr(s.start, c, size_of(s)) != NULL;
}

static bool begins_with(span s, const char *word)
{
    size_t length = strlen(word);
    return size_of(s) >= length && nu_equal_ascii_nocase(s.start, length, word, length);
}

static bool word_char_at(const char *at, const char *end)
{
    return at < end && nu_char_is_word(nu_utf8_next(&at, end));
}

/* http:// or https://, then a letter or digit, or "[" and one. */
static bool has_scheme(span s)
{
    const char *host = s.start + (begins_with(s, "https://")  ? 8
                                  : begins_with(s, "http://") ? 7
                                                              : 0);
    if (host == s.start)
        return false;
    host += host < s.end && *host == '[';
    return word_char_at(host, s.end);
}

/* ".com" and its old companions at `dot`, followed by the end or a path. */
static bool ends_host(const char *dot, const char *end)
{
    static const char *const tops[] = {".com", ".edu", ".gov", ".int", ".mil", ".net", ".org"};
    if (end - dot < 4 || (end - dot > 4 && dot[4] != '/'))
        return false;
    for (size_t i = 0; i < NU_COUNT(tops); i++)
        if (nu_equal_ascii_nocase(dot, 4, tops[i], 4))
            return true;
    return false;
}

/* www.anything, or name.com with at least two characters before the dot. */
static bool is_bare_host(span s)
{
    if (begins_with(s, "www."))
        return true;
    if (begins_with(s, "http") || !word_char_at(s.start, s.end))
        return false;
    const char *at = s.start;
    nu_utf8_next(&at, s.end);
    for (const char *first = at; at < s.end && *at != '@'; at++)
        if (*at == '.' && at > first && ends_host(at, s.end))
            return true;
    return false;
}

static bool is_email(span s)
{
    const char *at = memchr(s.start, '@', size_of(s));
    if (at == NULL || at == s.start || at + 1 == s.end)
        return false;
    span domain = {at + 1, s.end};
    return !has(domain, '@') && has(domain, '.') && *domain.start != '.' &&
           nu_utf8_count(domain.start, size_of(domain)) <= DOMAIN_MAX && !has(s, ':');
}

/* ---- punctuation ------------------------------------------------------------------------------ */

static int64_t count_of(span s, char c)
{
    int64_t count = 0;
    for (const char *at = s.start; at < s.end; at++)
        count += *at == c;
    return count;
}

static const char *strip_right(span s, const char *characters)
{
    const char *end = s.end;
    while (end > s.start && end[-1] != '\0' && strchr(characters, end[-1]) != NULL)
        end--;
    return end;
}

/* A closing bracket belongs to the address if its opening one does: a_(b). `open` and `close` count
 * what is left. */
static bool strip_brackets(span *middle, int64_t open, int64_t *close, char bracket)
{
    const char one[2] = {bracket, '\0'};
    if (open >= *close || strip_right(*middle, one) == middle->end)
        return false;
    int64_t surplus = *close - open;
    int64_t length = (int64_t)size_of(*middle);
    middle->end -= surplus < length ? surplus : length;
    *close = open;
    return true;
}

static const char *last_ampersand(span s)
{
    return size_of(s) == 0 ? NULL : memrchr(s.start, '&', size_of(s));
}

/* True if the semicolon at the end closes the reference that begins at `ampersand`: &amp; */
static bool is_reference(const char *ampersand, const char *end)
{
    enum { LONGEST = 40 };
    size_t length = (size_t)(end - ampersand);
    if (length > LONGEST)
        return false;
    nu_builder plain;
    nu_builder_init(&plain, NULL, length + 1);
    nu__put_unescaped(&plain, ampersand, length);
    bool same = plain.length == length && memcmp(plain.data, ampersand, length) == 0;
    return !same && (plain.length == 0 || plain.data[plain.length - 1] != ';');
}

static bool strip_semicolons(span *middle, const char *ampersand)
{
    if (size_of(*middle) == 0 || middle->end[-1] != ';' ||
        (ampersand != NULL && is_reference(ampersand, middle->end)))
        return false;
    const char *end = strip_right(*middle, ";");
    /* One may belong to a reference. */
    if (ampersand != NULL && middle->end - end > 1)
        end++;
    middle->end = end;
    return true;
}

/* The word without brackets round it and punctuation behind it. */
static span without_punctuation(span word)
{
    span middle = word;
    while (middle.start < middle.end && (*middle.start == '(' || *middle.start == '['))
        middle.start++;
    int64_t     round_open = count_of(middle, '('), round_close = count_of(middle, ')');
    int64_t     square_open = count_of(middle, '['), square_close = count_of(middle, ']');
    const char *ampersand = last_ampersand(middle);
    for (bool again = true; again && size_of(middle) > 0;) {
        again = strip_brackets(&middle, round_open, &round_close, ')');
        again |= strip_brackets(&middle, square_open, &square_close, ']');
        if (ampersand != NULL && ampersand >= middle.end)
            ampersand = last_ampersand(middle);
        const char *end = strip_right(middle, ampersand == NULL ? ".,:;!" : ".,:!");
        again |= end != middle.end;
        middle.end = end;
        again |= strip_semicolons(&middle, ampersand);
    }
    return middle;
}

/* ---- links ------------------------------------------------------------------------------------ */

typedef struct linker {
    nu_builder out;
    int64_t    limit; /* characters of an address that are shown; -1: all */
    bool       escape;
} linker;

static void put_text(linker *l, span text)
{
    if (l->escape)
        nu__write_escaped(&l->out, text.start, size_of(text));
    else
        nu_builder_add(&l->out, text.start, size_of(text));
}

/* The address behind a link, unescaped; false if the text is none. */
static bool put_target(nu_builder *out, span text, bool *follow)
{
    bool scheme = size_of(text) <= URL_MAX && has_scheme(text);
    *follow = true;
    if (scheme || (size_of(text) <= URL_MAX && is_bare_host(text))) {
        nu_builder plain;
        nu_builder_init(&plain, NULL, size_of(text) + 8);
        if (!scheme)
            nu_builder_puts(&plain, "http://");
        nu__put_unescaped(&plain, text.start, size_of(text));
        nu__put_url(out, plain.data, plain.length);
        *follow = false;
        return true;
    }
    if (!is_email(text))
        return false;
    const char *at = memchr(text.start, '@', size_of(text));
    nu_builder_puts(out, "mailto:");
    nu__put_quoted(out, text.start, (size_t)(at - text.start), "");
    nu_builder_putc(out, '@');
    nu__put_quoted(out, at + 1, (size_t)(text.end - at - 1), "");
    return true;
}

static void put_label(linker *l, span text)
{
    size_t count = nu_utf8_count(text.start, size_of(text));
    if (l->limit >= 0 && count > (size_t)l->limit) {
        size_t kept = l->limit > 0 ? (size_t)l->limit - 1 : 0;
        put_text(l,
                 (span){text.start, text.start + nu_utf8_offset(text.start, size_of(text), kept)});
        nu_builder_puts(&l->out, "…");
    } else {
        put_text(l, text);
    }
}

static void put_word(linker *l, span word)
{
    span       middle = word;
    bool       follow = false, found = false;
    nu_builder target;
    if (has(word, '.') || has(word, '@') || has(word, ':')) {
        middle = without_punctuation(word);
        nu_builder_init(&target, NULL, size_of(word) + 16);
        found = put_target(&target, middle, &follow);
    }
    if (!found) {
        put_text(l, word);
        return;
    }
    put_text(l, (span){word.start, middle.start});
    nu_builder_puts(&l->out, "<a href=\"");
    nu__write_escaped(&l->out, target.data, target.length);
    nu_builder_puts(&l->out, follow ? "\">" : "\" rel=\"nofollow\">");
    put_label(l, middle);
    nu_builder_puts(&l->out, "</a>");
    put_text(l, (span){middle.end, word.end});
}

static bool is_between_words(uint32_t code)
{
    return code == '<' || code == '>' || code == '"' || code == '\'' || nu_char_is_space(code);
}

/* The longest run from `at` whose characters are all of one kind. */
static const char *run_end(const char *at, const char *end, bool between)
{
    while (at < end) {
        const char *next = at;
        if (is_between_words(nu_utf8_next(&next, end)) != between)
            return at;
        at = next;
    }
    return end;
}

static nu_value link_all(const nu_filter_call *call, int64_t limit)
{
    linker      l = {.limit = limit, .escape = call->autoescape && !nu__is_safe(call->input)};
    const char *at = call->input.text, *end = at + call->input.length;
    nu_builder_init(&l.out, NULL, call->input.length * 2 + 1);
    while (at < end) {
        const char *stop = run_end(at, end, false);
        if (stop > at)
            put_word(&l, (span){at, stop});
        at = run_end(stop, end, true);
        put_text(&l, (span){stop, at});
    }
    return nu__safe_text(&l.out);
}

/* ---- the filters ------------------------------------------------------------------------------ */

#define NO_LIMIT (-1)

static nu_value filter_urlize(const nu_filter_call *call)
{
    return link_all(call, NO_LIMIT);
}

static nu_value filter_urlizetrunc(const nu_filter_call *call)
{
    int64_t limit = nu__filter_int(call->arg);
    return link_all(call, limit < 0 ? 0 : limit);
}

static nu_value quoted(nu_value text, const char *safe)
{
    nu_builder out;
    nu_builder_init(&out, NULL, text.length * 2 + 1);
    nu__put_quoted(&out, text.text, text.length, safe);
    return nu_builder_value(&out);
}

static nu_value filter_urlencode(const nu_filter_call *call)
{
    return quoted(call->input,
                  call->has_arg && !nu_is_null(call->arg) ? nu__filter_text(call->arg) : "/");
}

static nu_value filter_iriencode(const nu_filter_call *call)
{
    return quoted(call->input, "/#%[]=:;$&()+,!?*@'~");
}

const nu_template_filter nu__filters_links[] = {
    {"iriencode", filter_iriencode, NU_FILTER_TEXT | NU_FILTER_SAFE},
    {"urlencode", filter_urlencode, NU_FILTER_TEXT | NU_FILTER_ARG_OPTIONAL},
    {"urlize", filter_urlize, NU_FILTER_TEXT | NU_FILTER_SAFE},
    {"urlizetrunc", filter_urlizetrunc, NU_FILTER_TEXT | NU_FILTER_SAFE | NU_FILTER_ARG},
    {0},
};
