/* Rendering: whatever the context holds, a template that parses ends with a text or an error, within its
 * bounds of time and memory, and a second rendering says the same. The input is a template, a NUL, and
 * bytes from which the variables "a" to "h" are made: texts of any bytes, numbers of any size, moments,
 * lists and dicts in one another, and one that holds itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nuages/template.h"

static void must(bool cond, const char *what)
{
    if (!cond) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

/* ---- the context ------------------------------------------------------------------------------------------- */

typedef struct source {
    const uint8_t *at, *end;
} source;

static uint8_t next(source *s)
{
    return s->at < s->end ? *s->at++ : 0;
}

static int64_t next_int(source *s)
{
    uint64_t bits = 0;
    size_t   left = (size_t)(s->end - s->at), count = left < sizeof bits ? left : sizeof bits;
    memcpy(&bits, s->at, count);
    s->at += count;
    return (int64_t)bits;
}

static nu_value next_text(source *s)
{
    size_t   length = next(s), left = (size_t)(s->end - s->at);
    nu_value text = nu_value_text_copy((const char *)s->at, length < left ? length : left);
    s->at += text.length;
    return text;
}

static nu_value next_float(source *s)
{
    int64_t bits = next_int(s);
    double  number;
    memcpy(&number, &bits, sizeof number);
    return nu_value_float(number);
}

static nu_value next_decimal(source *s)
{
    return NU_V(nu_decimal_get(nu_fmt("%lldE%d", (long long)next_int(s), (int8_t)next(s))));
}

/* Within the years that a moment can have. */
static nu_value next_moment(source *s)
{
    int year = 1 + (int)((uint64_t)next_int(s) % 9999), month = 1 + next(s) % 12,
        day = 1 + next(s) % 28;
    switch (next(s) % 4) {
    case 0: return NU_V(nu_date_of(year, month, day));
    case 1:
        return NU_V(nu_time_of(next(s) % 24, next(s) % 60, next(s) % 60,
                               (int)((uint64_t)next_int(s) % 1000000)));
    case 2: return NU_V(nu_duration_of(next_int(s)));
    default:
        return NU_V(nu_datetime_of(year, month, day, next(s) % 24, next(s) % 60, next(s) % 60));
    }
}

static nu_value next_value(source *s, int depth);

static nu_value next_list(source *s, int depth)
{
    nu_list *list = nu_list_new();
    for (int count = next(s) % 6; count > 0; count--)
        nu_list_push(list, next_value(s, depth + 1));
    nu_value value = nu_value_list(list);
    if (next(s) % 2)
        value.flags |= NU_TUPLE;
    return value;
}

static nu_value next_dict(source *s, int depth)
{
    static const char *const keys[] = {"a", "b", "0", "items", "", "é"};
    nu_dict                 *dict = nu_dict_new();
    for (int count = next(s) % 6; count > 0; count--) {
        nu_value key =
            next(s) % 4 ? nu_value_text(keys[next(s) % NU_COUNT(keys)]) : nu_value_int(next(s));
        nu_dict_put(dict, key, next_value(s, depth + 1));
    }
    return nu_value_dict(dict);
}

static nu_value fail(void *self, const nu_value *args, size_t count)
{
    (void)self, (void)args, (void)count;
    nu_raise(NU_OBJECT_NOT_FOUND, "nothing there");
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than 5 */
static nu_value next_value(source *s, int depth)
{
    static const nu_function function = {.name = "f", .call = fail};
    switch (next(s) % 12) {
    case 0: return nu_null();
    case 1: return nu_value_bool(next(s) % 2);
    case 2: return nu_value_int((int8_t)next(s));
    case 3: return nu_value_int(next_int(s));
    case 4: return next_float(s);
    case 5: return next_decimal(s);
    case 6: return next_moment(s);
    case 7: return next_text(s);
    case 8: return nu_value_safe(next_text(s).text);
    case 9: return NU_V(&function);
    case 10: return depth < 5 ? next_list(s, depth) : nu_null();
    default: return depth < 5 ? next_dict(s, depth) : nu_null();
    }
}

static nu_dict *context(source *s)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    nu_dict                 *dict = nu_dict_new();
    for (size_t i = 0; i < NU_COUNT(names) && s->at < s->end; i++)
        nu_dict_put(dict, nu_value_text(names[i]), next_value(s, 0));
    nu_list *loop = nu_list_new();
    nu_list_push(loop, nu_value_list(loop));
    nu_dict_put(dict, nu_value_text("self"), nu_value_list(loop));
    return dict;
}

/* ---- the run ------------------------------------------------------------------------------------------------ */

/* The text, or what was raised. Random and the clock apart, both are the same each time. */
static const char *outcome(const nu_template *t, nu_dict *variables)
{
    NU_TRY {
        nu_value text = nu_template_render(t, variables);
        must(text.type == NU_TEXT && text.length <= 700000, "the output keeps to its limit");
        must(strlen(text.text) <= text.length, "the output has an end");
        return text.text;
    }
    NU_CATCH (error) {
        must(error->fact != NULL && error->fact[0] != '\0', "an error says something");
        return error->fact;
    }
    return NULL;
}

static bool is_steady(const char *template)
{
    static const char *const words[] = {"random", "lorem",   "now",  "since",
                                        "until",  "natural", "debug"};
    for (size_t i = 0; i < NU_COUNT(words); i++)
        if (strstr(template, words[i]) != NULL)
            return false;
    return true;
}

static void run(const uint8_t *data, size_t size)
{
    const char *text = nu_arena_copy(nu_arena_current(), data, size);
    source      rest = {.at = data + strlen(text), .end = data + size};
    next(&rest); /* the NUL */
    nu_engine *engine =
        nu_engine_new(&(nu_engine_options){.output_limit = 100000, .loop_limit = 10000});
    nu_template *t = nu_template_from(engine, text);
    nu_dict     *variables = context(&rest);
    const char  *first = outcome(t, variables), *second = outcome(t, variables);
    must(!is_steady(text) || strcmp(first, second) == 0, "a template says the same again");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nu_arena *outer = nu_arena_current(), *arena = nu_arena_new(NULL, "fuzz");
    nu_arena_enter(arena);
    NU_TRY {
        run(data, size);
    }
    NU_CATCH (error) {
        must(nu_error_is(error, NU_TEMPLATE_SYNTAX) || nu_error_is(error, NU_TEMPLATE_MISSING) ||
                 error->fact[0] != '\0',
             "an error says something");
    }
    nu_arena_enter(outer);
    nu_arena_free(arena);
    return 0;
}
