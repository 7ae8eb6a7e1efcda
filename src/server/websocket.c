/* What a handler calls (nuages/websocket.h). */
#include "server/websocket.h"

#include <string.h>

#include "nuages/fiber.h"
#include "nuages/json.h"
#include "nuages/text.h"

enum {
    TRIM_MS = 2000,         /* of waiting, before the handler's stack is made small */
    OFFLOADED = 256 * 1024, /* a larger message is compressed in another thread */
};

/* ---- receiving ------------------------------------------------------------------------------- */

static void check_handler(const nu_websocket *socket)
{
    if (!socket->handler || socket->fiber != nu__fiber_self())
        nu_raise(NU_ASSERTION, "only the handler of a WebSocket may receive from it");
}

/* What the handler has allocated since the last message goes. */
static void empty_scratch(nu_websocket *socket)
{
    nu_arena_reset(socket->scratch);
    if (nu_arena_current() == socket->arena)
        nu_arena_enter(socket->scratch);
}

/* Waits until there is a message, or will never be one. */
static void await_message(nu_websocket *socket)
{
    nu_wake wake = NU_WAKE_READY;
    if (!socket->first)
        nu__ws_answer_close(socket);
    while (wake == NU_WAKE_READY && !socket->first && !nu__ws_is_over(socket)) {
        socket->receiving = true;
        socket->trim_at = nu__loop_now(socket->conn->worker->loop) + TRIM_MS * 1000;
        nu__ws_settle(socket);
        wake = nu__park_until(NU__FOREVER);
        socket->receiving = false;
        socket->trim_at = 0;
    }
    if (wake == NU_WAKE_TIMEOUT)
        nu__wake_check(wake, "waiting for a message");
}

bool nu_websocket_receive(nu_websocket *socket, nu_value *message)
{
    check_handler(socket);
    nu__ws_drop(socket);
    empty_scratch(socket);
    nu__ws_give_way(socket);
    await_message(socket);
    nu__ws_message *next = socket->ours ? NULL : nu__ws_take(socket);
    if (!next)
        return false;
    *message = nu__ws_value(next);
    return true;
}

/* ---- sending --------------------------------------------------------------------------------- */

static bool is_open(const nu_websocket *socket)
{
    return !socket->conn->dead && !socket->close_sent;
}

/* A fiber that waits within a call keeps the socket from going. */
static void leave_call(nu_websocket *socket)
{
    if (--socket->busy == 0 && socket->ended)
        nu__ws_settle(socket);
}

static nu_wake wait_in_line(nu_websocket *socket)
{
    nu_wake wake = NU_WAKE_READY;
    while (wake == NU_WAKE_READY && is_open(socket) && socket->queued >= socket->options.send_queue)
        wake = nu__queue_wait(&socket->senders, NU__FOREVER);
    return wake;
}

/* Waits until the client has taken enough; false when the connection is closed. */
static bool await_room(nu_websocket *socket)
{
    if (!is_open(socket) || socket->queued < socket->options.send_queue)
        return is_open(socket);
    if (socket->options.close_slow) {
        nu__ws_close(socket, NU__WS_POLICY, "too slow", 8);
        return false;
    }
    nu__ws_settle(socket);
    socket->busy++;
    nu_wake wake = wait_in_line(socket);
    bool    open = is_open(socket);
    leave_call(socket);
    if (open)
        nu__wake_check(wake, "sending a message");
    return open;
}

struct compression {
    nu_websocket  *socket;
    const void    *bytes;
    size_t         length;
    bool           own;
    const uint8_t *result; /* NULL: it goes as it is */
    size_t         result_length;
};

static void compress(void *arg)
{
    struct compression *job = arg;
    job->result = nu__ws_compress(&job->socket->deflate, job->bytes, job->length, job->own,
                                  &job->result_length);
}

/* Without takeover messages do not depend on one another, and a large one may take its time elsewhere. */
static void compress_somewhere(struct compression *job)
{
    nu_websocket *socket = job->socket;
    job->own = job->length > OFFLOADED && !socket->deflate.server_takeover;
    if (!job->own) {
        compress(job);
        return;
    }
    socket->busy++;
    NU_TRY {
        nu_offload(compress, job);
    }
    NU_CATCH (error) {
        leave_call(socket);
        nu_reraise(error);
    }
    leave_call(socket);
}

