/* JSON (RFC 8259) straight to and from nu_value. */
#pragma once

#include "nuages/text.h"

typedef struct nu_json_options {
    int  indent;        /* spaces a level; 0: compact ("," and ":") */
    bool spaced;        /* ", " and ": " as Python's json.dumps writes by default */
    bool colon_spaced;  /* "," and ": ", as Django's JSON lines have it */
    bool ascii;         /* \u escapes for all that is not ASCII */
    bool sorted;        /* keys in order */
    bool numbers;       /* decimals as numbers, not as texts */
    bool script_safe;   /* < > & as \u escapes, for a <script> element */
} nu_json_options;

/* Text in the current arena. Dates, decimals and uuids are written as Django's DjangoJSONEncoder
 * writes them; NaN and infinities raise ValueError; nesting beyond 200 raises ValueError. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_json_text(nu_value value);
NU_PUBLIC void nu_json_write(nu_builder *builder, nu_value value, const nu_json_options *options);

/* The value, in the current arena. Malformed text raises SyntaxError with line, column and excerpt;
 * so do invalid UTF-8, lone surrogates, U+0000 and nesting beyond 200. Numbers beyond 64 bits become
 * decimals; of equal keys the last one wins. */
NU_PUBLIC nu_value nu_json_parse(const char *text, size_t length);
/* The same without a raise: false for malformed text, and *out stays as it is. */
NU_PUBLIC NU_MUST_USE bool nu_json_try(const char *text, size_t length, nu_value *out);
/* nu_json_parse with U+0000 allowed: its texts may hold NULs, so only their lengths can be trusted. */
NU_PUBLIC nu_value nu_json_parse_nul(const char *text, size_t length);
