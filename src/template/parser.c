#include "template/parser.h"

#include <string.h>

#include "template/engine.h"
#include "template/suggest.h"
#include "template/tags/kinds.h"

/* Tags nested more deeply than this are an error, before the stack is one. */
#define MAX_DEPTH 500
/* Tags longer than this are an error: cutting up a tag may take time quadratic in its length. */
#define MAX_TAG 16384

/* ---- finding ----------------------------------------------------------------------------- */

static bool name_is(const char *name, const char *text, size_t length)
{
    return strncmp(name, text, length) == 0 && name[length] == '\0';
}

const nu_template_tag *nu__find_tag(nu_parser *parser, const char *name, size_t length)
{
    for (const nu_loaded *loaded = parser->loaded; loaded; loaded = loaded->next) {
        if (loaded->tag && name_is(loaded->tag->name, name, length))
            return loaded->tag;
    }
    return nu__registry_find(&parser->engine->tags, name, length);
}

const nu_template_filter *nu__find_filter(nu_parser *parser, const char *name, size_t length)
{
    for (const nu_loaded *loaded = parser->loaded; loaded; loaded = loaded->next) {
        if (loaded->filter && name_is(loaded->filter->name, name, length))
            return loaded->filter;
    }
    return nu__registry_find(&parser->engine->filters, name, length);
}

static const nu_template_filter *filter_finder(void *self, nu_word name)
{
    const nu_template_filter *filter = nu__find_filter(self, name.text, name.length);
    if (!filter)
        nu__syntax_error_hint(nu__suggest_filter(self, name), "Invalid filter: '%.*s'",
                              (int)name.length, name.text);
    return filter;
}

void nu__load_one(nu_parser *parser, nu_loaded one)
{
    nu_loaded *loaded = nu_arena_alloc(parser->arena, sizeof *loaded);
    *loaded = one;
    loaded->next = parser->loaded;
    parser->loaded = loaded;
}

void nu__load_library(nu_parser *parser, const nu_template_library *library)
{
    for (const nu_template_tag *tag = library->tags; tag && tag->name; tag++)
        nu__load_one(parser, (nu_loaded){.tag = tag});
    for (const nu_template_filter *filter = library->filters; filter && filter->name; filter++)
        nu__load_one(parser, (nu_loaded){.filter = filter});
}

nu_partial *nu__find_partial(const nu_tree *tree, const char *name)
{
    for (nu_partial *partial = tree->partials; partial; partial = partial->next) {
        if (strcmp(partial->name, name) == 0)
            return partial;
    }
    return NULL;
}

/* ---- pieces of tags ---------------------------------------------------------------------- */

nu_expression *nu__parse_expression(nu_parser *parser, nu_word word)
{
    return nu__expression_parse(parser->arena, word.text, word.length,
                                (nu_filter_finder){.find = filter_finder, .self = parser});
}

nu_name nu__parse_name(nu_parser *parser, nu_word word)
{
    return nu__name(parser->arena, word.text, word.length);
}

const char *nu__parse_text(nu_parser *parser, nu_word word)
{
    return nu__word_text(parser->arena, word);
}

nu_word nu__tag_word(const nu_tag *tag, size_t i)
{
    return i < tag->words.count ? tag->words.items[i] : (nu_word){.text = "", .length = 0};
}

bool nu__tag_word_is(const nu_tag *tag, size_t i, const char *text)
{
    return i < tag->words.count && nu__word_is(tag->words.items[i], text);
}

nu_node *nu__node(nu_parser *parser, const nu_node_kind *kind, uint32_t expressions,
                  uint32_t bodies, uint32_t names)
{
    nu_node *node = nu_arena_zalloc(parser->arena, sizeof *node);
    node->kind = kind;
    node->tree = parser->tree;
    node->line = parser->token->line;
    node->start = parser->token->start;
    node->expression_count = expressions;
    node->body_count = bodies;
    node->name_count = names;
    if (expressions)
        node->expressions = nu_arena_array(parser->arena, expressions, sizeof *node->expressions);
    if (bodies)
        node->bodies = nu_arena_array(parser->arena, bodies, sizeof *node->bodies);
    if (names)
        node->names = nu_arena_array(parser->arena, names, sizeof *node->names);
    return node;
}

