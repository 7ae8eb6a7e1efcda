#include "http2_rules.h"

#include <signal.h>
#include <string.h>

#include "nuages/test.h"

void h2_acknowledge(h2 *peer)
{
    h2_await(peer, H2_SETTINGS, 0);
    H2_SEND(peer, H2_SETTINGS, H2_ACK, 0, "");
}

void h2_zeros(h2 *peer, int type, int flags, uint32_t stream, size_t length)
{
    char *bytes = nu_alloc(length + 1);
    memset(bytes, 0, length + 1);
    h2_send(peer, type, flags, stream, bytes, length);
}

void h2_ask(h2 *peer, uint32_t stream)
{
    h2_headers(peer, H2_END_STREAM, stream, h2_get("/"));
}

void h2_begin_post(h2 *peer, uint32_t stream)
{
    h2_headers(peer, 0, stream, h2_post("/echo"));
}

/* ---- the state before ------------------------------------------------------------------------ */

static h2 *bring_to(const live *server, enum h2_state state)
{
    if (state == H2_BEGINNING) {
        h2 *fresh = h2_connect(server);
        live_send(fresh->fd, H2_PREFACE);
        return fresh;
    }
    h2 *peer = h2_open(server);
    switch (state) {
    case H2_OPEN: h2_begin_post(peer, 1); break;
    case H2_HALF_CLOSED: h2_headers(peer, H2_END_STREAM, 1, h2_get("/slow?200")); break;
    case H2_ANSWERED:
        h2_ask(peer, 1);
        CHECK_TEXT(h2_answer(peer, 1), "200 hello");
        break;
    case H2_CANCELLED:
        h2_begin_post(peer, 1);
        H2_SEND(peer, H2_RST_STREAM, 0, 1, "\0\0\0\10");
        break;
    case H2_REFUSED:
        h2_headers(peer, 0, 1, h2_block(":method", "GET", NULL));
        CHECK_EQ(h2_reset(peer, 1), H2_PROTOCOL_ERROR);
        break;
    case H2_IN_BLOCK: H2_SEND(peer, H2_HEADERS, H2_END_STREAM, 1, "\x82\x84"); break;
    default: break;
    }
    return peer;
}

/* ---- what is sent ---------------------------------------------------------------------------- */

static void send_fields(h2 *peer, const char *const *fields)
{
    nu_builder *block = h2_get("/");
    for (; *fields; fields += 2) {
        nu_builder *one = h2_block(fields[0], fields[1], NULL);
        nu_builder_add(block, one->data, one->length);
    }
    h2_headers(peer, H2_END_STREAM, 1, block);
}

static void send_it(h2 *peer, const h2_rule *rule)
{
    if (rule->send)
        rule->send(peer);
    else if (rule->fields)
        send_fields(peer, rule->fields);
    else
        h2_send(peer, rule->frame.type, rule->frame.flags, rule->frame.stream, rule->frame.payload,
                rule->frame.length);
}

/* ---- what comes of it ------------------------------------------------------------------------ */

/* The code that the peer is told: of a reset of the rule's stream, or of a GOAWAY. */
static int error_of(h2 *peer, const h2_rule *rule)
{
    for (;;) {
        const h2_frame *frame = h2_read(peer);
        if (frame->type < 0)
            return H2_ENDED;
        if (frame->type == H2_RST_STREAM && rule->stream && frame->stream == rule->stream)
            return frame->payload[3];
        if (frame->type == H2_GOAWAY && !(rule->stream && frame->payload[7] == 0))
            return frame->payload[7] == 0 ? H2_ENDED : frame->payload[7];
    }
}

static int outcome(h2 *peer, const h2_rule *rule)
{
    if (rule->code == H2_ALIVE)
        return h2_alive(peer) ? H2_ALIVE : H2_ENDED;
    if (rule->code >= 100)
        return h2_status(peer, rule->stream ? rule->stream : 1);
    return error_of(peer, rule);
}

/* NULL, or what is wrong. */
static const char *not_ended(h2 *peer)
{
    while (h2_read(peer)->type >= 0) {
    }
    return peer->timed_out ? "the connection stays" : NULL;
}

/* What ends a stream lets the others live; what ends the connection ends it soon. */
static const char *wrong_after(h2 *peer, const h2_rule *rule, int code)
{
    uint32_t next = 999;
    if (rule->ends || (code < H2_ALIVE && !rule->stream) || code == H2_ENDED)
        return not_ended(peer);
    if (rule->other)
        return NULL; /* what goes on depends on what was chosen */
    h2_ask(peer, next);
    const char *answer = h2_answer(peer, next);
    return strcmp(answer, "200 hello") == 0 ? NULL : nu_fmt("then the answer is \"%s\"", answer);
}

static const char *wrong(h2 *peer, const h2_rule *rule)
{
    int code = outcome(peer, rule);
    if (code != rule->code && !(rule->other && code == rule->other))
        return nu_fmt("%d instead of %d", code, rule->code);
    return wrong_after(peer, rule, code);
}

/* Adds a line to `failures` if something is wrong. */
static void follow(const live *server, const h2_rule *rule, nu_builder *failures)
{
    h2 *peer = bring_to(server, rule->state);
    send_it(peer, rule);
    const char *fact = wrong(peer, rule);
    if (fact)
        nu_builder_printf(failures, "%s: %s\n", rule->about, fact);
    h2_close(peer);
}

void h2_follow(const h2_rule *rules, size_t count)
{
    nu_server_options options = {0};
    live              server = live_start(&options);
    h2               *other = h2_open(&server);
    nu_builder        failures;
    nu_builder_init(&failures, NULL, 64);
    for (size_t i = 0; i < count; i++) {
        follow(&server, &rules[i], &failures);
        h2_ask(other, (uint32_t)(2 * i + 1));
        CHECK_TEXT(h2_answer(other, (uint32_t)(2 * i + 1)), "200 hello");
    }
    h2_close(other);
    CHECK_TEXT(nu_builder_text(&failures), "");
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}
