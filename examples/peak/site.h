/* What the parts of Peak share. */
#pragma once

#include <nuages.h>

#include "matrix/matrix.h"

extern const nu_route site_urls[];
