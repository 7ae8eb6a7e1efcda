/* stringformat: Python's % operator with one value, "%" left out: {{ number|stringformat:"05.1f" }} */
#include <math.h>
#include <string.h>

#include "base/internal.h"
#include "template/filters/filters.h"

enum { WIDTH_MAX = 100000, PRECISION_MAX = 1000 };

/* One conversion: "%-08.3f" */
typedef struct conversion {
    bool left, zero, plus, space, alternate;
    int  width, precision; /* precision -1: none */
    char type;
} conversion;

/* ---- reading the format ----------------------------------------------------------------------- */

static bool read_flag(conversion *c, char flag)
{
    bool *known = flag == '-'   ? &c->left
                  : flag == '0' ? &c->zero
                  : flag == '+' ? &c->plus
                  : flag == ' ' ? &c->space
                  : flag == '#' ? &c->alternate
                                : NULL;
    if (known != NULL)
        *known = true;
    return known != NULL;
}

static bool read_number(const char **at, int max, int *out)
{
    for (*out = 0; **at >= '0' && **at <= '9'; ++*at)
        if ((*out = *out * 10 + (**at - '0')) > max)
            return false;
    return true;
}

/* Reads what follows "%" and a key; false if Python would refuse it. */
static bool read_conversion(const char **at, conversion *out)
{
    *out = (conversion){.precision = -1};
    while (read_flag(out, **at))
        ++*at;
    if (!read_number(at, WIDTH_MAX, &out->width))
        return false;
    if (**at == '.') {
        ++*at;
        if (!read_number(at, PRECISION_MAX, &out->precision))
            return false;
    }
    if (**at != '\0' && strchr("hlL", **at) != NULL)
        ++*at;
    out->type = **at;
    if (out->type == '\0' || strchr("diuoxXeEfFgGcrsa", out->type) == NULL)
        return false;
    ++*at;
    return true;
}

/* ---- writing ---------------------------------------------------------------------------------- */

static void put_repeated(nu_builder *out, char c, int64_t count)
{
    while (count-- > 0)
        nu_builder_putc(out, c);
}

static void put_padded_text(nu_builder *out, const conversion *c, const char *text, size_t length)
{
    int64_t missing = c->width - (int64_t)nu_utf8_count(text, length);
    put_repeated(out, ' ', c->left ? 0 : missing);
    nu_builder_add(out, text, length);
    put_repeated(out, ' ', c->left ? missing : 0);
}

/* Sign, prefix ("0x") and digits; zeros go between prefix and digits, spaces outside. */
static void put_padded_number(nu_builder *out, const conversion *c, bool negative,
                              const char *prefix, const char *digits)
{
    const char *sign = negative ? "-" : c->plus ? "+" : c->space ? " " : "";
    int64_t     missing = c->width - (int64_t)(strlen(sign) + strlen(prefix) + strlen(digits));
    bool        zeros = c->zero && !c->left;
    put_repeated(out, ' ', c->left || zeros ? 0 : missing);
    nu_builder_puts(out, sign);
    nu_builder_puts(out, prefix);
    put_repeated(out, '0', zeros ? missing : 0);
    nu_builder_puts(out, digits);
    put_repeated(out, ' ', c->left ? missing : 0);
}

static const char *digits_of(unsigned __int128 number, unsigned base, bool upper, int least)
{
    enum { SIZE = 128 + PRECISION_MAX + 1 };
    const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char       *buffer = nu_arena_alloc(nu_arena_current(), SIZE);
    char       *at = buffer + SIZE - 1;
    *at = '\0';
    int count = 0;
    for (; number > 0 || count < least || count == 0; count++) {
        *--at = set[(unsigned)(number % base)];
        number /= base;
    }
    return at;
}

static bool is_number(nu_value value)
{
    return value.type == NU_INT || value.type == NU_BOOL || value.type == NU_FLOAT ||
           value.type == NU_DECIMAL;
}

/* An int of Python's; beyond 64 bits it lives in a decimal without exponent. */
static bool is_int(nu_value value)
{
    return value.type == NU_INT || value.type == NU_BOOL ||
           (value.type == NU_DECIMAL && value.decimal->exponent >= 0);
}

static bool put_int(nu_builder *out, const conversion *c, nu_value value)
{
    __int128 number;
    bool     decimal = strchr("diu", c->type) != NULL;
    if (!(decimal ? is_number(value) : is_int(value)))
        return false;
    if (value.type == NU_FLOAT && isinf(value.number))
        nu_raise(NU_VALUE_ERROR, "cannot convert float infinity to integer");
    if (!nu__python_int(value, &number))
        return false;
    bool        upper = c->type == 'X';
    unsigned    base = decimal ? 10 : c->type == 'o' ? 8 : 16;
    const char *prefix = !c->alternate || decimal ? "" : base == 8 ? "0o" : upper ? "0X" : "0x";
    unsigned __int128 size = number < 0 ? -(unsigned __int128)number : (unsigned __int128)number;
    put_padded_number(out, c, number < 0, prefix, digits_of(size, base, upper, c->precision));
    return true;
}

