/* Frames to the client: written at once as far as it takes them, kept in a queue where it does not. */
#include <errno.h>
#include <string.h>

#include "base/internal.h"
#include "server/websocket.h"

void nu__ws_die(nu_websocket *socket)
{
    socket->conn->dead = true;
    if (!socket->code)
        socket->code = 1006;
    nu__queue_wake_all(&socket->senders);
    nu__ws_rouse(socket);
}

/* ---- the queue ------------------------------------------------------------------------------- */

/* Keeps a copy of what `parts` hold behind the first `sent` bytes. False when memory is out. */
static bool keep(nu_websocket *socket, const struct iovec *parts, int count, size_t sent)
{
    size_t total = 0;
    for (int i = 0; i < count; i++)
        total += parts[i].iov_len;
    nu_arena *volatile arena = NULL;
    NU_TRY {
        arena = nu__arena_new_small(socket->arena, "websocket output",
                                    sizeof(nu__ws_chunk) + total - sent);
        nu__ws_chunk *chunk = nu_arena_alloc(arena, sizeof *chunk + total - sent);
        *chunk = (nu__ws_chunk){.arena = arena, .length = total - sent};
        char *at = chunk->bytes;
        for (int i = 0; i < count; i++) {
            size_t skip = sent < parts[i].iov_len ? sent : parts[i].iov_len;
            memcpy(at, (const char *)parts[i].iov_base + skip, parts[i].iov_len - skip);
            at += parts[i].iov_len - skip;
            sent -= skip;
        }
        *socket->out_last = chunk;
        socket->out_last = &chunk->next;
        socket->queued += chunk->length;
    }
    NU_CATCH (error) {
        (void)error;
        nu_arena_free(arena);
        return false;
    }
    return true;
}

static void await_client(nu_websocket *socket)
{
    const nu__worker *worker = socket->conn->worker;
    int               ms = worker->server->options.timeouts.write;
    socket->write_by = socket->out ? nu__loop_now(worker->loop) + (int64_t)ms * 1000 : 0;
}

bool nu__ws_put(nu_websocket *socket, enum nu__ws_opcode opcode, bool rsv1, const void *bytes,
                size_t length)
{
    nu__conn    *conn = socket->conn;
    uint8_t      head[NU__WS_HEAD_MAX];
    struct iovec parts[2] = {{head, nu__ws_head(head, opcode, true, rsv1, length)},
                             {(void *)(uintptr_t)bytes, length}};
    int          count = length > 0 ? 2 : 1;
    if (conn->dead)
        return false;
    ssize_t n = socket->out ? 0 : conn->transport->write(conn, parts, count);
    bool    broken = n < 0 && errno != EAGAIN && errno != EWOULDBLOCK;
    size_t  sent = n > 0 ? (size_t)n : 0;
    if (!broken && sent == parts[0].iov_len + length)
        return true;
    if (broken || !keep(socket, parts, count, sent)) {
        nu__ws_die(socket);
        return false;
    }
    if (!socket->write_by)
        await_client(socket);
    /* Of a transport that takes a record at a time, the rest may fit yet. */
    if (n > 0)
        nu__ws_flush(socket);
    return !conn->dead;
}

/* Takes `done` bytes off the front of the queue. */
static void advance(nu_websocket *socket, size_t done)
{
    socket->queued -= done;
    while (socket->out && done >= socket->out->length - socket->out->sent) {
        nu__ws_chunk *chunk = socket->out;
        done -= chunk->length - chunk->sent;
        socket->out = chunk->next;
        nu_arena_free(chunk->arena);
    }
    if (socket->out)
        socket->out->sent += done;
    else
        socket->out_last = &socket->out;
}

/* One write; false when the client takes no more. */
static bool flush_some(nu_websocket *socket)
{
    enum { PARTS = 16 };
    nu__conn    *conn = socket->conn;
    struct iovec parts[PARTS];
    int          count = 0;
    for (nu__ws_chunk *chunk = socket->out; chunk && count < PARTS; chunk = chunk->next)
        parts[count++] = (struct iovec){chunk->bytes + chunk->sent, chunk->length - chunk->sent};
    ssize_t n = conn->transport->write(conn, parts, count);
    if (n < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK)
            nu__ws_die(socket);
        return false;
    }
    advance(socket, (size_t)n);
    await_client(socket);
    return true;
}

void nu__ws_flush(nu_websocket *socket)
{
    while (socket->out && !socket->conn->dead && flush_some(socket)) {
    }
    if (!socket->out && socket->pong_due && !socket->conn->dead) {
        socket->pong_due = false;
        nu__ws_put(socket, NU__WS_PONG, false, socket->pong, socket->pong_length);
    }
    if (socket->queued < socket->options.send_queue)
        nu__queue_wake_all(&socket->senders);
}

/* ---- closing --------------------------------------------------------------------------------- */

void nu__ws_close(nu_websocket *socket, int code, const char *reason, size_t length)
{
    uint8_t payload[NU__WS_CONTROL_MAX] = {(uint8_t)(code >> 8), (uint8_t)code};
    int     ms = socket->options.close_ms;
    if (socket->close_sent)
        return;
    if (length > sizeof payload - 2)
        length = sizeof payload - 2;
    if (length > 0)
        memcpy(payload + 2, reason, length);
    socket->close_sent = true;
    socket->pong_due = false;
    socket->ours = !socket->close_received;
    socket->pong_by = socket->answer_by = 0;
    socket->close_by = nu__loop_now(socket->conn->worker->loop) + (int64_t)ms * 1000;
    /* An empty close is answered with an empty one. */
    nu__ws_put(socket, NU__WS_CLOSE, false, payload, code ? length + 2 : 0);
    nu__queue_wake_all(&socket->senders);
    nu__ws_rouse(socket);
}

void nu__ws_answer_close(nu_websocket *socket)
{
    if (socket->close_received)
        nu__ws_close(socket, socket->code == 1005 ? 0 : socket->code, socket->reason,
                     strlen(socket->reason));
}
