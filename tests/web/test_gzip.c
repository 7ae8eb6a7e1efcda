/* Compression of responses, and files that lie there compressed. */
#include "site.h"

#include <brotli/decode.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "http/coding.h"
#include "nuages/file.h"
#include "nuages/text.h"

enum { ROOM = 1 << 20 };

/* ---- unpacking ------------------------------------------------------------------------------- */

static const char *gunzip(const char *bytes, size_t length)
{
    char    *out = nu_alloc(ROOM);
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes,
                       .avail_in = (uInt)length,
                       .next_out = (Bytef *)out,
                       .avail_out = ROOM - 1};
    CHECK_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
    CHECK_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    CHECK_EQ(stream.avail_in, 0);
    out[ROOM - 1 - stream.avail_out] = '\0';
    inflateEnd(&stream);
    return out;
}

static const char *unbrotli(const char *bytes, size_t length)
{
    void                                *library = dlopen("libbrotlidec.so.1", RTLD_NOW);
    __typeof__(&BrotliDecoderDecompress) decompress =
        (__typeof__(decompress))dlsym(library, "BrotliDecoderDecompress");
    char  *out = nu_alloc(ROOM);
    size_t size = ROOM - 1;
    CHECK_EQ(decompress(length, (const uint8_t *)bytes, &size, (uint8_t *)out),
             BROTLI_DECODER_RESULT_SUCCESS);
    out[size] = '\0';
    return out;
}

static const char *unzstd(const char *bytes, size_t length)
{
    void                        *library = dlopen("libzstd.so.1", RTLD_NOW);
    __typeof__(&ZSTD_decompress) decompress =
        (__typeof__(decompress))dlsym(library, "ZSTD_decompress");
    char  *out = nu_alloc(ROOM);
    size_t size = decompress(out, ROOM - 1, bytes, length);
    CHECK(size < ROOM);
    out[size] = '\0';
    return out;
}

/* What the client shows. */
static const char *shown(nu_response *response)
{
    size_t      length;
    const char *bytes = nu_response_content(response, &length);
    const char *coding = header_of(response, "Content-Encoding");
    if (strcmp(coding, "gzip") == 0)
        return gunzip(bytes, length);
    if (strcmp(coding, "br") == 0)
        return unbrotli(bytes, length);
    return strcmp(coding, "zstd") == 0 ? unzstd(bytes, length) : bytes;
}

/* ---- the site -------------------------------------------------------------------------------- */

static const char *page_text(void)
{
    return nu_fmt("<h1>%0400d</h1>", 7);
}

static nu_response *page(nu_request *request)
{
    nu_response *response = nu_html(page_text());
    (void)request;
    nu_response_set_header(response, "ETag", "\"one\"");
    nu_response_set_header(response, "Content-Length", nu_fmt("%zu", strlen(page_text())));
    return response;
}

static nu_response *sized(nu_request *request)
{
    size_t length = (size_t)nu_arg_int(request, "length");
    char  *text = nu_alloc(length + 1);
    memset(text, 'a', length);
    text[length] = '\0';
    return nu_html(text);
}

static nu_response *noise(nu_request *request)
{
    char *bytes = nu_alloc(300);
    (void)request;
    for (unsigned i = 0, x = 1; i < 300; i++, x = x * 1103515245 + 12345)
        bytes[i] = (char)(x >> 16);
    return nu_bytes_response("application/octet-stream", bytes, 300);
}

static nu_response *packed(nu_request *request)
{
    nu_response *response = page(request);
    nu_response_set_header(response, "Content-Encoding", "deflate");
    return response;
}

static nu_response *weak(nu_request *request)
{
    nu_response *response = page(request);
    nu_response_set_header(response, "ETag", "W/\"one\"");
    return response;
}

static bool next_line(void *self, nu_value *piece)
{
    int *at = self;
    *piece = nu_value_text(nu_fmt("line %d\n", *at));
    return ++*at <= 3;
}

static nu_response *stream(nu_request *request)
{
    (void)request;
    return nu_stream("text/plain", next_line, NULL,
                     nu_arena_zalloc(nu_arena_current(), sizeof(int)));
}

static nu_response *file(nu_request *request)
{
    return nu_range(request, nu_file(nu_fmt(NU_TEST_DATA "/server/%s", nu_arg(request, "name"))));
}

