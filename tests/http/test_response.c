#include "http/internal.h"
#include "nuages/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TEST(builders_set_status_type_and_body)
{
    nu_response *html = nu_html("<p>hé</p>");
    CHECK_EQ(nu_response_status(html), 200);
    CHECK_TEXT(nu_response_header(html, "content-type"), "text/html; charset=utf-8");
    size_t length;
    CHECK_TEXT(nu_response_body(html, &length), "<p>hé</p>");
    CHECK_EQ(length, 10);
    nu_response *json = nu_json("id", 3, "name", "é");
    CHECK_TEXT(nu_response_body(json, NULL), "{\"id\": 3, \"name\": \"\\u00e9\"}");
    CHECK_TEXT(nu_response_header(json, "Content-Type"), "application/json");
    nu_response *empty = nu_status(204);
    CHECK(nu_response_header(empty, "Content-Type") == NULL);
    CHECK_RAISES(NU_VALUE_ERROR, nu_status(99));
    CHECK_RAISES(NU_VALUE_ERROR, nu_status(600));
    CHECK_TEXT(nu_response_header(nu_not_allowed("GET, POST"), "Allow"), "GET, POST");
}

TEST(a_redirect_cannot_inject_or_run_anything)
{
    CHECK_TEXT(nu_response_header(nu_redirect_to("/é?a=b\r\nX: y"), "Location"),
               "/%C3%A9?a=b%0D%0AX:%20y");
    CHECK_RAISES(NU_SUSPICIOUS, nu_redirect_to("javascript:alert(1)"));
    CHECK_EQ(nu_response_status(nu_redirect_permanently_to("/x")), 301);
}

TEST(header_values_beyond_ascii_are_encoded)
{
    nu_response *res = nu_html("");
    nu_response_set_header(res, "X-A", "é");
    CHECK_TEXT(nu_response_header(res, "X-A"), "\xe9");
    nu_response_set_header(res, "X-A", "日本");
    CHECK_TEXT(nu_response_header(res, "X-A"), "=?utf-8?b?5pel5pys?=");
    nu_response_set_header(res, "X-A", "plain words and one €");
    CHECK_TEXT(nu_response_header(res, "X-A"), "=?utf-8?q?plain_words_and_one_=E2=82=AC?=");
    CHECK_RAISES(NU_VALUE_ERROR, nu_response_set_header(res, "X-B", "é\r\nX: y"));
    nu_response_default_header(res, "X-A", "other");
    CHECK_CONTAINS(nu_response_header(res, "X-A"), "utf-8");
}

TEST(a_body_grows_and_its_length_follows)
{
    nu_response *res = nu_html("a");
    nu_response_set_header(res, "Content-Length", "1");
    for (int i = 0; i < 1000; i++)
        nu_response_write(res, "bc", 2);
    size_t length;
    nu_response_body(res, &length);
    CHECK_EQ(length, 2001);
    CHECK_TEXT(nu_response_header(res, "Content-Length"), "2001");
    nu_response_set_body(res, "xy", 2);
    CHECK_TEXT(nu_response_body(res, NULL), "xy");
    CHECK_TEXT(nu_response_header(res, "Content-Length"), "2");
}

struct counter {
    int left, closed;
};

static bool count_down(void *self, nu_value *piece)
{
    struct counter *counter = self;
    *piece = NU_V(nu_fmt("%d ", counter->left));
    return counter->left-- > 0;
}

static void close_counter(void *self)
{
    ((struct counter *)self)->closed++;
}

struct doubled {
    nu_stream_next next;
    void          *self;
};

static bool double_pieces(void *self, nu_value *piece)
{
    struct doubled *inner = self;
    if (!inner->next(inner->self, piece))
        return false;
    *piece = NU_V(nu_fmt("%s%s", piece->text, piece->text));
    return true;
}

