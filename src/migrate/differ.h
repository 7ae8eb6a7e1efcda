/* Between differ.c, which finds operations, and draft.c, which deals them out to migrations. */
#pragma once

#include "migrate/internal.h"

/* An operation that waits for its place in a migration. */
typedef struct nu__pending {
    const char  *app;
    nu_operation operation;
    const char  *gives; /* what others may need: "blog.article"; NULL: nothing */
    nu_list     *needs; /* texts; what no operation gives is there already */
    bool         of_new_model; /* a reference of a model that is created too */
    bool         placed;
    int          migration; /* of its app, from 0, once placed */
} nu__pending;

struct differ {
    nu__state           *from;
    const nu__state     *to;
    const nu__graph     *graph;
    const nu__questions *questions;
    const char          *name; /* for the files; NULL: made from the operations */
    nu__pending         *pending;
    size_t               count, capacity;
};

nu__draft **nu__deal_out(struct differ *differ, size_t *count);