size_t nu__parse_as(nu_parser *parser, const nu_tag *tag, size_t before, nu_name *name)
{
    size_t count = tag->words.count;
    if (count < before + 2 || !nu__tag_word_is(tag, count - 2, "as"))
        return count;
    *name = nu__parse_name(parser, tag->words.items[count - 1]);
    return count - 2;
}

/* ---- errors -------------------------------------------------------------------------------- */

/* 'a', 'b' or 'c' */
static const char *any_of(const char *const *names)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    for (size_t i = 0; names[i]; i++) {
        if (i > 0)
            nu_builder_puts(&out, names[i + 1] ? ", " : " or ");
        nu_builder_printf(&out, "'%s'", names[i]);
    }
    return nu_builder_text(&out);
}

void nu__invalid_tag(nu_parser *parser, const nu_token *token, nu_word name,
                     const char *const *until)
{
    parser->token = token;
    const char *expected = until && until[0] ? nu_fmt(", expected %s", any_of(until)) : "";
    nu__syntax_error_hint(nu__suggest_tag(parser, name, until),
                          "Invalid block tag on line %u: '%.*s'%s. "
                          "Did you forget to register or load this tag?",
                          token->line, (int)name.length, name.text, expected);
}

void nu__unclosed(nu_parser *parser, const char *const *until)
{
    nu_builder wanted;
    nu_builder_init(&wanted, NULL, 64);
    for (size_t i = 0; until[i]; i++)
        nu_builder_printf(&wanted, "%s%s", i ? ", " : "", until[i]);
    const nu_open_tag *open = parser->open;
    parser->token = open->token;
    nu__syntax_error(parser, "Unclosed tag on line %u: '%.*s'. Looking for one of: %s.",
                     open->token->line, (int)open->name.length, open->name.text,
                     nu_builder_text(&wanted));
}

/* ---- bodies -------------------------------------------------------------------------------- */

const nu_token *nu__next_token(nu_parser *parser)
{
    return parser->at < parser->tokens.count ? &parser->tokens.items[parser->at++] : NULL;
}

nu_tag nu__tag_of(nu_parser *parser, const nu_token *token)
{
    if (token->length > MAX_TAG)
        nu__syntax_error(parser, "Tag is longer than %d bytes", MAX_TAG);
    return (nu_tag){.token = token,
                    .content = nu_arena_copy(parser->arena, token->text, token->length),
                    .words = nu__split_words(parser->arena, token->text, token->length)};
}

/* The first word by white space alone, which is how a tag's name is found. */
static nu_word first_word(const nu_token *token)
{
    uint32_t    length = 0;
    const char *end = token->text + token->length;
    while (length < token->length && !nu__space_length(token->text + length, end))
        length++;
    return (nu_word){.text = token->text, .length = length};
}

static bool is_one_of(nu_word word, const char *const *names)
{
    for (; *names; names++) {
        if (nu__word_is(word, *names))
            return true;
    }
    return false;
}

static void append(nu_body *body, nu_node *node)
{
    if (body->last)
        body->last->next = node;
    else
        body->first = node;
    body->last = node;
}

static void append_text(nu_parser *parser, nu_body *body, const nu_token *token)
{
    nu_node *node = nu__node(parser, &nu__text_kind, 0, 0, 0);
    node->data = token;
    append(body, node);
}

static void append_variable(nu_parser *parser, nu_body *body, const nu_token *token)
{
    if (token->length == 0)
        nu__syntax_error(parser, "Empty variable tag on line %u", token->line);
    if (token->length > MAX_TAG)
        nu__syntax_error(parser, "Tag is longer than %d bytes", MAX_TAG);
    nu_node *node = nu__node(parser, &nu__variable_kind, 1, 0, 0);
    node->expressions[0] =
        nu__parse_expression(parser, (nu_word){.text = token->text, .length = token->length});
    append(body, node);
    body->has_tags = true;
}

