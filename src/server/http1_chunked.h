/* Decoder of chunked bodies (RFC 9112 7.1). It resumes at any byte and copies nothing. */
#pragma once

#include "server/http1_parser.h"

typedef enum nu__chunked_event {
    NU__CHUNKED_MORE,  /* all input is used up */
    NU__CHUNKED_DATA,  /* `data` is the next piece of the body */
    NU__CHUNKED_END,   /* the body is complete; the rest of the input is the next message */
    NU__CHUNKED_FAULT, /* malformed or beyond a limit: `fault` says why */
} nu__chunked_event;

/* Zero-filled before the first byte. */
typedef struct nu__chunked {
    uint64_t        left;    /* bytes of the current chunk still to come */
    size_t          extra;   /* bytes of extensions so far, over the whole body */
    size_t          trailer; /* bytes of trailer lines so far */
    uint8_t         state;
    uint8_t         digits; /* of the current chunk size */
    nu__http1_fault fault;
} nu__chunked;

enum {
    NU__CHUNKED_MAX_EXTRA = 4096, /* extensions: nobody uses them but attackers */
    NU__CHUNKED_MAX_TRAILER = 4096,
};

/* Reads on in *input, moving it forward over what is used, until there is something to tell.
 * Extensions and trailers are checked and dropped. */
nu__chunked_event nu__chunked_next(nu__chunked *decoder, nu__slice *input, nu__slice *data);
