/* Signing of texts that may hold a NUL, which the public functions on C strings cannot see. */
#pragma once

#include "nuages/signing.h"

/* "value:signature"; with `timed` "value:time:signature". */
nu_value nu__sign(const nu_signer *signer, nu_value text, bool timed);

/* The value again. Raises BadSignature, or SignatureExpired with `timed` and a `max_age` ≥ 0. */
nu_value nu__unsign(const nu_signer *signer, nu_value text, bool timed, double max_age);