/* Django raises this for a tag that is not the first; only extends has to be. */
static void check_first(nu_parser *parser, const nu_body *body, const nu_node *node,
                        const nu_tag *tag)
{
    if (node->kind != &nu__extends_kind || !body->has_tags)
        return;
    const char *name = parser->tree->name;
    nu__syntax_error(parser, "{%% %s %%} must be the first tag in %s.", tag->content,
                     name ? nu_fmt("'%s'", name) : "'the template'");
}

static void append_tag(nu_parser *parser, nu_body *body, const nu_token *token,
                       const char *const *until)
{
    nu_word                name = first_word(token);
    const nu_template_tag *definition = nu__find_tag(parser, name.text, name.length);
    if (!definition)
        nu__invalid_tag(parser, token, name, until);
    nu_open_tag open = {.name = name, .token = token, .outer = parser->open};
    parser->open = &open;
    nu_tag   tag = nu__tag_of(parser, token);
    nu_node *node = definition->syntax ? definition->syntax->parse(parser, &tag)
                                       : nu__parse_function_tag(parser, &tag, definition);
    parser->open = open.outer;
    parser->token = token;
    if (node) {
        check_first(parser, body, node, &tag);
        append(body, node);
    }
    body->has_tags = true;
}

nu_body nu__parse_body(nu_parser *parser, const char *const *until, nu_tag *stop)
{
    nu_check_stack();
    if (++parser->depth > MAX_DEPTH)
        nu__syntax_error(parser, "Tags are nested more than %d deep", MAX_DEPTH);
    const nu_token *outer = parser->token;
    nu_body         body = {0};
    for (const nu_token *token; (token = nu__next_token(parser));) {
        parser->token = token;
        if (token->kind == NU_TOKEN_TEXT) {
            append_text(parser, &body, token);
        } else if (token->kind == NU_TOKEN_VARIABLE) {
            append_variable(parser, &body, token);
        } else if (token->kind == NU_TOKEN_BLOCK) {
            if (token->length == 0)
                nu__syntax_error(parser, "Empty block tag on line %u", token->line);
            if (until && is_one_of(first_word(token), until)) {
                *stop = nu__tag_of(parser, token);
                parser->token = outer;
                parser->depth--;
                return body;
            }
            append_tag(parser, &body, token, until);
        }
    }
    if (until)
        nu__unclosed(parser, until);
    parser->depth--;
    return body;
}

nu_body nu__parse_until(nu_parser *parser, const char *end)
{
    nu_tag stop;
    return nu__parse_body(parser, (const char *const[]){end, NULL}, &stop);
}

void nu__skip_past(nu_parser *parser, const char *end)
{
    for (const nu_token *token; (token = nu__next_token(parser));) {
        if (token->kind == NU_TOKEN_BLOCK && strlen(end) == token->length &&
            memcmp(token->text, end, token->length) == 0)
            return;
    }
    nu__unclosed(parser, (const char *const[]){end, NULL});
}

/* ---- whole templates ------------------------------------------------------------------------ */

void nu__parse_tree(nu_engine *engine, nu_arena *arena, nu_tree *tree)
{
    nu_parser *parser = nu_arena_zalloc(arena, sizeof *parser);
    *parser = (nu_parser){.engine = engine, .arena = arena, .tree = tree};
    NU_TRY {
        parser->tokens = nu__lex(arena, tree->text, tree->length);
        tree->root = nu__parse_body(parser, NULL, NULL);
    }
    NU_CATCH (error) {
        nu_place place = {.file = tree->name};
        if (parser->token)
            place = nu__place(tree, parser->token->start, parser->token->line);
        nu__rethrow_at(error, place);
    }
}
