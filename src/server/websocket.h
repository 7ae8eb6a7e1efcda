/* One WebSocket on a connection: its parts, for websocket*.c.
 *
 *      view ─▶ nu_response with `upgrade` ─▶ 101 is out ─▶ the request ends
 *                                                              │
 *      loop: bytes ─▶ reader ─▶ line of messages ─▶ fiber: handler ─▶ frames ─▶ socket, or queue
 *              └─▶ pong, close ─────────────────────────────────────────────────────▲
 *
 * Callbacks of the loop read, answer control frames and keep time; the handler's fiber takes messages from
 * the line. When that is full nothing is read. The socket stays until both the handler has ended and the
 * closing handshake is over, or time is up. */
#pragma once

#include "server/connection.h"
#include "server/websocket_reader.h"

/* What nu_websocket leaves in the response, in the request's arena. */
struct nu__upgrade {
    nu_websocket_handler      *handler; /* either of the two */
    const nu_websocket_events *events;
    const void                *ctx;
    nu_websocket_options       options; /* complete */
    const char                *subprotocol;
    nu__ws_deflate             deflate;
};

/* A part of the output that the client has not taken. */
typedef struct nu__ws_chunk nu__ws_chunk;
struct nu__ws_chunk {
    nu__ws_chunk *next;
    nu_arena     *arena; /* its own */
    size_t        length, sent;
    char          bytes[];
};

struct nu_websocket {
    nu__conn             *conn;
    nu_arena             *arena;   /* it lies there */
    nu_arena             *scratch; /* of the handler from its first receive on; of each event */
    nu_fiber             *fiber;   /* of the handler, or of the event under way; NULL: none */
    nu_websocket_handler *handler;
    const nu_websocket_events *events;
    void                      *ctx;
    nu_value                   data;
    nu_websocket_options       options;
    const char                *subprotocol;
    char                       id[28];
    bool                       opened; /* the event has been told */
    bool                       ended;  /* nobody is there any more to hear or say something */
    bool                       interrupted; /* the fiber under way was cancelled */
    int                        busy;        /* fibers that wait within a call to send */
    int                        turns;  /* since others had theirs */

    nu__ws_reader   reader;
    nu__ws_deflate  deflate;
    nu__ws_message *first, **last; /* the line */
    nu__ws_message *held;          /* received last */
    int             waiting;       /* length of the line ... */
    size_t          waiting_bytes; /* ... and of its messages */
    nu_arena       *rest_arena;    /* input that was read when the line was full; NULL: none */
    nu__slice       rest;
    bool            receiving; /* the handler is parked for a message */

    nu__ws_chunk *out, **out_last;
    size_t        queued; /* bytes in them */
    nu_queue      senders;
    bool          pong_due; /* with `pong`, once the queue is empty */
    uint8_t       pong_length, pong[NU__WS_CONTROL_MAX];

    bool        close_sent, close_received;
    bool        ours;      /* the close began here: what comes in is dropped */
    bool        failed;    /* ... and nothing is read any more */
    bool        finished;  /* the socket was shut */
    bool        cancelled; /* it was given up: no more time for anybody */
    int         code;      /* of the close: what nu_websocket_close_code gives; 0: open */
    const char *reason;

    /* Moments of the loop's clock; 0: none */
    int64_t heard;    /* something came last */
    int64_t message;  /* a message came last */
    int64_t pong_by;  /* a pong is awaited */
    int64_t write_by; /* the client must take something */
    int64_t close_by; /* the end */
    int64_t
        answer_by;   /* the client's close is answered, if the handler does not come to it before */
    int64_t trim_at; /* the handler waits: what its stack does not need goes back */
};

extern const nu__protocol nu__websocket_protocol;

/* ---- websocket_life.c ---------------------------------------------------------------------------- */

/* Makes one for a response that is about to be sent; it is conn->websocket. Raises OutOfMemory. */
void nu__websocket_new(nu__conn *conn, const struct nu__upgrade *upgrade, const char *id);
/* The request is gone: goes on with the handler, or closes when the 101 did not go out. */
void nu__websocket_begin(nu__conn *conn, bool sent);

/* There is something to do for the handler, or for the functions. */
void nu__ws_rouse(nu_websocket *socket);
/* Lets others have a turn now and then, though there is something to do. Raises Cancelled. */
NU_WAITS void nu__ws_give_way(nu_websocket *socket);
/* No message will come any more, except those in the line. */
bool nu__ws_is_over(const nu_websocket *socket);
/* Ends it when nobody needs it any more. The socket may be gone afterwards. */
void nu__ws_settle(nu_websocket *socket);

/* ---- websocket_input.c --------------------------------------------------------------------------- */

/* Reads and parses what is there, until the line is full. */
void nu__ws_pump(nu_websocket *socket);
/* Takes the first message out of the line; NULL if it is empty. It lives until the next call. */
nu__ws_message *nu__ws_take(nu_websocket *socket);
/* Frees the message that was taken last. */
void nu__ws_drop(nu_websocket *socket);
/* Text or bytes, borrowed. */
nu_value nu__ws_value(const nu__ws_message *message);

/* ---- websocket_output.c -------------------------------------------------------------------------- */

/* Writes a frame as far as the client takes it, and keeps the rest. False when the connection is dead. */
bool nu__ws_put(nu_websocket *socket, enum nu__ws_opcode opcode, bool rsv1, const void *bytes,
                size_t length);
/* Writes what is kept as far as the client takes it. */
void nu__ws_flush(nu_websocket *socket);
/* Begins the closing handshake, or answers with its second half; does nothing when that is done. */
void nu__ws_close(nu_websocket *socket, int code, const char *reason, size_t length);
/* Answers a close that was received, if that is still to be done. */
void nu__ws_answer_close(nu_websocket *socket);
/* The connection has no use any more: whoever waits learns of it. */
void nu__ws_die(nu_websocket *socket);
