/* What the runner's kinds of cases offer. */
#pragma once

#include "nuages/value.h"

/* True if the case comes out as it says; else *got and *wanted tell the difference. */
bool conformance_template(nu_value json, const char **got, const char **wanted);
