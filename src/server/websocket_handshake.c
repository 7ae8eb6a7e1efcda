/* The opening handshake (RFC 6455 4.2), as far as it is a request and its response. */
#include <string.h>

#include "nuages/crypto.h"
#include "nuages/log.h"
#include "server/websocket.h"

/* The defaults that websocket.h names. */
static nu_websocket_options complete(const nu_websocket_options *given)
{
    nu_websocket_options o = *given;
#define DEFAULT(member, value) (o.member = o.member ? o.member : (value))
    DEFAULT(max_message, (size_t)1 << 20);
    DEFAULT(max_frame, o.max_message);
    DEFAULT(max_waiting, 16);
    DEFAULT(send_queue, (size_t)64 * 1024);
    DEFAULT(ping_ms, 30000);
    DEFAULT(pong_ms, 20000);
    DEFAULT(close_ms, 10000);
    DEFAULT(deflate_min, (size_t)256);
    DEFAULT(deflate_level, 1);
    DEFAULT(window_bits, o.context_takeover ? 11 : 15);
#undef DEFAULT
    if (o.window_bits < 9 || o.window_bits > 15)
        nu_raise(NU_VALUE_ERROR, "window_bits of a WebSocket is 9 to 15, not %d", o.window_bits);
    if (o.deflate_level < 1 || o.deflate_level > 9)
        nu_raise(NU_VALUE_ERROR, "deflate_level of a WebSocket is 1 to 9, not %d", o.deflate_level);
    if (o.max_message > UINT32_MAX - 1)
        nu_raise(NU_VALUE_ERROR, "max_message of a WebSocket is below 4 GiB");
    return o;
}

/* Takes the next of a list with commas off `*list`; false at its end. */
static bool next_token(const char **list, nu__slice *token)
{
    const char *at = *list + strspn(*list, ", \t");
    size_t      length = strcspn(at, ",");
    *list = at + length;
    while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
        length--;
    *token = (nu__slice){at, length};
    return length > 0;
}

static nu_response *refuse(int status, const char *sentence)
{
    nu_response *res = nu_text_response(sentence);
    nu_response_set_status(res, status);
    if (status == 426) {
        nu_response_set_header(res, "Upgrade", "websocket");
        nu_response_set_header(res, "Sec-WebSocket-Version", "13");
    }
    return res;
}

/* NULL if it is an opening handshake. */
static nu_response *check_request(const nu_request *request)
{
    const char *key = nu_request_header(request, "Sec-WebSocket-Key");
    const char *version = nu_request_header(request, "Sec-WebSocket-Version");
    uint8_t    *bytes;
    size_t      length;
    if (!nu_request_is(request, "GET") ||
        !nu_header_lists(nu_request_header(request, "Connection"), "upgrade", 7) ||
        !nu_header_lists(nu_request_header(request, "Upgrade"), "websocket", 9))
        return refuse(426, "This address speaks WebSocket only.\n");
    if (!version || strcmp(version, "13") != 0)
        return refuse(426, "Version 13 of WebSocket is spoken here.\n");
    if (!key || strlen(key) != 24 || !nu_base64_decode(key, 24, NU_BASE64, &bytes, &length) ||
        length != 16)
        return refuse(400, "Sec-WebSocket-Key must be 16 bytes in base64.\n");
    return NULL;
}

/* A page of another site could open a WebSocket with the user's cookies: no rule of the browser holds it
 * back, so the server has to look at where it comes from (RFC 6455 10.2). */
static bool origin_fits(const nu_request *request, const nu_websocket_options *options)
{
    const char *origin = nu_request_header(request, "Origin");
    if (!origin)
        return true;
    for (const char *const *at = options->origins; at && *at; at++)
        if (strcmp(*at, "*") == 0 ||
            nu_equal_ascii_nocase(*at, strlen(*at), origin, strlen(origin)))
            return true;
    const char *own = nu_fmt("%s://%s", nu_request_scheme(request), nu_request_host(request));
    return nu_equal_ascii_nocase(own, strlen(own), origin, strlen(origin));
}

/* The first of ours that the client offers; in the end NULL. */
static const char *choose_subprotocol(const nu_request *request, const char *const *ours)
{
    const char *offered = nu_request_header(request, "Sec-WebSocket-Protocol");
    for (; offered && ours && *ours; ours++) {
        const char *list = offered;
        nu__slice   token;
        while (next_token(&list, &token))
            if (strlen(*ours) == token.length && memcmp(*ours, token.data, token.length) == 0)
                return *ours;
    }
    return NULL;
}

static const char *accept_key(const char *key)
{
    uint8_t     digest[NU_DIGEST_MAX];
    const char *both = nu_fmt("%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    nu_hash(NU_SHA1, both, strlen(both), digest);
    return nu_base64(digest, nu_digest_size(NU_SHA1), NU_BASE64);
}

static nu_response *open_for(nu_request *request, struct nu__upgrade *upgrade)
{
    nu_response *refusal = check_request(request);
    if (refusal)
        return refusal;
    if (!origin_fits(request, &upgrade->options)) {
        nu_warning("websocket", "origin \"%s\" is refused: it is neither this host nor allowed",
                   nu_request_header(request, "Origin"));
        return refuse(403, "WebSockets from this origin are not allowed.\n");
    }
    nu_response *res = nu_status(101);
    nu_response_set_header(res, "Upgrade", "websocket");
    nu_response_set_header(res, "Sec-WebSocket-Accept",
                           accept_key(nu_request_header(request, "Sec-WebSocket-Key")));
    upgrade->subprotocol = choose_subprotocol(request, upgrade->options.subprotocols);
    if (upgrade->subprotocol)
        nu_response_set_header(res, "Sec-WebSocket-Protocol", upgrade->subprotocol);
    const char *extensions = nu__ws_deflate_agree(
        &upgrade->deflate, nu_request_header(request, "Sec-WebSocket-Extensions"),
        &upgrade->options);
    if (extensions)
        nu_response_set_header(res, "Sec-WebSocket-Extensions", extensions);
    res->upgrade = upgrade;
    return res;
}

static struct nu__upgrade *new_upgrade(const void *ctx, const nu_websocket_options *options)
{
    struct nu__upgrade *upgrade = nu_arena_zalloc(nu_arena_current(), sizeof *upgrade);
    upgrade->options = complete(options);
    /* It may lie on the view's stack. */
    upgrade->ctx =
        options->ctx_size > 0 ? nu_arena_copy(nu_arena_current(), ctx, options->ctx_size) : ctx;
    return upgrade;
}

nu_response *nu_websocket_(nu_request *request, nu_websocket_handler *handler, const void *ctx,
                           const nu_websocket_options *options)
{
    struct nu__upgrade *upgrade = new_upgrade(ctx, options);
    upgrade->handler = handler;
    return open_for(request, upgrade);
}

nu_response *nu_websocket_on_(nu_request *request, const nu_websocket_events *events,
                              const void *ctx, const nu_websocket_options *options)
{
    struct nu__upgrade *upgrade = new_upgrade(ctx, options);
    upgrade->events = events;
    return open_for(request, upgrade);
}
