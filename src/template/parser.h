/* The parser: tokens to nodes. Tags parse themselves with what is declared here. */
#pragma once

#include "template/node.h"

typedef struct nu_parser nu_parser;

/* A tag as its parse function gets it. words.items[0] is its name. */
typedef struct nu_tag {
    const nu_token *token;
    const char     *content; /* as written, for messages */
    nu_words        words;
} nu_tag;

/* The framework's own tags, in nu_template_tag.syntax. The node may be NULL. */
struct nu_tag_syntax {
    nu_node *(*parse)(nu_parser *parser, const nu_tag *tag);
};

/* Tags and filters by name: what {% load %} adds to. The one added last is found first. */
typedef struct nu_loaded {
    const nu_template_tag    *tag;
    const nu_template_filter *filter;
    struct nu_loaded         *next;
} nu_loaded;

/* A tag that other tags refer to by name, as {% cycle … as name %}. */
typedef struct nu_named {
    const char      *name;
    nu_node         *node;
    struct nu_named *next;
} nu_named;

/* A tag that is open, for "unclosed tag". */
typedef struct nu_open_tag {
    nu_word                   name;
    const nu_token           *token;
    const struct nu_open_tag *outer;
} nu_open_tag;

struct nu_parser {
    nu_engine         *engine;
    nu_arena          *arena; /* of the tree */
    nu_tree           *tree;
    nu_tokens          tokens;
    size_t             at;
    const nu_token    *token; /* the one being parsed, for the place of errors */
    const nu_open_tag *open;
    int                depth;
    nu_loaded         *loaded;
    nu_named          *cycles;     /* named ones, newest first */
    nu_node           *last_cycle; /* the newest, named or not */
};

/* Parses tree->text into the tree. Raises TemplateSyntaxError with its place. */
void nu__parse_tree(nu_engine *engine, nu_arena *arena, nu_tree *tree);

/* Raises TemplateSyntaxError at the tag being parsed. */
#define nu__syntax_error(parser, ...) ((void)(parser), nu_raise(NU_TEMPLATE_SYNTAX, __VA_ARGS__))
/* The same with a hint, which may be NULL. */
#define nu__syntax_error_hint(sentence, ...)                                                       \
    do {                                                                                           \
        nu_error *error_ = nu_error_new(NU_TEMPLATE_SYNTAX, __VA_ARGS__);                          \
        error_->hint = (sentence);                                                                 \
        nu_throw(error_);                                                                          \
    } while (0)

/* Parses up to a tag named in `until` (NULL-ended), which is consumed and returned in *stop; the end
 * of the template raises. */
nu_body nu__parse_body(nu_parser *parser, const char *const *until, nu_tag *stop);
/* The same for one tag that ends the body, whose other words do not matter. */
nu_body nu__parse_until(nu_parser *parser, const char *end);
/* The text of all tokens up to {% end %}, unparsed. NULL skips. */
void nu__skip_past(nu_parser *parser, const char *end);
/* The next token; NULL at the end. */
const nu_token *nu__next_token(nu_parser *parser);
/* The tag of a block token. */
nu_tag nu__tag_of(nu_parser *parser, const nu_token *token);
/* "Unclosed tag …" for the tag that is being parsed. */
NU_NORETURN void nu__unclosed(nu_parser *parser, const char *const *until);
/* "Invalid block tag …" */
NU_NORETURN void nu__invalid_tag(nu_parser *parser, const nu_token *token, nu_word name,
                                 const char *const *until);

nu_node *nu__node(nu_parser *parser, const nu_node_kind *kind, uint32_t expressions,
                  uint32_t bodies, uint32_t names);
/* "… as name" at the end of a tag, after at least `before` words: the name goes to *name. Returns how
 * many words are left before it, or all. */
size_t nu__parse_as(nu_parser *parser, const nu_tag *tag, size_t before, nu_name *name);
/* "name as variable", exactly so and of `count` words; raises otherwise. */
void           nu__require_as(nu_parser *parser, const nu_tag *tag, size_t count);
nu_expression *nu__parse_expression(nu_parser *parser, nu_word word);
nu_name        nu__parse_name(nu_parser *parser, nu_word word);
const char    *nu__parse_text(nu_parser *parser, nu_word word);
/* Word `i` of a tag; an empty one if there are fewer. */
nu_word nu__tag_word(const nu_tag *tag, size_t i);
/* True if word `i` exists and is `text`. */
bool nu__tag_word_is(const nu_tag *tag, size_t i, const char *text);

/* key=value … from tag->words[*at] on; *at moves behind them. With `legacy` "value as key and …" too.
 * Of equal keys the last counts. */
typedef struct nu_keywords {
    nu_name        *names;
    nu_expression **values;
    uint32_t        count;
} nu_keywords;
/* Adds one; there must be room in the arrays. */
void        nu__add_keyword(nu_parser *parser, nu_keywords *keywords, nu_word key, nu_word value);
nu_keywords nu__parse_keywords(nu_parser *parser, const nu_tag *tag, size_t *at, bool legacy);
/* "key=value" cut in two; false if the word is not of that form. */
bool nu__split_keyword(nu_word word, nu_word *key, nu_word *value);

/* Django's construct_relative_path: the absolute name for "./x" or "../x" in template `current`
 * (NULL: made from text), in the current arena; NULL if `name` is not relative. `shown` is the name in
 * messages. Without `recursion` a template may not mean itself. */
const char *nu__relative_name(const char *current, const char *name, const char *shown,
                              bool recursion);
/* The same for a quoted word of a tag, in the tree's arena. */
const char *nu__relative_word(nu_parser *parser, nu_word word, bool recursion);
/* Words as Python's repr() shows a list of texts. */
const char *nu__words_repr(nu_parser *parser, nu_words words);
/* The text as Python's repr() shows it, in the current arena. */
const char *nu__quoted(const char *text);

const nu_template_tag    *nu__find_tag(nu_parser *parser, const char *name, size_t length);
const nu_template_filter *nu__find_filter(nu_parser *parser, const char *name, size_t length);
/* Makes a tag or filter, or all of a library, known from here on. */
void nu__load_one(nu_parser *parser, nu_loaded one);
void nu__load_library(nu_parser *parser, const nu_template_library *library);

/* Makes the node of a tag written in C with a function (simple, block, inclusion). library.c */
nu_node *nu__parse_function_tag(nu_parser *parser, const nu_tag *tag,
                                const nu_template_tag *definition);
/* Is there a partial of that name? */
nu_partial *nu__find_partial(const nu_tree *tree, const char *name);
