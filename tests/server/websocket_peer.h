/* A client of WebSocket that does what it is told, also what is forbidden, and takes nothing from the
 * server that RFC 6455 does not allow. */
#pragma once

#include "live.h"

typedef struct ws_peer {
    int                fd;
    const char        *response; /* head of the answer to the handshake */
    bool               open;     /* it was a 101 with the right key */
    bool               deflate;  /* permessage-deflate was agreed on ... */
    bool               client_takeover, server_takeover;
    int                client_bits, server_bits;
    struct z_stream_s *deflater, *inflater;
} ws_peer;

enum {
    WS_FIN = 0x80,
    WS_RSV1 = 0x40,
    WS_TEXT = 0x81, /* each of these with FIN */
    WS_BINARY = 0x82,
    WS_CLOSE = 0x88,
    WS_PING = 0x89,
    WS_PONG = 0x8a,
};

typedef struct ws_frame {
    int         first; /* byte: FIN, RSV, opcode; -1: the connection has ended */
    const char *bytes; /* NUL-terminated */
    size_t      length;
} ws_frame;

/* Asks for a WebSocket; `fields`: further lines of the head, each ended by CR LF. The peer lies in the
 * current arena. */
ws_peer *ws_connect(const live *server, const char *path, const char *fields);
/* The same, and it must come to be open. */
ws_peer *ws_open(const live *server, const char *path);

/* Sends a frame as it should be. */
void ws_send(ws_peer *peer, int first, const void *bytes, size_t length);
void ws_send_text(ws_peer *peer, const char *text);
/* The bytes of a frame, in the current arena, masked unless `bare`; `wide`: 0, or 2 or 8 for a length
 * that is written in so many bytes though fewer would do. */
const char *ws_frame_bytes(int first, const void *bytes, size_t length, bool bare, int wide,
                           size_t *out_length);
/* A payload as permessage-deflate has it. */
const char *ws_deflate(ws_peer *peer, const char *bytes, size_t length, size_t *out_length);

/* The next frame, and the next that is no ping. */
ws_frame ws_read(ws_peer *peer);
/* The payload of a frame with WS_RSV1. */
ws_frame ws_inflate(ws_peer *peer, ws_frame frame);
/* The code in a close. */
int  ws_code(ws_frame frame);
void ws_close(ws_peer *peer);
