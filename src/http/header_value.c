/* What may stand in a header's value, and what has to be rewritten for it. */
#include "http/decode.h"
#include "http/internal.h"

#include "nuages/crypto.h"
#include "nuages/uri.h"

#include <string.h>

/* Eight bytes at a time: every response has several values to look at. */
static bool is_ascii(const char *text)
{
    const uint64_t high = 0x8080808080808080u;
    size_t         length = strlen(text), i = 0;
    uint64_t       seen = 0;
    for (; i + sizeof seen <= length; i += sizeof seen) {
        uint64_t bytes;
        memcpy(&bytes, text + i, sizeof bytes);
        seen |= bytes;
    }
    for (; i < length; i++)
        seen |= (uint8_t)text[i];
    return (seen & high) == 0;
}

/* ISO 8859-1 bytes of the text; NULL if a character is beyond them. */
static const char *latin1(const char *text)
{
    size_t length = strlen(text);
    char  *bytes = nu_arena_alloc(nu_arena_current(), length + 1), *to = bytes;
    for (const char *at = text, *end = text + length; at < end;) {
        uint32_t code = nu_utf8_next(&at, end);
        if (code > 0xFF)
            return NULL;
        *to++ = (char)code;
    }
    *to = '\0';
    return bytes;
}

static bool is_q_plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("-!*+/", c) != NULL);
}

/* An encoded word of RFC 2047, in its shorter form. */
static const char *encoded_word(const char *text)
{
    size_t length = strlen(text), q_length = 0;
    for (const char *c = text; *c != '\0'; c++)
        q_length += *c == ' ' || is_q_plain(*c) ? 1 : 3;
    if ((length + 2) / 3 * 4 < q_length)
        return nu_fmt("=?utf-8?b?%s?=", nu_base64(text, length, NU_BASE64));
    nu_builder out;
    nu_builder_init(&out, NULL, q_length + 16);
    nu_builder_puts(&out, "=?utf-8?q?");
    for (const char *c = text; *c != '\0'; c++) {
        if (is_q_plain(*c))
            nu_builder_putc(&out, *c);
        else if (*c == ' ')
            nu_builder_putc(&out, '_');
        else
            nu_builder_printf(&out, "=%02X", (uint8_t)*c);
    }
    nu_builder_puts(&out, "?=");
    return nu_builder_text(&out);
}

const char *nu__header_bytes(const char *value)
{
    if (is_ascii(value))
        return value;
    const char *bytes = latin1(value);
    return bytes != NULL ? bytes : encoded_word(value);
}

const char *nu_content_disposition(bool attachment, const char *filename)
{
    if (filename == NULL || filename[0] == '\0')
        return attachment ? "attachment" : NULL;
    nu_builder out;
    nu_builder_init(&out, NULL, strlen(filename) + 40);
    nu_builder_puts(&out, attachment ? "attachment; " : "inline; ");
    bool plain = is_ascii(filename);
    for (const char *c = filename; *c != '\0'; c++)
        plain &= (uint8_t)*c >= 0x20 ? *c != 0x7F : *c == '\t';
    if (!plain) {
        nu_builder_printf(&out, "filename*=utf-8''%s",
                          nu_uri_quote(filename, strlen(filename), "/"));
        return nu_builder_text(&out);
    }
    nu_builder_puts(&out, "filename=\"");
    for (const char *c = filename; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            nu_builder_putc(&out, '\\');
        nu_builder_putc(&out, *c);
    }
    nu_builder_putc(&out, '"');
    return nu_builder_text(&out);
}

bool nu_header_lists(const char *list, const char *token, size_t length)
{
    while (list != NULL && *list != '\0') {
        const char *at = list, *end = list + strcspn(list, ",");
        list = end + (*end == ',');
        nu__trim(&at, &end);
        if (at < end && nu_equal_ascii_nocase(at, (size_t)(end - at), token, length))
            return true;
    }
    return false;
}
