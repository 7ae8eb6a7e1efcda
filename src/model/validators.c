/* Rules for single values. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <arpa/inet.h>
#include <pcre2.h>
#include <string.h>

#include "model/internal.h"
#include "nuages/text.h"
#include "nuages/unicode.h"

const nu_validator nu__validate_email = {.check = nu_check_email, .code = "invalid"};
const nu_validator nu__validate_url = {.check = nu_check_url, .code = "invalid"};
const nu_validator nu__validate_slug = {.check = nu_check_slug, .code = "invalid"};
const nu_validator nu__validate_ip = {.check = nu_check_ip, .code = "invalid"};
const nu_validator nu__validate_ipv4 = {.check = nu_check_ip, .code = "invalid", .pattern = "IPv4"};
const nu_validator nu__validate_ipv6 = {.check = nu_check_ip, .code = "invalid", .pattern = "IPv6"};
const nu_validator nu__validate_unicode_slug = {
    .check = nu_check_pattern,
    .code = "invalid",
    .pattern = "^[-\\w]+\\z",
    .message =
        "Enter a valid “slug” consisting of Unicode letters, numbers, underscores, or hyphens.",
};

static NU_NORETURN NU_PRINTF(3, 4) void refuse(const nu_validator *self, const char *code,
                                               const char *format, ...)
{
    code = self->code != NULL ? self->code : code;
    if (self->message != NULL)
        nu__invalid(code, "%s", self->message);
    va_list args;
    va_start(args, format);
    const char *sentence = nu_arena_vformat(nu_arena_current(), format, args);
    va_end(args);
    nu__invalid(code, "%s", sentence);
}

/* ---- limits --------------------------------------------------------------------------------- */

void nu_check_min_value(const nu_validator *self, nu_value value)
{
    int order;
    if (nu_compare_try(value, self->limit, &order) && order < 0)
        refuse(self, "min_value", "Ensure this value is greater than or equal to %s.",
               nu_text(self->limit));
}

void nu_check_max_value(const nu_validator *self, nu_value value)
{
    int order;
    if (nu_compare_try(value, self->limit, &order) && order > 0)
        refuse(self, "max_value", "Ensure this value is less than or equal to %s.",
               nu_text(self->limit));
}

static int64_t length_of(nu_value value)
{
    if (value.type == NU_LIST)
        return value.list->count;
    nu_value text = nu_value_str(value);
    return (int64_t)nu_utf8_count(text.text, text.length);
}

void nu_check_min_length(const nu_validator *self, nu_value value)
{
    int64_t length = length_of(value);
    if (length < self->limit.integer)
        refuse(self, "min_length", "Ensure this value has at least %lld character%s (it has %lld).",
               (long long)self->limit.integer, self->limit.integer == 1 ? "" : "s",
               (long long)length);
}

void nu_check_max_length(const nu_validator *self, nu_value value)
{
    int64_t length = length_of(value);
    if (length > self->limit.integer)
        refuse(self, "max_length", "Ensure this value has at most %lld character%s (it has %lld).",
               (long long)self->limit.integer, self->limit.integer == 1 ? "" : "s",
               (long long)length);
}

/* ---- forms of text -------------------------------------------------------------------------- */

static pcre2_code *compile(const char *pattern)
{
    int         error;
    PCRE2_SIZE  offset;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                                     PCRE2_UTF | PCRE2_UCP, &error, &offset, NULL);
    if (code != NULL)
        return code;
    char reason[128];
    pcre2_get_error_message(error, (PCRE2_UCHAR *)reason, sizeof reason);
    nu_raise(NU_CONFIG_ERROR, "pattern \"%s\", at character %zu: %s", pattern, offset + 1, reason);
}

void nu_check_pattern(const nu_validator *self, nu_value value)
{
    nu_value          text = nu_value_str(value);
    pcre2_code       *code = compile(self->pattern);
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    int found = pcre2_match(code, (PCRE2_SPTR)text.text, text.length, 0, 0, match, NULL);
    pcre2_match_data_free(match);
    pcre2_code_free(code);
    if (found < 0)
        refuse(self, "invalid", "Enter a valid value.");
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void nu_check_slug(const nu_validator *self, nu_value value)
{
    nu_value text = nu_value_str(value);
    bool     good = text.length > 0;
    for (uint32_t i = 0; i < text.length; i++)
        good &= is_word(text.text[i]) || text.text[i] == '-' || text.text[i] == '_';
    if (!good)
        refuse(self, "invalid",
               "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.");
}

/* ---- domains ----------------------------------------------------------------------------------------------------- */

/* From the first letter to the end of a label: 1 to 63 letters, digits, inner hyphens or anything beyond ASCII. */
static bool is_label(const char *text, size_t length)
{
    if (length == 0 || length > 63 || text[0] == '-' || text[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_word(text[i]) && text[i] != '-' && (unsigned char)text[i] < 0x80)
            return false;
    }
    return true;
}

/* The label at the end: never one character only. That of a URL has no digits, except encoded ("xn--…"), so that
 * 1.2.3.256 does not pass for a name. */
static bool is_top_label(const char *text, size_t length, bool url)
{
    if (!is_label(text, length) || length < 2)
        return false;
    bool encoded = length > 4 && nu_equal_ascii_nocase(text, 4, "xn--", 4);
    for (size_t i = 0; url && !encoded && i < length; i++) {
        if (text[i] >= '0' && text[i] <= '9')
            return false;
    }
    return true;
}

/* Two labels at least, or "localhost". */
static bool is_domain(const char *text, size_t length, bool url)
{
    const char *top = memrchr(text, '.', length);
    if (length == 9 && memcmp(text, "localhost", 9) == 0)
        return true;
    if (top == NULL || !is_top_label(top + 1, length - (size_t)(top + 1 - text), url))
        return false;
    for (const char *dot; text < top; text = dot + 1) {
        dot = memchr(text, '.', (size_t)(top - text) + 1);
        if (!is_label(text, (size_t)(dot - text)))
            return false;
    }
    return text == top + 1;
}

/* An address in brackets: IPv6 and, for e-mail, IPv4. */
static bool is_literal(const char *text, size_t length, bool url)
{
    char          copy[64];
    unsigned char address[16];
    if (length < 3 || length >= sizeof copy || text[0] != '[' || text[length - 1] != ']')
        return false;
    memcpy(copy, text + 1, length - 2);
    copy[length - 2] = '\0';
    return inet_pton(AF_INET6, copy, address) == 1 ||
           (!url && inet_pton(AF_INET, copy, address) == 1);
}

/* ---- e-mail -------------------------------------------------------------------------------------------------------- */

/* The dot-atom of RFC 5322: no empty part between dots. */
static bool is_dot_atom(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool dot = text[i] == '.';
        if (dot && (i == 0 || i + 1 == length || text[i - 1] == '.'))
            return false;
        if (!dot && !is_word(text[i]) && strchr("!#$%&'*+/=?^_`{|}~-", text[i]) == NULL)
            return false;
    }
    return length > 0;
}

