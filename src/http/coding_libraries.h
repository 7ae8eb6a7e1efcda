/* libbrotlienc and libzstd, loaded when they are first needed. */
#pragma once

#include <zlib.h>

#include "http/coding.h"

enum { NU__ENCODER_ROOM = 4096 }; /* bytes of output at a time */

struct nu__encoder {
    nu__coding coding;
    void      *state;   /* of the library */
    size_t     padding; /* still to be written */
};

/* The functions of a library; NULL where it is not installed. */
const struct nu__brotli *nu__brotli_load(void);
const struct nu__zstd   *nu__zstd_load(void);

void nu__brotli_begin(nu__encoder *encoder, nu_arena *arena, int level);
void nu__brotli_put(nu__encoder *encoder, const void *bytes, size_t length,
                    enum nu__encoder_step step, nu_builder *out);
void nu__zstd_begin(nu__encoder *encoder, nu_arena *arena, int level);
void nu__zstd_put(nu__encoder *encoder, const void *bytes, size_t length,
                  enum nu__encoder_step step, nu_builder *out);
