#include "http/decode.h"

/* Range that the second byte may have after this first byte, and how many bytes follow it. */
static size_t second_byte(uint8_t first, uint8_t *low, uint8_t *high)
{
    *low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    *high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (first >= 0xC2 && first <= 0xDF)
        return 1;
    if (first >= 0xE0 && first <= 0xEF)
        return 2;
    return first >= 0xF0 && first <= 0xF4 ? 3 : 0;
}

size_t nu__utf8_step(const char *at, const char *end, size_t *bad)
{
    uint8_t first = (uint8_t)*at, low, high;
    if (first < 0x80)
        return 1;
    size_t more = second_byte(first, &low, &high);
    size_t good = 1;
    while (good <= more && at + good < end && (uint8_t)at[good] >= low &&
           (uint8_t)at[good] <= high) {
        low = 0x80;
        high = 0xBF;
        good++;
    }
    if (more > 0 && good == more + 1)
        return good;
    *bad = good;
    return 0;
}

nu_value nu__utf8_replace(const char *bytes, size_t length)
{
    if (nu_utf8_valid(bytes, length))
        return nu_value_text_n(bytes, length);
    nu_builder text;
    nu_builder_init(&text, NULL, length + 16);
    for (const char *at = bytes, *end = bytes + length; at < end;) {
        size_t bad, size = nu__utf8_step(at, end, &bad);
        if (size > 0)
            nu_builder_add(&text, at, size);
        else
            nu_builder_puts(&text, "\xEF\xBF\xBD");
        at += size > 0 ? size : bad;
    }
    return nu_builder_value(&text);
}

nu_value nu__latin1(const char *bytes, size_t length)
{
    nu_builder text;
    nu_builder_init(&text, NULL, length + length / 2 + 1);
    for (size_t i = 0; i < length; i++) {
        char out[4];
        nu_builder_add(&text, out, nu_utf8_put(out, (uint8_t)bytes[i]));
    }
    return nu_builder_value(&text);
}

/* What str.isspace() calls white space. */
static bool is_space(uint32_t code)
{
    if (code <= 0x20)
        return (code >= 0x09 && code <= 0x0D) || (code >= 0x1C && code <= 0x20);
    return code == 0x85 || code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) ||
           code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

nu_value nu__strip(nu_value text)
{
    const char *at = text.text, *end = text.text + text.length;
    while (at < end) {
        const char *next = at;
        if (!is_space(nu_utf8_next(&next, end)))
            break;
        at = next;
    }
    while (end > at) {
        const char *last = end - 1;
        while (last > at && ((uint8_t)*last & 0xC0) == 0x80)
            last--;
        const char *next = last;
        if (!is_space(nu_utf8_next(&next, end)))
            break;
        end = last;
    }
    return nu_value_text_n(at, (size_t)(end - at));
}

void nu__trim(const char **at, const char **end)
{
    while (*at < *end && is_space((uint8_t) * *at) && (uint8_t) * *at < 0x80)
        (*at)++;
    while (*end > *at && is_space((uint8_t)(*end)[-1]) && (uint8_t)(*end)[-1] < 0x80)
        (*end)--;
}
