/* Placeholders of SQL by hand, for back ends that number them. What stands in quotes, comments and
 * dollar quotes is left alone, by PostgreSQL's lexical rules (4.1 of its manual). */
#include <string.h>

#include "db/internal.h"

static bool is_name_start(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool is_name(unsigned char c)
{
    return is_name_start(c) || (c >= '0' && c <= '9');
}

/* Behind the closing quote; a doubled one does not close, nor does one after a backslash in E''. */
static const char *skip_quoted(const char *at, const char *end, char quote, bool backslash)
{
    for (at++; at < end; at++) {
        if (backslash && *at == '\\' && at + 1 < end) {
            at++;
        } else if (*at == quote) {
            if (at + 1 == end || at[1] != quote)
                return at + 1;
            at++;
        }
    }
    return end;
}

/* Comments nest. */
static const char *skip_comment(const char *at, const char *end)
{
    int depth = 0;
    while (at + 1 < end) {
        if (at[0] == '/' && at[1] == '*') {
            depth++;
            at += 2;
        } else if (at[0] == '*' && at[1] == '/') {
            at += 2;
            if (--depth == 0)
                return at;
        } else {
            at++;
        }
    }
    return end;
}

/* $$…$$ or $tag$…$tag$; a lone dollar is itself. */
static const char *skip_dollar(const char *at, const char *end)
{
    const char *tag = at + 1;
    if (tag < end && is_name_start((unsigned char)*tag)) {
        while (tag < end && is_name((unsigned char)*tag))
            tag++;
    }
    if (tag == end || *tag != '$')
        return at + 1;
    size_t      length = (size_t)(tag + 1 - at);
    const char *close = memmem(tag + 1, (size_t)(end - tag - 1), at, length);
    return close != NULL ? close + length : end;
}

static const char *skip_line(const char *at, const char *end)
{
    const char *line = memchr(at, '\n', (size_t)(end - at));
    return line != NULL ? line : end;
}

/* Behind a name; E'…' has escapes. A dollar may stand within a name. */
static const char *skip_name(const char *at, const char *end)
{
    const char *start = at;
    while (at < end && (is_name((unsigned char)*at) || *at == '$'))
        at++;
    if (at - start == 1 && (*start == 'e' || *start == 'E') && at < end && *at == '\'')
        return skip_quoted(at, end, '\'', true);
    return at;
}

/* Behind the token at `at`. */
static const char *skip_token(const char *at, const char *end)
{
    char next = '\0';
    if (at + 1 < end)
        next = at[1];
    if (*at == '\'' || *at == '"')
        return skip_quoted(at, end, *at, false);
    if (*at == '-' && next == '-')
        return skip_line(at, end);
    if (*at == '/' && next == '*')
        return skip_comment(at, end);
    if (*at == '$')
        return skip_dollar(at, end);
    if (is_name_start((unsigned char)*at))
        return skip_name(at, end);
    return at + 1;
}

static NU_NORETURN void raise_count(const char *sql, size_t found, size_t count)
{
    nu_error *error =
        nu_error_new(NU_PROGRAMMING_ERROR,
                     "the statement has %zu placeholders, not as many as the %zu parameters given",
                     found, count);
    error->detail = nu_fmt("The statement was: %s", sql);
    error->hint = "Write ?? where the operator ? is meant.";
    nu_throw(error);
}

size_t nu__db_fill_placeholders(nu_builder *out, const char *sql, nu_db_placeholder put, void *arg)
{
    const char *end = sql + strlen(sql);
    size_t      found = 0;
    for (const char *at = sql; at < end;) {
        const char *next = skip_token(at, end);
        if (*at != '?') {
            nu_builder_add(out, at, (size_t)(next - at));
        } else if (next < end && *next == '?') {
            nu_builder_putc(out, '?');
            next++;
        } else {
            put(arg, found++);
        }
        at = next;
    }
    return found;
}

void nu__db_check_placeholders(const char *sql, size_t found, size_t count)
{
    if (found != count)
        raise_count(sql, found, count);
}

static void put_number(void *arg, size_t index)
{
    nu_builder_printf(arg, "$%zu", index + 1);
}

const char *nu__db_number_placeholders(const char *sql, size_t count, size_t *length)
{
    nu_builder out;
    nu_builder_init(&out, NULL, strlen(sql) + 4 * count + 1);
    nu__db_check_placeholders(sql, nu__db_fill_placeholders(&out, sql, put_number, &out), count);
    *length = out.length;
    return nu_builder_text(&out);
}
