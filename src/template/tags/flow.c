/* {% if %} and {% for %}: tags that are jumps. */
#include <string.h>

#include "template/compiler.h"
#include "template/condition.h"
#include "template/tags/kinds.h"

/* ---- if -------------------------------------------------------------------------------------- */

/* A branch for each body: its condition, and where its operands begin. {% else %} has none. */
typedef struct branch {
    const nu_condition *condition;
    uint32_t            first;
    struct branch      *next;
} branch;

static uint32_t emit_test(nu_compiler *c, const nu_node *node, const branch *b)
{
    const branch *after = b->next;
    uint32_t      end = after ? after->first : node->expression_count;
    nu_test      *test = nu_arena_alloc(c->arena, sizeof *test);
    *test = (nu_test){.condition = b->condition,
                      .operands =
                          nu__compile_expressions(c, node->expressions + b->first, end - b->first)};
    return nu__emit(c, (nu_op){.code = NU_OP_TEST, .test = test});
}

static void emit_if(nu_compiler *c, const nu_node *node)
{
    uint32_t     *jumps = nu_arena_array(c->arena, node->body_count, sizeof *jumps);
    uint32_t      jump_count = 0;
    const branch *b = node->data;
    for (uint32_t i = 0; i < node->body_count; i++, b = b->next) {
        uint32_t test = b->condition ? emit_test(c, node, b) : 0;
        nu__emit_body(c, &node->bodies[i]);
        if (i + 1 < node->body_count)
            jumps[jump_count++] = nu__emit(c, (nu_op){.code = NU_OP_JUMP});
        if (b->condition)
            nu__patch(c, test);
    }
    for (uint32_t i = 0; i < jump_count; i++)
        nu__patch(c, jumps[i]);
}
static const nu_node_kind if_kind = {.name = "if", .emit = emit_if};

/* What is gathered while an {% if %} is parsed; the node is made at the end, when the numbers are
 * known. */
typedef struct if_parts {
    nu_parser      *parser;
    nu_expression **expressions;
    uint32_t        expression_count, expression_capacity;
    nu_body        *bodies;
    uint32_t        body_count, body_capacity;
    branch         *first, *last;
} if_parts;

static void add_branch(if_parts *parts, const nu_tag *condition)
{
    nu_arena *arena = parts->parser->arena;
    branch   *b = nu_arena_zalloc(arena, sizeof *b);
    b->first = parts->expression_count;
    if (condition) {
        uint32_t capacity = parts->expression_count + (uint32_t)condition->words.count;
        parts->expressions = nu_arena_grow(arena, parts->expressions,
                                           parts->expression_capacity * sizeof *parts->expressions,
                                           capacity * sizeof *parts->expressions);
        parts->expression_capacity = capacity;
        uint32_t leaves = 0;
        b->condition = nu__condition_parse(parts->parser, condition, 1,
                                           parts->expressions + b->first, &leaves);
        parts->expression_count += leaves;
    }
    if (parts->last)
        parts->last->next = b;
    else
        parts->first = b;
    parts->last = b;
}

static void add_body(if_parts *parts, nu_body body)
{
    if (parts->body_count == parts->body_capacity) {
        uint32_t capacity = parts->body_capacity ? parts->body_capacity * 2 : 2;
        parts->bodies =
            nu_arena_grow(parts->parser->arena, parts->bodies,
                          parts->body_capacity * sizeof(nu_body), capacity * sizeof(nu_body));
        parts->body_capacity = capacity;
    }
    parts->bodies[parts->body_count++] = body;
}

static nu_node *if_node(const if_parts *parts)
{
    nu_node *node = nu__node(parts->parser, &if_kind, 0, 0, 0);
    node->expressions = parts->expressions;
    node->expression_count = parts->expression_count;
    node->bodies = parts->bodies;
    node->body_count = parts->body_count;
    node->data = parts->first;
    return node;
}

static nu_node *parse_if(nu_parser *parser, const nu_tag *tag)
{
    static const char *const until[] = {"elif", "else", "endif", NULL};
    if_parts                 parts = {.parser = parser};
    add_branch(&parts, tag);
    nu_tag stop;
    add_body(&parts, nu__parse_body(parser, until, &stop));
    while (strncmp(stop.content, "elif", 4) == 0) {
        add_branch(&parts, &stop);
        add_body(&parts, nu__parse_body(parser, until, &stop));
    }
    if (strcmp(stop.content, "else") == 0) {
        add_branch(&parts, NULL);
        add_body(&parts, nu__parse_body(parser, until + 2, &stop));
    }
    if (strcmp(stop.content, "endif") != 0)
        nu__syntax_error(parser, "Malformed template tag at line %u: \"%s\"", stop.token->line,
                         stop.content);
    return if_node(&parts);
}

