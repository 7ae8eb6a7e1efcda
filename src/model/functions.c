/* What is known of Django's database functions apart from their SQL, which each back end has in a
 * table of its own: how many arguments they take and what kind of result they give. */
#include <stdlib.h>
#include <string.h>

#include "db/part.h"
#include "model/query_internal.h"

enum { ANY_NUMBER = UINT8_MAX };

/* Sorted by name. */
/* clang-format off */
static const nu_fn_shape shapes[] = {
    {.name = "ACos", .least = 1, .most = 1, .result = NU_FN_NUMERIC},
    {.name = "ASin", .least = 1, .most = 1, .result = NU_FN_NUMERIC},
    {.name = "ATan", .least = 1, .most = 1, .result = NU_FN_NUMERIC},
    {.name = "ATan2", .least = 2, .most = 2, .result = NU_FN_NUMERIC},
    {.name = "Abs", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "AnyValue", .least = 1, .most = 1, .result = NU_FN_SAME, .class = NU_FN_AGGREGATE},
    {.name = "ArrayAgg", .least = 1, .most = 1, .result = NU_FN_ARRAY, .class = NU_FN_AGGREGATE},
    {.name = "ArraySubquery", .least = 1, .most = 1, .result = NU_FN_ARRAY},
    {.name = "Avg", .least = 1, .most = 1, .result = NU_FN_NUMERIC, .class = NU_FN_AGGREGATE},
    {.name = "BitAnd", .least = 1, .most = 1, .result = NU_FN_SAME, .class = NU_FN_AGGREGATE},
    {.name = "BitOr", .least = 1, .most = 1, .result = NU_FN_SAME, .class = NU_FN_AGGREGATE},
    {.name = "BitXor", .least = 1, .most = 1, .result = NU_FN_SAME, .class = NU_FN_AGGREGATE},
    {.name = "BoolAnd", .least = 1, .most = 1, .result = NU_FN_SAME, .class = NU_FN_AGGREGATE},
    {.name = "BoolOr", .least = 1, .most = 1, .result = NU_FN_SAME, .class = NU_FN_AGGREGATE},
    {.name = "Cast", .least = 1, .most = 1, .result = NU_FN_OUTPUT},
    {.name = "Ceil", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "Chr", .least = 1, .most = 1, .result = NU_FN_TEXT},
    {.name = "Coalesce", .least = 2, .most = ANY_NUMBER, .result = NU_FN_SAME},
    {.name = "Concat", .least = 2, .most = ANY_NUMBER, .result = NU_FN_SAME},
    {.name = "Cos", .least = 1, .most = 1, .result = NU_FN_NUMERIC},
    {.name = "Cot", .least = 1, .most = 1, .result = NU_FN_NUMERIC},
    {.name = "Count", .least = 0, .most = 1, .result = NU_FN_INT, .class = NU_FN_AGGREGATE, .zero = true},
    {.name = "CumeDist", .least = 0, .most = 0, .result = NU_FN_FLOAT, .class = NU_FN_WINDOW},
    {.name = "Degrees", .least = 1, .most = 1, .result = NU_FN_NUMERIC},
    {.name = "DenseRank", .least = 0, .most = 0, .result = NU_FN_INT, .class = NU_FN_WINDOW},
    {.name = "Exp", .least = 1, .most = 1, .result = NU_FN_NUMERIC},
    {.name = "Extract", .least = 1, .most = 2, .result = NU_FN_PART},
    {.name = "ExtractDay", .least = 1, .most = 1, .result = NU_FN_PART, .part = "day"},
    {.name = "ExtractHour", .least = 1, .most = 1, .result = NU_FN_PART, .part = "hour"},
    {.name = "ExtractIsoWeekDay", .least = 1, .most = 1, .result = NU_FN_PART, .part = "iso_week_day"},
    {.name = "ExtractIsoYear", .least = 1, .most = 1, .result = NU_FN_PART, .part = "iso_year"},
    {.name = "ExtractMinute", .least = 1, .most = 1, .result = NU_FN_PART, .part = "minute"},
    {.name = "ExtractMonth", .least = 1, .most = 1, .result = NU_FN_PART, .part = "month"},
    {.name = "ExtractQuarter", .least = 1, .most = 1, .result = NU_FN_PART, .part = "quarter"},
    {.name = "ExtractSecond", .least = 1, .most = 1, .result = NU_FN_PART, .part = "second"},
    {.name = "ExtractWeek", .least = 1, .most = 1, .result = NU_FN_PART, .part = "week"},
    {.name = "ExtractWeekDay", .least = 1, .most = 1, .result = NU_FN_PART, .part = "week_day"},
    {.name = "ExtractYear", .least = 1, .most = 1, .result = NU_FN_PART, .part = "year"},
    {.name = "FirstValue", .least = 1, .most = 1, .result = NU_FN_FIRST, .class = NU_FN_WINDOW},
    {.name = "Floor", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "Greatest", .least = 2, .most = ANY_NUMBER, .result = NU_FN_SAME},
    {.name = "HasKey", .least = 1, .most = 1, .result = NU_FN_BOOL},
    {.name = "JSONArray", .least = 0, .most = ANY_NUMBER, .result = NU_FN_JSON},
    {.name = "JSONBAgg", .least = 1, .most = 1, .result = NU_FN_JSON, .class = NU_FN_AGGREGATE},
    {.name = "JSONObject", .least = 0, .most = ANY_NUMBER, .result = NU_FN_JSON},
    {.name = "KeyNull", .least = 1, .most = 1, .result = NU_FN_BOOL},
    {.name = "KeyTextTransform", .least = 2, .most = 2, .result = NU_FN_TEXT},
    {.name = "KeyTransform", .least = 2, .most = 2, .result = NU_FN_JSON},
    {.name = "LPad", .least = 2, .most = 3, .result = NU_FN_TEXT},
    {.name = "LTrim", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "Lag", .least = 1, .most = 3, .result = NU_FN_FIRST, .class = NU_FN_WINDOW, .literal = true},
    {.name = "LastValue", .least = 1, .most = 1, .result = NU_FN_FIRST, .class = NU_FN_WINDOW},
    {.name = "Lead", .least = 1, .most = 3, .result = NU_FN_FIRST, .class = NU_FN_WINDOW, .literal = true},
    {.name = "Least", .least = 2, .most = ANY_NUMBER, .result = NU_FN_SAME},
    {.name = "Left", .least = 2, .most = 2, .result = NU_FN_TEXT},
    {.name = "Length", .least = 1, .most = 1, .result = NU_FN_INT},
    {.name = "Ln", .least = 1, .most = 1, .result = NU_FN_NUMERIC},
    {.name = "Log", .least = 2, .most = 2, .result = NU_FN_NUMERIC},
    {.name = "Lower", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "MD5", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "Max", .least = 1, .most = 1, .result = NU_FN_SAME, .class = NU_FN_AGGREGATE},
    {.name = "Min", .least = 1, .most = 1, .result = NU_FN_SAME, .class = NU_FN_AGGREGATE},
    {.name = "Mod", .least = 2, .most = 2, .result = NU_FN_NUMERIC},
    {.name = "Now", .least = 0, .most = 0, .result = NU_FN_DATETIME},
    {.name = "NthValue", .least = 1, .most = 2, .result = NU_FN_FIRST, .class = NU_FN_WINDOW, .literal = true},
    {.name = "Ntile", .least = 0, .most = 1, .result = NU_FN_INT, .class = NU_FN_WINDOW, .literal = true},
    {.name = "NullIf", .least = 2, .most = 2, .result = NU_FN_SAME},
    {.name = "Ord", .least = 1, .most = 1, .result = NU_FN_INT},
    {.name = "PercentRank", .least = 0, .most = 0, .result = NU_FN_FLOAT, .class = NU_FN_WINDOW},
    {.name = "Pi", .least = 0, .most = 0, .result = NU_FN_FLOAT},
    {.name = "Power", .least = 2, .most = 2, .result = NU_FN_NUMERIC},
    {.name = "RPad", .least = 2, .most = 3, .result = NU_FN_TEXT},
    {.name = "RTrim", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "Radians", .least = 1, .most = 1, .result = NU_FN_NUMERIC},
    {.name = "Random", .least = 0, .most = 0, .result = NU_FN_FLOAT},
    {.name = "RandomUUID", .least = 0, .most = 0, .result = NU_FN_UUID},
    {.name = "Rank", .least = 0, .most = 0, .result = NU_FN_INT, .class = NU_FN_WINDOW},
    {.name = "Repeat", .least = 2, .most = 2, .result = NU_FN_TEXT},
    {.name = "Replace", .least = 2, .most = 3, .result = NU_FN_SAME},
    {.name = "Reverse", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "Right", .least = 2, .most = 2, .result = NU_FN_TEXT},
    {.name = "Round", .least = 1, .most = 2, .result = NU_FN_FIRST, .literal = true},
    {.name = "RowNumber", .least = 0, .most = 0, .result = NU_FN_INT, .class = NU_FN_WINDOW},
    {.name = "SHA1", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "SHA224", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "SHA256", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "SHA384", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "SHA512", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "SearchAnd", .least = 2, .most = 2, .result = NU_FN_SEARCH_QUERY},
    {.name = "SearchHeadline", .least = 2, .most = 3, .result = NU_FN_TEXT},
    {.name = "SearchHeadlineIn", .least = 3, .most = 4, .result = NU_FN_TEXT, .quoted = true},
    {.name = "SearchNot", .least = 1, .most = 1, .result = NU_FN_SEARCH_QUERY},
    {.name = "SearchOr", .least = 2, .most = 2, .result = NU_FN_SEARCH_QUERY},
    {.name = "SearchPhrase", .least = 1, .most = 2, .result = NU_FN_SEARCH_QUERY, .literal = true, .quoted = true},
    {.name = "SearchPlain", .least = 1, .most = 2, .result = NU_FN_SEARCH_QUERY, .literal = true, .quoted = true},
    {.name = "SearchRank", .least = 2, .most = 3, .result = NU_FN_FLOAT},
    {.name = "SearchRankCover", .least = 2, .most = 3, .result = NU_FN_FLOAT},
    {.name = "SearchRankCoverWeighted", .least = 3, .most = 4, .result = NU_FN_FLOAT},
    {.name = "SearchRankWeighted", .least = 3, .most = 4, .result = NU_FN_FLOAT},
    {.name = "SearchRaw", .least = 1, .most = 2, .result = NU_FN_SEARCH_QUERY, .literal = true, .quoted = true},
    {.name = "SearchVector", .least = 1, .most = ANY_NUMBER, .result = NU_FN_SEARCH_VECTOR},
    {.name = "SearchVectorIn", .least = 2, .most = ANY_NUMBER, .result = NU_FN_SEARCH_VECTOR, .quoted = true},
    {.name = "SearchVectors", .least = 2, .most = 2, .result = NU_FN_SEARCH_VECTOR},
    {.name = "SearchWeb", .least = 1, .most = 2, .result = NU_FN_SEARCH_QUERY, .literal = true, .quoted = true},
    {.name = "SearchWeight", .least = 2, .most = 2, .result = NU_FN_SEARCH_VECTOR, .literal = true},
    {.name = "Sign", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "Sin", .least = 1, .most = 1, .result = NU_FN_NUMERIC},
    {.name = "Sqrt", .least = 1, .most = 1, .result = NU_FN_NUMERIC},
    {.name = "StdDev", .least = 1, .most = 1, .result = NU_FN_NUMERIC, .class = NU_FN_AGGREGATE},
    {.name = "StrIndex", .least = 2, .most = 2, .result = NU_FN_INT},
    {.name = "StringAgg", .least = 1, .most = 1, .result = NU_FN_TEXT, .class = NU_FN_AGGREGATE},
    {.name = "Substr", .least = 2, .most = 3, .result = NU_FN_TEXT},
    {.name = "Sum", .least = 1, .most = 1, .result = NU_FN_SAME, .class = NU_FN_AGGREGATE},
    {.name = "Tan", .least = 1, .most = 1, .result = NU_FN_NUMERIC},
    {.name = "TransactionNow", .least = 0, .most = 0, .result = NU_FN_DATETIME},
    {.name = "TrigramDistance", .least = 2, .most = 2, .result = NU_FN_FLOAT, .literal = true},
    {.name = "TrigramSimilarity", .least = 2, .most = 2, .result = NU_FN_FLOAT, .literal = true},
    {.name = "TrigramStrictWordDistance", .least = 2, .most = 2, .result = NU_FN_FLOAT, .quoted = true},
    {.name = "TrigramStrictWordSimilarity", .least = 2, .most = 2, .result = NU_FN_FLOAT, .quoted = true},
    {.name = "TrigramWordDistance", .least = 2, .most = 2, .result = NU_FN_FLOAT, .quoted = true},
    {.name = "TrigramWordSimilarity", .least = 2, .most = 2, .result = NU_FN_FLOAT, .quoted = true},
    {.name = "Trim", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "Trunc", .least = 1, .most = 2, .result = NU_FN_TRUNC},
    {.name = "TruncDate", .least = 1, .most = 1, .result = NU_FN_TRUNC, .part = "date"},
    {.name = "TruncDay", .least = 1, .most = 1, .result = NU_FN_TRUNC, .part = "day"},
    {.name = "TruncHour", .least = 1, .most = 1, .result = NU_FN_TRUNC, .part = "hour"},
    {.name = "TruncMinute", .least = 1, .most = 1, .result = NU_FN_TRUNC, .part = "minute"},
    {.name = "TruncMonth", .least = 1, .most = 1, .result = NU_FN_TRUNC, .part = "month"},
    {.name = "TruncQuarter", .least = 1, .most = 1, .result = NU_FN_TRUNC, .part = "quarter"},
    {.name = "TruncSecond", .least = 1, .most = 1, .result = NU_FN_TRUNC, .part = "second"},
    {.name = "TruncTime", .least = 1, .most = 1, .result = NU_FN_TRUNC, .part = "time"},
    {.name = "TruncWeek", .least = 1, .most = 1, .result = NU_FN_TRUNC, .part = "week"},
    {.name = "TruncYear", .least = 1, .most = 1, .result = NU_FN_TRUNC, .part = "year"},
    {.name = "Unaccent", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "Upper", .least = 1, .most = 1, .result = NU_FN_SAME},
    {.name = "Variance", .least = 1, .most = 1, .result = NU_FN_NUMERIC, .class = NU_FN_AGGREGATE},
};
/* clang-format on */