/* "…" with quotes and backslashes behind a backslash; no line breaks. */
static bool is_quoted(const char *text, size_t length)
{
    if (length < 2 || text[0] != '"' || text[length - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool          escaped = c == '\\';
        if (escaped && ++i + 1 == length)
            return false;
        c = (unsigned char)text[i];
        if (c == '\0' || c == '\n' || c == '\r' || c >= 0x80)
            return false;
        if (!escaped && (c == '"' || c == ' ' || c == '\t'))
            return false;
    }
    return true;
}

void nu_check_email(const nu_validator *self, nu_value value)
{
    nu_value    text = nu_value_str(value);
    const char *at = text.length <= 320 ? memrchr(text.text, '@', text.length) : NULL;
    if (at == NULL)
        refuse(self, "invalid", "Enter a valid email address.");
    size_t user = (size_t)(at - text.text), domain = text.length - user - 1;
    bool   good = is_dot_atom(text.text, user) || is_quoted(text.text, user);
    if (!good || !(is_domain(at + 1, domain, false) || is_literal(at + 1, domain, false)))
        refuse(self, "invalid", "Enter a valid email address.");
}

/* ---- URLs ------------------------------------------------------------------------------------------------------------ */

static bool is_host(const char *text, size_t length)
{
    char          copy[254];
    unsigned char address[16];
    if (length == 0 || length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (inet_pton(AF_INET, copy, address) == 1 || is_literal(text, length, true))
        return true;
    bool root = length > 1 && text[length - 1] == '.';
    return is_domain(text, length - root, true);
}

/* Length of the host before ":port"; 0 if the port is none. */
static size_t host_length(const char *text, size_t length)
{
    size_t host = length;
    while (host > 0 && text[host - 1] >= '0' && text[host - 1] <= '9')
        host--;
    if (host == length || host == 0 || text[host - 1] != ':')
        return length;
    return length - host <= 5 ? host - 1 : 0;
}

/* "name" or "name:password". */
static bool is_user(const char *text, size_t length)
{
    const char *colon = memchr(text, ':', length);
    size_t      name = colon != NULL ? (size_t)(colon - text) : length;
    return name > 0 && (colon == NULL || memchr(colon + 1, ':', length - name - 1) == NULL);
}

static bool is_authority(const char *text, size_t length)
{
    const char *at = memchr(text, '@', length);
    size_t      user = at != NULL ? (size_t)(at - text) : 0;
    if (at != NULL && !is_user(text, user))
        return false;
    text += at != NULL ? user + 1 : 0;
    length -= at != NULL ? user + 1 : 0;
    return is_host(text, host_length(text, length));
}

static bool has_space(nu_value text)
{
    const char *at = text.text, *end = at + text.length;
    while (at < end) {
        uint32_t code = nu_utf8_next(&at, end);
        if (code == 0 || nu_char_is_space(code))
            return true;
    }
    return false;
}

void nu_check_url(const nu_validator *self, nu_value value)
{
    static const char *const schemes[] = {"http://", "https://", "ftp://", "ftps://"};
    nu_value                 text = nu_value_str(value);
    const char              *rest = NULL;
    for (size_t i = 0; i < NU_COUNT(schemes); i++) {
        size_t length = strlen(schemes[i]);
        if (text.length > length && nu_equal_ascii_nocase(text.text, length, schemes[i], length))
            rest = text.text + length;
    }
    if (rest == NULL || text.length > 2048 || has_space(text) ||
        !is_authority(rest, strcspn(rest, "/?#")))
        refuse(self, "invalid", "Enter a valid URL.");
}

/* The longest IPv6 address. */
#define ADDRESS_LENGTH 39

void nu_check_ip(const nu_validator *self, nu_value value)
{
    unsigned char address[16];
    nu_value      text = nu_value_str(value);
    bool          whole = strlen(text.text) == text.length && text.length <= ADDRESS_LENGTH;
    const char   *only = self->pattern; /* "IPv4", "IPv6"; NULL: both */
    bool          four = whole && inet_pton(AF_INET, text.text, address) == 1;
    bool          six = whole && inet_pton(AF_INET6, text.text, address) == 1;
    bool          good = only == NULL ? four || six : strcmp(only, "IPv4") == 0 ? four : six;
    if (!good)
        refuse(self, "invalid", "Enter a valid %s address.", only != NULL ? only : "IPv4 or IPv6");
}
