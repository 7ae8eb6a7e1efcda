/* Filters that make or take apart HTML. */
#include <string.h>

#include "nuages/json.h"
#include "template/filters/filters.h"

/* ---- escaping --------------------------------------------------------------------------------- */

static nu_value escaped_always(nu_value text)
{
    nu_builder out;
    nu_builder_init(&out, NULL, text.length + 16);
    nu__write_escaped(&out, text.text, text.length);
    return nu__safe_text(&out);
}

static nu_value marked_safe(nu_value value)
{
    nu_value text = nu_value_str(value);
    text.flags |= NU_SAFE;
    return text;
}

static nu_value filter_escape(const nu_filter_call *call)
{
    return nu__escaped(call->input);
}
static nu_value filter_force_escape(const nu_filter_call *call)
{
    return escaped_always(call->input);
}
static nu_value filter_safe(const nu_filter_call *call)
{
    return marked_safe(call->input);
}

static nu_value each(const nu_filter_call *call, nu_value (*change)(nu_value))
{
    nu_list *items = nu__value_items(call->input);
    if (items == NULL)
        nu_raise(NU_VALUE_ERROR, "%s has no items", nu__python_type(call->input));
    nu_list *list = nu_list_new();
    for (uint32_t i = 0; i < items->count; i++)
        nu_list_push(list, change(items->items[i]));
    return nu_value_list(list);
}

static nu_value filter_escapeseq(const nu_filter_call *call)
{
    return each(call, nu__escaped);
}
static nu_value filter_safeseq(const nu_filter_call *call)
{
    return each(call, marked_safe);
}

/* ---- lines ------------------------------------------------------------------------------------ */

/* With \n for every kind of line end. */
static nu_value with_plain_newlines(nu_value text)
{
    if (memchr(text.text, '\r', text.length) == NULL)
        return text;
    nu_builder out;
    nu_builder_init(&out, NULL, text.length + 1);
    for (const char *at = text.text, *end = at + text.length; at < end; at++)
        if (*at != '\r')
            nu_builder_putc(&out, *at);
        else if (at[1] != '\n')
            nu_builder_putc(&out, '\n');
    return nu_builder_value(&out);
}

static void put_text(nu_builder *out, const char *text, size_t length, bool escape)
{
    if (escape)
        nu__write_escaped(out, text, length);
    else
        nu_builder_add(out, text, length);
}

static bool must_escape(const nu_filter_call *call)
{
    return call->autoescape && !nu__is_safe(call->input);
}

/* Lines up to `end`, joined by <br>. */
static void put_lines(nu_builder *out, const char *at, const char *end, bool escape)
{
    for (;;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        put_text(out, at, (size_t)((stop == NULL ? end : stop) - at), escape);
        if (stop == NULL)
            return;
        nu_builder_puts(out, "<br>");
        at = stop + 1;
    }
}

static nu_value filter_linebreaksbr(const nu_filter_call *call)
{
    nu_value   text = with_plain_newlines(call->input);
    nu_builder out;
    nu_builder_init(&out, NULL, text.length * 2 + 1);
    put_lines(&out, text.text, text.text + text.length, must_escape(call));
    return nu__safe_text(&out);
}

static nu_value filter_linebreaks(const nu_filter_call *call)
{
    nu_value    text = with_plain_newlines(call->input);
    const char *at = text.text, *end = at + text.length;
    nu_builder  out;
    nu_builder_init(&out, NULL, text.length * 2 + 8);
    for (;;) {
        const char *gap = memmem(at, (size_t)(end - at), "\n\n", 2);
        nu_builder_puts(&out, "<p>");
        put_lines(&out, at, gap == NULL ? end : gap, must_escape(call));
        nu_builder_puts(&out, "</p>");
        if (gap == NULL)
            return nu__safe_text(&out);
        nu_builder_puts(&out, "\n\n");
        for (at = gap; at < end && *at == '\n';)
            at++;
    }
}

static int digit_count(int64_t number)
{
    int count = 1;
    for (; number >= 10; number /= 10)
        count++;
    return count;
}

static nu_value filter_linenumbers(const nu_filter_call *call)
{
    const char *at = call->input.text, *end = at + call->input.length;
    int64_t     lines = 1;
    for (const char *c = at; c < end; c++)
        lines += *c == '\n';
    int        width = digit_count(lines);
    nu_builder out;
    nu_builder_init(&out, NULL, call->input.length * 2 + 8);
    for (int64_t number = 1; number <= lines; number++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        nu_builder_printf(&out, "%s%0*lld. ", number > 1 ? "\n" : "", width, (long long)number);
        put_text(&out, at, (size_t)(stop - at), must_escape(call));
        at = stop + 1;
    }
    return nu__safe_text(&out);
}

/* ---- scripts ---------------------------------------------------------------------------------- */

static nu_value filter_escapejs(const nu_filter_call *call)
{
    const char *at = call->input.text, *end = at + call->input.length;
    nu_builder  out;
    nu_builder_init(&out, NULL, call->input.length + 32);
    while (at < end) {
        const char *start = at;
        uint32_t    code = nu_utf8_next(&at, end);
        if (code < 0x20 || code == 0x2028 || code == 0x2029 ||
            (code < 0x80 && strchr("\\'\"><&=-;`", (int)code) != NULL))
            nu_builder_printf(&out, "\\u%04X", code);
        else
            nu_builder_add(&out, start, (size_t)(at - start));
    }
    return nu__safe_text(&out);
}

static nu_value filter_json_script(const nu_filter_call *call)
{
    const nu_json_options options = {.spaced = true, .ascii = true, .script_safe = true};
    nu_builder            out;
    nu_builder_init(&out, NULL, 256);
    nu_builder_puts(&out, "<script ");
    if (call->has_arg && nu_truth(call->arg)) {
        nu_value id = nu__escaped(call->arg);
        nu_builder_puts(&out, "id=\"");
        nu_builder_add(&out, id.text, id.length);
        nu_builder_puts(&out, "\" ");
    }
    nu_builder_puts(&out, "type=\"application/json\">");
    nu_json_write(&out, call->input, &options);
    nu_builder_puts(&out, "</script>");
    return nu__safe_text(&out);
}

/* ---- tags ------------------------------------------------------------------------------------- */

static nu_value filter_striptags(const nu_filter_call *call)
{
    return nu__strip_tags(call->input.text, call->input.length);
}

const nu_template_filter nu__filters_html[] = {
    {"escape", filter_escape, NU_FILTER_TEXT | NU_FILTER_SAFE},
    {"escapejs", filter_escapejs, NU_FILTER_TEXT},
    {"escapeseq", filter_escapeseq, NU_FILTER_SAFE},
    {"force_escape", filter_force_escape, NU_FILTER_TEXT | NU_FILTER_SAFE},
    {"json_script", filter_json_script, NU_FILTER_SAFE | NU_FILTER_ARG_OPTIONAL},
    {"linebreaks", filter_linebreaks, NU_FILTER_TEXT | NU_FILTER_SAFE},
    {"linebreaksbr", filter_linebreaksbr, NU_FILTER_TEXT | NU_FILTER_SAFE},
    {"linenumbers", filter_linenumbers, NU_FILTER_TEXT | NU_FILTER_SAFE},
    {"safe", filter_safe, NU_FILTER_TEXT | NU_FILTER_SAFE},
    {"safeseq", filter_safeseq, NU_FILTER_SAFE},
    {"striptags", filter_striptags, NU_FILTER_TEXT | NU_FILTER_SAFE},
    {0},
};