static int compare_name(const void *name, const void *shape)
{
    return strcmp(name, ((const nu_fn_shape *)shape)->name);
}

const nu_fn_shape *nu__fn_find(const char *name)
{
    return bsearch(name, shapes, NU_COUNT(shapes), sizeof *shapes, compare_name);
}

int nu__part_find(const char *name)
{
    for (size_t i = 0; i < NU__DB_PARTS; i++) {
        if (strcmp(nu__db_part_names[i], name) == 0)
            return (int)i;
    }
    return -1;
}

/* ---- building ------------------------------------------------------------------------------- */

static NU_NORETURN NU_COLD void unknown_function(const char *name)
{
    const char **names = nu_alloc((NU_COUNT(shapes) + 1) * sizeof *names);
    for (size_t i = 0; i < NU_COUNT(shapes); i++)
        names[i] = shapes[i].name;
    nu_error   *error = nu_error_new(NU_FIELD_ERROR, "there is no database function \"%s\"", name);
    const char *near = nu_nearest(name, names);
    error->hint = near != NULL ? nu_fmt("Did you mean \"%s\"?", near)
                               : "nu_func calls functions of the database by their own names.";
    nu_throw(error);
}

static const nu_fn_shape *shape_of(const char *name, size_t count)
{
    const nu_fn_shape *shape = nu__fn_find(name);
    if (shape == NULL)
        unknown_function(name);
    if (count < shape->least || (count > shape->most && shape->most != ANY_NUMBER))
        nu_raise(NU_FIELD_ERROR, "function \"%s\" takes %s%d arguments, not %zu", name,
                 shape->least != shape->most ? "at least " : "", shape->least, count);
    return shape;
}