TEST(a_stream_is_read_wrapped_and_closed_once)
{
    static struct counter counter = {3, 0};
    nu_arena *arena = nu_arena_new(nu_arena_current(), "stream"), *before = nu_arena_enter(arena);
    nu_response   *res = nu_stream("text/plain", count_down, close_counter, &counter);
    struct doubled doubled;
    nu_response_wrap_stream(res, double_pieces, &doubled, &doubled.next, &doubled.self);
    CHECK(nu_response_body(res, NULL) == NULL);
    CHECK_TEXT(nu_response_content(res, NULL), "3 3 2 2 1 1 ");
    CHECK_EQ(counter.closed, 1);
    CHECK_TEXT(nu_response_content(res, NULL), "3 3 2 2 1 1 ");
    nu_arena_enter(before);
    nu_arena_free(arena);
    CHECK_EQ(counter.closed, 1);
}

TEST(an_abandoned_stream_is_closed_with_its_arena)
{
    static struct counter counter = {3, 0};
    nu_arena *arena = nu_arena_new(nu_arena_current(), "stream"), *before = nu_arena_enter(arena);
    nu_stream("text/plain", count_down, close_counter, &counter);
    nu_arena_enter(before);
    nu_arena_free(arena);
    CHECK_EQ(counter.closed, 1);
}

static const char *temporary_file(const char *content)
{
    char *path = nu_arena_text(nu_arena_current(), "/tmp/nu-response-XXXXXX.txt");
    int   fd = mkstemps(path, 4);
    CHECK(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content));
    close(fd);
    return path;
}

TEST(a_file_is_sent_with_type_name_and_time)
{
    const char  *path = temporary_file("hello");
    nu_response *res = nu_file(path, .attachment = true, .filename = "a.tar.gz");
    CHECK_EQ((int)nu_response_body_kind(res), NU_BODY_FILE);
    CHECK_TEXT(nu_response_content(res, NULL), "hello");
    CHECK_TEXT(nu_response_header(res, "Content-Type"), "application/gzip");
    CHECK_TEXT(nu_response_header(res, "Content-Disposition"), "attachment; filename=\"a.tar.gz\"");
    CHECK(nu_response_has_header(res, "Last-Modified"));
    CHECK_TEXT(nu_response_header(nu_file(path), "Content-Type"), "text/plain");
    unlink(path);
    CHECK_RAISES(NU_NOT_FOUND, nu_file(path));
    CHECK_RAISES(NU_NOT_FOUND, nu_file("/tmp"));
    CHECK_RAISES(NU_NOT_FOUND, nu_file("/dev/null"));
}

/* ---- ranges (RFC 9110 14) -------------------------------------------------------------------------------- */

static const char *ranged(const char *range, const char *if_range)
{
    nu_request *req = nu_request_new("GET", "/", NULL);
    nu_request_set_header(req, "Range", range);
    if (if_range != NULL)
        nu_request_set_header(req, "If-Range", if_range);
    nu_response *res = nu_text_response("0123456789");
    nu_response_set_header(res, "ETag", "\"v1\"");
    res = nu_range(req, res);
    size_t      length;
    const char *body = nu_response_body(res, &length);
    const char *where = nu_response_header(res, "Content-Range");
    return nu_fmt("%d %.*s %s", nu_response_status(res), (int)length, body, where ? where : "-");
}

