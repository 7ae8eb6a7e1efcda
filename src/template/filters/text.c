/* Filters for plain text. */
#include <string.h>

#include "template/filters/filters.h"

/* ---- case ------------------------------------------------------------------------------------- */

static nu_value filter_lower(const nu_filter_call *call)
{
    return nu_lower_n(call->input.text, call->input.length);
}

static nu_value filter_upper(const nu_filter_call *call)
{
    return nu_upper_n(call->input.text, call->input.length);
}

static nu_value filter_capfirst(const nu_filter_call *call)
{
    return nu_capfirst_n(call->input.text, call->input.length);
}

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}
static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}
static char small(char c)
{
    return (char)(c + ('a' - 'A'));
}

/* "They'Re" and "1St" are no titles: a capital behind an apostrophe or a digit becomes small. */
static nu_value filter_title(const nu_filter_call *call)
{
    nu_value title = nu_title_n(call->input.text, call->input.length);
    size_t   length = title.length;
    char    *text = nu_arena_copy(nu_arena_current(), title.text, length);
    for (size_t i = 2; i < length; i++)
        if (is_capital(text[i]) && text[i - 1] == '\'' && is_small(text[i - 2]))
            text[i] = small(text[i]);
    bool after_digit = false;
    for (const char *at = text, *end = text + length; at < end;) {
        char *here = text + (at - text);
        after_digit =
            after_digit && is_capital(*here) ? (*here = small(*here), false) : after_digit;
        after_digit = nu_char_is_digit(nu_utf8_next(&at, end));
    }
    return nu_value_text_n(text, length);
}

/* ---- replacing -------------------------------------------------------------------------------- */

static nu_value filter_addslashes(const nu_filter_call *call)
{
    nu_builder out;
    nu_builder_init(&out, NULL, call->input.length + 16);
    for (const char *at = call->input.text, *end = at + call->input.length; at < end; at++) {
        if (*at == '\\' || *at == '"' || *at == '\'')
            nu_builder_putc(&out, '\\');
        nu_builder_putc(&out, *at);
    }
    return nu_builder_value(&out);
}

static nu_value filter_cut(const nu_filter_call *call)
{
    const char *part = nu__filter_text(call->arg);
    size_t      length = call->arg.length;
    if (length == 0)
        return call->input;
    const char *at = call->input.text, *end = at + call->input.length;
    nu_builder  out;
    nu_builder_init(&out, NULL, call->input.length + 1);
    for (const char *found; (found = memmem(at, (size_t)(end - at), part, length)) != NULL;) {
        nu_builder_add(&out, at, (size_t)(found - at));
        at = found + length;
    }
    nu_builder_add(&out, at, (size_t)(end - at));
    nu_value rest = nu_builder_value(&out);
    /* Without their semicolons entities would no longer be what was called safe. */
    if (nu__is_safe(call->input) && strcmp(part, ";") != 0)
        rest.flags |= NU_SAFE;
    return rest;
}

static nu_value filter_phone2numeric(const nu_filter_call *call)
{
    static const char keys[] = "22233344455566677778889999";
    char *text = nu_arena_text(nu_arena_current(), nu_lower(nu__filter_text(call->input)));
    for (char *at = text; *at != '\0'; at++)
        if (is_small(*at))
            *at = keys[*at - 'a'];
    return nu_value_text(text);
}

static nu_value filter_slugify(const nu_filter_call *call)
{
    return nu_value_text(nu_slugify(call->input.text, false));
}

/* ---- words ------------------------------------------------------------------------------------ */

bool nu__next_word(const char **at, const char *end, const char **word, size_t *length)
{
    const char *start = *at, *next = start;
    while (start < end && nu_char_is_space(nu_utf8_next(&next, end)))
        start = next;
    if (start >= end)
        return false;
    const char *stop = start;
    for (next = start; stop < end && !nu_char_is_space(nu_utf8_next(&next, end));)
        stop = next;
    *word = start;
    *length = (size_t)(stop - start);
    *at = stop;
    return true;
}

