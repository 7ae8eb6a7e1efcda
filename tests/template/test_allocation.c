/* Rendering takes no memory from the heap: all it needs comes from the arena. Counted by functions of
 * the C library's names, which this program calls in its place. */
#include "render.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../bench/template/fortunes.h"
#include "nuages/file.h"

#if defined(__GLIBC__) && !defined(NU_ARENA_DEBUG)

static uint64_t calls;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size)
{
    calls++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    calls++;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    calls++;
    return __libc_realloc(memory, size);
}

static nu_dict *fortunes_context(void)
{
    nu_list *rows = nu_list_new();
    for (int i = 0; i < (int)NU_COUNT(fortunes); i++)
        nu_list_add(rows, nu_dict_of("id", i + 1, "message", fortunes[i]));
    return nu_dict_of("fortunes", rows);
}

static nu_dict *table_context(void)
{
    nu_list *rows = nu_list_new();
    for (int i = 0; i < 1000; i++) {
        nu_list *row = nu_list_new();
        for (int j = 0; j < 10; j++)
            nu_list_add(row, nu_fmt("cell %d & %d", i, j));
        nu_list_add(rows, row);
    }
    return nu_dict_of("table", rows);
}

static nu_dict *shop_context(void)
{
    nu_list *products = nu_list_new();
    for (int i = 0; i < 20; i++)
        nu_list_add(products, nu_dict_of("slug", nu_fmt("product-%d", i), "name", "<P>", "price",
                                         9.99 + i, "stock", i * 5, "sale", i % 3 == 0, "text",
                                         "A long text that tells what this is good for & why"));
    nu_list *links = nu_list_of(nu_value_dict(nu_dict_of("url", "/", "text", "Home")),
                                nu_value_dict(nu_dict_of("url", "/shop/", "text", "Shop")));
    return nu_dict_of("products", products, "links", links, "here", "/shop/", "category", "tools",
                      "intro", "One line\nand another", "site",
                      nu_dict_of("name", "The shop", "year", 2026));
}

/* Calls of the heap's functions while the page is rendered ten times, each in an arena that is emptied
 * afterwards. The first rendering, which is not counted, brings the arena to its size. */
static uint64_t calls_for(nu_engine *engine, const char *name, nu_dict *context, size_t *length)
{
    const nu_template *t = nu_template_get(engine, name);
    nu_arena          *outer = nu_arena_current(), *arena = nu_arena_new(outer, "page");
    nu_builder         out;
    nu_builder_init(&out, NULL, 1 << 20);
    uint64_t before = 0;
    for (int i = 0; i <= 10; i++) {
        if (i == 1)
            before = calls;
        nu_arena_enter(arena);
        out.length = 0;
        nu_template_write(t, &(nu_render_options){.context = context}, &out);
        nu_arena_enter(outer);
        nu_arena_reset(arena);
    }
    *length = out.length;
    return calls - before;
}

TEST(a_rendering_takes_nothing_from_the_heap)
{
    const char *const dirs[] = {NU_TEST_DATA "/../../bench/template/pages", NULL};
    nu_engine        *engine = nu_engine_new(&(nu_engine_options){.dirs = dirs});
    size_t            length;
    CHECK(calls > 0);
    CHECK_EQ(calls_for(engine, "fortunes.html", fortunes_context(), &length), 0);
    CHECK_EQ(length, 1250);
    CHECK_EQ(calls_for(engine, "table.html", table_context(), &length), 0);
    CHECK(length > 200000);
    CHECK_EQ(calls_for(engine, "list.html", shop_context(), &length), 0);
    CHECK(length > 2000);
}

#else

TEST(a_rendering_takes_nothing_from_the_heap)
{
    puts("not counted: in this build each allocation of an arena is one of the heap");
}

#endif
