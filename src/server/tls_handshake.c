/* The time between accepting a TLS connection and its first request. Nothing is held for the client but
 * OpenSSL's own state, which it bounds, and the timer of the handshake runs from the first moment to the
 * last. */
#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#include "nuages/log.h"
#include "server/http2.h"

/* A browser that was sent to http:// instead of https:// gets a sentence that it can show. */
static void answer_plain_http(nu__conn *conn)
{
    static const char text[] = "This address speaks TLS: ask for https:// instead of http://.\n";
    char              page[256];
    int               length = snprintf(page, sizeof page,
                                        "HTTP/1.1 400 Bad Request\r\nServer: nuages\r\n"
                                                      "Content-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\n"
                                                      "Connection: close\r\n\r\n%s",
                                        sizeof text - 1, text);
    struct iovec      part = {page, (size_t)length};
    nu_info("server", "%s: refused: plain HTTP on a TLS address", conn->address);
    conn->transport->drop(conn);
    conn->transport = &nu__transport_plain;
    nu__transport_plain.write(conn, &part, 1);
    nu__conn_linger(conn);
}

static void refuse(nu__conn *conn)
{
    unsigned long code = ERR_peek_last_error();
    nu_debug("server", "%s: TLS handshake: %s", conn->address,
             code ? ERR_reason_error_string(code) : "the client left");
    conn->tls.broken = true;
    ERR_clear_error();
    /* The alert that OpenSSL has sent must not be lost. */
    nu__conn_linger(conn);
}

static bool speaks_http2(const SSL *ssl)
{
    const unsigned char *name;
    unsigned             length;
    SSL_get0_alpn_selected(ssl, &name, &length);
    return length == 2 && memcmp(name, "h2", 2) == 0;
}

static void go_on(nu__conn *conn)
{
    nu__tls *tls = &conn->tls;
    tls->ready = true;
    nu__tls_release(tls->context);
    tls->context = NULL;
    /* What the client sent after its last message may have been read with that. */
    conn->readable = tls->wire || SSL_has_pending(tls->ssl);
    if (speaks_http2(tls->ssl)) {
        nu__http2_begin(conn, NULL, 0);
        return;
    }
    nu__conn_speak(conn, &nu__http1);
    nu__conn_timer(conn, conn->worker->server->options.timeouts.head);
    conn->protocol->ready(conn, 0);
}

static void handshake_ready(nu__conn *conn, uint32_t events)
{
    nu__tls *tls = &conn->tls;
    (void)events;
    if (conn->dead) {
        nu__conn_close(conn);
        return;
    }
    ERR_clear_error();
    tls->wire = conn->readable;
    int result = SSL_accept(tls->ssl);
    conn->readable = tls->wire;
    int what = result == 1 ? SSL_ERROR_NONE : SSL_get_error(tls->ssl, result);
    if (result == 1)
        go_on(conn);
    else if (tls->is_http)
        answer_plain_http(conn);
    else if ((what != SSL_ERROR_WANT_READ && what != SSL_ERROR_WANT_WRITE) || conn->gone)
        refuse(conn);
}

static void handshake_due(nu__conn *conn)
{
    nu_debug("server", "%s: TLS handshake took too long", conn->address);
    conn->dead = true;
    nu__conn_close(conn);
}

const nu__protocol nu__tls_handshake = {
    .name = "TLS handshake",
    .ready = handshake_ready,
    .due = handshake_due,
    .cut = nu__conn_close,
};
