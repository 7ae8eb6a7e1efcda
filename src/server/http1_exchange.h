/* One exchange over HTTP/1.1, for the files that serve it. */
#pragma once

#include "server/exchange.h"

typedef struct nu__http1_exchange {
    nu__exchange ex;
    bool         minor;   /* HTTP/1.1 */
    bool         keep;    /* the connection stays open afterwards */
    bool         expects; /* 100 Continue is still to be sent */
    bool         broken;  /* the body cannot be read to its end */

    /* The body */
    bool        chunked, body_done;
    uint64_t    body_left; /* with Content-Length */
    uint64_t    body_size; /* bytes handed out */
    nu__chunked decoder;
    int64_t     span_start; /* of measuring how fast the body comes */
    uint64_t    span_bytes;
    size_t      base; /* of the buffer: before it lies the head, which the request refers to */
    nu__buffer *head_buffer; /* the head's, when the body was given another one */
} nu__http1_exchange;

/* nu__body_read of the request; self is the exchange. */
NU_WAITS size_t nu__http1_read(void *self, void *into, size_t room);
/* Reads what is left of the body as far as that is worth it; false if something is left. */
NU_WAITS bool nu__http1_drain(nu__http1_exchange *ex);
/* nu__wire.respond */
NU_WAITS bool nu__http1_respond(nu__exchange *ex, nu_response *res);
