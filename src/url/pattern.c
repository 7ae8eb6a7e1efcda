/* Routes taken apart: "post/<int:id>/" into segments and into the regular expression that Django would
 * make of it. */
#include "url/internal.h"

#include <string.h>

static NU_NORETURN void bad_route(const nu_route *route, const char *what)
{
    nu_raise(NU_CONFIG_ERROR, "the route \"%s\" %s", route->pattern, what);
}

/* As Python's re.escape. */
static void put_escaped(nu_builder *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\0' && strchr("()[]{}?*+-|^$\\.&~# \t\n\r\v\f", text[i]) != NULL)
            nu_builder_putc(out, '\\');
        nu_builder_putc(out, text[i]);
    }
}

static bool is_identifier(const char *name)
{
    bool first = true;
    for (const char *c = name; *c != '\0'; c++, first = false) {
        uint8_t letter = (uint8_t)*c | 0x20;
        bool    word = (letter >= 'a' && letter <= 'z') || *c == '_' || (uint8_t)*c >= 0x80;
        if (!word && (first || *c < '0' || *c > '9'))
            return false;
    }
    return !first;
}

/* ---- path routes ------------------------------------------------------------------------------------ */

/* The next "<…>" at or after `at`; NULL if there is none. *end is behind it. */
static const char *next_parameter(const char *at, const char **end)
{
    for (const char *open = strchr(at, '<'); open != NULL; open = strchr(open + 1, '<')) {
        const char *close = strchr(open, '>');
        if (close == NULL)
            return NULL;
        if (close > open + 1) {
            *end = close + 1;
            return open;
        }
    }
    return NULL;
}

static const nu_converter *converter_of(const nu_route *route, const nu__scope *scope,
                                        const char *name, const nu__builtin **builtin)
{
    const nu_converter *converter = nu__converter_find(scope, name, builtin);
    if (converter != NULL)
        return converter;
    nu_error   *error = nu_error_new(NU_CONFIG_ERROR,
                                     "the route \"%s\" uses the converter \"%s\", "
                                       "which does not exist",
                                     route->pattern, name);
    const char *near = nu_nearest(name, nu__converter_names(scope));
    if (near != NULL)
        error->hint = nu_fmt("Did you mean \"%s\"?", near);
    nu_throw(error);
}

static nu__segment parameter(const nu__pattern *pattern, nu_arena *arena, const char *open,
                             const char *end, const nu__scope *scope)
{
    const nu_route *route = pattern->route;
    const char     *inside = nu_arena_copy(arena, open + 1, (size_t)(end - open) - 2);
    const char     *colon = strchr(inside, ':');
    if (inside[strcspn(inside, " \t\r\n\v\f")] != '\0')
        bad_route(route, "has white space in angle brackets <…>");
    bool        typed = colon != NULL && colon > inside && colon[1] != '\0';
    const char *kind = typed ? nu_arena_copy(arena, inside, (size_t)(colon - inside)) : "str";
    nu__segment segment = {.name = typed ? colon + 1 : inside};
    if (!is_identifier(segment.name))
        bad_route(route,
                  nu_fmt("uses the parameter name \"%s\", which is no identifier", segment.name));
    if (nu__pattern_parameter(pattern, segment.name) != NULL)
        bad_route(route, nu_fmt("uses the parameter name \"%s\" more than once", segment.name));
    segment.converter = converter_of(route, scope, kind, &segment.builtin);
    return segment;
}

static size_t most_segments(const char *route)
{
    size_t count = 1; /* the text behind the last parameter */
    for (const char *c = route; *c != '\0'; c++)
        count += *c == '<' ? 2 : 0;
    return count;
}

static void split_route(nu__pattern *pattern, nu_arena *arena, const nu__scope *scope)
{
    const char *at = pattern->route->pattern, *end = at, *open;
    pattern->segments = nu_arena_array(arena, most_segments(at), sizeof(nu__segment));
    pattern->plain = true;
    while ((open = next_parameter(at, &end)) != NULL) {
        if (open > at)
            pattern->segments[pattern->count++] =
                (nu__segment){.text = at, .length = (size_t)(open - at)};
        nu__segment segment = parameter(pattern, arena, open, end, scope);
        pattern->plain &= segment.builtin != NULL;
        pattern->segments[pattern->count++] = segment;
        at = end;
    }
    if (*at != '\0')
        pattern->segments[pattern->count++] = (nu__segment){.text = at, .length = strlen(at)};
    if (pattern->count > NU__SEGMENTS_MAX)
        bad_route(pattern->route, "has too many parameters");
}

static const char *regex_of_segments(const nu__pattern *pattern, nu_arena *arena)
{
    nu_builder regex;
    nu_builder_init(&regex, arena, 64);
    for (size_t i = 0; i < pattern->count; i++) {
        const nu__segment *segment = &pattern->segments[i];
        if (segment->text != NULL)
            put_escaped(&regex, segment->text, segment->length);
        else
            nu_builder_printf(&regex, "(?P<%s>%s)", segment->name, segment->converter->regex);
    }
    if (pattern->whole)
        nu_builder_puts(&regex, "\\Z");
    return nu_builder_text(&regex);
}

/* ---- both kinds ---------------------------------------------------------------------------------------- */

static void read_groups(nu__pattern *pattern, nu_arena *arena)
{
    uint32_t   names, entry_size;
    PCRE2_SPTR table;
    pcre2_pattern_info(pattern->code, PCRE2_INFO_CAPTURECOUNT, &pattern->group_count);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMECOUNT, &names);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMEENTRYSIZE, &entry_size);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMETABLE, &table);
    pattern->groups = nu_arena_array(arena, pattern->group_count + 1, sizeof *pattern->groups);
    pattern->has_names = names > 0;
    for (uint32_t i = 0; i < names; i++, table += entry_size)
        pattern->groups[table[0] << 8 | table[1]] = nu_arena_text(arena, (const char *)table + 2);
}

void nu__pattern_init(nu__pattern *pattern, nu_arena *arena, const nu_route *route,
                      const nu__scope *scope)
{
    *pattern = (nu__pattern){.route = route, .whole = route->include == NULL};
    if (route->kind == NU_ROUTE_PATH) {
        split_route(pattern, arena, scope);
        pattern->regex = regex_of_segments(pattern, arena);
    } else {
        pattern->regex = route->pattern + (route->pattern[0] == '^');
    }
    if (pattern->plain)
        return;
    /* An expression without "^" may match later in the path, as in Django. */
    bool        anchored = route->kind == NU_ROUTE_PATH || route->pattern[0] == '^';
    const char *regex = anchored ? nu_arena_format(arena, "^%s", pattern->regex) : pattern->regex;
    pattern->code = nu__regex_compile(arena, regex, route->pattern);
    read_groups(pattern, arena);
}

const nu__segment *nu__pattern_parameter(const nu__pattern *pattern, const char *name)
{
    for (size_t i = 0; i < pattern->count; i++) {
        const nu__segment *segment = &pattern->segments[i];
        if (segment->name != NULL && strcmp(segment->name, name) == 0)
            return segment;
    }
    return NULL;
}
