/* Writing responses of HTTP/1.1. */
#include "server/http1_exchange.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "nuages/log.h"
#include "nuages/time.h"
#include "server/tunnel.h"
#include "server/websocket.h"

/* ---- the head -------------------------------------------------------------------------------- */

/* How the end of a body is told. */
enum framing { NO_BODY, BY_LENGTH, CHUNKED, UNTIL_CLOSE };

static enum framing framing_of(const nu__http1_exchange *self, const nu_response *res)
{
    if (!nu__response_has_body(res))
        return NO_BODY;
    if (res->kind != NU_BODY_STREAM)
        return BY_LENGTH;
    if (self->ex.head_only)
        return NO_BODY;
    return self->minor ? CHUNKED : UNTIL_CLOSE;
}

static void put_line(nu_builder *out, const char *name, size_t name_length, const char *value,
                     size_t value_length)
{
    char *at = nu_builder_room(out, name_length + value_length + 4);
    memcpy(at, name, name_length);
    memcpy(at + name_length, ": ", 2);
    memcpy(at + name_length + 2, value, value_length);
    memcpy(at + name_length + 2 + value_length, "\r\n", 2);
    out->length += name_length + value_length + 4;
}

static void put_fields(nu_builder *out, nu__exchange *ex, const nu_response *res)
{
    const nu_headers *headers = &res->headers;
    if (!nu_headers_at(headers, NU_HEADER_SERVER))
        nu_builder_add(out, "Server: nuages\r\n", 16);
    if (!nu_headers_at(headers, NU_HEADER_DATE)) {
        nu__slice date = nu__date_line(ex->worker);
        nu_builder_add(out, date.data, date.length);
    }
    for (uint32_t i = 0; i < headers->count; i++) {
        const nu_header *header = &headers->items[i];
        if (!nu__field_is_ours(header))
            put_line(out, header->name, header->name_length, header->value, header->value_length);
    }
    if (res->cookie_count > 0)
        for (const char *const *line = nu_response_cookies(res); *line; line++)
            put_line(out, "Set-Cookie", 10, *line, strlen(*line));
}

static bool changes_protocol(const nu_response *res)
{
    return res->upgrade || res->tunnel;
}

static void put_head(nu_builder *out, nu__http1_exchange *self, const nu_response *res,
                     enum framing framing, uint64_t length)
{
    nu_builder_add(out, "HTTP/1.1 ", 9);
    nu_builder_puts(out, nu__status_line(res->status));
    nu_builder_add(out, "\r\n", 2);
    put_fields(out, &self->ex, res);
    if (framing == BY_LENGTH) {
        nu_builder_add(out, "Content-Length: ", 16);
        nu_builder_int(out, (int64_t)length);
        nu_builder_add(out, "\r\n", 2);
    } else if (framing == CHUNKED) {
        nu_builder_puts(out, "Transfer-Encoding: chunked\r\n");
    }
    if (changes_protocol(res) && self->keep)
        nu_builder_puts(out, "Connection: Upgrade\r\n");
    else if (!self->keep)
        nu_builder_puts(out, "Connection: close\r\n");
    else if (!self->minor)
        nu_builder_puts(out, "Connection: keep-alive\r\n");
    nu_builder_add(out, "\r\n", 2);
}

/* ---- the body -------------------------------------------------------------------------------- */

static bool write_parts(nu__http1_exchange *self, struct iovec *parts, int count)
{
    nu__exchange *ex = &self->ex;
    for (int i = 0; i < count; i++)
        ex->sent += parts[i].iov_len;
    /* Further requests wait in the buffer: their responses may share a packet with this one. */
    if (self->keep && self->body_done && nu__http1_has_next(ex->conn) &&
        nu__http1_write_later(ex->conn, parts, count))
        return true;
    return nu__http1_write(ex->conn, parts, count);
}

/* A copy of a small body behind its head costs less than a second part costs the kernel. */
static bool send_bytes(nu__http1_exchange *self, nu_builder *head, const nu_response *res)
{
    enum { SMALL = 2048 };
    size_t      length = 0;
    const char *body = self->ex.head_only ? NULL : nu_response_body(res, &length);
    bool        joined = length <= SMALL;
    if (joined && length > 0)
        nu_builder_add(head, body, length);
    struct iovec parts[2] = {{head->data, head->length}, {(char *)(uintptr_t)body, length}};
    return write_parts(self, parts, joined ? 1 : 2);
}

