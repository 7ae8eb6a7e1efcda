/* UTF-8 as RFC 3629 defines it. */
#include "nuages/text.h"

#include <string.h>

/* Decodes the code point at `at`; returns its length, or 0 if the bytes are malformed. */
static size_t decode(const unsigned char *at, size_t left, uint32_t *code)
{
    /* The second byte's range is what keeps overlong forms, surrogates and codes above U+10FFFF
     * out (RFC 3629, section 4). */
    unsigned char lead = at[0], low = 0x80, high = 0xbf;
    size_t        length;
    if (lead < 0x80) {
        *code = lead;
        return 1;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        length = 2;
    } else if ((lead & 0xf0) == 0xe0) {
        length = 3;
        low = lead == 0xe0 ? 0xa0 : 0x80;
        high = lead == 0xed ? 0x9f : 0xbf;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        length = 4;
        low = lead == 0xf0 ? 0x90 : 0x80;
        high = lead == 0xf4 ? 0x8f : 0xbf;
    } else {
        return 0;
    }
    if (left < length || at[1] < low || at[1] > high)
        return 0;
    uint32_t value = lead & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3fu);
    }
    *code = value;
    return length;
}

bool nu_utf8_valid(const void *bytes, size_t length)
{
    const unsigned char *at = bytes, *end = at + length;
    while (at < end) {
        uint64_t eight;
        if (end - at >= 8 && (memcpy(&eight, at, 8), (eight & 0x8080808080808080u) == 0)) {
            at += 8;
            continue;
        }
        uint32_t code;
        size_t   step = decode(at, (size_t)(end - at), &code);
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

uint32_t nu_utf8_next(const char **at, const char *end)
{
    uint32_t code;
    size_t   step = decode((const unsigned char *)*at, (size_t)(end - *at), &code);
    *at += step > 0 ? step : 1;
    return step > 0 ? code : 0xfffd;
}

size_t nu_utf8_put(char out[4], uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
        code = 0xfffd;
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

size_t nu_utf8_count(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

size_t nu_utf8_offset(const char *text, size_t length, size_t count)
{
    size_t at = 0;
    for (; at < length; at++) {
        bool starts = ((unsigned char)text[at] & 0xc0) != 0x80;
        if (starts && count-- == 0)
            break;
    }
    return at;
}
