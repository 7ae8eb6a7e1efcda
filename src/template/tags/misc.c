/* Tags that write something of their own: now, lorem, templatetag, debug. */
#include <string.h>

#include "i18n/python.h"
#include "nuages/i18n.h"
#include "nuages/random.h"
#include "nuages/unicode.h"
#include "template/engine.h"
#include "template/program.h"
#include "template/tags/kinds.h"

/* ---- now ---------------------------------------------------------------------------------------------- */

static void run_now(nu_rendering *render, const nu_call *call)
{
    const char *format = call->node->data;
    nu_value    now = nu_moment_in(nu_value_datetime(nu_now()), nu_zone_active());
    nu__call_answer(render, call,
                    nu_value_text(nu_date_format(now, format[0] ? format : "DATE_FORMAT")));
}
static const nu_node_kind now_kind = {.name = "now", .run = run_now};

static nu_node *parse_now(nu_parser *parser, const nu_tag *tag)
{
    nu_name name = {0};
    size_t  end = nu__parse_as(parser, tag, 2, &name);
    if (end != 2)
        nu__syntax_error(parser, "'now' statement takes one argument");
    nu_word  format = tag->words.items[1];
    nu_node *node = nu__node(parser, &now_kind, 0, 0, name.text ? 1 : 0);
    node->data =
        format.length < 2 ? "" : nu_arena_copy(parser->arena, format.text + 1, format.length - 2);
    if (name.text)
        node->names[0] = name;
    return node;
}

/* ---- templatetag ----------------------------------------------------------------------------------------- */

static void run_templatetag(nu_rendering *render, const nu_call *call)
{
    nu__write(render, call->node->data, strlen(call->node->data));
}
static const nu_node_kind templatetag_kind = {.name = "templatetag", .run = run_templatetag};

static nu_node *parse_templatetag(nu_parser *parser, const nu_tag *tag)
{
    static const char *const marks[][2] = {
        {"openblock", "{%"}, {"closeblock", "%}"}, {"openvariable", "{{"}, {"closevariable", "}}"},
        {"openbrace", "{"},  {"closebrace", "}"},  {"opencomment", "{#"},  {"closecomment", "#}"},
    };
    if (tag->words.count != 2)
        nu__syntax_error(parser, "'templatetag' statement takes one argument");
    nu_word  name = tag->words.items[1];
    nu_node *node = nu__node(parser, &templatetag_kind, 0, 0, 0);
    for (size_t i = 0; i < NU_COUNT(marks); i++) {
        if (nu__word_is(name, marks[i][0])) {
            node->data = marks[i][1];
            return node;
        }
    }
    nu__syntax_error(parser,
                     "Invalid templatetag argument: '%.*s'. Must be one of: ['openblock', "
                     "'closeblock', 'openvariable', 'closevariable', 'openbrace', 'closebrace', "
                     "'opencomment', 'closecomment']",
                     (int)name.length, name.text);
}

/* ---- lorem -------------------------------------------------------------------------------------------------- */

/* The first 19 begin the customary text. */
static const char *const words[] = {
    "lorem",       "ipsum",        "dolor",       "sit",         "amet",
    "consectetur", "adipisicing",  "elit",        "sed",         "do",
    "eiusmod",     "tempor",       "incididunt",  "ut",          "labore",
    "et",          "dolore",       "magna",       "aliqua",      "exercitationem",
    "perferendis", "perspiciatis", "laborum",     "eveniet",     "sunt",
    "iure",        "nam",          "nobis",       "eum",         "cum",
    "officiis",    "excepturi",    "odio",        "consectetur", "quasi",
    "aut",         "quisquam",     "vel",         "eligendi",    "itaque",
    "non",         "odit",         "tempore",     "quaerat",     "dignissimos",
    "facilis",     "neque",        "nihil",       "expedita",    "vitae",
    "vero",        "ipsum",        "nisi",        "animi",       "cumque",
    "pariatur",    "velit",        "modi",        "natus",       "iusto",
    "eaque",       "sequi",        "illo",        "sed",         "ex",
    "et",          "voluptatibus", "tempora",     "veritatis",   "ratione",
    "assumenda",   "incidunt",     "nostrum",     "placeat",     "aliquid",
    "fuga",        "provident",    "praesentium",
};
#define COMMON_WORDS 19

static const char common_paragraph[] =
    "Lorem ipsum dolor sit amet, consectetur adipisicing elit, sed do eiusmod tempor incididunt "
    "ut labore et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco "
    "laboris nisi ut aliquip ex ea commodo consequat. Duis aute irure dolor in reprehenderit in "
    "voluptate velit esse cillum dolore eu fugiat nulla pariatur. Excepteur sint occaecat "
    "cupidatat non proident, sunt in culpa qui officia deserunt mollit anim id est laborum.";

