/* Text beyond ASCII: case, shape, width. All results are in the current arena and follow Python's
 * str methods, so that a page reads as Django's does. */
#pragma once

#include "nuages/value.h"

/* str.upper() and str.lower(), with the letters that become several ("ß" → "SS") and the Greek final
 * sigma. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_upper(const char *text);
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_lower(const char *text);
/* Every word with a capital, after Python's str.title(): "they're" becomes "They'Re". */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_title(const char *text);
/* The first character in upper case, the rest as it is. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_capfirst(const char *text);
/* The same for text that may hold NULs. */
NU_PUBLIC nu_value nu_upper_n(const char *text, size_t length);
NU_PUBLIC nu_value nu_lower_n(const char *text, size_t length);
NU_PUBLIC nu_value nu_title_n(const char *text, size_t length);
NU_PUBLIC nu_value nu_capfirst_n(const char *text, size_t length);

/* "joel-is-a-slug" of "  Joel is a slug": ASCII letters, digits, underscores and single dashes. With
 * `unicode` letters of all scripts stay. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_slugify(const char *text, bool unicode);

/* What Unicode and Python's str methods say of one character. */
NU_PUBLIC bool nu_char_is_space(uint32_t code);
NU_PUBLIC bool nu_char_is_word(uint32_t code); /* letter, digit or underscore, as \w in a regex */
NU_PUBLIC int  nu_char_digit(uint32_t code);   /* decimal digit of any script, \d; -1: none */
static inline bool nu_char_is_digit(uint32_t code)
{
    return nu_char_digit(code) >= 0;
}
NU_PUBLIC bool nu_char_is_combining(uint32_t code);

/* Compatibility decomposition (NFKD) and composed form (NFC). Text that is not UTF-8 raises
 * ValueError. */
NU_PUBLIC nu_value nu_normalize_nfkd(const char *text, size_t length);
NU_PUBLIC nu_value nu_normalize_nfc(const char *text, size_t length);
