#include "template/condition.h"

#include <string.h>

/* A word of the condition: an operator, an operand, or the end. */
typedef struct lexeme {
    nu_operator operator;
    bool        end;
    uint32_t    leaf;
    const char *text;
} lexeme;

typedef struct condition_parser {
    nu_parser      *parser;
    lexeme         *lexemes; /* ended by one with `end` */
    size_t          at;
    nu_expression **leaves;
} condition_parser;

static const struct {
    const char *text;
    int         binding;
} operators[] = {
    [NU_LEAF] = {NULL, 0}, [NU_OR] = {"or", 6},          [NU_AND] = {"and", 7},
    [NU_NOT] = {"not", 8}, [NU_IN] = {"in", 9},          [NU_NOT_IN] = {"not in", 9},
    [NU_IS] = {"is", 10},  [NU_IS_NOT] = {"is not", 10}, [NU_EQ] = {"==", 10},
    [NU_NE] = {"!=", 10},  [NU_GT] = {">", 10},          [NU_GE] = {">=", 10},
    [NU_LT] = {"<", 10},   [NU_LE] = {"<=", 10},
};

/* The operator at word `i`; *words is how many words it has. */
static nu_operator operator_at(const nu_tag *tag, size_t i, size_t *words)
{
    *words = 2;
    if (nu__tag_word_is(tag, i, "is") && nu__tag_word_is(tag, i + 1, "not"))
        return NU_IS_NOT;
    if (nu__tag_word_is(tag, i, "not") && nu__tag_word_is(tag, i + 1, "in"))
        return NU_NOT_IN;
    *words = 1;
    for (nu_operator o = NU_OR; o <= NU_LE; o++) {
        if (nu__word_is(tag->words.items[i], operators[o].text))
            return o;
    }
    return NU_LEAF;
}

static lexeme *lexemes_of(nu_parser *parser, const nu_tag *tag, size_t from, nu_expression **leaves,
                          uint32_t *leaf_count)
{
    lexeme *lexemes = nu_arena_array(parser->arena, tag->words.count - from + 1, sizeof *lexemes);
    size_t  count = 0;
    for (size_t i = from, words; i < tag->words.count; i += words) {
        lexeme *next = &lexemes[count++];
        next->  operator= operator_at(tag, i, &words);
        next->text = operators[next->operator].text;
        if (next->operator!= NU_LEAF)
            continue;
        next->text = nu__parse_text(parser, tag->words.items[i]);
        next->leaf = (*leaf_count)++;
        leaves[next->leaf] = nu__parse_expression(parser, tag->words.items[i]);
    }
    lexemes[count].end = true;
    return lexemes;
}

static int binding_of(const lexeme *next)
{
    return next->end ? 0 : operators[next->operator].binding;
}

static nu_condition *make(condition_parser *p, nu_operator operator, const nu_condition * left,
                          const nu_condition *right)
{
    nu_condition *condition = nu_arena_zalloc(p->parser->arena, sizeof *condition);
    *condition = (nu_condition){.operator= operator,
                                .left = left,
                                .right = right,
                                .quiet = (!left || left->quiet) && (!right || right->quiet)};
    return condition;
}

static const nu_condition *leaf(condition_parser *p, uint32_t number)
{
    nu_condition        *condition = make(p, NU_LEAF, NULL, NULL);
    const nu_expression *expression = p->leaves[number];
    condition->leaf = number;
    condition->quiet = expression->variable.literal && expression->filter_count == 0;
    return condition;
}

static const nu_condition *parse_from(condition_parser *p, int right_binding);

/* What may stand at the beginning: an operand or "not". */
static const nu_condition *parse_first(condition_parser *p)
{
    const lexeme *first = &p->lexemes[p->at];
    if (first->end)
        nu__syntax_error(p->parser, "Unexpected end of expression in if tag.");
    p->at++;
    if (first->operator== NU_LEAF)
        return leaf(p, first->leaf);
    if (first->operator!= NU_NOT)
        nu__syntax_error(p->parser, "Not expecting '%s' in this position in if tag.", first->text);
    const nu_condition *operand = parse_from(p, operators[NU_NOT].binding);
    return make(p, NU_NOT, operand, NULL);
}

/* Operator precedence parsing after Pratt. */
static const nu_condition *parse_from(condition_parser *p, int right_binding)
{
    nu_check_stack();
    const nu_condition *left = parse_first(p);
    while (right_binding < binding_of(&p->lexemes[p->at])) {
        nu_operator operator= p->lexemes[p->at++].operator;
        if (operator== NU_NOT)
            nu__syntax_error(p->parser, "Not expecting 'not' as infix operator in if tag.");
        left = make(p, operator, left, parse_from(p, operators[operator].binding));
    }
    return left;
}

