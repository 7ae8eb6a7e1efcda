#include "server/http1_parser.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { METHOD_MAX = 32 };

/* What a byte may be part of. */
enum { TOKEN = 1, TARGET = 2, VALUE = 4, HOST = 8, ADDRESS = 16 };

/* clang-format off */
#define T TOKEN
#define U TARGET
#define V VALUE
#define H HOST
#define A ADDRESS
#define ALNUM (T | U | V | H)
static const uint8_t byte_class[256] = {
    ['\t'] = V, [' '] = V,
    ['!'] = T|U|V, ['"'] = U|V, ['#'] = T|V, ['$'] = T|U|V, ['%'] = T|U|V|H, ['&'] = T|U|V,
    ['\''] = T|U|V, ['('] = U|V, [')'] = U|V, ['*'] = T|U|V, ['+'] = T|U|V, [','] = U|V,
    ['-'] = T|U|V|H, ['.'] = T|U|V|H|A, ['/'] = U|V, ['0' ... '9'] = ALNUM|A, [':'] = U|V|A,
    [';'] = U|V, ['<'] = U|V, ['='] = U|V, ['>'] = U|V, ['?'] = U|V, ['@'] = U|V,
    ['A' ... 'F'] = ALNUM|A, ['G' ... 'Z'] = ALNUM,
    ['['] = U|V, ['\\'] = U|V, [']'] = U|V, ['^'] = T|U|V,
    ['_'] = T|U|V|H, ['`'] = T|U|V, ['a' ... 'f'] = ALNUM|A, ['g' ... 'z'] = ALNUM,
    ['{'] = U|V, ['|'] = T|U|V, ['}'] = U|V, ['~'] = T|U|V|H, [0x80 ... 0xff] = V,
};
#undef T
#undef U
#undef V
#undef H
#undef A
#undef ALNUM
/* clang-format on */

static bool is_class(char c, int class)
{
    return (byte_class[(unsigned char)c] & class) != 0;
}

bool nu__http1_is_token(unsigned char c)
{
    return (byte_class[c] & TOKEN) != 0;
}

static bool refuse(nu__http1_fault *fault, int status, const char *reason)
{
    *fault = (nu__http1_fault){.status = status, .reason = reason};
    return false;
}

/* ---- the end of the head --------------------------------------------------------------------- */

/* What can be said about a line before its end is seen. */
static bool line_may_go_on(const nu__http1_cursor *cursor, size_t end,
                           const nu__http1_limits *limits, nu__http1_fault *fault)
{
    if (!cursor->in_headers && end - cursor->line > limits->request_line)
        return refuse(fault, 414, "request line too long");
    if (end - cursor->start > limits->head)
        return refuse(fault, 431, "headers too large");
    return true;
}

/* The first byte tells a client that speaks something else, most often TLS, and would never send
 * the line end that we wait for. */
static bool first_byte_fits(const char *data, const nu__http1_cursor *cursor, size_t length,
                            nu__http1_fault *fault)
{
    if (cursor->in_headers || cursor->line >= length)
        return true;
    char c = data[cursor->line];
    if (is_class(c, TOKEN) || (c == '\r' && cursor->line == 0))
        return true;
    return refuse(fault, 400,
                  c == 0x16 ? "TLS on a port that speaks plain HTTP"
                            : "request does not begin with a method");
}

size_t nu__http1_scan(nu__http1_cursor *cursor, const char *data, size_t length,
                      const nu__http1_limits *limits, nu__http1_fault *fault)
{
    for (;;) {
        if (!first_byte_fits(data, cursor, length, fault))
            return 0;
        const char *lf = memchr(data + cursor->at, '\n', length - cursor->at);
        size_t      end = lf ? (size_t)(lf - data) + 1 : length;
        if (!line_may_go_on(cursor, end, limits, fault))
            return 0;
        if (!lf) {
            cursor->at = length;
            return 0;
        }
        if (end - cursor->line < 2 || lf[-1] != '\r') {
            refuse(fault, 400, "line ends with a bare LF");
            return 0;
        }
        cursor->at = end;
        bool empty = end - cursor->line == 2;
        cursor->line = end;
        if (empty && cursor->in_headers)
            return end;
        /* One empty line before the request line is let pass, as RFC 9112 2.2 asks: some clients
         * send it after a body. first_byte_fits refuses a second one. */
        if (empty)
            cursor->start = end;
        else
            cursor->in_headers = true;
    }
}

