/* Choosing a content coding, and zlib's part of compressing. */
#include "http/coding.h"

#include <string.h>
#include <strings.h>

#include "http/coding_libraries.h"
#include "http/decode.h"

static const char *const names[] = {"identity", "gzip", "br", "zstd"};
static const char *const endings[] = {"", ".gz", ".br", ".zst"};

const char *nu__coding_name(nu__coding coding)
{
    return names[coding];
}

const char *nu__coding_ending(nu__coding coding)
{
    return endings[coding];
}

bool nu__coding_is_available(nu__coding coding)
{
    switch (coding) {
    case NU__BROTLI: return nu__brotli_load() != NULL;
    case NU__ZSTD: return nu__zstd_load() != NULL;
    default: return true;
    }
}

/* ---- choosing -------------------------------------------------------------------------------- */

/* The qualities of Accept-Encoding; -1: not named. */
struct likings {
    double of[NU__CODINGS], rest; /* "*" */
};

static void take_liking(struct likings *likings, const char *text)
{
    nu_dict        *params;
    const char     *name = nu_header_params(text, &params);
    const nu_value *q = nu_dict_find(params, "q");
    double          quality = 1;
    if (q != NULL && (!nu_float_try(*q, &quality) || !(quality >= 0 && quality <= 1)))
        quality = 0;
    if (strcmp(name, "*") == 0)
        likings->rest = quality;
    if (strcasecmp(name, "x-gzip") == 0)
        likings->of[NU__GZIP] = quality;
    for (nu__coding coding = 0; coding < NU__CODINGS; coding++)
        if (strcasecmp(name, names[coding]) == 0)
            likings->of[coding] = quality;
}

static struct likings read_likings(const char *header)
{
    struct likings likings = {.of = {-1, -1, -1, -1}, .rest = -1};
    while (*header != '\0') {
        size_t      length = strcspn(header, ",");
        const char *at = header, *end = header + length;
        nu__trim(&at, &end);
        if (at < end)
            take_liking(&likings, nu_arena_copy(nu_arena_current(), at, (size_t)(end - at)));
        header += length + (header[length] == ',');
    }
    return likings;
}

static double liking(const struct likings *likings, nu__coding coding)
{
    return likings->of[coding] >= 0 ? likings->of[coding] : likings->rest;
}

/* Without being named, content as it is is welcome, but less than any coding that is. */
static nu__coding choose(const nu_request *req, const nu__coding *offered, bool made_here)
{
    const char    *header = nu_request_header(req, "Accept-Encoding");
    struct likings likings = read_likings(header != NULL ? header : "");
    nu__coding     best = NU__IDENTITY;
    double         quality = 0;
    for (; *offered != NU__IDENTITY; offered++) {
        double this = liking(&likings, *offered);
        if (this > quality && (!made_here || nu__coding_is_available(*offered))) {
            best = *offered;
            quality = this;
        }
    }
    return likings.of[NU__IDENTITY] > quality ? NU__IDENTITY : best;
}

nu__coding nu__coding_choose(const nu_request *req, const nu__coding *offered)
{
    return choose(req, offered, true);
}

nu__coding nu__coding_choose_stored(const nu_request *req, const nu__coding *stored)
{
    return choose(req, stored, false);
}

/* ---- gzip ------------------------------------------------------------------------------------ */

static void end_zlib(void *arg)
{
    if (arg != NULL)
        deflateEnd(arg);
}

/* The padding is the name of a file, as in Django. */
static void begin_gzip(nu__encoder *encoder, nu_arena *arena, int level, size_t padding)
{
    enum { GZIP = 16 + MAX_WBITS, MEMORY = 8 };
    z_stream *stream = nu_arena_zalloc(arena, sizeof *stream);
    nu_defer *slot = nu_arena_defer(arena, end_zlib, NULL);
    if (deflateInit2(stream, level ? level : 4, Z_DEFLATED, GZIP, MEMORY, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        nu_raise(NU_OUT_OF_MEMORY, "no memory to compress");
    slot->arg = stream;
    encoder->state = stream;
    if (padding == 0)
        return;
    gz_header *header = nu_arena_zalloc(arena, sizeof *header);
    char      *name = nu_arena_alloc(arena, padding + 1);
    memset(name, 'a', padding);
    name[padding] = '\0';
    header->name = (Bytef *)name;
    header->os = 255;
    deflateSetHeader(stream, header);
}

static void put_gzip(nu__encoder *encoder, const void *bytes, size_t length,
                     enum nu__encoder_step step, nu_builder *out)
{
    static const int flushes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH};
    z_stream        *stream = encoder->state;
    stream->next_in = (Bytef *)(uintptr_t)bytes;
    stream->avail_in = (uInt)length;
    do {
        size_t room = NU__ENCODER_ROOM;
        stream->next_out = (Bytef *)nu_builder_room(out, room);
        stream->avail_out = (uInt)room;
        deflate(stream, flushes[step]);
        out->length += room - stream->avail_out;
    } while (stream->avail_out == 0);
}

/* ---- all of them ----------------------------------------------------------------------------- */

nu__encoder *nu__encoder_new(nu_arena *arena, nu__coding coding, int level, size_t padding)
{
    nu__encoder *encoder = nu_arena_zalloc(arena, sizeof *encoder);
    encoder->coding = coding;
    encoder->padding = padding;
    switch (coding) {
    case NU__BROTLI: nu__brotli_begin(encoder, arena, level); break;
    case NU__ZSTD: nu__zstd_begin(encoder, arena, level); break;
    default: begin_gzip(encoder, arena, level, padding); break;
    }
    return encoder;
}

/* zlib counts in 32 bits. */
void nu__encoder_put(nu__encoder *encoder, const void *bytes, size_t length,
                     enum nu__encoder_step step, nu_builder *out)
{
    enum { MOST = 1 << 30 };
    const char *at = bytes;
    for (; length > MOST; length -= MOST, at += MOST)
        nu__encoder_put(encoder, at, MOST, NU__ENCODER_GO_ON, out);
    switch (encoder->coding) {
    case NU__BROTLI: nu__brotli_put(encoder, at, length, step, out); break;
    case NU__ZSTD: nu__zstd_put(encoder, at, length, step, out); break;
    default: put_gzip(encoder, at, length, step, out); break;
    }
}
