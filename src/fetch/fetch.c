#include "nuages/fetch.h"

#include <string.h>
#include <strings.h>

#include "fetch/internal.h"
#include "nuages/json.h"
#include "nuages/uri.h"

const nu_kind nu_kind_fetch_error = {
    .name = "FetchError", .parent = NU_SYSTEM_ERROR, .status = 502};

/* ---- failures ----------------------------------------------------------------------------------- */

static NU_NORETURN NU_COLD void raise_too_large(const nu_download *download)
{
    nu_error *error = nu_error_new(NU_FETCH_ERROR, "the reply from \"%s\" is larger than %zu bytes",
                                   download->shown, download->options.max_body);
    error->hint = "Allow more by .max_body, or read it piece by piece with nu_download_open.";
    nu_throw(error);
}

static NU_NORETURN NU_COLD void raise_failure(const nu_download *download)
{
    if (download->no_memory)
        nu_raise(NU_OUT_OF_MEMORY, "no memory for the reply from \"%s\"", download->shown);
    if (download->too_large)
        raise_too_large(download);
    if (download->not_public) {
        nu_error *error = nu_error_new(
            NU_FETCH_ERROR, "\"%s\" leads to an address that is not public", download->shown);
        error->detail = "The request was made with .public_only.";
        nu_throw(error);
    }
    if (download->result == CURLE_OPERATION_TIMEDOUT)
        nu_raise(NU_TIMEOUT, "no reply from \"%s\" in time: %s", download->shown,
                 download->message);
    if (download->result == CURLE_URL_MALFORMAT)
        nu_raise(NU_VALUE_ERROR, "\"%s\" is no URL to fetch", download->shown);
    const char *reason =
        download->message[0] != '\0' ? download->message : nu__curl.easy_strerror(download->result);
    nu_raise(NU_FETCH_ERROR, "no reply from \"%s\": %s", download->shown, reason);
}

/* Without what may be secret: user, password, query. */
static const char *shown_url(const char *url)
{
    nu_uri      uri = nu_uri_split(url);
    const char *host = uri.authority != NULL ? strrchr(uri.authority, '@') : NULL;
    if (host != NULL)
        uri.authority = host + 1;
    uri.query = uri.fragment = NULL;
    return nu_uri_join_parts(&uri);
}

static void check_url(const char *url)
{
    nu_uri uri = nu_uri_split(url);
    bool   known =
        uri.scheme != NULL && (strcmp(uri.scheme, "http") == 0 || strcmp(uri.scheme, "https") == 0);
    if (!known || uri.authority == NULL || uri.authority[0] == '\0') {
        nu_error *error = nu_error_new(NU_VALUE_ERROR, "\"%s\" is no URL to fetch", shown_url(url));
        error->hint = "It begins with http:// or https:// and a host.";
        nu_throw(error);
    }
    for (const char *at = url; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || *at == 0x7f)
            nu_raise(NU_VALUE_ERROR, "the URL \"%s\" has a space or control character in it",
                     shown_url(url));
    }
}

static void check_options(const nu_fetch_options *options)
{
    int contents = !nu_is_null(options->json) + (options->form.count > 0) +
                   (options->send != NULL) + (options->body != NULL);
    if (contents > 1)
        nu_raise(NU_VALUE_ERROR, "a request sends one of .json, .form, .send and .body");
    for (const char *at = options->method; at != NULL && *at != '\0'; at++) {
        if ((*at < 'A' || *at > 'Z') && *at != '-')
            nu_raise(NU_VALUE_ERROR, "\"%s\" is no method; they are written in capitals",
                     options->method);
    }
}

/* ---- waiting ------------------------------------------------------------------------------------ */

static NU_WAITS void wait_for_change(nu_download *download)
{
    download->waiter = nu__fiber_self();
    nu_wake wake = nu__park_until(NU__FOREVER);
    download->waiter = NULL;
    nu__wake_check(wake, "waiting for another server");
}

