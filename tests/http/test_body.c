#include "http/internal.h"
#include "nuages/test.h"

#include <string.h>
#include <stdlib.h>
#include <unistd.h>

/* A client that sends its body in pieces of `step` bytes. */
struct client {
    const char *bytes;
    size_t      length, at, step;
};

static size_t send_piece(void *self, void *into, size_t room)
{
    struct client *client = self;
    size_t         left = client->length - client->at;
    size_t         count = left < client->step ? left : client->step;
    count = count < room ? count : room;
    memcpy(into, client->bytes + client->at, count);
    client->at += count;
    return count;
}

static nu_request *post_in(const char *type, const char *bytes, size_t length, size_t step,
                           const nu_http_options *options)
{
    struct client *client = nu_alloc(sizeof *client);
    *client = (struct client){bytes, length, 0, step};
    nu_request *req = nu_request_new("POST", "/", options);
    nu_request_set_header(req, "Content-Type", type);
    req->content_length = (int64_t)length;
    req->read = send_piece;
    req->read_self = client;
    return req;
}

static nu_request *post(const char *type, const char *body)
{
    return post_in(type, body, strlen(body), 7, NULL);
}

#define FORM      "application/x-www-form-urlencoded"
#define MULTIPART "multipart/form-data; boundary=AaB"

/* ---- plain bodies ------------------------------------------------------------------------------------ */

TEST(a_body_is_read_once_and_kept)
{
    nu_request *req = post("text/plain", "hello world");
    size_t      length;
    CHECK_TEXT(nu_request_body(req, &length), "hello world");
    CHECK_EQ(length, 11);
    CHECK_TEXT(nu_request_body(req, NULL), "hello world");
    char piece[5];
    CHECK_EQ(nu_request_read(req, piece, 5), 5);
    CHECK_EQ(nu_request_read(req, piece, 5), 5);
    CHECK_EQ(nu_request_read(req, piece, 5), 1);
    CHECK_EQ(nu_request_read(req, piece, 5), 0);
}

TEST(a_body_taken_in_pieces_is_gone)
{
    nu_request *req = post(FORM, "a=1");
    char        piece[16];
    CHECK_EQ(nu_request_read(req, piece, 16), 3);
    CHECK_EQ(nu_request_read(req, piece, 16), 0);
    CHECK_EQ(nu_request_read(req, piece, 16), 0);
    CHECK_RAISES(NU_VALUE_ERROR, nu_request_body(req, NULL));
    CHECK(nu_request_post(req, "a") == NULL);
}

/* A few bytes may unpack to very many, so nobody unpacks them unasked. */
TEST(a_compressed_body_is_given_as_it_was_sent_and_makes_no_form)
{
    static const char gzip[] =
        "\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x04\0\x43\xbe\xb7\xe8\x01\0\0\0"; /* "a" */
    enum { SIZE = sizeof gzip - 1 };
    nu_http_options limit = {.max_body = SIZE}, less = {.max_body = SIZE - 1};
    nu_request     *whole = post_in("application/json", gzip, SIZE, 7, &limit);
    nu_request     *pieces = post_in("application/json", gzip, SIZE, 7, &limit);
    nu_request     *large = post_in("application/json", gzip, SIZE, 7, &less);
    nu_request     *form = post_in(FORM, gzip, SIZE, 7, &limit);
    nu_request     *parts = post_in(MULTIPART, gzip, SIZE, 7, &limit);
    nu_request     *all[] = {whole, pieces, large, form, parts};
    for (size_t i = 0; i < NU_COUNT(all); i++)
        nu_request_set_header(all[i], "Content-Encoding", "gzip");
    char   bytes[64];
    size_t length, count = 0, n;
    CHECK(memcmp(nu_request_body(whole, &length), gzip, SIZE) == 0);
    CHECK_EQ(length, SIZE);
    while ((n = nu_request_read(pieces, bytes + count, sizeof bytes - count)) > 0)
        count += n;
    CHECK_EQ(count, SIZE);
    CHECK(memcmp(bytes, gzip, SIZE) == 0);
    /* The limit is one of bytes that were sent. */
    CHECK_RAISES(NU_TOO_LARGE, nu_request_body(large, NULL));
    CHECK_RAISES(NU_UNSUPPORTED_MEDIA, nu_request_json(whole));
    CHECK_RAISES(NU_UNSUPPORTED_MEDIA, nu_request_form_data(form));
    CHECK_RAISES(NU_UNSUPPORTED_MEDIA, nu_request_files(parts));
    /* What was refused as a form can still be taken as bytes. */
    CHECK(memcmp(nu_request_body(form, &length), gzip, SIZE) == 0);
    CHECK_EQ(length, SIZE);
}