static bool send_compressed(nu_websocket *socket, enum nu__ws_opcode opcode, const void *bytes,
                            size_t length)
{
    nu_arena          *before = nu_arena_current(), *arena = nu_arena_new(before, "compression");
    struct compression job = {.socket = socket, .bytes = bytes, .length = length};
    nu_arena_enter(arena);
    compress_somewhere(&job);
    bool open = is_open(socket);
    if (open && job.result)
        open = nu__ws_put(socket, opcode, true, job.result, job.result_length);
    else if (open)
        open = nu__ws_put(socket, opcode, false, bytes, length);
    nu_arena_enter(before);
    nu_arena_free(arena);
    return open;
}

static bool send_message(nu_websocket *socket, enum nu__ws_opcode opcode, const void *bytes,
                         size_t length)
{
    const nu_websocket_options *options = &socket->options;
    if (socket->fiber == nu__fiber_self())
        nu__ws_give_way(socket);
    if (!await_room(socket))
        return false;
    bool open = socket->deflate.agreed && length >= options->deflate_min
                    ? send_compressed(socket, opcode, bytes, length)
                    : nu__ws_put(socket, opcode, false, bytes, length);
    if (!open || socket->out)
        nu__ws_settle(socket);
    return open;
}

static bool send_checked_text(nu_websocket *socket, const char *text, size_t length)
{
    if (!nu_utf8_valid(text, length))
        nu_raise(NU_VALUE_ERROR, "text of a WebSocket's message is not UTF-8");
    return send_message(socket, NU__WS_TEXT, text, length);
}

bool nu_websocket_send_text(nu_websocket *socket, const char *text)
{
    return send_checked_text(socket, text, strlen(text));
}

bool nu_websocket_send_binary(nu_websocket *socket, const void *bytes, size_t length)
{
    return send_message(socket, NU__WS_BINARY, bytes, length);
}

bool nu_websocket_send_json(nu_websocket *socket, nu_value value)
{
    nu_arena *before = nu_arena_current(), *arena = nu_arena_new(before, "websocket JSON");
    nu_arena_enter(arena);
    const char *text = nu_json_text(value);
    bool        sent = send_message(socket, NU__WS_TEXT, text, strlen(text));
    nu_arena_enter(before);
    nu_arena_free(arena);
    return sent;
}

bool nu_websocket_send(nu_websocket *socket, nu_value message)
{
    if (message.type == NU_TEXT)
        return send_checked_text(socket, message.text, message.length);
    if (message.type == NU_BYTES)
        return send_message(socket, NU__WS_BINARY, message.text, message.length);
    nu_raise(NU_VALUE_ERROR, "a WebSocket sends text and bytes: make JSON of other values");
}

bool nu_websocket_ping(nu_websocket *socket, const void *bytes, size_t length)
{
    if (length > NU__WS_CONTROL_MAX)
        nu_raise(NU_VALUE_ERROR, "a ping holds 125 bytes, not %zu", length);
    return await_room(socket) && nu__ws_put(socket, NU__WS_PING, false, bytes, length);
}

/* ---- closing --------------------------------------------------------------------------------- */

void nu_websocket_close(nu_websocket *socket, int code, const char *reason)
{
    size_t length = reason ? strlen(reason) : 0;
    if (!nu__ws_code_fits(code))
        nu_raise(NU_VALUE_ERROR, "%d is no code to close a WebSocket with", code);
    if (length > NU__WS_CONTROL_MAX - 2 || !nu_utf8_valid(reason ? reason : "", length))
        nu_raise(NU_VALUE_ERROR, "the reason of a close is UTF-8 of at most 123 bytes");
    nu__ws_close(socket, code, reason, length);
    nu__ws_settle(socket);
}

int nu_websocket_close_code(const nu_websocket *socket)
{
    return socket->code;
}

const char *nu_websocket_close_reason(const nu_websocket *socket)
{
    return socket->reason ? socket->reason : "";
}

/* ---- what it is ------------------------------------------------------------------------------ */

const char *nu_websocket_subprotocol(const nu_websocket *socket)
{
    return socket->subprotocol;
}

nu_value nu_websocket_data(const nu_websocket *socket)
{
    return socket->data;
}

nu_arena *nu_websocket_arena(nu_websocket *socket)
{
    return socket->arena;
}

const char *nu_websocket_id(const nu_websocket *socket)
{
    return socket->id;
}

const char *nu_websocket_remote_address(const nu_websocket *socket)
{
    return socket->conn->address;
}
