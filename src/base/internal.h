/* What base/ shares among its own files, and hooks for tests. */
#pragma once

#include "nuages/text.h"

/* Makes the `n`th request for system memory from now on fail, once; 0 switches it off. In debug
 * arenas each allocation is one request, else each block and each large allocation. For tests. */
void nu__arena_fail_after(long n);

/* As nu_arena_new for what is kept by the thousand: it begins with room for some `size` bytes, in a block
 * of half a kilobyte at least. `parent` is not NULL. */
NU_RETURNS_NONNULL nu_arena *nu__arena_new_small(nu_arena *parent, const char *name, size_t size);

/* As nu_arena_alloc, but NULL when memory is out. */
void *nu__arena_alloc_try(nu_arena *arena, size_t size);

/* Gives back those freed blocks of the whole tree that nobody took since the last call, but for a few.
 * False when only those are left. */
bool nu__arena_trim(nu_arena *arena);

/* Raises an error that needs no memory. */
NU_NORETURN void nu__raise_out_of_memory(void);

/* A hash of `length` bytes under the secret of this process (SipHash-1-3). */
uint64_t nu__hash(const void *bytes, size_t length);

/* Longest text of nu__float_write, with the NUL. */
#define NU__FLOAT_SIZE 32

/* Python's repr() of a float: the shortest digits that read back as `number`. Returns the length;
 * `out` holds NU__FLOAT_SIZE bytes. */
size_t nu__float_write(char *out, double number);

/* Reads an unsigned or signed number with point and exponent whose form was checked before. */
double nu__float_read(const char *text, size_t length);

/* Writes `value` in decimal and returns the length, 20 at most; no NUL. */
size_t nu__int_write(char *out, int64_t value);

/* Python's repr() of `value`, for what stands inside a list or dict. */
void nu__repr_add(nu_builder *builder, nu_value value);

/* Text forms written into `out`; they return the length and end with a NUL. */
#define NU__TIME_SIZE 48
size_t nu__date_write(char *out, int32_t days);
size_t nu__time_write(char *out, int64_t us);
/* `separator` stands between date and time; `zulu`: "Z" instead of "+00:00". */
size_t nu__datetime_write(char *out, nu_datetime moment, char separator, bool zulu);
/* As Python's str(timedelta): "1 day, 0:00:05". */
size_t nu__duration_python(char *out, int64_t us);
size_t nu__uuid_write(char out[37], const uint8_t bytes[16]);
