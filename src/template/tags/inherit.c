/* {% extends %} and {% block %}. */
#include <string.h>

#include "template/blocks.h"
#include "template/inherit.h"
#include "template/tags/kinds.h"

/* ---- extends -------------------------------------------------------------------------------------- */

/* Only programs that choose their parent while rendering have this node (inherit.h). */
static void run_extends(nu_rendering *render, const nu_call *call)
{
    nu__run_extends(render, nu__call_value(render, call, 0));
}
const nu_node_kind nu__extends_kind = {.name = "extends", .run = run_extends};

static nu_node *parse_extends(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count != 2)
        nu__syntax_error(parser, "'extends' takes one argument");
    nu_tree *tree = parser->tree;
    nu_node *node = nu__node(parser, &nu__extends_kind, 1, 1, 0);
    tree->extends_relative = nu__relative_word(parser, tag->words.items[1], false);
    node->expressions[0] = nu__parse_expression(parser, tag->words.items[1]);
    node->bodies[0] = nu__parse_body(parser, NULL, NULL);
    for (const nu_node *inner = node->bodies[0].first; inner; inner = inner->next) {
        if (inner->kind == &nu__extends_kind)
            nu__syntax_error(parser, "'extends' cannot appear more than once in the same template");
    }
    tree->extends = node;
    return node;
}

/* ---- block ------------------------------------------------------------------------------------------ */

static void emit_block(nu_compiler *c, const nu_node *node)
{
    nu__emit_block(c, node->data);
}
const nu_node_kind nu__block_kind = {.name = "block", .emit = emit_block, .scope = true};

static void check_unique(nu_parser *parser, nu_word name)
{
    for (const nu_block *block = parser->tree->blocks; block; block = block->next) {
        if (nu__word_is(name, block->name.text))
            nu__syntax_error(parser, "'block' tag with name '%s' appears more than once",
                             block->name.text);
    }
}

static void check_end(nu_parser *parser, const nu_tag *stop, const char *name)
{
    const char *named = nu_fmt("endblock %s", name);
    if (strcmp(stop->content, "endblock") == 0 || strcmp(stop->content, named) == 0)
        return;
    nu__invalid_tag(parser, stop->token, (nu_word){.text = "endblock", .length = 8},
                    (const char *const[]){"endblock", named, NULL});
}

static nu_node *parse_block(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count != 2)
        nu__syntax_error(parser, "'block' tag takes only one argument");
    nu_word name = tag->words.items[1];
    check_unique(parser, name);
    nu_node  *node = nu__node(parser, &nu__block_kind, 0, 1, 0);
    nu_block *block = nu_arena_zalloc(parser->arena, sizeof *block);
    *block = (nu_block){
        .name = nu__parse_name(parser, name), .node = node, .next = parser->tree->blocks};
    parser->tree->blocks = block;
    node->data = block;
    nu_tag stop;
    node->bodies[0] = nu__parse_body(parser, (const char *const[]){"endblock", NULL}, &stop);
    check_end(parser, &stop, block->name.text);
    return node;
}

const nu_template_tag nu__tags_inherit[] = {
    {.name = "extends", .syntax = &(const struct nu_tag_syntax){parse_extends}},
    {.name = "block", .syntax = &(const struct nu_tag_syntax){parse_block}},
    {0},
};
