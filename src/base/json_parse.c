#include "nuages/json.h"

#include <math.h>
#include <string.h>

#include "base/ascii.h"
#include "base/internal.h"
#include "base/json_scan.h"

struct parser {
    const char *text, *at, *end;
    nu_arena   *arena;
    int         depth;
    bool        allow_nul;
};

static nu_value parse_value(struct parser *parser);

/* ---- errors ----------------------------------------------------------------------------------- */

/* The line that holds `at`; of a long one, what stands around `at`. */
static const char *excerpt(const struct parser *parser, const char *start, const char *at)
{
    enum { LONG = 100, AROUND = 40 };
    const char *end = memchr(at, '\n', (size_t)(parser->end - at));
    if (end == NULL)
        end = parser->end;
    if (at - start > LONG)
        start = at - AROUND;
    if (end - at > LONG)
        end = at + AROUND;
    /* A cut must not leave half a code point. */
    while (start < at && ((unsigned char)*start & 0xc0) == 0x80)
        start++;
    while (end > at && end < parser->end && ((unsigned char)*end & 0xc0) == 0x80)
        end--;
    return nu_arena_copy(parser->arena, start, (size_t)(end - start));
}

static NU_NORETURN NU_COLD void fail(const struct parser *parser, const char *at, const char *fact,
                                     const char *hint)
{
    const char *start = parser->text;
    int         line = 1;
    for (const char *c = parser->text; c < at; c++) {
        if (*c == '\n') {
            start = c + 1;
            line++;
        }
    }
    nu_error *error = nu_error_new(NU_SYNTAX_ERROR, "malformed JSON: %s", fact);
    error->hint = hint;
    error->place.line = line;
    error->place.column = (int)nu_utf8_count(start, (size_t)(at - start)) + 1;
    error->place.excerpt =
        nu_utf8_valid(start, (size_t)(at - start)) ? excerpt(parser, start, at) : NULL;
    nu_throw(error);
}

static bool looking_at(const struct parser *parser, const char *word)
{
    size_t length = strlen(word);
    return (size_t)(parser->end - parser->at) >= length && memcmp(parser->at, word, length) == 0;
}

/* A value was expected and something else stands there: says what people often write instead. */
static NU_NORETURN NU_COLD void fail_value(const struct parser *parser)
{
    static const struct {
        const char *word, *hint;
    } slips[] = {
        {"'", "Texts stand in double quotes."},
        {"True", "Write true in small letters."},
        {"False", "Write false in small letters."},
        {"None", "Write null."},
        {"undefined", "Write null."},
        {"NaN", "JSON has no NaN; write null."},
        {"Infinity", "JSON has no infinite numbers."},
        {"+", "A number has no plus sign in front."},
        {".", "A number begins with a digit: 0.5."},
        {"//", "JSON has no comments."},
        {"/*", "JSON has no comments."},
        {"#", "JSON has no comments."},
        {"]", "Remove the comma before it."},
        {"}", "Remove the comma before it, or add the value."},
        {"\xef\xbb\xbf", "Remove the byte order mark at the start."},
    };
    if (parser->at == parser->end)
        fail(parser, parser->at, "the text ends where a value is expected", NULL);
    for (size_t i = 0; i < NU_COUNT(slips); i++)
        if (looking_at(parser, slips[i].word))
            fail(parser, parser->at, "a value is expected here", slips[i].hint);
    fail(parser, parser->at, "a value is expected here", NULL);
}

/* ---- strings ---------------------------------------------------------------------------------- */

/* The four digits after "\u" at parser->at. */
static uint32_t parse_unit(struct parser *parser)
{
    uint32_t unit = 0;
    if (parser->end - parser->at < 6)
        fail(parser, parser->at, "an escape is cut off", NULL);
    for (int i = 2; i < 6; i++) {
        int digit = nu__hex_digit(parser->at[i]);
        if (digit < 0)
            fail(parser, parser->at, "four hex digits are expected after \\u", NULL);
        unit = unit << 4 | (uint32_t)digit;
    }
    parser->at += 6;
    return unit;
}

static uint32_t parse_unicode_escape(struct parser *parser)
{
    const char *start = parser->at;
    uint32_t    code = parse_unit(parser);
    if (code == 0 && !parser->allow_nul)
        fail(parser, start, "U+0000 is not allowed in a text", NULL);
    if (code < 0xd800 || code > 0xdfff)
        return code;
    if (code > 0xdbff || !looking_at(parser, "\\u"))
        fail(parser, start, "a surrogate stands alone",
             "Write both halves, or the character itself.");
    uint32_t low = parse_unit(parser);
    if (low < 0xdc00 || low > 0xdfff)
        fail(parser, start, "a surrogate stands alone",
             "Write both halves, or the character itself.");
    return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

/* The escape at parser->at, written to `out`; returns the bytes written, never more than read. */
static size_t parse_escape(struct parser *parser, char *out)
{
    static const char plain[128] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};
    if (parser->end - parser->at < 2)
        fail(parser, parser->at, "the text ends within a string", NULL);
    unsigned char c = (unsigned char)parser->at[1];
    if (c == 'u')
        return nu_utf8_put(out, parse_unicode_escape(parser));
    if (c >= 128 || plain[c] == '\0')
        fail(parser, parser->at, "unknown escape in a string", "Write a backslash as \\\\.");
    *out = plain[c];
    parser->at += 2;
    return 1;
}

