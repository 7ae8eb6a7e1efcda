/* A client of HTTP/2 that writes frames by hand, right and wrong ones. */
#pragma once

#include <nghttp2/nghttp2.h>

#include "live.h"

#define H2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

enum { /* kinds and flags of frames */
       H2_DATA,
       H2_HEADERS,
       H2_PRIORITY,
       H2_RST_STREAM,
       H2_SETTINGS,
       H2_PUSH_PROMISE,
       H2_PING,
       H2_GOAWAY,
       H2_WINDOW_UPDATE,
       H2_CONTINUATION,
       H2_END_STREAM = 1,
       H2_ACK = 1,
       H2_END_HEADERS = 4,
       H2_PADDED = 8,
       H2_PRIORITIZED = 0x20,
};

typedef struct h2_frame {
    int           type, flags; /* type -1: the connection has ended */
    uint32_t      stream;
    size_t        length;
    unsigned char payload[16384];
} h2_frame;

typedef struct h2 {
    int                  fd;
    nghttp2_hd_inflater *inflater;
    h2_frame             frame;  /* the last one read */
    int                  status; /* in the last HEADERS */
    bool                 timed_out; /* nothing came, and the connection did not end */
} h2;

/* Connects and sends preface and empty SETTINGS; h2_connect sends nothing. */
h2  *h2_open(const live *server);
h2  *h2_connect(const live *server);
void h2_close(h2 *self);

void h2_send(h2 *self, int type, int flags, uint32_t stream, const void *payload, size_t length);
/* The same for a payload written as text: "\x00\x01". */
#define H2_SEND(self, type, flags, stream, text)                                                   \
    h2_send((self), (type), (flags), (stream), (text), sizeof(text) - 1)
/* A block of literal fields: "name", "value", ..., NULL. */
nu_builder *h2_block(const char *name, ...);
/* The block of "GET /path", with ":scheme" and ":authority". */
nu_builder *h2_get(const char *path);
nu_builder *h2_post(const char *path);
/* HEADERS with END_HEADERS and `flags`. */
void h2_headers(h2 *self, int flags, uint32_t stream, const nu_builder *block);

/* Reads a frame, at most for five seconds. */
const h2_frame *h2_read(h2 *self);
/* Reads on to the first frame of that kind (for that stream, if not 0), or the end of the connection. */
const h2_frame *h2_await(h2 *self, int type, uint32_t stream);
/* The error code of the next GOAWAY; -1 when the connection ends without. */
int h2_goaway(h2 *self);
/* The error code with which the stream is reset; -1 when the connection ends without. */
int h2_reset(h2 *self, uint32_t stream);
/* The status of a response, 0 if none comes; -1 when the stream is reset. */
int h2_status(h2 *self, uint32_t stream);
/* "200 body" of a whole response. */
const char *h2_answer(h2 *self, uint32_t stream);
/* True if a PING is answered: the connection is alive. */
bool h2_alive(h2 *self);
