/* A constant as SQL text, where there is nothing to bind it to: definitions of tables and indexes. */
#include <string.h>

#include "db/postgres/internal.h"
#include "nuages/json.h"

/* Backslashes mean themselves in these quotes, whatever the server is set to. */
static void put_text(nu_builder *sql, const char *text, size_t length)
{
    bool escapes = memchr(text, '\\', length) != NULL;
    nu_builder_puts(sql, escapes ? "E'" : "'");
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\'' || text[i] == '\\')
            nu_builder_putc(sql, text[i]);
        nu_builder_putc(sql, text[i]);
    }
    nu_builder_putc(sql, '\'');
}

static void put_shown(nu_builder *sql, nu_value value)
{
    const char *text = nu_text(value);
    put_text(sql, text, strlen(text));
}

void nu__pg_literal(nu_builder *sql, nu_value value)
{
    switch ((nu_type)value.type) {
    case NU_NULL: nu_builder_puts(sql, "NULL"); return;
    case NU_BOOL: nu_builder_puts(sql, value.boolean ? "true" : "false"); return;
    case NU_INT: nu_builder_printf(sql, "%lld", (long long)value.integer); return;
    case NU_FLOAT: nu_builder_puts(sql, nu_text(value)); return;
    case NU_DECIMAL: nu_builder_puts(sql, nu_decimal_plain(*value.decimal)); return;
    case NU_TEXT: put_text(sql, value.text, value.length); return;
    case NU_BYTES:
        nu_builder_puts(sql, "'\\x");
        for (uint32_t i = 0; i < value.length; i++)
            nu_builder_printf(sql, "%02x", value.bytes[i]);
        nu_builder_puts(sql, "'::bytea");
        return;
    case NU_DATE:
        put_shown(sql, value);
        nu_builder_puts(sql, "::date");
        return;
    case NU_TIME:
        put_shown(sql, value);
        nu_builder_puts(sql, "::time");
        return;
    case NU_DATETIME:
        put_shown(sql, value);
        nu_builder_puts(sql, "::timestamptz");
        return;
    case NU_DURATION:
        nu_builder_printf(sql, "'%lld microseconds'::interval", (long long)value.integer);
        return;
    case NU_UUID:
        put_shown(sql, value);
        nu_builder_puts(sql, "::uuid");
        return;
    case NU_LIST: {
        nu_builder text;
        nu_builder_init(&text, NULL, 64);
        nu__pg_print_array(&text, value.list);
        put_text(sql, nu_builder_text(&text), text.length);
        return;
    }
    case NU_DICT: {
        const char *text = nu_json_text(value);
        put_text(sql, text, strlen(text));
        nu_builder_puts(sql, "::jsonb");
        return;
    }
    case NU_OBJECT:
    case NU_FUNCTION: break;
    }
    nu_raise(NU_VALUE_ERROR, "an object cannot be written as a constant of SQL");
}
