/* HTTP/2 on a connection (RFC 9113), by libnghttp2.
 *
 * Each stream is an exchange with a fiber of its own. nghttp2 turns bytes into events and back; it never
 * waits, and is called by the loop (reading) and by fibers (responding), never from within itself.
 *
 *      transport ─▶ nghttp2 ─▶ stream: head ─▶ fiber ─▶ response ─▶ nghttp2 ─▶ out ─▶ transport
 *                          └─▶ stream: body ─▶ buffers ─▶ the view that reads
 *
 * Output of a tick gathers in `out` and goes with one write. What a client sends of a body and no view
 * has read yet is bounded by the windows, which open as views read.
 *
 * A stream may leave HTTP by an extended CONNECT (RFC 8441): http2_carried.c. */
#pragma once

#include <nghttp2/nghttp2.h>

#include "server/exchange.h"

enum {
    NU__HTTP2_STREAMS = 100,              /* at a time on a connection */
    NU__HTTP2_STREAM_WINDOW = 256 * 1024, /* bytes of a body that may wait to be read */
    NU__HTTP2_WINDOW = 1024 * 1024,       /* of all bodies of a connection */
    NU__HTTP2_BODIES = 128 * 1024 * 1024, /* of all connections of a worker */
    NU__HTTP2_FRAME = 16 * 1024,          /* the most that a frame of either side carries */
};

/* What is measured by conn->timer. */
enum nu__http2_phase {
    NU__HTTP2_FIRST,    /* until the first request: timeouts.head */
    NU__HTTP2_HEAD,     /* from the beginning of a header block to its end: timeouts.head */
    NU__HTTP2_WRITE,    /* the client takes nothing: timeouts.write */
    NU__HTTP2_SERVING,  /* nothing: exchanges watch themselves */
    NU__HTTP2_IDLE,     /* timeouts.idle */
    NU__HTTP2_FAREWELL, /* between the two GOAWAYs of an end in order */
};

struct nu__http2 {
    nghttp2_session  *session;
    nu__conn         *conn;
    nu__http2_stream *streams;
    size_t            live; /* fibers, those of streams that are closed among them */
    uint8_t           phase;
    int32_t           newest;    /* stream that was begun */
    bool              has_reset; /* a stream was reset by us */
    bool              in_head;   /* a header block has begun */
    bool              blocked;   /* the client takes no more for now */
    bool              noticed;   /* the first GOAWAY of an end in order is said */
    bool              farewell;  /* the second one, too: what comes now is not answered */
    bool              failed;    /* nghttp2 was told to end */
    bool              broken;    /* no more is read; what is in `out` is the last */
    nu_hook           flush;
    nu__buffer       *out; /* NULL when there is nothing to send */
    size_t            out_begin, out_end;
    const uint8_t    *rest; /* of a frame that did not fit; nghttp2's */
    size_t            rest_length;
    int32_t           calm; /* what the client may still ask for in vain */
    int64_t           calm_since;
    nu__http2        *next; /* among the worker's spare ones */
};

struct nu__http2_stream {
    nu__exchange      ex;
    nu__http2        *http2;
    nu__http2_stream *next, **link;
    nu_fiber         *fiber; /* NULL until the head is complete */
    int32_t           id;
    bool              closed; /* by nghttp2: it must not be named to it any more */
    bool              parked; /* the fiber waits for the client, and for nothing else */

    /* The head */
    size_t head_size, head_count;
    bool   has_authority, expects;
    bool   connects, websocket; /* the method is CONNECT, and what for (RFC 8441) */

    /* The body: buffers, from `first`'s `taken` to `last`'s `filled` */
    nu__buffer *first, *last;
    size_t      taken, filled, waiting;
    bool        body_ended, broken;
    uint64_t    body_size; /* bytes handed out */
    int64_t     span_start;
    uint64_t    span_bytes; /* that came */

