/* TLS (OpenSSL): certificates, session tickets, and one connection's share of it.
 *
 * TLS 1.2 and 1.3. A context is what the certificate files were when they were read; it lives as long as
 * a connection that was accepted with it has not finished its handshake, so that a reload disturbs
 * nobody. Callbacks given to OpenSSL do not raise. */
#pragma once

#include <openssl/ssl.h>

#include "nuages/server.h"
#include "runtime/loop.h"

typedef struct nu__conn   nu__conn;
typedef struct nu__worker nu__worker;

/* ---- session tickets --------------------------------------------------------------------------- */

enum {
    NU__TICKET_HOURS = 6
}; /* a key makes tickets for so long, and is then accepted for as long again */

typedef struct nu__ticket_key {
    uint8_t name[16], cipher[32], mac[32];
} nu__ticket_key;

/* The keys that tickets are sealed with. Sessions are kept by the clients alone. All processes that were
 * forked from the one that called init derive the same keys at the same time, without talking to one
 * another; each step destroys what the keys of before were derived from. */
typedef struct nu__tickets {
    uint8_t        state[32];
    int64_t        epoch; /* of the machine's monotonic clock */
    nu__ticket_key now, before;
} nu__tickets;

void nu__tickets_init(nu__tickets *tickets, int64_t now_us);
/* Brings the keys up to date. */
void nu__tickets_turn(nu__tickets *tickets, int64_t now_us);
/* Has the context seal and open tickets with these keys, which must outlive it. */
void nu__tickets_use(nu__tickets *tickets, SSL_CTX *ctx);

/* ---- contexts ---------------------------------------------------------------------------------- */

typedef struct nu__tls_context {
    nu_arena *arena;
    size_t    uses;
    uint64_t  files;    /* what the files looked like: nu__tls_files */
    SSL_CTX **contexts; /* one for each certificate; the first serves whoever names none of them */
    size_t    count;
} nu__tls_context;

/* Reads the certificates and keys. Raises ConfigError that names file and reason. */
NU_RETURNS_NONNULL nu__tls_context *nu__tls_load(const nu_certificate *certificates,
                                                 nu__tickets          *tickets);
nu__tls_context                    *nu__tls_hold(nu__tls_context *context);
/* Frees it with the last hold. NULL is allowed. */
void nu__tls_release(nu__tls_context *context);
/* A number for name, time and size of all files, which changes when one of them does. */
uint64_t nu__tls_files(const nu_certificate *certificates);
/* Loads anew into *context if the files have changed. If they cannot be used the former context stays, and
 * the log says why, once for each state of the files; `*seen` remembers that. */
void nu__tls_refresh(nu__tls_context **context, uint64_t *seen, const nu_certificate *certificates,
                     nu__tickets *tickets);

/* ---- a connection ------------------------------------------------------------------------------ */

typedef struct nu__tls {
    SSL             *ssl;
    nu__tls_context *context; /* held until the handshake is over */
    bool             wire;    /* there may be something to read from the socket */
    bool             began;   /* a byte was read */
    bool             is_http; /* and it was plain HTTP's */
    bool             ready;   /* the handshake is over */
    bool             broken;  /* OpenSSL must not be asked for anything more */
} nu__tls;

/* Begins with the worker's current context. Raises OutOfMemory. */
void nu__tls_begin(nu__conn *conn);