TEST(a_body_beyond_the_limit_is_too_large)
{
    nu_http_options options = {.max_body = 10};
    CHECK_RAISES(NU_TOO_LARGE,
                 nu_request_body(post_in(FORM, "12345678901", 11, 4, &options), NULL));
    nu_request *chunked = post_in(FORM, "12345678901", 11, 4, &options);
    chunked->content_length = -1;
    CHECK_RAISES(NU_TOO_LARGE, nu_request_body(chunked, NULL));
    options.max_body = -1;
    CHECK_TEXT(nu_request_body(post_in(FORM, "12345678901", 11, 4, &options), NULL), "12345678901");
}

TEST(what_is_left_of_a_body_is_dropped_up_to_a_limit)
{
    CHECK(nu__request_drain(post("text/plain", "hello"), 100));
    CHECK(!nu__request_drain(post("text/plain", "hello world, this is long"), 5));
    CHECK(nu__request_drain(nu_request_new("GET", "/", NULL), 0));
}

TEST(json_is_read_and_errors_name_their_place)
{
    nu_value value = nu_request_json(post("application/json", "{\"a\": [1, \"é\"]}"));
    CHECK_TEXT(nu_text(value), "{'a': [1, 'é']}");
    CHECK_EQ(nu_request_json(post("application/problem+json; charset=utf-8", "3")), 3);
    CHECK_RAISES(NU_BAD_REQUEST, nu_request_json(post("application/json", "{\"a\":\n 1,}")));
    CHECK_EQ(nu_test_error()->place.line, 2);
    CHECK_RAISES(NU_BAD_REQUEST, nu_request_json(post("application/json", "")));
    CHECK_RAISES(NU_BAD_REQUEST, nu_request_json(post("text/plain", "3")));
}

/* ---- forms -------------------------------------------------------------------------------------------- */

TEST(a_form_belongs_to_post_and_form_data_to_any_method)
{
    nu_request *req = post(FORM, "a=1&a=2&b=x+y");
    CHECK_TEXT(nu_request_post(req, "a"), "2");
    CHECK_TEXT(nu_request_post(req, "b"), "x y");
    CHECK_EQ(nu_params_count(nu_request_files(req)), 0);
    nu_request *put = post(FORM, "a=1");
    put->method = "PUT";
    CHECK(nu_request_post(put, "a") == NULL);
    CHECK_EQ(nu_params_count(nu_request_form(put)), 0);
    CHECK_TEXT(nu_params_get(nu_request_form_data(put), "a"), "1");
}

/* "field=value …" and "field:name(size) …" for files. */
static const char *summary(nu_request *req)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    for (nu_entry *e = NULL; (e = nu_dict_next(nu_params_dict(nu_request_form(req)), e)) != NULL;) {
        for (uint32_t i = 0; i < e->value.list->count; i++)
            nu_builder_printf(&out, "%s=%s ", e->key.text, nu_text(e->value.list->items[i]));
    }
    for (nu_entry *e = NULL;
         (e = nu_dict_next(nu_params_dict(nu_request_files(req)), e)) != NULL;) {
        for (uint32_t i = 0; i < e->value.list->count; i++) {
            const nu_upload *upload = nu_upload_of(e->value.list->items[i]);
            nu_builder_printf(&out, "%s:%s(%lld) ", e->key.text, nu_upload_name(upload),
                              (long long)nu_upload_size(upload));
        }
    }
    return nu_builder_text(&out);
}

