/* Building text, and what we ask of text. */
#pragma once

#include "nuages/value.h"

/* A growing text in an arena. Always NUL-terminated after nu_builder_text. */
typedef struct nu_builder {
    char     *data;
    size_t    length, capacity;
    nu_arena *arena;
} nu_builder;

/* `arena` NULL: the current one. `capacity`: a first guess in bytes. */
NU_PUBLIC void nu_builder_init(nu_builder *builder, nu_arena *arena, size_t capacity);
/* Room for `extra` more bytes and a NUL; returns where they go. Then add to builder->length. */
NU_PUBLIC NU_RETURNS_NONNULL char *nu_builder_room(nu_builder *builder, size_t extra);
NU_PUBLIC void nu_builder_add(nu_builder *builder, const void *bytes, size_t length);
NU_PUBLIC void nu_builder_puts(nu_builder *builder, const char *text);
NU_PUBLIC void nu_builder_putc(nu_builder *builder, char c);
NU_PUBLIC void nu_builder_int(nu_builder *builder, int64_t value);
NU_PUBLIC void nu_builder_printf(nu_builder *builder, const char *format, ...) NU_PRINTF(2, 3);
/* With & < > " ' written as Django's escape() writes them (&amp; &lt; &gt; &quot; &#x27;). */
NU_PUBLIC void nu_builder_escape(nu_builder *builder, const char *text, size_t length);
/* The text so far, NUL-terminated; the builder may go on. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_builder_text(nu_builder *builder);
NU_PUBLIC nu_value nu_builder_value(nu_builder *builder);

/* `text` as safe HTML, in the current arena. */
NU_PUBLIC nu_value nu_escape(const char *text);

/* ---- UTF-8 (RFC 3629) -------------------------------------------------------------------------- */

/* True if the bytes are well-formed UTF-8: no overlong forms, no surrogates. */
NU_PUBLIC bool nu_utf8_valid(const void *bytes, size_t length);
/* Decodes one code point at *at and moves it on; malformed bytes give U+FFFD and one step. */
NU_PUBLIC uint32_t nu_utf8_next(const char **at, const char *end);
/* Writes 1..4 bytes, returns how many. */
NU_PUBLIC size_t nu_utf8_put(char out[4], uint32_t code);
/* Number of code points. */
NU_PUBLIC size_t nu_utf8_count(const char *text, size_t length);
/* Bytes that the first `count` code points take. */
NU_PUBLIC size_t nu_utf8_offset(const char *text, size_t length, size_t count);

/* ---- plain helpers ------------------------------------------------------------------------------ */

NU_PUBLIC bool nu_starts_with(const char *text, const char *prefix);
NU_PUBLIC bool nu_ends_with(const char *text, const char *suffix);
/* ASCII only, as protocols need it. */
NU_PUBLIC bool nu_equal_ascii_nocase(const char *a, size_t a_length, const char *b, size_t b_length);
/* Parts between separators, copied into the current arena; an empty text has none. */
NU_PUBLIC nu_list *nu_split(const char *text, char separator);
/* Whole number in decimal; the whole text must fit. */
NU_PUBLIC NU_MUST_USE bool nu_parse_int(const char *text, size_t length, int64_t *out);
/* Of `choices` (NULL-ended) the one most like `word`, NULL if none is near. For "Did you mean". */
NU_PUBLIC const char *nu_nearest(const char *word, const char *const *choices);
