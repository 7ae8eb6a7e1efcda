/* Small files, read and written whole. For big ones use the pool or sendfile. */
#pragma once

#include "nuages/value.h"

/* The whole file as bytes with a NUL behind them, in the current arena. Files over `max` bytes are
 * refused (EFBIG), folders too (EISDIR). False with errno set if it cannot be read. */
NU_PUBLIC NU_MUST_USE bool nu_file_try(const char *path, size_t max, nu_value *out);

/* The same; raises SystemError naming the file and the reason. */
NU_PUBLIC nu_value nu_file_read(const char *path, size_t max);

/* Replaces the file in one step: writes beside it, then renames, so that a reader or a crash sees
 * the old file or the new one. Raises SystemError. */
NU_PUBLIC void nu_file_write(const char *path, const void *bytes, size_t length);

NU_PUBLIC bool nu_file_exists(const char *path);
NU_PUBLIC bool nu_folder_exists(const char *path);

/* `folder`/`name` in the current arena; an absolute `name` stands alone. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_path_join(const char *folder, const char *name);
/* Everything before the last slash; "." without one. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_path_folder(const char *path);
/* True if the relative path stays inside its folder: no "..", no leading slash, no empty part, no
 * backslash, no NUL. */
NU_PUBLIC bool nu_path_is_inside(const char *path, size_t length);
