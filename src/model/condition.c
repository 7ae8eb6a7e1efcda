/* What a constraint's condition says of a row that is not saved yet, by SQL's logic of three values:
 * a comparison with NULL is neither true nor false. */
#include <string.h>

#include "model/query_internal.h"
#include "model/validate.h"

static nu_truth_of opposite(nu_truth_of truth)
{
    if (truth == NU_SAYS_NO || truth == NU_SAYS_YES)
        return truth == NU_SAYS_NO ? NU_SAYS_YES : NU_SAYS_NO;
    return truth;
}

/* One part decides (NO for AND, YES for OR); else what is not known remains so. */
static nu_truth_of all_or_any(nu_row *row, const nu_expression *branch,
                              const char *const *except)
{
    bool        any = branch->kind == NU_EXPR_OR;
    nu_truth_of decides = any ? NU_SAYS_YES : NU_SAYS_NO, whole = opposite(decides);
    for (size_t i = 0; i < branch->count; i++) {
        nu_truth_of part = nu__condition_of_row(row, branch->args[i], except);
        if (part == decides)
            return decides;
        if (part == NU_SAYS_NOTHING || (part == NU_SAYS_NULL && whole != NU_SAYS_NOTHING))
            whole = part;
    }
    return whole;
}

/* The value of a constant or of a field of the row; false for anything else. */
static bool value_of(nu_row *row, const nu_column *column, nu_value value, nu_value *out)
{
    const nu_expression *expression = nu_expression_of(value);
    if (expression != NULL && expression->kind == NU_EXPR_VALUE) {
        *out = expression->value;
        return true;
    }
    if (expression != NULL) {
        const nu_column *other = expression->kind == NU_EXPR_F
                                     ? nu_column_find(nu_row_model(row), expression->name)
                                     : NULL;
        if (other == NULL || other->column == NULL)
            return false;
        *out = nu_row_value(row, other);
        return true;
    }
    if (nu_query_from(value) != NULL)
        return false;
    *out = nu_is_null(value) ? value : nu_column_clean(column, value);
    return true;
}

static nu_truth_of says(bool yes)
{
    return yes ? NU_SAYS_YES : NU_SAYS_NO;
}

static nu_truth_of is_in(nu_row *row, const nu_column *column, nu_value left, nu_value list)
{
    nu_truth_of whole = NU_SAYS_NO;
    if (list.type != NU_LIST)
        return NU_SAYS_NOTHING;
    for (uint32_t i = 0; i < list.list->count; i++) {
        nu_value right;
        if (!value_of(row, column, list.list->items[i], &right))
            return NU_SAYS_NOTHING;
        if (nu_is_null(right))
            whole = NU_SAYS_NULL;
        else if (nu_equal(left, right))
            return NU_SAYS_YES;
    }
    return whole;
}

static nu_truth_of compare(const char *lookup, nu_value left, nu_value right)
{
    int order;
    if (strcmp(lookup, "exact") == 0)
        return says(nu_equal(left, right));
    if (!nu_compare_try(left, right, &order))
        return NU_SAYS_NOTHING;
    if (strcmp(lookup, "gt") == 0)
        return says(order > 0);
    if (strcmp(lookup, "gte") == 0)
        return says(order >= 0);
    if (strcmp(lookup, "lt") == 0)
        return says(order < 0);
    return strcmp(lookup, "lte") == 0 ? says(order <= 0) : NU_SAYS_NOTHING;
}

static nu_truth_of is_between(nu_row *row, const nu_column *column, nu_value left, nu_value pair)
{
    nu_value low, high;
    if (pair.type != NU_LIST || pair.list->count != 2 ||
        !value_of(row, column, pair.list->items[0], &low) ||
        !value_of(row, column, pair.list->items[1], &high))
        return NU_SAYS_NOTHING;
    if (nu_is_null(low) || nu_is_null(high))
        return NU_SAYS_NULL;
    nu_truth_of above = compare("gte", left, low);
    return above == NU_SAYS_YES ? compare("lte", left, high) : above;
}

/* Of texts only: what case means is the database's affair. */
static nu_truth_of has_part(const char *lookup, nu_value left, nu_value right)
{
    if (left.type != NU_TEXT || right.type != NU_TEXT)
        return compare(lookup, left, right);
    size_t shorter = right.length, length = left.length;
    if (strcmp(lookup, "contains") == 0)
        return says(memmem(left.text, length, right.text, shorter) != NULL);
    if (strcmp(lookup, "startswith") == 0)
        return says(shorter <= length && memcmp(left.text, right.text, shorter) == 0);
    if (strcmp(lookup, "endswith") == 0)
        return says(shorter <= length &&
                    memcmp(left.text + length - shorter, right.text, shorter) == 0);
    return compare(lookup, left, right);
}

static nu_truth_of leaf(nu_row *row, const nu_expression *leaf, const char *const *except)
{
    const char      *rest = strstr(leaf->name, "__");
    const char      *lookup = rest != NULL ? rest + 2 : "exact";
    size_t           length = rest != NULL ? (size_t)(rest - leaf->name) : strlen(leaf->name);
    const nu_column *column =
        nu_column_find(nu_row_model(row), nu_fmt("%.*s", (int)length, leaf->name));
    nu_value right;
    if (column == NULL || column->column == NULL || nu__is_among(except, column))
        return NU_SAYS_NOTHING;
    nu_value left = nu_row_value(row, column);
    if (strcmp(lookup, "isnull") == 0)
        return says(nu_is_null(left) == nu_truth(leaf->value));
    if (strcmp(lookup, "exact") == 0 && nu_is_null(leaf->value))
        return says(nu_is_null(left));
    if (strcmp(lookup, "in") == 0)
        return nu_is_null(left) ? NU_SAYS_NULL : is_in(row, column, left, leaf->value);
    if (strcmp(lookup, "range") == 0)
        return nu_is_null(left) ? NU_SAYS_NULL : is_between(row, column, left, leaf->value);
    if (!value_of(row, column, leaf->value, &right))
        return NU_SAYS_NOTHING;
    if (nu_is_null(left) || nu_is_null(right))
        return NU_SAYS_NULL;
    return has_part(lookup, left, right);
}

nu_truth_of nu__condition_of_row(nu_row *row, const nu_expression *condition,
                                 const char *const *except)
{
    nu_check_stack();
    switch (condition->kind) {
    case NU_EXPR_LEAF: return leaf(row, condition, except);
    case NU_EXPR_AND:
    case NU_EXPR_OR: return all_or_any(row, condition, except);
    case NU_EXPR_NOT: return opposite(nu__condition_of_row(row, condition->args[0], except));
    case NU_EXPR_ALL: return NU_SAYS_YES;
    case NU_EXPR_NOTHING: return NU_SAYS_NO;
    default: return NU_SAYS_NOTHING;
    }
}
