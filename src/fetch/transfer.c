/* One request as libcurl wants it, and what libcurl calls back with. */
#include <string.h>
#include <unistd.h>

#include "fetch/internal.h"
#include "nuages/json.h"
#include "nuages/uri.h"

enum {
    MOST_WAITING = 256 << 10, /* bytes that were received and not read */
    MOST_HEAD = 256 << 10,    /* bytes of all heads of one request */
    SILENCE = 60,             /* seconds, where there is no time-out */
};

/* ---- the reply's head ------------------------------------------------------------------------- */

static bool will_redirect(const nu_download *download)
{
    return download->options.redirects >= 0 && download->reply.status / 100 == 3 &&
           nu_headers_value_at(&download->reply.headers, NU_HEADER_LOCATION) != NULL;
}

static void begin_head(nu_download *download)
{
    nu_headers_init(&download->reply.headers, download->arena);
    download->reply.status = 0;
}

static void end_head(nu_download *download)
{
    long status = 0;
    nu__curl.easy_getinfo(download->easy, CURLINFO_RESPONSE_CODE, &status);
    download->reply.status = (int)status;
    download->head = status >= 200 && !will_redirect(download);
    if (download->head && download->waiter != NULL)
        nu__wake(download->waiter);
}

static void add_field(nu_download *download, const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length);
    if (colon == NULL || colon == line)
        return;
    const char *value = colon + 1, *end = line + length;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    size_t name_length = (size_t)(colon - line), value_length = (size_t)(end - value);
    nu_headers_add_borrowed(&download->reply.headers,
                            nu_arena_copy(download->arena, line, name_length), name_length,
                            nu_arena_copy(download->arena, value, value_length), value_length);
}

static void read_line(nu_download *download, const char *line, size_t length)
{
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
        length--;
    if (download->head) /* trailers */
        return;
    if (length == 0)
        end_head(download);
    else if (length > 5 && memcmp(line, "HTTP/", 5) == 0)
        begin_head(download);
    else
        add_field(download, line, length);
}

static size_t on_head(char *line, size_t size, size_t count, void *ctx)
{
    nu_download *download = ctx;
    size_t       length = size * count;
    download->head_bytes += length;
    if (download->head_bytes > MOST_HEAD)
        return 0;
    NU_TRY {
        read_line(download, line, length);
    }
    NU_CATCH (error) {
        (void)error;
        download->no_memory = true;
        return 0;
    }
    return length;
}

/* ---- the reply's body ------------------------------------------------------------------------- */

static void buffer_add(nu_arena *arena, nu_buffer *buffer, const char *data, size_t length)
{
    if (buffer->length + length > buffer->capacity) {
        size_t capacity = buffer->capacity > 0 ? buffer->capacity * 2 : 32 << 10;
        while (capacity < buffer->length + length)
            capacity *= 2;
        buffer->data = nu_arena_grow(arena, buffer->data, buffer->capacity, capacity);
        buffer->capacity = capacity;
    }
    memcpy(buffer->data + buffer->length, data, length);
    buffer->length += length;
}

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
    nu_download *download = ctx;
    size_t       length = size * count;
    if (download->filling.length > 0 && download->filling.length + length > MOST_WAITING) {
        download->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (length > download->options.max_body - download->total) {
        download->too_large = true;
        return 0;
    }
    NU_TRY {
        buffer_add(download->arena, &download->filling, data, length);
    }
    NU_CATCH (error) {
        (void)error;
        download->no_memory = true;
        return 0;
    }
    download->total += length;
    if (download->waiter != NULL)
        nu__wake(download->waiter);
    return length;
}

/* ---- what is sent piece by piece --------------------------------------------------------------- */

static size_t on_send(char *data, size_t size, size_t count, void *ctx)
{
    nu_download *download = ctx;
    size_t       room = size * count;
    if (download->out_left == 0 && download->out_end)
        return 0;
    if (download->out_left == 0) {
        download->out_wanted = true;
        if (download->waiter != NULL)
            nu__wake(download->waiter);
        return CURL_READFUNC_PAUSE;
    }
    size_t taken = download->out_left < room ? download->out_left : room;
    memcpy(data, download->out, taken);
    download->out += taken;
    download->out_left -= taken;
    return taken;
}

/* ---- addresses ---------------------------------------------------------------------------------- */

