/* Plural-Forms: the little language in which a catalogue says which of its texts goes with a number.
 *
 *      nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2);
 *
 * The expression is C's, over whole numbers and the one variable n. It is compiled once into a table
 * of nodes and evaluated by walking it. */
#include "i18n/internal.h"

#include <string.h>

enum { MAX_NODES = 250, MAX_DEPTH = 60, MAX_FORMS = 20 };

typedef enum operation {
    OP_NUMBER,
    OP_N,
    OP_NOT,
    OP_CHOOSE,
    OP_OR,
    OP_AND,
    OP_EQUAL,
    OP_DIFFERENT,
    OP_LESS_EQUAL,
    OP_GREATER_EQUAL,
    OP_LESS,
    OP_GREATER,
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_REMAINDER,
} operation;

typedef struct node {
    operation op;
    int64_t   number;
    int16_t   a, b, c; /* operands, as indexes */
} node;

struct nu__plural {
    size_t  forms;
    int16_t root;
    node   *nodes;
};

typedef struct parser {
    const char *rule, *at;
    node       *nodes;
    int         count, depth;
} parser;

/* Two-character operators stand before those they begin with. */
static const struct {
    const char *sign;
    operation   op;
    int         binding;
} binary_operators[] = {
    {"||", OP_OR, 1},        {"&&", OP_AND, 2},        {"==", OP_EQUAL, 3},
    {"!=", OP_DIFFERENT, 3}, {"<=", OP_LESS_EQUAL, 4}, {">=", OP_GREATER_EQUAL, 4},
    {"<", OP_LESS, 4},       {">", OP_GREATER, 4},     {"+", OP_ADD, 5},
    {"-", OP_SUBTRACT, 5},   {"*", OP_MULTIPLY, 6},    {"/", OP_DIVIDE, 6},
    {"%", OP_REMAINDER, 6},
};

static NU_NORETURN void fail(const parser *p, const char *what)
{
    nu_error *error = nu_error_new(NU_SYNTAX_ERROR, "plural rule: %s", what);
    error->place.file = "Plural-Forms";
    error->place.line = 1;
    error->place.column = (int)(p->at - p->rule) + 1;
    error->place.excerpt = nu_fmt("%s", p->rule);
    nu_throw(error);
}

static void skip_blanks(parser *p)
{
    while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')
        p->at++;
}

static bool accept(parser *p, const char *word)
{
    skip_blanks(p);
    if (!nu_starts_with(p->at, word))
        return false;
    p->at += strlen(word);
    return true;
}

static int64_t read_number(parser *p)
{
    skip_blanks(p);
    int64_t number = 0;
    if (*p->at < '0' || *p->at > '9')
        fail(p, "a number is expected");
    for (; *p->at >= '0' && *p->at <= '9'; p->at++) {
        if (number > INT32_MAX)
            fail(p, "the number is too large");
        number = number * 10 + (*p->at - '0');
    }
    return number;
}

static int16_t add_node(parser *p, node n)
{
    if (p->count == MAX_NODES)
        fail(p, "the expression is too long");
    p->nodes[p->count] = n;
    return (int16_t)p->count++;
}

static int16_t parse_choice(parser *p);

static int16_t parse_operand(parser *p)
{
    if (accept(p, "!")) {
        if (++p->depth > MAX_DEPTH)
            fail(p, "the expression is nested too deeply");
        int16_t a = parse_operand(p);
        p->depth--;
        return add_node(p, (node){.op = OP_NOT, .a = a});
    }
    if (accept(p, "(")) {
        int16_t inner = parse_choice(p);
        if (!accept(p, ")"))
            fail(p, "\")\" is missing");
        return inner;
    }
    if (accept(p, "n"))
        return add_node(p, (node){.op = OP_N});
    return add_node(p, (node){.op = OP_NUMBER, .number = read_number(p)});
}

static int find_operator(parser *p, int binding)
{
    skip_blanks(p);
    for (size_t i = 0; i < NU_COUNT(binary_operators); i++)
        if (nu_starts_with(p->at, binary_operators[i].sign))
            return binary_operators[i].binding >= binding ? (int)i : -1;
    return -1;
}

