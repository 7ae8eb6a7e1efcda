/* Percent-encoding as Python's urllib.parse does it. */
#pragma once

#include "nuages/text.h"

/* Characters that RFC 3986 gives a meaning. */
#define NU__URL_DELIMITERS "!$&'()*+,;=:/?#[]@"

/* Appends the bytes with all but letters, digits, "_.-~" and those in `safe` as %XX. */
void nu__put_quoted(nu_builder *out, const char *text, size_t length, const char *safe);

/* Appends the text with %XX decoded; what is then no UTF-8 becomes U+FFFD. `plus`: "+" is a space. */
void nu__put_unquoted(nu_builder *out, const char *text, size_t length, bool plus);

/* Appends a URL that is quoted where it was not yet: in host, path, query and fragment. */
void nu__put_url(nu_builder *out, const char *url, size_t length);