static NU_NORETURN NU_COLD void fail_string(const struct parser *parser, const char *start)
{
    if (parser->at == parser->end)
        fail(parser, start, "this string has no end", NULL);
    fail(parser, parser->at, "a control character stands in a string",
         *parser->at == '\n' ? "Write a line break as \\n." : NULL);
}

/* A string with escapes, of which the first `plain` bytes are known to have none. */
static nu_value parse_escaped(struct parser *parser, const char *start, size_t plain)
{
    const char *body = start + 1;
    nu_builder  out;
    nu_builder_init(&out, parser->arena, plain + 64);
    nu_builder_add(&out, body, plain);
    while (parser->at < parser->end && *parser->at == '\\') {
        out.length += parse_escape(parser, nu_builder_room(&out, 4));
        plain = nu__json_plain(parser->at, (size_t)(parser->end - parser->at));
        nu_builder_add(&out, parser->at, plain);
        parser->at += plain;
    }
    if (parser->at == parser->end || *parser->at != '"')
        fail_string(parser, start);
    parser->at++;
    return nu_builder_value(&out);
}

static nu_value parse_string(struct parser *parser)
{
    const char *start = parser->at++;
    size_t      plain = nu__json_plain(parser->at, (size_t)(parser->end - parser->at));
    parser->at += plain;
    if (parser->at < parser->end && *parser->at == '\\')
        return parse_escaped(parser, start, plain);
    if (parser->at == parser->end || *parser->at != '"')
        fail_string(parser, start);
    parser->at++;
    return nu_value_text_n(nu_arena_copy(parser->arena, start + 1, plain), plain);
}

/* ---- numbers ---------------------------------------------------------------------------------- */

/* A number as it is read: the digits without the point, as far as 64 bits hold them. */
struct number {
    uint64_t digits;
    int      exponent; /* of ten, from the point and the "e" */
    bool     negative, whole, exact;
};

static bool is_digit(const struct parser *parser)
{
    return parser->at < parser->end && *parser->at >= '0' && *parser->at <= '9';
}

static void parse_digits(struct parser *parser, struct number *number)
{
    if (!is_digit(parser))
        fail(parser, parser->at, "a digit is expected here", NULL);
    for (; is_digit(parser); parser->at++) {
        uint64_t digit = (uint64_t)(*parser->at - '0');
        if (number->digits > (UINT64_MAX - 9) / 10)
            number->exact = false;
        else
            number->digits = number->digits * 10 + digit;
    }
}

static void parse_exponent(struct parser *parser, struct number *number)
{
    bool negative = parser->at < parser->end && *parser->at == '-';
    int  exponent = 0;
    if (parser->at < parser->end && (*parser->at == '-' || *parser->at == '+'))
        parser->at++;
    if (!is_digit(parser))
        fail(parser, parser->at, "a digit is expected here", NULL);
    for (; is_digit(parser); parser->at++)
        if (exponent < 100000)
            exponent = exponent * 10 + (*parser->at - '0');
    number->exponent += negative ? -exponent : exponent;
}