static nu_expression *function_new(nu_expr_kind kind, const char *name, size_t count)
{
    nu_expression *function = nu__expr_new(kind, count);
    function->name = name;
    return function;
}

static void keep_options(nu_expression *function, const nu_fn_options *options)
{
    if (options == NULL)
        return;
    nu_fn_options *copy = nu_alloc(sizeof *copy);
    *copy = *options;
    function->options = copy;
    if (options->output != NULL)
        function->output = nu__output_column(options->output);
}

/* A text among the arguments names a field, unless the function takes values there. */
static bool is_path(const nu_fn_shape *shape, size_t at)
{
    if (at == 0)
        return !shape->quoted && strcmp(shape->name, "Ntile") != 0 && strcmp(shape->name, "KeyTransform") != 0 &&
               strcmp(shape->name, "KeyTextTransform") != 0;
    return !shape->literal;
}

/* Extract("published", "year") and Trunc("published", "month") as Django writes them. */
static void take_part(nu_expression *function)
{
    const nu_expression *last = function->args[function->count - 1];
    if (function->count != 2)
        return;
    const char    *part = last->kind == NU_EXPR_F ? last->name
                          : last->kind == NU_EXPR_VALUE && last->value.type == NU_TEXT
                              ? last->value.text
                              : NULL;
    nu_fn_options *options = nu_alloc(sizeof *options);
    if (function->options != NULL)
        *options = *function->options;
    options->lookup_name = part;
    function->options = options;
    function->count = 1;
}

