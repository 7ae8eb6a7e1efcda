#include "site.h"

#include <string.h>

TEST(files_are_served_with_their_type_and_a_tag)
{
    SITE(.static_dirs = NU_TEXTS("static"));
    nu_client   *client = nu_client_new();
    nu_response *file = nu_client_get(client, "/static/hello.txt");
    CHECK_STATUS(file, 200);
    CHECK_TEXT(nu_client_text(file), "hello static world\n");
    CHECK_CONTAINS(header_of(file, "Content-Type"), "text/plain");
    CHECK_CONTAINS(header_of(nu_client_get(client, "/static/css/a.css"), "Content-Type"),
                   "text/css");
    CHECK_TEXT(header_of(file, "Cache-Control"), "max-age=60");
    CHECK_TEXT(nu_static_url("a b/ü.css"), "/static/a%20b/%C3%BC.css");
}

TEST(what_is_known_is_not_sent_again)
{
    SITE(.static_dirs = NU_TEXTS("static"));
    nu_client   *client = nu_client_new();
    nu_response *file = nu_client_get(client, "/static/hello.txt");
    const char  *modified = header_of(file, "Last-Modified"), *tag = header_of(file, "ETag");
    CHECK(*modified != '\0' || *tag != '\0');
    if (*tag != '\0') {
        nu_client_header(client, "If-None-Match", tag);
        CHECK_STATUS(nu_client_get(client, "/static/hello.txt"), 304);
        nu_client_header(client, "If-None-Match", "\"other\"");
        CHECK_STATUS(nu_client_get(client, "/static/hello.txt"), 200);
        nu_client_header(client, "If-None-Match", NULL);
    }
    nu_client_header(client, "If-Modified-Since", modified);
    CHECK_STATUS(nu_client_get(client, "/static/hello.txt"), 304);
}

TEST(parts_of_a_file)
{
    SITE(.static_dirs = NU_TEXTS("static"));
    nu_client *client = nu_client_new();
    nu_client_header(client, "Range", "bytes=6-11");
    nu_response *part = nu_client_get(client, "/static/hello.txt");
    CHECK_STATUS(part, 206);
    CHECK_TEXT(nu_client_text(part), "static");
    CHECK_TEXT(header_of(part, "Content-Range"), "bytes 6-11/19");
    nu_client_header(client, "Range", "bytes=-6");
    CHECK_TEXT(nu_client_text(nu_client_get(client, "/static/hello.txt")), "world\n");
    nu_client_header(client, "Range", "bytes=100-200");
    CHECK_STATUS(nu_client_get(client, "/static/hello.txt"), 416);
}

TEST(nothing_outside_the_folders_is_served)
{
    static const char *const targets[] = {
        "/static/../outside.txt",
        "/static/%2e%2e/outside.txt",
        "/static/css/../../outside.txt",
        "/static/css/%2e%2e%2f%2e%2e%2foutside.txt",
        "/static//etc/passwd",
        "/static/%2fetc/passwd",
        "/static/..%5coutside.txt",
        "/static/hello.txt/",
        "/static/css",
        "/static/css/",
        "/static/",
        "/static/nothing.txt",
        "/static/.",
        "/static/./hello.txt/.",
    };
    SITE(.static_dirs = NU_TEXTS("static"));
    for (size_t i = 0; i < NU_COUNT(targets); i++) {
        int status = nu_response_status(nu_client_get(nu_client_new(), targets[i]));
        if (status != 404 && status != 400)
            FAIL("%s gave %d", targets[i], status);
    }
}

TEST(other_methods_are_refused)
{
    SITE(.static_dirs = NU_TEXTS("static"));
    nu_client *client = nu_client_new();
    CHECK_STATUS(nu_client_head(client, "/static/hello.txt"), 200);
    CHECK_STATUS(nu_client_post(client, "/static/hello.txt", "a", 1), 405);
    CHECK_STATUS(nu_client_send(client, "DELETE", "/static/hello.txt", NULL, NULL, 0), 405);
}

TEST(another_prefix)
{
    SITE(.static_dirs = NU_TEXTS("static"), .static_url = "/files/");
    CHECK_STATUS(nu_client_get(nu_client_new(), "/files/hello.txt"), 200);
    CHECK_STATUS(nu_client_get(nu_client_new(), "/static/hello.txt"), 404);
}
