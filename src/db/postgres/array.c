/* Arrays: in binary form the dimensions, then the elements row by row; as text in braces. */
#include <string.h>

#include "db/postgres/internal.h"
#include "nuages/json.h"

static const struct {
    Oid array, element;
} types[] = {
    {143, PG_XML},      {199, PG_JSON},     {651, PG_CIDR},         {775, PG_MACADDR8},
    {1000, PG_BOOL},    {1001, PG_BYTEA},   {1002, PG_CHAR},        {1003, PG_NAME},
    {1005, PG_INT2},    {1007, PG_INT4},    {1009, PG_TEXT},        {1014, PG_BPCHAR},
    {1015, PG_VARCHAR}, {1016, PG_INT8},    {1021, PG_FLOAT4},      {1022, PG_FLOAT8},
    {1028, PG_OID},     {1040, PG_MACADDR}, {1041, PG_INET},        {1115, PG_TIMESTAMP},
    {1182, PG_DATE},    {1183, PG_TIME},    {1185, PG_TIMESTAMPTZ}, {1187, PG_INTERVAL},
    {1231, PG_NUMERIC}, {1270, PG_TIMETZ},  {2951, PG_UUID},        {3807, PG_JSONB},
};

Oid nu__pg_element_of(Oid type)
{
    for (size_t i = 0; i < NU_COUNT(types); i++) {
        if (types[i].array == type)
            return types[i].element;
    }
    return 0;
}

/* ---- from binary ---------------------------------------------------------------------------- */

enum { MAX_DIMENSIONS = 6 };

typedef struct array_reader {
    const uint8_t *at, *end;
    Oid            element;
    int            dimensions;
    uint32_t       sizes[MAX_DIMENSIONS];
} array_reader;

static bool read_element(array_reader *reader, nu_value *out)
{
    if (reader->end - reader->at < 4)
        return false;
    int32_t length = (int32_t)pg_read32(reader->at);
    reader->at += 4;
    *out = nu_null();
    if (length == -1)
        return true;
    if (length < 0 || length > reader->end - reader->at)
        return false;
    const uint8_t *bytes = reader->at;
    reader->at += length;
    return nu__pg_decode(reader->element, bytes, (size_t)length, out);
}

/* At most MAX_DIMENSIONS deep. */
static bool read_dimension(array_reader *reader, int depth, nu_value *out)
{
    nu_list *list = nu_list_new();
    *out = nu_value_list(list);
    for (uint32_t i = 0; i < reader->sizes[depth]; i++) {
        nu_value item;
        bool     ok = depth + 1 < reader->dimensions ? read_dimension(reader, depth + 1, &item)
                                                     : read_element(reader, &item);
        if (!ok)
            return false;
        nu_list_push(list, item);
    }
    return true;
}

/* Each element takes four bytes at least, so a lie about their number is found out here. */
static bool read_sizes(array_reader *reader)
{
    uint64_t total = 1;
    for (int i = 0; i < reader->dimensions; i++) {
        if (reader->end - reader->at < 8)
            return false;
        reader->sizes[i] = pg_read32(reader->at);
        reader->at += 8; /* the lower bound means nothing here */
        if (reader->sizes[i] == 0 || reader->sizes[i] > INT32_MAX)
            return false;
        total *= reader->sizes[i];
        if (total > (uint64_t)(reader->end - reader->at) / 4)
            return false;
    }
    return true;
}

bool nu__pg_decode_array(Oid element, const uint8_t *bytes, size_t length, nu_value *out)
{
    array_reader reader = {.at = bytes + 12, .end = bytes + length, .element = element};
    if (length < 12 || pg_read32(bytes) > MAX_DIMENSIONS || pg_read32(bytes + 8) != element)
        return false;
    reader.dimensions = (int)pg_read32(bytes);
    if (reader.dimensions == 0) {
        *out = nu_value_list(nu_list_new());
        return length == 12;
    }
    return read_sizes(&reader) && read_dimension(&reader, 0, out) && reader.at == reader.end;
}

