#include "http/coding_libraries.h"

#include <brotli/encode.h>
#include <dlfcn.h>
#include <string.h>
#include <zstd.h>

/* ---- loading --------------------------------------------------------------------------------- */

#define BROTLI_FUNCTIONS(X)                                                                        \
    X(CreateInstance) X(DestroyInstance) X(SetParameter) X(CompressStream) X(HasMoreOutput)
#define ZSTD_FUNCTIONS(X)                                                                          \
    X(createCCtx) X(freeCCtx) X(CCtx_setParameter) X(compressStream2) X(isError)

struct nu__brotli {
#define X(name) __typeof__(&BrotliEncoder##name) name;
    BROTLI_FUNCTIONS(X)
#undef X
};

struct nu__zstd {
#define X(name) __typeof__(&ZSTD_##name) name;
    ZSTD_FUNCTIONS(X)
#undef X
};

/* Fills a table of functions; false where one is missing. */
static bool load(const char *file, const char *prefix, const char *const *names, void **functions,
                 size_t count)
{
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; library != NULL && i < count; i++) {
        functions[i] = dlsym(library, nu_fmt("%s%s", prefix, names[i]));
        if (functions[i] == NULL)
            return false;
    }
    return library != NULL;
}

/* Looks for the library once. */
#define DEFINE_LOAD(library, file, prefix, functions)                                              \
    const struct nu__##library *nu__##library##_load(void)                                         \
    {                                                                                              \
        static const char *const names[] = {functions(NAME)};                                      \
        static union {                                                                             \
            struct nu__##library table;                                                            \
            void                *functions[NU_COUNT(names)];                                       \
        } all;                                                                                     \
        static enum { UNKNOWN, MISSING, THERE } state;                                             \
        if (state == UNKNOWN)                                                                      \
            state = load(file, prefix, names, all.functions, NU_COUNT(names)) ? THERE : MISSING;   \
        return state == THERE ? &all.table : NULL;                                                 \
    }
#define NAME(name) #name,
DEFINE_LOAD(brotli, "libbrotlienc.so.1", "BrotliEncoder", BROTLI_FUNCTIONS)
DEFINE_LOAD(zstd, "libzstd.so.1", "ZSTD_", ZSTD_FUNCTIONS)
#undef NAME

static NU_NORETURN void no_memory(void)
{
    nu_raise(NU_OUT_OF_MEMORY, "no memory to compress");
}

/* ---- brotli ---------------------------------------------------------------------------------- */

static void end_brotli(void *arg)
{
    if (arg != NULL)
        nu__brotli_load()->DestroyInstance(arg);
}

void nu__brotli_begin(nu__encoder *encoder, nu_arena *arena, int level)
{
    const struct nu__brotli *brotli = nu__brotli_load();
    nu_defer                *slot = nu_arena_defer(arena, end_brotli, NULL);
    encoder->state = slot->arg = brotli->CreateInstance(NULL, NULL, NULL);
    if (encoder->state == NULL)
        no_memory();
    brotli->SetParameter(encoder->state, BROTLI_PARAM_QUALITY, level > 0 ? (uint32_t)level : 4);
    /* 256 KiB of window for pages, instead of 4 MiB. */
    if (level == 0)
        brotli->SetParameter(encoder->state, BROTLI_PARAM_LGWIN, 18);
}

static void run_brotli(nu__encoder *encoder, const void *bytes, size_t length,
                       BrotliEncoderOperation operation, nu_builder *out)
{
    const struct nu__brotli *brotli = nu__brotli_load();
    const uint8_t           *in = bytes;
    do {
        size_t   room = NU__ENCODER_ROOM;
        uint8_t *at = (uint8_t *)nu_builder_room(out, room);
        if (!brotli->CompressStream(encoder->state, operation, &length, &in, &room, &at, NULL))
            no_memory();
        out->length += NU__ENCODER_ROOM - room;
    } while (length > 0 || brotli->HasMoreOutput(encoder->state));
}

/* The padding is metadata, which the format has a place for (RFC 7932 9.2). */
void nu__brotli_put(nu__encoder *encoder, const void *bytes, size_t length,
                    enum nu__encoder_step step, nu_builder *out)
{
    static const BrotliEncoderOperation operations[] = {
        BROTLI_OPERATION_PROCESS, BROTLI_OPERATION_FLUSH, BROTLI_OPERATION_FINISH};
    if (encoder->padding > 0) {
        char   zeros[256] = {0};
        size_t most = encoder->padding < sizeof zeros ? encoder->padding : sizeof zeros;
        most += most == 1; /* of which brotli 1.0.9 would write a wrong length */
        encoder->padding = 0;
        run_brotli(encoder, zeros, most, BROTLI_OPERATION_EMIT_METADATA, out);
    }
    run_brotli(encoder, bytes, length, operations[step], out);
}

/* ---- zstd ------------------------------------------------------------------------------------ */

static void end_zstd(void *arg)
{
    if (arg != NULL)
        nu__zstd_load()->freeCCtx(arg);
}

void nu__zstd_begin(nu__encoder *encoder, nu_arena *arena, int level)
{
    const struct nu__zstd *zstd = nu__zstd_load();
    nu_defer              *slot = nu_arena_defer(arena, end_zstd, NULL);
    encoder->state = slot->arg = zstd->createCCtx();
    if (encoder->state == NULL)
        no_memory();
    zstd->CCtx_setParameter(encoder->state, ZSTD_c_compressionLevel, level > 0 ? level : 3);
    /* 128 KiB of window for pages; browsers take 8 MiB at most (RFC 9659). */
    zstd->CCtx_setParameter(encoder->state, ZSTD_c_windowLog, level == 0 ? 17 : 23);
}

/* A frame that is to be skipped (RFC 8878 3.1.2). */
static void put_skipped(nu_builder *out, size_t length)
{
    char head[8] = {0x50, 0x2a, 0x4d, 0x18, (char)length, (char)(length >> 8)};
    nu_builder_add(out, head, sizeof head);
    memset(nu_builder_room(out, length), 0, length);
    out->length += length;
}

void nu__zstd_put(nu__encoder *encoder, const void *bytes, size_t length,
                  enum nu__encoder_step step, nu_builder *out)
{
    static const ZSTD_EndDirective directives[] = {ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end};
    const struct nu__zstd         *zstd = nu__zstd_load();
    ZSTD_inBuffer                  in = {bytes, length, 0};
    size_t                         left;
    if (encoder->padding > 0)
        put_skipped(out, encoder->padding);
    encoder->padding = 0;
    do {
        ZSTD_outBuffer room = {nu_builder_room(out, NU__ENCODER_ROOM), NU__ENCODER_ROOM, 0};
        left = zstd->compressStream2(encoder->state, &room, &in, directives[step]);
        if (zstd->isError(left))
            no_memory();
        out->length += room.pos;
    } while (in.pos < in.size || (step != NU__ENCODER_GO_ON && left > 0));
}
