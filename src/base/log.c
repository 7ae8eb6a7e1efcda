#include "nuages/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ambient.h"
#include "nuages/json.h"

static nu_log_options current = {.level = NU_LOG_INFO};

void nu_log_setup(const nu_log_options *options)
{
    current = *options;
}

nu_level nu_log_level(void)
{
    return current.level;
}

static const char *const level_names[] = {"DEBUG", "INFO", "WARNING", "ERROR"};

static int log_fd(void)
{
    return current.fd != 0 ? current.fd : STDERR_FILENO;
}

/* One write() keeps lines of several processes apart. What the descriptor does not take is lost: a
 * full disk or a closed pipe must not stop the service. */
static void emit(nu_builder *line)
{
    nu_builder_putc(line, '\n');
    ssize_t ignored = write(log_fd(), line->data, line->length);
    (void)ignored;
}

/* Control characters, C1 and the line separators of Unicode among them, are written as escapes. */
static void add_escaped(nu_builder *out, const char *text)
{
    const char *at = text, *end = text + strlen(text);
    while (at < end) {
        const char *from = at;
        uint32_t    code = nu_utf8_next(&at, end);
        if (code == '\n')
            nu_builder_puts(out, "\\n");
        else if (code == '\t')
            nu_builder_puts(out, "\\t");
        else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
            nu_builder_printf(out, "\\x%02x", code);
        else if (code == 0x2028 || code == 0x2029)
            nu_builder_printf(out, "\\u%04x", code);
        else if (code == 0xfffd && at - from == 1)
            nu_builder_printf(out, "\\x%02x", (unsigned char)*from);
        else
            nu_builder_add(out, from, (size_t)(at - from));
    }
}

/* "2026-11-21 10:05:00.123", local to no zone but UTC, so that lines of all machines compare. */
static void add_time(nu_builder *out, char separator)
{
    nu_civil now = nu_datetime_civil(nu_now(), NULL);
    nu_builder_printf(out, "%04d-%02d-%02d%c%02d:%02d:%02d.%03d", now.year, now.month, now.day,
                      separator, now.hour, now.minute, now.second, now.us / 1000);
}

static bool wants_colour(void)
{
    return current.colour > 0 || (current.colour == 0 && isatty(log_fd()));
}

static void write_text(nu_builder *out, nu_level level, const char *area, const char *message)
{
    static const char *const colours[] = {"\033[2m", "", "\033[33m", "\033[31m"};
    bool                     colour = wants_colour() && colours[level][0] != '\0';
    add_time(out, ' ');
    nu_builder_printf(out, " %s%-7s%s %-8s ", colour ? colours[level] : "", level_names[level],
                      colour ? "\033[0m" : "", area);
    add_escaped(out, message);
    const char *id = nu__ambient()->request_id;
    if (id != NULL) {
        nu_builder_puts(out, "  [");
        add_escaped(out, id);
        nu_builder_putc(out, ']');
    }
}

static void add_member(nu_builder *out, const char *name, const char *text)
{
    nu_builder_printf(out, ",\"%s\":", name);
    nu_json_write(out, nu_value_text(text), NULL);
}

static void write_json(nu_builder *out, nu_level level, const char *area, const char *message,
                       const nu_error *error)
{
    nu_builder_puts(out, "{\"time\":\"");
    add_time(out, 'T');
    nu_builder_printf(out, "Z\",\"level\":\"%s\"", level_names[level]);
    add_member(out, "area", area);
    add_member(out, "message", message);
    if (nu__ambient()->request_id != NULL)
        add_member(out, "request", nu__ambient()->request_id);
    if (error != NULL) {
        add_member(out, "kind", error->kind->name);
        add_member(out, "error", nu_error_text(error, true));
    }
    nu_builder_putc(out, '}');
}

void nu_log_(nu_level level, const char *area, const char *format, ...)
{
    if (level < current.level)
        return;
    /* Lines of a long-lived command must not pile up in its arena. */
    nu_arena *before = nu_arena_current(), *scratch = nu_arena_new(before, "log");
    nu_arena_enter(scratch);
    va_list args;
    va_start(args, format);
    const char *message = nu_arena_vformat(scratch, format, args);
    va_end(args);
    nu_builder line;
    nu_builder_init(&line, scratch, 512);
    if (current.form == NU_LOG_JSON)
        write_json(&line, level, area, message, NULL);
    else
        write_text(&line, level, area, message);
    emit(&line);
    nu_arena_enter(before);
    nu_arena_free(scratch);
}

/* In text form the lines of the error follow the first, each indented, so that they are seen to
 * belong to it. */
static void add_indented(nu_builder *out, const char *text)
{
    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1) {
        add_escaped(out, nu_arena_copy(out->arena, text, (size_t)(end - text)));
        nu_builder_puts(out, "\n    ");
    }
    add_escaped(out, text);
}

void nu_log_raised(const char *area, const nu_error *error)
{
    if (NU_LOG_ERROR < current.level)
        return;
    nu_arena *before = nu_arena_current(), *scratch = nu_arena_new(before, "log");
    nu_arena_enter(scratch);
    nu_builder line;
    nu_builder_init(&line, scratch, 4096);
    if (current.form == NU_LOG_JSON) {
        write_json(&line, NU_LOG_ERROR, area, error->fact, error);
    } else {
        write_text(&line, NU_LOG_ERROR, area, nu_fmt("%s: %s", error->kind->name, error->fact));
        nu_builder_puts(&line, "\n    ");
        add_indented(&line, nu_error_text(error, true));
    }
    emit(&line);
    nu_arena_enter(before);
    nu_arena_free(scratch);
}
