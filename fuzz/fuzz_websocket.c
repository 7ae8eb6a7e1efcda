/* Frames of WebSocket: no input may upset the reader, and where the input is split makes no difference. The
 * first byte chooses the split, the second whether compression was agreed on and windows are kept; each
 * message that is read goes back as it would go to a client, through the compressor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nuages/text.h"
#include "server/websocket_reader.h"

enum { MAX_MESSAGE = 4096, MAX_FRAME = 3000 };

struct outcome {
    nu__ws_reader  reader;
    nu__ws_deflate deflate;
    nu__ws_fault   fault;
    nu_builder     log; /* what was read */
};

static void must(bool cond, const char *what)
{
    if (!cond) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static void begin(struct outcome *out, nu_arena *arena, uint8_t flags)
{
    bool takeover = flags & 2;
    *out = (struct outcome){
        .deflate = {.agreed = flags & 1,
                    .server_takeover = takeover,
                    .client_takeover = takeover,
                    .server_bits = 9 + (flags >> 2 & 3) * 2,
                    .client_bits = 15,
                    .level = 1,
                    .arena = arena},
        .reader = {.arena = arena,
                   .max_message = MAX_MESSAGE,
                   .parser = {.max_frame = MAX_FRAME, .compressed = flags & 1}},
    };
    out->reader.deflate = &out->deflate;
    nu_builder_init(&out->log, arena, 256);
}

static void check_message(struct outcome *out, const nu__ws_message *message)
{
    must(message->length <= MAX_MESSAGE, "a message keeps to its limit");
    must(message->bytes[message->length] == '\0', "a message is followed by a NUL");
    must(!message->text || nu_utf8_valid(message->bytes, message->length), "text is UTF-8");
    if (!out->deflate.agreed)
        return;
    size_t length;
    nu__ws_compress(&out->deflate, message->bytes, message->length, false, &length);
}

static void note(struct outcome *out, nu__ws_found found, const nu__ws_message *message)
{
    nu_builder_printf(&out->log, "%d ", found);
    if (found == NU__WS_MESSAGE) {
        check_message(out, message);
        nu_builder_add(&out->log, message->bytes, message->length);
    } else if (found != NU__WS_BROKEN) {
        must(out->reader.control_length <= NU__WS_CONTROL_MAX,
             "a control frame keeps to its limit");
        nu_builder_add(&out->log, (char *)out->reader.control, out->reader.control_length);
    }
}

/* Reads until the input is used up, or the connection is failed. */
static void run(struct outcome *out, const char *bytes, size_t length)
{
    nu__slice       input = {nu_arena_copy(nu_arena_current(), bytes, length), length};
    nu__ws_message *message;
    nu__ws_found    found;
    if (out->fault.code)
        return;
    while ((found = nu__ws_read(&out->reader, &input, &message, &out->fault)) != NU__WS_NOTHING) {
        note(out, found, message);
        if (found == NU__WS_MESSAGE)
            nu_arena_free(message->arena);
        if (found == NU__WS_BROKEN) {
            must(nu__ws_code_fits(out->fault.code), "a fault has a code that may be sent");
            return;
        }
    }
    must(input.length == 0, "nothing more means that all is used");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 2)
        return 0;
    nu_arena      *outer = nu_arena_current(), *arena = nu_arena_new(NULL, "fuzz");
    const char    *data = (const char *)bytes + 2;
    size_t         length = size - 2, at = length * bytes[0] / 256;
    struct outcome whole, split;
    nu_arena_enter(arena);
    begin(&whole, arena, bytes[1]);
    begin(&split, arena, bytes[1]);
    run(&whole, data, length);
    run(&split, data, at);
    run(&split, data + at, length - at);
    must(whole.fault.code == split.fault.code, "a split makes no difference to faults");
    must(whole.log.length == split.log.length &&
             memcmp(whole.log.data, split.log.data, whole.log.length) == 0,
         "a split makes no difference");
    nu__ws_deflate_clear(&whole.deflate);
    nu__ws_deflate_clear(&split.deflate);
    nu_arena_enter(outer);
    nu_arena_free(arena);
    return 0;
}
