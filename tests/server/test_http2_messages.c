/* RFC 9113, section 8, and RFC 7541: requests that are malformed, and how their fields are packed. */
#include <signal.h>

#include "http2_rules.h"
#include "nuages/test.h"

#define SEND(name) static void name(h2 *peer)
/* ":method: GET, :scheme: http, :path: /", and with it ":authority: a", each packed as short as it goes. */
#define BARE  "\x82\x86\x84"
#define GET   BARE "\x41\1a"

#define WHOLE (H2_END_HEADERS | H2_END_STREAM)

static void block(h2 *peer, uint32_t stream, const nu_builder *fields)
{
    h2_headers(peer, H2_END_STREAM, stream, fields);
}

/* ---- 8.1: the parts of a message ------------------------------------------------------------- */

SEND(trailers)
{
    h2_begin_post(peer, 1);
    H2_SEND(peer, H2_DATA, 0, 1, "abc");
    h2_headers(peer, H2_END_STREAM, 1, h2_block("x", "1", NULL));
    CHECK_TEXT(h2_answer(peer, 1), "200 abc");
}
SEND(trailers_without_body)
{
    h2_begin_post(peer, 1);
    h2_headers(peer, H2_END_STREAM, 1, h2_block("x", "1", NULL));
}
SEND(trailers_without_end)
{
    h2_begin_post(peer, 1);
    h2_headers(peer, 0, 1, h2_block("x", "1", NULL));
}
SEND(trailers_with_pseudo)
{
    h2_begin_post(peer, 1);
    h2_headers(peer, H2_END_STREAM, 1, h2_block(":path", "/x", NULL));
}
SEND(trailers_in_upper_case)
{
    h2_begin_post(peer, 1);
    h2_headers(peer, H2_END_STREAM, 1, h2_block("X", "1", NULL));
}
SEND(trailers_with_connection)
{
    h2_begin_post(peer, 1);
    h2_headers(peer, H2_END_STREAM, 1, h2_block("connection", "close", NULL));
}

/* ---- 8.1.1: lengths -------------------------------------------------------------------------- */

static void post_of(h2 *peer, const char *length)
{
    h2_headers(peer, 0, 1,
               h2_block(":method", "POST", ":scheme", "http", ":authority", "a", ":path", "/echo",
                        "content-length", length, NULL));
}
SEND(length_right)
{
    post_of(peer, "6");
    H2_SEND(peer, H2_DATA, 0, 1, "abc");
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "def");
}
SEND(length_too_large)
{
    post_of(peer, "5");
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "abc");
}
SEND(length_too_large_for_all_frames)
{
    post_of(peer, "7");
    H2_SEND(peer, H2_DATA, 0, 1, "abc");
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "def");
}
SEND(length_too_small)
{
    post_of(peer, "2");
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "abc");
}
SEND(length_too_small_for_all_frames)
{
    post_of(peer, "5");
    H2_SEND(peer, H2_DATA, 0, 1, "abc");
    H2_SEND(peer, H2_DATA, 0, 1, "def");
}
SEND(length_and_trailers)
{
    post_of(peer, "4");
    H2_SEND(peer, H2_DATA, 0, 1, "abc");
    h2_headers(peer, H2_END_STREAM, 1, h2_block("x", "1", NULL));
}
SEND(length_of_no_body)
{
    h2_headers(peer, H2_END_STREAM, 1,
               h2_block(":method", "POST", ":scheme", "http", ":authority", "a", ":path", "/echo",
                        "content-length", "5", NULL));
}

/* ---- 8.3: pseudo fields ---------------------------------------------------------------------- */

/* The four of a request; NULL leaves one out. */
static void request(h2 *peer, const char *method, const char *scheme, const char *authority,
                    const char *path)
{
    const char *const parts[] = {":method",    method,    ":scheme", scheme,
                                 ":authority", authority, ":path",   path};
    nu_builder       *all = h2_block(NULL);
    for (size_t i = 0; i < NU_COUNT(parts); i += 2)
        if (parts[i + 1]) {
            const nu_builder *one = h2_block(parts[i], parts[i + 1], NULL);
            nu_builder_add(all, one->data, one->length);
        }
    block(peer, 1, all);
}

#define REQUEST(name, method, scheme, authority, path)                                             \
    SEND(name)                                                                                     \
    {                                                                                              \
        request(peer, method, scheme, authority, path);                                            \
    }

