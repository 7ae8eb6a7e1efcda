/* For parsers, which have names with their length. */
#pragma once

#include "nuages/request.h"

/* One more value; the name is borrowed. */
void nu__params_add(nu_params *params, nu_value name, nu_value value);
