/* Between writer.c (operations and files), writer_options.c (options, indexes, constraints),
 * writer_field.c (fields, values, expressions) and writer_hand.c (what was written by hand). */
#pragma once

#include "migrate/internal.h"

/* A migration's source on the way: functions for expressions come before what uses them. */
struct nu__writer {
    nu_builder before; /* the functions */
    nu_builder out;
    nu_dict   *functions; /* name by source */
    nu_dict   *tables;    /* name by operation and part of it */
    nu_dict   *names;     /* all that are taken */
};

/* An identifier made from `hint` that nothing else in the file has. */
const char *nu__writer_name(struct nu__writer *writer, const char *hint);
/* The name of the table that holds this part of the operation: "fields", "database", "state". */
const char *nu__writer_table(struct nu__writer *writer, const nu_operation *operation,
                             const char *what);

/* ---- writer.c ---- */

/* MACRO("a", "b", "c"; NULL ends them. */
void nu__write_names(struct nu__writer *writer, const char *macro, const char *a, const char *b,
                     const char *c);
/* MACRO("a", "b" or NULL */
void nu__write_or_null(struct nu__writer *writer, const char *macro, const char *a, const char *b);
void nu__write_operation(struct nu__writer *writer, const nu_operation *o);
void nu__write_operations(struct nu__writer *writer, const char *name, const nu_operation *operations,
                          size_t count);

/* ---- writer_hand.c ---- */

/* Without the closing parenthesis. */
void nu__write_by_hand(struct nu__writer *writer, const nu_operation *o);
/* The tables of operations inside of it. */
void nu__write_needed(struct nu__writer *writer, const nu_operation *operation);
/* Declares the functions that a person has to copy from other migrations. */
void nu__write_copies(struct nu__writer *writer, const nu__draft *draft);

/* ---- writer_options.c: ", .member = …" for what is not zero-filled ---- */

/* What follows the name. */
void nu__write_index(struct nu__writer *writer, const nu_index *index);
void nu__write_constraint(struct nu__writer *writer, const nu_constraint *constraint);
void nu__write_sets(struct nu__writer *writer, const char *const *const *sets);
/* Those that NU_ALTER_OPTIONS sets. */
void nu__write_options(struct nu__writer *writer, const nu_meta *meta);
void nu__write_meta(struct nu__writer *writer, const nu_meta *meta);

/* ---- writer_field.c ---- */

/* NU_CONST_INT(5) */
void nu__write_constant(struct nu__writer *writer, nu_value value);
/* NU_STRS("a", "b") */
void nu__write_texts(struct nu__writer *writer, const char *const *texts);
/* ", .name = …" unless it has the value of a zero-filled member. */
void nu__write_flag(struct nu__writer *writer, const char *name, bool value);
void nu__write_text(struct nu__writer *writer, const char *name, const char *value);
void nu__write_function(struct nu__writer *writer, const char *member, nu_expression_fn fn,
                        const char *hint);
/* MACRO, or MACRO_OF where the field's kind is the application's own. */
const char *nu__writer_variant(const nu_field *field, const char *macro);
/* "name", kind, .option = value … */
void nu__write_field(struct nu__writer *writer, const nu_field *field);
/* The name of a function that returns the expression; written before if it is new. */
const char *nu__writer_function(struct nu__writer *writer, nu_expression_fn fn, const char *hint);
