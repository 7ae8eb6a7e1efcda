/* The filters that every template has. */
#include "template/filters/filters.h"

const nu_template_filter *const nu__filters_builtin[] = {
    nu__filters_dates, nu__filters_html,     nu__filters_links,
    nu__filters_lists, nu__filters_logic,    nu__filters_numbers,
    nu__filters_text,  nu__filters_truncate, NULL,
};
