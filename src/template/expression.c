#include "template/expression.h"

#include <string.h>

#include "i18n/python.h"

uint32_t nu__name_hash(const char *text, size_t length)
{
    uint32_t hash = 2166136261u; /* FNV-1a: names come from templates, not from clients */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash;
}

nu_name nu__name(nu_arena *arena, const char *text, size_t length)
{
    return (nu_name){.text = nu_arena_copy(arena, text, length),
                     .length = (uint32_t)length,
                     .hash = nu__name_hash(text, length)};
}

/* ---- literals and paths ------------------------------------------------------------------ */

/* The text of a quoted literal with \" and \\ undone, as safe text. */
static nu_value unquote(nu_arena *arena, const char *text, size_t length)
{
    char   quote = text[0];
    char  *out = nu_arena_alloc(arena, length);
    size_t n = 0;
    for (size_t i = 1; i + 1 < length; i++) {
        if (text[i] == '\\' && i + 2 < length && (text[i + 1] == quote || text[i + 1] == '\\'))
            i++;
        out[n++] = text[i];
    }
    out[n] = '\0';
    return (nu_value){.type = NU_TEXT, .flags = NU_SAFE, .length = (uint32_t)n, .text = out};
}

/* Python's float() and int(), underscores included; "2." is no number in a template. An integer beyond
 * 64 bits becomes a decimal, as in JSON. */
static bool parse_number(nu_arena *arena, nu_value text, nu_value *out)
{
    double   number;
    __int128 whole;
    if (strspn(text.text, "0123456789.eE+-_") != text.length || !strpbrk(text.text, "0123456789"))
        return false;
    if (strpbrk(text.text, ".eE")) {
        if (text.text[text.length - 1] == '.' || !nu__python_float(text, &number))
            return false;
        *out = nu_value_float(number);
        return true;
    }
    if (!nu__python_int(text, &whole))
        return false;
    *out = nu_value_copy(arena, nu__python_int_value(whole));
    return true;
}

static int64_t index_of(const char *text, size_t length)
{
    int64_t index;
    return nu_parse_int(text, length, &index) && index >= 0 ? index : -1;
}

static void parse_path(nu_arena *arena, const char *text, nu_variable *out)
{
    if (text[0] == '_' || strstr(text, "._"))
        nu_raise(NU_TEMPLATE_SYNTAX,
                 "Variables and attributes may not begin with underscores: '%s'", text);
    uint32_t count = 1;
    for (const char *p = text; *p; p++)
        count += *p == '.';
    nu_step *steps = nu_arena_array(arena, count, sizeof *steps);
    out->steps = steps;
    out->step_count = count;
    for (uint32_t i = 0; i < count; i++) {
        size_t length = strcspn(text, ".");
        steps[i] =
            (nu_step){.name = nu__name(arena, text, length), .index = index_of(text, length)};
        text += length + 1;
    }
}

static bool is_quoted(const char *text, size_t length)
{
    return length >= 2 && nu__quoted_length(text, text + length) == length;
}

nu_variable nu__variable_parse(nu_arena *arena, const char *text, size_t length)
{
    nu_variable variable = {.text = nu_arena_copy(arena, text, length)};
    const char *inner = variable.text;
    size_t      inner_length = length;
    if (parse_number(arena, nu_value_text_n(inner, length), &variable.value)) {
        variable.literal = true;
        return variable;
    }
    if (length > 3 && inner[0] == '_' && inner[1] == '(' && inner[length - 1] == ')') {
        variable.translate = true;
        inner += 2;
        inner_length -= 3;
    }
    if (is_quoted(inner, inner_length)) {
        variable.literal = true;
        variable.value = unquote(arena, inner, inner_length);
    } else {
        parse_path(arena, nu_arena_copy(arena, inner, inner_length), &variable);
    }
    return variable;
}

/* ---- whole expressions --------------------------------------------------------------------
 *
 * The grammar is Django's regular expression, matched by hand: a constant or variable at the very
 * start, then any number of  | name [: constant-or-variable]  with white space allowed only around
 * the bar. */

/* Length of a quoted string or _("…"). */
static size_t constant_length(const char *p, const char *end)
{
    if (end - p > 3 && p[0] == '_' && p[1] == '(') {
        size_t quoted = nu__quoted_length(p + 2, end);
        return quoted && p + 2 + quoted < end && p[2 + quoted] == ')' ? quoted + 3 : 0;
    }
    return nu__quoted_length(p, end);
}

static bool is_digit(const char *p, const char *end)
{
    return p < end && *p >= '0' && *p <= '9';
}

