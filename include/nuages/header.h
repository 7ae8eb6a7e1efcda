/* HTTP fields: lists of name and value where names are compared without case (RFC 9110 5.1).
 *
 * The names that the framework itself asks for have a number, so that finding them costs an array
 * access and not a walk. An unknown name is found by walking, which is quick for the dozen fields
 * that a message has. */
#pragma once

#include "nuages/text.h"

/* clang-format off */
#define NU_HEADER_LIST(X)                                                                     \
    X(ACCEPT,                    "Accept")                                                    \
    X(ACCEPT_ENCODING,           "Accept-Encoding")                                           \
    X(ACCEPT_LANGUAGE,           "Accept-Language")                                           \
    X(ACCEPT_RANGES,             "Accept-Ranges")                                             \
    X(AGE,                       "Age")                                                       \
    X(ALLOW,                     "Allow")                                                     \
    X(AUTHORIZATION,             "Authorization")                                             \
    X(CACHE_CONTROL,             "Cache-Control")                                             \
    X(CONNECTION,                "Connection")                                                \
    X(CONTENT_DISPOSITION,       "Content-Disposition")                                       \
    X(CONTENT_ENCODING,          "Content-Encoding")                                          \
    X(CONTENT_LANGUAGE,          "Content-Language")                                          \
    X(CONTENT_LENGTH,            "Content-Length")                                            \
    X(CONTENT_RANGE,             "Content-Range")                                             \
    X(CONTENT_TYPE,              "Content-Type")                                              \
    X(COOKIE,                    "Cookie")                                                    \
    X(CROSS_ORIGIN_OPENER_POLICY,"Cross-Origin-Opener-Policy")                                \
    X(DATE,                      "Date")                                                      \
    X(ETAG,                      "ETag")                                                      \
    X(EXPECT,                    "Expect")                                                    \
    X(EXPIRES,                   "Expires")                                                   \
    X(FORWARDED,                 "Forwarded")                                                 \
    X(HOST,                      "Host")                                                      \
    X(IF_MATCH,                  "If-Match")                                                  \
    X(IF_MODIFIED_SINCE,         "If-Modified-Since")                                         \
    X(IF_NONE_MATCH,             "If-None-Match")                                             \
    X(IF_RANGE,                  "If-Range")                                                  \
    X(IF_UNMODIFIED_SINCE,       "If-Unmodified-Since")                                       \
    X(KEEP_ALIVE,                "Keep-Alive")                                                \
    X(LAST_MODIFIED,             "Last-Modified")                                             \
    X(LOCATION,                  "Location")                                                  \
    X(ORIGIN,                    "Origin")                                                    \
    X(RANGE,                     "Range")                                                     \
    X(REFERER,                   "Referer")                                                   \
    X(REFERRER_POLICY,           "Referrer-Policy")                                           \
    X(RETRY_AFTER,               "Retry-After")                                               \
    X(SEC_WEBSOCKET_KEY,         "Sec-WebSocket-Key")                                         \
    X(SERVER,                    "Server")                                                    \
    X(SET_COOKIE,                "Set-Cookie")                                                \
    X(STRICT_TRANSPORT_SECURITY, "Strict-Transport-Security")                                 \
    X(TE,                        "TE")                                                        \
    X(TRAILER,                   "Trailer")                                                   \
    X(TRANSFER_ENCODING,         "Transfer-Encoding")                                         \
    X(UPGRADE,                   "Upgrade")                                                   \
    X(USER_AGENT,                "User-Agent")                                                \
    X(VARY,                      "Vary")                                                      \
    X(WWW_AUTHENTICATE,          "WWW-Authenticate")                                          \
    X(X_CONTENT_TYPE_OPTIONS,    "X-Content-Type-Options")                                    \
    X(X_CSRFTOKEN,               "X-CSRFToken")                                               \
    X(X_FORWARDED_FOR,           "X-Forwarded-For")                                           \
    X(X_FORWARDED_HOST,          "X-Forwarded-Host")                                          \
    X(X_FORWARDED_PORT,          "X-Forwarded-Port")                                          \
    X(X_FORWARDED_PROTO,         "X-Forwarded-Proto")                                         \
    X(X_FRAME_OPTIONS,           "X-Frame-Options")                                           \
    X(X_REQUESTED_WITH,          "X-Requested-With")
