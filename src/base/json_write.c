#include "nuages/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/internal.h"
#include "base/json_scan.h"

struct writer {
    nu_builder     *out;
    nu_json_options options;
    int             depth;
};

static void write_value(struct writer *writer, nu_value value);

/* The builder's own functions, short enough to be inlined here: most of a text is small pieces. */
static inline char *room(nu_builder *out, size_t extra)
{
    if (NU_LIKELY(out->capacity - out->length > extra))
        return out->data + out->length;
    return nu_builder_room(out, extra);
}

static inline void put(nu_builder *out, char c)
{
    *room(out, 1) = c;
    out->length++;
}

static inline void put_bytes(nu_builder *out, const char *bytes, size_t length)
{
    memcpy(room(out, length), bytes, length);
    out->length += length;
}

/* ---- strings ---------------------------------------------------------------------------------- */

static size_t put_unit(char *at, unsigned unit, const char *hex)
{
    at[0] = '\\';
    at[1] = 'u';
    for (int i = 0; i < 4; i++)
        at[2 + i] = hex[unit >> (12 - 4 * i) & 15];
    return 6;
}

/* One or, beyond the basic plane, two \u escapes in lower case, as Python writes them. */
static void add_unicode_escape(nu_builder *out, uint32_t code)
{
    static const char hex[] = "0123456789abcdef";
    char             *at = nu_builder_room(out, 12);
    if (code < 0x10000) {
        out->length += put_unit(at, code, hex);
        return;
    }
    code -= 0x10000;
    put_unit(at, 0xd800 + (code >> 10), hex);
    put_unit(at + 6, 0xdc00 + (code & 0x3ff), hex);
    out->length += 12;
}

