/* What deletion.c collects and deletion_run.c carries out. */
#pragma once

#include "model/query_internal.h"

/* Rows of one model to delete. A proxy's are kept apart from its model's, because they are counted
 * apart. */
typedef struct nu_doomed {
    struct nu_doomed    *next; /* in order of discovery */
    const nu_model_info *info;
    nu_list             *rows;
    nu_dict             *seen; /* by key */
} nu_doomed;

/* Rows of `first` must go before those of `second`; both concrete. */
typedef struct nu_before {
    struct nu_before    *next;
    const nu_model_info *first, *second;
} nu_before;

/* Rows whose reference `column` becomes `value`, or forbids the deletion. */
typedef struct nu_affected {
    struct nu_affected *next;
    const nu_column    *column;
    nu_value            value;
    nu_list            *rows;
} nu_affected;

typedef struct nu_deletion {
    nu_database  *database;
    nu_fetch_mode fetch_mode; /* of the rows asked for, hence of those found */
    nu_doomed    *rows;
    nu_before    *order;
    nu_affected  *updates, *restricted;
    nu_list      *unread; /* queries of rows to delete without reading them */
    const nu_model_info *keeps_parents_of; /* rows of it go without their parents; NULL: none */
} nu_deletion;

/* True if nothing happens but the rows' going: nothing refers to them, nobody listens. `by` is the
 * reference that leads here, NULL for none. */
bool nu__can_delete_unread(const nu_model_info *info, const nu_column *by);
/* DELETE of what the query selects; returns how many rows. */
NU_WAITS int64_t nu__delete_unread(nu_query *query);
/* Deletes all that was collected, in one transaction; adds the numbers to `by_model`. */
NU_WAITS void nu__deletion_run(nu_deletion *deletion, nu_dict *by_model);
void          nu__deletion_count(nu_dict *by_model, const nu_model_info *info, int64_t count);
