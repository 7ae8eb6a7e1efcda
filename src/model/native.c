#include "model/native.h"

#include <string.h>

#include "nuages/postgres.h"
#include "nuages/text.h"

/* What stands on the right of a lookup. */
typedef enum right_side {
    RIGHT_LIKE_LEFT, /* a value of the left side's kind, told so */
    RIGHT_TEXT,
    RIGHT_SEARCH, /* a search query */
    RIGHT_RANGE,  /* a range of the left side's kind */
    RIGHT_MEMBER, /* the same, or what may lie in it */
    RIGHT_AROUND, /* a range in which the left side may lie */
} right_side;

struct nu_native {
    const nu_field_type *kind;     /* of the left side */
    const char          *word;     /* "overlap" */
    const char          *function; /* what the back end's table calls it */
    right_side           right;
};

static const nu_native lookups[] = {
    {&nu_field_array, "contains", "array contains", RIGHT_LIKE_LEFT},
    {&nu_field_array, "contained_by", "array contained_by", RIGHT_LIKE_LEFT},
    {&nu_field_array, "overlap", "array overlap", RIGHT_LIKE_LEFT},
    {&nu_field_char, "trigram_similar", "trigram_similar", RIGHT_TEXT},
    {&nu_field_text, "trigram_similar", "trigram_similar", RIGHT_TEXT},
    {&nu_field_char, "trigram_word_similar", "trigram_word_similar", RIGHT_TEXT},
    {&nu_field_text, "trigram_word_similar", "trigram_word_similar", RIGHT_TEXT},
    {&nu_field_char, "trigram_strict_word_similar", "trigram_strict_word_similar", RIGHT_TEXT},
    {&nu_field_text, "trigram_strict_word_similar", "trigram_strict_word_similar", RIGHT_TEXT},
    {&nu_field_char, "search", "search", RIGHT_SEARCH},
    {&nu_field_text, "search", "search", RIGHT_SEARCH},
    {&nu_field_search_vector, "search", "search", RIGHT_SEARCH},
    {&nu_field_search_vector, "exact", "search", RIGHT_SEARCH},
    {&nu__field_range, "contains", "range contains", RIGHT_MEMBER},
    {&nu__field_range, "contained_by", "range contained_by", RIGHT_RANGE},
    {&nu__field_range, "overlap", "range overlap", RIGHT_RANGE},
    {&nu__field_range, "fully_lt", "range fully_lt", RIGHT_RANGE},
    {&nu__field_range, "fully_gt", "range fully_gt", RIGHT_RANGE},
    {&nu__field_range, "not_lt", "range not_lt", RIGHT_RANGE},
    {&nu__field_range, "not_gt", "range not_gt", RIGHT_RANGE},
    {&nu__field_range, "adjacent_to", "range adjacent_to", RIGHT_RANGE},
    {&nu_field_int, "contained_by", "range contained_by", RIGHT_AROUND},
    {&nu_field_float, "contained_by", "range contained_by", RIGHT_AROUND},
    {&nu_field_decimal, "contained_by", "range contained_by", RIGHT_AROUND},
    {&nu_field_date, "contained_by", "range contained_by", RIGHT_AROUND},
};

static const struct {
    const char          *word, *template;
    const nu_field_type *output; /* NULL: what the ends of the range are */
} range_words[] = {
    {"startswith", "lower({1})", NULL},
    {"endswith", "upper({1})", NULL},
    {"isempty", "isempty({1})", &nu_field_bool},
    {"lower_inc", "LOWER_INC({1})", &nu_field_bool},
    {"lower_inf", "LOWER_INF({1})", &nu_field_bool},
    {"upper_inc", "UPPER_INC({1})", &nu_field_bool},
    {"upper_inf", "UPPER_INF({1})", &nu_field_bool},
};

static bool is_word(const char *name, const char *word, size_t length)
{
    return strlen(name) == length && memcmp(name, word, length) == 0;
}

const nu_native *nu__native_lookup(const nu_column *type, const char *word, size_t length)
{
    for (size_t i = 0; i < NU_COUNT(lookups); i++) {
        if (is_word(lookups[i].word, word, length) && nu__is_kind(type, lookups[i].kind))
            return &lookups[i];
    }
    return NULL;
}

const char *nu__native_name(const nu_native *native)
{
    return native->word;
}

/* ---- types ---------------------------------------------------------------------------------- */

const char *nu__type_sql(const nu_field *field, nu_db_column_type type,
                         const nu_db_backend *backend)
{
    nu_builder  sql;
    const char *own =
        field->type->column_type != NULL ? field->type->column_type(field, backend->name) : NULL;
    if (own != NULL)
        return own;
    if (type.type == NU_DB_NATIVE) {
        nu_error *error = nu_error_new(
            NU_NOT_SUPPORTED, "the database \"%s\" has no type for field \"%s\" of kind %s",
            backend->name, field->name, field->type->name);
        error->hint = "Use PostgreSQL for this model, or a JSON field.";
        nu_throw(error);
    }
    nu_builder_init(&sql, NULL, 32);
    backend->column_type(&sql, type);
    return nu_builder_text(&sql);
}

