/* Randomness from the kernel (getrandom(2)), fit for keys and tokens. */
#pragma once

#include "nuages/value.h"

NU_PUBLIC void nu_random_bytes(void *out, size_t length);
/* Even over 0 … below-1; `below` > 0. */
NU_PUBLIC uint64_t nu_random_below(uint64_t below);
/* `length` characters of `alphabet` (NULL: a-z A-Z 0-9, Django's get_random_string). */
NU_PUBLIC const char *nu_random_text(size_t length, const char *alphabet);
/* UUID version 4 (RFC 9562). */
NU_PUBLIC nu_uuid nu_uuid4(void);
/* UUID version 7 (RFC 9562): ordered by time. */
NU_PUBLIC nu_uuid nu_uuid7(void);
/* "6f1c…-…" with or without dashes, braces or urn:uuid:, as Python's UUID() reads it. */
NU_PUBLIC NU_MUST_USE bool nu_uuid_try(const char *text, size_t length, nu_uuid *out);
NU_PUBLIC const char *nu_uuid_text(nu_uuid uuid);
