#include "db/quote.h"

#include <string.h>

void nu__db_quote(nu_builder *sql, const char *name)
{
    nu_builder_putc(sql, '"');
    for (const char *at = name;;) {
        size_t plain = strcspn(at, "\"");
        nu_builder_add(sql, at, plain);
        at += plain;
        if (*at == '\0')
            break;
        nu_builder_puts(sql, "\"\"");
        at++;
    }
    nu_builder_putc(sql, '"');
}

static bool open_start(nu_db_operator op)
{
    return op == NU_DB_CONTAINS || op == NU_DB_ICONTAINS || op == NU_DB_ENDS_WITH ||
           op == NU_DB_IENDS_WITH;
}

static bool open_end(nu_db_operator op)
{
    return op == NU_DB_CONTAINS || op == NU_DB_ICONTAINS || op == NU_DB_STARTS_WITH ||
           op == NU_DB_ISTARTS_WITH;
}

nu_value nu__db_like_pattern(nu_db_operator op, nu_value value)
{
    if (op < NU_DB_IEXACT || op > NU_DB_IENDS_WITH)
        return value;
    nu_value   text = nu_value_str(value);
    nu_builder out;
    nu_builder_init(&out, NULL, text.length + 8);
    if (open_start(op))
        nu_builder_putc(&out, '%');
    for (uint32_t i = 0; i < text.length; i++) {
        if (text.text[i] == '%' || text.text[i] == '_' || text.text[i] == '\\')
            nu_builder_putc(&out, '\\');
        nu_builder_putc(&out, text.text[i]);
    }
    if (open_end(op))
        nu_builder_putc(&out, '%');
    return nu_builder_value(&out);
}