#define HEAD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_HEAD(name, file)                                                                      \
    "Content-Disposition: form-data; name=\"" name "\"; filename=\"" file "\"\r\n\r\n"

TEST(parts_are_split_only_at_delimiters)
{
    static const struct {
        const char *body, *summary;
    } cases[] = {
        {"--AaB\r\n" HEAD("a") "1\r\n--AaB\r\n" HEAD("b") "2\r\n--AaB--\r\n", "a=1 b=2 "},
        {"preamble\r\n--AaB\r\n" HEAD("a") "1\r\n--AaB--epilogue --AaB", "a=1 "},
        {"--AaB  \t\r\n" HEAD("a") "1\r\n--AaB \r\n" HEAD("b") "2\r\n--AaB--", "a=1 b=2 "},
        {"--AaB\n" HEAD("a") "1\n--AaB--", "a=1 "},
        /* not a line of its own, or a longer word */
        {"--AaB\r\n" HEAD("a") "x--AaB\r\n--AaBc\r\n--AaB-\r\n--AaB--",
         "a=x--AaB\r\n--AaBc\r\n--AaB- "},
        {"--AaB\r\n" HEAD("a") "\r\n--AaB--", "a= "},
        {"--AaB\r\n" HEAD("a") "\r\n\r\n--AaB--", "a=\r\n "},
        /* cut short */
        {"--AaB\r\n" HEAD("a") "1", "a=1 "},
        {"--AaB\r\n" HEAD("a") "1\r\n--Aa", "a=1\r\n--Aa "},
        {"--AaB\r\n" HEAD("a") "1\r\n--AaB", "a=1 "},
        {"--AaB\r\n" HEAD("a") "1\r\n--AaB-", "a=1\r\n--AaB- "},
        {"--AaB\r\n", ""},
        {"--AaB--", ""},
        {"--AaB", ""},
        {"", ""},
        {"nothing of ours", ""},
        /* no name, no head */
        {"--AaB\r\nX: y\r\n\r\n1\r\n--AaB\r\n" HEAD("a") "1\r\n--AaB--", "a=1 "},
        {"--AaB\r\n" HEAD("a") "--AaB\r\n" HEAD("b") "2\r\n--AaB--", "b=2 "},
        {"--AaB\r\nno colon\r\n" HEAD("a") "1\r\n--AaB--", "a=1 "},
        /* files */
        {"--AaB\r\n" FILE_HEAD("f", "x.txt") "abc\r\n--AaB--", "f:x.txt(3) "},
        {"--AaB\r\n" FILE_HEAD("f", "") "abc\r\n--AaB--", "f=abc "},
        {"--AaB\r\n" FILE_HEAD("f", "..") "abc\r\n--AaB\r\n" HEAD("a") "1\r\n--AaB--", "a=1 "},
        {"--AaB\r\n" FILE_HEAD("f", "C:\\\\a\\\\b.txt") "\r\n--AaB--", "f:b.txt(0) "},
    };
    static const size_t steps[] = {1, 2, 3, 10, 4096};
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        for (size_t s = 0; s < NU_COUNT(steps); s++) {
            const char *body = cases[i].body;
            nu_request *req = post_in(MULTIPART, body, strlen(body), steps[s], NULL);
            CHECK_TEXT(summary(req), cases[i].summary);
        }
    }
}

TEST(a_form_without_a_valid_boundary_is_a_bad_request)
{
    static const char *const types[] = {
        "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=a\x01", "multipart/form-data; boundary=\xc3\xa9"};
    for (size_t i = 0; i < NU_COUNT(types); i++)
        CHECK_RAISES(NU_BAD_REQUEST, nu_request_form(post(types[i], "--AaB--")));
}