/* Both the digits and the power of ten are exact doubles, so that one operation rounds once. */
static bool float_exact(const struct number *number, double *out)
{
    static const double powers[] = {1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (!number->exact || number->digits > (uint64_t)1 << 53 || number->exponent > 22 ||
        number->exponent < -22)
        return false;
    double digits = (double)number->digits;
    *out = number->exponent < 0 ? digits / powers[-number->exponent]
                                : digits * powers[number->exponent];
    *out = number->negative ? -*out : *out;
    return true;
}

static nu_value float_value(const struct parser *parser, const char *start,
                            const struct number *number)
{
    double value;
    if (!float_exact(number, &value))
        value = nu__float_read(start, (size_t)(parser->at - start));
    if (!isfinite(value))
        fail(parser, start, "the number is too large", NULL);
    return nu_value_float(value);
}

static nu_value whole_value(const struct parser *parser, const char *start,
                            const struct number *number)
{
    nu_decimal decimal;
    uint64_t   limit = (uint64_t)INT64_MAX + number->negative;
    if (number->exact && number->digits <= limit)
        return nu_value_int((int64_t)(number->negative ? 0 - number->digits : number->digits));
    if (!nu_decimal_try(start, (size_t)(parser->at - start), &decimal))
        fail(parser, start, "the number has more than 28 digits", NULL);
    return nu_value_decimal(decimal);
}

static nu_value parse_number(struct parser *parser)
{
    const char   *start = parser->at;
    struct number number = {.whole = true, .exact = true};
    if (*parser->at == '-') {
        number.negative = true;
        parser->at++;
    }
    const char *first = parser->at;
    parse_digits(parser, &number);
    if (*first == '0' && parser->at > first + 1)
        fail(parser, first, "a number must not begin with 0", NULL);
    if (parser->at < parser->end && *parser->at == '.') {
        const char *point = ++parser->at;
        parse_digits(parser, &number);
        number.exponent = (int)(point - parser->at);
        number.whole = false;
    }
    if (parser->at < parser->end && (*parser->at | 0x20) == 'e') {
        parser->at++;
        parse_exponent(parser, &number);
        number.whole = false;
    }
    return number.whole ? whole_value(parser, start, &number) : float_value(parser, start, &number);
}

/* ---- values ----------------------------------------------------------------------------------- */

static inline void skip_blank(struct parser *parser)
{
    while (parser->at < parser->end && (*parser->at == ' ' || *parser->at == '\n' ||
                                        *parser->at == '\t' || *parser->at == '\r'))
        parser->at++;
}

static bool take(struct parser *parser, char c)
{
    skip_blank(parser);
    if (parser->at == parser->end || *parser->at != c)
        return false;
    parser->at++;
    return true;
}

static void open_level(struct parser *parser)
{
    nu_check_stack();
    if (++parser->depth > NU__JSON_DEPTH)
        fail(parser, parser->at, "lists and objects are nested more than 200 levels deep", NULL);
    parser->at++;
}

static nu_value parse_list(struct parser *parser)
{
    const char *start = parser->at;
    nu_list    *list = nu_list_new();
    open_level(parser);
    if (!take(parser, ']')) {
        do {
            nu_list_push(list, parse_value(parser));
        } while (take(parser, ','));
        if (!take(parser, ']')) {
            if (parser->at == parser->end)
                fail(parser, start, "this list has no end", NULL);
            fail(parser, parser->at, "a comma or ] is expected here", NULL);
        }
    }
    parser->depth--;
    return nu_value_list(list);
}

static nu_value parse_key(struct parser *parser, const char *start)
{
    skip_blank(parser);
    if (parser->at == parser->end)
        fail(parser, start, "this object has no end", NULL);
    if (*parser->at == '}')
        fail(parser, parser->at, "a key is expected here", "Remove the comma before it.");
    if (*parser->at != '"')
        fail(parser, parser->at, "a key is expected here", "Keys stand in double quotes.");
    nu_value key = parse_string(parser);
    if (!take(parser, ':'))
        fail(parser, parser->at, "a colon is expected after the key", NULL);
    return key;
}

static nu_value parse_dict(struct parser *parser)
{
    const char *start = parser->at;
    nu_dict    *dict = nu_dict_new();
    open_level(parser);
    if (!take(parser, '}')) {
        do {
            nu_value key = parse_key(parser, start);
            nu_dict_put(dict, key, parse_value(parser));
        } while (take(parser, ','));
        if (!take(parser, '}')) {
            if (parser->at == parser->end)
                fail(parser, start, "this object has no end", NULL);
            fail(parser, parser->at, "a comma or } is expected here", NULL);
        }
    }
    parser->depth--;
    return nu_value_dict(dict);
}

static nu_value parse_word(struct parser *parser, const char *word, nu_value value)
{
    if (!looking_at(parser, word))
        fail_value(parser);
    parser->at += strlen(word);
    return value;
}

static nu_value parse_value(struct parser *parser)
{
    skip_blank(parser);
    if (parser->at == parser->end)
        fail_value(parser);
    switch (*parser->at) {
    case '"': return parse_string(parser);
    case '{': return parse_dict(parser);
    case '[': return parse_list(parser);
    case 't': return parse_word(parser, "true", nu_value_bool(true));
    case 'f': return parse_word(parser, "false", nu_value_bool(false));
    case 'n': return parse_word(parser, "null", nu_null());
    case '-':
    case '0' ... '9': return parse_number(parser);
    default: fail_value(parser);
    }
}

/* Where the first malformed byte stands. */
static const char *first_malformed(const char *at, const char *end)
{
    while (at < end) {
        const char *from = at;
        if (nu_utf8_next(&at, end) == 0xfffd && at - from == 1)
            return from;
    }
    return end;
}

static nu_value parse(const char *text, size_t length, bool allow_nul)
{
    struct parser parser = {text, text, text + length, nu_arena_current(), 0, allow_nul};
    if (!nu_utf8_valid(text, length))
        fail(&parser, first_malformed(text, parser.end), "the text is not UTF-8 here", NULL);
    nu_value value = parse_value(&parser);
    skip_blank(&parser);
    if (parser.at != parser.end)
        fail(&parser, parser.at, "the value is complete, but more text follows", NULL);
    return value;
}

nu_value nu_json_parse(const char *text, size_t length)
{
    return parse(text, length, false);
}

bool nu_json_try(const char *text, size_t length, nu_value *out)
{
    NU_TRY {
        *out = nu_json_parse(text, length);
        return true;
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_SYNTAX_ERROR))
            nu_reraise(error);
    }
    return false;
}

nu_value nu_json_parse_nul(const char *text, size_t length)
{
    return parse(text, length, true);
}
