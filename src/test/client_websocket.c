/* The client's side of a WebSocket in a test (RFC 6455): frames are masked with a key of zeros, which
 * leaves them readable. */
#include "test/client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "nuages/fiber.h"
#include "nuages/json.h"
#include "server/websocket_frame.h"
#include "server/websocket_local.h"

struct nu_client_websocket {
    nu_response         *response;
    nu__websocket_local *local; /* NULL: refused */
    int                  timeout_ms;
    int                  code; /* that the site closed with; 0: open */
    const char          *reason;
    bool                 close_sent;
};

/* A whole frame. */
struct frame {
    enum nu__ws_opcode opcode;
    char              *bytes; /* NUL-terminated */
    size_t             length;
};

/* ---- opening --------------------------------------------------------------------------------- */

static void ask_for_upgrade(nu_request *request, const nu_client_websocket_options *options)
{
    nu_request_set_header(request, "Connection", "Upgrade");
    nu_request_set_header(request, "Upgrade", "websocket");
    nu_request_set_header(request, "Sec-WebSocket-Version", "13");
    nu_request_set_header(request, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    if (options->origin != NULL)
        nu_request_set_header(request, "Origin", options->origin);
    const char *offered = NULL;
    for (const char *const *at = options->subprotocols; at != NULL && *at != NULL; at++)
        offered = offered != NULL ? nu_fmt("%s, %s", offered, *at) : *at;
    if (offered != NULL)
        nu_request_set_header(request, "Sec-WebSocket-Protocol", offered);
}

static void close_fd(void *arg)
{
    nu_client_websocket *socket = arg;
    if (socket->local->fd >= 0)
        close(socket->local->fd);
    socket->local->fd = -1;
}

nu_client_websocket *nu_client_connect_(nu_client *client, const char *target,
                                        const nu_client_websocket_options *options)
{
    if (nu__fiber_self() == NULL)
        nu_raise(NU_ASSERTION, "a WebSocket is tested in a fiber, as \"./manage test\" does");
    nu_request *request = nu__client_request(client, "GET", target);
    ask_for_upgrade(request, options);
    nu_client_websocket *socket = nu_alloc(sizeof *socket);
    nu_defer            *defer = nu_arena_defer(nu_arena_current(), close_fd, NULL);
    socket->response = nu__client_ask(client, request);
    socket->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : 1000;
    if (nu_response_status(socket->response) != 101)
        return socket;
    socket->local = nu__websocket_local_open(socket->response, "test");
    defer->arg = socket;
    return socket;
}

nu_response *nu_client_websocket_response(const nu_client_websocket *socket)
{
    return socket->response;
}

const char *nu_client_websocket_subprotocol(const nu_client_websocket *socket)
{
    return nu_response_header(socket->response, "Sec-WebSocket-Protocol");
}

const char *nu_client_websocket_reason(const nu_client_websocket *socket)
{
    return socket->reason != NULL ? socket->reason : "";
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static NU_COLD NU_NORETURN void raise_closed(const nu_client_websocket *socket)
{
    if (socket->local == NULL)
        nu_raise(NU_ASSERTION, "the WebSocket was refused with status %d",
                 nu_response_status(socket->response));
    nu_raise(NU_ASSERTION, "the WebSocket is closed with %d \"%s\"", socket->code,
             nu_client_websocket_reason(socket));
}

static bool is_open(const nu_client_websocket *socket)
{
    return socket->local != NULL && socket->code == 0;
}

/* Sends all; false when the site has closed the connection. */
static bool put(nu_client_websocket *socket, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = send(socket->local->fd, bytes, length, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            return false;
        if (n < 0 && !nu_wait_writable(socket->local->fd, socket->timeout_ms))
            nu_raise(NU_TIMEOUT, "the site took no message within %d ms", socket->timeout_ms);
        bytes += n > 0 ? n : 0;
        length -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* Reads all of `length`; false when the connection ends before. */
static bool take(nu_client_websocket *socket, void *into, size_t length)
{
    for (size_t got = 0; got < length;) {
        ssize_t n = recv(socket->local->fd, (char *)into + got, length - got, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            return false;
        if (n < 0 && !nu_wait_readable(socket->local->fd, socket->timeout_ms))
            nu_raise(NU_TIMEOUT, "nothing came from the WebSocket within %d ms", socket->timeout_ms);
        got += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* ---- frames ---------------------------------------------------------------------------------- */

static bool put_frame(nu_client_websocket *socket, enum nu__ws_opcode opcode, const void *bytes,
                      size_t length)
{
    enum { MASKED = 0x80, KEY = 4 };
    uint8_t    head[NU__WS_HEAD_MAX];
    size_t     head_length = nu__ws_head(head, opcode, true, false, length);
    nu_builder out;
    head[1] |= MASKED;
    nu_builder_init(&out, NULL, head_length + KEY + length);
    nu_builder_add(&out, (const char *)head, head_length);
    nu_builder_add(&out, "\0\0\0\0", KEY);
    nu_builder_add(&out, bytes, length);
    return put(socket, out.data, out.length);
}

static bool take_length(nu_client_websocket *socket, uint8_t first, size_t *length)
{
    uint8_t bytes[8];
    size_t  count = first == 126 ? 2 : first == 127 ? 8 : 0;
    if (!take(socket, bytes, count))
        return false;
    *length = count == 0 ? first : 0;
    for (size_t i = 0; i < count; i++)
        *length = *length << 8 | bytes[i];
    return true;
}

static bool take_frame(nu_client_websocket *socket, struct frame *frame)
{
    uint8_t head[2];
    if (!take(socket, head, sizeof head) || !take_length(socket, head[1], &frame->length))
        return false;
    frame->opcode = head[0] & 0x0f;
    frame->bytes = nu_alloc(frame->length + 1);
    return take(socket, frame->bytes, frame->length);
}

static void note_close(nu_client_websocket *socket, const struct frame *frame)
{
    socket->code = 1005;
    if (frame->length < 2)
        return;
    socket->code = (uint8_t)frame->bytes[0] << 8 | (uint8_t)frame->bytes[1];
    socket->reason = frame->bytes + 2;
}

/* The next message; false when the socket was closed, which is answered. */
static bool next_message(nu_client_websocket *socket, struct frame *message)
{
    while (take_frame(socket, message)) {
        if (message->opcode == NU__WS_TEXT || message->opcode == NU__WS_BINARY)
            return true;
        if (message->opcode == NU__WS_PING)
            put_frame(socket, NU__WS_PONG, message->bytes, message->length);
        if (message->opcode != NU__WS_CLOSE)
            continue;
        note_close(socket, message);
        if (!socket->close_sent)
            put_frame(socket, NU__WS_CLOSE, message->bytes, message->length);
        return false;
    }
    socket->code = 1006;
    return false;
}

/* ---- messages -------------------------------------------------------------------------------- */

void nu_client_websocket_send(nu_client_websocket *socket, nu_value message)
{
    if (message.type != NU_TEXT && message.type != NU_BYTES)
        message = nu_value_text(nu_json_text(message));
    enum nu__ws_opcode opcode = message.type == NU_BYTES ? NU__WS_BINARY : NU__WS_TEXT;
    if (!is_open(socket) || !put_frame(socket, opcode, message.text, message.length))
        raise_closed(socket);
}

nu_value nu_client_websocket_receive(nu_client_websocket *socket)
{
    struct frame message;
    if (!is_open(socket) || !next_message(socket, &message))
        raise_closed(socket);
    return message.opcode == NU__WS_TEXT ? nu_value_text_n(message.bytes, message.length)
                                         : nu_value_bytes(message.bytes, message.length);
}

const char *nu_client_websocket_text(nu_client_websocket *socket)
{
    nu_value message = nu_client_websocket_receive(socket);
    if (message.type != NU_TEXT)
        nu_raise(NU_ASSERTION, "a message of %u bytes came, not text", message.length);
    return message.text;
}

nu_value nu_client_websocket_json(nu_client_websocket *socket)
{
    const char *text = nu_client_websocket_text(socket);
    return nu_json_parse(text, strlen(text));
}

bool nu_client_websocket_is_silent(nu_client_websocket *socket, int ms)
{
    return is_open(socket) && !nu_wait_readable(socket->local->fd, ms);
}

/* ---- closing --------------------------------------------------------------------------------- */

/* Waits for the handler's last words. */
static void await_end(nu_client_websocket *socket)
{
    nu__websocket_local *local = socket->local;
    int64_t              until = nu__in_ms(socket->timeout_ms);
    nu_wake              wake = NU_WAKE_READY;
    if (socket->code == 1006)
        close_fd(socket);
    local->waiting = nu__fiber_self();
    while (!local->ended && wake == NU_WAKE_READY)
        wake = nu__park_until(until);
    local->waiting = NULL;
    if (!local->ended)
        nu_raise(NU_TIMEOUT, "the handler of the WebSocket did not end within %d ms",
                 socket->timeout_ms);
    close_fd(socket);
}

void nu_client_websocket_close(nu_client_websocket *socket, int code)
{
    const uint8_t payload[] = {(uint8_t)(code >> 8), (uint8_t)code};
    struct frame  message;
    if (!is_open(socket))
        return;
    socket->close_sent = true;
    if (code == 1006)
        socket->code = 1006;
    else if (put_frame(socket, NU__WS_CLOSE, payload, sizeof payload))
        while (next_message(socket, &message)) {
        }
    await_end(socket);
}

int nu_client_websocket_closed(nu_client_websocket *socket)
{
    struct frame message;
    if (socket->local == NULL)
        raise_closed(socket);
    if (is_open(socket) && next_message(socket, &message))
        nu_raise(NU_ASSERTION, "a message came, and no close: \"%.100s\"", message.bytes);
    if (!socket->local->ended)
        await_end(socket);
    return socket->code;
}
