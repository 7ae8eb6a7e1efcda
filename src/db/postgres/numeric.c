/* Binary numeric: digits to the base of 10000 with the weight of the first, a sign, and how many
 * decimal places to show. */
#include "db/postgres/internal.h"

enum { SIGN_NEGATIVE = 0x4000, SIGN_NAN = 0xc000, SIGN_INFINITY = 0xd000, SIGN_MINUS = 0xf000 };

typedef struct numeric {
    const uint8_t *digits;
    int            count, weight, scale;
    uint16_t       sign;
} numeric;

static bool read_numeric(const uint8_t *bytes, size_t length, numeric *out)
{
    if (length < 8)
        return false;
    out->count = pg_read16(bytes);
    out->weight = (int16_t)pg_read16(bytes + 2);
    out->sign = pg_read16(bytes + 4);
    out->scale = pg_read16(bytes + 6);
    out->digits = bytes + 8;
    if (length != 8 + 2 * (size_t)out->count || out->scale > 16383)
        return false;
    for (int i = 0; i < out->count; i++) {
        if (pg_read16(out->digits + 2 * i) > 9999)
            return false;
    }
    return true;
}

/* The four decimal digits whose last has the weight 10000^`weight`. */
static int group_at(const numeric *number, int weight)
{
    int at = number->weight - weight;
    return at >= 0 && at < number->count ? pg_read16(number->digits + 2 * at) : 0;
}

static void put_whole(nu_builder *out, const numeric *number)
{
    if (number->weight < 0) {
        nu_builder_putc(out, '0');
        return;
    }
    nu_builder_printf(out, "%d", group_at(number, number->weight));
    for (int weight = number->weight - 1; weight >= 0; weight--)
        nu_builder_printf(out, "%04d", group_at(number, weight));
}

static void put_places(nu_builder *out, const numeric *number)
{
    static const int tens[] = {1000, 100, 10, 1};
    if (number->scale > 0)
        nu_builder_putc(out, '.');
    for (int i = 0; i < number->scale; i++)
        nu_builder_putc(out, (char)('0' + group_at(number, -1 - i / 4) / tens[i % 4] % 10));
}

bool nu__pg_print_numeric(nu_builder *out, const uint8_t *bytes, size_t length)
{
    numeric number;
    if (!read_numeric(bytes, length, &number))
        return false;
    switch (number.sign) {
    case 0: break;
    case SIGN_NEGATIVE: nu_builder_putc(out, '-'); break;
    case SIGN_NAN: nu_builder_puts(out, "NaN"); return true;
    case SIGN_INFINITY: nu_builder_puts(out, "Infinity"); return true;
    case SIGN_MINUS: nu_builder_puts(out, "-Infinity"); return true;
    default: return false;
    }
    put_whole(out, &number);
    put_places(out, &number);
    return true;
}
