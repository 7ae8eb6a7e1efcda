/* All ambient state of the running code in one struct: each fiber has one, and runtime/ swaps the
 * pointer at every switch. There are no other thread-locals in the project. */
#pragma once

#include "nuages/error.h"

struct nu_ambient {
    nu_frame_      *frame;      /* innermost NU_TRY, NULL: none */
    nu_arena       *arena;      /* current arena */
    const nu_error *caught;     /* error handed to the innermost NU_CATCH */
    const char     *stack_low;  /* lowest address this stack may use; NULL: unknown */

    /* Owned by higher layers, opaque here. */
    void       *fiber;       /* runtime/: the running fiber; NULL outside the loop */
    int64_t     deadline;    /* runtime/: moment at which waits raise Timeout; 0: none */
    void       *request;     /* http/: the nu_request being served */
    void       *database;    /* db/: open transactions and connections of this unit of work */
    bool        wrote;       /* db/: this unit of work has written, so replicas may lag behind it */
    void       *web;         /* web/: per-request state of the framework */
    const char *request_id;  /* log lines carry it */
    const char *language;    /* i18n/: active language, NULL: the default */
    const void *zone;        /* i18n/: active time zone, NULL: the default */
};

/* The ambient state of the calling fiber or, outside fibers, of the thread. Never NULL. */
struct nu_ambient *nu__ambient(void);

/* Switches to another state and returns the one before. Only runtime/ calls it. */
struct nu_ambient *nu__ambient_swap(struct nu_ambient *ambient);
