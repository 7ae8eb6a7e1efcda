/* Numbers with separators, and sizes of files. */
#include "i18n/internal.h"

#include <math.h>
#include <string.h>

#include "i18n/python.h"
#include "nuages/unicode.h"

/* ---- the digits ------------------------------------------------------------------------------- */

/* Beyond so many digits a number is written with an exponent. */
enum { PLAIN_DIGITS = 200 };

static int digit_count(unsigned __int128 coefficient)
{
    int count = 1;
    while (coefficient >= 10) {
        coefficient /= 10;
        count++;
    }
    return count;
}

static bool is_too_long(nu_decimal d)
{
    int64_t exponent = d.exponent < 0 ? -(int64_t)d.exponent : d.exponent;
    return exponent + digit_count(d.coefficient) > PLAIN_DIGITS;
}

/* A number that would show nothing but zeros in `places` digits is 0. */
static nu_decimal drop_if_tiny(nu_decimal d, int places)
{
    int64_t magnitude =
        (int64_t)digit_count(d.coefficient) + d.exponent; /* 10^(m-1) <= |d| < 10^m */
    if (d.coefficient == 0 || (places > 0 ? magnitude <= -places : magnitude <= 0 && places == 0))
        return (nu_decimal){.set = true};
    return d;
}

/* "1.5" and "+20" of "1.5e+20": all digits, the point behind the first. */
static const char *scientific_digits(nu_decimal d, const char **exponent)
{
    int count = digit_count(d.coefficient);
    *exponent = nu_fmt("e%+lld", (long long)d.exponent + count - 1);
    d.exponent = 1 - count;
    return nu_decimal_plain(d);
}

/* ---- the style -------------------------------------------------------------------------------- */

/* The sizes of groups from the point on: "3" is 3 3 3 …, "3,2,0" is 3 2 2 2 …. */
typedef struct grouping {
    const char *next;
    int         size;
} grouping;

static grouping grouping_start(const char *text)
{
    grouping g = {.next = text};
    for (; *g.next >= '0' && *g.next <= '9' && g.size < 1000; g.next++)
        g.size = g.size * 10 + (*g.next - '0');
    return g;
}

static void grouping_advance(grouping *g)
{
    if (*g->next != ',')
        return;
    grouping following = grouping_start(g->next + 1);
    g->next = following.next;
    if (following.size > 0)
        g->size = following.size;
}

static void put_grouped(nu_builder *out, const char *digits, size_t length,
                        const nu_number_style *style)
{
    /* Marks where a separator stands, from the right. */
    bool    *before = nu_arena_array(nu_arena_current(), length + 1, sizeof *before);
    grouping g = grouping_start(style->grouping);
    int      filled = 0;
    for (size_t i = length; i-- > 0; filled++) {
        if (filled == g.size && g.size > 0) {
            before[i + 1] = true;
            grouping_advance(&g);
            filled = 0;
        }
    }
    for (size_t i = 0; i < length; i++) {
        if (before[i])
            nu_builder_puts(out, style->thousand_separator);
        nu_builder_putc(out, digits[i]);
    }
}

static bool is_grouped(const nu_number_style *style)
{
    return style->grouping != NULL && strcmp(style->grouping, "0") != 0;
}

/* `digits`: an optional minus, digits, an optional point and more digits. */
static void put_styled(nu_builder *out, const char *digits, const nu_number_style *style)
{
    if (*digits == '-') {
        nu_builder_putc(out, '-');
        digits++;
    }
    size_t      whole = strcspn(digits, ".");
    const char *fraction = digits[whole] == '.' ? digits + whole + 1 : "";
    size_t      have = strlen(fraction);
    size_t      want = style->places < 0 ? have : (size_t)style->places;

    if (is_grouped(style))
        put_grouped(out, digits, whole, style);
    else
        nu_builder_add(out, digits, whole);
    if (want == 0)
        return;
    nu_builder_puts(out, style->decimal_separator);
    nu_builder_add(out, fraction, have < want ? have : want);
    for (size_t i = have; i < want; i++)
        nu_builder_putc(out, '0');
}

static void put_decimal(nu_builder *out, nu_decimal d, const nu_number_style *style)
{
    if (style->places >= 0)
        d = drop_if_tiny(d, style->places);
    if (!is_too_long(d)) {
        put_styled(out, nu_decimal_plain(d), style);
        return;
    }
    const char *exponent;
    put_styled(out, scientific_digits(d, &exponent), style);
    nu_builder_puts(out, exponent);
}

