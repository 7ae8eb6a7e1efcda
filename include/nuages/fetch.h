/* Requests to other servers: webhooks, APIs, OAuth, storage.
 *
 *      nu_reply *reply = nu_fetch("https://api.example.org/rates", .timeout_ms = 2000);
 *      nu_reply_check(reply);
 *      double rate = nu_reply_json(reply) …
 *
 *      nu_fetch(hook->url, .json = nu_value_dict(nu_dict_of("event", "paid", "order", order->id)),
 *               .public_only = true);
 *
 * The fiber waits, the worker goes on. Connections are kept open and used again, HTTP/2 where the
 * other side speaks it, TLS certificates are checked, answers compressed by gzip or deflate arrive
 * unpacked. Any status is a reply; what raises FetchError is that there is none: no such host, refused,
 * wrong certificate, cut off. A time-out raises Timeout, the end of the fiber's request Cancelled.
 * Outside the loop, in commands and tests, the same functions block. */
#pragma once

#include "nuages/header.h"
#include "nuages/response.h"

/* No reply came. Uncaught in a view it is a 502. */
extern NU_PUBLIC const nu_kind nu_kind_fetch_error;
#define NU_FETCH_ERROR (&nu_kind_fetch_error)

typedef struct nu_fetch_options {
    const char *method;  /* NULL: POST if there is something to send, else GET */
    nu_pairs    headers; /* NU_PAIRS("Accept", "text/csv"); a wrong name or value raises ValueError */

    /* What to send: at most one of these. */
    nu_value       json;           /* not null: as application/json */
    nu_pairs       form;           /* as application/x-www-form-urlencoded */
    const void    *body;           /* `body_length` bytes as they are; */
    size_t         body_length;
    nu_stream_next send;           /* or piece by piece, as nu_stream makes them; */
    void          *send_self;
    int64_t        send_length;    /* how much it will be; 0: unknown, sent chunked */
    const char    *content_type;   /* of body and send; NULL: application/octet-stream */

    int         timeout_ms;         /* for the whole (30000; -1: none, then silence of 60 s ends it) */
    int         connect_timeout_ms; /* 10000 */
    int         redirects;          /* followed at most (5; -1: none) */
    size_t      max_body;           /* bytes of a reply, unpacked (64 MiB); beyond: FetchError */
    const char *user, *password;    /* Basic authentication (RFC 7617) */
    const char *bearer;             /* a token (RFC 6750) */
    const char *unix_socket;        /* path of the socket that stands for every host */
    const char *ca_file;            /* trusted certificates in PEM; NULL: the system's */
    /* Ask for no compression of our own and leave the body as it is sent: for who passes it on. */
    bool as_sent;
    /* Refuse hosts whose address is private, local or reserved, also after a redirect: for URLs that
     * strangers give. */
    bool public_only;
} nu_fetch_options;

typedef struct nu_reply {
    int         status;
    nu_headers  headers; /* of the last answer, after redirects */
    const char *url;     /* where it came from in the end */
    const char *body;    /* with a NUL behind it; NULL until read by nu_fetch */
    size_t      length;
    int         version; /* 10, 11, 20 */
    int64_t     took_us;
} nu_reply;

/* Sends a request and reads the whole reply, in the current arena. Only http and https; another scheme
 * or a malformed URL raises ValueError. */
#define nu_fetch(url, ...) nu_fetch_((url), &(nu_fetch_options){__VA_ARGS__})
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_reply *nu_fetch_(const char             *url,
                                                          const nu_fetch_options *options);

/* The first field of that name; NULL if there is none. */
NU_PUBLIC const char *nu_reply_header(const nu_reply *reply, const char *name);
/* The body as JSON; SyntaxError with place and excerpt if it is none. */
NU_PUBLIC nu_value nu_reply_json(const nu_reply *reply);
/* Raises FetchError for a status of 400 and above, naming URL, status and how the body begins. */
NU_PUBLIC void nu_reply_check(const nu_reply *reply);

/* ---- large replies, piece by piece; inside the loop only ----------------------------------------- */

typedef struct nu_download nu_download;
/* Sends a request and returns when the reply's head is there. It ends with the current arena, or
 * sooner by nu_download_close. */
#define nu_download_open(url, ...) nu_download_open_((url), &(nu_fetch_options){__VA_ARGS__})
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_download *nu_download_open_(
    const char *url, const nu_fetch_options *options);
NU_PUBLIC const nu_reply *nu_download_reply(const nu_download *download);
/* Waits for more of the body: a piece that stays until the next call, as bytes; false at the end. At
 * most 256 KiB wait in memory; the other side is held up beyond that. Its form is that of
 * nu_stream_next, so a view can pass a reply on: nu_stream(type, nu_download_next, NULL, download). */
NU_PUBLIC NU_WAITS bool nu_download_next(void *download, nu_value *piece);
NU_PUBLIC void          nu_download_close(nu_download *download);