static void default_argument(nu_expression *function, size_t at, nu_value value)
{
    if (function->count != at)
        return;
    const nu_expression **args = nu_alloc((at + 1) * sizeof *args);
    if (at > 0)
        memcpy(args, function->args, at * sizeof *args);
    args[at] = nu_expr_value_(value);
    function->args = args;
    function->count = at + 1;
}

/* What Django's signatures give where the caller gave nothing. */
static void fill_arguments(nu_expression *function)
{
    const char *name = function->shape->name;
    if (strcmp(name, "LPad") == 0 || strcmp(name, "RPad") == 0)
        default_argument(function, 2, nu_value_text(" "));
    else if (strcmp(name, "Replace") == 0)
        default_argument(function, 2, nu_value_text(""));
    else if (strcmp(name, "Lag") == 0 || strcmp(name, "Lead") == 0 || strcmp(name, "NthValue") == 0)
        default_argument(function, 1, nu_value_int(1));
    else if (strcmp(name, "Ntile") == 0)
        default_argument(function, 0, nu_value_int(1));
    else if (strcmp(name, "Extract") == 0 || strcmp(name, "Trunc") == 0)
        take_part(function);
}

/* The least that a length or a place may be, where Django looks. */
static void check_number(const nu_expression *function)
{
    static const struct {
        const char *name;
        int         least;
    } checks[] = {{"LPad", 0}, {"Left", 1}, {"RPad", 0}, {"Repeat", 0}, {"Right", 1}, {"Substr", 1}};
    if (function->count < 2 || function->args[1]->kind != NU_EXPR_VALUE ||
        function->args[1]->value.type != NU_INT)
        return;
    for (size_t i = 0; i < NU_COUNT(checks); i++) {
        if (strcmp(checks[i].name, function->name) == 0 &&
            function->args[1]->value.integer < checks[i].least)
            nu_raise(NU_VALUE_ERROR, "function \"%s\" takes a number from %d on", function->name,
                     checks[i].least);
    }
}