static const char *float_digits(const conversion *c, double size)
{
    int precision = c->precision < 0 ? 6 : c->precision;
    switch (c->type) {
    case 'e':
        return c->alternate ? nu_fmt("%#.*e", precision, size) : nu_fmt("%.*e", precision, size);
    case 'E':
        return c->alternate ? nu_fmt("%#.*E", precision, size) : nu_fmt("%.*E", precision, size);
    case 'g':
        return c->alternate ? nu_fmt("%#.*g", precision, size) : nu_fmt("%.*g", precision, size);
    case 'G':
        return c->alternate ? nu_fmt("%#.*G", precision, size) : nu_fmt("%.*G", precision, size);
    case 'F':
        return c->alternate ? nu_fmt("%#.*F", precision, size) : nu_fmt("%.*F", precision, size);
    default:
        return c->alternate ? nu_fmt("%#.*f", precision, size) : nu_fmt("%.*f", precision, size);
    }
}

static bool put_float(nu_builder *out, const conversion *c, nu_value value)
{
    double number;
    if (!is_number(value) || !nu__python_float(value, &number))
        return false;
    bool negative = signbit(number) && !isnan(number);
    put_padded_number(out, c, negative, "", float_digits(c, fabs(number)));
    return true;
}

static bool put_char(nu_builder *out, const conversion *c, nu_value value)
{
    char bytes[4];
    if (value.type == NU_TEXT) {
        if (nu_utf8_count(value.text, value.length) != 1)
            return false;
        put_padded_text(out, c, value.text, value.length);
        return true;
    }
    __int128 code;
    if (!is_int(value))
        return false;
    if (!nu__python_int(value, &code) || code < 0 || code > 0x10ffff)
        nu_raise(NU_VALUE_ERROR, "%%c arg not in range(0x110000)");
    put_padded_text(out, c, bytes, nu_utf8_put(bytes, (uint32_t)code));
    return true;
}

static bool put_text(nu_builder *out, const conversion *c, nu_value value)
{
    nu_value text;
    if (c->type == 's') {
        text = nu_value_str(value);
    } else {
        nu_builder notation;
        nu_builder_init(&notation, NULL, 64);
        nu__repr_add(&notation, value);
        text = nu_builder_value(&notation);
    }
    size_t length = text.length;
    if (c->precision >= 0)
        length = nu_utf8_offset(text.text, text.length, (size_t)c->precision);
    put_padded_text(out, c, text.text, length);
    return true;
}

static bool put_value(nu_builder *out, const conversion *c, nu_value value)
{
    if (strchr("diuoxX", c->type) != NULL)
        return put_int(out, c, value);
    if (strchr("eEfFgG", c->type) != NULL)
        return put_float(out, c, value);
    return c->type == 'c' ? put_char(out, c, value) : put_text(out, c, value);
}

/* ---- the filter ------------------------------------------------------------------------------- */

/* "(key)" of a dict; false if there is no such thing. */
static bool read_key(const char **at, nu_value *value)
{
    size_t length = strcspn(*at, ")");
    if (value->type != NU_DICT || (*at)[length] == '\0')
        return false;
    nu_value *found = nu_dict_find_n(value->dict, *at + 1, length - 1);
    if (found == NULL)
        return false;
    *value = *found;
    *at += length + 1;
    return true;
}

/* Writes `format` with its conversions; false where Python raises TypeError or ValueError. */
static bool put_format(nu_builder *out, const char *format, nu_value value)
{
    bool used = false;
    for (const char *at = format; *at != '\0';) {
        if (*at != '%') {
            nu_builder_putc(out, *at++);
            continue;
        }
        at++;
        if (*at == '%') {
            nu_builder_putc(out, *at++);
            continue;
        }
        nu_value   chosen = value;
        conversion c;
        bool       keyed = *at == '(';
        if ((keyed && !read_key(&at, &chosen)) || (!keyed && used) || !read_conversion(&at, &c) ||
            !put_value(out, &c, chosen))
            return false;
        used = true;
    }
    return used || value.type == NU_DICT;
}

nu_value nu__filter_stringformat(const nu_filter_call *call)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    const char *format = nu_fmt("%%%s", nu_text(call->arg));
    return put_format(&out, format, call->input) ? nu_builder_value(&out) : nu__empty();
}
