/* Statements that were written before are not written again: the text and the plan of a query are
 * kept under its shape, which is all that they are made from, and the next query of that shape
 * brings its parameters only. So do rows that are saved, updates and deletions.
 *
 *      shape.c        reads the shape of a query, and its parameters in the order of the text
 *      shape_cache.c  keeps texts and plans by shape
 *      shape_sql.c    asks the two, and writes what is not there
 *
 * Invariants:
 * (1) What a shape does not name must not be there. A query with any part that is not read into its
 *     shape, a function or a subquery for instance, has none, and is written as if there were no cache. So
 *     a part that is new to queries is never overlooked.
 * (2) Whole shapes are compared, not hashes of them.
 * (3) A text is kept only if the writer wrote nothing that shapes leave out (nu_sql.shapeless) and
 *     its parameters, by their owners, are those that were read with the shape, in that order.
 * (4) A shape speaks of models that last as long as the process has them (nu_model_info.lasting);
 *     when they are worked out anew, all is forgotten.
 * (5) What comes out of the cache is a copy: an entry may go while a statement waits.
 *
 * With NUAGES_CHECK_SQL in the environment, and in builds with a sanitizer, each statement that is
 * found is written all the same and compared. */
#pragma once

#include "model/query_internal.h"

enum { NU_SHAPE_WORDS = 192 };

/* Words that are equal for two queries exactly if their statements are, but for parameters. */
typedef struct nu_shape {
    size_t   count;
    bool     whole; /* all of the query is in it; else it is of no use */
    uint64_t words[NU_SHAPE_WORDS];
} nu_shape;

/* An empty one, of statements that `maker` tells from others: a function or static of its own. */
void nu__shape_init(nu_shape *shape, const nu_sql *sql, const void *maker);
void nu__shape_add(nu_shape *shape, uint64_t word);
/* False if the column may go before the process does. */
bool nu__shape_add_column(nu_shape *shape, const nu_column *column);
/* Adds the query, and its parameters to `sql`. False if it has no shape; then not all are there. */
bool nu__shape_add_query(nu_shape *shape, nu_sql *sql, const nu_query *query);

/* Fills text, hash and plan from what was kept; false if nothing was. `sql` has the parameters. */
bool nu__shape_find(const nu_shape *shape, const nu_query *query, nu_sql *sql, nu_plan *plan);
/* Keeps text and plan, unless they are too large. */
void nu__shape_keep(const nu_shape *shape, const nu_sql *sql, const nu_plan *plan);
/* Forgets everything. */
void nu__shapes_forget(void);

/* A statement that is read into a shape, or written. Both give `sql` the same parameters, with the same
 * owners in the same order. */
typedef struct nu_shaped {
    bool (*read)(nu_shape *shape, nu_sql *sql, const void *what); /* false: it has none */
    void (*write)(nu_sql *sql, const void *what, nu_plan *plan);
    const void     *what;
    const nu_query *query; /* whose names the values of the plan have; NULL: there are none */
} nu_shaped;
/* Found or written. */
void nu__sql_shaped(nu_sql *sql, nu_database *db, const nu_shaped *statement, nu_plan *plan);

/* How often statements were found, and written and kept. */
typedef struct nu_shape_counts {
    uint64_t found, kept;
} nu_shape_counts;
nu_shape_counts nu__shape_counts(void);
/* Whether what is found is compared with what would be written. */
void nu__shapes_check(bool on);
