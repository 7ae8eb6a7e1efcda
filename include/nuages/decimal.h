/* Exact decimal numbers, as Python's decimal with 28 significant digits and ROUND_HALF_EVEN. The
 * exponent of the first digit stays within ±6144: larger results raise ValueError, smaller ones
 * become zero. */
#pragma once

#include "nuages/arena.h"

/* sign × digits × 10^exponent; `coefficient` < 10^28. Zero-filled is 0. */
typedef struct nu_decimal {
    unsigned __int128 coefficient;
    int32_t           exponent;
    bool              negative;
    bool              set; /* false: SQL NULL */
} nu_decimal;

typedef enum nu_rounding { NU_ROUND_HALF_EVEN, NU_ROUND_HALF_UP, NU_ROUND_DOWN, NU_ROUND_UP } nu_rounding;

NU_PUBLIC nu_decimal nu_decimal_of(int64_t value);
/* The shortest decimal that reads back as `value`, as Python's Decimal(repr(value)). Raises
 * ValueError for NaN and the infinities. */
NU_PUBLIC nu_decimal nu_decimal_from_double(double value);
/* Reads "-12.50", "1e3"; the whole text must fit, 28 digits at most. No spaces, NaN or infinity. */
NU_PUBLIC NU_MUST_USE bool nu_decimal_try(const char *text, size_t length, nu_decimal *out);
/* As nu_decimal_try; text that is no number raises ValueError. */
NU_PUBLIC nu_decimal nu_decimal_get(const char *text);
/* Python's str(): keeps trailing zeros, "1E+3" for large exponents. In the current arena. */
NU_PUBLIC const char *nu_decimal_text(nu_decimal value);
/* Plain notation, never with an exponent. */
NU_PUBLIC const char *nu_decimal_plain(nu_decimal value);
NU_PUBLIC double nu_decimal_double(nu_decimal value);

NU_PUBLIC nu_decimal nu_decimal_add(nu_decimal a, nu_decimal b);
NU_PUBLIC nu_decimal nu_decimal_subtract(nu_decimal a, nu_decimal b);
NU_PUBLIC nu_decimal nu_decimal_multiply(nu_decimal a, nu_decimal b);
/* Raises ValueError on division by zero. */
NU_PUBLIC nu_decimal nu_decimal_divide(nu_decimal a, nu_decimal b);
/* Exactly `places` digits after the point (negative: so many before it are zero), as quantize()
 * does: rounds or adds zeros. Raises ValueError if that takes more than 28 digits. */
NU_PUBLIC nu_decimal nu_decimal_round(nu_decimal value, int places, nu_rounding rounding);
NU_PUBLIC int nu_decimal_compare(nu_decimal a, nu_decimal b);
