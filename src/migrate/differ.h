/* Between the files of the autodetector: differ.c, differ_models.c, differ_fields.c, differ_options.c
 * find operations, draft.c deals them out to migrations. */
#pragma once

#include "migrate/internal.h"

typedef enum nu__need_kind {
    NU_NEEDS_CREATED, /* the model, or with `field` the field */
    NU_NEEDS_REMOVED,
    NU_NEEDS_ALTERED,
    NU_NEEDS_ORDER_UNSET,     /* order_with_respect_to is no more the field */
    NU_NEEDS_TOGETHER_CHANGED /* unique_together of the model */
} nu__need_kind;

/* What must have happened before an operation, if it is among the changes at all. */
typedef struct nu__need {
    nu__need_kind kind;
    const char   *app, *model, *field;
} nu__need;

/* An operation that waits for its place in a migration. */
typedef struct nu__pending {
    nu_operation operation;
    nu__need    *needs;
    size_t       need_count;
} nu__pending;

/* Those of one app, in the order in which they were found. */
typedef struct nu__queue {
    const char   *app;
    nu__pending **items;
    size_t        count, capacity;
} nu__queue;

struct differ {
    nu__state           *from; /* a copy in which what was renamed has its new name already */
    const nu__state     *to;   /* both sorted by app and name */
    const nu__graph     *graph;
    const nu__questions *questions;
    const char          *name;   /* for the files; NULL: made from the operations */
    nu__queue           *queues; /* sorted by app */
    size_t               queue_count;
};

/* ---- differ.c ---- */

nu__pending *nu__differ_add(struct differ *differ, const char *app, nu_operation operation);
/* The same, in front of those of the app. */
nu__pending *nu__differ_add_first(struct differ *differ, const char *app, nu_operation operation);
void nu__differ_need(nu__pending *pending, nu__need_kind kind, const char *app, const char *model,
                     const char *field);
/* What the field refers to must be there: its model, and the one between. */
void nu__differ_need_targets(nu__pending *pending, const nu_field *field);
/* The same for all fields of a model. */
void nu__differ_need_all_targets(nu__pending *pending, const nu__model *model);

/* A model as it is on both sides, under its new name. */
typedef void nu__compare_fn(struct differ *differ, nu__model *from, const nu__model *to);
/* Calls it for each model that is on both sides. */
void nu__differ_each(struct differ *differ, nu__compare_fn *compare);
const nu_field *nu__keep_field(const nu_field *field);

/* ---- differ_models.c ---- */

void nu__differ_renamed_models(struct differ *differ);
void nu__differ_deleted_models(struct differ *differ);
void nu__differ_created_models(struct differ *differ);

/* ---- differ_fields.c ---- */

nu__compare_fn nu__differ_renamed_fields, nu__differ_removed_fields, nu__differ_added_fields,
    nu__differ_altered_fields;

/* ---- differ_options.c ---- */

/* In the order in which Django looks: it names the migration. */
nu__compare_fn nu__differ_options, nu__differ_key, nu__differ_removed_constraints, nu__differ_removed_indexes,
    nu__differ_renamed_indexes, nu__differ_removed_together, nu__differ_order,
    nu__differ_added_together, nu__differ_added_indexes, nu__differ_added_constraints,
    nu__differ_altered_constraints, nu__differ_table, nu__differ_table_comment;

/* ---- draft.c ---- */

nu__draft **nu__deal_out(struct differ *differ, size_t *count);
