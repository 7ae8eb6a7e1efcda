/* Templates: any text parses or is refused with a place, and whatever parses renders or raises, within
 * bounds of time and memory, with a context of all kinds of values. The input may hold several
 * templates, apart by NUL: they are called "a", "b", "c" … and may extend and include one another. */
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

/* ---- the templates --------------------------------------------------------------------------------------- */

typedef struct pool {
    const char *texts[8];
    size_t      lengths[8];
    size_t      count;
} pool;

static void cut(pool *p, const char *data, size_t size)
{
    while (p->count < NU_COUNT(p->texts)) {
        size_t length = strnlen(data, size);
        p->texts[p->count] = data;
        p->lengths[p->count++] = length;
        if (length == size)
            return;
        data += length + 1;
        size -= length + 1;
    }
}

static bool load(void *data, const char *name, nu_template_source *out, const char **tried)
{
    const pool *p = data;
    size_t      i = (size_t)(unsigned char)name[0] - 'a';
    *tried = "the input";
    if (name[0] == '\0' || name[1] != '\0' || i >= p->count)
        return false;
    *out = (nu_template_source){.text = p->texts[i], .length = p->lengths[i], .origin = name};
    return true;
}

/* ---- the context ------------------------------------------------------------------------------------------ */

static nu_value fail(void *self, const nu_value *args, size_t count)
{
    (void)self, (void)args, (void)count;
    nu_raise(NU_OBJECT_NOT_FOUND, "nothing there");
}

static nu_dict *context(void)
{
    static const nu_function function = {.name = "f", .call = fail};
    nu_list                 *list = nu_list_of("x", 2, 3.5, true, "<b>&\"'");
    nu_dict                 *dict = nu_dict_of("k", "v", "n", 1, "l", list);
    nu_list *rows = nu_list_of(nu_value_dict(dict), nu_value_list(nu_list_of(1, 2)));
    return nu_dict_of("a", "a text, <with> & marks é", "b", 7, "c", list, "d", dict, "e", rows, "f",
                      &function, "g", nu_datetime_of(2026, 11, 21, 6, 25, 0), "h",
                      nu_date_of(2024, 2, 29), "i", nu_decimal_get("12345.678"), "j", -0.5, "s",
                      nu_value_safe("<i>safe</i>"), "t", nu_time_of(23, 59, 59, 999999), "u",
                      nu_duration_of(90061000001));
}

static const char *url(void *data, const nu_url_request *request)
{
    (void)data;
    if (request->arg_count > 1)
        nu_raise(NU_NO_REVERSE_MATCH, "no route \"%s\"", request->name);
    return "/url/?a=1&b=2";
}

/* ---- the run ------------------------------------------------------------------------------------------------ */

static void run(const char *data, size_t size)
{
    pool p = {.count = 0};
    cut(&p, data, size);
    const nu_template_loader loader = {.name = "input", .data = &p, .load = load};
    nu_engine               *engine = nu_engine_new(
                      &(nu_engine_options){.loaders = (const nu_template_loader *const[]){&loader, NULL},
                                           .debug = true,
                                           .output_limit = 100000,
                                           .loop_limit = 10000,
                                           .hooks = {.url = url}});
    nu_value text = nu_template_render(nu_template_get(engine, "a"), context());
    must(text.type == NU_TEXT && text.length <= 700000, "the output keeps to its limit");
}

static void check(const nu_error *error)
{
    must(error->fact != NULL && error->fact[0] != '\0', "an error says something");
    if (nu_error_is(error, NU_TEMPLATE_SYNTAX))
        must(error->place.file != NULL, "a syntax error has a place");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nu_arena *outer = nu_arena_current(), *arena = nu_arena_new(NULL, "fuzz");
    nu_arena_enter(arena);
    NU_TRY {
        run((const char *)data, size);
    }
    NU_CATCH (error) {
        check(error);
    }
    nu_arena_enter(outer);
    nu_arena_free(arena);
    return 0;
}