const nu_condition *nu__condition_parse(nu_parser *parser, const nu_tag *tag, size_t from,
                                        nu_expression **leaves, uint32_t *leaf_count)
{
    condition_parser p = {.parser = parser, .leaves = leaves};
    p.lexemes = lexemes_of(parser, tag, from, leaves, leaf_count);
    const nu_condition *condition = parse_from(&p, 0);
    if (!p.lexemes[p.at].end)
        nu__syntax_error(parser, "Unused '%s' at end of if expression.", p.lexemes[p.at].text);
    return condition;
}

/* ---- evaluating -------------------------------------------------------------------------------- */

static bool is_in(nu_value needle, nu_value haystack)
{
    if (haystack.type == NU_DICT)
        return nu_dict_find_value(haystack.dict, needle) != NULL;
    if (haystack.type == NU_TEXT)
        return needle.type == NU_TEXT &&
               memmem(haystack.text, haystack.length, needle.text, needle.length) != NULL;
    const nu_list *items = nu__value_items(haystack);
    for (uint32_t i = 0; items && i < items->count; i++) {
        if (nu_equal(items->items[i], needle))
            return true;
    }
    return false;
}

/* Python's `is`, as far as values have identity here: None, booleans, small integers and interned
 * texts compare by content, all else by address. */
static bool is_same(nu_value a, nu_value b)
{
    if (a.type != b.type)
        return false;
    switch ((nu_type)a.type) {
    case NU_LIST:
    case NU_DICT:
    case NU_OBJECT:
    case NU_FUNCTION: return a.object == b.object;
    default: return nu_equal(a, b);
    }
}

static bool compares(nu_operator operator, nu_value a, nu_value b)
{
    int order;
    if (!nu_compare_try(a, b, &order))
        return false;
    switch (operator) {
    case NU_GT: return order > 0;
    case NU_GE: return order >= 0;
    case NU_LT: return order < 0;
    default: return order <= 0;
    }
}

static bool relates(nu_operator operator, nu_value a, nu_value b)
{
    switch (operator) {
    case NU_IN: return is_in(a, b);
    case NU_NOT_IN: return !is_in(a, b);
    case NU_IS: return is_same(a, b);
    case NU_IS_NOT: return !is_same(a, b);
    case NU_EQ: return nu_equal(a, b);
    case NU_NE: return !nu_equal(a, b);
    default: return compares(operator, a, b);
    }
}

static nu_value evaluate(nu_rendering *render, const nu_test *test, const nu_condition *condition);

static nu_value operate(nu_rendering *render, const nu_test *test, const nu_condition *condition)
{
    nu_value left = evaluate(render, test, condition->left);
    switch (condition->operator) {
    case NU_NOT: return nu_value_bool(!nu_truth(left));
    case NU_OR: return nu_truth(left) ? left : evaluate(render, test, condition->right);
    case NU_AND: return nu_truth(left) ? evaluate(render, test, condition->right) : left;
    default:
        return nu_value_bool(
            relates(condition->operator, left, evaluate(render, test, condition->right)));
    }
}

/* An operator one of whose operands raises is false, as in Django; what ends the work goes on. */
static nu_value evaluate(nu_rendering *render, const nu_test *test, const nu_condition *condition)
{
    if (condition->operator== NU_LEAF)
        return nu__evaluate_or_null(render, &test->operands[condition->leaf]);
    nu_check_stack();
    if (condition->quiet)
        return operate(render, test, condition);
    const nu_rendering before = *render;
    NU_TRY {
        return operate(render, test, condition);
    }
    NU_CATCH (error) {
        if (nu_error_is(error, NU_CANCELLED) || nu_error_is(error, NU_SYSTEM_ERROR))
            nu_reraise(error);
        *render = before;
    }
    return nu_value_bool(false);
}

/* A lone operand is false if a variable that its filters need does not exist; other errors go on. */
static bool test_operand(nu_rendering *render, const nu_test *test, const nu_operand *operand)
{
    if (operand->filter_count == 0)
        return nu_truth(nu__evaluate_or_null(render, operand));
    const nu_rendering before = *render;
    NU_TRY {
        return nu_truth(evaluate(render, test, test->condition));
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, &nu__variable_missing))
            nu_reraise(error);
        *render = before;
    }
    return false;
}

bool nu__test(nu_rendering *render, const nu_test *test)
{
    const nu_condition *condition = test->condition;
    if (condition->operator== NU_LEAF)
        return test_operand(render, test, &test->operands[condition->leaf]);
    return nu_truth(evaluate(render, test, condition));
}
