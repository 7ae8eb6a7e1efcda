#pragma once

#include "nuages/template.h"

/* The filter floatformat; humanize uses it too. */
nu_value nu__floatformat(const nu_filter_call *call);
