#include <string.h>

#include "db/sqlite/internal.h"
#include "nuages/json.h"

static void put_text(nu_builder *sql, const char *text, size_t length)
{
    nu_builder_putc(sql, '\'');
    for (size_t i = 0; i < length; i++) {
        nu_builder_puts(sql, text[i] == '\'' ? "'" : "");
        nu_builder_putc(sql, text[i]);
    }
    nu_builder_putc(sql, '\'');
}

static void put_hex(nu_builder *sql, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        nu_builder_printf(sql, "%02x", bytes[i]);
}

static void put_moment(nu_builder *sql, nu_value value)
{
    char text[SQLITE_DATETIME_SIZE];
    put_text(sql, text, nu__sqlite_write_moment(text, value));
}

void nu__sqlite_literal(nu_builder *sql, nu_value value)
{
    switch ((nu_type)value.type) {
    case NU_NULL: nu_builder_puts(sql, "NULL"); return;
    case NU_BOOL: nu_builder_puts(sql, value.boolean ? "1" : "0"); return;
    case NU_INT:
    case NU_DURATION: nu_builder_printf(sql, "%lld", (long long)value.integer); return;
    case NU_FLOAT: nu_builder_puts(sql, nu_text(value)); return;
    case NU_DECIMAL: nu_builder_printf(sql, "'%s'", nu_decimal_plain(*value.decimal)); return;
    case NU_TEXT: put_text(sql, value.text, value.length); return;
    case NU_BYTES:
        nu_builder_puts(sql, "X'");
        put_hex(sql, value.bytes, value.length);
        nu_builder_putc(sql, '\'');
        return;
    case NU_DATE:
    case NU_TIME:
    case NU_DATETIME: put_moment(sql, value); return;
    case NU_UUID:
        nu_builder_putc(sql, '\'');
        put_hex(sql, value.uuid->bytes, sizeof value.uuid->bytes);
        nu_builder_putc(sql, '\'');
        return;
    case NU_LIST:
    case NU_DICT: {
        const char *text = nu_json_text(value);
        put_text(sql, text, strlen(text));
        return;
    }
    case NU_OBJECT:
    case NU_FUNCTION: break;
    }
    nu_raise(NU_VALUE_ERROR, "an object cannot be written as a constant of SQL");
}
