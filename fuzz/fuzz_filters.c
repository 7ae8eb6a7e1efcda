/* Text that visitors send, through every filter: the first byte chooses the filter, the second an
 * argument, the rest is the value. */
#include "template/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const nu_template_filter *filter_number(size_t number)
{
    for (;;)
        for (size_t t = 0; nu__filters_builtin[t] != NULL; t++)
            for (const nu_template_filter *f = nu__filters_builtin[t]; f->name != NULL; f++)
                if (number-- == 0)
                    return f;
}

static nu_value argument(uint8_t choice, nu_value text)
{
    static const char *const texts[] = {"",       "2g", "5",     "-1",      "s",
                                        "08.3f|", ",",  "a,b,c", "Y-m-d\\", "1:-2"};
    if (choice < NU_COUNT(texts))
        return nu_value_text(texts[choice]);
    return choice < 100 ? nu_value_int(choice - 20) : text;
}

static void apply(const uint8_t *data, size_t size)
{
    const nu_template_filter *filter = filter_number(data[0]);
    nu_value                  text = nu_value_text_copy((const char *)data + 2, size - 2);
    nu_filter_call            call = {
                   .input = text,
                   .arg = argument(data[1], text),
                   .has_arg = (filter->flags & (NU_FILTER_ARG | NU_FILTER_ARG_OPTIONAL)) != 0,
                   .autoescape = true,
    };
    nu_value result = nu_value_str(filter->fn(&call));
    if (!nu_utf8_valid(result.text, result.length))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || !nu_utf8_valid(data + 2, size - 2))
        return 0;
    nu_arena *arena = nu_arena_new(NULL, "fuzz"), *before = nu_arena_enter(arena);
    NU_TRY {
        apply(data, size);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALUE_ERROR) && !nu_error_is(error, NU_SUSPICIOUS))
            __builtin_trap();
    }
    nu_arena_enter(before);
    nu_arena_free(arena);
    return 0;
}
