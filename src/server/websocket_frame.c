#include "server/websocket_frame.h"

#include <string.h>

#include "nuages/text.h"

/* ---- heads ----------------------------------------------------------------------------------- */

static bool refuse(nu__ws_fault *fault, int code, const char *reason)
{
    *fault = (nu__ws_fault){code, reason};
    return false;
}

/* Bytes of the head, as far as its first two tell. */
static size_t head_length(const nu__ws_parser *parser)
{
    if (parser->have < 2)
        return 2;
    unsigned length = parser->head[1] & 0x7f;
    return 2 + (length == 126 ? 2u : length == 127 ? 8u : 0u) + 4;
}

static bool check_control(const nu__ws_parser *parser, nu__ws_fault *fault)
{
    if (parser->opcode > NU__WS_PONG)
        return refuse(fault, NU__WS_PROTOCOL_ERROR, "reserved opcode");
    if (!parser->fin)
        return refuse(fault, NU__WS_PROTOCOL_ERROR, "fragmented control frame");
    if (parser->rsv1)
        return refuse(fault, NU__WS_PROTOCOL_ERROR, "reserved bit is set");
    if ((parser->head[1] & 0x7f) > NU__WS_CONTROL_MAX)
        return refuse(fault, NU__WS_PROTOCOL_ERROR, "control frame too long");
    return true;
}

static bool check_data(const nu__ws_parser *parser, nu__ws_fault *fault)
{
    bool goes_on = parser->opcode == NU__WS_CONTINUATION;
    if (parser->opcode > NU__WS_BINARY)
        return refuse(fault, NU__WS_PROTOCOL_ERROR, "reserved opcode");
    if (parser->rsv1 && (goes_on || !parser->compressed))
        return refuse(fault, NU__WS_PROTOCOL_ERROR, "reserved bit is set");
    if (goes_on && !parser->in_message)
        return refuse(fault, NU__WS_PROTOCOL_ERROR, "continuation of nothing");
    if (!goes_on && parser->in_message)
        return refuse(fault, NU__WS_PROTOCOL_ERROR, "message inside a message");
    return true;
}

/* What the first two bytes tell can be refused before the rest has come. */
static bool check_start(nu__ws_parser *parser, nu__ws_fault *fault)
{
    parser->fin = parser->head[0] & 0x80;
    parser->rsv1 = parser->head[0] & 0x40;
    parser->opcode = parser->head[0] & 0x0f;
    if (parser->head[0] & 0x30)
        return refuse(fault, NU__WS_PROTOCOL_ERROR, "reserved bit is set");
    if (parser->opcode & 0x08 ? !check_control(parser, fault) : !check_data(parser, fault))
        return false;
    if (!(parser->head[1] & 0x80))
        return refuse(fault, NU__WS_PROTOCOL_ERROR, "frame is not masked");
    return true;
}

static bool read_length(nu__ws_parser *parser, nu__ws_fault *fault)
{
    unsigned first = parser->head[1] & 0x7f, bytes = first == 126 ? 2 : first == 127 ? 8 : 0;
    uint64_t length = bytes ? 0 : first;
    for (unsigned i = 0; i < bytes; i++)
        length = length << 8 | parser->head[2 + i];
    if ((bytes == 2 && length < 126) || (bytes == 8 && length <= UINT16_MAX) || length >> 63)
        return refuse(fault, NU__WS_PROTOCOL_ERROR, "length is not in its shortest form");
    if (parser->max_frame > 0 && length > parser->max_frame)
        return refuse(fault, NU__WS_TOO_BIG, "frame too large");
    parser->length = parser->left = length;
    return true;
}

static nu__ws_event end_head(nu__ws_parser *parser, nu__ws_fault *fault)
{
    if (!read_length(parser, fault))
        return NU__WS_FAULT;
    memcpy(parser->mask, parser->head + parser->have - 4, 4);
    parser->mask_at = 0;
    parser->have = 0;
    parser->in_payload = true;
    if (!(parser->opcode & 0x08))
        parser->in_message = !parser->fin;
    return NU__WS_BEGIN;
}