static bool send_head(nu__http1_exchange *self, const nu_builder *head)
{
    struct iovec part = {head->data, head->length};
    return write_parts(self, &part, 1);
}

/* The head waits in the kernel for the first bytes of the file. */
static void hold_back(nu__conn *conn, bool on)
{
    int value = on;
    if (!conn->listener->local)
        setsockopt(conn->watch.fd, IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

/* Sends the next piece; false when the connection is dead. */
static bool send_file_piece(nu__exchange *ex, const nu_response *res, off_t *at, size_t left)
{
    enum { PIECE = 1 << 20 };
    nu__conn *conn = ex->conn;
    ssize_t   n = sendfile(conn->watch.fd, res->fd, at, left < PIECE ? left : PIECE);
    if (n == 0)
        nu_raise(NU_SYSTEM_ERROR, "file became shorter while it was sent");
    if (n > 0)
        ex->sent += (uint64_t)n;
    if (n > 0 && (size_t)n < left)
        nu_yield();
    if (n > 0 || errno == EINTR)
        return true;
    if (errno == EAGAIN)
        return nu__http1_wait_write(conn);
    conn->dead = true;
    return false;
}

/* A small file costs less when it is read and sent with the head in one packet. */
static bool send_small_file(nu__http1_exchange *self, const nu_builder *head,
                            const nu_response *res)
{
    char        *bytes = nu_arena_alloc(self->ex.arena, res->length + 1);
    struct iovec parts[] = {{head->data, head->length}, {bytes, res->length}};
    nu__file_read(res, 0, bytes, res->length);
    return write_parts(self, parts, 2);
}

/* What must be encrypted goes through memory. */
static bool send_file_read(nu__http1_exchange *self, const nu_builder *head, const nu_response *res)
{
    enum { PIECE = 64 * 1024 };
    nu__exchange *ex = &self->ex;
    char         *bytes = nu_arena_alloc(ex->arena, PIECE);
    for (size_t done = 0; done < res->length;) {
        size_t       left = res->length - done, size = left < PIECE ? left : PIECE;
        bool         first = done == 0;
        struct iovec parts[] = {{head->data, head->length}, {bytes, size}};
        nu__file_read(res, done, bytes, size);
        ex->sent += size + (first ? head->length : 0);
        if (!nu__http1_write(ex->conn, parts + !first, 1 + first))
            return false;
        done += size;
        if (done < res->length)
            nu_yield();
    }
    return true;
}

static bool send_file(nu__http1_exchange *self, const nu_builder *head, const nu_response *res)
{
    enum { SMALL = 32 * 1024 };
    if (res->length <= SMALL)
        return send_small_file(self, head, res);
    if (!self->ex.conn->transport->sends_files)
        return send_file_read(self, head, res);
    struct iovec  part = {head->data, head->length};
    off_t         at = res->offset, end = at + (off_t)res->length;
    nu__exchange *ex = &self->ex;
    hold_back(ex->conn, true);
    ex->sent += head->length;
    bool fine = nu__http1_write(ex->conn, &part, 1);
    while (fine && at < end)
        fine = send_file_piece(ex, res, &at, (size_t)(end - at));
    hold_back(ex->conn, false);
    return fine;
}

/* One piece, with the head before the first one. An empty chunk would be the end, so none is sent.
 */
static bool send_piece(nu__exchange *ex, const nu_builder *head, nu__slice piece, bool chunked)
{
    char         size[24];
    struct iovec parts[4];
    int          count = 0;
    if (head)
        parts[count++] = (struct iovec){head->data, head->length};
    if (piece.length > 0 && chunked) {
        int digits = snprintf(size, sizeof size, "%zx\r\n", piece.length);
        parts[count++] = (struct iovec){size, (size_t)digits};
    }
    if (piece.length > 0)
        parts[count++] = (struct iovec){(char *)(uintptr_t)piece.data, piece.length};
    if (piece.length > 0 && chunked)
        parts[count++] = (struct iovec){(char *)(uintptr_t) "\r\n", 2};
    for (int i = 0; i < count; i++)
        ex->sent += parts[i].iov_len;
    return count == 0 || nu__http1_write(ex->conn, parts, count);
}

static bool send_stream(nu__http1_exchange *self, nu_builder *head, const nu_response *res,
                        bool chunked)
{
    const nu_builder *first = head;
    nu_value          piece;
    while (res->next(res->stream_self, &piece)) {
        if (!send_piece(&self->ex, first, nu__piece_bytes(piece), chunked))
            return false;
        first = NULL;
    }
    if (!chunked)
        return send_piece(&self->ex, first, (nu__slice){"", 0}, false);
    struct iovec parts[2];
    int          count = 0;
    if (first)
        parts[count++] = (struct iovec){head->data, head->length};
    parts[count++] = (struct iovec){(char *)(uintptr_t) "0\r\n\r\n", 5};
    return write_parts(self, parts, count);
}

static bool send_body(nu__http1_exchange *self, nu_builder *head, const nu_response *res,
                      bool chunked)
{
    switch (res->kind) {
    case NU_BODY_BYTES: return send_bytes(self, head, res);
    case NU_BODY_FILE: return send_file(self, head, res);
    case NU_BODY_STREAM: return send_stream(self, head, res, chunked);
    }
    return false;
}

/* A WebSocket or tunnel needs a connection that stays open, as HTTP/1.0 has none. */
static bool send_upgrade(nu__http1_exchange *self, nu_builder *head, const nu_response *res)
{
    nu__exchange *ex = &self->ex;
    if (self->keep && self->minor) {
        if (res->upgrade)
            nu__websocket_new(ex->conn, res->upgrade, ex->request.id);
        else
            nu__tunnel_new(ex->conn, res->tunnel);
    } else {
        self->keep = false;
        res = nu_status(426);
    }
    put_head(head, self, res, changes_protocol(res) ? NO_BODY : BY_LENGTH, 0);
    struct iovec part = {head->data, head->length};
    ex->sent += head->length;
    return nu__http1_write(ex->conn, &part, 1) && self->keep;
}

/* ---- all of it ------------------------------------------------------------------------------- */

bool nu__http1_respond(nu__exchange *ex, nu_response *res)
{
    nu__http1_exchange *self = NU_CONTAINER(ex, nu__http1_exchange, ex);
    enum framing        framing = framing_of(self, res);
    /* In this order: what is left of the body is only read if the connection may stay open. */
    self->keep = self->keep && framing != UNTIL_CLOSE &&
                 (!ex->worker->draining || changes_protocol(res)) &&
                 !nu__response_closes(res) && nu__http1_drain(self);
    nu_builder head;
    nu_builder_init(&head, ex->arena, 512);
    if (changes_protocol(res))
        return send_upgrade(self, &head, res);
    put_head(&head, self, res, framing, nu__response_length(res));
    bool sent = framing == NO_BODY || (ex->head_only && res->kind != NU_BODY_BYTES)
                    ? send_head(self, &head)
                    : send_body(self, &head, res, framing == CHUNKED);
    return sent && self->keep;
}

void nu__http1_refuse(nu__conn *conn, int status, const char *reason)
{
    nu__worker *worker = conn->worker;
    nu__slice   date = nu__date_line(worker);
    char        page[512], line[64];
    snprintf(line, sizeof line, "%s\n", nu__status_line(status));
    int length =
        snprintf(page, sizeof page,
                 "HTTP/1.1 %.*s\r\nServer: nuages\r\n%.*sContent-Type: text/plain; "
                 "charset=utf-8\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
                 (int)strlen(line) - 1, line, (int)date.length, date.data, strlen(line), line);
    struct iovec part = {page, (size_t)length};
    nu_info("server", "%s: refused: %d %s", conn->address, status, reason);
    /* Queued responses first; what the socket does not take at once the client does not get. */
    if (nu__http1_write_later(conn, &part, 1))
        nu__http1_flush(conn);
    nu__conn_linger(conn);
}
