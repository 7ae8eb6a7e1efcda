/* From frames to messages (RFC 6455 5.4 to 5.6): puts fragments together, checks text, takes compressed
 * messages apart, hands out control frames as they come. Knows no sockets. */
#pragma once

#include "server/websocket_deflate.h"
#include "server/websocket_frame.h"

/* A whole message, in an arena of its own. */
typedef struct nu__ws_message nu__ws_message;
struct nu__ws_message {
    nu__ws_message *next;
    nu_arena       *arena;
    bool            text;
    const char     *bytes; /* followed by a NUL */
    size_t          length;
};

typedef struct nu__ws_reader {
    nu__ws_parser   parser;
    nu_arena       *arena;       /* below which messages lie */
    size_t          max_message; /* bytes */
    nu__ws_deflate *deflate;

    nu_arena   *gathering; /* of the message that has begun; NULL: none */
    nu_builder  payload;
    bool        text, compressed;
    nu__ws_utf8 utf8;

    uint8_t control[NU__WS_CONTROL_MAX]; /* payload of a control frame */
    uint8_t control_length;
} nu__ws_reader;

typedef enum nu__ws_found {
    NU__WS_NOTHING, /* the input is used up */
    NU__WS_MESSAGE,
    NU__WS_GOT_PING, /* its payload in `control`, as with the two that follow */
    NU__WS_GOT_PONG,
    NU__WS_GOT_CLOSE, /* checked: `control` is empty, or holds a code and UTF-8 */
    NU__WS_BROKEN,    /* `fault` tells why */
} nu__ws_found;

/* Takes the next thing off the front of `input`, whose bytes it changes. The message is the caller's to
 * free with its arena. Raises OutOfMemory. */
nu__ws_found nu__ws_read(nu__ws_reader *reader, nu__slice *input, nu__ws_message **message,
                         nu__ws_fault *fault);
