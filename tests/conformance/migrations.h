/* Between migrations.c, which compares, and migrations_read.c, which reads the cases. */
#pragma once

#include "migrate/internal.h"

/* Why a case cannot be run: it holds what is not built. Raised by the readers. */
extern const nu_kind nu__not_built;
#define NU__NOT_BUILT (&nu__not_built)

/* Forgets the expressions of the case before. */
void nu__case_begin(void);
/* {"models": […]} */
nu__state *nu__case_state(const nu_dict *json);
/* An element of `expect`. Its operations are applied to `state`. */
nu__draft *nu__case_draft(const nu_dict *json, nu__state *state);
