/* HTTP/1.1 message heads and chunked bodies (RFC 9112, RFC 9110), strictly.
 *
 * A head is read in two steps. nu__http1_scan looks for its end and resumes where the last read
 * stopped; nu__http1_parse takes the complete head apart in one pass into slices of the buffer,
 * without copying. What the RFCs let a server reject or repair is rejected: two readers of one
 * message who repair differently are what request smuggling is made of. Neither function allocates,
 * waits or raises. */
#pragma once

#include "nuages/defs.h"

/* Bytes of the read buffer; not NUL-terminated. */
typedef struct nu__slice {
    const char *data;
    size_t      length;
} nu__slice;

/* Why a message is refused. `status` 0: it is not. */
typedef struct nu__http1_fault {
    int         status;
    const char *reason; /* a short fact that holds nothing the client sent */
} nu__http1_fault;

typedef struct nu__http1_limits {
    size_t request_line, head, headers;
} nu__http1_limits;

/* Zero-filled before the first byte of a head. */
typedef struct nu__http1_cursor {
    size_t at;    /* bytes looked at */
    size_t line;  /* where the current line begins */
    size_t start; /* where the request line begins: an empty line may precede it */
    bool   in_headers;
} nu__http1_cursor;

/* Looks for the end of the head in all bytes read so far. Returns its length with the empty line at
 * the end, or 0: not there yet, or `fault` is set. Bare LF, a first byte that cannot begin a method
 * and a line or head above its limit are refused before the head is complete, and again when
 * asked again. */
size_t nu__http1_scan(nu__http1_cursor *cursor, const char *data, size_t length,
                      const nu__http1_limits *limits, nu__http1_fault *fault);

typedef struct nu__http1_header {
    nu__slice name, value; /* value without white space around it */
} nu__http1_header;

typedef struct nu__http1_head {
    nu__slice method;
    nu__slice target;     /* path and query; "*" only for OPTIONS */
    nu__slice host;       /* of the absolute target, else of the Host header; may be empty in 1.0 */
    int       minor;      /* 0 or 1 of HTTP/1.x */
    bool      keep_alive; /* the client lets the connection stay open */
    bool      chunked;    /* a chunked body follows */
    bool      has_length; /* Content-Length was sent */
    bool      expects;    /* it waits for 100 Continue */
    bool      upgrade;    /* Connection names Upgrade */
    uint64_t  content_length; /* 0 without one */

    nu__http1_header *headers; /* the caller's array */
    size_t            header_count;
} nu__http1_head;

/* Takes apart a complete head, of which nu__http1_scan gave `cursor` and `length`. `headers` has
 * room for limits->headers. False: `fault` says why. */
bool nu__http1_parse(nu__http1_head *head, nu__http1_header *headers,
                     const nu__http1_cursor *cursor, const char *data, size_t length,
                     const nu__http1_limits *limits, nu__http1_fault *fault);

/* True if it is a host with or without a port (RFC 9110 7.2), or empty. */
bool nu__http1_host_fits(nu__slice host);
/* True if `c` may stand in a token (RFC 9110 5.6.2). */
bool nu__http1_is_token(unsigned char c);
/* How many bytes at the front may stand in a header value: no controls but TAB, no DEL. */
size_t nu__http1_value_span(const char *data, size_t length);
