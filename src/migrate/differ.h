/* Between differ.c, which finds operations, and draft.c, which deals them out to migrations. */
#pragma once

#include "migrate/internal.h"

/* An operation that waits for its place in a migration. */
typedef struct nu__pending {
    const char  *app;
    nu_operation operation;
    const char  *slug;         /* its part of the file's name; NULL: as the operation says */
    const char  *gives;        /* what others may need: "blog.article"; NULL: nothing */
    nu_list     *needs;        /* texts; what no operation gives is there already */
    bool         of_new_model; /* a reference or the options of a model that is created too */
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

/* ---- differ.c ---- */

nu__pending *nu__differ_add(struct differ *differ, const char *app, nu_operation operation);
/* What an operation gives others, or waits for: "blog.article", "blog.article.title"; with "-"
 * in front that it is gone, with "~" that options which stand in the way are. */
const char *nu__differ_key(const char *app, const char *model);
void        nu__differ_need(nu__pending *pending, const char *key);

/* ---- differ_options.c: what a model's table knows beside its fields ---- */

/* Orderings, names, permissions: nothing in the database. */
void nu__compare_options(struct differ *differ, nu__model *from, const nu__model *to);
/* Indexes and constraints that go, and whatever names a field that goes. */
void nu__drop_options(struct differ *differ, nu__model *from, const nu__model *to);
/* Those that come, once their fields are there. */
void nu__make_options(struct differ *differ, nu__model *from, const nu__model *to);
void nu__compare_table(struct differ *differ, nu__model *from, const nu__model *to);
/* The options of a new model whose fields are all there when it is created. The others become an
 * operation of their own. */
nu_meta nu__creation_meta(struct differ *differ, const nu__model *model);

/* ---- draft.c ---- */

nu__draft **nu__deal_out(struct differ *differ, size_t *count);