const nu_expression *nu_array_subquery(const nu_query *query)
{
    nu_value arg = nu_value_object(nu_subquery(query));
    return nu_expr_fn_("ArraySubquery", NULL, &arg, 1);
}

/* ---- right sides ---------------------------------------------------------------------------- */

static const nu_expression *resolve(nu_query *query, const nu_expression *expression,
                                    nu_joins *reuse, nu_joins *used)
{
    return nu__expr_resolve(query, expression, reuse, used);
}

static bool has_expressions(nu_value value)
{
    for (uint32_t i = 0; value.type == NU_LIST && i < value.list->count; i++) {
        if (nu_expression_of(value.list->items[i]) != NULL)
            return true;
    }
    return false;
}

static const nu_expression *with_template(const char *template, nu_value *args, size_t count)
{
    nu_fn_options options = {.template = template};
    return nu_expr_func_(NULL, &options, args, count);
}

/* A list with expressions in it as an array, which the database makes. */
static nu_value array_of(const nu_column *type, nu_list *list)
{
    nu_value        *items = nu_alloc((list->count + 1) * sizeof *items);
    const nu_column *item = nu__output_column(type->field->base_field);
    for (uint32_t i = 0; i < list->count; i++) {
        nu_value value = list->items[i];
        items[i] = nu_expression_of(value) != NULL
                       ? value
                       : nu_value_object(nu__typed_value(item, nu__prepare(item, value)));
    }
    return nu_value_object(with_template("ARRAY[{*}]", items, list->count));
}

/* Told its type, as a list of texts could be one of several. */
static const nu_expression *cast_like(const nu_query *query, const nu_column *type, nu_value value)
{
    const nu_db_backend *backend = nu_database_backend(nu__query_database(query));
    const nu_field      *field = nu__value_field(type);
    const char          *name = nu__type_sql(field, type->db_type, backend);
    const nu_expression *expression = nu_expression_of(value);
    bool                 plain =
        expression == NULL || expression->kind == NU_EXPR_F || expression->kind == NU_EXPR_PARAM;
    return with_template(nu_fmt(plain ? "{1}::%s" : "({1})::%s", name), &value, 1);
}

static const nu_expression *like_left(nu_query *query, const nu_column *type, nu_value value)
{
    const nu_query *subquery = nu_query_from(value);
    if (subquery != NULL)
        return nu_array_subquery(subquery);
    if (has_expressions(value))
        value = array_of(type, value.list);
    if (nu_expression_of(value) == NULL)
        value = nu_value_object(nu__typed_value(type, nu__prepare_compared(type, value)));
    return cast_like(query, type, value);
}

/* A range, or with `item` what may lie in one. An expression is what it is. */
static const nu_expression *in_range(const nu_query *query, const nu_column *type, nu_value value,
                                     bool item)
{
    if (nu_expression_of(value) != NULL || nu_query_from(value) != NULL)
        return nu__expr_of(value, false);
    bool range = nu_range_get(value) != NULL || value.type == NU_LIST;
    if (item && !range)
        type = nu__output_column(nu__range_item(type));
    value = nu_value_object(nu__typed_value(type, nu__prepare_compared(type, value)));
    return cast_like(query, type, value);
}

/* The kinds that the server's ranges are of take the left side as it is; others are turned. */
static const nu_expression *around(nu_query *query, const nu_expression **left, nu_value value)
{
    const nu_column     *type = nu__expr_type(*left);
    const nu_field_type *kind = nu__range_of_item(type);
    if (nu__is_kind(type, &nu_field_float) || type->db_type.type == NU_DB_SMALL_INT ||
        type->db_type.type == NU_DB_POSITIVE_SMALL_INT) {
        nu_value      arg = nu_value_object(*left);
        bool          number = nu__is_kind(type, &nu_field_float);
        nu_fn_options options = {.template = number ? "{1}::numeric" : "{1}::integer",
                                 .output = type->field};
        nu_joins      reuse = NU_EVERY_JOIN, used = 0;
        *left = nu__expr_resolve(query, nu_expr_func_(NULL, &options, &arg, 1), &reuse, &used);
    }
    nu_field *field = nu_alloc(sizeof *field);
    *field = (nu_field){.name = type->name, .type = kind, .null = true};
    return in_range(query, nu__output_column(field), value, false);
}

static const nu_expression *right_of(nu_query *query, const nu_native *native,
                                     const nu_expression **left, nu_value value)
{
    switch (native->right) {
    case RIGHT_LIKE_LEFT: return like_left(query, nu__expr_type(*left), value);
    case RIGHT_SEARCH: nu__search_sides(query, left, &value); break;
    case RIGHT_RANGE: return in_range(query, nu__expr_type(*left), value, false);
    case RIGHT_MEMBER: return in_range(query, nu__expr_type(*left), value, true);
    case RIGHT_AROUND: return around(query, left, value);
    case RIGHT_TEXT:
        if (nu_expression_of(value) == NULL && nu_query_from(value) == NULL)
            value = nu_value_str(value);
        break;
    }
    return nu__expr_of(value, false);
}

