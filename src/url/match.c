/* Paths against patterns. Segments are tried greedily with a way back, as a regular expression would
 * be: each parameter takes all it can and gives back until the rest fits. */
#include "url/internal.h"

#include <string.h>

/* A route with several wide parameters can be tried in very many ways on a path made for it; beyond
 * this many the path matches nothing. */
#define STEPS_MAX 100000

struct walk {
    const nu__segment *segments;
    size_t             count;
    const char        *end;
    bool               whole;
    int                steps;
    const char       **starts; /* of each segment, and behind the last */
};

static size_t longest(const nu__segment *segment, const char *at, const char *end)
{
    const nu__builtin *builtin = segment->builtin;
    if (builtin->exact > 0) {
        bool fits = (size_t)(end - at) >= builtin->exact && builtin->fits(at);
        return fits ? builtin->exact : 0;
    }
    const char *stop = at;
    while (stop < end && builtin->is_part((uint8_t)*stop))
        stop++;
    return (size_t)(stop - at);
}

static bool is_inside_character(const char *at, const char *end)
{
    return at < end && ((uint8_t)*at & 0xC0) == 0x80;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the route has parameters */
static bool walk_from(struct walk *w, size_t index, const char *at)
{
    w->starts[index] = at;
    if (index == w->count)
        return !w->whole || at == w->end;
    const nu__segment *segment = &w->segments[index];
    if (segment->text != NULL) {
        bool same = (size_t)(w->end - at) >= segment->length &&
                    memcmp(at, segment->text, segment->length) == 0;
        return same && walk_from(w, index + 1, at + segment->length);
    }
    size_t length = longest(segment, at, w->end);
    size_t shortest = segment->builtin->exact > 0 ? length : 1;
    for (; length > 0 && length >= shortest; length--) {
        if (w->steps++ > STEPS_MAX)
            return false;
        if (!is_inside_character(at + length, w->end) && walk_from(w, index + 1, at + length))
            return true;
    }
    return false;
}

bool nu__segments_match_all(const nu__segment *segments, size_t count, const char *text,
                            size_t length)
{
    struct walk w = {.segments = segments,
                     .count = count,
                     .end = text + length,
                     .whole = true,
                     .starts = nu_arena_array(nu_arena_current(), count + 1, sizeof *w.starts)};
    return walk_from(&w, 0, text);
}

/* Adds the value of one parameter; false if its converter refuses the text. */
static bool convert(const nu_converter *converter, const char *text, size_t length, nu_value *out)
{
    *out = nu_value_text_copy(text, length);
    return converter->to_value == NULL || converter->to_value(out->text, length, out);
}

static void add_named(nu__found *found, const char *name, nu_value value)
{
    if (found->kwargs == NULL)
        found->kwargs = nu_dict_new();
    nu_dict_put(found->kwargs, nu_value_text(name), value);
}

static bool match_plain(const nu__pattern *pattern, const char *path, size_t length,
                        nu__found *found)
{
    const nu__segment *first = pattern->segments;
    if (pattern->count > 0 && first->text != NULL &&
        (length < first->length || memcmp(path, first->text, first->length) != 0))
        return false;
    const char *starts[NU__SEGMENTS_MAX + 1];
    struct walk w = {.segments = pattern->segments,
                     .count = pattern->count,
                     .end = path + length,
                     .whole = pattern->whole,
                     .starts = starts};
    if (!walk_from(&w, 0, path))
        return false;
    for (size_t i = 0; i < pattern->count; i++) {
        const nu__segment *segment = &pattern->segments[i];
        nu_value           value;
        if (segment->name == NULL)
            continue;
        if (!convert(segment->converter, w.starts[i], (size_t)(w.starts[i + 1] - w.starts[i]),
                     &value))
            return false;
        add_named(found, segment->name, value);
    }
    found->used = (size_t)(w.starts[pattern->count] - path);
    return true;
}

/* ---- regular expressions --------------------------------------------------------------------------------- */

/* PCRE2 takes its memory from the arena; it gives nothing back, the arena does. */
static void *take(size_t size, void *arena)
{
    return nu_arena_alloc(arena, size);
}

static void give(void *memory, void *arena)
{
    (void)memory;
    (void)arena;
}

static pcre2_general_context *context_in(nu_arena *arena)
{
    return pcre2_general_context_create(take, give, arena);
}

/* Python's \Z is PCRE2's \z. */
static const char *translated(nu_arena *arena, const char *regex)
{
    char *copy = nu_arena_text(arena, regex);
    for (char *c = copy; *c != '\0'; c++) {
        if (*c == '\\' && c[1] != '\0') {
            c++;
            *c = (char)(*c == 'Z' ? 'z' : *c);
        }
    }
    return copy;
}

static void free_code(void *code)
{
    pcre2_code_free(code);
}

pcre2_code *nu__regex_compile(nu_arena *arena, const char *regex, const char *where)
{
    int                    reason;
    PCRE2_SIZE             place;
    nu_defer              *slot = nu_arena_defer(arena, free_code, NULL);
    pcre2_compile_context *context = pcre2_compile_context_create(context_in(arena));
    pcre2_code            *code =
        pcre2_compile((PCRE2_SPTR)translated(arena, regex), PCRE2_ZERO_TERMINATED,
                      PCRE2_UTF | PCRE2_UCP | PCRE2_DUPNAMES, &reason, &place, context);
    if (code == NULL) {
        PCRE2_UCHAR message[200];
        pcre2_get_error_message(reason, message, sizeof message);
        nu_raise(NU_CONFIG_ERROR, "the route \"%s\" is no valid regular expression: %s at %zu",
                 where, (const char *)message, (size_t)place);
    }
    slot->arg = code;
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without it the match is only slower */
    return code;
}

static nu_value group_value(const char *path, const PCRE2_SIZE *offsets, uint32_t group)
{
    if (offsets[group * 2] == PCRE2_UNSET)
        return nu_null();
    return nu_value_text_copy(path + offsets[group * 2],
                              offsets[group * 2 + 1] - offsets[group * 2]);
}

static bool read_group(const nu__pattern *pattern, uint32_t group, nu_value value, nu__found *found)
{
    const char *name = pattern->groups[group];
    if (name == NULL) {
        if (!pattern->has_names && found->args == NULL)
            found->args = nu_list_new();
        if (!pattern->has_names)
            nu_list_push(found->args, value);
        return true;
    }
    if (nu_is_null(value))
        return true;
    const nu__segment *segment = nu__pattern_parameter(pattern, name);
    if (segment != NULL && !convert(segment->converter, value.text, value.length, &value))
        return false;
    add_named(found, name, value);
    return true;
}

static bool match_regex(const nu__pattern *pattern, const char *path, size_t length,
                        nu__found *found)
{
    /* A view's expression that ends in "$" matches to the very end, not before a line break. */
    bool              full = pattern->whole && nu_ends_with(pattern->regex, "$");
    pcre2_match_data *data =
        pcre2_match_data_create(pattern->group_count + 1, context_in(nu_arena_current()));
    int count = pcre2_match(pattern->code, (PCRE2_SPTR)path, length, 0,
                            full ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0, data, NULL);
    if (count <= 0)
        return false;
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(data);
    for (uint32_t group = 1; group <= pattern->group_count; group++) {
        if (!read_group(pattern, group, group_value(path, offsets, group), found))
            return false;
    }
    found->used = offsets[1];
    return true;
}

bool nu__pattern_match(const nu__pattern *pattern, const char *path, size_t length,
                       nu__found *found)
{
    *found = (nu__found){.used = 0};
    return pattern->plain ? match_plain(pattern, path, length, found)
                          : match_regex(pattern, path, length, found);
}
