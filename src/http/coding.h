/* Content codings (RFC 9110 8.4.1): choosing one, and compressing with it. zlib is always there; libbrotlienc and
 * libzstd are loaded when they are first asked for, and not offered where they are not installed. */
#pragma once

#include "http/internal.h"

typedef enum nu__coding { NU__IDENTITY, NU__GZIP, NU__BROTLI, NU__ZSTD, NU__CODINGS } nu__coding;

/* "gzip", "br", "zstd"; and the ending of a file that holds it: ".gz", ".br", ".zst". */
const char *nu__coding_name(nu__coding coding);
const char *nu__coding_ending(nu__coding coding);
/* True if it can be made here. */
bool nu__coding_is_available(nu__coding coding);

/* What the client likes best among `offered` (best of ours first, ended by NU__IDENTITY), by its
 * Accept-Encoding; NU__IDENTITY when it likes none of them, or that better. */
nu__coding nu__coding_choose(const nu_request *req, const nu__coding *offered);
/* The same for content that lies there encoded: nothing has to be available. */
nu__coding nu__coding_choose_stored(const nu_request *req, const nu__coding *stored);

typedef struct nu__encoder nu__encoder;

enum nu__encoder_step {
    NU__ENCODER_GO_ON,
    NU__ENCODER_FLUSH, /* all that was put in comes out */
    NU__ENCODER_FINISH,
};

/* A compressor, which ends with the arena. `level`: 1 to 9, or to 11 for brotli and 19 for zstd; 0: one for
 * answers that are made anew each time. `padding` bytes that mean nothing go in front, so that the length
 * tells less about the content. Raises OutOfMemory. */
nu__encoder *nu__encoder_new(nu_arena *arena, nu__coding coding, int level, size_t padding);
void         nu__encoder_put(nu__encoder *encoder, const void *bytes, size_t length,
                             enum nu__encoder_step step, nu_builder *out);