/* ---- the request line ------------------------------------------------------------------------ */

static size_t span_of(const char *at, const char *end, int class)
{
    const char *from = at;
    while (at < end && is_class(*at, class))
        at++;
    return (size_t)(at - from);
}

static bool slice_is(nu__slice slice, const char *text)
{
    size_t length = strlen(text);
    if (slice.length != length)
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)slice.data[i];
        if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        if (c != (unsigned char)text[i])
            return false;
    }
    return true;
}

static bool parse_version(nu__http1_head *head, nu__slice text, nu__http1_fault *fault)
{
    if (text.length != 8 || memcmp(text.data, "HTTP/", 5) != 0 || text.data[6] != '.')
        return refuse(fault, 400, "malformed HTTP version");
    char major = text.data[5], minor = text.data[7];
    if (major < '0' || major > '9' || minor < '0' || minor > '9')
        return refuse(fault, 400, "malformed HTTP version");
    if (major != '1')
        return refuse(fault, 505, "HTTP version not supported");
    /* A higher minor version is answered as the highest we know (RFC 9110 2.5). */
    head->minor = minor == '0' ? 0 : 1;
    return true;
}

static bool port_fits(nu__slice port)
{
    unsigned value = 0;
    for (size_t i = 0; i < port.length; i++) {
        if (port.data[i] < '0' || port.data[i] > '9')
            return false;
        value = value * 10 + (unsigned)(port.data[i] - '0');
        if (value > 65535)
            return false;
    }
    return true;
}

/* name, IPv4 address or [IPv6 address], then perhaps ":" and a port. No user information. */
bool nu__http1_host_fits(nu__slice host)
{
    const char *at = host.data, *end = at + host.length;
    if (at < end && *at == '[') {
        at++;
        size_t address = span_of(at, end, ADDRESS);
        at += address;
        if (address == 0 || at == end || *at++ != ']')
            return false;
    } else {
        size_t name = span_of(at, end, HOST);
        if (name == 0)
            return false;
        at += name;
    }
    if (at == end)
        return true;
    return *at == ':' && port_fits((nu__slice){at + 1, (size_t)(end - at - 1)});
}

/* "http://host:port/path?query", as a proxy sends it: the host in it stands above the Host header
 * (RFC 9112 3.2.2). */
static bool parse_absolute(nu__http1_head *head, nu__http1_fault *fault)
{
    nu__slice   target = head->target;
    const char *end = target.data + target.length;
    size_t      scheme = 0;
    if (target.length > 7 && slice_is((nu__slice){target.data, 7}, "http://"))
        scheme = 7;
    else if (target.length > 8 && slice_is((nu__slice){target.data, 8}, "https://"))
        scheme = 8;
    else
        return refuse(fault, 400, "malformed request target");
    const char *host = target.data + scheme, *at = host;
    while (at < end && *at != '/' && *at != '?')
        at++;
    head->host = (nu__slice){host, (size_t)(at - host)};
    if (!nu__http1_host_fits(head->host))
        return refuse(fault, 400, "malformed host in request target");
    if (at < end && *at == '?')
        return refuse(fault, 400, "request target without a path");
    /* An empty path means "/": the first of the two slashes before the host is one. */
    head->target = at < end ? (nu__slice){at, (size_t)(end - at)} : (nu__slice){host - 2, 1};
    return true;
}

static bool parse_target(nu__http1_head *head, nu__http1_fault *fault)
{
    if (slice_is(head->method, "connect"))
        return refuse(fault, 501, "CONNECT is not served here");
    if (head->target.data[0] == '/')
        return true;
    if (head->target.length == 1 && head->target.data[0] == '*') {
        if (head->method.length == 7 && memcmp(head->method.data, "OPTIONS", 7) == 0)
            return true;
        return refuse(fault, 400, "target * belongs to OPTIONS");
    }
    return parse_absolute(head, fault);
}

