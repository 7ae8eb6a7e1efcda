/* Rules of RFC 9113 as tables: what a client sends, and what a server has to say to that. */
#pragma once

#include "http2_raw.h"

enum {
    /* Error codes, section 7 */
    H2_NO_ERROR,
    H2_PROTOCOL_ERROR,
    H2_INTERNAL_ERROR,
    H2_FLOW_CONTROL_ERROR,
    H2_SETTINGS_TIMEOUT,
    H2_STREAM_CLOSED,
    H2_FRAME_SIZE_ERROR,
    H2_REFUSED_STREAM,
    H2_CANCEL,
    H2_COMPRESSION_ERROR,
    /* What a rule may end with besides these codes and, from 100 on, the status of stream 1. */
    H2_ALIVE = 50, /* the connection works on */
    H2_ENDED,      /* the connection ends, with a GOAWAY that names no error or without one */
};

/* What stream 1 is before the rule's frame (5.1), and the connection. */
enum h2_state {
    H2_IDLE,
    H2_OPEN,        /* a POST to /echo whose body is to come */
    H2_HALF_CLOSED, /* a GET that is being answered */
    H2_ANSWERED,    /* closed by END_STREAM of both sides */
    H2_CANCELLED,   /* closed by a reset of the client */
    H2_REFUSED,     /* closed by a reset of the server */
    H2_IN_BLOCK,    /* HEADERS without END_HEADERS */
    H2_BEGINNING,   /* nothing but the text of the preface was sent */
};

typedef struct h2_rule {
    const char   *about; /* section, and what is sent */
    enum h2_state state;
    struct {
        int         type, flags; /* H2_DATA on stream 0 without payload: none */
        uint32_t    stream;
        const char *payload;
        size_t      length;
    } frame;
    const char *const *fields; /* or a GET of "/" with END_STREAM and these, in pairs, up to NULL */
    void (*send)(h2 *peer);    /* or what this does */
    int      code; /* a reset of `stream`, or a GOAWAY when that is 0; or H2_ALIVE ... */
    uint32_t stream;
    int      other; /* what the RFC allows besides `code`, for the connection; 0: none */
    bool     ends;  /* the connection ends after a status */
} h2_rule;

/* Parts of rules */
#define H2_FRAME(kind, with, id, text)                                                             \
    .frame = {.type = (kind),                                                                      \
              .flags = (with),                                                                     \
              .stream = (id),                                                                      \
              .payload = (text),                                                                   \
              .length = sizeof(text) - 1}
#define H2_FIELDS(...)                                                                             \
    .fields = (const char *const[])                                                                \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

/* Follows each rule on a connection of its own, in a server of its own; another client, and what a rule
 * leaves alive, are served after each. */
void h2_follow(const h2_rule *rules, size_t count);

/* Answers the server's SETTINGS, of which none may have been read: its windows are what they say from then on. */
void h2_acknowledge(h2 *peer);
/* A payload of that many zeros. */
void h2_zeros(h2 *peer, int type, int flags, uint32_t stream, size_t length);
/* GET of "/", and a POST whose body is to come, for a view that waits for it. */
void h2_ask(h2 *peer, uint32_t stream);
void h2_begin_post(h2 *peer, uint32_t stream);