/* Gives libcurl the next piece of what is sent. */
static NU_WAITS void send_more(nu_download *download)
{
    nu_value piece = nu_null();
    download->out_wanted = false;
    download->out_end = !download->options.send(download->options.send_self, &piece);
    if (!download->out_end && piece.type != NU_TEXT && piece.type != NU_BYTES)
        nu_raise(NU_VALUE_ERROR, "a piece to send is text or bytes, not %s",
                 nu_value_type_name(piece));
    if (!download->out_end) {
        download->out = piece.type == NU_TEXT ? piece.text : (const char *)piece.bytes;
        download->out_left = piece.length;
        if (piece.length == 0) {
            download->out_wanted = true; /* nothing: ask again */
            return;
        }
    }
    nu__curl.easy_pause(download->easy, CURLPAUSE_CONT);
}

/* Until `head`, or more of the body, or the end. */
static NU_WAITS void advance(nu_download *download)
{
    if (download->out_wanted && !download->done)
        send_more(download);
    else
        wait_for_change(download);
}

/* ---- downloads ----------------------------------------------------------------------------------- */

static void download_close(void *arg)
{
    nu_download_close(arg);
}

static void set_defaults(nu_fetch_options *options)
{
    if (options->timeout_ms == 0)
        options->timeout_ms = 30000;
    if (options->connect_timeout_ms == 0)
        options->connect_timeout_ms = 10000;
    if (options->redirects == 0)
        options->redirects = 5;
    if (options->max_body == 0)
        options->max_body = (size_t)64 << 20;
}

static nu_download *download_new(const char *url, const nu_fetch_options *options)
{
    nu_arena    *arena = nu_arena_current();
    nu_download *download = nu_arena_zalloc(arena, sizeof *download);
    download->arena = arena;
    download->options = *options;
    set_defaults(&download->options);
    download->shown = shown_url(url);
    download->began = nu_monotonic_us();
    nu_headers_init(&download->reply.headers, arena);
    download->defer = nu_arena_defer(arena, download_close, NULL);
    download->easy = nu__curl.easy_init();
    if (download->easy == NULL)
        nu_raise(NU_OUT_OF_MEMORY, "no memory for libcurl");
    download->defer->arg = download;
    return download;
}

static int version_of(const nu_download *download)
{
    long version = 0;
    nu__curl.easy_getinfo(download->easy, CURLINFO_HTTP_VERSION, &version);
    switch (version) {
    case CURL_HTTP_VERSION_1_0: return 10;
    case CURL_HTTP_VERSION_2_0: return 20;
    case CURL_HTTP_VERSION_3: return 30;
    default: return 11;
    }
}

static void fill_reply(nu_download *download)
{
    char *url = NULL;
    nu__curl.easy_getinfo(download->easy, CURLINFO_EFFECTIVE_URL, &url);
    download->reply.url = nu_arena_text(download->arena, url != NULL ? url : "");
    download->reply.version = version_of(download);
    download->reply.took_us = nu_monotonic_us() - download->began;
}

nu_download *nu_download_open_(const char *url, const nu_fetch_options *options)
{
    nu_loop *loop = nu__loop_current();
    if (loop == NULL)
        nu_raise(NU_ASSERTION, "nu_download_open works inside the loop only; use nu_fetch");
    check_url(url);
    check_options(options);
    nu_client   *client = nu__client_of(loop, options->public_only);
    nu_download *download = download_new(url, options);
    nu__transfer_prepare(download, url);
    nu__client_add(client, download);
    while (!download->head && !download->done)
        advance(download);
    if (download->done && download->result != CURLE_OK)
        raise_failure(download);
    fill_reply(download);
    return download;
}

const nu_reply *nu_download_reply(const nu_download *download)
{
    return &download->reply;
}

static void swap_buffers(nu_download *download)
{
    nu_buffer full = download->filling;
    download->filling = download->reading;
    download->filling.length = 0;
    download->reading = full;
    if (download->paused) {
        download->paused = false;
        nu__curl.easy_pause(download->easy, CURLPAUSE_CONT);
    }
}

