/* Nuages on the pages of this folder, next to C loops that only escape and concatenate, for
 * bench/template_bench.py.
 *
 *      nuages PAGES        a line for each page: engine, page, microseconds of CPU a rendering, bytes */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <nuages/file.h>
#include <nuages/template.h>

#include "fortunes.h"

static double cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* The mean cost of one call, each in an arena that is emptied afterwards. */
static double cost(size_t (*run)(void *), void *what, int times)
{
    nu_arena *outer = nu_arena_current(), *arena = nu_arena_new(outer, "bench");
    nu_arena_enter(arena);
    double since = cpu_us();
    for (int i = 0; i < times; i++) {
        run(what);
        nu_arena_reset(arena);
    }
    double each = (cpu_us() - since) / times;
    nu_arena_enter(outer);
    nu_arena_free(arena);
    return each;
}

static void report(const char *engine, const char *page, size_t (*run)(void *), void *what,
                   int times)
{
    size_t bytes = run(what);
    cost(run, what, times / 10); /* until caches are warm */
    printf("%s %s %.3f %zu\n", engine, page, cost(run, what, times), bytes);
}

/* ---- pages ----------------------------------------------------------------------------------------------- */

typedef struct page {
    nu_template *template;
    nu_dict *context;
} page;

static size_t render(void *what)
{
    const page *p = what;
    return nu_template_render(p->template, p->context).length;
}

static nu_dict *fortunes_context(void)
{
    nu_list *rows = nu_list_new();
    for (int i = 0; i < (int)NU_COUNT(fortunes); i++)
        nu_list_add(rows, nu_dict_of("id", i + 1, "message", fortunes[i]));
    return nu_dict_of("fortunes", rows);
}

#define ROWS  1000
#define CELLS 10

static nu_dict *table_context(void)
{
    nu_list *rows = nu_list_new();
    for (int i = 0; i < ROWS; i++) {
        nu_list *row = nu_list_new();
        for (int j = 0; j < CELLS; j++)
            nu_list_add(row, nu_fmt("cell %d & %d", i, j));
        nu_list_add(rows, row);
    }
    return nu_dict_of("table", rows);
}

static nu_dict *shop_context(void)
{
    nu_list *products = nu_list_new();
    for (int i = 0; i < 20; i++)
        nu_list_add(products,
                    nu_dict_of("slug", nu_fmt("product-%d", i), "name", nu_fmt("Product <%d>", i),
                               "price", 9.99 + i, "stock", i * 5, "sale", i % 3 == 0, "text",
                               "A long text that tells what this product is good for & why"));
    nu_list *links = nu_list_of(nu_value_dict(nu_dict_of("url", "/", "text", "Home")),
                                nu_value_dict(nu_dict_of("url", "/shop/", "text", "Shop")),
                                nu_value_dict(nu_dict_of("url", "/about/", "text", "About")));
    return nu_dict_of("products", products, "links", links, "here", "/shop/", "category", "tools",
                      "intro", "One line\nand another", "site",
                      nu_dict_of("name", "The shop", "year", 2026));
}

/* ---- the same by hand, into memory that is large enough ---------------------------------------------------- */

static char *put(char *to, const char *text, size_t length)
{
    memcpy(to, text, length);
    return to + length;
}

static char *put_escaped(char *to, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        switch (text[i]) {
        case '&': to = put(to, "&amp;", 5); break;
        case '<': to = put(to, "&lt;", 4); break;
        case '>': to = put(to, "&gt;", 4); break;
        case '"': to = put(to, "&quot;", 6); break;
        case '\'': to = put(to, "&#x27;", 6); break;
        default: *to++ = text[i];
        }
    }
    return to;
}

#define PUT(to, text) put(to, text, sizeof(text) - 1)

static size_t fortunes_loop(void *unused)
{
    (void)unused;
    char *memory = nu_arena_alloc(nu_arena_current(), 16 * 1024);
    char *to = PUT(
        memory, "<!DOCTYPE html>\n<html>\n<head><title>Fortunes</title></head>\n<body>\n<table>\n"
                "<tr><th>id</th><th>message</th></tr>\n");
    for (unsigned i = 0; i < NU_COUNT(fortunes); i++) {
        to = PUT(to, "<tr><td>");
        if (i + 1 >= 10)
            *to++ = (char)('0' + (i + 1) / 10);
        *to++ = (char)('0' + (i + 1) % 10);
        to = PUT(to, "</td><td>");
        to = put_escaped(to, fortunes[i], strlen(fortunes[i]));
        to = PUT(to, "</td></tr>\n");
    }
    return (size_t)(PUT(to, "</table>\n</body>\n</html>\n") - memory);
}

static size_t table_loop(void *what)
{
    const nu_list *rows = nu_dict_get(what, "table").list;
    char          *memory = nu_arena_alloc(nu_arena_current(), 512 * 1024);
    char          *to = put(memory, "<table>\n", 8);
    for (uint32_t i = 0; i < rows->count; i++) {
        const nu_list *row = rows->items[i].list;
        to = put(to, "<tr>", 4);
        for (uint32_t j = 0; j < row->count; j++) {
            to = put(to, "<td>", 4);
            to = put_escaped(to, row->items[j].text, row->items[j].length);
            to = put(to, "</td>", 5);
        }
        to = put(to, "</tr>\n", 6);
    }
    return (size_t)(put(to, "</table>\n", 9) - memory);
}

/* ---- parsing --------------------------------------------------------------------------------------------- */

typedef struct source {
    nu_engine  *engine;
    const char *text;
} source;

static size_t parse(void *what)
{
    const source *s = what;
    nu_template_from(s->engine, s->text);
    return strlen(s->text);
}

/* The rows of a long page, as large as 10 kB allow. */
static const char *long_text(const char *folder)
{
    const char *item = nu_file_read(nu_path_join(folder, "item.html"), 1 << 20).text;
    nu_builder  out;
    nu_builder_init(&out, NULL, 16384);
    while (out.length + strlen(item) <= 10 * 1024)
        nu_builder_puts(&out, item);
    return nu_builder_text(&out);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: nuages PAGES\n", stderr);
        return 2;
    }
    const char *const dirs[] = {argv[1], NULL};
    nu_engine        *engine = nu_engine_new(&(nu_engine_options){.dirs = dirs});
    page              fortune = {nu_template_get(engine, "fortunes.html"), fortunes_context()};
    page              table = {nu_template_get(engine, "table.html"), table_context()};
    page              shop = {nu_template_get(engine, "list.html"), shop_context()};
    source            text = {.engine = engine, .text = long_text(argv[1])};
    report("Nuages", "fortunes", render, &fortune, 50000);
    report("Nuages", "table", render, &table, 200);
    report("Nuages", "page", render, &shop, 5000);
    report("Nuages", "parsing", parse, &text, 500);
    report("loop", "fortunes", fortunes_loop, NULL, 50000);
    report("loop", "table", table_loop, table.context, 200);
    return 0;
}
