/* An uploaded file while it arrives. */
#pragma once

#include "nuages/upload.h"

/* A file to which pieces are added. `folder` NULL: the system's for temporary files. All texts are
 * borrowed. In the current arena. */
nu_upload *nu__upload_start(const char *name, const char *content_type, const char *charset,
                            const char *folder);
/* Adds a piece. When `memory` is false, or was before, the content goes to a temporary file, which
 * another thread writes. */
NU_WAITS void nu__upload_add(nu_upload *upload, const void *bytes, size_t length, bool memory);
/* There is no more. */
NU_WAITS void nu__upload_end(nu_upload *upload);
bool          nu__upload_has_file(const nu_upload *upload);