bool nu_download_next(void *self, nu_value *piece)
{
    nu_download *download = self;
    if (download->client == NULL)
        nu_raise(NU_VALUE_ERROR, "the download of \"%s\" is closed", download->shown);
    while (download->filling.length == 0 && !download->done)
        advance(download);
    if (download->filling.length == 0) {
        if (download->result != CURLE_OK)
            raise_failure(download);
        return false;
    }
    swap_buffers(download);
    *piece = nu_value_bytes(download->reading.data, download->reading.length);
    return true;
}

void nu_download_close(nu_download *download)
{
    if (download->client != NULL)
        nu__client_remove(download);
    if (download->easy != NULL)
        nu__curl.easy_cleanup(download->easy);
    nu__curl.slist_free_all(download->fields);
    download->easy = NULL;
    download->fields = NULL;
    if (download->defer != NULL)
        nu_arena_undefer(download->arena, download->defer);
    download->defer = NULL;
}

/* ---- whole replies -------------------------------------------------------------------------------- */

typedef struct fetch_call {
    const char             *url;
    const nu_fetch_options *options;
    nu_arena               *arena;
    nu_reply               *reply;
} fetch_call;

static NU_WAITS void read_all(nu_download *download, nu_builder *body)
{
    nu_value piece;
    while (nu_download_next(download, &piece))
        nu_builder_add(body, (const char *)piece.bytes, piece.length);
}

static nu_reply *keep_reply(const nu_download *download, nu_arena *arena, nu_builder *body)
{
    nu_reply *reply = nu_arena_alloc(arena, sizeof *reply);
    *reply = download->reply;
    nu_headers_init(&reply->headers, arena);
    for (uint32_t i = 0; i < download->reply.headers.count; i++) {
        const nu_header *header = &download->reply.headers.items[i];
        nu_headers_add_borrowed(
            &reply->headers, nu_arena_copy(arena, header->name, header->name_length),
            header->name_length, nu_arena_copy(arena, header->value, header->value_length),
            header->value_length);
    }
    reply->url = nu_arena_text(arena, download->reply.url);
    reply->body = nu_builder_text(body);
    reply->length = body->length;
    reply->took_us = nu_monotonic_us() - download->began;
    return reply;
}

/* The transfer's own memory is a child arena: gone with the call, also when it raises. */
static void fetch_run(void *arg)
{
    fetch_call *call = arg;
    nu_arena   *work = nu_arena_new(call->arena, "fetch");
    NU_TRY {
        nu_builder body;
        nu_arena_enter(work);
        nu_download *download = nu_download_open_(call->url, call->options);
        nu_builder_init(&body, call->arena, 1024);
        read_all(download, &body);
        call->reply = keep_reply(download, call->arena, &body);
        nu_arena_enter(call->arena);
    }
    NU_CATCH (error) {
        nu_arena_free(work);
        nu_reraise(error);
    }
    nu_arena_free(work);
}

nu_reply *nu_fetch_(const char *url, const nu_fetch_options *options)
{
    fetch_call call = {.url = url, .options = options, .arena = nu_arena_current()};
    nu__loop_call(NULL, fetch_run, &call);
    return call.reply;
}

/* ---- replies -------------------------------------------------------------------------------------- */

const char *nu_reply_header(const nu_reply *reply, const char *name)
{
    return nu_headers_value(&reply->headers, name);
}

nu_value nu_reply_json(const nu_reply *reply)
{
    return nu_json_parse(reply->body, reply->length);
}

void nu_reply_check(const nu_reply *reply)
{
    if (reply->status < 400)
        return;
    nu_error *error = nu_error_new(NU_FETCH_ERROR, "\"%s\" answered %d %s", shown_url(reply->url),
                                   reply->status, nu_status_reason(reply->status));
    if (reply->length > 0)
        error->detail = nu_fmt("The answer begins: %.*s",
                               (int)(reply->length < 200 ? reply->length : 200), reply->body);
    nu_throw(error);
}
