/* What {% cache %} keeps: rendered parts of pages, in the memory of this worker.
 *
 * Keys are Django's. Each worker has its own fragments; a new one begins with none. Their number
 * and bytes are bounded: a new fragment takes the place of one that has expired, else of the
 * least lately asked for among the few that share its places. */
#pragma once

#include "nuages/template.h"

typedef struct nu_fragments nu_fragments;

/* No fragments yet, in the current arena. */
nu_fragments *nu__fragments_new(void);

/* For nu_template_hooks, with the fragments as data. The only cache is "default"; another alias
 * raises ImproperlyConfigured. */
nu_value nu__fragments_get(void *fragments, const nu_cache_fragment *fragment);
void     nu__fragments_set(void *fragments, const nu_cache_fragment *fragment, nu_value html,
                           int64_t seconds);