static nu_value filter_wordcount(const nu_filter_call *call)
{
    const char *at = call->input.text, *end = at + call->input.length, *word;
    int64_t     count = 0;
    for (size_t length; nu__next_word(&at, end, &word, &length);)
        count++;
    return nu_value_int(count);
}

static nu_value filter_make_list(const nu_filter_call *call)
{
    nu_list    *list = nu_list_new();
    const char *at = call->input.text, *end = at + call->input.length;
    while (at < end) {
        const char *start = at;
        nu_utf8_next(&at, end);
        nu_list_push(list, nu_value_text_copy(start, (size_t)(at - start)));
    }
    return nu_value_list(list);
}

/* ---- columns ---------------------------------------------------------------------------------- */

static nu_value pad(nu_value text, int64_t left, int64_t right)
{
    nu_builder out;
    nu_builder_init(&out, NULL, text.length + (size_t)(left + right) + 1);
    memset(nu_builder_room(&out, (size_t)left), ' ', (size_t)left);
    out.length += (size_t)left;
    nu_builder_add(&out, text.text, text.length);
    memset(nu_builder_room(&out, (size_t)right), ' ', (size_t)right);
    out.length += (size_t)right;
    return nu_builder_value(&out);
}

#define WIDTH_MAX 1000000

/* Spaces that are missing to the width the argument asks for. */
static int64_t missing(const nu_filter_call *call, int64_t *width)
{
    *width = nu__filter_int(call->arg);
    if (*width > WIDTH_MAX)
        nu_raise(NU_VALUE_ERROR, "a width of %lld is too large", (long long)*width);
    if (*width < 0)
        *width = 0; /* asks for nothing, and the difference below cannot overflow */
    int64_t count = *width - (int64_t)nu_utf8_count(call->input.text, call->input.length);
    return count < 0 ? 0 : count;
}

static nu_value filter_ljust(const nu_filter_call *call)
{
    int64_t width, count = missing(call, &width);
    return pad(call->input, 0, count);
}

static nu_value filter_rjust(const nu_filter_call *call)
{
    int64_t width, count = missing(call, &width);
    return pad(call->input, count, 0);
}

/* An odd space goes to the right, but to the left where the width is odd too, as Python does it. */
static nu_value filter_center(const nu_filter_call *call)
{
    int64_t width, count = missing(call, &width);
    int64_t left = count / 2 + (count & width & 1);
    return pad(call->input, left, count - left);
}

const nu_template_filter nu__filters_text[] = {
    {"addslashes", filter_addslashes, NU_FILTER_TEXT | NU_FILTER_SAFE},
    {"capfirst", filter_capfirst, NU_FILTER_TEXT | NU_FILTER_SAFE},
    {"center", filter_center, NU_FILTER_TEXT | NU_FILTER_SAFE | NU_FILTER_ARG},
    {"cut", filter_cut, NU_FILTER_TEXT | NU_FILTER_ARG},
    {"ljust", filter_ljust, NU_FILTER_TEXT | NU_FILTER_SAFE | NU_FILTER_ARG},
    {"lower", filter_lower, NU_FILTER_TEXT | NU_FILTER_SAFE},
    {"make_list", filter_make_list, NU_FILTER_TEXT},
    {"phone2numeric", filter_phone2numeric, NU_FILTER_SAFE},
    {"pprint", nu__filter_pprint, NU_FILTER_SAFE},
    {"rjust", filter_rjust, NU_FILTER_TEXT | NU_FILTER_SAFE | NU_FILTER_ARG},
    {"slugify", filter_slugify, NU_FILTER_TEXT | NU_FILTER_SAFE},
    {"stringformat", nu__filter_stringformat, NU_FILTER_SAFE | NU_FILTER_ARG},
    {"title", filter_title, NU_FILTER_TEXT | NU_FILTER_SAFE},
    {"upper", filter_upper, NU_FILTER_TEXT},
    {"wordcount", filter_wordcount, NU_FILTER_TEXT},
    {"wordwrap", nu__filter_wordwrap, NU_FILTER_TEXT | NU_FILTER_SAFE | NU_FILTER_ARG},
    {0},
};
