/* Tables of filter tests: a value as JSON, the filters behind the bar, what {{ v|… }} writes. */
#pragma once

#include "nuages/template.h"

typedef struct filter_case {
    const char *json, *filters, *text;
} filter_case;

/* Renders every case; fails with the first that differs. `load` names libraries, or is NULL. */
void check_filters(const char *load, const filter_case *cases, size_t count);

/* What {{ v|filters }} writes for any value. */
const char *filter_value(nu_value value, const char *filters);
