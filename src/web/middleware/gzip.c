/* Compresses responses by the rules of Django's GZipMiddleware.
 *
 * BREACH: where a page shows a secret beside what the asker chose, the compressed length tells how much of
 * the secret was guessed. CSRF tokens are masked anew each time; for everything else, up to a hundred
 * bytes of padding, as many as chance wants, make each length so uncertain that guessing takes ages (Heal the
 * BREACH, as in Django). */
#include <string.h>

#include "http/coding.h"
#include "nuages/fiber.h"
#include "nuages/random.h"
#include "nuages/text.h"
#include "web/internal.h"

enum {
    LEAST = 200,            /* bytes; shorter ones are not worth it */
    PADDING = 100,          /* bytes at most */
    OFFLOADED = 128 * 1024, /* larger ones are compressed in another thread */
    PIECE = 64 * 1024,      /* of a file */
};

/* ---- what may be compressed ------------------------------------------------------------------ */

/* Pictures, videos and archives are compressed already. */
static bool gains(const char *type)
{
    static const char *const others[] = {"application/javascript",
                                         "application/json",
                                         "application/manifest+json",
                                         "application/wasm",
                                         "application/xml",
                                         "application/xhtml+xml",
                                         "application/rss+xml",
                                         "application/atom+xml",
                                         "application/ld+json",
                                         "application/geo+json",
                                         "application/vnd.ms-fontobject",
                                         "image/bmp",
                                         "image/svg+xml",
                                         "image/x-icon",
                                         "image/vnd.microsoft.icon",
                                         "font/ttf",
                                         "font/otf",
                                         NULL};
    size_t                   length = strcspn(type, "; \t");
    if (nu_starts_with(type, "text/"))
        return true;
    for (const char *const *other = others; *other != NULL; other++)
        if (nu_equal_ascii_nocase(type, length, *other, strlen(*other)))
            return true;
    return false;
}

/* A part of something must stay a part of the same (RFC 9110 14.2); an upgrade has no content. */
static bool is_whole(const nu_response *response)
{
    int status = nu_response_status(response);
    return status >= 200 && status != 204 && status != 206 && status != 304 &&
           !nu_response_has_header(response, "Content-Range");
}

static bool is_worth_it(const nu_response *response)
{
    size_t      length;
    const char *type = nu_response_header(response, "Content-Type");
    if (!is_whole(response) || nu_response_has_header(response, "Content-Encoding"))
        return false;
    switch (nu_response_body_kind(response)) {
    case NU_BODY_BYTES: return nu_response_body(response, &length) && length >= LEAST;
    case NU_BODY_FILE: return response->length >= LEAST && type != NULL && gains(type);
    case NU_BODY_STREAM: return true;
    }
    return false;
}

