#include "websocket_peer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "nuages/test.h"
#include "nuages/text.h"

#define KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" /* RFC 6455 1.3 */

/* ---- handshake ------------------------------------------------------------------------------- */

static int bits_of(const char *response, const char *name)
{
    const char *at = strstr(response, name);
    return at ? atoi(at + strlen(name)) : 15;
}

static void take_extensions(ws_peer *peer)
{
    const char *line = strstr(peer->response, "Sec-WebSocket-Extensions: permessage-deflate");
    if (!line)
        return;
    peer->deflate = true;
    peer->client_takeover = !strstr(line, "client_no_context_takeover");
    peer->server_takeover = !strstr(line, "server_no_context_takeover");
    peer->client_bits = bits_of(line, "client_max_window_bits=");
    peer->server_bits = bits_of(line, "server_max_window_bits=");
    peer->deflater = nu_arena_zalloc(nu_arena_current(), sizeof *peer->deflater);
    peer->inflater = nu_arena_zalloc(nu_arena_current(), sizeof *peer->inflater);
    CHECK_EQ(deflateInit2(peer->deflater, 6, Z_DEFLATED, -peer->client_bits, 8, 0), Z_OK);
    CHECK_EQ(inflateInit2(peer->inflater, -peer->server_bits), Z_OK);
}

ws_peer *ws_connect(const live *server, const char *path, const char *fields)
{
    ws_peer *peer = nu_arena_zalloc(nu_arena_current(), sizeof *peer);
    peer->fd = live_connect(server);
    live_send(peer->fd,
              nu_fmt("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\n"
                     "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: " KEY "\r\n%s\r\n",
                     path, fields));
    peer->response = live_response(peer->fd);
    peer->open = nu_starts_with(peer->response, "HTTP/1.1 101 ") &&
                 strstr(peer->response, ACCEPT) &&
                 strstr(peer->response, "Connection: Upgrade\r\n");
    take_extensions(peer);
    return peer;
}

ws_peer *ws_open(const live *server, const char *path)
{
    ws_peer *peer = ws_connect(server, path, "");
    CHECK(peer->open);
    return peer;
}

void ws_close(ws_peer *peer)
{
    close(peer->fd);
    if (peer->deflate) {
        deflateEnd(peer->deflater);
        inflateEnd(peer->inflater);
    }
}

/* ---- sending --------------------------------------------------------------------------------- */

const char *ws_frame_bytes(int first, const void *bytes, size_t length, bool bare, int wide,
                           size_t *out_length)
{
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    uint8_t             *out = nu_alloc(length + 14);
    size_t               at = 2;
    if (!wide)
        wide = length < 126 ? 0 : length < 65536 ? 2 : 8;
    out[0] = (uint8_t)first;
    out[1] = (uint8_t)((bare ? 0 : 0x80) | (wide == 0 ? length : wide == 2 ? 126 : 127));
    for (int i = wide - 1; i >= 0; i--)
        out[at++] = (uint8_t)((uint64_t)length >> 8 * i);
    if (!bare)
        for (int i = 0; i < 4; i++)
            out[at++] = mask[i];
    for (size_t i = 0; i < length; i++)
        out[at++] = (uint8_t)(((const uint8_t *)bytes)[i] ^ (bare ? 0 : mask[i & 3]));
    *out_length = at;
    return (const char *)out;
}

void ws_send(ws_peer *peer, int first, const void *bytes, size_t length)
{
    size_t      size;
    const char *frame = ws_frame_bytes(first, bytes, length, false, 0, &size);
    live_send_n(peer->fd, frame, size);
}

void ws_send_text(ws_peer *peer, const char *text)
{
    ws_send(peer, WS_TEXT, text, strlen(text));
}

const char *ws_deflate(ws_peer *peer, const char *bytes, size_t length, size_t *out_length)
{
    size_t room = length + length / 100 + 1024;
    char  *out = nu_alloc(room);
    if (!peer->client_takeover)
        deflateReset(peer->deflater);
    peer->deflater->next_in = (Bytef *)(uintptr_t)bytes;
    peer->deflater->avail_in = (uInt)length;
    peer->deflater->next_out = (Bytef *)out;
    peer->deflater->avail_out = (uInt)room;
    CHECK_EQ(deflate(peer->deflater, Z_SYNC_FLUSH), Z_OK);
    *out_length = room - peer->deflater->avail_out - 4;
    return out;
}

/* ---- receiving ------------------------------------------------------------------------------- */

static bool read_n(int fd, void *into, size_t length)
{
    for (char *at = into; length > 0;) {
        ssize_t n = recv(fd, at, length, 0);
        if (n <= 0)
            return false;
        at += n;
        length -= (size_t)n;
    }
    return true;
}

ws_frame ws_read(ws_peer *peer)
{
    uint8_t  head[10];
    ws_frame frame = {.first = -1, .bytes = ""};
    if (!read_n(peer->fd, head, 2))
        return frame;
    int    wide = head[1] == 126 ? 2 : head[1] == 127 ? 8 : 0;
    size_t length = wide ? 0 : head[1];
    CHECK((head[1] & 0x80) == 0); /* a server does not mask */
    CHECK((head[0] & 0x30) == 0);
    CHECK(peer->deflate || !(head[0] & WS_RSV1));
    CHECK(!(head[0] & 0x08) || (head[1] <= 125 && (head[0] & WS_FIN)));
    CHECK(read_n(peer->fd, head + 2, (size_t)wide));
    for (int i = 0; i < wide; i++)
        length = length << 8 | head[2 + i];
    CHECK(wide == 0 || length > (wide == 2 ? 125 : 65535)); /* the shortest form */
    char *bytes = nu_alloc(length + 1);
    CHECK(read_n(peer->fd, bytes, length));
    bytes[length] = '\0';
    return (ws_frame){head[0], bytes, length};
}

ws_frame ws_inflate(ws_peer *peer, ws_frame frame)
{
    size_t room = 64 << 20, in_length = frame.length + 4;
    char  *in = nu_alloc(in_length), *out = nu_alloc(room);
    memcpy(in, frame.bytes, frame.length);
    memcpy(in + frame.length, "\0\0\xff\xff", 4);
    if (!peer->server_takeover)
        inflateReset(peer->inflater);
    peer->inflater->next_in = (Bytef *)in;
    peer->inflater->avail_in = (uInt)in_length;
    peer->inflater->next_out = (Bytef *)out;
    peer->inflater->avail_out = (uInt)room - 1;
    int status = inflate(peer->inflater, Z_SYNC_FLUSH);
    CHECK(status == Z_OK || status == Z_BUF_ERROR);
    size_t length = room - 1 - peer->inflater->avail_out;
    out[length] = '\0';
    return (ws_frame){frame.first & ~WS_RSV1, out, length};
}

int ws_code(ws_frame frame)
{
    const uint8_t *bytes = (const uint8_t *)frame.bytes;
    return frame.first != WS_CLOSE ? -1 : frame.length < 2 ? 1005 : bytes[0] << 8 | bytes[1];
}
