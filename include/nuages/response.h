/* The response: what a view answers. Builders make one in the current arena, setters change it,
 * and the server writes it when the last middleware has seen it.
 *
 *      return nu_html("<h1>Hello</h1>");
 *      return nu_json("id", a->row.id, "title", a->title);
 *      return nu_file(path, .attachment = true, .filename = "report.pdf");                         */
#pragma once

#include "nuages/cookie.h"
#include "nuages/request.h"

/* ---- builders ------------------------------------------------------------------------------------ */

/* An empty response: nu_status(204). */
NU_PUBLIC NU_RETURNS_NONNULL nu_response *nu_status(int status);
/* Text in UTF-8, borrowed from the arena. */
NU_PUBLIC NU_RETURNS_NONNULL nu_response *nu_html(const char *html);
NU_PUBLIC NU_RETURNS_NONNULL nu_response *nu_text_response(const char *text);
/* `length` bytes, borrowed from the arena or static. */
NU_PUBLIC NU_RETURNS_NONNULL nu_response *nu_bytes_response(const char *content_type,
                                                            const void *bytes, size_t length);
/* A JSON object from pairs: nu_json("id", 3, "title", "A"). */
#define nu_json(...) nu_json_of(nu_value_dict(nu_dict_of(__VA_ARGS__)))
NU_PUBLIC NU_RETURNS_NONNULL nu_response *nu_json_of(nu_value value);
/* 302 and 301 to a URL. A scheme other than http, https and ftp raises SuspiciousOperation. */
NU_PUBLIC NU_RETURNS_NONNULL nu_response *nu_redirect_to(const char *url);
NU_PUBLIC NU_RETURNS_NONNULL nu_response *nu_redirect_permanently_to(const char *url);
/* 405 with the methods that are allowed: "GET, POST". */
NU_PUBLIC NU_RETURNS_NONNULL nu_response *nu_not_allowed(const char *methods);

typedef struct nu_file_options {
    const char *content_type; /* NULL: by the name's ending */
    const char *filename;     /* shown to the user; NULL: the path's last part */
    bool        attachment;   /* ask the browser to save it */
} nu_file_options;
/* A file from the disk: nu_file(path, .attachment = true). The server sends it without reading it
 * into memory, and answers range and conditional requests for it. A missing file raises NotFound. */
#define nu_file(path, ...) nu_file_((path), &(nu_file_options){__VA_ARGS__})
NU_PUBLIC NU_RETURNS_NONNULL nu_response *nu_file_(const char *path, const nu_file_options *options);

/* Makes the next piece of a streamed body; false at its end. The piece is text or bytes, and needs to
 * live only until the next call. May wait; may raise, which cuts the connection. */
typedef bool (*nu_stream_next)(void *self, nu_value *piece);
/* `close` (NULL: none) is called once when the stream is over or was abandoned; it neither raises nor
 * waits. */
NU_PUBLIC NU_RETURNS_NONNULL nu_response *nu_stream(const char *content_type, nu_stream_next next,
                                                    void (*close)(void *self), void *self);

/* ---- status and fields ----------------------------------------------------------------------------- */

NU_PUBLIC int  nu_response_status(const nu_response *res);
NU_PUBLIC void nu_response_set_status(nu_response *res, int status);
/* "OK", "Not Found"; "Unknown Status Code" for others. */
NU_PUBLIC const char *nu_status_reason(int status);

NU_PUBLIC const nu_headers *nu_response_headers(const nu_response *res);
/* NULL if it is not set. */
NU_PUBLIC const char *nu_response_header(const nu_response *res, const char *name);
NU_PUBLIC bool nu_response_has_header(const nu_response *res, const char *name);
/* A value with a line break, or a name that is no token, raises ValueError. Text beyond ASCII becomes
 * the bytes of ISO 8859-1 or, beyond these, an encoded word of RFC 2047, as in Django. */
NU_PUBLIC void nu_response_set_header(nu_response *res, const char *name, const char *value);
/* Only if the field is not set yet. */
NU_PUBLIC void nu_response_default_header(nu_response *res, const char *name, const char *value);
/* The same for a field of nu_header_of, which stays as long as the response. */
NU_PUBLIC void nu_response_default_field(nu_response *res, const nu_header *field);
/* One more field of that name. */
NU_PUBLIC void nu_response_add_header(nu_response *res, const char *name, const char *value);
NU_PUBLIC bool nu_response_remove_header(nu_response *res, const char *name);

/* Adds names to Vary unless they are there: nu_response_vary(res, "Cookie, Accept-Language"). "*"
 * takes the place of all. */
NU_PUBLIC void nu_response_vary(nu_response *res, const char *names);
NU_PUBLIC bool nu_response_varies_on(const nu_response *res, const char *name);
/* Changes Cache-Control: nu_response_cache_control(res, "max_age", 60, "public", true). A number takes
 * the smaller max-age; private and public replace each other; a value false takes the part away. */