/* Length of [\w.]+ or of a number with a sign. */
static size_t variable_length(const char *p, const char *end)
{
    size_t length = nu__name_length(p, end, true);
    if (length || p >= end || (*p != '-' && *p != '+') || !is_digit(p + 1, end))
        return length;
    for (length = 1;
         p + length < end && (is_digit(p + length, end) || p[length] == '.' || p[length] == 'e');)
        length++;
    return length;
}

typedef struct filter_match {
    const char *start, *end; /* NULL start: none */
    nu_word     name;
    nu_word     arg; /* length 0: none */
} filter_match;

/* The filter that begins exactly at `p`. */
static filter_match match_filter(const char *p, const char *end)
{
    filter_match match = {0};
    const char  *start = p;
    p = nu__skip_space(p, end);
    if (p >= end || *p != '|')
        return match;
    p = nu__skip_space(p + 1, end);
    size_t name = nu__name_length(p, end, false);
    if (!name)
        return match;
    match.start = start;
    match.name = (nu_word){.text = p, .length = (uint32_t)name};
    p += name;
    match.end = p;
    if (p < end && *p == ':') {
        size_t arg = constant_length(p + 1, end);
        if (!arg)
            arg = variable_length(p + 1, end);
        if (arg) {
            match.arg = (nu_word){.text = p + 1, .length = (uint32_t)arg};
            match.end = p + 1 + arg;
        }
    }
    return match;
}

static NU_NORETURN void fail_between(const char *text, size_t length, const char *upto)
{
    const char *end = text + length;
    for (const char *p = upto; p < end; p++) {
        if (*p == '|' || nu__space_length(p, end)) {
            filter_match next = match_filter(p, end);
            if (next.start)
                nu_raise(NU_TEMPLATE_SYNTAX, "Could not parse some characters: %.*s|%.*s|%.*s",
                         (int)(upto - text), text, (int)(next.start - upto), upto,
                         (int)(end - next.start), next.start);
        }
    }
    nu_raise(NU_TEMPLATE_SYNTAX, "Could not parse the remainder: '%.*s' from '%.*s'",
             (int)(end - upto), upto, (int)length, text);
}

static void check_arguments(const nu_template_filter *filter, const char *name, bool given)
{
    bool required = filter->flags & NU_FILTER_ARG;
    bool allowed = filter->flags & (NU_FILTER_ARG | NU_FILTER_ARG_OPTIONAL);
    if ((required && !given) || (!allowed && given))
        nu_raise(NU_TEMPLATE_SYNTAX, "%s requires %d arguments, %d provided", name,
                 required ? 2 : 1, given ? 2 : 1);
}

static nu_applied_filter apply(nu_arena *arena, const filter_match *match, nu_filter_finder filters)
{
    const nu_template_filter *filter = filters.find(filters.self, match->name);
    check_arguments(filter, filter->name, match->arg.length > 0);
    nu_variable *arg = NULL;
    if (match->arg.length) {
        arg = nu_arena_alloc(arena, sizeof *arg);
        *arg = nu__variable_parse(arena, match->arg.text, match->arg.length);
    }
    return (nu_applied_filter){.filter = filter, .arg = arg};
}

static void parse_filters(nu_arena *arena, nu_expression *expression, const char *text,
                          size_t length, const char *p, nu_filter_finder filters)
{
    const char *end = text + length;
    size_t      bars = 0;
    for (const char *q = p; q < end; q++)
        bars += *q == '|';
    nu_applied_filter *applied = nu_arena_array(arena, bars, sizeof *applied);
    expression->filters = applied;
    while (p < end) {
        filter_match match = match_filter(p, end);
        if (!match.start)
            fail_between(text, length, p);
        applied[expression->filter_count++] = apply(arena, &match, filters);
        p = match.end;
    }
}

nu_expression *nu__expression_parse(nu_arena *arena, const char *text, size_t length,
                                    nu_filter_finder filters)
{
    const char *end = text + length;
    size_t      first = constant_length(text, end);
    if (!first)
        first = variable_length(text, end);
    if (!first && match_filter(text, end).start)
        nu_raise(NU_TEMPLATE_SYNTAX, "Could not find variable at start of %.*s.", (int)length,
                 text);
    if (!first)
        fail_between(text, length, text);
    nu_expression *expression = nu_arena_zalloc(arena, sizeof *expression);
    expression->variable = nu__variable_parse(arena, text, first);
    if (first < length)
        parse_filters(arena, expression, text, length, text + first, filters);
    return expression;
}
