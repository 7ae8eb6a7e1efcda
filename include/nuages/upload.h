/* Uploaded files: what a multipart form brings. A small one is in memory, a large one in a temporary
 * file that goes away with the request. */
#pragma once

#include "nuages/request.h"

/* The name as the client gave it, made safe: no folders, no control characters. */
NU_PUBLIC const char *nu_upload_name(const nu_upload *upload);
/* As the client said: "image/png". Do not believe it. */
NU_PUBLIC const char *nu_upload_content_type(const nu_upload *upload);
/* Parameters of the content type, such as charset; NULL if none. */
NU_PUBLIC const char *nu_upload_charset(const nu_upload *upload);
NU_PUBLIC int64_t nu_upload_size(const nu_upload *upload);
/* Path of the temporary file; NULL while it is in memory. */
NU_PUBLIC const char *nu_upload_path(const nu_upload *upload);
/* Reads at most `room` bytes from `offset`; 0 at the end. */
NU_PUBLIC NU_WAITS size_t nu_upload_read(const nu_upload *upload, int64_t offset, void *into,
                                         size_t room);
/* The whole content, followed by a NUL, in the current arena. Raises TooLarge above `limit` bytes. */
NU_PUBLIC NU_WAITS const char *nu_upload_content(const nu_upload *upload, size_t limit,
                                                 size_t *length);
/* Moves or copies the content to `path`, which must not exist; nobody sees it half-written. */
NU_PUBLIC NU_WAITS void nu_upload_save(nu_upload *upload, const char *path);
/* A file made by hand, for tests and forms; the bytes are borrowed. In the current arena. */
NU_PUBLIC NU_RETURNS_NONNULL nu_upload *nu_upload_new(const char *name, const char *content_type,
                                                      const void *bytes, size_t length);
/* The upload inside a value; NULL if it is something else. */
NU_PUBLIC nu_upload *nu_upload_of(nu_value value);

/* `name` with what is dangerous taken off, as Django's sanitize_file_name: the last part of the path,
 * HTML entities decoded, control characters dropped. NULL if nothing is left. */
NU_PUBLIC const char *nu_upload_safe_name(const char *name);