/* ---- for ------------------------------------------------------------------------------------- */

static uint32_t bind_variables(nu_compiler *c, const nu_node *node)
{
    uint32_t first = NU_NO_SLOT;
    for (uint32_t i = 0; i < node->name_count; i++) {
        uint32_t slot = nu__bind(c, &node->names[i], true)->slot;
        if (i == 0)
            first = slot;
    }
    return first;
}

static void emit_for(nu_compiler *c, const nu_node *node)
{
    nu_for *loop = nu_arena_zalloc(c->arena, sizeof *loop);
    loop->list = nu__compile_expressions(c, node->expressions, 1);
    loop->parent = nu__compile_name(c, "forloop");
    loop->loop = c->loop_count++;
    loop->count = node->name_count;
    loop->reversed = node->data != NULL;
    nu_scope scope;
    nu__scope_open(c, &scope, node->bodies, node->body_count);
    nu_name     forloop = nu__name(c->arena, "forloop", 7);
    nu_binding *binding = nu__bind(c, &forloop, true);
    binding->loop = loop->loop;
    loop->forloop_slot = binding->slot;
    loop->slot = bind_variables(c, node);
    uint32_t begin = nu__emit(c, (nu_op){.code = NU_OP_FOR, .loop = loop});
    nu__emit_body(c, &node->bodies[0]);
    nu__emit(c, (nu_op){.code = NU_OP_NEXT, .loop = loop, .target = begin + 1});
    if (node->body_count > 1) {
        uint32_t jump = nu__emit(c, (nu_op){.code = NU_OP_JUMP});
        nu__patch(c, begin);
        nu__emit_body(c, &node->bodies[1]);
        nu__patch(c, jump);
    } else {
        nu__patch(c, begin);
    }
    nu__scope_close(c, &scope);
}
static const nu_node_kind for_kind = {.name = "for", .emit = emit_for, .scope = true};

/* "x, y,z" in the words [1, end): the variables, cut at commas with white space on either side.
 * Between two of them there is exactly one comma. */
static nu_words loop_variables(nu_parser *parser, const nu_tag *tag, size_t end)
{
    const char    *p = tag->words.items[1].text;
    const nu_word *last = &tag->words.items[end - 1];
    const char    *stop = last->text + last->length;
    nu_words       variables = {
              .items = nu_arena_array(parser->arena, (size_t)(stop - p) / 2 + 1, sizeof(nu_word))};
    for (;;) {
        const char *comma = memchr(p, ',', (size_t)(stop - p));
        const char *from = p, *to = comma ? comma : stop;
        nu__trim_words(&from, &to);
        nu_word word = {.text = from, .length = (uint32_t)(to - from)};
        bool    bad = word.length == 0;
        for (uint32_t i = 0; i < word.length; i++)
            bad |= strchr(" \"'|", word.text[i]) != NULL;
        if (bad)
            nu__syntax_error(parser, "'for' tag received an invalid argument: %s", tag->content);
        variables.items[variables.count++] = word;
        if (!comma)
            return variables;
        p = comma + 1;
    }
}

static nu_node *parse_for(nu_parser *parser, const nu_tag *tag)
{
    size_t count = tag->words.count;
    if (count < 4)
        nu__syntax_error(parser, "'for' statements should have at least four words: %s",
                         tag->content);
    bool   reversed = nu__tag_word_is(tag, count - 1, "reversed");
    size_t in = count - (reversed ? 3 : 2);
    if (!nu__tag_word_is(tag, in, "in"))
        nu__syntax_error(parser, "'for' statements should use the format 'for x in y': %s",
                         tag->content);
    if (in < 2)
        nu__syntax_error(parser, "'for' tag received an invalid argument: %s", tag->content);
    nu_words variables = loop_variables(parser, tag, in);
    nu_node *node = nu__node(parser, &for_kind, 1, 2, (uint32_t)variables.count);
    for (size_t i = 0; i < variables.count; i++)
        node->names[i] = nu__parse_name(parser, variables.items[i]);
    node->expressions[0] = nu__parse_expression(parser, tag->words.items[in + 1]);
    node->data = reversed ? node : NULL;
    nu_tag                   stop;
    static const char *const until[] = {"empty", "endfor", NULL};
    node->bodies[0] = nu__parse_body(parser, until, &stop);
    node->body_count = 1;
    if (nu__word_is(stop.words.items[0], "empty")) {
        node->bodies[1] = nu__parse_until(parser, "endfor");
        node->body_count = 2;
    }
    return node;
}

const nu_template_tag nu__tags_flow[] = {
    {.name = "if", .syntax = &(const struct nu_tag_syntax){parse_if}},
    {.name = "for", .syntax = &(const struct nu_tag_syntax){parse_for}},
    {0},
};