static curl_socket_t on_address(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    nu_download *download = ctx;
    (void)purpose;
    if (!nu__address_is_public(&address->addr)) {
        download->not_public = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int on_close(void *ctx, curl_socket_t fd)
{
    (void)ctx;
    return close(fd);
}

/* ---- options ------------------------------------------------------------------------------------ */

#define SET(option, value) nu__curl.easy_setopt(download->easy, (option), (value))

static void add_line(nu_download *download, const char *line)
{
    struct curl_slist *fields = nu__curl.slist_append(download->fields, line);
    if (fields == NULL)
        nu_raise(NU_OUT_OF_MEMORY, "no memory for a header");
    download->fields = fields;
}

/* nu_headers refuses what would smuggle a field in. libcurl takes "Name;" for an empty value. */
static void set_headers(nu_download *download, const char *content_type)
{
    nu_headers headers;
    nu_headers_init(&headers, download->arena);
    for (size_t i = 0; i < download->options.headers.count; i++) {
        const nu_pair *pair = &download->options.headers.items[i];
        nu_headers_add(&headers, pair->key, nu_value_str(pair->value).text);
    }
    if (content_type != NULL)
        nu_headers_default_at(&headers, NU_HEADER_CONTENT_TYPE, content_type);
    for (uint32_t i = 0; i < headers.count; i++) {
        const nu_header *header = &headers.items[i];
        add_line(download, header->value_length > 0 ? nu_fmt("%s: %s", header->name, header->value)
                                                    : nu_fmt("%s;", header->name));
    }
    add_line(download, "Expect:");
    if (download->options.send != NULL && download->options.send_length == 0)
        add_line(download, "Transfer-Encoding: chunked");
    SET(CURLOPT_HTTPHEADER, download->fields);
}

static void set_body(nu_download *download, const void *body, size_t length)
{
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDS, body);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
}

static const char *form_text(nu_pairs form)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 256);
    for (size_t i = 0; i < form.count; i++) {
        const char *value = nu_value_str(form.items[i].value).text;
        if (i > 0)
            nu_builder_putc(&out, '&');
        nu_builder_puts(&out, nu_uri_quote_plus(form.items[i].key, strlen(form.items[i].key), ""));
        nu_builder_putc(&out, '=');
        nu_builder_puts(&out, nu_uri_quote_plus(value, strlen(value), ""));
    }
    return nu_builder_text(&out);
}

/* Returns the type of what is sent; NULL if nothing is. */
static const char *set_content(nu_download *download)
{
    nu_fetch_options *options = &download->options;
    const char       *type =
        options->content_type != NULL ? options->content_type : "application/octet-stream";
    if (!nu_is_null(options->json)) {
        const char *text = nu_json_text(options->json);
        set_body(download, text, strlen(text));
        return "application/json";
    }
    if (options->form.count > 0) {
        const char *text = form_text(options->form);
        set_body(download, text, strlen(text));
        return "application/x-www-form-urlencoded";
    }
    if (options->send != NULL) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_READFUNCTION, on_send);
        SET(CURLOPT_READDATA, download);
        SET(CURLOPT_POSTFIELDSIZE_LARGE,
            (curl_off_t)(options->send_length > 0 ? options->send_length : -1));
        return type;
    }
    if (options->body != NULL) {
        set_body(download, options->body, options->body_length);
        return type;
    }
    return NULL;
}

static void set_method(nu_download *download, bool content)
{
    const char *method = download->options.method;
    if (method == NULL)
        return;
    bool usual = content ? strcmp(method, "POST") == 0 : strcmp(method, "GET") == 0;
    if (strcmp(method, "HEAD") == 0)
        SET(CURLOPT_NOBODY, 1L);
    else if (!content && strcmp(method, "POST") == 0)
        set_body(download, "", 0);
    else if (!usual)
        SET(CURLOPT_CUSTOMREQUEST, method);
}

static void set_limits(nu_download *download)
{
    nu_fetch_options *options = &download->options;
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout_ms);
    if (options->timeout_ms > 0) {
        SET(CURLOPT_TIMEOUT_MS, (long)options->timeout_ms);
    } else {
        SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
        SET(CURLOPT_LOW_SPEED_TIME, (long)SILENCE);
    }
    if (options->redirects >= 0) {
        SET(CURLOPT_FOLLOWLOCATION, 1L);
        SET(CURLOPT_MAXREDIRS, (long)options->redirects);
    }
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
}

static void set_identity(nu_download *download)
{
    nu_fetch_options *options = &download->options;
    if (options->user != NULL) {
        SET(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        SET(CURLOPT_USERNAME, options->user);
        SET(CURLOPT_PASSWORD, options->password != NULL ? options->password : "");
    }
    if (options->bearer != NULL) {
        SET(CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        SET(CURLOPT_XOAUTH2_BEARER, options->bearer);
    }
    if (options->ca_file != NULL)
        SET(CURLOPT_CAINFO, options->ca_file);
    if (options->unix_socket != NULL)
        SET(CURLOPT_UNIX_SOCKET_PATH, options->unix_socket);
    if (options->public_only) {
        SET(CURLOPT_PROXY, ""); /* whose address would be the one that is looked at */
        SET(CURLOPT_OPENSOCKETFUNCTION, on_address);
        SET(CURLOPT_OPENSOCKETDATA, download);
        SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
    }
}

void nu__transfer_prepare(nu_download *download, const char *url)
{
    SET(CURLOPT_PRIVATE, download);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_URL, url);
    SET(CURLOPT_USERAGENT, "Nuages");
    if (!download->options.as_sent)
        SET(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    SET(CURLOPT_ERRORBUFFER, download->message);
    SET(CURLOPT_HEADERFUNCTION, on_head);
    SET(CURLOPT_HEADERDATA, download);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, download);
    const char *content_type = set_content(download);
    set_method(download, content_type != NULL);
    set_headers(download, content_type);
    set_limits(download);
    set_identity(download);
}
