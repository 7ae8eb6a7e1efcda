#include "server/http1_chunked.h"

#include <string.h>

#include "base/ascii.h"

/*      size ──;──> extension          data ──> data-cr ──> data-lf ──> size
 *       │              │               ▲
 *       └──> size-lf <─┘ ── not 0 ─────┘
 *               │
 *               └─ 0 ─> line ──> name ──> value ──> value-lf ──> line ──> end-lf ──> end */
enum {
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    LINE, /* at the start of a trailer line, or of the empty one that ends it all */
    NAME,
    VALUE,
    VALUE_LF,
    END_LF,
    END,
    FAULT,
};

/* 16 digits would hold any 64-bit size; a chunk of more than 2^60 bytes is no honest one. */
enum { SIZE_DIGITS = 15 };

static nu__chunked_event refuse(nu__chunked *decoder, int status, const char *reason)
{
    decoder->state = FAULT;
    decoder->fault = (nu__http1_fault){.status = status, .reason = reason};
    return NU__CHUNKED_FAULT;
}

static nu__chunked_event size_byte(nu__chunked *decoder, char c)
{
    int digit = nu__hex_digit(c);
    if (digit >= 0) {
        if (decoder->digits == SIZE_DIGITS)
            return refuse(decoder, 413, "chunk too large");
        decoder->left = decoder->left * 16 + (unsigned)digit;
        decoder->digits++;
        return NU__CHUNKED_MORE;
    }
    if (decoder->digits == 0 || (c != '\r' && c != ';'))
        return refuse(decoder, 400, "malformed chunk size");
    decoder->state = c == ';' ? EXTENSION : SIZE_LF;
    return NU__CHUNKED_MORE;
}

static nu__chunked_event extension_byte(nu__chunked *decoder, char c)
{
    if (++decoder->extra > NU__CHUNKED_MAX_EXTRA)
        return refuse(decoder, 413, "chunk extensions too large");
    if (c == '\r')
        decoder->state = SIZE_LF;
    else if (nu__http1_value_span(&c, 1) == 0)
        return refuse(decoder, 400, "control character in a chunk extension");
    return NU__CHUNKED_MORE;
}

static nu__chunked_event expect_byte(nu__chunked *decoder, char c, char wanted, int next)
{
    if (c != wanted)
        return refuse(decoder, 400, "chunk line does not end with CR LF");
    decoder->state = (uint8_t)next;
    return NU__CHUNKED_MORE;
}

static nu__chunked_event trailer_byte(nu__chunked *decoder, char c)
{
    if (++decoder->trailer > NU__CHUNKED_MAX_TRAILER)
        return refuse(decoder, 431, "trailers too large");
    bool token = nu__http1_is_token((unsigned char)c);
    if (decoder->state == VALUE) {
        if (c == '\r')
            decoder->state = VALUE_LF;
        else if (nu__http1_value_span(&c, 1) == 0)
            return refuse(decoder, 400, "control character in a trailer");
    } else if (decoder->state == LINE && c == '\r') {
        decoder->state = END_LF;
    } else if (decoder->state == NAME && c == ':') {
        decoder->state = VALUE;
    } else if (token) {
        decoder->state = NAME;
    } else {
        return refuse(decoder, 400, "malformed trailer");
    }
    return NU__CHUNKED_MORE;
}

/* Everything that is not body goes byte by byte: there is little of it. */
static nu__chunked_event frame_byte(nu__chunked *decoder, char c)
{
    switch (decoder->state) {
    case SIZE: return size_byte(decoder, c);
    case EXTENSION: return extension_byte(decoder, c);
    case SIZE_LF: return expect_byte(decoder, c, '\n', decoder->left > 0 ? DATA : LINE);
    case DATA_CR: return expect_byte(decoder, c, '\r', DATA_LF);
    case DATA_LF: decoder->digits = 0; return expect_byte(decoder, c, '\n', SIZE);
    case VALUE_LF: return expect_byte(decoder, c, '\n', LINE);
    case END_LF: return expect_byte(decoder, c, '\n', END);
    default: return trailer_byte(decoder, c);
    }
}

static nu__chunked_event take_data(nu__chunked *decoder, nu__slice *input, nu__slice *data)
{
    size_t length = input->length < decoder->left ? input->length : (size_t)decoder->left;
    *data = (nu__slice){input->data, length};
    input->data += length;
    input->length -= length;
    decoder->left -= length;
    if (decoder->left == 0)
        decoder->state = DATA_CR;
    return NU__CHUNKED_DATA;
}

nu__chunked_event nu__chunked_next(nu__chunked *decoder, nu__slice *input, nu__slice *data)
{
    while (decoder->state != END && decoder->state != FAULT) {
        if (input->length == 0)
            return NU__CHUNKED_MORE;
        if (decoder->state == DATA)
            return take_data(decoder, input, data);
        char c = *input->data++;
        input->length--;
        if (frame_byte(decoder, c) == NU__CHUNKED_FAULT)
            return NU__CHUNKED_FAULT;
    }
    return decoder->state == END ? NU__CHUNKED_END : NU__CHUNKED_FAULT;
}