static nu_response *sent_json(nu_request *request)
{
    return nu_json_of(nu_request_json(request));
}

static nu_response *sent_form(nu_request *request)
{
    return nu_text_response(nu_request_post(request, "a"));
}

static const nu_route urls[] = {
    NU_PATH("page/", page),       NU_PATH("sized/<int:length>/", sized),
    NU_PATH("noise/", noise),     NU_PATH("packed/", packed),
    NU_PATH("weak/", weak),       NU_PATH("stream/", stream),
    NU_PATH("file/<name>", file), NU_PATH("json/", sent_json),
    NU_PATH("form/", sent_form),  {0},
};

static nu_response *get(const char *target, const char *accept)
{
    nu_client *client = nu_client_new();
    nu_client_header(client, "Accept-Encoding", accept);
    return nu_client_get(client, target);
}

/* ---- Django's rules -------------------------------------------------------------------------- */

TEST(a_page_is_compressed_for_those_who_accept_it)
{
    SITE(.urls = urls, .middleware = NU_MIDDLEWARE(&nu_gzip_middleware));
    nu_response *response = get("/page/", "gzip, deflate, br");
    size_t       length;
    CHECK_TEXT(header_of(response, "Content-Encoding"), "gzip");
    CHECK_TEXT(header_of(response, "Vary"), "Accept-Encoding");
    CHECK_TEXT(header_of(response, "ETag"), "W/\"one\"");
    nu_response_content(response, &length);
    CHECK_TEXT(header_of(response, "Content-Length"), nu_fmt("%zu", length));
    CHECK_TEXT(shown(response), page_text());
    response = get("/page/", NULL);
    CHECK_TEXT(header_of(response, "Content-Encoding"), "");
    CHECK_TEXT(header_of(response, "Vary"), "Accept-Encoding");
    CHECK_TEXT(header_of(response, "ETag"), "\"one\"");
    CHECK_TEXT(shown(response), page_text());
    CHECK_TEXT(header_of(get("/weak/", "gzip"), "ETag"), "W/\"one\"");
}

TEST(what_is_short_or_would_grow_or_is_encoded_stays_as_it_is)
{
    SITE(.urls = urls, .middleware = NU_MIDDLEWARE(&nu_gzip_middleware));
    CHECK_TEXT(header_of(get("/sized/199/", "gzip"), "Content-Encoding"), "");
    CHECK_TEXT(header_of(get("/sized/199/", "gzip"), "Vary"), "");
    CHECK_TEXT(header_of(get("/sized/200/", "gzip"), "Content-Encoding"), "gzip");
    CHECK_TEXT(header_of(get("/noise/", "gzip"), "Content-Encoding"), "");
    CHECK_TEXT(header_of(get("/noise/", "gzip"), "Vary"), "Accept-Encoding");
    CHECK_TEXT(header_of(get("/packed/", "gzip"), "Content-Encoding"), "deflate");
}

TEST(a_stream_is_compressed_as_it_goes)
{
    SITE(.urls = urls, .middleware = NU_MIDDLEWARE(&nu_compress_middleware));
    static const char *const codings[] = {"gzip", "br", "zstd"};
    for (int i = 0; i < 3; i++) {
        nu_response *response = get("/stream/", codings[i]);
        CHECK_TEXT(header_of(response, "Content-Encoding"), codings[i]);
        CHECK_TEXT(header_of(response, "Content-Length"), "");
        CHECK_TEXT(shown(response), "line 0\nline 1\nline 2\n");
    }
    CHECK_TEXT(shown(get("/stream/", NULL)), "line 0\nline 1\nline 2\n");
}

TEST(a_large_body_is_compressed_whole)
{
    SITE(.urls = urls, .middleware = NU_MIDDLEWARE(&nu_compress_middleware));
    static const char *const codings[] = {"gzip", "br", "zstd"};
    for (int i = 0; i < 3; i++) {
        nu_response *response = get("/sized/500000/", codings[i]);
        CHECK_TEXT(header_of(response, "Content-Encoding"), codings[i]);
        CHECK_EQ(strlen(shown(response)), 500000);
    }
}

