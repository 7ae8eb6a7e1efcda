/* Case mapping, slugs and normal forms on top of utf8proc.
 *
 * utf8proc maps one character to one character, so those that become several (and "ß", for which it
 * gives the rare capital "ẞ") come from casing.c. */
#include "nuages/unicode.h"

#include <string.h>
#include <utf8proc.h>

#include "i18n/casing.h"
#include "nuages/text.h"

/* ---- characters ------------------------------------------------------------------------------- */

static utf8proc_category_t category(uint32_t code)
{
    return utf8proc_category((int32_t)code);
}

bool nu_char_is_space(uint32_t code)
{
    return (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x20) || code == 0x85 ||
           code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
           code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}

bool nu_char_is_word(uint32_t code)
{
    if (code < 0x80)
        return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
               (code >= '0' && code <= '9') || code == '_';
    switch (category(code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return true;
    default: return false;
    }
}

/* The digits of a script follow one another from a code that ends in 0 or 6; only the mathematical
 * ones, five sets in a row, do not. */
int nu_char_digit(uint32_t code)
{
    if (code < 0x80)
        return code >= '0' && code <= '9' ? (int)(code - '0') : -1;
    if (category(code) != UTF8PROC_CATEGORY_ND)
        return -1;
    if (code >= 0x1d7ce && code <= 0x1d7ff)
        return (int)(code - 0x1d7ce) % 10;
    bool from_zero = category(code & ~0xfu) == UTF8PROC_CATEGORY_ND;
    return (int)(code & 0xf) - (from_zero ? 0 : 6);
}

bool nu_char_is_combining(uint32_t code)
{
    return code >= 0x300 && utf8proc_get_property((int32_t)code)->combining_class != 0;
}

static bool is_ascii(const char *text, size_t length)
{
    uint8_t all = 0;
    for (size_t i = 0; i < length; i++)
        all |= (uint8_t)text[i];
    return all < 0x80;
}

static bool is_small(uint32_t code)
{
    return code >= 'a' && code <= 'z';
}

static bool is_capital(uint32_t code)
{
    return code >= 'A' && code <= 'Z';
}

/* Unicode's property Cased: the letters with case and these, which only look like such letters. */
static bool is_cased(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } others[] = {
        {0xaa, 0xaa},       {0xba, 0xba},       {0x2b0, 0x2b8},     {0x2c0, 0x2c1},
        {0x2e0, 0x2e4},     {0x345, 0x345},     {0x37a, 0x37a},     {0x1d2c, 0x1d6a},
        {0x1d78, 0x1d78},   {0x1d9b, 0x1dbf},   {0x2071, 0x2071},   {0x207f, 0x207f},
        {0x2090, 0x209c},   {0x2160, 0x217f},   {0x24b6, 0x24e9},   {0x2c7c, 0x2c7d},
        {0xa69c, 0xa69d},   {0xa770, 0xa770},   {0xa7f8, 0xa7f9},   {0xab5c, 0xab5f},
        {0x10780, 0x10780}, {0x10783, 0x10785}, {0x10787, 0x107b0}, {0x107b2, 0x107ba},
        {0x1f130, 0x1f149}, {0x1f150, 0x1f169}, {0x1f170, 0x1f189},
    };
    if (code < 0x80)
        return is_small(code) || is_capital(code);
    switch (category(code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT: return true;
    default:
        for (size_t i = 0; i < NU_COUNT(others); i++)
            if (code >= others[i].first && code <= others[i].last)
                return true;
        return false;
    }
}

/* Signs inside words, which a final sigma looks past. */
static bool is_ignored_by_case(uint32_t code)
{
    switch (category(code)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default:
        return code == '\'' || code == '.' || code == ':' || code == 0xb7 || code == 0x387 ||
               code == 0x2018 || code == 0x2019 || code == 0x2024 || code == 0x2027;
    }
}

/* ---- case ------------------------------------------------------------------------------------- */

typedef struct span {
    const char *start, *end;
} span;

static void put_code(nu_builder *out, uint32_t code)
{
    char bytes[4];
    nu_builder_add(out, bytes, nu_utf8_put(bytes, code));
}

static void put_upper(nu_builder *out, uint32_t code)
{
    const nu__casing *special = code < 0x80 ? NULL : nu__casing_find(code);
    if (code < 0x80)
        nu_builder_putc(out, (char)(is_small(code) ? code - ('a' - 'A') : code));
    else if (special != NULL)
        nu_builder_puts(out, special->upper);
    else
        put_code(out, (uint32_t)utf8proc_toupper((int32_t)code));
}

static void put_title(nu_builder *out, uint32_t code)
{
    const nu__casing *special = code < 0x80 ? NULL : nu__casing_find(code);
    if (code < 0x80)
        put_upper(out, code);
    else if (special != NULL)
        nu_builder_puts(out, special->title);
    else
        put_code(out, (uint32_t)utf8proc_totitle((int32_t)code));
}

static uint32_t code_before(span text, const char **at)
{
    const char *start = *at - 1;
    while (start > text.start && ((uint8_t)*start & 0xc0) == 0x80)
        start--;
    *at = start;
    const char *next = start;
    return nu_utf8_next(&next, text.end);
}

/* A sigma at [at, after) ends its word: a letter stands before it and none behind. */
static bool is_final_sigma(span text, const char *at, const char *after)
{
    uint32_t code = 0;
    do {
        if (at == text.start)
            return false;
        code = code_before(text, &at);
    } while (is_ignored_by_case(code));
    if (!is_cased(code))
        return false;
    while (after < text.end) {
        code = nu_utf8_next(&after, text.end);
        if (!is_ignored_by_case(code))
            return !is_cased(code);
    }
    return true;
}

enum { SIGMA = 0x3a3, FINAL_SIGMA = 0x3c2, DOTTED_I = 0x130 };

static void put_lower(nu_builder *out, uint32_t code, span text, const char *at, const char *after)
{
    if (code < 0x80)
        nu_builder_putc(out, (char)(is_capital(code) ? code + ('a' - 'A') : code));
    else if (code == SIGMA && is_final_sigma(text, at, after))
        put_code(out, FINAL_SIGMA);
    else if (code == DOTTED_I)
        nu_builder_puts(out, "i\xcc\x87");
    else
        put_code(out, (uint32_t)utf8proc_tolower((int32_t)code));
}

nu_value nu_upper_n(const char *text, size_t length)
{
    const char *end = text + length;
    nu_builder  out;
    nu_builder_init(&out, NULL, length + 1);
    while (text < end)
        put_upper(&out, nu_utf8_next(&text, end));
    return nu_builder_value(&out);
}

nu_value nu_lower_n(const char *text, size_t length)
{
    span       all = {text, text + length};
    nu_builder out;
    nu_builder_init(&out, NULL, length + 1);
    while (text < all.end) {
        const char *at = text;
        uint32_t    code = nu_utf8_next(&text, all.end);
        put_lower(&out, code, all, at, text);
    }
    return nu_builder_value(&out);
}

nu_value nu_title_n(const char *text, size_t length)
{
    span       all = {text, text + length};
    bool       inside = false;
    nu_builder out;
    nu_builder_init(&out, NULL, length + 1);
    while (text < all.end) {
        const char *at = text;
        uint32_t    code = nu_utf8_next(&text, all.end);
        if (inside)
            put_lower(&out, code, all, at, text);
        else
            put_title(&out, code);
        inside = is_cased(code);
    }
    return nu_builder_value(&out);
}

nu_value nu_capfirst_n(const char *text, size_t length)
{
    const char *end = text + length;
    nu_builder  out;
    nu_builder_init(&out, NULL, length + 1);
    if (text < end)
        put_upper(&out, nu_utf8_next(&text, end));
    nu_builder_add(&out, text, (size_t)(end - text));
    return nu_builder_value(&out);
}

const char *nu_upper(const char *text)
{
    return nu_upper_n(text, strlen(text)).text;
}

const char *nu_lower(const char *text)
{
    return nu_lower_n(text, strlen(text)).text;
}

const char *nu_title(const char *text)
{
    return nu_title_n(text, strlen(text)).text;
}

const char *nu_capfirst(const char *text)
{
    return nu_capfirst_n(text, strlen(text)).text;
}

/* ---- normal forms ----------------------------------------------------------------------------- */

static nu_value normalize(const char *text, size_t length, utf8proc_option_t options)
{
    if (is_ascii(text, length))
        return nu_value_text_copy(text, length);
    const uint8_t *bytes = (const uint8_t *)text;
    ptrdiff_t      count = utf8proc_decompose(bytes, (ptrdiff_t)length, NULL, 0, options);
    if (count < 0)
        nu_raise(NU_VALUE_ERROR, "text is not UTF-8");
    /* One more: utf8proc_reencode ends the text with a NUL. */
    int32_t *codes = nu_arena_array(nu_arena_current(), (size_t)count + 1, sizeof *codes);
    utf8proc_decompose(bytes, (ptrdiff_t)length, codes, count, options);
    ptrdiff_t written = utf8proc_reencode(codes, count, options);
    if (written < 0)
        nu_raise(NU_VALUE_ERROR, "text is not UTF-8");
    return nu_value_text_n((const char *)codes, (size_t)written);
}

nu_value nu_normalize_nfkd(const char *text, size_t length)
{
    return normalize(text, length, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
}

nu_value nu_normalize_nfc(const char *text, size_t length)
{
    return normalize(text, length, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

/* ---- slugs ------------------------------------------------------------------------------------ */

/* Runs of white space and dashes become one dash; what is neither, nor part of a word, goes. The
 * removal comes first, so "a ! b" has one dash. */
static void put_slug(nu_builder *out, const char *text, const char *end, bool unicode)
{
    bool gap = false;
    while (text < end) {
        uint32_t code = nu_utf8_next(&text, end);
        if (!unicode && code >= 0x80)
            continue;
        if (code == '-' || nu_char_is_space(code)) {
            gap = true;
        } else if (nu_char_is_word(code)) {
            if (gap)
                nu_builder_putc(out, '-');
            gap = false;
            put_code(out, code);
        }
    }
    if (gap)
        nu_builder_putc(out, '-');
}

static utf8proc_option_t slug_form(bool unicode)
{
    return unicode ? UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT
                   : UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;
}

const char *nu_slugify(const char *text, bool unicode)
{
    nu_value    normal = normalize(text, strlen(text), slug_form(unicode));
    const char *lower = nu_lower(normal.text);
    nu_builder  out;
    nu_builder_init(&out, NULL, strlen(lower) + 1);
    put_slug(&out, lower, lower + strlen(lower), unicode);

    const char *slug = nu_builder_text(&out);
    size_t      length = out.length;
    while (length > 0 && strchr("-_", slug[length - 1]) != NULL)
        length--;
    size_t start = strspn(slug, "-_");
    return start >= length ? "" : nu_arena_copy(nu_arena_current(), slug + start, length - start);
}
