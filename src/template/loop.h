/* {% for %} while rendering. */
#pragma once

#include "template/program.h"

/* Begins the loop; false if there is nothing to walk. */
bool nu__loop_begin(nu_rendering *render, const nu_for *loop);
/* Binds the present item to the loop's variables. */
void nu__loop_bind(nu_rendering *render, const nu_for *loop, const nu_loop *state);
/* Raises: the loops go round too often. */
NU_NORETURN void nu__loop_endless(const nu_rendering *render);
/* Binds the next item; false at the end. */
static inline bool nu__loop_next(nu_rendering *render, const nu_for *loop)
{
    nu_activation *frame = render->frame;
    nu_loop       *state = &frame->loops[loop->loop];
    if (++state->index >= state->count)
        return false;
    if (NU_UNLIKELY(render->turns-- == 0))
        nu__loop_endless(render);
    if (loop->count == 1 && !state->reversed && state->index < state->items->count)
        frame->slots[loop->slot] = state->items->items[state->index];
    else
        nu__loop_bind(render, loop, state);
    return true;
}
nu_value nu__loop_value(const nu_loop *loop, nu_loop_field field);

/* What {% ifchanged %} at `node` remembers in a loop; NULL pointer inside at first. */
void **nu__loop_keep(nu_loop *loop, const nu_node *node);
/* The loop that `value` is, NULL if it is none. */
nu_loop *nu__loop_of(nu_value value);
