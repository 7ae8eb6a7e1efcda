/* Rules for single values. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <arpa/inet.h>
#include <pcre2.h>
#include <string.h>

#include "model/internal.h"
#include "nuages/text.h"

const nu_validator nu__validate_email = {.check = nu_check_email, .code = "invalid"};
const nu_validator nu__validate_url = {.check = nu_check_url, .code = "invalid"};
const nu_validator nu__validate_slug = {.check = nu_check_slug, .code = "invalid"};
const nu_validator nu__validate_ip = {.check = nu_check_ip, .code = "invalid"};

static NU_NORETURN NU_PRINTF(2, 3) void refuse(const nu_validator *self, const char *format, ...)
{
    if (self->message != NULL)
        nu_raise(NU_VALIDATION_ERROR, "%s", self->message);
    va_list args;
    va_start(args, format);
    const char *sentence = nu_arena_vformat(nu_arena_current(), format, args);
    va_end(args);
    nu_raise(NU_VALIDATION_ERROR, "%s", sentence);
}

/* ---- limits --------------------------------------------------------------------------------- */

void nu_check_min_value(const nu_validator *self, nu_value value)
{
    int order;
    if (nu_compare_try(value, self->limit, &order) && order < 0)
        refuse(self, "This must be at least %s.", nu_text(self->limit));
}

void nu_check_max_value(const nu_validator *self, nu_value value)
{
    int order;
    if (nu_compare_try(value, self->limit, &order) && order > 0)
        refuse(self, "This must be at most %s.", nu_text(self->limit));
}

static int64_t length_of(nu_value value)
{
    nu_value text = nu_value_str(value);
    return (int64_t)nu_utf8_count(text.text, text.length);
}

void nu_check_min_length(const nu_validator *self, nu_value value)
{
    int64_t length = length_of(value);
    if (length < self->limit.integer)
        refuse(self, "This must have at least %lld characters (it has %lld).",
               (long long)self->limit.integer, (long long)length);
}

void nu_check_max_length(const nu_validator *self, nu_value value)
{
    int64_t length = length_of(value);
    if (length > self->limit.integer)
        refuse(self, "This must have at most %lld characters (it has %lld).",
               (long long)self->limit.integer, (long long)length);
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
        refuse(self, "This does not have the right form.");
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
        refuse(self, "Use letters, digits, underscores and hyphens only.");
}

/* Labels of 1 to 63 letters, digits and inner hyphens, or anything beyond ASCII; at least two of
 * them. */
static bool is_domain(const char *text, size_t length)
{
    size_t labels = 0, start = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i < length && text[i] != '.') {
            if (!is_word(text[i]) && text[i] != '-' && (unsigned char)text[i] < 0x80)
                return false;
            continue;
        }
        if (i == start || i - start > 63 || text[start] == '-' || text[i - 1] == '-')
            return false;
        start = i + 1;
        labels++;
    }
    return labels >= 2 || (length == 9 && memcmp(text, "localhost", 9) == 0);
}

/* The dot-atom of RFC 5322: no empty part between dots. */
static bool is_mailbox(const char *text, size_t length)
{
    if (length == 0 || length > 64)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool dot = text[i] == '.';
        if (dot && (i == 0 || i + 1 == length || text[i - 1] == '.'))
            return false;
        if (!dot && !is_word(text[i]) && strchr("!#$%&'*+/=?^_`{|}~-", text[i]) == NULL)
            return false;
    }
    return true;
}

void nu_check_email(const nu_validator *self, nu_value value)
{
    nu_value    text = nu_value_str(value);
    const char *at = text.length <= 320 ? strrchr(text.text, '@') : NULL;
    if (at == NULL || !is_mailbox(text.text, (size_t)(at - text.text)) ||
        !is_domain(at + 1, strlen(at + 1)))
        refuse(self, "Enter a valid e-mail address.");
}

static bool is_host(const char *text, size_t length)
{
    char          copy[256];
    unsigned char address[16];
    if (length == 0 || length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (copy[0] == '[' && copy[length - 1] == ']') {
        copy[length - 1] = '\0';
        return inet_pton(AF_INET6, copy + 1, address) == 1;
    }
    return inet_pton(AF_INET, copy, address) == 1 || is_domain(copy, length);
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
    bool good = rest != NULL && text.length <= 2048 && strpbrk(text.text, " \t\r\n<>\"") == NULL;
    if (good) {
        size_t      length = strcspn(rest, "/?#");
        const char *user = memchr(rest, '@', length);
        if (user != NULL) {
            length -= (size_t)(user + 1 - rest);
            rest = user + 1;
        }
        good = is_host(rest, host_length(rest, length));
    }
    if (!good)
        refuse(self, "Enter a valid URL.");
}

void nu_check_ip(const nu_validator *self, nu_value value)
{
    unsigned char address[16];
    const char   *text = nu_text(value);
    if (inet_pton(AF_INET, text, address) != 1 && inet_pton(AF_INET6, text, address) != 1)
        refuse(self, "Enter a valid IPv4 or IPv6 address.");
}