TEST(a_form_that_cannot_be_read_is_empty_from_then_on)
{
    nu_request *req = post("multipart/form-data", "--AaB--");
    CHECK_RAISES(NU_BAD_REQUEST, nu_request_form(req));
    CHECK_EQ(nu_params_count(nu_request_form(req)), 0);
}

static const char *many(const char *part, int count)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 1024);
    for (int i = 0; i < count; i++)
        nu_builder_puts(&out, part);
    nu_builder_puts(&out, "--AaB--");
    return nu_builder_text(&out);
}

TEST(limits_on_fields_files_and_bytes_hold)
{
    const char     *fields = many("--AaB\r\n" HEAD("a") "1\r\n", 4);
    const char     *nameless = many("--AaB\r\nX: y\r\n\r\n\r\n", 4);
    const char     *files = many("--AaB\r\n" FILE_HEAD("f", "x") "1\r\n", 4);
    nu_http_options options = {.max_fields = 3, .max_files = 3};
    CHECK_RAISES(NU_SUSPICIOUS,
                 nu_request_form(post_in(MULTIPART, fields, strlen(fields), 64, &options)));
    CHECK_RAISES(NU_SUSPICIOUS,
                 nu_request_form(post_in(MULTIPART, files, strlen(files), 64, &options)));
    CHECK_RAISES(NU_SUSPICIOUS,
                 nu_request_form(post_in(MULTIPART, nameless, strlen(nameless), 64, &options)));
    options = (nu_http_options){.max_body = 15};
    CHECK_RAISES(NU_TOO_LARGE,
                 nu_request_form(post_in(MULTIPART, fields, strlen(fields), 64, &options)));
    CHECK_TEXT(summary(post_in(MULTIPART, files, strlen(files), 64, &options)),
               "f:x(1) f:x(1) f:x(1) f:x(1) ");
}

TEST(base64_parts_are_decoded)
{
    const char *body = "--AaB\r\nContent-Transfer-Encoding: base64\r\n" HEAD(
        "a") "aGVs\r\nbG8=\r\n"
             "--AaB\r\nContent-Transfer-Encoding: BASE64\r\n" FILE_HEAD("f",
                                                                        "x") "aGVs bG8h\r\n--AaB--";
    for (size_t step = 1; step < 40; step += 3) {
        nu_request *req = post_in(MULTIPART, body, strlen(body), step, NULL);
        CHECK_TEXT(summary(req), "a=hello f:x(6) ");
        CHECK_TEXT(nu_upload_content(nu_request_file(req, "f"), 100, NULL), "hello!");
    }
    CHECK_RAISES(
        NU_BAD_REQUEST,
        nu_request_form(post(MULTIPART, "--AaB\r\nContent-Transfer-Encoding: base64\r\n" FILE_HEAD(
                                            "f", "x") "a\r\n--AaB--")));
}

/* ---- uploads -------------------------------------------------------------------------------------------- */

static nu_request *large_upload(size_t length, const nu_http_options *options)
{
    nu_builder body;
    nu_builder_init(&body, NULL, length + 200);
    nu_builder_puts(&body, "--AaB\r\n" FILE_HEAD("f", "big.bin"));
    for (size_t i = 0; i < length; i++)
        nu_builder_putc(&body, (char)(i * 31 % 251));
    nu_builder_puts(&body, "\r\n--AaB--");
    return post_in(MULTIPART, nu_builder_text(&body), body.length, 5000, options);
}

