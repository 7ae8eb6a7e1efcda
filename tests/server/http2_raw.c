#include "http2_raw.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nuages/test.h"

/* ---- sending --------------------------------------------------------------------------------- */

h2 *h2_connect(const live *server)
{
    h2 *self = nu_alloc(sizeof *self);
    memset(self, 0, sizeof *self);
    self->fd = live_connect(server);
    setsockopt(self->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* frame by frame */
    CHECK_EQ(nghttp2_hd_inflate_new(&self->inflater), 0);
    return self;
}

h2 *h2_open(const live *server)
{
    h2 *self = h2_connect(server);
    live_send(self->fd, H2_PREFACE);
    h2_send(self, H2_SETTINGS, 0, 0, "", 0);
    return self;
}

void h2_close(h2 *self)
{
    nghttp2_hd_inflate_del(self->inflater);
    close(self->fd);
}

static void put_number(unsigned char *at, uint32_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (unsigned char)(number >> (8 * (bytes - 1 - i)));
}

void h2_send(h2 *self, int type, int flags, uint32_t stream, const void *payload, size_t length)
{
    unsigned char head[9];
    put_number(head, (uint32_t)length, 3);
    head[3] = (unsigned char)type;
    head[4] = (unsigned char)flags;
    put_number(head + 5, stream, 4);
    char *frame = nu_alloc(sizeof head + length);
    memcpy(frame, head, sizeof head);
    memcpy(frame + sizeof head, payload, length);
    live_send_n(self->fd, frame, sizeof head + length);
}

/* A length of RFC 7541 5.1 with a prefix of seven bits. */
static void put_text(nu_builder *block, const char *text)
{
    size_t length = strlen(text);
    if (length < 127) {
        nu_builder_putc(block, (char)length);
    } else {
        nu_builder_putc(block, 127);
        for (length -= 127; length >= 128; length >>= 7)
            nu_builder_putc(block, (char)((length & 127) | 128));
        nu_builder_putc(block, (char)length);
    }
    nu_builder_puts(block, text);
}

nu_builder *h2_block(const char *name, ...)
{
    nu_builder *block = nu_alloc(sizeof *block);
    va_list     rest;
    nu_builder_init(block, NULL, 256);
    va_start(rest, name);
    for (; name; name = va_arg(rest, const char *)) {
        nu_builder_putc(block, 0); /* literal, not indexed, new name */
        put_text(block, name);
        put_text(block, va_arg(rest, const char *));
    }
    va_end(rest);
    return block;
}

nu_builder *h2_get(const char *path)
{
    return h2_block(":method", "GET", ":scheme", "http", ":authority", "a.test", ":path", path,
                    NULL);
}

nu_builder *h2_post(const char *path)
{
    return h2_block(":method", "POST", ":scheme", "http", ":authority", "a.test", ":path", path,
                    NULL);
}

void h2_headers(h2 *self, int flags, uint32_t stream, const nu_builder *block)
{
    h2_send(self, H2_HEADERS, flags | H2_END_HEADERS, stream, block->data, block->length);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool read_n(h2 *self, void *into, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t n = recv(self->fd, (char *)into + done, length - done, 0);
        self->timed_out = n < 0 && errno == EAGAIN;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

static uint32_t number_at(const unsigned char *at, int bytes)
{
    uint32_t number = 0;
    for (int i = 0; i < bytes; i++)
        number = number << 8 | at[i];
    return number;
}

static int status_in(h2 *self, const h2_frame *frame)
{
    const unsigned char *at = frame->payload;
    size_t               left = frame->length;
    int                  status = 0;
    for (;;) {
        nghttp2_nv nv;
        int        flags = 0;
        ssize_t    n = nghttp2_hd_inflate_hd2(self->inflater, &nv, &flags, at, left, 1);
        if (n < 0)
            return 0;
        at += n;
        left -= (size_t)n;
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) && nv.namelen == 7 &&
            memcmp(nv.name, ":status", 7) == 0)
            status = atoi((const char *)nv.value);
        if (flags & NGHTTP2_HD_INFLATE_FINAL)
            break;
    }
    nghttp2_hd_inflate_end_headers(self->inflater);
    return status;
}

const h2_frame *h2_read(h2 *self)
{
    h2_frame     *frame = &self->frame;
    unsigned char head[9];
    frame->type = -1;
    if (!read_n(self, head, sizeof head))
        return frame;
    frame->length = number_at(head, 3);
    CHECK(frame->length <= sizeof frame->payload);
    frame->flags = head[4];
    frame->stream = number_at(head + 5, 4);
    if (read_n(self, frame->payload, frame->length))
        frame->type = head[3];
    if (frame->type == H2_HEADERS)
        self->status = status_in(self, frame);
    return frame;
}

const h2_frame *h2_await(h2 *self, int type, uint32_t stream)
{
    const h2_frame *frame;
    do
        frame = h2_read(self);
    while (frame->type >= 0 && (frame->type != type || (stream && frame->stream != stream)));
    return frame;
}

int h2_goaway(h2 *self)
{
    const h2_frame *frame = h2_await(self, H2_GOAWAY, 0);
    return frame->type < 0 ? -1 : (int)number_at(frame->payload + 4, 4);
}

int h2_reset(h2 *self, uint32_t stream)
{
    const h2_frame *frame = h2_await(self, H2_RST_STREAM, stream);
    return frame->type < 0 ? -1 : (int)number_at(frame->payload, 4);
}

int h2_status(h2 *self, uint32_t stream)
{
    for (;;) {
        const h2_frame *frame = h2_read(self);
        if (frame->type < 0)
            return 0;
        if (frame->stream == stream && frame->type == H2_HEADERS)
            return self->status;
        if (frame->stream == stream && frame->type == H2_RST_STREAM)
            return -1;
    }
}

const char *h2_answer(h2 *self, uint32_t stream)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 256);
    nu_builder_printf(&text, "%d ", h2_status(self, stream));
    while (!(self->frame.flags & H2_END_STREAM)) {
        const h2_frame *frame = h2_await(self, H2_DATA, stream);
        if (frame->type < 0)
            break;
        nu_builder_add(&text, (const char *)frame->payload, frame->length);
    }
    return nu_builder_text(&text);
}

bool h2_alive(h2 *self)
{
    H2_SEND(self, H2_PING, 0, 0, "\1\2\3\4\5\6\7\10");
    const h2_frame *frame = h2_await(self, H2_PING, 0);
    return frame->type == H2_PING && (frame->flags & H2_ACK);
}
