/* Certificates for tests, and a client that speaks TLS. */
#pragma once

#include <openssl/ssl.h>

#include "live.h"

/* Writes `folder`/`name`.pem and .key: a self-signed certificate for these host names ("a.test,*.b.test"),
 * with a P-256 key. Gives a list of options with room for more. */
void tls_make(const char *folder, const char *name, const char *hosts);
/* A new folder that is empty, in /tmp. */
const char *tls_folder(void);
/* {folder/name.pem, folder/name.key} */
nu_certificate tls_pair(const char *folder, const char *name);

typedef struct tls_wish {
    const char  *name;     /* SNI; NULL: none */
    const char  *protocol; /* ALPN; NULL: none */
    int          version;  /* TLS1_2_VERSION ...; 0: any */
    const char  *ciphers;  /* of TLS 1.2; NULL: the usual ones */
    SSL_SESSION *session;  /* to resume */
    const char  *ahead;    /* bytes before the handshake, as a balancer sends them */
    size_t       ahead_length;
} tls_wish;

typedef struct tls_peer {
    int          fd;
    SSL_CTX     *ctx;
    SSL         *ssl;
    bool         connected;
    SSL_SESSION *session; /* that the server offered last */
} tls_peer;

/* Connects and shakes hands; `connected` says whether that succeeded. */
tls_peer *tls_connect(const live *server, const tls_wish *wish);
/* The common name of the server's certificate. */
const char *tls_subject(const tls_peer *peer);
void        tls_send(tls_peer *peer, const char *bytes);
/* One response of HTTP/1.1 with Content-Length; "" when the connection ends before. */
const char *tls_response(tls_peer *peer);
/* The body of a GET. */
const char *tls_get(tls_peer *peer, const char *path);
/* The same on a connection of its own. */
const char *tls_ask(const live *server, const char *path);
/* At most `room` bytes; 0 at the end in order, -1 when it broke. */
int  tls_read(tls_peer *peer, char *into, int room);
void tls_close(tls_peer *peer);
