/* Catalogues as people write them: any bytes are read or refused with SyntaxError. */
#include "nuages/i18n.h"

#include "base/ambient.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_and_translate(const uint8_t *data, size_t size)
{
    nu_locales *locales = nu_locales_new(nu_arena_current(), NULL);
    /* A copy of just this size, so that the sanitizer sees a step outside. */
    const char *copy = nu_arena_copy(nu_arena_current(), data, size);
    nu_locales_use(locales);
    nu_language_activate("xx");
    nu_catalogue_read_po(nu_locales_catalogue(locales, "xx"), "fuzz.po", copy, size);
    for (int64_t n = -2; n < 200; n += 7)
        nu_ngettext("%d file", "%d files", n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nu_arena *arena = nu_arena_new(NULL, "fuzz"), *before = nu_arena_enter(arena);
    NU_TRY {
        read_and_translate(data, size);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_SYNTAX_ERROR))
            __builtin_trap();
    }
    nu_language_activate(NULL);
    nu_locales_use(NULL);
    nu_arena_enter(before);
    nu_arena_free(arena);
    return 0;
}