/* ---- from text ------------------------------------------------------------------------------ */

typedef struct text_reader {
    const char *at, *end;
    Oid         element;
} text_reader;

static bool take(text_reader *reader, char c)
{
    bool there = reader->at < reader->end && *reader->at == c;
    reader->at += there;
    return there;
}

/* In quotes or without; a backslash stands before what means itself. */
static bool read_text_item(text_reader *reader, nu_value *out)
{
    bool       quoted = take(reader, '"');
    nu_builder text;
    nu_builder_init(&text, NULL, 32);
    while (reader->at < reader->end) {
        char c = *reader->at;
        if (quoted ? c == '"' : c == ',' || c == '}')
            break;
        reader->at += c == '\\';
        if (reader->at == reader->end)
            return false;
        nu_builder_putc(&text, *reader->at++);
    }
    if (quoted && !take(reader, '"'))
        return false;
    const char *item = nu_builder_text(&text);
    bool        null = !quoted && text.length == 4 && memcmp(item, "NULL", 4) == 0;
    *out = null ? nu_null() : nu__pg_decode_text(reader->element, item, text.length);
    return true;
}

/* The server has at most MAX_DIMENSIONS of them. */
static bool read_text_list(text_reader *reader, int depth, nu_value *out)
{
    nu_list *list = nu_list_new();
    *out = nu_value_list(list);
    if (depth > MAX_DIMENSIONS || !take(reader, '{'))
        return false;
    if (take(reader, '}'))
        return true;
    do {
        nu_value item;
        bool     nested = reader->at < reader->end && *reader->at == '{';
        if (nested ? !read_text_list(reader, depth + 1, &item) : !read_text_item(reader, &item))
            return false;
        nu_list_push(list, item);
    } while (take(reader, ','));
    return take(reader, '}');
}

bool nu__pg_decode_array_text(Oid element, const char *text, size_t length, nu_value *out)
{
    /* "[0:1]={a,b}": bounds other than the usual ones come before the items. */
    const char *equals = length > 0 && *text == '[' ? memchr(text, '=', length) : NULL;
    text_reader reader = {
        .at = equals != NULL ? equals + 1 : text, .end = text + length, .element = element};
    return read_text_list(&reader, 1, out) && reader.at == reader.end;
}

/* ---- to text -------------------------------------------------------------------------------- */

static void put_quoted(nu_builder *out, const char *text, size_t length)
{
    nu_builder_putc(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"' || text[i] == '\\')
            nu_builder_putc(out, '\\');
        nu_builder_putc(out, text[i]);
    }
    nu_builder_putc(out, '"');
}

static void put_bytes(nu_builder *out, nu_value value)
{
    nu_builder_puts(out, "\"\\\\x");
    for (uint32_t i = 0; i < value.length; i++)
        nu_builder_printf(out, "%02x", value.bytes[i]);
    nu_builder_putc(out, '"');
}

static void put_item(nu_builder *out, nu_value value)
{
    switch ((nu_type)value.type) {
    case NU_NULL: nu_builder_puts(out, "NULL"); break;
    case NU_BOOL: nu_builder_puts(out, value.boolean ? "true" : "false"); break;
    case NU_INT: nu_builder_int(out, value.integer); break;
    case NU_LIST: nu__pg_print_array(out, value.list); break;
    case NU_BYTES: put_bytes(out, value); break;
    case NU_DICT: {
        const char *json = nu_json_text(value);
        put_quoted(out, json, strlen(json));
        break;
    }
    default: {
        nu_value text = nu_value_str(value);
        put_quoted(out, text.text, text.length);
        break;
    }
    }
}

void nu__pg_print_array(nu_builder *out, const nu_list *list)
{
    nu_check_stack();
    nu_builder_putc(out, '{');
    for (uint32_t i = 0; i < list->count; i++) {
        if (i > 0)
            nu_builder_putc(out, ',');
        put_item(out, list->items[i]);
    }
    nu_builder_putc(out, '}');
}
