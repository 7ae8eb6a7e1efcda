/* Cookies and header parameters: no input may upset the readers, and a cookie that can be written
 * reads back the same. */
#include <stdlib.h>
#include <string.h>

#include "nuages/cookie.h"
#include "nuages/header.h"

static const char *line_of(const char *name, const char *value)
{
    NU_TRY {
        return nu_cookie_text(name, value, &(nu_cookie_options){.path = ""});
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALUE_ERROR))
            abort();
    }
    return NULL;
}

static void check(const char *text, size_t length)
{
    nu_dict *cookies = nu_cookie_parse(text, length);
    for (nu_entry *e = NULL; (e = nu_dict_next(cookies, e)) != NULL;) {
        if (!nu_utf8_valid(e->value.text, e->value.length) ||
            strlen(e->value.text) != e->value.length)
            continue; /* a NUL ends a C text, and \377 may be no character */
        const char *line = line_of(e->key.text, e->value.text);
        if (line == NULL)
            continue;
        nu_dict *again = nu_cookie_parse(line, strlen(line));
        if (strpbrk(line, "\r\n;") != NULL || !nu_equal(nu_dict_get(again, e->key.text), e->value))
            abort();
    }
    nu_dict *params;
    nu_header_params(text, &params);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    nu_arena *arena = nu_arena_new(NULL, "fuzz"), *before = nu_arena_enter(arena);
    check(nu_arena_copy(arena, bytes, size), size);
    nu_arena_enter(before);
    nu_arena_free(arena);
    return 0;
}
