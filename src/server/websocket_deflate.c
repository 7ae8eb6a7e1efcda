#include "server/websocket_deflate.h"

#include <string.h>
#include <zlib.h>

#include "base/internal.h"
#include "nuages/text.h"
#include "server/websocket_frame.h"

/* Every compressed message ends with these, which are not sent (RFC 7692 7.2.1). */
static const uint8_t tail[] = {0x00, 0x00, 0xff, 0xff};

/* ---- agreeing -------------------------------------------------------------------------------- */

struct offer {
    bool server_no_takeover, client_no_takeover;
    int  server_bits;  /* 0: not asked for */
    bool client_names; /* client_max_window_bits was offered ... */
    int  client_bits;  /* ... with this value; 0: without one */
};

/* 8 to 15 without leading zeros; 0 for anything else. */
static int window_bits(const char *text)
{
    int64_t bits;
    if (text[0] < '1' || text[0] > '9' || !nu_parse_int(text, strlen(text), &bits) || bits < 8 ||
        bits > 15)
        return 0;
    return (int)bits;
}

/* One parameter; false if the offer cannot be accepted: unknown, twice, or with a wrong value. */
static bool take_param(struct offer *offer, const char *name, const char *value)
{
    if (strcmp(name, "server_no_context_takeover") == 0 ||
        strcmp(name, "client_no_context_takeover") == 0) {
        bool *flag = name[0] == 's' ? &offer->server_no_takeover : &offer->client_no_takeover;
        bool  fresh = !*flag;
        *flag = true;
        return fresh && !value;
    }
    if (strcmp(name, "server_max_window_bits") == 0) {
        bool fresh = offer->server_bits == 0;
        return fresh && value && (offer->server_bits = window_bits(value)) > 0;
    }
    if (strcmp(name, "client_max_window_bits") == 0) {
        bool fresh = !offer->client_names;
        offer->client_names = true;
        return fresh && (!value || (offer->client_bits = window_bits(value)) > 0);
    }
    return false;
}

static const char *trimmed(const char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    return nu_arena_copy(nu_arena_current(), text, length);
}

/* "permessage-deflate; client_max_window_bits=10": false if it is something else or malformed. */
static bool read_offer(struct offer *offer, const char *text)
{
    nu_list *parts = nu_split(text, ';');
    *offer = (struct offer){0};
    if (parts->count == 0 || strcmp(trimmed(parts->items[0].text), "permessage-deflate") != 0)
        return false;
    for (uint32_t i = 1; i < parts->count; i++) {
        const char *part = trimmed(parts->items[i].text), *equals = strchr(part, '=');
        if (!equals) {
            if (!take_param(offer, part, NULL))
                return false;
            continue;
        }
        const char *name = nu_arena_copy(nu_arena_current(), part, (size_t)(equals - part));
        const char *value = trimmed(equals + 1);
        size_t      length = strlen(value);
        if (length >= 2 && value[0] == '"' && value[length - 1] == '"')
            value = nu_arena_copy(nu_arena_current(), value + 1, length - 2);
        if (!take_param(offer, trimmed(name), value))
            return false;
    }
    /* zlib cannot write raw deflate with a window of 2^8. */
    return offer->server_bits != 8;
}

static const char *accept_offer(nu__ws_deflate *deflate, const struct offer *offer,
                                const nu_websocket_options *options)
{
    int most = options->window_bits;
    *deflate = (nu__ws_deflate){
        .agreed = true,
        .server_takeover = options->context_takeover && !offer->server_no_takeover,
        .client_takeover = options->context_takeover && !offer->client_no_takeover,
        .server_bits = offer->server_bits && offer->server_bits < most ? offer->server_bits : most,
        .client_bits = 15,
        .level = options->deflate_level,
    };
    /* What the client cannot be told, it is not held to. */
    if (offer->client_names)
        deflate->client_bits =
            offer->client_bits && offer->client_bits < most ? offer->client_bits : most;
    nu_builder answer;
    nu_builder_init(&answer, NULL, 128);
    nu_builder_puts(&answer, "permessage-deflate");
    if (!deflate->server_takeover)
        nu_builder_puts(&answer, "; server_no_context_takeover");
    if (!deflate->client_takeover)
        nu_builder_puts(&answer, "; client_no_context_takeover");
    if (deflate->server_bits < 15)
        nu_builder_printf(&answer, "; server_max_window_bits=%d", deflate->server_bits);
    if (offer->client_names && deflate->client_bits < 15)
        nu_builder_printf(&answer, "; client_max_window_bits=%d", deflate->client_bits);
    return nu_builder_text(&answer);
}

const char *nu__ws_deflate_agree(nu__ws_deflate *deflate, const char *offers,
                                 const nu_websocket_options *options)
{
    *deflate = (nu__ws_deflate){0};
    if (!offers || !options->deflate)
        return NULL;
    nu_list *list = nu_split(offers, ',');
    for (uint32_t i = 0; i < list->count; i++) {
        struct offer offer;
        if (read_offer(&offer, list->items[i].text))
            return accept_offer(deflate, &offer, options);
    }
    return NULL;
}

/* ---- decompressing --------------------------------------------------------------------------- */

/* The one that connections without takeover share, one message after the other. */
static z_stream *shared_inflater(void)
{
    static z_stream shared;
    static bool     ready;
    if (!ready)
        ready = inflateInit2(&shared, -15) == Z_OK;
    return ready && inflateReset(&shared) == Z_OK ? &shared : NULL;
}

static z_stream *inflater_of(nu__ws_deflate *deflate)
{
    if (!deflate->client_takeover)
        return shared_inflater();
    if (!deflate->inflater) {
        z_stream *fresh = nu_arena_zalloc(deflate->arena, sizeof *fresh);
        if (inflateInit2(fresh, -deflate->client_bits) != Z_OK)
            return NULL;
        deflate->inflater = fresh;
    }
    return deflate->inflater;
}