/* Operators that bind at least as strongly as `binding`, from left to right. */
static int16_t parse_binary(parser *p, int binding)
{
    int16_t left = parse_operand(p);
    for (int i; (i = find_operator(p, binding)) >= 0;) {
        p->at += strlen(binary_operators[i].sign);
        int16_t right = parse_binary(p, binary_operators[i].binding + 1);
        left = add_node(p, (node){.op = binary_operators[i].op, .a = left, .b = right});
    }
    return left;
}

static int16_t parse_choice(parser *p)
{
    if (++p->depth > MAX_DEPTH)
        fail(p, "the expression is nested too deeply");
    int16_t condition = parse_binary(p, 1);
    if (accept(p, "?")) {
        int16_t yes = parse_choice(p);
        if (!accept(p, ":"))
            fail(p, "\":\" is missing");
        int16_t no = parse_choice(p);
        condition = add_node(p, (node){.op = OP_CHOOSE, .a = condition, .b = yes, .c = no});
    }
    p->depth--;
    return condition;
}

const nu__plural *nu__plural_new(nu_arena *arena, const char *rule)
{
    parser      p = {.rule = rule, .at = rule};
    nu__plural *plural = nu_arena_zalloc(arena, sizeof *plural);
    p.nodes = nu_arena_array(nu_arena_current(), MAX_NODES, sizeof *p.nodes);

    if (!accept(&p, "nplurals") || !accept(&p, "="))
        fail(&p, "\"nplurals=\" is expected");
    int64_t forms = read_number(&p);
    if (forms < 1 || forms > MAX_FORMS)
        fail(&p, "the number of forms is out of range");
    if (!accept(&p, ";") || !accept(&p, "plural") || !accept(&p, "="))
        fail(&p, "\"; plural=\" is expected");
    plural->forms = (size_t)forms;
    plural->root = parse_choice(&p);
    accept(&p, ";");
    skip_blanks(&p);
    if (*p.at != '\0')
        fail(&p, "the expression should end here");

    size_t size = (size_t)p.count * sizeof *p.nodes;
    plural->nodes = nu_arena_alloc(arena, size);
    memcpy(plural->nodes, p.nodes, size);
    return plural;
}

/* The depth of the nodes is bounded by MAX_NODES, since a left-leaning chain takes one each. */
static int64_t evaluate(const nu__plural *plural, int16_t index, int64_t n)
{
    const node *x = &plural->nodes[index];
    if (x->op == OP_NUMBER)
        return x->number;
    if (x->op == OP_N)
        return n;

    int64_t a = evaluate(plural, x->a, n);
    if (x->op == OP_NOT)
        return !a;
    if (x->op == OP_CHOOSE)
        return evaluate(plural, a ? x->b : x->c, n);
    if (x->op == OP_OR && a)
        return 1;
    if (x->op == OP_AND && !a)
        return 0;

    int64_t b = evaluate(plural, x->b, n);
    int64_t result = 0;
    switch (x->op) {
    case OP_OR:
    case OP_AND: return b != 0;
    case OP_EQUAL: return a == b;
    case OP_DIFFERENT: return a != b;
    case OP_LESS_EQUAL: return a <= b;
    case OP_GREATER_EQUAL: return a >= b;
    case OP_LESS: return a < b;
    case OP_GREATER: return a > b;
    case OP_ADD: return __builtin_add_overflow(a, b, &result) ? 0 : result;
    case OP_SUBTRACT: return __builtin_sub_overflow(a, b, &result) ? 0 : result;
    case OP_MULTIPLY: return __builtin_mul_overflow(a, b, &result) ? 0 : result;
    /* -1 as a divisor is left out with 0: the smallest number has no counterpart. */
    case OP_DIVIDE: return b == 0 || b == -1 ? 0 : a / b;
    case OP_REMAINDER: return b == 0 || b == -1 ? 0 : a % b;
    case OP_NUMBER:
    case OP_N:
    case OP_NOT:
    case OP_CHOOSE: break;
    }
    return 0;
}

size_t nu__plural_form(const nu__plural *plural, int64_t n)
{
    if (plural == NULL)
        return n != 1;
    if (n < 0) /* rules are written for counts */
        n = n == INT64_MIN ? INT64_MAX : -n;
    int64_t form = evaluate(plural, plural->root, n);
    return form < 0 || (size_t)form >= plural->forms ? 0 : (size_t)form;
}
