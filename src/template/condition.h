/* The expressions of {% if %}: and, or, not, comparisons, in, is. */
#pragma once

#include "template/parser.h"
#include "template/program.h"

typedef enum nu_operator {
    NU_LEAF, /* an operand */
    NU_OR,
    NU_AND,
    NU_NOT,
    NU_IN,
    NU_NOT_IN,
    NU_IS,
    NU_IS_NOT,
    NU_EQ,
    NU_NE,
    NU_GT,
    NU_GE,
    NU_LT,
    NU_LE,
} nu_operator;

/* Leaves refer to the operands of a nu_test by number, so that one tree serves all programs. */
typedef struct nu_condition {
    nu_operator operator;
    bool        quiet; /* no operand below can raise, so that nothing need be caught */
    uint32_t    leaf;
    const struct nu_condition *left, *right; /* NU_NOT: left only */
} nu_condition;

/* Parses words [from, count) of a tag; its operands go to *leaves, which has room for as many. Raises
 * TemplateSyntaxError with Django's wording. */
const nu_condition *nu__condition_parse(nu_parser *parser, const nu_tag *tag, size_t from,
                                        nu_expression **leaves, uint32_t *leaf_count);
