/* The parsed form of a template: a tree of nodes, kept for as long as the template.
 *
 * A tree knows nothing of other templates. The compiler makes a program from it, or from several of
 * them where templates extend one another (compiler.h). */
#pragma once

#include "template/expression.h"
#include "template/lexer.h"

typedef struct nu_node      nu_node;
typedef struct nu_node_kind nu_node_kind;
typedef struct nu_tree      nu_tree;
typedef struct nu_compiler  nu_compiler;
typedef struct nu_call      nu_call;

/* Nodes in order. */
typedef struct nu_body {
    nu_node *first, *last;
    bool     has_tags; /* a tag or variable was in it, even one that left no node */
} nu_body;

/* What a kind of node does. One of `emit` and `run` is set. */
struct nu_node_kind {
    const char *name;
    /* Writes instructions: for what is on the hot path or shapes the program. */
    void (*emit)(nu_compiler *compiler, const nu_node *node);
    /* Called while rendering, with everything compiled: for all others. */
    void (*run)(nu_rendering *render, const nu_call *call);
    bool scope; /* the names it sets are visible in its bodies only, else around it from now on */
    bool state; /* it keeps a pointer from one run to the next within a rendering */
};

/* What the parser leaves of a tag. The arrays may be shorter than zero is: NULL for none. */
struct nu_node {
    const nu_node_kind   *kind;
    nu_node              *next;
    const nu_tree        *tree;  /* where it was written: for the place of errors */
    const char           *start; /* in the tree's text */
    uint32_t              line;
    uint32_t              expression_count, body_count, name_count;
    nu_expression       **expressions;
    nu_body              *bodies;
    nu_name              *names; /* variables it sets */
    const struct nu_node *same;  /* it shares the state of that node; NULL: its own */
    const void           *data;  /* belongs to the kind */
};

/* {% block name %}…{% endblock %}; a node of nu__block_kind has it as data. */
typedef struct nu_block {
    nu_name                name;
    const nu_node         *node;
    const struct nu_block *next;
} nu_block;

/* {% partialdef name %}…{% endpartialdef %} */
typedef struct nu_partial {
    const char *name;
    nu_body     body;
    nu_template *template; /* made when it is first asked for */
    struct nu_partial *next;
} nu_partial;

/* A template as parsed. */
struct nu_tree {
    const char *name;   /* NULL: made from text */
    const char *origin; /* where it was loaded from, as its loader says; NULL: made from text */
    const char *key;    /* the same with its loader: unique in the engine */
    const char *text;   /* the source, kept for excerpts */
    size_t      length;
    uint64_t    stamp;
    const nu_template_loader *loader;
    nu_body                   root;
    const nu_node            *extends; /* the {% extends %}; NULL: extends nothing */
    const char     *extends_relative;  /* "./x" made absolute; NULL: as the expression says */
    const nu_block *blocks;            /* all of them, nested ones too */
    nu_partial     *partials;
};
