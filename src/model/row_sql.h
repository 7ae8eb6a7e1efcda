/* The statements that save single rows. */
#pragma once

#include "model/query_internal.h"

/* One row on its way into one table. */
typedef struct nu_row_write {
    nu_row                 *row;
    const nu_model_info    *info;
    nu_database            *database;
    const nu_column *const *columns;  /* those that are written, ended by NULL */
    const nu_column *const *returned; /* what the database gives back */
    bool                    raw;      /* as they are: nothing is set to the time of saving */
    bool                    with_key; /* an INSERT that says the key */

    /* worked out here */
    const nu_value         *values; /* of the columns; NULL where the database has a say */
    const nu_column *const *keys;   /* what an UPDATE finds the row by */
    const nu_value         *key_values;
} nu_row_write;

/* UPDATE … WHERE the key, of one column at least. */
nu_db_statement nu__sql_row_update(nu_row_write *write);
/* INSERT. */
nu_db_statement nu__sql_row_insert(nu_row_write *write);
