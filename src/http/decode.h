/* Bytes from a client made into well-formed UTF-8, as Python's decode("utf-8", "replace") does. */
#pragma once

#include "nuages/text.h"

/* Length of the code point at `at`, 1 to 4; 0 if the bytes there are malformed, and then *bad is the
 * number of bytes that one U+FFFD stands for (Unicode 3.9, maximal subpart). */
size_t nu__utf8_step(const char *at, const char *end, size_t *bad);

/* The bytes as text: themselves if they are well-formed, else a copy in the current arena with
 * U+FFFD. They must be followed by a NUL. */
nu_value nu__utf8_replace(const char *bytes, size_t length);

/* Each byte as the code point of its number (ISO 8859-1), in the current arena. */
nu_value nu__latin1(const char *bytes, size_t length);

/* The text without white space at both ends, as Python's str.strip(): a part of the same bytes, so
 * that no NUL need follow. */
nu_value nu__strip(nu_value text);
/* The same for the white space of ASCII only. Moves *at and *end together. */
void nu__trim(const char **at, const char **end);
