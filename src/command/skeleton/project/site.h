/* What the parts of {{ name }} share. */
#pragma once

#include <nuages.h>

extern const nu_route site_urls[];
