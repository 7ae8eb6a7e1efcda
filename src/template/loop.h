/* {% for %} while rendering. */
#pragma once

#include "template/program.h"

/* Begins the loop; false if there is nothing to walk. */
bool nu__loop_begin(nu_rendering *render, const nu_for *loop);
/* Binds the next item; false at the end. */
bool     nu__loop_next(nu_rendering *render, const nu_for *loop);
nu_value nu__loop_value(const nu_loop *loop, nu_loop_field field);

/* What {% ifchanged %} at `node` remembers in a loop; NULL pointer inside at first. */
void **nu__loop_keep(nu_loop *loop, const nu_node *node);
/* The loop that `value` is, NULL if it is none. */
nu_loop *nu__loop_of(nu_value value);
