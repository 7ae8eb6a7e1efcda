/* One request and its response, in a fiber: what all protocols share. A protocol embeds the exchange in
 * a struct of its own, fills in the request, and carries body and response through its nu__wire. */
#pragma once

#include "server/connection.h"

typedef struct nu__exchange nu__exchange;

/* How a protocol carries an exchange. Called in the exchange's fiber. */
typedef struct nu__wire {
    /* Sends the response; false when the connection (or stream) cannot be used any more. Raises what
     * a stream of the response raises. */
    NU_WAITS bool (*respond)(nu__exchange *ex, nu_response *res);
    /* No response, or only a part of one: makes sure that the client takes it for broken. */
    void (*cut)(nu__exchange *ex);
    /* All is said, and the arena, in which the exchange lies, is about to be freed. */
    void (*leave)(nu__exchange *ex);
    /* It is gone. The connection goes on, or not; `usable` is what `respond` gave. */
    void (*ended)(nu__conn *conn, bool usable);
} nu__wire;

struct nu__exchange {
    nu_request      request;
    nu_arena       *arena;
    nu__conn       *conn;
    nu__worker     *worker;
    const nu__wire *wire;
    char            id[28];
    char           *target; /* as sent, NUL-terminated, until the request has it */
    size_t          target_length;
    bool            head_only; /* HEAD */
    bool            gone;      /* the client has lost interest before the handler was called */
    nu__http1_fault refusal;   /* status 0: the handler is called */
    int64_t         started;
    uint64_t        sent; /* bytes of response */
};

/* Fills what does not depend on the head's form. `ex` is zero-filled and lies in `arena`. */
void nu__exchange_init(nu__exchange *ex, nu__conn *conn, nu_arena *arena, const nu__wire *wire);
/* The method as the request wants it. Knows HEAD. */
void nu__exchange_set_method(nu__exchange *ex, nu__slice method);
/* A fiber that will serve it; `name` is not copied. Raises OutOfMemory. */
NU_RETURNS_NONNULL nu_fiber *nu__exchange_fiber(nu__exchange *ex, const char *name);

/* ---- responses, for every protocol ------------------------------------------------------------- */

/* Bytes of the body, where that is known beforehand. */
uint64_t nu__response_length(const nu_response *res);
/* A 304 tells the length of nothing; a 204 and a 1xx have no body by definition (RFC 9110 15). */
bool nu__response_has_body(const nu_response *res);
/* True for the fields that say how a message is framed and what becomes of the connection: these are
 * the server's to say. */
bool nu__field_is_ours(const nu_header *field);
/* The view wants the connection to end with this response. */
bool nu__response_closes(const nu_response *res);
/* The bytes of a piece that a stream gave; raises ValueError for what is neither text nor bytes. */
nu__slice nu__piece_bytes(nu_value piece);