TEST(the_length_differs_from_time_to_time)
{
    SITE(.urls = urls, .middleware = NU_MIDDLEWARE(&nu_compress_middleware));
    static const char *const codings[] = {"gzip", "br", "zstd"};
    for (int i = 0; i < 3; i++) {
        size_t least = SIZE_MAX, most = 0;
        for (int n = 0; n < 60; n++) {
            size_t       length;
            nu_response *response = get("/page/", codings[i]);
            nu_response_content(response, &length);
            least = length < least ? length : least;
            most = length > most ? length : most;
            CHECK_TEXT(shown(response), page_text());
        }
        CHECK(most - least > 30 && most - least <= 110);
    }
}

TEST(padding_of_any_length_is_passed_over)
{
    static const char *(*const unpack[])(const char *bytes, size_t length) = {gunzip, unbrotli,
                                                                              unzstd};
    for (nu__coding coding = NU__GZIP; coding <= NU__ZSTD; coding++)
        for (size_t padding = 0; padding <= 100; padding++) {
            nu_arena    *arena = nu_arena_new(nu_arena_current(), "padding");
            nu_arena    *before = nu_arena_enter(arena);
            nu__encoder *encoder = nu__encoder_new(arena, coding, 0, padding);
            nu_builder   out;
            nu_builder_init(&out, NULL, 64);
            nu__encoder_put(encoder, "some words", 10, NU__ENCODER_FLUSH, &out);
            nu__encoder_put(encoder, " and more", 9, NU__ENCODER_FINISH, &out);
            CHECK_TEXT(
                nu_fmt("%d %zu %s", coding, padding, unpack[coding - 1](out.data, out.length)),
                nu_fmt("%d %zu some words and more", coding, padding));
            nu_arena_enter(before);
            nu_arena_free(arena);
        }
}

TEST(the_client_chooses_among_the_codings)
{
    SITE(.urls = urls, .middleware = NU_MIDDLEWARE(&nu_compress_middleware));
    static const struct {
        const char *accept, *coding;
    } cases[] = {
        {"gzip, deflate, br, zstd", "zstd"},
        {"gzip, deflate, br", "br"},
        {"gzip", "gzip"},
        {"x-gzip", "gzip"},
        {"GZIP", "gzip"},
        {"gzip;q=1.0, br;q=0.5, zstd;q=0.1", "gzip"},
        {"gzip;q=0.5, br;q=0.8", "br"},
        {"gzip;q=0", ""},
        {"gzip;q=0, *", "zstd"},
        {"*", "zstd"},
        {"*;q=0", ""},
        {"*;q=0, gzip", "gzip"},
        {"identity", ""},
        {"identity;q=1, gzip;q=0.5", ""},
        {"identity;q=0.5, gzip;q=1", "gzip"},
        {"gzip;q=abc", ""},
        {"deflate", ""},
        {"", ""},
        {"notgzip", ""},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_response *response = get("/page/", cases[i].accept);
        CHECK_TEXT(nu_fmt("%s: %s", cases[i].accept, header_of(response, "Content-Encoding")),
                   nu_fmt("%s: %s", cases[i].accept, cases[i].coding));
        CHECK_TEXT(shown(response), page_text());
    }
}

TEST(files_are_compressed_where_that_gains_and_parts_are_not)
{
    SITE(.urls = urls, .middleware = NU_MIDDLEWARE(&nu_compress_middleware));
    nu_response *response = get("/file/http1_cases.txt", "gzip");
    CHECK_TEXT(header_of(response, "Content-Encoding"), "gzip");
    CHECK_TEXT(header_of(response, "Accept-Ranges"), "");
    CHECK_CONTAINS(shown(response), "=== a plain GET");
    nu_client *client = nu_client_new();
    nu_client_header(client, "Accept-Encoding", "gzip");
    nu_client_header(client, "Range", "bytes=0-999");
    response = nu_client_get(client, "/file/http1_cases.txt");
    CHECK_STATUS(response, 206);
    CHECK_TEXT(header_of(response, "Content-Encoding"), "");
    CHECK_EQ(strlen(nu_client_text(response)), 1000);
}

/* ---- request bodies -------------------------------------------------------------------------- */

TEST(a_compressed_request_is_refused)
{
    SITE(.urls = urls, .middleware = NU_MIDDLEWARE(NULL));
    nu_client *client = nu_client_new();
    nu_client_header(client, "Content-Encoding", "gzip");
    CHECK_STATUS(nu_client_send(client, "POST", "/json/", "application/json", "\x1f\x8b", 2), 415);
    CHECK_STATUS(nu_client_post(client, "/form/", "a", "b"), 415);
    nu_client_header(client, "Content-Encoding", "identity");
    CHECK_TEXT(nu_client_text(nu_client_post(client, "/form/", "a", "b")), "b");
}