static bool parse_request_line(nu__http1_head *head, const char *at, const char *end,
                               nu__http1_fault *fault)
{
    head->method = (nu__slice){at, span_of(at, end, TOKEN)};
    at += head->method.length;
    if (head->method.length == 0 || at == end || *at != ' ')
        return refuse(fault, 400, "malformed method");
    if (head->method.length > METHOD_MAX)
        return refuse(fault, 501, "unknown method");
    at++;
    head->target = (nu__slice){at, span_of(at, end, TARGET)};
    at += head->target.length;
    if (at == end)
        return refuse(fault, 400, "request line without a version");
    if (head->target.length == 0 || *at != ' ')
        return refuse(fault, 400, "malformed request target");
    at++;
    return parse_version(head, (nu__slice){at, (size_t)(end - at)}, fault) &&
           parse_target(head, fault);
}

/* ---- header lines ---------------------------------------------------------------------------- */

size_t nu__http1_value_span(const char *data, size_t length)
{
    size_t at = 0;
#ifdef __SSE2__
    /* Sixteen at a time: signed bytes below 32 that are not TAB, or DEL. Bytes from 0x80 on are
     * negative, so they are lifted out by comparing their sign first. */
    const __m128i space = _mm_set1_epi8(0x20), tab = _mm_set1_epi8('\t');
    const __m128i del = _mm_set1_epi8(0x7f), zero = _mm_setzero_si128();
    for (; at + 16 <= length; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(data + at));
        __m128i low = _mm_andnot_si128(_mm_cmplt_epi8(bytes, zero), _mm_cmplt_epi8(bytes, space));
        __m128i bad = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), low),
                                   _mm_cmpeq_epi8(bytes, del));
        int     mask = _mm_movemask_epi8(bad);
        if (mask)
            return at + (size_t)__builtin_ctz((unsigned)mask);
    }
#endif
    while (at < length && is_class(data[at], VALUE))
        at++;
    return at;
}

static nu__slice trimmed(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (nu__slice){at, (size_t)(end - at)};
}

/* Several headers decide how the message is framed; each may stand once. */
struct seen {
    bool host, length, encoding;
    bool close, keep; /* options of Connection */
};

static bool take_length(nu__http1_head *head, nu__slice value, struct seen *seen,
                        nu__http1_fault *fault)
{
    if (seen->length)
        return refuse(fault, 400, "two Content-Length headers");
    seen->length = true;
    uint64_t length = 0;
    for (size_t i = 0; i < value.length; i++) {
        unsigned digit = (unsigned)((unsigned char)value.data[i]) - '0';
        if (digit > 9)
            return refuse(fault, 400, "malformed Content-Length");
        if (length > ((uint64_t)INT64_MAX - digit) / 10)
            return refuse(fault, 413, "Content-Length too large");
        length = length * 10 + digit;
    }
    if (value.length == 0)
        return refuse(fault, 400, "malformed Content-Length");
    head->has_length = true;
    head->content_length = length;
    return true;
}

static bool take_encoding(nu__http1_head *head, nu__slice value, struct seen *seen,
                          nu__http1_fault *fault)
{
    if (seen->encoding)
        return refuse(fault, 400, "two Transfer-Encoding headers");
    seen->encoding = true;
    if (head->minor == 0)
        return refuse(fault, 400, "Transfer-Encoding in HTTP/1.0");
    if (value.length == 0)
        return refuse(fault, 400, "malformed Transfer-Encoding");
    if (!slice_is(value, "chunked"))
        return refuse(fault, 501, "unknown Transfer-Encoding");
    head->chunked = true;
    return true;
}

static bool take_host(nu__http1_head *head, nu__http1_header *header, struct seen *seen,
                      nu__http1_fault *fault)
{
    if (seen->host)
        return refuse(fault, 400, "two Host headers");
    seen->host = true;
    if (!nu__http1_host_fits(header->value))
        return refuse(fault, 400, "malformed Host");
    if (head->host.data)
        header->value = head->host;
    else
        head->host = header->value;
    return true;
}