static void add_special(nu_builder *out, unsigned char c)
{
    static const char letters[128] = {['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
                                      ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't'};
    char              letter = c < 128 ? letters[c] : '\0';
    if (letter == '\0') {
        add_unicode_escape(out, c);
        return;
    }
    nu_builder_putc(out, '\\');
    nu_builder_putc(out, letter);
}

static void add_for_script(nu_builder *out, char c)
{
    /* In upper case, as Django's json_script writes them. */
    out->length += put_unit(nu_builder_room(out, 6), (unsigned char)c, "0123456789ABCDEF");
}

/* True if one of eight bytes is 0x7f or above: such a byte has its top bit, or gets it by adding 1. */
static inline bool has_beyond_ascii(uint64_t bytes)
{
    return ((bytes | (bytes + 0x0101010101010101u)) & 0x8080808080808080u) != 0;
}

static inline bool is_plain8(const nu_json_options *options, uint64_t eight)
{
    return !nu__json_special8(eight) && !(options->ascii && has_beyond_ascii(eight));
}

/* The last 4 to 8 bytes, or all of a short text, in pieces that may overlap what was seen. */
static inline bool is_plain_end(const nu_json_options *options, const char *text, size_t length)
{
    if (length >= 8)
        return is_plain8(options, nu__load8(text + length - 8));
    uint32_t first, last;
    if (length < 4)
        return false;
    memcpy(&first, text, 4);
    memcpy(&last, text + length - 4, 4);
    return is_plain8(options, (uint64_t)first << 32 | last);
}

/* How many bytes at `text` stay as they are under these options. */
static size_t plain_run(const nu_json_options *options, const char *text, size_t length)
{
    unsigned char top = options->ascii ? 0x7e : 0xff;
    size_t        run = 0;
    if (!options->script_safe) {
        while (length - run >= 8 && is_plain8(options, nu__load8(text + run)))
            run += 8;
        if (length - run < 8 && is_plain_end(options, text, length))
            return length;
    }
    for (; run < length; run++) {
        unsigned char c = (unsigned char)text[run];
        if (c > top || nu__json_special(c) ||
            (options->script_safe && (c == '<' || c == '>' || c == '&')))
            break;
    }
    return run;
}

static void add_chosen(const struct writer *writer, const char *text, size_t length)
{
    nu_builder *out = writer->out;
    const char *at = text, *end = text + length;
    for (;;) {
        size_t plain = plain_run(&writer->options, at, (size_t)(end - at));
        put_bytes(out, at, plain);
        at += plain;
        if (at == end)
            return;
        const char   *from = at;
        unsigned char c = (unsigned char)*at;
        uint32_t      code = nu_utf8_next(&at, end);
        if (nu__json_special(c))
            add_special(out, c);
        else if (c < 0x7f)
            add_for_script(out, *from);
        else
            add_unicode_escape(out, code);
    }
}

static void add_with_escapes(nu_builder *out, const char *text, size_t length)
{
    for (;;) {
        size_t plain = nu__json_plain(text, length);
        nu_builder_add(out, text, plain);
        if (plain == length)
            return;
        add_special(out, (unsigned char)text[plain]);
        text += plain + 1;
        length -= plain + 1;
    }
}

/* Copies a text unless it has something to escape; then false. Most keys and many values have 4 to
 * 16 bytes: those go in two pieces that overlap, without a loop. */
static inline bool copy_plain(char *to, const char *text, size_t length)
{
    if (length >= 8 && length <= 16) {
        uint64_t first = nu__load8(text), last = nu__load8(text + length - 8);
        memcpy(to, &first, 8);
        memcpy(to + length - 8, &last, 8);
        return !nu__json_special8(first) && !nu__json_special8(last);
    }
    if (length >= 4 && length < 8) {
        uint32_t first, last;
        memcpy(&first, text, 4);
        memcpy(&last, text + length - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + length - 4, &last, 4);
        return !nu__json_special8((uint64_t)first << 32 | last);
    }
    if (nu__json_plain(text, length) < length)
        return false;
    memcpy(to, text, length);
    return true;
}

static void write_text(const struct writer *writer, const char *text, size_t length)
{
    nu_builder *out = writer->out;
    char       *at = room(out, length + 2);
    at[0] = '"';
    if (NU_UNLIKELY(writer->options.ascii || writer->options.script_safe)) {
        out->length++;
        add_chosen(writer, text, length);
        put(out, '"');
    } else if (NU_LIKELY(copy_plain(at + 1, text, length))) {
        at[1 + length] = '"';
        out->length += length + 2;
    } else {
        out->length++;
        add_with_escapes(out, text, length);
        put(out, '"');
    }
}

/* Text of digits, dashes and the like, which needs no escape. */
static void write_quoted(nu_builder *out, const char *text, size_t length)
{
    put(out, '"');
    put_bytes(out, text, length);
    put(out, '"');
}

/* ---- dates, as DjangoJSONEncoder writes them -------------------------------------------------- */

static void write_datetime(nu_builder *out, nu_value value)
{
    char   text[NU__TIME_SIZE];
    size_t length = nu__datetime_write(text, nu_value_as_datetime(value), 'T', true);
    /* Milliseconds: "…:05.123456+02:00" loses three digits. */
    if (length >= 26 && text[19] == '.') {
        memmove(text + 23, text + 26, length - 26 + 1);
        length -= 3;
    }
    write_quoted(out, text, length);
}

static void write_time(nu_builder *out, int64_t us)
{
    char   text[NU__TIME_SIZE];
    size_t length = nu__time_write(text, us);
    write_quoted(out, text, length > 12 ? 12 : length);
}

static void write_duration(nu_builder *out, int64_t us)
{
    uint64_t size = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
    nu_builder_printf(out, "\"%sP%lluDT%02dH%02dM%02d", us < 0 ? "-" : "",
                      (unsigned long long)(size / NU_DAY), (int)(size / NU_HOUR % 24),
                      (int)(size / NU_MINUTE % 60), (int)(size / NU_SECOND % 60));
    if (size % NU_SECOND != 0)
        nu_builder_printf(out, ".%06d", (int)(size % NU_SECOND));
    nu_builder_puts(out, "S\"");
}

/* ---- lists and dicts -------------------------------------------------------------------------- */

static void open_level(struct writer *writer, char c)
{
    nu_check_stack();
    if (++writer->depth > NU__JSON_DEPTH)
        nu_raise(NU_VALUE_ERROR, "value is nested more than %d levels deep", NU__JSON_DEPTH);
    put(writer->out, c);
}

/* Between items, before the first and after the last. */
static void new_line(const struct writer *writer)
{
    size_t spaces = (size_t)(writer->depth * writer->options.indent);
    char  *at = nu_builder_room(writer->out, spaces + 1);
    *at = '\n';
    memset(at + 1, ' ', spaces);
    writer->out->length += spaces + 1;
}

static inline void next_item(const struct writer *writer, bool first)
{
    if (!first)
        put(writer->out, ',');
    if (writer->options.indent > 0)
        new_line(writer);
    else if (!first && writer->options.spaced)
        put(writer->out, ' ');
}

static void close_level(struct writer *writer, char c, bool empty)
{
    writer->depth--;
    if (!empty && writer->options.indent > 0)
        new_line(writer);
    put(writer->out, c);
}

static void write_list(struct writer *writer, const nu_list *list)
{
    open_level(writer, '[');
    for (uint32_t i = 0; i < list->count; i++) {
        next_item(writer, i == 0);
        write_value(writer, list->items[i]);
    }
    close_level(writer, ']', list->count == 0);
}

/* Python takes numbers, booleans and None as keys and writes them as JSON would, in quotes. */
static nu_value key_text(nu_value key)
{
    switch (key.type) {
    case NU_TEXT: return key;
    case NU_NULL: return nu_value_text("null");
    case NU_BOOL: return nu_value_text(key.boolean ? "true" : "false");
    case NU_INT:
    case NU_FLOAT: return nu_value_str(key);
    default: nu_raise(NU_VALUE_ERROR, "a %s cannot be a key in JSON", nu_value_type_name(key));
    }
}

static void write_pair(struct writer *writer, nu_value key, nu_value value, bool first)
{
    next_item(writer, first);
    write_text(writer, key.text, key.length);
    put(writer->out, ':');
    if (writer->options.spaced || writer->options.colon_spaced || writer->options.indent > 0)
        put(writer->out, ' ');
    write_value(writer, value);
}

static int by_key(const void *a, const void *b)
{
    const nu_entry *x = a, *y = b;
    size_t          both = x->key.length < y->key.length ? x->key.length : y->key.length;
    int             order = memcmp(x->key.text, y->key.text, both);
    return order != 0 ? order : (x->key.length > y->key.length) - (x->key.length < y->key.length);
}

static void write_sorted(struct writer *writer, const nu_dict *dict)
{
    uint32_t  count = 0;
    nu_entry *entries = nu_arena_array(nu_arena_current(), nu_dict_count(dict), sizeof *entries);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(dict, entry)) != NULL;)
        entries[count++] = (nu_entry){key_text(entry->key), entry->value};
    qsort(entries, count, sizeof *entries, by_key);
    for (uint32_t i = 0; i < count; i++)
        write_pair(writer, entries[i].key, entries[i].value, i == 0);
}