/* clang-format on */

typedef enum nu_header_id {
    NU_HEADER_OTHER, /* a name without a number */
#define X(symbol, name) NU_HEADER_##symbol,
    NU_HEADER_LIST(X)
#undef X
    NU_HEADER_COUNT
} nu_header_id;

/* One field. Name and value are followed by a NUL and hold none, nor CR or LF. */
typedef struct nu_header {
    const char *name;
    const char *value;
    uint32_t    name_length;
    uint32_t    value_length;
    uint16_t    id; /* nu_header_id */
} nu_header;

/* The fields of a message, in order. */
typedef struct nu_headers {
    nu_header *items;
    uint32_t   count, capacity;
    nu_arena  *arena;
    uint16_t   first[NU_HEADER_COUNT]; /* 1 + index of the first field with that number; 0: none */
} nu_headers;

/* The number of a name, NU_HEADER_OTHER if it has none. One look-up, no walk. */
NU_PUBLIC nu_header_id nu_header_id_of(const char *name, size_t length);
/* The usual spelling of a numbered name. */
NU_PUBLIC const char *nu_header_id_name(nu_header_id id);

NU_PUBLIC void nu_headers_init(nu_headers *headers, nu_arena *arena);

/* The first field of that name; NULL if there is none. */
NU_PUBLIC const nu_header *nu_headers_find(const nu_headers *headers, const char *name);
NU_PUBLIC const nu_header *nu_headers_find_n(const nu_headers *headers, const char *name,
                                             size_t length);
static inline const nu_header *nu_headers_at(const nu_headers *headers, nu_header_id id)
{
    return headers->first[id] ? &headers->items[headers->first[id] - 1] : NULL;
}
/* The value of the first field of that name or number; NULL if there is none. */
NU_PUBLIC const char *nu_headers_value(const nu_headers *headers, const char *name);
static inline const char *nu_headers_value_at(const nu_headers *headers, nu_header_id id)
{
    return headers->first[id] ? headers->items[headers->first[id] - 1].value : NULL;
}

/* Adds a field, whether or not one of that name is there. The bytes are borrowed: they stay as long
 * as the headers and each is followed by a NUL. Nothing is checked: for parsers, which have. */
NU_PUBLIC void nu_headers_add_borrowed(nu_headers *headers, const char *name, size_t name_length,
                                       const char *value, size_t value_length);
/* Adds a copy of name and value. A name that is no token (RFC 9110 5.6.2) or a value with CR, LF or
 * NUL raises ValueError, so that nobody can inject a field. */
NU_PUBLIC void nu_headers_add(nu_headers *headers, const char *name, const char *value);
/* A field for nu_headers_default_field: the value is borrowed, and checked as above, once for all
 * messages that it is added to. */
NU_PUBLIC nu_header nu_header_of(nu_header_id id, const char *value);
/* Adds the field, borrowed, unless one of that number is there. */
NU_PUBLIC void nu_headers_default_field(nu_headers *headers, const nu_header *field);
/* The same for a value that is borrowed, and checked as above. */
NU_PUBLIC void nu_headers_default_at(nu_headers *headers, nu_header_id id, const char *value);
/* Replaces all fields of that name by one; checked as in nu_headers_add. */
NU_PUBLIC void nu_headers_set(nu_headers *headers, const char *name, const char *value);
/* Removes all fields of that name; false if there were none. */
NU_PUBLIC bool nu_headers_remove(nu_headers *headers, const char *name);

/* A header value "text/html; charset=utf-8" taken apart: the part before the first ";" in *out's
 * place, and its parameters with lower-case names, quotes taken off, RFC 2231 values decoded. */
NU_PUBLIC const char *nu_header_params(const char *line, nu_dict **params);
/* True if `token` stands in a list with commas, in any case (RFC 9110 5.6.1): "keep-alive, Upgrade" has
 * "upgrade". `list` NULL: there is none. */
NU_PUBLIC bool nu_header_lists(const char *list, const char *token, size_t length);