static bool take_expect(nu__http1_head *head, nu__slice value, nu__http1_fault *fault)
{
    if (!slice_is(value, "100-continue"))
        return refuse(fault, 417, "unknown expectation");
    head->expects = head->minor >= 1;
    return true;
}

static bool take_connection(nu__http1_head *head, nu__slice value, struct seen *seen,
                            nu__http1_fault *fault)
{
    const char *at = value.data, *end = at + value.length;
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        nu__slice   option = trimmed(at, comma ? comma : end);
        if (span_of(option.data, option.data + option.length, TOKEN) != option.length)
            return refuse(fault, 400, "malformed Connection");
        if (slice_is(option, "close"))
            seen->close = true;
        else if (slice_is(option, "keep-alive"))
            seen->keep = true;
        else if (slice_is(option, "upgrade"))
            head->upgrade = true;
        at = comma ? comma + 1 : end;
    }
    return true;
}

/* The few headers that concern the connection are told apart by their length first, as no other
 * common header shares length and first letter with them. */
static bool take_header(nu__http1_head *head, nu__http1_header *header, struct seen *seen,
                        nu__http1_fault *fault)
{
    switch (header->name.length) {
    case 4: return slice_is(header->name, "host") ? take_host(head, header, seen, fault) : true;
    case 6:
        return slice_is(header->name, "expect") ? take_expect(head, header->value, fault) : true;
    case 10:
        return slice_is(header->name, "connection")
                   ? take_connection(head, header->value, seen, fault)
                   : true;
    case 14:
        return slice_is(header->name, "content-length")
                   ? take_length(head, header->value, seen, fault)
                   : true;
    case 17:
        return slice_is(header->name, "transfer-encoding")
                   ? take_encoding(head, header->value, seen, fault)
                   : true;
    default: return true;
    }
}

/* One line at *at, which ends with CR LF before `end`; moves *at behind it. */
static bool parse_header(nu__http1_header *header, const char **at, const char *end,
                         nu__http1_fault *fault)
{
    const char *from = *at;
    if (*from == ' ' || *from == '\t')
        return refuse(fault, 400, "folded header line");
    size_t name = span_of(from, end, TOKEN);
    if (name == 0 || from[name] != ':')
        return refuse(fault, 400, "malformed header name");
    const char *value = from + name + 1;
    const char *stop = value + nu__http1_value_span(value, (size_t)(end - value));
    /* The scan has seen that each LF follows a CR, so a CR here is followed by LF or is stray. */
    if (end - stop < 2 || stop[0] != '\r' || stop[1] != '\n')
        return refuse(fault, 400, "control character in a header value");
    header->name = (nu__slice){from, name};
    header->value = trimmed(value, stop);
    *at = stop + 2;
    return true;
}

static bool framing_fits(const nu__http1_head *head, const struct seen *seen,
                         nu__http1_fault *fault)
{
    if (seen->encoding && seen->length)
        return refuse(fault, 400, "both Transfer-Encoding and Content-Length");
    if (!seen->host && head->minor >= 1)
        return refuse(fault, 400, "no Host header");
    return true;
}

bool nu__http1_parse(nu__http1_head *head, nu__http1_header *headers,
                     const nu__http1_cursor *cursor, const char *data, size_t length,
                     const nu__http1_limits *limits, nu__http1_fault *fault)
{
    *head = (nu__http1_head){.headers = headers};
    const char *at = data + cursor->start, *end = data + length - 2;
    const char *line_end = memchr(at, '\r', (size_t)(end - at));
    if (!parse_request_line(head, at, line_end, fault))
        return false;
    if (line_end[1] != '\n')
        return refuse(fault, 400, "malformed HTTP version");
    struct seen seen = {0};
    for (at = line_end + 2; at < end; head->header_count++) {
        if (head->header_count == limits->headers)
            return refuse(fault, 431, "too many headers");
        nu__http1_header *header = &headers[head->header_count];
        if (!parse_header(header, &at, end, fault) || !take_header(head, header, &seen, fault))
            return false;
    }
    head->keep_alive = !seen.close && (seen.keep || head->minor >= 1);
    return framing_fits(head, &seen, fault);
}
