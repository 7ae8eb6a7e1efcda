/* Between loaddata.c and its parts. */
#pragma once

#include "command/fixture.h"
#include "nuages/database.h"

/* One run of loaddata. */
typedef struct nu__load {
    const char        *alias;
    const char *const *exclude; /* NULL-ended */
    bool               ignore;  /* unknown models and fields */
    nu_arena          *arena;   /* of what outlives an object */
    nu_dict           *models;  /* by label: those that got rows */
    nu_list           *waiting; /* objects that name rows which are not there yet: lists of path, number, object */
    int64_t            count;
} nu__load;

/* An object of a fixture and where it came from, for messages. */
typedef struct nu__load_object {
    const char *path;
    int64_t     number;        /* from 1 */
    const char *model, *field; /* as far as it was read; NULL: not yet */
    const char *missing;       /* the row it names and that is not there; NULL: none */
    bool        holes;         /* what is missing is left out, where it can be */
} nu__load_object;

/* Saves the row that `value` stands for. False if it names a row that is not there: then nothing was saved, unless
 * holes are allowed and what is missing can be left out. Raises CommandError with the place in the fixture. */
bool nu__load_object_save(nu__load *load, nu__load_object *object, nu_value value);
/* Raises what is wrong with the object, saying where it is. */
NU_NORETURN void nu__load_refuse(const nu__load_object *object, const nu_error *cause, const char *fact);

/* Refuses references from rows of `load->models` to rows that are not there. `paths` (`count` of them) are searched
 * for the object that is to blame. */
void nu__load_check_references(const nu__load *load, const char *const *paths, size_t count);