static nu__ws_event read_head(nu__ws_parser *parser, nu__slice *input, nu__ws_fault *fault)
{
    while (input->length > 0) {
        parser->head[parser->have++] = (uint8_t)*input->data++;
        input->length--;
        if (parser->have == 2 && !check_start(parser, fault))
            return NU__WS_FAULT;
        if (parser->have == head_length(parser))
            return end_head(parser, fault);
    }
    return NU__WS_MORE;
}

/* ---- payload --------------------------------------------------------------------------------- */

uint32_t nu__ws_mask(void *bytes, size_t length, const uint8_t key[4], uint32_t at)
{
    uint8_t *byte = bytes, turned[8];
    for (unsigned i = 0; i < 8; i++)
        turned[i] = key[(at + i) & 3];
    uint64_t wide, word;
    memcpy(&wide, turned, 8);
    size_t whole = length & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8) {
        memcpy(&word, byte + i, 8);
        word ^= wide;
        memcpy(byte + i, &word, 8);
    }
    for (size_t i = whole; i < length; i++)
        byte[i] ^= turned[i & 7];
    return (uint32_t)(at + length) & 3;
}

nu__ws_event nu__ws_next(nu__ws_parser *parser, nu__slice *input, nu__slice *piece,
                         nu__ws_fault *fault)
{
    if (!parser->in_payload)
        return read_head(parser, input, fault);
    if (parser->left == 0) {
        parser->in_payload = false;
        return NU__WS_END;
    }
    if (input->length == 0)
        return NU__WS_MORE;
    size_t length = input->length < parser->left ? input->length : (size_t)parser->left;
    *piece = (nu__slice){input->data, length};
    parser->mask_at =
        nu__ws_mask((void *)(uintptr_t)input->data, length, parser->mask, parser->mask_at);
    parser->left -= length;
    input->data += length;
    input->length -= length;
    return NU__WS_DATA;
}

/* ---- writing --------------------------------------------------------------------------------- */

size_t nu__ws_head(uint8_t out[NU__WS_HEAD_MAX], enum nu__ws_opcode opcode, bool fin, bool rsv1,
                   uint64_t length)
{
    unsigned bytes = length <= 125 ? 0 : length <= UINT16_MAX ? 2 : 8;
    out[0] = (uint8_t)((fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode);
    out[1] = bytes == 0 ? (uint8_t)length : bytes == 2 ? 126 : 127;
    for (unsigned i = 0; i < bytes; i++)
        out[2 + i] = (uint8_t)(length >> 8 * (bytes - 1 - i));
    return 2 + bytes;
}

bool nu__ws_code_fits(int code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

/* The second byte's range is what keeps overlong forms, surrogates and codes above U+10FFFF out. */
static bool utf8_lead(nu__ws_utf8 *state, uint8_t byte)
{
    *state = (nu__ws_utf8){0, 0x80, 0xbf};
    if (byte < 0x80)
        return true;
    if (byte < 0xc2 || byte > 0xf4)
        return false;
    state->left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (byte == 0xe0)
        state->low = 0xa0;
    else if (byte == 0xed)
        state->high = 0x9f;
    else if (byte == 0xf0)
        state->low = 0x90;
    else if (byte == 0xf4)
        state->high = 0x8f;
    return true;
}

bool nu__ws_utf8_add(nu__ws_utf8 *state, const void *bytes, size_t length)
{
    const uint8_t *at = bytes, *end = at + length;
    while (at < end) {
        uint64_t eight;
        if (state->left == 0 && end - at >= 8 &&
            (memcpy(&eight, at, 8), (eight & 0x8080808080808080u) == 0)) {
            at += 8;
        } else if (state->left == 0) {
            if (!utf8_lead(state, *at++))
                return false;
        } else {
            if (*at < state->low || *at > state->high)
                return false;
            at++;
            *state = (nu__ws_utf8){(uint8_t)(state->left - 1), 0x80, 0xbf};
        }
    }
    return true;
}
