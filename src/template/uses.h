/* What templates name by constants, for `./manage check`: {% url "blog:list" %}, {% static "blog.css" %}. */
#pragma once

#include "template/engine.h"

/* A tag whose first argument is a text that is written out. */
typedef struct nu_template_use {
    const char *text;
    bool        assigned; /* {% … as name %}: the template may have an answer to a failure */
    nu_place    place;
} nu_template_use;

/* All uses of the tag `tag` in the template called `name`, in no order; those of its parents and of what it
 * includes belong to these. Raises what nu_template_get raises. The array is in the current arena. */
const nu_template_use *nu__template_uses(nu_engine *engine, const char *name, const char *tag,
                                         size_t *count);