/* A path into JSON: the keys are no arguments. */
static const nu_expression *key_transform(nu_expression *function)
{
    const nu_expression *key = function->args[0];
    if (key->kind != NU_EXPR_VALUE || (key->value.type != NU_TEXT && key->value.type != NU_INT))
        nu_raise(NU_FIELD_ERROR, "the key of a JSON path is a text or a number");
    function->value = nu_value_list(nu_list_of(key->value));
    function->args[0] = function->args[1];
    function->count = 1;
    return function;
}

const nu_expression *nu_expr_fn_(const char *name, const nu_fn_options *options,
                                 const nu_value *args, size_t count)
{
    if (strcmp(name, "Func") == 0)
        return nu_expr_func_(NULL, options, args, count);
    const nu_fn_shape *shape = shape_of(name, count);
    if (shape->class == NU_FN_AGGREGATE)
        return nu_expr_aggregate_(name, count > 0 ? args[0] : nu_value_text("*"), NULL);
    nu_expression *function = function_new(NU_EXPR_FUNC, shape->name, count);
    function->shape = shape;
    for (size_t i = 0; i < count; i++)
        function->args[i] = nu__expr_of(args[i], is_path(shape, i));
    keep_options(function, options);
    if (strncmp(name, "Key", 3) == 0)
        return key_transform(function);
    fill_arguments(function);
    check_number(function);
    return function;
}

