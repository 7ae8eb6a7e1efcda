/* What templates cost, in microseconds of CPU: rendering, next to a C loop that only escapes and
 * concatenates, and parsing. Prints one line each; a word given as argument chooses among them. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "nuages/embed.h"
#include "nuages/template.h"

static double cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* The cost of one call: the best of five rounds, each in an arena that is emptied between calls. */
static double cost(void (*run)(void *), void *what, int times)
{
    nu_arena *outer = nu_arena_current(), *arena = nu_arena_new(outer, "bench");
    nu_arena_enter(arena);
    double best = 1e18;
    for (int round = 0; round < 5; round++) {
        double since = cpu_us();
        for (int i = 0; i < times; i++) {
            run(what);
            nu_arena_reset(arena);
        }
        double each = (cpu_us() - since) / times;
        best = each < best ? each : best;
    }
    nu_arena_enter(outer);
    nu_arena_free(arena);
    return best;
}

static void report(const char *only, const char *name, void (*run)(void *), void *what, int times)
{
    if (strstr(name, only))
        printf("%-32s %10.2f us\n", name, cost(run, what, times));
}

/* ---- pages ----------------------------------------------------------------------------------------------- */

typedef struct page {
    nu_template *template;
    nu_dict *context;
} page;

static void render(void *what)
{
    const page *p = what;
    nu_template_render(p->template, p->context);
}

static nu_dict *fortunes(void)
{
    static const char *const messages[] = {
        "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1",
        "A computer program does what you tell it to do, not what you want it to do.",
        "A computer scientist is someone who fixes things that aren't broken.",
        "A list is only as strong as its weakest link. — Donald Knuth",
        "Additional fortune added at request time.",
        "After enough decimal places, nobody gives a damn.",
        "Any program that runs right is obsolete.",
        "Computers make very fast, very accurate mistakes.",
        "Emacs is a nice operating system, but I prefer UNIX. — Tom Christaensen",
        "Feature: A bug with seniority.",
        "fortune: No such file or directory",
        "<script>alert(\"This should not be displayed in a browser alert box.\");</script>",
        "フレームワークのベンチマーク",
    };
    nu_list *rows = nu_list_new();
    for (int i = 0; i < (int)NU_COUNT(messages); i++)
        nu_list_add(rows, nu_dict_of("id", i + 1, "message", messages[i]));
    return nu_dict_of("fortunes", rows);
}

static const char fortunes_page[] =
    "<!DOCTYPE html>\n<html>\n<head><title>Fortunes</title></head>\n<body>\n<table>\n"
    "<tr><th>id</th><th>message</th></tr>\n"
    "{% for f in fortunes %}<tr><td>{{ f.id }}</td><td>{{ f.message }}</td></tr>\n{% endfor %}"
    "</table>\n</body>\n</html>\n";

#define ROWS  1000
#define CELLS 10

static nu_dict *table(void)
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

static const char table_page[] =
    "<table>\n{% for row in table %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>\n"
    "{% endfor %}</table>\n";

/* The same table by hand, into memory that is large enough. */
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

static void loop(void *what)
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
    put(to, "</table>\n", 9);
}

static const char base_page[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<title>{% block title %}Shop{% endblock "
    "%}</title>\n"
    "</head>\n<body class=\"{% block class %}page{% endblock %}\">\n<nav>{% for link in links %}"
    "<a href=\"{{ link.url }}\"{% if link.url == here %} class=\"now\"{% endif %}>{{ link.text "
    "}}</a>"
    "{% if not forloop.last %} | {% endif %}{% endfor %}</nav>\n<main>\n{% block main %}{% "
    "endblock %}"
    "\n</main>\n<footer>{{ site.name|upper }} &middot; {{ site.year "
    "}}</footer>\n</body>\n</html>\n";
static const char list_page[] =
    "{% extends \"base.html\" %}{% block title %}{{ category|capfirst }} - {{ block.super }}"
    "{% endblock %}{% block main %}<h1>{{ category|capfirst }}</h1>\n<p>{{ intro|linebreaksbr "
    "}}</p>"
    "\n<ul>\n{% for product in products %}{% include \"item.html\" with currency=\"EUR\" %}"
    "{% empty %}<li>Nothing</li>{% endfor %}</ul>\n<p>{{ products|length }} product"
    "{{ products|length|pluralize }}</p>{% endblock %}";
static const char item_page[] =
    "<li class=\"{% cycle 'odd' 'even' %}\"><a href=\"/p/{{ product.slug }}/\">{{ product.name "
    "}}</a>"
    " {{ product.price|floatformat:2 }} {{ currency }}{% if product.stock < 5 %} <em>only "
    "{{ product.stock }} left</em>{% elif product.stock > 50 and product.sale %} <b>sale</b>"
    "{% endif %}<p>{{ product.text|truncatewords:8|default:\"-\" }}</p></li>\n";

static nu_dict *shop(void)
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

/* ---- parsing --------------------------------------------------------------------------------------------- */

typedef struct source {
    nu_engine  *engine;
    const char *text;
} source;

static void parse(void *what)
{
    const source *s = what;
    nu_template_from(s->engine, s->text);
}

static const char *long_text(void)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 16384);
    while (out.length < 10 * 1024) {
        nu_builder_puts(&out, item_page);
        nu_builder_puts(&out, fortunes_page);
    }
    out.length = 10 * 1024;
    while (out.data[out.length - 1] != '\n' || !strstr(out.data + out.length - 9, "</html>"))
        out.length--;
    return nu_builder_text(&out);
}

int main(int argc, char **argv)
{
    static const nu_embedded files[] = {
        {"templates/fortunes.html", fortunes_page, sizeof fortunes_page - 1},
        {"templates/table.html", table_page, sizeof table_page - 1},
        {"templates/base.html", base_page, sizeof base_page - 1},
        {"templates/list.html", list_page, sizeof list_page - 1},
        {"templates/item.html", item_page, sizeof item_page - 1},
        {0},
    };
    nu_template_loader loader = {
        .name = "bench", .data = (void *)(uintptr_t)files, .load = nu_template_load_embedded};
    nu_engine *engine = nu_engine_new(
        &(nu_engine_options){.loaders = (const nu_template_loader *const[]){&loader, NULL}});
    struct {
        const char *name;
        page        page;
        int         times;
    } pages[] = {
        {"fortunes, 13 rows", {nu_template_get(engine, "fortunes.html"), fortunes()}, 50000},
        {"table of 1000 x 10", {nu_template_get(engine, "table.html"), table()}, 200},
        {"inherited page, 20 includes", {nu_template_get(engine, "list.html"), shop()}, 5000},
    };
    const char *only = argc > 1 ? argv[1] : "";
    for (size_t i = 0; i < NU_COUNT(pages); i++)
        report(only, pages[i].name, render, &pages[i].page, pages[i].times);
    report(only, "the table by a C loop", loop, pages[1].page.context, 200);
    source s = {.engine = engine, .text = long_text()};
    report(only, nu_fmt("parsing of %zu bytes", strlen(s.text)), parse, &s, 500);
    return 0;
}