static void write_dict(struct writer *writer, const nu_dict *dict)
{
    bool first = true;
    open_level(writer, '{');
    if (writer->options.sorted) {
        write_sorted(writer, dict);
    } else {
        for (nu_entry *entry = NULL; (entry = nu_dict_next(dict, entry)) != NULL; first = false)
            write_pair(writer, key_text(entry->key), entry->value, first);
    }
    close_level(writer, '}', nu_dict_count(dict) == 0);
}

/* ---- values ----------------------------------------------------------------------------------- */

static void write_float(nu_builder *out, double number)
{
    if (!isfinite(number))
        nu_raise(NU_VALUE_ERROR, "JSON has no way to write %s",
                 isnan(number) ? "NaN" : "an infinite number");
    out->length += nu__float_write(nu_builder_room(out, NU__FLOAT_SIZE), number);
}

static NU_NORETURN void refuse(nu_value value)
{
    nu_raise(NU_VALUE_ERROR, "a value of type %s cannot be written as JSON",
             nu_value_type_name(value));
}

static void write_object(struct writer *writer, nu_value value)
{
    const nu_class *class = ((const nu_object *)value.object)->class;
    if (class->plain == NULL)
        refuse(value);
    nu_value plain = class->plain(value.object);
    if (plain.type == NU_OBJECT)
        refuse(plain);
    write_value(writer, plain);
}

static void write_value(struct writer *writer, nu_value value)
{
    nu_builder *out = writer->out;
    switch ((nu_type)value.type) {
    case NU_NULL: put_bytes(out, "null", 4); return;
    case NU_BOOL: put_bytes(out, value.boolean ? "true" : "false", value.boolean ? 4 : 5); return;
    case NU_INT: out->length += nu__int_write(room(out, 20), value.integer); return;
    case NU_FLOAT: write_float(out, value.number); return;
    case NU_TEXT: write_text(writer, value.text, value.length); return;
    case NU_DATETIME: write_datetime(out, value); return;
    case NU_TIME: write_time(out, value.us); return;
    case NU_DURATION: write_duration(out, value.us); return;
    case NU_DECIMAL:
    case NU_DATE:
    case NU_UUID: {
        nu_value text = nu_value_str(value);
        if (value.type == NU_DECIMAL && writer->options.numbers) {
            put_bytes(writer->out, text.text, text.length);
            return;
        }
        write_quoted(out, text.text, text.length);
        return;
    }
    case NU_LIST: write_list(writer, value.list); return;
    case NU_DICT: write_dict(writer, value.dict); return;
    case NU_OBJECT: write_object(writer, value); return;
    case NU_BYTES:
    case NU_FUNCTION: refuse(value);
    }
}

void nu_json_write(nu_builder *builder, nu_value value, const nu_json_options *options)
{
    struct writer writer = {.out = builder};
    if (options != NULL)
        writer.options = *options;
    write_value(&writer, value);
}

const char *nu_json_text(nu_value value)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 256);
    nu_json_write(&out, value, NULL);
    return nu_builder_text(&out);
}
