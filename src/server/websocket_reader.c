#include "server/websocket_reader.h"

#include <string.h>

#include "base/internal.h"

static nu__ws_found broken(nu__ws_fault *fault, int code, const char *reason)
{
    *fault = (nu__ws_fault){code, reason};
    return NU__WS_BROKEN;
}

static bool is_control(const nu__ws_reader *reader)
{
    return reader->parser.opcode & 0x08;
}

/* Memory is taken for what has come, not for what is announced, but for a small message that is one
 * frame at once. */
static nu__ws_found begin(nu__ws_reader *reader, nu__ws_fault *fault)
{
    enum { AT_ONCE = 16 * 1024 };
    const nu__ws_parser *parser = &reader->parser;
    if (is_control(reader)) {
        reader->control_length = 0;
        return NU__WS_NOTHING;
    }
    if (parser->opcode != NU__WS_CONTINUATION) {
        reader->text = parser->opcode == NU__WS_TEXT;
        reader->compressed = parser->rsv1;
        reader->utf8 = (nu__ws_utf8){0};
        size_t room = parser->length < AT_ONCE ? (size_t)parser->length : AT_ONCE;
        reader->gathering = nu__arena_new_small(reader->arena, "message", room + 128);
        nu_builder_init(&reader->payload, reader->gathering, room + 1);
    }
    if (parser->length > reader->max_message - reader->payload.length)
        return broken(fault, NU__WS_TOO_BIG, "message too large");
    return NU__WS_NOTHING;
}

static nu__ws_found add(nu__ws_reader *reader, nu__slice piece, nu__ws_fault *fault)
{
    if (is_control(reader)) {
        memcpy(reader->control + reader->control_length, piece.data, piece.length);
        reader->control_length = (uint8_t)(reader->control_length + piece.length);
        return NU__WS_NOTHING;
    }
    if (reader->text && !reader->compressed &&
        !nu__ws_utf8_add(&reader->utf8, piece.data, piece.length))
        return broken(fault, NU__WS_INVALID_DATA, "text is not UTF-8");
    nu_builder_add(&reader->payload, piece.data, piece.length);
    return NU__WS_NOTHING;
}

static nu__ws_found end_control(const nu__ws_reader *reader, nu__ws_fault *fault)
{
    if (reader->parser.opcode == NU__WS_PING)
        return NU__WS_GOT_PING;
    if (reader->parser.opcode == NU__WS_PONG)
        return NU__WS_GOT_PONG;
    if (reader->control_length == 0)
        return NU__WS_GOT_CLOSE;
    if (reader->control_length == 1 ||
        !nu__ws_code_fits(reader->control[0] << 8 | reader->control[1]))
        return broken(fault, NU__WS_PROTOCOL_ERROR, "close with a wrong code");
    if (!nu_utf8_valid(reader->control + 2, reader->control_length - 2u))
        return broken(fault, NU__WS_INVALID_DATA, "reason of a close is not UTF-8");
    return NU__WS_GOT_CLOSE;
}

static int decompress(nu__ws_reader *reader, nu__ws_message *message)
{
    uint8_t  *out;
    nu_arena *before = nu_arena_enter(message->arena);
    int code = nu__ws_decompress(reader->deflate, reader->payload.data, reader->payload.length,
                                 reader->max_message, &out, &message->length);
    nu_arena_enter(before);
    message->bytes = (const char *)out;
    if (code == 0 && reader->text && !nu_utf8_valid(out, message->length))
        code = NU__WS_INVALID_DATA;
    return code;
}

static nu__ws_found end_message(nu__ws_reader *reader, nu__ws_message **out, nu__ws_fault *fault)
{
    if (reader->text && reader->utf8.left > 0)
        return broken(fault, NU__WS_INVALID_DATA, "text ends within a character");
    nu__ws_message *message = nu_arena_zalloc(reader->gathering, sizeof *message);
    message->arena = reader->gathering;
    message->text = reader->text;
    message->bytes = nu_builder_text(&reader->payload);
    message->length = reader->payload.length;
    int code = reader->compressed ? decompress(reader, message) : 0;
    if (code != 0)
        return broken(fault, code,
                      code == NU__WS_TOO_BIG        ? "message too large"
                      : code == NU__WS_INVALID_DATA ? "malformed compressed message"
                                                    : "out of memory");
    reader->gathering = NULL;
    *out = message;
    return NU__WS_MESSAGE;
}

static nu__ws_found end(nu__ws_reader *reader, nu__ws_message **message, nu__ws_fault *fault)
{
    if (is_control(reader))
        return end_control(reader, fault);
    return reader->parser.fin ? end_message(reader, message, fault) : NU__WS_NOTHING;
}

nu__ws_found nu__ws_read(nu__ws_reader *reader, nu__slice *input, nu__ws_message **message,
                         nu__ws_fault *fault)
{
    nu__ws_found found = NU__WS_NOTHING;
    while (found == NU__WS_NOTHING) {
        nu__slice piece;
        switch (nu__ws_next(&reader->parser, input, &piece, fault)) {
        case NU__WS_MORE: return NU__WS_NOTHING;
        case NU__WS_BEGIN: found = begin(reader, fault); break;
        case NU__WS_DATA: found = add(reader, piece, fault); break;
        case NU__WS_END: found = end(reader, message, fault); break;
        case NU__WS_FAULT: return NU__WS_BROKEN;
        }
    }
    return found;
}