REQUEST(method_missing, NULL, "http", "a", "/")
REQUEST(method_empty, "", "http", "a", "/")
REQUEST(method_with_space, "GE T", "http", "a", "/")
REQUEST(method_unknown, "BREW", "http", "a", "/any")
REQUEST(scheme_missing, "GET", NULL, "a", "/")
REQUEST(scheme_malformed, "GET", "ht tp", "a", "/")
REQUEST(path_missing, "GET", "http", "a", NULL)
REQUEST(path_empty, "GET", "http", "a", "")
REQUEST(path_without_slash, "GET", "http", "a", "x")
REQUEST(path_with_space, "GET", "http", "a", "/a b")
REQUEST(path_of_asterisk, "GET", "http", "a", "*")
REQUEST(options_of_asterisk, "OPTIONS", "http", "a", "*")
REQUEST(path_with_scheme, "GET", "http", "a", "http://a/")
REQUEST(host_missing, "GET", "http", NULL, "/")
REQUEST(authority_with_user, "GET", "http", "user@a", "/")
REQUEST(authority_empty, "GET", "http", "", "/")
REQUEST(authority_with_slash, "GET", "http", "a/b", "/")
REQUEST(connect_right, "CONNECT", NULL, "a:1", NULL)
REQUEST(connect_with_path, "CONNECT", NULL, "a:1", "/")
REQUEST(connect_with_scheme, "CONNECT", "http", "a:1", NULL)
REQUEST(connect_without_authority, "CONNECT", NULL, NULL, NULL)

SEND(pseudo_after_field)
{
    block(peer, 1,
          h2_block(":method", "GET", ":scheme", "http", "x", "1", ":authority", "a", ":path", "/",
                   NULL));
}

/* ---- RFC 7541, at the connection ------------------------------------------------------------- */

/* What one block adds to the table the next may name. */
SEND(table_lasts)
{
    H2_SEND(peer, H2_HEADERS, WHOLE, 1, BARE "\x41\1a\x60\3a=1");
    CHECK_TEXT(h2_answer(peer, 1), "200 hello");
    H2_SEND(peer, H2_HEADERS, WHOLE, 3, "\x82\x86\x04\7/cookie\xbf\xbe");
    CHECK_TEXT(h2_answer(peer, 3), "200 a=1");
}
/* A block of a malformed request counts, too (4.3). */
SEND(table_knows_malformed_requests)
{
    H2_SEND(peer, H2_HEADERS, WHOLE, 1, BARE "\x41\1a\x60\3a=1\0\1X\1y");
    CHECK_EQ(h2_reset(peer, 1), H2_PROTOCOL_ERROR);
    H2_SEND(peer, H2_HEADERS, WHOLE, 3, "\x82\x86\x04\7/cookie\xbf\xbe");
    CHECK_TEXT(h2_answer(peer, 3), "200 a=1");
}
/* Of a size of none nothing is left. */
SEND(table_emptied)
{
    H2_SEND(peer, H2_HEADERS, WHOLE, 1, BARE "\x41\1a\x60\3a=1");
    CHECK_TEXT(h2_answer(peer, 1), "200 hello");
    H2_SEND(peer, H2_HEADERS, WHOLE, 3, "\x20" GET "\xbe");
}
/* An entry larger than the table empties it, and is no error (4.4). */
SEND(entry_larger_than_table)
{
    static const char begin[] = GET "\x40\1x\x7f\x89\x26"; /* 5000 bytes follow */
    nu_builder       *fields = h2_block(NULL);
    nu_builder_add(fields, begin, sizeof begin - 1);
    for (int i = 0; i < 5000; i++)
        nu_builder_putc(fields, 'y');
    block(peer, 1, fields);
    CHECK_TEXT(h2_answer(peer, 1), "200 hello");
    H2_SEND(peer, H2_HEADERS, WHOLE, 3, BARE "\xbe");
}

/* ---- the rules ------------------------------------------------------------------------------- */

#define MALFORMED .code = H2_PROTOCOL_ERROR, .stream = 1
#define PACKED(text, what, ...)                                                                    \
    {                                                                                              \
        "RFC 7541 " what, H2_FRAME(H2_HEADERS, WHOLE, 1, text), __VA_ARGS__                        \
    }
#define UNPACKABLE .code = H2_COMPRESSION_ERROR