#define nu_response_cache_control(res, ...) nu_response_cache_control_((res), NU_PAIRS(__VA_ARGS__))
NU_PUBLIC void nu_response_cache_control_(nu_response *res, nu_pairs parts);
/* max-age of Cache-Control, -1 without one. */
NU_PUBLIC int64_t nu_response_max_age(const nu_response *res);
/* Expires and max-age, `seconds` from now. */
NU_PUBLIC void nu_response_cache_for(nu_response *res, int64_t seconds);
/* No cache keeps it: Django's add_never_cache_headers. */
NU_PUBLIC void nu_response_never_cache(nu_response *res);

/* "attachment; filename=\"a.pdf\"", with filename* for names beyond ASCII. NULL filename and no
 * attachment give NULL. */
NU_PUBLIC const char *nu_content_disposition(bool attachment, const char *filename);
/* "text/css" for "a.css"; "application/octet-stream" if unknown. `encoding` (NULL allowed) gets "gzip"
 * for "a.tar.gz", else NULL. */
NU_PUBLIC const char *nu_content_type_of(const char *filename, const char **encoding);

/* ---- cookies ------------------------------------------------------------------------------------------ */

/* nu_set_cookie(res, "theme", "dark", .max_age = 3600, .httponly = true) */
#define nu_set_cookie(res, name, value, ...)                                                  \
    nu_set_cookie_((res), (name), (value), &(nu_cookie_options){__VA_ARGS__})
NU_PUBLIC void nu_set_cookie_(nu_response *res, const char *name, const char *value,
                              const nu_cookie_options *options);
/* Signed with the site's secret key under `name` + `salt`, as Django's set_signed_cookie. */
#define nu_set_signed_cookie(res, name, value, salt, ...)                                     \
    nu_set_signed_cookie_((res), (name), (value), (salt), &(nu_cookie_options){__VA_ARGS__})
NU_PUBLIC void nu_set_signed_cookie_(nu_response *res, const char *name, const char *value,
                                     const char *salt, const nu_cookie_options *options);
/* Tells the client to forget it: path, domain and samesite as they were set. */
#define nu_delete_cookie(res, name, ...)                                                      \
    nu_delete_cookie_((res), (name), &(nu_cookie_options){__VA_ARGS__})
NU_PUBLIC void nu_delete_cookie_(nu_response *res, const char *name,
                                 const nu_cookie_options *options);
/* The Set-Cookie lines, in order of first setting; NULL-ended. */
NU_PUBLIC const char *const *nu_response_cookies(const nu_response *res);
/* The cookie's value as set on this response; NULL if it is not. */
NU_PUBLIC const char *nu_response_cookie(const nu_response *res, const char *name);

/* ---- the body ------------------------------------------------------------------------------------------- */

typedef enum nu_body_kind { NU_BODY_BYTES, NU_BODY_FILE, NU_BODY_STREAM } nu_body_kind;
NU_PUBLIC nu_body_kind nu_response_body_kind(const nu_response *res);
/* The bytes of a NU_BODY_BYTES body, NULL for the other kinds. */
NU_PUBLIC const char *nu_response_body(const nu_response *res, size_t *length);
/* Bytes in the place of whatever the body was; borrowed. Content-Length follows if it was set. */
NU_PUBLIC void nu_response_set_body(nu_response *res, const void *bytes, size_t length);
/* Adds a copy of the bytes to a NU_BODY_BYTES body. */
NU_PUBLIC void nu_response_write(nu_response *res, const void *bytes, size_t length);
/* Puts `next` between a streamed body and its reader: compression is one. `inner` and `inner_self`
 * receive the stream as it was. Only for NU_BODY_STREAM. */
NU_PUBLIC void nu_response_wrap_stream(nu_response *res, nu_stream_next next, void *self,
                                       nu_stream_next *inner, void **inner_self);
/* The whole body whatever its kind, read into the current arena: for tests and caches. */
NU_PUBLIC NU_WAITS const char *nu_response_content(nu_response *res, size_t *length);

/* ---- conditional and range requests (RFC 9110 13 and 14) ----------------------------------------------- */

/* Answers the If-… fields by the response's ETag and Last-Modified: gives `res` back, or a 304 or 412
 * in its place. */
NU_PUBLIC nu_response *nu_conditional(nu_request *req, nu_response *res);
/* The same before the work is done: `etag` quoted or NULL, `modified` in Unix seconds or -1. Gives
 * the 304 or 412 to return, or NULL if the view should go on. */
NU_PUBLIC nu_response *nu_precondition(nu_request *req, const char *etag, int64_t modified);
/* Cuts a 200 with bytes or a file down to what the Range field asks for: 206, or 416. Several ranges
 * that do not touch are answered by the whole, as the RFC allows. */
NU_PUBLIC nu_response *nu_range(nu_request *req, nu_response *res);
/* "abc" as an entity tag, in quotes; what is one already stays as it is. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_etag_quote(const char *etag);
/* Sets the ETag that Django's ConditionalGetMiddleware would: the quoted MD5 of the content. Only for bodies
 * of bytes. */
NU_PUBLIC void nu_response_set_etag(nu_response *res);