static size_t padding(void)
{
    return (size_t)nu_random_below(PADDING);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

struct compression {
    nu__coding  coding;
    size_t      padding;
    const char *bytes;
    size_t      length;
    nu_builder  out;
};

static void compress(void *arg)
{
    struct compression *job = arg;
    nu__encoder        *encoder = nu__encoder_new(nu_arena_current(), job->coding, 0, job->padding);
    nu_builder_init(&job->out, NULL, job->length / 3 + 256);
    nu__encoder_put(encoder, job->bytes, job->length, NU__ENCODER_FINISH, &job->out);
}

/* False when it would not become shorter. */
static bool compress_bytes(nu_response *response, nu__coding coding)
{
    struct compression job = {.coding = coding, .padding = padding()};
    job.bytes = nu_response_body(response, &job.length);
    if (job.length > OFFLOADED)
        nu_offload(compress, &job);
    else
        compress(&job);
    if (job.out.length >= job.length)
        return false;
    nu_response_set_body(response, job.out.data, job.out.length);
    return true;
}

/* ---- streams --------------------------------------------------------------------------------- */

struct stream {
    nu__encoder   *encoder;
    nu_stream_next inner;
    void          *inner_self;
    nu_arena      *arena; /* of the last piece */
    bool           ended;
};

/* Each piece is flushed, since whoever sends pieces wants them to arrive. */
static bool next_compressed(void *self, nu_value *piece)
{
    struct stream *stream = self;
    nu_builder     out;
    if (stream->ended)
        return false;
    nu_arena_reset(stream->arena);
    nu_builder_init(&out, stream->arena, 1024);
    while (out.length == 0 && !stream->ended) {
        nu_value plain = {0};
        stream->ended = !stream->inner(stream->inner_self, &plain);
        if (stream->ended)
            nu__encoder_put(stream->encoder, "", 0, NU__ENCODER_FINISH, &out);
        else if (plain.length > 0)
            nu__encoder_put(stream->encoder, plain.text, plain.length, NU__ENCODER_FLUSH, &out);
    }
    *piece = nu_value_bytes(out.data, out.length);
    return true;
}

static void compress_stream(nu_response *response, nu__coding coding)
{
    struct stream *stream = nu_arena_zalloc(nu_arena_current(), sizeof *stream);
    stream->encoder = nu__encoder_new(nu_arena_current(), coding, 0, padding());
    stream->arena = nu_arena_new(nu_arena_current(), "compressed");
    nu_response_wrap_stream(response, next_compressed, stream, &stream->inner, &stream->inner_self);
}

/* ---- files ----------------------------------------------------------------------------------- */

struct file {
    nu_response *response;
    size_t       done;
    char        *bytes;
};

static bool next_of_file(void *self, nu_value *piece)
{
    struct file *file = self;
    size_t       left = file->response->length - file->done, size = left < PIECE ? left : PIECE;
    if (left == 0)
        return false;
    nu__file_read(file->response, file->done, file->bytes, size);
    file->done += size;
    *piece = nu_value_bytes(file->bytes, size);
    return true;
}

static void compress_file(nu_response *response, nu__coding coding)
{
    struct file *file = nu_arena_zalloc(nu_arena_current(), sizeof *file);
    file->response = response;
    file->bytes = nu_arena_alloc(nu_arena_current(), PIECE);
    response->kind = NU_BODY_STREAM;
    response->next = next_of_file;
    response->stream_self = file;
    nu_response_remove_header(response, "Accept-Ranges");
    compress_stream(response, coding);
}

/* ---- the middleware -------------------------------------------------------------------------- */

/* The same content in other bytes: a strong tag would promise the bytes. */
static void weaken_etag(nu_response *response)
{
    const char *etag = nu_response_header(response, "ETag");
    if (etag != NULL && etag[0] == '"')
        nu_response_set_header(response, "ETag", nu_fmt("W/%s", etag));
}

static nu_response *encode(nu_request *request, nu_response *response, const nu__coding *offered)
{
    if (!is_worth_it(response))
        return response;
    nu_response_vary(response, "Accept-Encoding");
    nu__coding coding = nu__coding_choose(request, offered);
    if (coding == NU__IDENTITY)
        return response;
    switch (nu_response_body_kind(response)) {
    case NU_BODY_BYTES:
        if (!compress_bytes(response, coding))
            return response;
        break;
    case NU_BODY_FILE: compress_file(response, coding); break;
    case NU_BODY_STREAM: compress_stream(response, coding); break;
    }
    weaken_etag(response);
    nu_response_set_header(response, "Content-Encoding", nu__coding_name(coding));
    return response;
}

static nu_response *with_gzip(nu_request *request, nu_response *response)
{
    static const nu__coding offered[] = {NU__GZIP, NU__IDENTITY};
    return encode(request, response, offered);
}

static nu_response *with_any(nu_request *request, nu_response *response)
{
    static const nu__coding offered[] = {NU__ZSTD, NU__BROTLI, NU__GZIP, NU__IDENTITY};
    return encode(request, response, offered);
}

const nu_middleware nu_gzip_middleware = {.name = "gzip", .out = with_gzip};
const nu_middleware nu_compress_middleware = {.name = "compress", .out = with_any};
