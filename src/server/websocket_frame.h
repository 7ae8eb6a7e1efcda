/* Frames of WebSocket (RFC 6455 5): bytes to frames and back. Pure functions that hold no buffer. */
#pragma once

#include "server/http1_parser.h"

enum nu__ws_opcode {
    NU__WS_CONTINUATION = 0,
    NU__WS_TEXT = 1,
    NU__WS_BINARY = 2,
    NU__WS_CLOSE = 8,
    NU__WS_PING = 9,
    NU__WS_PONG = 10,
};

enum {
    NU__WS_CONTROL_MAX = 125, /* bytes of a control frame's payload */
    NU__WS_HEAD_MAX = 14,
};

/* Codes of a close (RFC 6455 7.4.1) that the library itself sends. */
enum {
    NU__WS_NORMAL = 1000,
    NU__WS_GOING_AWAY = 1001,
    NU__WS_PROTOCOL_ERROR = 1002,
    NU__WS_INVALID_DATA = 1007,
    NU__WS_POLICY = 1008,
    NU__WS_TOO_BIG = 1009,
    NU__WS_SERVER_ERROR = 1011,
    NU__WS_RESTART = 1012,
};

/* Why a connection is failed. `code` 0: it is not. */
typedef struct nu__ws_fault {
    int         code;
    const char *reason; /* a short fact that holds nothing the client sent */
} nu__ws_fault;

/* Reads what a client sends. Zero-filled but for the two settings. */
typedef struct nu__ws_parser {
    uint64_t max_frame;  /* bytes of payload; 0: no limit */
    bool     compressed; /* permessage-deflate was agreed on: RSV1 may be set */

    bool     fin, rsv1; /* of the present frame */
    uint8_t  opcode;    /* nu__ws_opcode */
    bool     in_payload;
    bool     in_message; /* a fragmented message has begun and not ended */
    uint8_t  have;       /* bytes of the head so far */
    uint8_t  head[NU__WS_HEAD_MAX];
    uint8_t  mask[4];
    uint32_t mask_at;
    uint64_t length, left; /* bytes of payload */
} nu__ws_parser;

typedef enum nu__ws_event {
    NU__WS_MORE,  /* the input is used up */
    NU__WS_BEGIN, /* a frame's head was read: fin, rsv1, opcode, length */
    NU__WS_DATA,  /* `piece` is a part of its payload, unmasked in place */
    NU__WS_END,   /* the frame is whole */
    NU__WS_FAULT,
} nu__ws_event;

/* Takes the next thing off the front of `input`, whose bytes it changes. After a fault it must not be
 * called again. */
nu__ws_event nu__ws_next(nu__ws_parser *parser, nu__slice *input, nu__slice *piece,
                         nu__ws_fault *fault);

/* Writes the head of a frame from the server, which is not masked; returns its length. */
size_t nu__ws_head(uint8_t out[NU__WS_HEAD_MAX], enum nu__ws_opcode opcode, bool fin, bool rsv1,
                   uint64_t length);

/* XORs with the key, of which `at` bytes were used before; returns how many are used now, modulo 4. */
uint32_t nu__ws_mask(void *bytes, size_t length, const uint8_t key[4], uint32_t at);

/* True for a code that may be sent in a close frame: 1000-1003, 1007-1014, 3000-4999. */
bool nu__ws_code_fits(int code);

/* ---- UTF-8 as it comes --------------------------------------------------------------------------- */

/* What is expected next; zero-filled: a new character. */
typedef struct nu__ws_utf8 {
    uint8_t left;      /* bytes of the character that are still to come */
    uint8_t low, high; /* bounds of the next one */
} nu__ws_utf8;

/* False at the first byte that cannot be UTF-8 (RFC 3629). The text is whole when `left` is 0. */
bool nu__ws_utf8_add(nu__ws_utf8 *state, const void *bytes, size_t length);