TEST(a_large_file_goes_to_a_temporary_one)
{
    nu_http_options options = {.max_file_memory = 100000};
    nu_upload      *small = nu_request_file(large_upload(50000, &options), "f");
    nu_upload      *large = nu_request_file(large_upload(300000, &options), "f");
    CHECK(nu_upload_path(small) == NULL);
    CHECK(nu_upload_path(large) != NULL);
    CHECK_EQ(nu_upload_size(large), 300000);
    size_t      length;
    const char *content = nu_upload_content(large, 1000000, &length);
    CHECK_EQ(length, 300000);
    CHECK_EQ((uint8_t)content[299999], 299999 * 31 % 251);
    CHECK_RAISES(NU_TOO_LARGE, nu_upload_content(large, 299999, NULL));
    char piece[10];
    CHECK_EQ(nu_upload_read(large, 299995, piece, 10), 5);
    CHECK_EQ(nu_upload_read(large, 300000, piece, 10), 0);
    CHECK_EQ(nu_upload_read(large, -1, piece, 10), 0);
}

TEST(a_large_base64_file_needs_little_memory)
{
    enum { GROUPS = 500000 };
    nu_builder body;
    nu_builder_init(&body, NULL, 4 * GROUPS + 200);
    nu_builder_puts(&body,
                    "--AaB\r\nContent-Transfer-Encoding: base64\r\n" FILE_HEAD("f", "big.bin"));
    for (size_t i = 0; i < GROUPS; i++)
        nu_builder_puts(&body, "QUJD");
    nu_builder_puts(&body, "\r\n--AaB--");
    nu_http_options options = {.max_file_memory = 1000};
    nu_request     *req = post_in(MULTIPART, nu_builder_text(&body), body.length, 5000, &options);
    size_t          before = nu_arena_statistics(nu_arena_current()).reserved;
    CHECK_EQ(nu_upload_size(nu_request_file(req, "f")), 3 * GROUPS);
    CHECK(nu_arena_statistics(nu_arena_current()).reserved - before < 500000);
}

TEST(an_upload_is_saved_whole_and_replaces_nothing)
{
    nu_http_options options = {.max_file_memory = 1000};
    char           *folder = nu_arena_text(nu_arena_current(), "/tmp/nu-upload-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    const char *path = nu_fmt("%s/a", folder), *second = nu_fmt("%s/b", folder);
    nu_upload_save(nu_request_file(large_upload(5000, &options), "f"), path);
    nu_upload_save(nu_upload_new("x", NULL, "hello", 5), second);
    CHECK_RAISES(NU_SYSTEM_ERROR, nu_upload_save(nu_upload_new("x", NULL, "no", 2), second));
    CHECK_RAISES(NU_SYSTEM_ERROR,
                 nu_upload_save(nu_request_file(large_upload(5000, &options), "f"), path));
    nu_response *res = nu_file(path);
    size_t       length;
    nu_response_content(res, &length);
    CHECK_EQ(length, 5000);
    CHECK_TEXT(nu_response_content(nu_file(second), NULL), "hello");
    unlink(path);
    unlink(second);
    CHECK_EQ(rmdir(folder), 0); /* nothing else was left there */
}

TEST(names_of_uploads_are_made_safe)
{
    static const struct {
        const char *sent, *kept;
    } cases[] = {
        {"a.txt", "a.txt"},
        {"../../etc/passwd", "passwd"},
        {"C:\\x\\y.doc", "y.doc"},
        {"a/b/", NULL},
        {"", NULL},
        {".", NULL},
        {"..", NULL},
        {"&#46;&#x2e;", NULL},
        {"a&sol;b", "b"},
        {"a&#47b", "b"},
        {"a&#0;&#xd800;&#x110000;b", "a���b"},
        {"&amp;&bogus;&", "&&bogus;&"},
        {"a\nb\x7f\xe2\x80\xae.txt", "ab.txt"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(nu_upload_safe_name(cases[i].sent), cases[i].kept);
    const char *name = nu_upload_safe_name(nu_fmt("%0400d.html", 1));
    CHECK_EQ(strlen(name), 255);
    CHECK(nu_ends_with(name, ".html"));
}
