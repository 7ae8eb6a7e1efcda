/* Python's own reading of numbers, where a filter does what int() or float() does. */
#pragma once

#include "nuages/value.h"

/* int(value): whole numbers as they are, others cut; text with blanks round it and "_" between
 * digits. False where Python raises ValueError or TypeError, and beyond 28 digits; infinity
 * raises, as nobody catches Python's OverflowError. */
NU_MUST_USE bool nu__python_int(nu_value value, __int128 *out);

/* The same, limited to 64 bits: larger numbers give the nearest. */
NU_MUST_USE bool nu__python_int64(nu_value value, int64_t *out);

/* float(value), "inf" and "nan" included. */
NU_MUST_USE bool nu__python_float(nu_value value, double *out);

/* The text of a number as Python prepares it: without blanks round it and "_" between digits, digits
 * of all scripts as ASCII. NULL if a "_" stands elsewhere. */
const char *nu__python_number_text(const char *text, size_t *length);

/* An int, or a whole decimal where it does not fit. */
nu_value nu__python_int_value(__int128 number);