static const h2_rule rules[] = {
    {"8.1 trailers", .send = trailers, .code = H2_ALIVE},
    {"8.1 trailers without a body", .send = trailers_without_body, .code = 200},
    {"8.1 trailers without END_STREAM", .send = trailers_without_end, MALFORMED},
    {"8.1 trailers with a pseudo field", .send = trailers_with_pseudo, MALFORMED},
    {"8.2.1 trailers with a name in upper case", .send = trailers_in_upper_case, MALFORMED},
    {"8.2.2 trailers with Connection", .send = trailers_with_connection, MALFORMED},

    {"8.1.1 a body as long as announced", .send = length_right, .code = 200},
    {"8.1.1 a body shorter than announced", .send = length_too_large, MALFORMED},
    {"8.1.1 and in several frames", .send = length_too_large_for_all_frames, MALFORMED},
    {"8.1.1 a body longer than announced", .send = length_too_small, MALFORMED},
    {"8.1.1 and in the second frame", .send = length_too_small_for_all_frames, MALFORMED},
    {"8.1.1 and before trailers", .send = length_and_trailers, MALFORMED},
    {"8.1.1 a length and no body", .send = length_of_no_body, MALFORMED},
    {"8.1.1 two lengths", H2_FIELDS("content-length", "0", "content-length", "0"), MALFORMED},
    {"8.1.1 a length that is no number", H2_FIELDS("content-length", "+0"), MALFORMED},
    {"8.1.1 a length below 0", H2_FIELDS("content-length", "-1"), MALFORMED},
    {"8.1.1 a length beyond all numbers", H2_FIELDS("content-length", "99999999999999999999"),
     MALFORMED},

    {"8.2.1 a name in upper case", H2_FIELDS("X-Up", "1"), MALFORMED},
    {"8.2.1 a name of nothing", H2_FIELDS("", "1"), MALFORMED},
    {"8.2.1 a name with a space", H2_FIELDS("a b", "1"), MALFORMED},
    {"8.2.1 a name with a colon", H2_FIELDS("a:b", "1"), MALFORMED},
    {"8.2.1 a name with a control character", H2_FIELDS("a\x01", "1"), MALFORMED},
    {"8.2.1 a name with DEL", H2_FIELDS("a\x7f", "1"), MALFORMED},
    {"8.2.1 a name beyond ASCII", H2_FIELDS("a\xc3\xa9", "1"), MALFORMED},
    {"8.2.1 a value with a line break", H2_FIELDS("x", "a\r\nb: c"), MALFORMED},
    {"8.2.1 a value with CR", H2_FIELDS("x", "a\rb"), MALFORMED},
    {"8.2.1 a value with LF", H2_FIELDS("x", "a\nb"), MALFORMED},
    {"8.2.1 a value with NUL", H2_FRAME(H2_HEADERS, WHOLE, 1, GET "\0\1x\3a\0b"), MALFORMED},
    {"8.2.1 a value with white space before it", H2_FIELDS("x", " a"), MALFORMED},
    {"8.2.1 a value with white space behind it", H2_FIELDS("x", "a\t"), MALFORMED},
    {"8.2.1 an empty value", H2_FIELDS("x", ""), .code = 200},
    {"8.2.2 the field Connection", H2_FIELDS("connection", "keep-alive"), MALFORMED},
    {"8.2.2 the field Keep-Alive", H2_FIELDS("keep-alive", "1"), MALFORMED},
    {"8.2.2 the field Proxy-Connection", H2_FIELDS("proxy-connection", "close"), MALFORMED},
    {"8.2.2 the field Upgrade", H2_FIELDS("upgrade", "websocket"), MALFORMED},
    {"8.2.2 the field Transfer-Encoding", H2_FIELDS("transfer-encoding", "chunked"), MALFORMED},
    {"8.2.2 TE with something else than trailers", H2_FIELDS("te", "gzip"), MALFORMED},
    {"8.2.2 TE with trailers and more", H2_FIELDS("te", "trailers, deflate;q=0.5"), MALFORMED},
    {"8.2.2 TE with trailers", H2_FIELDS("te", "trailers"), .code = 200},
    {"8.2.3 Cookie in pieces", H2_FIELDS("cookie", "a=1", "cookie", "b=2"), .code = 200},

    {"8.3 an unknown pseudo field", H2_FIELDS(":test", "1"), MALFORMED},
    {"8.3 the pseudo field of responses", H2_FIELDS(":status", "200"), MALFORMED},
    {"8.3 a pseudo field without a name", H2_FIELDS(":", "1"), MALFORMED},
    {"8.3 a pseudo field after a field", .send = pseudo_after_field, MALFORMED},
    {"8.3.1 two methods", H2_FIELDS(":method", "GET"), MALFORMED},
    {"8.3.1 two schemes", H2_FIELDS(":scheme", "http"), MALFORMED},
    {"8.3.1 two authorities", H2_FIELDS(":authority", "a.test"), MALFORMED},
    {"8.3.1 two paths", H2_FIELDS(":path", "/2"), MALFORMED},
    {"8.3.1 no :method", .send = method_missing, MALFORMED},
    {"8.3.1 an empty :method", .send = method_empty, MALFORMED},
    {"8.3.1 a :method with a space", .send = method_with_space, MALFORMED},
    {"8.3.1 any method that is a token", .send = method_unknown, .code = 200},
    {"8.3.1 no :scheme", .send = scheme_missing, MALFORMED},
    {"8.3.1 a :scheme with a space", .send = scheme_malformed, MALFORMED},
    {"8.3.1 no :path", .send = path_missing, MALFORMED},
    {"8.3.1 an empty :path", .send = path_empty, MALFORMED},
    {"8.3.1 a :path without a slash", .send = path_without_slash, MALFORMED},
    {"8.3.1 a :path with a space", .send = path_with_space, MALFORMED},
    {"8.3.1 a :path that is a URL", .send = path_with_scheme, MALFORMED},
    {"8.3.1 an asterisk that is not for OPTIONS", .send = path_of_asterisk, MALFORMED},
    {"8.3.1 an asterisk for OPTIONS", .send = options_of_asterisk, .code = 200},
    {"8.3.1 neither :authority nor Host", .send = host_missing, MALFORMED},
    {"8.3.1 an :authority with a user", .send = authority_with_user, .code = 400},
    {"8.3.1 an :authority with a slash", .send = authority_with_slash, MALFORMED},
    {"8.3.1 an empty :authority", .send = authority_empty, MALFORMED},
    {"8.3.1 a Host that says something else", H2_FIELDS("host", "b.test"), .code = 400},
    {"8.5 CONNECT is not served", .send = connect_right, .code = 501},
    {"8.5 CONNECT with :path", .send = connect_with_path, MALFORMED},
    {"8.5 CONNECT with :scheme", .send = connect_with_scheme, MALFORMED},
    {"8.5 CONNECT without :authority", .send = connect_without_authority, MALFORMED},

    PACKED("\xff\xff\xff\xff\xff\xff", "5.1 an integer without end", UNPACKABLE),
    PACKED("\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "5.1 an integer too large", UNPACKABLE),
    PACKED("\x80", "6.1 the index 0", UNPACKABLE),
    PACKED(GET "\xfe", "2.3.3 an index beyond the table", UNPACKABLE),
    PACKED(GET "\x7f\x64\1a", "2.3.3 a name beyond the table, to be kept", UNPACKABLE),
    PACKED(GET "\x0f\x7f\1a", "2.3.3 a name beyond the table", UNPACKABLE),
    PACKED(BARE "\x41\x05"
                "ab",
           "5.2 a text that ends early", UNPACKABLE),
    PACKED(BARE "\x41\x81\x1f", "5.2 Huffman", .code = 200),
    PACKED(BARE "\x41\x82\x1f\xff", "5.2 Huffman with padding of a byte", UNPACKABLE),
    PACKED(BARE "\x41\x81\x18", "5.2 Huffman padded with zeros", UNPACKABLE),
    PACKED(BARE "\x41\x84\xff\xff\xff\xff", "5.2 Huffman with its end", UNPACKABLE),
    PACKED(GET "\x40\1x\1y\xbe", "6.2.1 a field kept, and named at once", .code = 200),
    PACKED(GET "\x00\1x\1y", "6.2.2 a field not kept", .code = 200),
    PACKED(GET "\x00\1x\1y\xbf", "6.2.2 and so not to be named", UNPACKABLE),
    PACKED(GET "\x10\1x\1y", "6.2.3 a field never kept", .code = 200),
    PACKED("\x20" GET, "6.3 a table of no size", .code = 200),
    PACKED("\x20\x3f\xe1\x1f" GET, "4.2 two sizes at the beginning", .code = 200),
    PACKED(GET "\x20", "4.2 a size at the end", UNPACKABLE),
    PACKED("\x3f\xff\xff\x03" GET, "6.3 a table larger than allowed", UNPACKABLE),
    {"RFC 7541 2.3.2 the table lasts", .send = table_lasts, .code = H2_ALIVE},
    {"4.3 the table knows malformed requests", .send = table_knows_malformed_requests,
     .code = H2_ALIVE},
    {"RFC 7541 4.3 a table emptied", .send = table_emptied, .code = H2_COMPRESSION_ERROR},
    {"RFC 7541 4.4 an entry larger than the table", .send = entry_larger_than_table,
     .code = H2_COMPRESSION_ERROR},
};

TEST(requests_that_are_malformed_have_the_answer_of_the_standard)
{
    CHECK(NU_COUNT(rules) >= 85);
    h2_follow(rules, NU_COUNT(rules));
}