/* ---- static files ---------------------------------------------------------------------------- */

static const char *static_folder(void)
{
    const char *folder = nu_fmt("/tmp/nuages-static-%d", (int)getpid());
    mkdir(folder, 0755);
    nu_file_write(nu_fmt("%s/a.css", folder), "plain", 5);
    nu_file_write(nu_fmt("%s/a.css.gz", folder), "packed by gzip", 14);
    nu_file_write(nu_fmt("%s/a.css.br", folder), "packed by br", 12);
    nu_file_write(nu_fmt("%s/a.css.zst", folder), "packed by zstd", 14);
    nu_file_write(nu_fmt("%s/b.css", folder), "alone", 5);
    nu_file_write(nu_fmt("%s/old.css.gz", folder), "outdated", 8);
    nu_file_write(nu_fmt("%s/old.css", folder), "newer", 5);
    struct timespec long_ago[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    utimensat(AT_FDCWD, nu_fmt("%s/old.css.gz", folder), long_ago, 0);
    return folder;
}

TEST(files_that_lie_there_compressed_are_sent_as_they_are)
{
    const char *folder = static_folder();
    SITE(.static_dirs = (const char *[]){folder, NULL},
         .middleware = NU_MIDDLEWARE(&nu_compress_middleware, &nu_static_middleware));
    static const struct {
        const char *accept, *coding, *body;
    } cases[] = {
        {"gzip", "gzip", "packed by gzip"},
        {"gzip, br", "br", "packed by br"},
        {"gzip, br, zstd", "zstd", "packed by zstd"},
        {"gzip;q=0, br;q=0.1", "br", "packed by br"},
        {NULL, "", "plain"},
    };
    const char *tags[5];
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_response *response = get("/static/a.css", cases[i].accept);
        CHECK_TEXT(header_of(response, "Content-Encoding"), cases[i].coding);
        CHECK_TEXT(nu_client_text(response), cases[i].body);
        CHECK_CONTAINS(header_of(response, "Content-Type"), "text/css");
        CHECK_TEXT(header_of(response, "Vary"), "Accept-Encoding");
        CHECK_TEXT(header_of(response, "Content-Disposition"), "inline; filename=\"a.css\"");
        tags[i] = header_of(response, "ETag");
        CHECK(tags[i][0] == '"');
        for (size_t other = 0; other < i; other++)
            CHECK((strcmp(tags[i], tags[other]) == 0) ==
                  (strcmp(cases[i].coding, cases[other].coding) == 0));
    }
    CHECK_TEXT(header_of(get("/static/b.css", "gzip"), "Vary"), "");
    CHECK_TEXT(nu_client_text(get("/static/old.css", "gzip")), "newer");
    CHECK_TEXT(header_of(get("/static/a.css.gz", NULL), "Content-Type"), "application/gzip");
}

TEST(parts_and_conditions_are_those_of_the_form_that_is_sent)
{
    const char *folder = static_folder();
    SITE(.static_dirs = (const char *[]){folder, NULL},
         .middleware = NU_MIDDLEWARE(&nu_static_middleware));
    nu_client *client = nu_client_new();
    nu_client_header(client, "Accept-Encoding", "gzip");
    const char *tag = header_of(nu_client_get(client, "/static/a.css"), "ETag");
    nu_client_header(client, "If-None-Match", tag);
    nu_response *response = nu_client_get(client, "/static/a.css");
    CHECK_STATUS(response, 304);
    CHECK_TEXT(header_of(response, "Vary"), "Accept-Encoding");
    CHECK_TEXT(header_of(response, "ETag"), tag);
    nu_client_header(client, "If-None-Match", NULL);
    nu_client_header(client, "Range", "bytes=10-");
    nu_client_header(client, "If-Range", tag);
    response = nu_client_get(client, "/static/a.css");
    CHECK_STATUS(response, 206);
    CHECK_TEXT(nu_client_text(response), "gzip");
    nu_client_header(client, "Accept-Encoding", NULL);
    response = nu_client_get(client, "/static/a.css");
    CHECK_STATUS(response, 200); /* the tag is that of another form */
    CHECK_TEXT(nu_client_text(response), "plain");
}
