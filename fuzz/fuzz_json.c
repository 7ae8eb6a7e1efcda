/* JSON: no input may upset the parser, and what it takes reads back equal from every form in which
 * the writer puts it. */
#include <stdlib.h>

#include "nuages/json.h"

static void must_read_back(nu_value value, const nu_json_options *options)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 0);
    nu_json_write(&out, value, options);
    nu_value again = nu_json_parse(nu_builder_text(&out), out.length);
    /* Numbers beyond 64 bits are written as texts, as Django does: compare what is written. */
    nu_builder twice;
    nu_builder_init(&twice, NULL, 0);
    nu_json_write(&twice, again, options);
    if (!nu_equal(nu_builder_value(&out), nu_builder_value(&twice)))
        abort();
}

static void check(const char *text, size_t length)
{
    static const nu_json_options forms[] = {
        {0},
        {.spaced = true},
        {.indent = 2, .sorted = true},
        {.ascii = true},
        {.script_safe = true},
    };
    nu_value value;
    NU_TRY {
        value = nu_json_parse(text, length);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_SYNTAX_ERROR) || error->place.line < 1)
            abort();
        nu_error_text(error, false);
        return;
    }
    for (size_t i = 0; i < NU_COUNT(forms); i++)
        must_read_back(value, &forms[i]);
    nu_repr(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    nu_arena *arena = nu_arena_new(NULL, "fuzz"), *before = nu_arena_enter(arena);
    check((const char *)bytes, size);
    nu_arena_enter(before);
    nu_arena_free(arena);
    return 0;
}