typedef struct lorem {
    char method; /* w words, p paragraphs in <p>, b plain paragraphs */
    bool common;
} lorem;

static void put(nu_rendering *render, const char *text)
{
    nu__write(render, text, strlen(text));
}

static const char *random_word(void)
{
    return words[nu_random_below(NU_COUNT(words))];
}

static void write_words(nu_rendering *render, int64_t count, bool common)
{
    /* Python's slice: a negative count leaves out as many at the end. */
    if (count < 0 && common)
        count = count + COMMON_WORDS;
    for (int64_t i = 0; i < count; i++) {
        put(render, i ? " " : "");
        put(render, common && i < COMMON_WORDS ? words[i] : random_word());
    }
}

static void write_sentence(nu_rendering *render)
{
    uint64_t parts = 1 + nu_random_below(5);
    for (uint64_t part = 0; part < parts; part++) {
        uint64_t count = 3 + nu_random_below(10);
        for (uint64_t i = 0; i < count; i++) {
            put(render, i ? " " : part ? ", " : "");
            put(render, part + i ? random_word() : nu_capfirst(random_word()));
        }
    }
    put(render, nu_random_below(2) ? "?" : ".");
}

static void write_paragraph(nu_rendering *render, bool common)
{
    if (common) {
        put(render, common_paragraph);
        return;
    }
    uint64_t sentences = 1 + nu_random_below(4);
    for (uint64_t i = 0; i < sentences; i++) {
        put(render, i ? " " : "");
        write_sentence(render);
    }
}

static void run_lorem(nu_rendering *render, const nu_call *call)
{
    const lorem *l = call->node->data;
    int64_t      count;
    if (!nu__python_int64(nu__call_value(render, call, 0), &count))
        count = 1;
    if (l->method == 'w') {
        write_words(render, count, l->common);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        put(render, i ? "\n\n" : "");
        put(render, l->method == 'p' ? "<p>" : "");
        write_paragraph(render, l->common && i == 0);
        put(render, l->method == 'p' ? "</p>" : "");
    }
}
static const nu_node_kind lorem_kind = {.name = "lorem", .run = run_lorem};

static nu_node *parse_lorem(nu_parser *parser, const nu_tag *tag)
{
    size_t count = tag->words.count;
    lorem *l = nu_arena_zalloc(parser->arena, sizeof *l);
    *l = (lorem){.method = 'b', .common = !nu__tag_word_is(tag, count - 1, "random")};
    count -= !l->common;
    nu_word method = nu__tag_word(tag, count - 1);
    if (count > 0 && method.length == 1 && strchr("wpb", method.text[0])) {
        l->method = method.text[0];
        count--;
    }
    nu_word number = {.text = "1", .length = 1};
    if (count > 1)
        number = tag->words.items[--count];
    nu_node *node = nu__node(parser, &lorem_kind, 1, 0, 0);
    node->expressions[0] = nu__parse_expression(parser, number);
    if (count != 1)
        nu__syntax_error(parser, "Incorrect format for 'lorem' tag");
    node->data = l;
    return node;
}

/* ---- debug --------------------------------------------------------------------------------------------------- */

/* The context as Python shows it; nothing unless the engine is in debug mode. */
static void run_debug(nu_rendering *render, const nu_call *call)
{
    (void)call;
    if (!render->engine->options.debug)
        return;
    nu_dict       *all = nu_dict_new();
    const nu_dict *context = render->context;
    for (const nu_entry *e = NULL; context && (e = nu_dict_next(context, e));)
        nu_dict_put(all, e->key, e->value);
    for (size_t i = 0; i < render->pairs.count; i++)
        nu_dict_put(all, nu_value_text(render->pairs.items[i].key), render->pairs.items[i].value);
    nu_value text = nu_repr(nu_value_dict(all));
    text.flags = 0;
    text = nu__escaped(text);
    nu__write(render, text.text, text.length);
}
static const nu_node_kind debug_kind = {.name = "debug", .run = run_debug};

static nu_node *parse_debug(nu_parser *parser, const nu_tag *tag)
{
    (void)tag;
    return nu__node(parser, &debug_kind, 0, 0, 0);
}

const nu_template_tag nu__tags_misc[] = {
    {.name = "debug", .syntax = &(const struct nu_tag_syntax){parse_debug}},
    {.name = "lorem", .syntax = &(const struct nu_tag_syntax){parse_lorem}},
    {.name = "now", .syntax = &(const struct nu_tag_syntax){parse_now}},
    {.name = "templatetag", .syntax = &(const struct nu_tag_syntax){parse_templatetag}},
    {0},
};
