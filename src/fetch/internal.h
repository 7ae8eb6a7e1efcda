/* Fetching: libcurl's multi handle driven by the loop.
 *
 *      fiber                      loop's own stack
 *      nu_download_open ──add──▶  timer and watches call curl_multi_socket_action,
 *        waits          ◀─wake──  which calls back: head, body, "more to send?", done
 *      nu_download_next ◀─swap──  two buffers: one is filled, the other is being read
 *
 * Nothing here raises through libcurl: callbacks catch and let the transfer fail. */
#pragma once

#include "fetch/curl.h"
#include "nuages/fetch.h"
#include "nuages/text.h"
#include "runtime/fiber.h"

/* Its connections are kept and shared by all its transfers. */
typedef struct nu_client {
    CURLM              *multi;
    nu_loop            *loop;
    nu_arena           *arena;
    nu_timer            timer;
    struct nu_peer     *free;      /* watches to use again */
    struct nu_download *downloads; /* those not closed yet */
} nu_client;

typedef struct nu_buffer {
    char  *data;
    size_t length, capacity;
} nu_buffer;

struct nu_download {
    nu_client         *client; /* NULL: closed */
    nu_arena          *arena;
    CURL              *easy;
    struct curl_slist *fields;
    nu_defer          *defer;
    nu_download       *next, **link;

    nu_fetch_options options; /* defaults filled in */
    const char      *shown;   /* the URL without query and user, for messages */
    nu_fiber        *waiter;
    int64_t          began;
    nu_reply         reply;
    size_t           head_bytes;
    uint64_t         total; /* bytes of the body so far */
    nu_buffer        filling, reading;
    bool             head;   /* the reply's head is complete */
    bool             paused; /* the buffer is full */
    bool             done;
    CURLcode         result;
    bool             no_memory;
    bool             too_large; /* beyond max_body */
    bool             not_public;

    /* what `send` made and libcurl has not taken yet */
    const char *out;
    size_t      out_left;
    bool        out_end, out_wanted;
    char        message[CURL_ERROR_SIZE];
};

/* The loop's client, made when first needed. Where addresses are looked at it is another one, so that
 * no connection is used again that was opened without looking. */
nu_client *nu__client_of(nu_loop *loop, bool public_only);
/* Begins the transfer; raises if libcurl refuses. */
void nu__client_add(nu_client *client, nu_download *download);
void nu__client_remove(nu_download *download);

/* transfer.c: hands URL and options to libcurl. */
void nu__transfer_prepare(nu_download *download, const char *url);

/* True if anyone may be sent to this address (RFC 6890): neither private nor local nor reserved. */
bool nu__address_is_public(const struct sockaddr *address);
