/* The page of a view that crashed. It is written while the process dies, on a stack of its own,
 * so it uses nothing but the buffer it is given and the reader of debug information. */
#include <stdio.h>
#include <string.h>

#include "base/backtrace.h"
#include "command/serving.h"

struct page {
    char  *at, *end;
    size_t frames;
};

static void put(struct page *page, const char *text)
{
    while (*text != '\0' && page->at < page->end)
        *page->at++ = *text++;
}

static void put_escaped(struct page *page, const char *text)
{
    for (char one[2] = {0}; *text != '\0'; text++) {
        one[0] = *text;
        switch (*text) {
        case '&': put(page, "&amp;"); break;
        case '<': put(page, "&lt;"); break;
        case '>': put(page, "&gt;"); break;
        case '"': put(page, "&quot;"); break;
        default: put(page, one);
        }
    }
}

/* The source line of a frame, where the file is at hand. */
static void put_source(struct page *page, const char *path, int wanted)
{
    char  line[512];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return;
    for (int number = 1; number <= wanted; number++)
        if (fgets(line, sizeof line, file) == NULL) {
            fclose(file);
            return;
        }
    fclose(file);
    put(page, "<pre>");
    put_escaped(page, line + strspn(line, " \t"));
    put(page, "</pre>");
}

static bool put_frame(void *arg, const nu_stack_line *place)
{
    struct page *page = arg;
    char         line[32];
    if (page->frames++ >= 40)
        return false;
    put(page, "<li><b>");
    put_escaped(page, place->function != NULL ? place->function : "?");
    put(page, "</b> ");
    if (place->file != NULL) {
        put_escaped(page, place->file);
        snprintf(line, sizeof line, ":%d", place->line);
        put(page, line);
        put_source(page, place->file, place->line);
    }
    put(page, "</li>");
    return true;
}

static const char head[] =
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport "
    "content=\"width=device-width\">"
    "<meta name=color-scheme content=\"light dark\"><title>Crash</title><style>"
    ":root{--ink:#1d2733;--paper:#fff;--soft:#f3f5f8;--line:#d8dee6;--bad:#b3261e}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--paper:#12171e;--soft:#1b222c;--line:#"
    "333d4a;--bad:#ff8a80}}"
    "body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}"
    "header{padding:2rem max(1rem,calc(50vw - 34rem));background:var(--soft);border-top:6px solid "
    "var(--bad);"
    "border-bottom:1px solid var(--line)}h1{margin:0;font-size:1.5rem;color:var(--bad)}"
    "main{padding:1rem max(1rem,calc(50vw - 34rem)) 3rem}li{margin:.6rem 0;overflow-wrap:anywhere}"
    "pre{margin:.2rem 0;padding:.4rem "
    ".6rem;background:var(--soft);border-radius:6px;overflow-x:auto}"
    "p{margin:.4rem 0}</style>";

size_t nu__crash_page(const nu_crash *crash, char *out, size_t size, void *unused)
{
    (void)unused;
    struct page page = {.at = out, .end = out + size};
    put(&page, head);
    put(&page, "<header><h1>The view crashed</h1><p>");
    put_escaped(&page, crash->reason);
    put(&page, "<p>");
    put_escaped(&page, crash->method != NULL ? crash->method : "");
    put(&page, " ");
    put_escaped(&page, crash->url != NULL ? crash->url : "outside a request");
    if (crash->view != NULL) {
        put(&page, " in <b>");
        put_escaped(&page, crash->view);
        put(&page, "</b>");
    }
    put(&page, "<p>The worker has been replaced; other requests went on.</header><main><h2>C "
               "stack</h2><ol>");
    for (int i = 0; i < crash->depth; i++)
        nu__stack_resolve(crash->stack[i], put_frame, &page);
    put(&page, "</ol></main></html>");
    return (size_t)(page.at - out);
}
