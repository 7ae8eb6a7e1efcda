/* Between the files of the schema editor:
 *      schema.c        operations, forwards and backwards
 *      schema_table.c  tables and columns
 *      schema_index.c  indexes and constraints
 *      schema_field.c  fields added, removed, altered
 *      schema_hand.c   what is written by hand, and what only PostgreSQL has
 *      alter.c         a column changed in place, where the database can
 *      remake.c        a table made anew, where it cannot */
#pragma once

#include "migrate/internal.h"

/* A model between two states: what it was and what it is. */
typedef struct nu__change {
    const nu__state *before, *after;
    const nu__model *old, *new;
    const char      *named_after; /* the table by which its constraints are called; NULL: its own */
} nu__change;

/* How a table is made anew. */
typedef struct nu__remake {
    const nu_field *added;     /* a new field, or NULL */
    const nu_field *from, *to; /* a changed field, or NULL */
    nu_value        fill;      /* for the new column, or where the changed one was NULL */
} nu__remake;

/* Makes the table of `old` anew as `new` describes it, with its rows: a table beside it, the
 * rows copied, the old one dropped, the new one renamed. For what the database cannot change in
 * place. */
void nu__remake_table(nu__schema *schema, const nu__change *change, const nu__remake *remake);

/* ---- statements ---- */

/* A statement that begins with `text`. */
nu_builder nu__ddl(const char *text);
/* "ALTER TABLE "t" " */
nu_builder nu__ddl_alter(const nu__schema *schema, const char *table);
void       nu__ddl_quote(const nu__schema *schema, nu_builder *sql, const char *name);
/* "a", "b" DESC */
void nu__ddl_columns(const nu__schema *schema, nu_builder *sql, const char *const *columns);
void nu__ddl_literal(const nu__schema *schema, nu_builder *sql, nu_value value);

void nu__schema_run(nu__schema *schema, nu_builder *sql);
void nu__schema_defer(nu__schema *schema, nu_builder *sql);
/* True where one ALTER TABLE does what elsewhere takes a new table. */
bool nu__schema_in_place(const nu__schema *schema);

/* ---- schema_table.c ---- */

/* The definition of a column as in CREATE TABLE. `fill` stands as its default unless it is null. */
void nu__ddl_column(const nu__schema *schema, nu_builder *sql, const nu__change *change,
                    const nu__column *column, nu_value fill);
/* " ON DELETE CASCADE" where the database does it; else nothing. */
const char *nu__ddl_on_delete(const nu__column *column);
const char *nu__ddl_type(const nu__schema *schema, const nu__column *column);
/* The check that comes with the type; NULL: none. */
const char *nu__ddl_check(const nu__schema *schema, const nu__column *column);
/* The columns of fields; a leading "-" is kept. */
const char *const *nu__column_names(const nu__state *state, const nu__model *model,
                                    const char *const *fields);
/* CREATE TABLE alone, under this name. */
void nu__schema_create_table(nu__schema *schema, const nu__state *state, const nu__model *model,
                             const char *table);
/* The table, its indexes, its tables between. */
void nu__schema_create_model(nu__schema *schema, const nu__state *state, const nu__model *model);
void nu__schema_delete_model(nu__schema *schema, const nu__state *state, const nu__model *model);
void nu__schema_drop_table(nu__schema *schema, const char *table);
void nu__schema_rename_table(nu__schema *schema, const char *from, const char *to);
void nu__schema_rename_column(nu__schema *schema, const char *table, const char *from,
                              const char *to);
void nu__schema_rename_model(nu__schema *schema, const nu__change *change);
void nu__schema_comment_column(nu__schema *schema, const char *table, const nu__column *column);
void nu__schema_comment_table(nu__schema *schema, const char *table, const char *comment);

/* ---- schema_index.c ---- */

/* SQL of a condition or expression over the model's columns. */
const char *nu__schema_condition(const nu__schema *schema, const nu__state *state,
                                 const nu__model *model, nu_expression_fn condition);
