/* wordwrap: lines of at most so many characters, after Python's textwrap. */
#include <string.h>

#include "template/filters/filters.h"

enum { TAB_WIDTH = 8 };

typedef struct wrapper {
    nu_builder out;
    int64_t    width;
    bool       any; /* a line was written already */
} wrapper;

/* ---- lines ------------------------------------------------------------------------------------ */

static bool is_line_end(uint32_t code)
{
    return (code >= '\n' && code <= '\r') || (code >= 0x1c && code <= 0x1e) || code == 0x85 ||
           code == 0x2028 || code == 0x2029;
}

/* The next line of [*at, end), without its end; *at moves behind it. */
static nu_value next_line(const char **at, const char *end)
{
    const char *start = *at;
    while (*at < end) {
        const char *stop = *at;
        uint32_t    code = nu_utf8_next(at, end);
        if (!is_line_end(code))
            continue;
        if (code == '\r' && *at < end && **at == '\n')
            ++*at;
        return nu_value_text_copy(start, (size_t)(stop - start));
    }
    return nu_value_text_copy(start, (size_t)(end - start));
}

static nu_value with_spaces_for_tabs(nu_value line)
{
    if (memchr(line.text, '\t', line.length) == NULL)
        return line;
    nu_builder out;
    nu_builder_init(&out, NULL, line.length + 32);
    int64_t column = 0;
    for (const char *at = line.text, *end = at + line.length; at < end;) {
        const char *start = at;
        if (nu_utf8_next(&at, end) != '\t') {
            nu_builder_add(&out, start, (size_t)(at - start));
            column++;
            continue;
        }
        do
            nu_builder_putc(&out, ' ');
        while (++column % TAB_WIDTH != 0);
    }
    return nu_builder_value(&out);
}

/* ---- chunks ----------------------------------------------------------------------------------- */

/* A word or the white space between two. */
typedef struct chunk {
    const char *text;
    size_t      length;
    int64_t     width;
    bool        blank;
} chunk;

static bool is_gap(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool next_chunk(const char **at, const char *end, chunk *out)
{
    if (*at >= end)
        return false;
    const char *stop = *at;
    bool        blank = is_gap(*stop);
    while (stop < end && is_gap(*stop) == blank)
        stop++;
    out->text = *at;
    out->length = (size_t)(stop - *at);
    out->width = (int64_t)nu_utf8_count(*at, out->length);
    out->blank = blank;
    *at = stop;
    return true;
}

/* ---- wrapping --------------------------------------------------------------------------------- */

static void put_line(wrapper *w, const char *start, const char *end)
{
    if (w->any)
        nu_builder_putc(&w->out, '\n');
    w->any = true;
    nu_builder_add(&w->out, start, (size_t)(end - start));
}

/* As many chunks as fit, one at least; white space at the line's end falls away, and at its start
 * except on the first line. False if nothing was left but white space. */
static bool wrap_line(wrapper *w, const char **at, const char *end, bool first)
{
    chunk       c;
    const char *start = *at, *stop = start, *next = start;
    int64_t     column = 0;
    if (!first && next_chunk(&next, end, &c) && c.blank)
        start = stop = *at = next;
    for (next = start;
         next_chunk(&next, end, &c) && (column + c.width <= w->width || column == 0);) {
        column += c.width;
        if (!c.blank)
            stop = c.text + c.length;
        *at = next;
        if (column > w->width)
            break;
    }
    if (stop == start)
        return false;
    put_line(w, start, stop);
    return true;
}

static void wrap_text(wrapper *w, nu_value line)
{
    nu_value    plain = with_spaces_for_tabs(line);
    const char *at = plain.text, *end = at + plain.length;
    bool        any = false;
    while (at < end)
        any |= wrap_line(w, &at, end, !any);
    if (!any) /* white space alone stays as it was */
        put_line(w, line.text, line.text + line.length);
}

nu_value nu__filter_wordwrap(const nu_filter_call *call)
{
    wrapper w = {.width = nu__filter_int(call->arg)};
    if (w.width <= 0 && call->input.length > 0)
        nu_raise(NU_VALUE_ERROR, "invalid width %lld (must be > 0)", (long long)w.width);
    const char *at = call->input.text, *end = at + call->input.length;
    nu_builder_init(&w.out, NULL, call->input.length + 16);
    while (at < end)
        wrap_text(&w, next_line(&at, end));
    if (call->input.length > 0 && end[-1] == '\n')
        nu_builder_putc(&w.out, '\n');
    return nu_builder_value(&w.out);
}