TEST(ranges_are_cut_out_joined_or_passed_over)
{
    static const struct {
        const char *range, *result;
    } cases[] = {
        {"bytes=0-0", "206 0 bytes 0-0/10"},
        {"bytes=2-4", "206 234 bytes 2-4/10"},
        {"bytes=7-", "206 789 bytes 7-9/10"},
        {"bytes=-3", "206 789 bytes 7-9/10"},
        {"bytes=-99", "206 0123456789 bytes 0-9/10"},
        {"bytes=5-99999999999999999999", "206 56789 bytes 5-9/10"},
        {"bytes=0-1,2-3", "206 0123 bytes 0-3/10"},
        {"bytes=3-5, 0-3", "206 012345 bytes 0-5/10"},
        {"BYTES=0-1", "206 01 bytes 0-1/10"},
        {"bytes=0-1,20-30", "206 01 bytes 0-1/10"},
        {"bytes=10-", "416  bytes */10"},
        {"bytes=-0", "416  bytes */10"},
        {"bytes=0-1,5-6", "200 0123456789 -"},
        {"bytes=4-2", "200 0123456789 -"},
        {"bytes=-", "200 0123456789 -"},
        {"bytes=a-b", "200 0123456789 -"},
        {"bytes=", "200 0123456789 -"},
        {"lines=0-1", "200 0123456789 -"},
        {"bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0",
         "200 0123456789 -"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(ranged(cases[i].range, NULL), cases[i].result);
    CHECK_TEXT(ranged("bytes=0-0", "\"v1\""), "206 0 bytes 0-0/10");
    CHECK_TEXT(ranged("bytes=0-0", "\"v2\""), "200 0123456789 -");
    CHECK_TEXT(ranged("bytes=0-0", "W/\"v1\""), "200 0123456789 -");
}

TEST(a_range_of_a_file_moves_its_offset)
{
    const char *path = temporary_file("0123456789");
    nu_request *req = nu_request_new("GET", "/", NULL);
    nu_request_set_header(req, "Range", "bytes=2-4");
    nu_response *res = nu_range(req, nu_file(path));
    unlink(path);
    CHECK_EQ(res->offset, 2);
    CHECK_TEXT(nu_response_content(res, NULL), "234");
}

/* ---- conditions --------------------------------------------------------------------------------------------- */

TEST(a_view_can_ask_before_it_works)
{
    nu_request *req = nu_request_new("GET", "/", NULL);
    CHECK(nu_precondition(req, "\"a\"", -1) == NULL);
    nu_request_set_header(req, "If-None-Match", "\"b\", W/\"a\"");
    CHECK_EQ(nu_response_status(nu_precondition(req, "\"a\"", -1)), 304);
    CHECK(nu_precondition(req, "\"c\"", -1) == NULL);
    nu_request *put = nu_request_new("PUT", "/", NULL);
    nu_request_set_header(put, "If-Match", "\"a\"");
    CHECK(nu_precondition(put, "\"a\"", -1) == NULL);
    CHECK_EQ(nu_response_status(nu_precondition(put, "W/\"a\"", -1)), 412);
    CHECK_EQ(nu_response_status(nu_precondition(put, NULL, -1)), 412);
}

TEST(a_304_keeps_the_cookies)
{
    nu_request  *req = nu_request_new("GET", "/", NULL);
    nu_response *res = nu_html("some content");
    nu_response_set_etag(res);
    CHECK_TEXT(nu_response_header(res, "ETag"), "\"9893532233caff98cd083a116b013c0b\"");
    nu_set_cookie(res, "a", "b");
    nu_request_set_header(req, "If-None-Match", "*");
    nu_response *answer = nu_conditional(req, res);
    CHECK_EQ(nu_response_status(answer), 304);
    CHECK_TEXT(nu_response_cookie(answer, "a"), "b");
    CHECK(nu_response_header(answer, "Content-Type") == NULL);
}

TEST(vary_and_cache_control_change_part_by_part)
{
    nu_response *res = nu_html("");
    nu_response_vary(res, "Cookie, Accept");
    nu_response_vary(res, "accept, Origin");
    CHECK_TEXT(nu_response_header(res, "Vary"), "Cookie, Accept, Origin");
    CHECK(nu_response_varies_on(res, "COOKIE"));
    CHECK(!nu_response_varies_on(res, "Range"));
    nu_response_cache_control(res, "max_age", 60, "public", true);
    nu_response_cache_control(res, "max_age", 600, "private", true);
    CHECK_TEXT(nu_response_header(res, "Cache-Control"), "max-age=60, private");
    CHECK_EQ(nu_response_max_age(res), 60);
    nu_response_cache_control(res, "private", false);
    CHECK_TEXT(nu_response_header(res, "Cache-Control"), "max-age=60");
}

TEST(content_types_are_found_by_ending)
{
    const char *encoding;
    CHECK_TEXT(nu_content_type_of("a/b.CSS", NULL), "text/css");
    CHECK_TEXT(nu_content_type_of("a.tar.gz", &encoding), "application/x-tar");
    CHECK_TEXT(encoding, "gzip");
    CHECK_TEXT(nu_content_type_of("a.b/c", &encoding), "application/octet-stream");
    CHECK(encoding == NULL);
    static const char *const unknown[] = {"", ".", ".css", "a.", "css", "/.png", "a.b.c.d"};
    for (size_t i = 0; i < NU_COUNT(unknown); i++)
        CHECK_TEXT(nu_content_type_of(unknown[i], NULL), "application/octet-stream");
}