const char *nu__schema_expression(const nu__schema *schema, const nu__state *state,
                                  const nu__model *model, nu_expression_fn expression);
/* ", CONSTRAINT …" of all that stand in the definition of the table. */
void nu__ddl_constraints(const nu__schema *schema, nu_builder *sql, const nu__state *state,
                         const nu__model *model);
/* All indexes and references of the model, deferred. */
void nu__schema_model_indexes(nu__schema *schema, const nu__state *state, const nu__model *model);
/* Those of one column. */
void nu__schema_column_indexes(nu__schema *schema, const char *table, const nu__column *column);
nu_builder nu__ddl_column_index(const nu__schema *schema, const char *table,
                                const nu__column *column);
/* The index for LIKE, which PostgreSQL needs beside the other; false: none. */
bool       nu__ddl_like_index(const nu__schema *schema, const char *table, const nu__column *column,
                              nu_builder *out);
nu_builder nu__ddl_unique(const nu__schema *schema, const char *table, const char *const *columns);
nu_builder nu__ddl_reference(const nu__schema *schema, const char *table, const nu__column *column);
const char *nu__reference_name(const nu__schema *schema, const char *table,
                               const nu__column *column);
void        nu__schema_drop_index(nu__schema *schema, const char *name, bool concurrently);
void        nu__schema_drop_constraint(nu__schema *schema, const char *table, const char *name);
void        nu__schema_alter_together(nu__schema *schema, const nu__change *change);
void nu__schema_add_index(nu__schema *schema, const nu__change *change, const nu_index *index,
                          bool concurrently);
void nu__schema_rename_index(nu__schema *schema, const nu__change *change, const char *from,
                             const char *to);
/* With `not_valid`, where the database can: for new rows only. */
void nu__schema_add_constraint(nu__schema *schema, const nu__change *change,
                               const nu_constraint *constraint, bool not_valid);
void nu__schema_validate_constraint(nu__schema *schema, const nu__change *change, const char *name);
void nu__schema_remove_constraint(nu__schema *schema, const nu__change *change,
                                  const nu_constraint *constraint);

/* ---- schema_hand.c ---- */

/* SQL, C and what only PostgreSQL has, or with `undo` the reverse; `state` is the one before. */
void nu__schema_by_hand(nu__schema *schema, const char *app, const nu_operation *operation,
                        const nu__state *state, bool undo);

/* ---- schema_field.c ---- */

void nu__schema_add_field(nu__schema *schema, const nu__change *change, const nu_field *field,
                          nu_value fill);
/* Drops the foreign key of the column, under whatever name the database has it. Where SQL is only
 * shown that is the name it got when the table was called `named_after`; NULL: as it is now. */
void nu__schema_drop_reference(nu__schema *schema, const char *table, const char *named_after,
                               const nu__column *column);
void nu__schema_remove_field(nu__schema *schema, const nu__change *change, const nu_field *field);
/* The table between of a many-to-many field follows its name and its ends. */
void nu__schema_alter_many(nu__schema *schema, const nu__change *change, const nu_field *from,
                           const nu_field *to);
/* Raises CommandError if `from` cannot become `to`: one of them has a table between. */
void nu__schema_check_alteration(const nu__change *change, const nu_field *from, const nu_field *to);
/* `from` of the old model becomes `to` of the new one. */
void nu__schema_alter_field(nu__schema *schema, const nu__change *change, const nu_field *from,
                            const nu_field *to);

/* ---- alter.c ---- */

typedef struct nu__alteration {
    const nu__change *change;
    const nu_field   *from, *to;
    nu__column        was, is;
    nu_value          fill; /* for rows that hold NULL */
} nu__alteration;

void nu__schema_alter_column(nu__schema *schema, const nu__alteration *alteration);
/* True if the columns differ in nothing but their names. */
bool nu__same_definition(const nu__schema *schema, const nu__alteration *alteration);
