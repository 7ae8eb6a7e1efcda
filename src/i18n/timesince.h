/* What humanize needs of timesince beyond the public functions. */
#pragma once

#include "nuages/value.h"

/* As nu_timesince or, `until`, nu_timeuntil; the units are translated in `context` (NULL: none).
 * `now` null: the present. */
const char *nu__time_distance(nu_value moment, nu_value now, bool until, int depth,
                              const char *context);

/* The present in the same form as `like`: with a zone, or as the default zone's clock shows it. */
nu_value nu__present(nu_value like);
