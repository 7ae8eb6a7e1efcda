/* Attributes of values that are no objects: what Python's own types offer templates. */
#pragma once

#include "nuages/value.h"

/* The attribute or the result of the method `name` without arguments; false if there is none. */
bool nu__plain_attribute(nu_value value, const char *name, size_t length, nu_value *out);
