/* permessage-deflate (RFC 7692): agreeing on it, and the messages.
 *
 * Without context takeover, the default, all connections of a process share one compressor and one
 * decompressor, so that an idle connection pays nothing. With it each has its own:
 * 2^(window + 2) + 128 KiB at most to compress, 2^window + 10 KiB to decompress. */
#pragma once

#include "http/internal.h"
#include "nuages/websocket.h"

typedef struct nu__ws_deflate {
    bool               agreed;
    bool               server_takeover, client_takeover;
    int                server_bits, client_bits; /* 9 to 15 */
    int                level;
    struct z_stream_s *deflater, *inflater; /* with takeover, once they are used */
    nu_arena          *arena;               /* where these two lie */
} nu__ws_deflate;

/* Chooses among the client's offers (the values of Sec-WebSocket-Extensions; NULL: none). Gives the field
 * to answer with in the current arena, or NULL when none of them can be accepted. */
const char *nu__ws_deflate_agree(nu__ws_deflate *deflate, const char *offers,
                                 const nu_websocket_options *options);

/* Takes a message apart into the current arena. 0, or the code to close with: 1009 when it would be larger
 * than `limit`, 1007 when it is malformed, 1011 when memory is out. */
int nu__ws_decompress(nu__ws_deflate *deflate, const void *bytes, size_t length, size_t limit,
                      uint8_t **out, size_t *out_length);

/* The message compressed, in the current arena; NULL when that does not make it smaller and it may as
 * well go as it is. Without takeover it may run in another thread (`own`: with a compressor of its own).
 * Raises OutOfMemory. */
const uint8_t *nu__ws_compress(nu__ws_deflate *deflate, const void *bytes, size_t length, bool own,
                               size_t *out_length);

void nu__ws_deflate_clear(nu__ws_deflate *deflate);