    /* The response */
    nu__slice piece;                        /* not given to nghttp2 yet */
    bool      last_piece, end_sent, asleep; /* asleep: nghttp2 must be told of new pieces */

    /* Outside of HTTP: http2_carried.c */
    nu__http2_stream *successor; /* which takes the stream over when the exchange ends */
    nu__conn   *carried; /* NULL: it is an exchange, or what is written goes out and that is all */
    nu_hook     news;    /* for it */
    uint32_t    events;
    bool        begun, refused; /* refused: it was told to write later */
    nu__buffer *out;            /* `piece` lies there; NULL when there is none */
};

/* Goes on in HTTP/2 with what the client has sent already. Closes the connection when there is no
 * memory. */
void nu__http2_begin(nu__conn *conn, const char *bytes, size_t length);

/* ---- between the files of HTTP/2 ----------------------------------------------------------------- */

/* Has nghttp2 make frames of what there is, into `out`; writes when that is full. */
void nu__http2_gather(nu__http2 *self);
/* The same at the end of the tick, and writes it. */
void nu__http2_send_later(nu__http2 *self);
/* After anything that may have been the last: closes, lingers, or sets the timer. The connection may be
 * gone afterwards. */
void nu__http2_settle(nu__http2 *self);
/* Ends in order: no new streams, and the connection closes after the last one. */
void nu__http2_retire(nu__http2 *self);
/* The client asks for too much in vain: true, and the connection ends, when its allowance is used up. */
bool nu__http2_spend(nu__http2 *self, int cost);
void nu__http2_earn(nu__http2 *self, int gain);
/* Ends the connection with an error code. */
void nu__http2_fail(nu__http2 *self, uint32_t code);

/* The stream of that id, NULL when there is no exchange (any more). */
nu__http2_stream *nu__http2_find(nu__http2 *self, int32_t id);
/* nghttp2 has closed it, or the connection is dead: the fiber is cancelled; without one it is freed. */
void nu__http2_closed(nu__http2_stream *stream);
/* Makes it one of its connection's. */
void nu__http2_link(nu__http2_stream *stream);
/* Adds the callbacks by which streams are told. */
void nu__http2_stream_callbacks(nghttp2_session_callbacks *callbacks);

/* Adds the callbacks by which heads come. */
void nu__http2_head_callbacks(nghttp2_session_callbacks *callbacks);
/* The head is complete: a fiber serves the request, or the stream is refused for want of memory. */
void nu__http2_begin_exchange(nu__http2_stream *stream);

/* nu__body_read of the request; self is the stream. */
NU_WAITS size_t nu__http2_read(void *self, void *into, size_t room);
/* Takes of what was kept, which is not nothing; the client may send as much again. */
size_t nu__http2_take(nu__http2_stream *stream, void *into, size_t room);
/* Keeps what came of a body; false when there is no room for it. */
bool nu__http2_keep(nu__http2_stream *stream, const uint8_t *bytes, size_t length);
/* Gives the buffers back, and the window with them. */
void nu__http2_drop_body(nu__http2_stream *stream);

/* nu__wire.respond */
NU_WAITS bool nu__http2_respond(nu__exchange *ex, nu_response *res);
/* Adds the callbacks by which nghttp2 fetches pieces of responses. */
void nu__http2_data_callbacks(nghttp2_session_callbacks *callbacks);

/* Prepares for a response that opens a WebSocket or a tunnel; false when there are too many connections. Raises
 * OutOfMemory. */
bool nu__http2_leave_http(nu__http2_stream *stream, const nu_response *res);
/* The exchange has ended: what its stream is from now on takes over, and begins at the end of the tick. */
void nu__http2_hand_over(nu__http2_stream *stream);
/* For a stream that carries something: bytes or their end have come, the stream was closed; `piece` was
 * taken. */
void nu__http2_tell_input(nu__http2_stream *stream);
void nu__http2_tell_end(nu__http2_stream *stream);
void nu__http2_tell_taken(nu__http2_stream *stream);