const nu_expression *nu__native_build(nu_query *query, const nu_native *native,
                                      const nu_expression *left, nu_value value, nu_joins *reuse,
                                      nu_joins *used)
{
    if (nu_is_null(value))
        nu_raise(NU_VALUE_ERROR, "lookup \"%s\" cannot compare with null", native->word);
    const nu_expression *right = right_of(query, native, &left, value);
    nu_expression       *lookup = nu__expr_new(NU_EXPR_LOOKUP, 2);
    lookup->resolved = true;
    lookup->type = &nu__bool_column;
    lookup->lookup = NU_LOOKUP_NATIVE;
    lookup->name = native->function;
    lookup->args[0] = left;
    lookup->args[1] = resolve(query, right, reuse, used);
    lookup->aggregate = left->aggregate || lookup->args[1]->aggregate;
    lookup->over = left->over;
    return lookup;
}

/* ---- transforms of arrays ------------------------------------------------------------------- */

static const nu_expression *transformed(nu_query            *query, const char *template,
                                        const nu_expression *left, const nu_field *output)
{
    nu_joins      reuse = NU_EVERY_JOIN, used = 0;
    nu_value      arg = nu_value_object(left);
    nu_fn_options options = {.template = template, .output = output};
    return resolve(query, nu_expr_func_(NULL, &options, &arg, 1), &reuse, &used);
}

/* Paths count from 0, SQL from 1. */
static const nu_expression *array_transform(nu_query *query, const nu_expression *left,
                                            const char *word, size_t length)
{
    const nu_field *field = nu__value_field(nu__expr_type(left));
    int64_t         first, last;
    const char     *under = memchr(word, '_', length);
    /* What a subscript gave takes another one as it is. */
    const char *format = left->kind == NU_EXPR_COLUMN ? "{1}[%s]" : "({1})[%s]";
    if (is_word("len", word, length))
        return transformed(query,
                           "CASE WHEN {1} IS NULL THEN NULL ELSE coalesce(array_length({1}, 1), 0) "
                           "END",
                           left, NU_OUTPUT(nu_field_int));
    if (under == NULL) {
        if (!nu_parse_int(word, length, &first) || first < 0 || first == INT64_MAX)
            return NULL;
        const char *at = nu_fmt("%lld", (long long)first + 1);
        return transformed(query, nu_fmt(format, at), left, field->base_field);
    }
    if (!nu_parse_int(word, (size_t)(under - word), &first) ||
        !nu_parse_int(under + 1, length - (size_t)(under + 1 - word), &last) || first < 0 ||
        last < 0 || first == INT64_MAX)
        return NULL;
    const char *span = nu_fmt("%lld:%lld", (long long)first + 1, (long long)last);
    return transformed(query, nu_fmt(format, span), left, field);
}

const nu_expression *nu__native_transform(nu_query *query, const nu_expression *left,
                                          const char *word, size_t length,
                                          const nu_lookup_type **custom)
{
    static const nu_lookup_type unaccent = {
        .name = "unaccent", .function = "Unaccent", .transform = true, .bilateral = true};
    const nu_column *type = nu__expr_type(left);
    if (nu__is_kind(type, &nu_field_array))
        return array_transform(query, left, word, length);
    for (size_t i = 0; nu__range_item(type) != NULL && i < NU_COUNT(range_words); i++) {
        const nu_field_type *kind = range_words[i].output;
        if (is_word(range_words[i].word, word, length))
            return transformed(query, range_words[i].template, left,
                               kind != NULL ? NU_OUTPUT(*kind) : nu__range_item(type));
    }
    bool text = nu__is_kind(type, &nu_field_char) || nu__is_kind(type, &nu_field_text);
    if (!text || !is_word("unaccent", word, length))
        return NULL;
    *custom = &unaccent;
    return nu__transform_apply(query, &unaccent, left);
    return NULL;
}

/* ---- exclusions ----------------------------------------------------------------------------- */

nu_query *nu__where_operator(const nu_query *query, const nu_column *column, const char *operator,
                             nu_value value)
{
    nu_value args[] = {
        nu_value_object(nu_f(column->name)),
        nu_value_object(nu__typed_value(column, nu__prepare(column, value))),
    };
    nu_fn_options options = {.template = nu_fmt("{1} %s {2}", operator),
                             .output = NU_OUTPUT(nu_field_bool)};
    return nu_where(query, nu_expr_func_(NULL, &options, args, 2));
}

bool nu__is_native(const nu_db_backend *backend)
{
    return nu__db_function(backend, "range overlap") != NULL;
}
