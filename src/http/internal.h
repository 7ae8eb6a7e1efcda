/* The insides of requests and responses, for src/http and for those who carry them over a wire:
 * src/server and the test client. Views see none of this. */
#pragma once

#include "http/cookie.h"
#include "nuages/response.h"
#include "nuages/signing.h"
#include "nuages/upload.h"

/* ---- the request ----------------------------------------------------------------------------------- */

/* Reads at most `room` bytes of the body into `into` and returns how many; 0 is the end. Waits for
 * the client; raises when the client breaks off or is too slow. */
typedef size_t (*nu__body_read)(void *self, void *into, size_t room);

enum nu__body_state {
    NU__BODY_UNREAD,
    NU__BODY_KEPT,  /* whole, in body */
    NU__BODY_TAKEN, /* read piecewise or by the multipart parser */
};

/* How the server makes one: nu__request_init, then fields by nu__request_set_target and
 * nu__request_add_header, then plain assignment for the rest. All texts are borrowed from the
 * request's arena or its parse buffer and are NUL-terminated. */
struct nu_request {
    const nu_class *class; /* a request is an object: templates look into it */
    nu_arena              *arena;
    const nu_http_options *options;

    const char *method;
    const char *path, *raw_path, *query;
    uint32_t    path_length, raw_path_length, query_length;
    const char *script_name;    /* prefix the site is mounted under, ""; without the last "/" */
    const char *scheme;         /* of the connection: "http" or "https" */
    const char *server_name;    /* without a Host field: the address connected to */
    const char *server_port;    /* "8000"; NULL: unknown */
    const char *remote_address; /* of the client; "" on a Unix socket */
    const char *peer_address;   /* of who is connected; NULL: nu__request_forwarded was not called */
    const char *forwarded_scheme, *forwarded_host; /* of the field Forwarded; NULL: not told */
    bool        by_proxy;       /* the peer may speak for others */
    const char *id;             /* for log lines */
    nu_headers  headers;

    nu__body_read       read; /* NULL: there is no body */
    void               *read_self;
    int64_t             content_length; /* -1: not announced (chunked) */
    enum nu__body_state body_state;
    const char         *body;
    size_t              body_length;
    size_t              body_read;  /* of a kept one, by nu_request_read */
    bool                body_ended; /* `read` has answered 0 */

    nu_params       *get, *post, *files; /* NULL until asked for */
    nu_dict         *cookies;
    const nu_match  *match;
    nu_dict         *data; /* name: value, or a lazy loader */
    struct nu__lazy *lazy;
};

/* Clears `req` and gives it its arena and options (NULL: the defaults). */
void nu__request_init(nu_request *req, nu_arena *arena, const nu_http_options *options);

/* Sets path and query from an origin-form target: "/a%20b/?c=d", `length` bytes followed by a NUL. The
 * bytes may be changed and are borrowed. A bad escape is kept as it is; bytes that are no UTF-8 once
 * decoded, or a NUL, raise BadRequest. */
void nu__request_set_target(nu_request *req, char *target, size_t length);

/* Adds a field, borrowed. Of a field that is there already, the values are joined: Cookie by "; ",
 * others by ",". */
void nu__request_add_header(nu_request *req, const char *name, size_t name_length,
                            const char *value, size_t value_length);

/* Looks at what trusted proxies say of the client. Once all fields are there, and before anyone asks. */
void nu__request_forwarded(nu_request *req);

/* The field of that name, whose number is `id`; NULL if there is none. */
const nu_header *nu__headers_find(const nu_headers *headers, nu_header_id id, const char *name,
                                  size_t length);
/* Adds a field as it is. */
void nu__headers_append(nu_headers *headers, const nu_header *field);

extern const nu_class nu__request_class;

/* The limits, with the default in place of 0; -1: no limit. */
int     nu__max_fields(const nu_http_options *options);
int     nu__max_files(const nu_http_options *options);
int64_t nu__max_body(const nu_http_options *options);
int64_t nu__max_file_memory(const nu_http_options *options);

/* The signer of the cookie `name`: Django's get_cookie_signer. */
nu_signer nu__cookie_signer(const char *name, const char *salt);

/* Reads and drops what is left of the body, at most `limit` bytes; false if there is more. */
NU_WAITS bool nu__request_drain(nu_request *req, size_t limit);

/* ---- the response ---------------------------------------------------------------------------------- */

struct nu_response {
    const nu_class *class;
    nu_arena   *arena;
    int         status;
    nu_headers  headers; /* Set-Cookie not among them */
    nu__cookie *cookies;
    uint32_t    cookie_count, cookie_capacity;

    nu_body_kind kind;
    /* NU_BODY_BYTES; `builder` is in use once nu_response_write was called */
    const char *bytes;
    size_t      length; /* of a file: how many bytes of it */
    nu_builder *builder;
    /* NU_BODY_FILE: fd is closed with the arena */
    int     fd;
    int64_t offset;
    /* NU_BODY_STREAM */
    nu_stream_next next;
    void          *stream_self;
    void (*stream_close)(void *self); /* NULL once it was called */
    void *stream_owner;
    /* With status 101: what the server goes on with; NULL: none */
    struct nu__upgrade *upgrade;
    struct nu__tunnel_end *tunnel;
};

/* The other end of a tunnel, closed with the response unless the server has taken it (-1). */
struct nu__tunnel_end {
    int         fd;
    const char *early; /* what it has said already */
    size_t      early_length;
};

/* The next piece of a streamed body; false at its end, when its close function has been called. */
NU_WAITS bool nu__response_next(nu_response *res, nu_value *piece);

/* Reads `length` bytes of the file, which begin at `from` in the response. Raises SystemError, also when
 * the file has become shorter. */
void nu__file_read(const nu_response *res, size_t from, char *into, size_t length);

/* A header's value as it goes over the wire: ASCII as it is, else ISO 8859-1, else RFC 2047. */
const char *nu__header_bytes(const char *value);
/* True if the host, with or without a port, stands in `allowed` as it is: most hosts do, and need no
 * closer look. */
bool nu__host_is_listed(const char *host, const char *const *allowed);

/* The line of the status, "HTTP/1.1" not among it: "200 OK". */
const char *nu__status_line(int status);