static void check_name(const char *name)
{
    for (const char *at = name; *at != '\0'; at++) {
        bool letter = (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z');
        if (!letter && *at != '_' && *at != '.' && !(*at >= '0' && *at <= '9'))
            nu_raise(NU_FIELD_ERROR, "\"%s\" is no name of a function", name);
    }
}

const nu_expression *nu_expr_func_(const char *name, const nu_fn_options *options,
                                   const nu_value *args, size_t count)
{
    if (name != NULL)
        check_name(name);
    else if (options == NULL || options->template == NULL)
        nu_raise(NU_FIELD_ERROR, "a function needs a name or a template");
    nu_expression *function = function_new(NU_EXPR_FUNC, name, count);
    for (size_t i = 0; i < count; i++)
        function->args[i] = nu__expr_of(args[i], true);
    keep_options(function, options);
    return function;
}

const nu_expression *nu_expr_json_object_(nu_pairs pairs)
{
    nu_expression *object = function_new(NU_EXPR_FUNC, "JSONObject", 2 * pairs.count);
    object->shape = nu__fn_find("JSONObject");
    for (size_t i = 0; i < pairs.count; i++) {
        object->args[2 * i] = nu_expr_value_(nu_value_text(pairs.items[i].key));
        object->args[2 * i + 1] = nu__expr_of(pairs.items[i].value, true);
    }
    return object;
}

/* ---- aggregates ----------------------------------------------------------------------------- */

static void add_orders(nu_expression *expression, const nu_value *orders, size_t count)
{
    expression->order_count = count;
    if (count == 0)
        return;
    expression->orders = nu_alloc(count * sizeof *expression->orders);
    for (size_t i = 0; i < count; i++)
        expression->orders[i] = nu__order_of(orders[i]);
}

static const nu_expression *with_default(const nu_expression *aggregate, nu_value value)
{
    nu_value args[2] = {nu_value_object(aggregate), value};
    if (value.type == NU_TEXT)
        args[1] = NU_V(nu_const(value.text));
    nu_expression *whole = (nu_expression *)nu_expr_fn_("Coalesce", NULL, args, 2);
    whole->output = aggregate->output;
    return whole;
}

const nu_expression *nu_expr_aggregate_(const char *name, nu_value of,
                                        const nu_aggregate_options *options)
{
    bool               rows = of.type == NU_TEXT && strcmp(of.text, "*") == 0;
    const nu_fn_shape *shape = shape_of(name, rows ? 0 : 1);
    if (shape->class != NU_FN_AGGREGATE)
        nu_raise(NU_FIELD_ERROR, "\"%s\" is no aggregate", name);
    nu_expression *aggregate = function_new(NU_EXPR_AGGREGATE, shape->name, rows ? 0 : 1);
    aggregate->shape = shape;
    aggregate->aggregate = true;
    if (!rows)
        aggregate->args[0] = nu__expr_of(of, true);
    if (options == NULL)
        return aggregate;
    if (rows && options->filter != NULL && options->distinct)
        nu_raise(NU_FIELD_ERROR, "distinct rows of \"*\" cannot be counted");
    nu_aggregate_options *copy = nu_alloc(sizeof *copy);
    *copy = *options;
    aggregate->aggregated = copy;
    aggregate->distinct = options->distinct;
    aggregate->filter = options->filter;
    add_orders(aggregate, options->order_by, options->order_count);
    if (options->output != NULL)
        aggregate->output = nu__output_column(options->output);
    if (nu_is_null(options->default_value))
        return aggregate;
    if (shape->zero)
        nu_raise(NU_FIELD_ERROR, "aggregate \"%s\" gives 0 for no rows and takes no default", name);
    return with_default(aggregate, options->default_value);
}

const nu_expression *nu_only_if(const nu_expression *aggregate, const nu_expression *condition)
{
    if (aggregate->kind != NU_EXPR_AGGREGATE)
        nu_raise(NU_FIELD_ERROR, "nu_only_if takes an aggregate such as nu_count_of");
    nu_expression *expression = nu__expr_copy(aggregate);
    expression->filter = condition;
    return expression;
}

/* ---- windows -------------------------------------------------------------------------------- */

static void check_frame(const nu_window_options *options)
{
    if (options->frame == NU_FRAME_DEFAULT)
        return;
    if (options->start > options->end)
        nu_raise(NU_VALUE_ERROR, "a window's frame ends before it begins");
}

const nu_expression *nu_expr_window_(const nu_expression     *function,
                                     const nu_window_options *options)
{
    bool windowed = function->kind == NU_EXPR_AGGREGATE ||
                    (function->kind == NU_EXPR_FUNC && function->shape != NULL &&
                     function->shape->class == NU_FN_WINDOW);
    if (!windowed)
        nu_raise(NU_VALUE_ERROR, "a window takes an aggregate or a window function");
    check_frame(options);
    nu_expression     *window = nu__expr_new(NU_EXPR_WINDOW, 1 + options->partition_count);
    nu_window_options *copy = nu_alloc(sizeof *copy);
    *copy = *options;
    window->window = copy;
    window->over = true;
    window->args[0] = function;
    for (size_t i = 0; i < options->partition_count; i++)
        window->args[1 + i] = nu__expr_of(options->partition_by[i], true);
    add_orders(window, options->order_by, options->order_count);
    if (options->output != NULL)
        window->output = nu__output_column(options->output);
    return window;
}
