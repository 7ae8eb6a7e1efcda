/* TLS as a transport. OpenSSL reads and writes the socket through a BIO of ours, which keeps what it learns
 * about the socket: a short read has emptied it, so a request costs one recv and one send as it does
 * without TLS. (OpenSSL's own BIO for sockets hides that and reads once more in vain; BIOs in memory copy
 * each byte once more.) */
#include "server/transport.h"

#include <errno.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>

#include "nuages/log.h"
#include "server/connection.h"

enum { RECORD_MAX = 16 * 1024 };

/* ---- the socket as a BIO --------------------------------------------------------------------- */

static int bio_read(BIO *bio, char *into, int room)
{
    nu__conn *conn = BIO_get_data(bio);
    nu__tls  *tls = &conn->tls;
    BIO_clear_retry_flags(bio);
    ssize_t n = nu__transport_plain.read(conn, into, (size_t)room);
    tls->wire = conn->readable;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        BIO_set_retry_read(bio);
    if (n > 0 && !tls->began) {
        tls->began = true;
        tls->is_http = into[0] >= 'A' && into[0] <= 'Z';
    }
    return (int)n;
}

static int bio_write(BIO *bio, const char *bytes, int length)
{
    nu__conn *conn = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    struct iovec part = {(char *)(uintptr_t)bytes, (size_t)length};
    ssize_t      n = nu__transport_plain.write(conn, &part, 1);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        BIO_set_retry_write(bio);
    return (int)n;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *bio_method(void)
{
    static BIO_METHOD *method;
    if (method)
        return method;
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection");
    if (!method)
        return NULL;
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_ctrl(method, bio_control);
    return method;
}

void nu__tls_begin(nu__conn *conn)
{
    nu__tls    *tls = &conn->tls;
    BIO_METHOD *method = bio_method();
    BIO        *bio = method ? BIO_new(method) : NULL;
    tls->ssl = bio ? SSL_new(conn->worker->tls->contexts[0]) : NULL;
    if (!tls->ssl) {
        BIO_free(bio);
        nu_raise(NU_OUT_OF_MEMORY, "no memory for a TLS connection");
    }
    tls->context = nu__tls_hold(conn->worker->tls);
    BIO_set_data(bio, conn);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls->ssl, bio, bio);
    SSL_set_accept_state(tls->ssl);
}

/* ---- reading and writing --------------------------------------------------------------------- */

/* What OpenSSL's refusal means for the caller: sets errno. 0 is the end in order. */
static ssize_t refusal(nu__conn *conn, int result)
{
    nu__tls *tls = &conn->tls;
    conn->readable = conn->read_blocked = false;
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_ZERO_RETURN: return 0;
    case SSL_ERROR_WANT_WRITE: conn->read_blocked = true; __attribute__((fallthrough));
    case SSL_ERROR_WANT_READ: errno = EAGAIN; return -1;
    default:
        tls->broken = true;
        nu_debug("server", "%s: TLS: %s", conn->address,
                 ERR_peek_last_error() ? ERR_reason_error_string(ERR_peek_last_error())
                                       : "the connection broke");
        errno = EPROTO;
        return -1;
    }
}

static ssize_t tls_read(nu__conn *conn, void *into, size_t room)
{
    nu__tls *tls = &conn->tls;
    size_t   n;
    ERR_clear_error();
    tls->wire = conn->readable;
    int result = tls->broken ? 0 : SSL_read_ex(tls->ssl, into, room, &n);
    if (result != 1)
        return tls->broken ? (conn->readable = false, errno = EPROTO, -1) : refusal(conn, result);
    conn->readable = tls->wire || SSL_has_pending(tls->ssl);
    return (ssize_t)n;
}

/* Small parts go together into one record. Gives the bytes to write first. */
static struct iovec first_record(nu__conn *conn, const struct iovec *parts, int count)
{
    struct iovec first = parts[0];
    if (first.iov_len > RECORD_MAX)
        first.iov_len = RECORD_MAX;
    if (count == 1 || first.iov_len == RECORD_MAX)
        return first;
    nu__worker *worker = conn->worker;
    if (!worker->record)
        worker->record = nu_arena_alloc(worker->arena, RECORD_MAX);
    size_t length = 0;
    for (int i = 0; i < count && length < RECORD_MAX; i++) {
        size_t room = RECORD_MAX - length;
        size_t some = parts[i].iov_len < room ? parts[i].iov_len : room;
        memcpy(worker->record + length, parts[i].iov_base, some);
        length += some;
    }
    return (struct iovec){worker->record, length};
}

static ssize_t tls_write(nu__conn *conn, const struct iovec *parts, int count)
{
    nu__tls     *tls = &conn->tls;
    struct iovec record = first_record(conn, parts, count);
    size_t       n;
    if (tls->broken) {
        errno = EPROTO;
        return -1;
    }
    if (record.iov_len == 0)
        return 0;
    ERR_clear_error();
    int result = SSL_write_ex(tls->ssl, record.iov_base, record.iov_len, &n);
    if (result == 1)
        return (ssize_t)n;
    /* Writing says nothing about what there is to read. */
    bool readable = conn->readable, read_blocked = conn->read_blocked;
    if (refusal(conn, result) == 0)
        errno = EPIPE;
    conn->readable = readable;
    conn->read_blocked = read_blocked;
    return -1;
}

/* close_notify, so that the client knows that nothing was cut off. */
static void say_goodbye(nu__tls *tls)
{
    ERR_clear_error();
    if (tls->ready && !tls->broken)
        SSL_shutdown(tls->ssl);
    tls->broken = true;
}

static bool tls_finish(nu__conn *conn)
{
    say_goodbye(&conn->tls);
    return nu__transport_plain.finish(conn);
}

static void tls_drop(nu__conn *conn)
{
    nu__tls *tls = &conn->tls;
    if (!conn->dead)
        say_goodbye(tls);
    SSL_free(tls->ssl);
    nu__tls_release(tls->context);
    *tls = (nu__tls){0};
}

const nu__transport nu__transport_tls = {
    .scheme = "https",
    .read = tls_read,
    .discard = nu__socket_discard,
    .write = tls_write,
    .finish = tls_finish,
    .drop = tls_drop,
};