/* Feeds one piece into the stream; 0 or a code to close with. The room doubles up to one byte more than
 * is allowed. */
static int inflate_piece(z_stream *stream, const uint8_t *bytes, size_t length, nu_builder *out,
                         size_t limit)
{
    stream->next_in = (Bytef *)(uintptr_t)bytes;
    stream->avail_in = (uInt)length;
    for (;;) {
        size_t more = out->length < 512 ? 1024 : out->length * 2;
        if (more > limit + 1 - out->length)
            more = limit + 1 - out->length;
        stream->next_out = (Bytef *)nu_builder_room(out, more);
        stream->avail_out = (uInt)more;
        int status = inflate(stream, Z_SYNC_FLUSH);
        out->length += more - stream->avail_out;
        if (out->length > limit)
            return NU__WS_TOO_BIG;
        if (status == Z_MEM_ERROR)
            return NU__WS_SERVER_ERROR;
        /* A block may be marked as the last one: what follows is a stream of its own. */
        if (status == Z_STREAM_END)
            inflateReset(stream);
        else if (status != Z_OK && status != Z_BUF_ERROR)
            return NU__WS_INVALID_DATA;
        if (stream->avail_in == 0 && (stream->avail_out > 0 || status == Z_STREAM_END))
            return 0;
        if (stream->avail_out > 0 && status != Z_STREAM_END)
            return NU__WS_INVALID_DATA;
    }
}

int nu__ws_decompress(nu__ws_deflate *deflate, const void *bytes, size_t length, size_t limit,
                      uint8_t **out, size_t *out_length)
{
    z_stream *stream = inflater_of(deflate);
    if (!stream)
        return NU__WS_SERVER_ERROR;
    nu_builder builder;
    size_t     guess = length < limit / 4 ? length * 4 : limit;
    nu_builder_init(&builder, NULL, guess + 64);
    int code = inflate_piece(stream, bytes, length, &builder, limit);
    if (code == 0)
        code = inflate_piece(stream, tail, sizeof tail, &builder, limit);
    *out = (uint8_t *)(uintptr_t)nu_builder_text(&builder);
    *out_length = builder.length;
    return code;
}

/* ---- compressing ----------------------------------------------------------------------------- */

/* Less memory for a smaller window: 2^(bits + 2) + 2^(level + 9) bytes. */
static int memory_level(int bits)
{
    return bits >= 15 ? 8 : bits >= 12 ? 6 : 4;
}

static bool deflater_init(z_stream *stream, const nu__ws_deflate *deflate)
{
    return deflateInit2(stream, deflate->level, Z_DEFLATED, -deflate->server_bits,
                        memory_level(deflate->server_bits), Z_DEFAULT_STRATEGY) == Z_OK;
}

/* Shared by connections without takeover that agreed on the same window and level. */
static z_stream *shared_deflater(const nu__ws_deflate *deflate)
{
    static z_stream shared;
    static int      bits, level;
    if (bits == deflate->server_bits && level == deflate->level)
        return deflateReset(&shared) == Z_OK ? &shared : NULL;
    if (bits > 0)
        deflateEnd(&shared);
    shared = (z_stream){0};
    bits = deflater_init(&shared, deflate) ? deflate->server_bits : 0;
    level = deflate->level;
    return bits > 0 ? &shared : NULL;
}

static z_stream *deflater_of(nu__ws_deflate *deflate)
{
    if (!deflate->server_takeover)
        return shared_deflater(deflate);
    if (!deflate->deflater) {
        z_stream *fresh = nu_arena_zalloc(deflate->arena, sizeof *fresh);
        if (!deflater_init(fresh, deflate))
            return NULL;
        deflate->deflater = fresh;
    }
    return deflate->deflater;
}

static bool deflate_into(z_stream *stream, const void *bytes, size_t length, uint8_t *out,
                         size_t room, size_t *used)
{
    stream->next_in = (Bytef *)(uintptr_t)bytes;
    stream->avail_in = (uInt)length;
    stream->next_out = out;
    stream->avail_out = (uInt)room;
    bool fine =
        deflate(stream, Z_SYNC_FLUSH) == Z_OK && stream->avail_in == 0 && stream->avail_out > 0;
    *used = room - stream->avail_out;
    return fine && *used >= sizeof tail;
}

const uint8_t *nu__ws_compress(nu__ws_deflate *deflate, const void *bytes, size_t length, bool own,
                               size_t *out_length)
{
    enum { FLUSH = 64 }; /* for the empty block at the end */
    if (length == 0)
        return NULL; /* after another flush, zlib has nothing to write */
    z_stream  private = {0};
    z_stream *stream = !own                               ? deflater_of(deflate)
                       : deflater_init(&private, deflate) ? &private
                                                          : NULL;
    size_t   room = stream ? deflateBound(stream, length) + FLUSH : 0, used = 0;
    uint8_t *out = stream ? nu__arena_alloc_try(nu_arena_current(), room) : NULL;
    bool     fine = out && deflate_into(stream, bytes, length, out, room, &used);
    if (own && stream)
        deflateEnd(stream);
    if (!fine)
        nu_raise(NU_OUT_OF_MEMORY, "zlib cannot compress %zu bytes", length);
    *out_length = used - sizeof tail;
    return deflate->server_takeover || *out_length < length ? out : NULL;
}

void nu__ws_deflate_clear(nu__ws_deflate *deflate)
{
    if (deflate->inflater)
        inflateEnd(deflate->inflater);
    if (deflate->deflater)
        deflateEnd(deflate->deflater);
    deflate->inflater = deflate->deflater = NULL;
}
