/* Between writer.c and writer_field.c. */
#pragma once

#include "migrate/internal.h"

/* A migration's source on the way: functions for expressions come before what uses them. */
struct nu__writer {
    nu_builder before; /* the functions */
    nu_builder out;
    nu_dict   *functions; /* name by source */
};

/* NU_STRS("a", "b") */
void nu__write_texts(struct nu__writer *writer, const char *const *texts);
/* ", .name = …" unless it has the value of a zero-filled member. */
void nu__write_flag(struct nu__writer *writer, const char *name, bool value);
void nu__write_text(struct nu__writer *writer, const char *name, const char *value);
void nu__write_function(struct nu__writer *writer, const char *member, nu_expression_fn fn,
                        const char *hint);
/* "name", kind, .option = value … */
void nu__write_field(struct nu__writer *writer, const nu_field *field);
/* The name of a function that returns the expression; written before if it is new. */
const char *nu__writer_function(struct nu__writer *writer, nu_expression_fn fn, const char *hint);
