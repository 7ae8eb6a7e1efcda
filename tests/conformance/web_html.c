/* HTML in a normal form, so that two texts that mean the same compare as equal. */
#include <string.h>

#include "nuages/text.h"
#include "web.h"

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Words in order, with one space between them. */
static const char *sorted_words(const char *text, size_t length)
{
    char      *copy = nu_arena_copy(nu_arena_current(), text, length);
    nu_list   *words = nu_list_new();
    nu_builder out;
    for (char *at = copy; *at != '\0'; at++)
        *at = is_space(*at) ? ' ' : *at;
    const nu_list *parts = nu_split(copy, ' ');
    for (uint32_t i = 0; i < parts->count; i++) {
        if (parts->items[i].length > 0)
            nu_list_push(words, parts->items[i]);
    }
    nu_builder_init(&out, NULL, length);
    words = nu__web_sorted(nu_value_list(words)).list;
    for (uint32_t i = 0; i < words->count; i++)
        nu_builder_printf(&out, "%s%s", i > 0 ? " " : "", words->items[i].text);
    return nu_builder_text(&out);
}

/* What Django 5 adds for screen readers; the cases are older. */
static bool is_newer(const char *attribute)
{
    return nu_starts_with(attribute, "aria-") ||
           (nu_starts_with(attribute, "id=") &&
            (nu_ends_with(attribute, "_error\"") || nu_ends_with(attribute, "_helptext\"")));
}

/* One attribute at *at, which is moved on. */
static const char *read_attribute(const char **at, const char *end)
{
    const char *start = *at, *name_end = start;
    while (name_end < end && !is_space(*name_end) && *name_end != '=')
        name_end++;
    *at = name_end;
    if (name_end == end || *name_end != '=')
        return nu_arena_copy(nu_arena_current(), start, (size_t)(name_end - start));
    const char *value = name_end + 2;
    const char *close = memchr(value, '"', (size_t)(end - value));
    close = close != NULL ? close : end;
    *at = close < end ? close + 1 : end;
    if (nu_starts_with(start, "class="))
        return nu_fmt("class=\"%s\"", sorted_words(value, (size_t)(close - value)));
    return nu_arena_copy(nu_arena_current(), start, (size_t)(*at - start));
}

static void put_tag(nu_builder *out, const char *tag, const char *end)
{
    const char *at = tag;
    nu_list    *attributes = nu_list_new();
    while (at < end && !is_space(*at))
        at++;
    nu_builder_add(out, tag, (size_t)(at - tag));
    while (at < end) {
        if (is_space(*at)) {
            at++;
            continue;
        }
        const char *attribute = read_attribute(&at, end);
        if (!is_newer(attribute))
            nu_list_add(attributes, attribute);
    }
    attributes = nu__web_sorted(nu_value_list(attributes)).list;
    for (uint32_t i = 0; i < attributes->count; i++)
        nu_builder_printf(out, " %s", attributes->items[i].text);
    nu_builder_putc(out, '>');
}

static void put_text(nu_builder *out, const char *text, const char *end)
{
    bool space = false, any = false;
    for (; text < end; text++) {
        if (is_space(*text)) {
            space = true;
            continue;
        }
        if (space && any)
            nu_builder_putc(out, ' ');
        nu_builder_putc(out, *text);
        space = false;
        any = true;
    }
}

/* The end of a tag: the first '>' outside quotes. */
static const char *tag_end(const char *at, const char *end)
{
    for (bool quoted = false; at < end; at++) {
        if (*at == '"')
            quoted = !quoted;
        else if (*at == '>' && !quoted)
            return at;
    }
    return end;
}

nu_value nu__web_html(nu_value html)
{
    nu_builder  out;
    const char *at = html.text, *end = at + html.length;
    nu_builder_init(&out, NULL, html.length);
    while (at < end) {
        const char *stop = memchr(at, '<', (size_t)(end - at));
        stop = stop != NULL ? stop : end;
        put_text(&out, at, stop);
        if (stop == end)
            break;
        at = tag_end(stop, end);
        put_tag(&out, stop, at);
        at += at < end;
    }
    return nu_builder_value(&out);
}