const char *nu_number_format(nu_value number, const nu_number_style *style)
{
    const char *text = nu_text(number);
    nu_builder  out;
    nu_builder_init(&out, NULL, 32);
    if (number.type == NU_DECIMAL)
        put_decimal(&out, *number.decimal, style);
    else if (number.type == NU_FLOAT && strchr(text, 'e') != NULL)
        put_decimal(&out, nu_decimal_from_double(number.number), style);
    else
        put_styled(&out, text, style);
    return nu_builder_text(&out);
}

nu_number_style nu_number_style_active(int places, bool grouped)
{
    const nu_formats *formats = nu_formats_active();
    return (nu_number_style){
        .decimal_separator = formats->decimal_separator,
        .thousand_separator = formats->thousand_separator,
        .grouping = grouped || nu_locale_settings()->thousand_separator ? formats->grouping : NULL,
        .places = places,
    };
}

/* ---- reading ---------------------------------------------------------------------------------- */

static const char *without(const char *text, const char *part)
{
    size_t     length = strlen(part);
    nu_builder out;
    nu_builder_init(&out, NULL, strlen(text) + 1);
    while (*text != '\0')
        if (length > 0 && strncmp(text, part, length) == 0)
            text += length;
        else
            nu_builder_putc(&out, *text++);
    return nu_builder_text(&out);
}

/* A single dot that does not stand before three digits is likely meant as the decimal point. */
static bool dot_is_decimal_point(const char *whole)
{
    const char *dot = strchr(whole, '.');
    return dot != NULL && strchr(dot + 1, '.') == NULL && strlen(dot + 1) != 3;
}

const char *nu_number_clean(const char *typed)
{
    const nu_formats *formats = nu_formats_active();
    const char       *whole = typed, *decimals = NULL;
    const char       *point = strstr(typed, formats->decimal_separator);
    if (point != NULL && formats->decimal_separator[0] != '\0') {
        whole = nu_fmt("%.*s", (int)(point - typed), typed);
        decimals = point + strlen(formats->decimal_separator);
    }
    const char *separator = formats->thousand_separator;
    if (nu_locale_settings()->thousand_separator &&
        !(strcmp(separator, ".") == 0 && dot_is_decimal_point(whole))) {
        /* People type a plain space for the narrow one. */
        whole = without(whole, separator);
        whole = without(whole, nu_normalize_nfkd(separator, strlen(separator)).text);
    }
    return decimals == NULL ? whole : nu_fmt("%s.%s", whole, decimals);
}

/* ---- sizes ------------------------------------------------------------------------------------ */

void nu__put_unbroken(nu_builder *out, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == ' ')
            nu_builder_puts(out, "\xc2\xa0");
        else
            nu_builder_putc(out, *text);
}

static const char *write_size(double size)
{
    static const char *const units[] = {"%s KB", "%s MB", "%s GB", "%s TB", "%s PB"};
    if (size < 1024)
        return nu_fill(nu_ngettext("%(size)d byte", "%(size)d bytes", (int64_t)size),
                       nu_fmt("%.0f", size));
    double unit = 1024;
    size_t i = 0;
    for (; i + 1 < NU_COUNT(units) && size >= unit * 1024; i++)
        unit *= 1024;
    nu_number_style style = nu_number_style_active(1, false);
    nu_value        number = nu_value_text(nu_fmt("%.1f", size / unit));
    return nu_fill(nu_gettext(units[i]), nu_number_format(number, &style));
}

/* int(bytes), and 0 for what is no number: a float may be larger than any integer here. */
static double whole_bytes(nu_value bytes)
{
    if (bytes.type == NU_FLOAT && isfinite(bytes.number))
        return trunc(bytes.number);
    __int128 size;
    return nu__python_int(bytes, &size) ? (double)size : 0;
}

const char *nu_filesize_format(nu_value bytes)
{
    double     size = whole_bytes(bytes);
    nu_builder out;
    nu_builder_init(&out, NULL, 32);
    if (size < 0)
        nu_builder_putc(&out, '-');
    nu__put_unbroken(&out, write_size(fabs(size)));
    return nu_builder_text(&out);
}
