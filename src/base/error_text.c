/* An error as a person reads it. */
#include "nuages/error.h"

#include <string.h>

#include "base/backtrace.h"
#include "nuages/text.h"

static bool add_line(void *arg, const nu_stack_line *line)
{
    nu_builder *out = arg;
    if (line->file != NULL)
        nu_builder_printf(out, "\n    at %s (%s:%d)%s",
                          line->function != NULL ? line->function : "?", line->file, line->line,
                          line->inlined ? " inlined" : "");
    else
        nu_builder_printf(out, "\n    at %s [%p]", line->function != NULL ? line->function : "?",
                          line->pc);
    return true;
}

static void add_place(nu_builder *out, const nu_place *place)
{
    nu_builder_puts(out, "\n  in ");
    nu_builder_puts(out, place->file != NULL ? place->file : "text");
    if (place->line > 0)
        nu_builder_printf(out, ", line %d", place->line);
    if (place->column > 0)
        nu_builder_printf(out, ", column %d", place->column);
    if (place->excerpt == NULL)
        return;
    nu_builder_printf(out, "\n    %s", place->excerpt);
    size_t width = nu_utf8_count(place->excerpt, strlen(place->excerpt));
    if (place->column > 0 && (size_t)place->column <= width + 1)
        nu_builder_printf(out, "\n    %*s", place->column, "^");
}

static void add_error(nu_builder *out, const nu_error *error, bool stack)
{
    nu_builder_printf(out, "%s: %s", error->kind->name, error->fact);
    if (error->place.file != NULL || error->place.line > 0)
        add_place(out, &error->place);
    if (error->detail != NULL)
        nu_builder_printf(out, "\n  %s", error->detail);
    if (error->hint != NULL)
        nu_builder_printf(out, "\n  Hint: %s", error->hint);
    if (!stack)
        return;
    if (error->depth == 0)
        nu_builder_printf(out, "\n    at %s (%s:%d)", error->function, error->file, error->line);
    for (int i = 0; i < error->depth; i++)
        nu__stack_resolve(error->stack[i], add_line, out);
}

char *nu_error_text(const nu_error *error, bool stack)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 256);
    add_error(&out, error, stack);
    for (const nu_error *cause = error->cause; cause != NULL; cause = cause->cause) {
        nu_builder_puts(&out, "\ncaused by ");
        add_error(&out, cause, stack);
    }
    return (char *)nu_builder_text(&out);
}
