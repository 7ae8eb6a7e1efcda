/* Between schema.c and remake.c. */
#pragma once

#include "migrate/internal.h"

/* How a table is made anew. */
typedef struct nu__remake {
    const nu_field *added;     /* a new field, or NULL */
    const nu_field *from, *to; /* a changed field, or NULL */
    nu_value        fill;      /* for the new column, or where the changed one was NULL */
} nu__remake;

/* Makes the table of `old` anew as `new` describes it, with its rows: a table beside it, the
 * rows copied, the old one dropped, the new one renamed. For what the database cannot change in
 * place. */
void nu__remake_table(nu__schema *schema, const nu__state *before, const nu__state *after,
                      const nu__model *old, const nu__model *new, const nu__remake *remake);

/* A statement that begins with `text`. */
nu_builder nu__ddl(const char *text);
void       nu__ddl_quote(const nu__schema *schema, nu_builder *sql, const char *name);
/* "a", "b" DESC */
void nu__ddl_columns(const nu__schema *schema, nu_builder *sql, const char *const *columns);
/* The definition of a column as in CREATE TABLE. */
void nu__ddl_column(const nu__schema *schema, nu_builder *sql, const nu__column *column);
/* The columns of fields; a leading "-" is kept. */
const char *const *nu__column_names(const nu__state *state, const nu__model *model,
                                    const char *const *fields);

void nu__schema_run(nu__schema *schema, nu_builder *sql);
/* With one parameter. */
void nu__schema_run_with(nu__schema *schema, nu_builder *sql, nu_value param);
void nu__schema_defer(nu__schema *schema, nu_builder *sql);
void nu__schema_create_table(nu__schema *schema, const nu__state *state, const nu__model *model,
                             const char *table);
/* All indexes of the model, deferred. */
void nu__schema_model_indexes(nu__schema *schema, const nu__state *state, const nu__model *model);
void nu__schema_index_column(nu__schema *schema, const char *table, const nu__column *column);
void nu__schema_drop_index(nu__schema *schema, const char *name);
void nu__schema_rename_table(nu__schema *schema, const char *from, const char *to);
