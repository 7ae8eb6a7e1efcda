/* Lookups: what stands behind the field in "published__year__gte". */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/ambient.h"
#include "model/native.h"
#include "nuages/text.h"

static const char *const lookup_names[] = {
    [NU_LOOKUP_EXACT] = "exact",
    [NU_LOOKUP_IEXACT] = "iexact",
    [NU_LOOKUP_CONTAINS] = "contains",
    [NU_LOOKUP_ICONTAINS] = "icontains",
    [NU_LOOKUP_STARTS_WITH] = "startswith",
    [NU_LOOKUP_ISTARTS_WITH] = "istartswith",
    [NU_LOOKUP_ENDS_WITH] = "endswith",
    [NU_LOOKUP_IENDS_WITH] = "iendswith",
    [NU_LOOKUP_REGEX] = "regex",
    [NU_LOOKUP_IREGEX] = "iregex",
    [NU_LOOKUP_GT] = "gt",
    [NU_LOOKUP_GTE] = "gte",
    [NU_LOOKUP_LT] = "lt",
    [NU_LOOKUP_LTE] = "lte",
    [NU_LOOKUP_IN] = "in",
    [NU_LOOKUP_RANGE] = "range",
    [NU_LOOKUP_IS_NULL] = "isnull",
    [NU_LOOKUP_JSON_CONTAINS] = "json contains",
    [NU_LOOKUP_CONTAINED_BY] = "contained_by",
    [NU_LOOKUP_HAS_KEY] = "has_key",
    [NU_LOOKUP_HAS_KEYS] = "has_keys",
    [NU_LOOKUP_HAS_ANY_KEYS] = "has_any_keys",
};

const char *nu__lookup_name(nu_lookup lookup)
{
    return lookup_names[lookup];
}

/* What one lookup is being built from. */
typedef struct lookup_site {
    nu_query             *query;
    const nu_path        *path;
    const nu_expression  *left;
    nu_lookup             lookup;
    const nu_lookup_type *custom;
    const nu_native      *native;
    const nu_lookup_type *bilateral[8];
    size_t                bilateral_count;
    const nu_expression  *dated; /* a year is taken of this */
    nu_joins             *reuse, *used;
} lookup_site;

/* ---- errors --------------------------------------------------------------------------------- */

static NU_NORETURN NU_COLD void unknown_lookup(const lookup_site *site, const char *word,
                                               size_t length)
{
    const char *text = nu_fmt("%.*s", (int)length, word);
    if (site->path->relation != NULL && site->path->column == site->path->relation)
        nu__unknown_field(site->path->last, word, length,
                          NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_QUERY);
    const char *field = site->path->column != NULL ? site->path->column->name : "annotation";
    nu_error   *error =
        nu_error_new(NU_FIELD_ERROR, "field \"%s\" of model \"%s\" has no lookup \"%s\"", field,
                     site->path->last->model->name, text);
    const nu_column *type = site->left->type;
    error->detail =
        nu_fmt("It is a %s.", type != NULL ? type->field->type->name : "computed value");
    const char **words = nu_alloc((NU_COUNT(lookup_names) + 1) * sizeof *words);
    memcpy(words, lookup_names, sizeof lookup_names);
    const char *near = nu_nearest(text, words);
    if (near != NULL)
        error->hint = nu_fmt("Did you mean \"%s\"?", near);
    nu_throw(error);
}

static const char *name_of(const lookup_site *site)
{
    if (site->lookup == NU_LOOKUP_NATIVE)
        return nu__native_name(site->native);
    return site->lookup == NU_LOOKUP_CUSTOM ? site->custom->name : lookup_names[site->lookup];
}

/* ---- right sides ---------------------------------------------------------------------------- */

static bool is_pattern(nu_lookup lookup)
{
    return lookup >= NU_LOOKUP_IEXACT && lookup <= NU_LOOKUP_IREGEX;
}

static nu_expression *lookup_new(const lookup_site *site, nu_lookup lookup, size_t rights)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_LOOKUP, 1 + rights);
    expression->resolved = true;
    expression->type = &nu__bool_column;
    expression->lookup = lookup;
    expression->custom = site->custom;
    expression->aggregate = site->left->aggregate;
    expression->over = site->left->over;
    expression->args[0] = site->left;
    return expression;
}

static nu_value plain_text(nu_value value)
{
    nu_row *row = nu_row_of(value);
    if (row != NULL)
        value = nu_row_key(row);
    return value.type == NU_UUID || value.type != NU_TEXT ? nu_value_str(value) : value;
}

/* Python's int() and, of a float where the bound is left out, its ceil(): 9.5 as a whole number. */
static nu_value whole_number(nu_lookup lookup, nu_value value)
{
    double number;
    if ((value.type != NU_FLOAT && value.type != NU_DECIMAL) || !nu_float_try(value, &number) ||
        !(fabs(number) < 9.2e18))
        return value;
    bool up = value.type == NU_FLOAT && (lookup == NU_LOOKUP_GTE || lookup == NU_LOOKUP_LT);
    return nu_value_int((int64_t)(up ? ceil(number) : trunc(number)));
}

/* A whole number that no column holds, and that the database can compare with one all the same. */
static bool is_wide(const nu_query *query, nu_value value)
{
    int64_t number;
    return value.type == NU_DECIMAL && !nu_int_try(value, &number) &&
           nu_database_backend(nu__query_database(query))->wide;
}

/* The value as the left side's kind holds it. A text compared with a computed value of no known kind
 * stays as it is. */
static nu_value prepare(const lookup_site *site, nu_value value)
{
    if (is_pattern(site->lookup) || (site->custom != NULL && site->custom->text))
        return plain_text(value);
    const nu_column *type = nu__expr_type(site->left);
    if (type == NULL) {
        nu_row *row = nu_row_of(value);
        return row != NULL ? nu_row_key(row) : value;
    }
    if (nu__is_kind(type, &nu_field_int))
        value = whole_number(site->lookup, value);
    if (nu__is_kind(type, &nu_field_int) && is_wide(site->query, value))
        return value;
    return nu__prepare_compared(type, value);
}

static const nu_expression *transformed(const lookup_site *site, const nu_expression *right)
{
    for (size_t i = 0; i < site->bilateral_count; i++)
        right = nu__transform_apply(site->query, site->bilateral[i], right);
    return right;
}

static const nu_expression *right_side(const lookup_site *site, nu_value value)
{
    if (nu_expression_of(value) != NULL || nu_query_from(value) != NULL) {
        const nu_expression *right =
            nu__expr_resolve(site->query, nu__expr_of(value, false), site->reuse, site->used);
        return transformed(site, right);
    }
    nu_expression *constant = nu__expr_new(NU_EXPR_PARAM, 0);
    constant->resolved = true;
    constant->type = site->left->type;
    constant->value = prepare(site, value);
    return transformed(site, constant);
}

static const nu_expression *never(void)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_NOTHING, 0);
    expression->resolved = true;
    expression->type = &nu__bool_column;
    return expression;
}

/* ---- rows and queries as values of relations ------------------------------------------------- */

static bool has_names(const nu_query *query)
{
    return query->names != NULL || query->result != NU_RESULT_ROWS;
}

/* The column that the left side holds when it is a reference, or the key that one points to. */
static const nu_column *relation_target(const lookup_site *site)
{
    const nu_column *column = site->path->relation;
    if (column == NULL || site->path->annotation != NULL)
        return NULL;
    return column->target != NULL && site->path->column == column ? column->target
                                                                  : site->path->column;
}

static const nu_query *query_of_relation(const lookup_site *site, const nu_query *query)
{
    const nu_column *target = relation_target(site);
    if (target == NULL || has_names(query))
        return query;
    const nu_model *wanted = site->path->last->model;
    if (!nu_model_is_a(query->model, wanted) && !nu_model_is_a(wanted, query->model)) {
        nu_error *error = nu_error_new(NU_VALUE_ERROR, "a query of \"%s\" cannot be used here",
                                       query->model->name);
        error->hint = nu_fmt("Use a query of \"%s\".", wanted->name);
        nu_throw(error);
    }
    if (target->primary_key || target->model != query->model)
        return query;
    return nu_values_list_(query, NU_STRS(target->name));
}

static nu_value value_of_relation(const lookup_site *site, nu_value value)
{
    const nu_query *query = nu_query_from(value);
    return query != NULL ? nu_value_object(query_of_relation(site, query)) : value;
}

/* ---- the forms ------------------------------------------------------------------------------ */

static nu_list *items_of(const lookup_site *site, nu_value value)
{
    if (value.type == NU_LIST)
        return value.list;
    nu_raise(NU_VALUE_ERROR, "lookup \"%s\" of field \"%s\" takes a list, not a value of type %s",
             name_of(site), site->path->column != NULL ? site->path->column->name : "annotation",
             nu_value_type_name(value));
}

static void check_key_query(const lookup_site *site, const nu_query *query)
{
    const nu_column *key = site->left->column;
    bool             whole = has_names(query) ? query->names != NULL && query->names[0] != NULL &&
                                        strcmp(query->names[0], "pk") == 0
                                              : true;
    if (!whole || query->info->primary_key->parts == NULL)
        nu_raise(NU_VALUE_ERROR,
                 "the key of model \"%s\" is looked up in rows of such a key, or in their \"pk\"",
                 key->model->name);
}

static const nu_expression *build_in_query(const lookup_site *site, nu_value value)
{
    const nu_query *subquery = nu_query_from(value);
    if (subquery != NULL && subquery->none)
        return never();
    if (subquery != NULL && nu__is_key(site->left))
        check_key_query(site, subquery);
    if (subquery != NULL && subquery->names != NULL && subquery->names[0] != NULL &&
        subquery->names[1] != NULL)
        nu_raise(NU_VALUE_ERROR, "lookup \"in\" takes a query of one value a row");
    nu_expression *in = lookup_new(site, NU_LOOKUP_IN, 1);
    in->args[1] = right_side(site, value);
    return in;
}

static const nu_expression *build_in(const lookup_site *site, nu_value value)
{
    if (nu_query_from(value) != NULL || nu_expression_of(value) != NULL)
        return build_in_query(site, value);
    nu_list       *items = items_of(site, value);
    nu_expression *in = lookup_new(site, NU_LOOKUP_IN, items->count);
    in->count = 1;
    for (uint32_t i = 0; i < items->count; i++) {
        if (!nu_is_null(items->items[i])) /* nothing equals NULL */
            in->args[in->count++] = right_side(site, items->items[i]);
    }
    return in->count > 1 ? in : never();
}

static const nu_expression *build_range(const lookup_site *site, nu_value value)
{
    nu_list *items = items_of(site, value);
    if (items->count != 2)
        nu_raise(NU_VALUE_ERROR, "lookup \"range\" takes a list of two values, not of %u",
                 items->count);
    nu_expression *range = lookup_new(site, NU_LOOKUP_RANGE, 2);
    range->args[1] = right_side(site, items->items[0]);
    range->args[2] = right_side(site, items->items[1]);
    return range;
}

static const nu_expression *build_is_null(const lookup_site *site, bool yes)
{
    nu_expression *lookup = lookup_new(site, NU_LOOKUP_IS_NULL, 0);
    lookup->value = nu_value_bool(yes);
    return lookup;
}

static const nu_expression *build_custom(const lookup_site *site, nu_value value)
{
    if (site->custom->build != NULL)
        return nu__expr_resolve(site->query, site->custom->build(site->left, value), site->reuse,
                                site->used);
    nu_list       *items = value.type == NU_LIST ? value.list : nu_list_of(value);
    nu_expression *lookup = lookup_new(site, NU_LOOKUP_CUSTOM, items->count);
    for (uint32_t i = 0; i < items->count; i++)
        lookup->args[1 + i] = right_side(site, items->items[i]);
    return lookup;
}

/* A query equals a value only if it has one row. */
static void check_one_row(nu_value value)
{
    const nu_query *query = nu_query_from(value);
    if (query == NULL && nu_expression_of(value) != NULL)
        return;
    if (query != NULL && (query->high < 0 || query->high - query->low != 1)) {
        nu_error *error =
            nu_error_new(NU_VALUE_ERROR, "a query compared with a value must have one "
                                         "row");
        error->hint = "Take a slice of one with nu_slice, or look up with \"in\".";
        nu_throw(error);
    }
}

static void check_key_lookup(const lookup_site *site)
{
    if (nu__is_key(site->left) && site->lookup != NU_LOOKUP_EXACT && site->lookup != NU_LOOKUP_IN &&
        site->lookup != NU_LOOKUP_IS_NULL &&
        (site->lookup < NU_LOOKUP_GT || site->lookup > NU_LOOKUP_LTE))
        nu_raise(NU_FIELD_ERROR, "a primary key of several fields has no lookup \"%s\"",
                 name_of(site));
}

static const nu_expression *build(lookup_site *site, nu_value value)
{
    check_key_lookup(site);
    value = value_of_relation(site, value);
    if (site->lookup == NU_LOOKUP_CUSTOM)
        return build_custom(site, value);
    if (site->lookup == NU_LOOKUP_NATIVE && nu_is_null(value) && strcmp(name_of(site), "exact") == 0)
        return build_is_null(site, true);
    if (site->lookup == NU_LOOKUP_NATIVE)
        return nu__native_build(site->query, site->native, site->left, value, site->reuse,
                                site->used);
    if (site->lookup == NU_LOOKUP_IS_NULL) {
        if (value.type != NU_BOOL)
            nu_raise(NU_VALUE_ERROR, "lookup \"isnull\" takes true or false");
        return build_is_null(site, value.boolean);
    }
    if (nu__is_kind(site->left->type, &nu_field_json)) {
        const nu_expression *json =
            nu__lookup_build_json(site->query, site->left, site->lookup, value);
        if (json != NULL)
            return json;
        if (nu__is_json_key(site->left) && is_pattern(site->lookup))
            site->left = nu__json_key_as_text(site->query, site->left);
    }
    if (nu_is_null(value)) {
        if (site->lookup == NU_LOOKUP_EXACT || site->lookup == NU_LOOKUP_IEXACT)
            return build_is_null(site, true);
        nu_raise(NU_VALUE_ERROR, "lookup \"%s\" cannot compare with null", name_of(site));
    }
    if (site->lookup == NU_LOOKUP_IN)
        return build_in(site, value);
    if (site->lookup == NU_LOOKUP_RANGE)
        return build_range(site, value);
    check_one_row(value);
    nu_expression *expression = lookup_new(site, site->lookup, 1);
    expression->args[1] = right_side(site, value);
    return expression;
}

/* ---- years ---------------------------------------------------------------------------------- */

static nu_value moment_of(nu_db_type type, int year, bool last)
{
    nu_date date = last ? nu_date_of(year, 12, 31) : nu_date_of(year, 1, 1);
    if (type == NU_DB_DATE)
        return nu_value_date(date);
    nu_civil    civil = nu_date_civil(date);
    const void *zone = nu__ambient()->zone;
    if (last)
        civil.hour = 23, civil.minute = 59, civil.second = 59, civil.us = 999999;
    return nu_value_datetime(nu_datetime_in(&civil, zone));
}

/* A year is a range of the column itself, so that an index serves. NULL if the lookup is no such. */
static const nu_expression *build_year(const lookup_site *site, nu_value value)
{
    int64_t   year;
    nu_lookup lookup = site->lookup;
    if (site->dated == NULL || nu_expression_of(value) != NULL || !nu_int_try(value, &year))
        return NULL;
    if (lookup != NU_LOOKUP_EXACT && (lookup < NU_LOOKUP_GT || lookup > NU_LOOKUP_LTE))
        return NULL;
    if (year < 1 || year > 9999)
        nu_raise(NU_VALUE_ERROR, "a year is a number from 1 to 9999, not %" PRId64, year);
    lookup_site of = *site;
    nu_db_type  type = site->dated->type->db_type.type;
    of.left = site->dated;
    of.lookup = NU_LOOKUP_EXACT;
    const nu_expression *first = right_side(&of, moment_of(type, (int)year, false));
    const nu_expression *last = right_side(&of, moment_of(type, (int)year, true));
    bool                 exact = lookup == NU_LOOKUP_EXACT;
    nu_expression *expression = lookup_new(&of, exact ? NU_LOOKUP_RANGE : lookup, exact ? 2 : 1);
    expression->args[1] = lookup == NU_LOOKUP_GT || lookup == NU_LOOKUP_LTE ? last : first;
    if (exact)
        expression->args[2] = last;
    return expression;
}

/* ---- the words ------------------------------------------------------------------------------ */

/* The lookups that a reference has. */
static bool fits_relation(int lookup)
{
    return lookup == NU_LOOKUP_EXACT || lookup == NU_LOOKUP_IN || lookup == NU_LOOKUP_IS_NULL ||
           (lookup >= NU_LOOKUP_GT && lookup <= NU_LOOKUP_LTE);
}

static int find_lookup(const lookup_site *site, const char *word, size_t length)
{
    bool json = nu__is_kind(site->left->type, &nu_field_json);
    bool range = nu__range_item(site->left->type) != NULL; /* of it, "startswith" is a value */
    for (int i = 0; i < (int)NU_COUNT(lookup_names); i++) {
        if (strlen(lookup_names[i]) != length || memcmp(lookup_names[i], word, length) != 0)
            continue;
        if (range && is_pattern((nu_lookup)i))
            return -1;
        if (json && i == NU_LOOKUP_CONTAINS)
            return NU_LOOKUP_JSON_CONTAINS;
        return i < NU_LOOKUP_JSON_CONTAINS || json ? i : -1;
    }
    return -1;
}

/* The last word, if it is a lookup. */
static bool take_lookup(lookup_site *site, const char *word, size_t length)
{
    site->custom = nu__lookup_registered(nu__expr_type(site->left), word, length, false);
    if (site->custom == NULL)
        site->native = nu__native_lookup(nu__expr_type(site->left), word, length);
    int lookup = site->custom != NULL   ? NU_LOOKUP_CUSTOM
                 : site->native != NULL ? NU_LOOKUP_NATIVE
                                        : find_lookup(site, word, length);
    if (lookup < 0)
        return false;
    if (site->custom == NULL && relation_target(site) != NULL && site->dated == NULL &&
        !fits_relation(lookup))
        unknown_lookup(site, word, length);
    site->lookup = (nu_lookup)lookup;
    return true;
}

static bool is_year(const nu_expression *left)
{
    return left->kind == NU_EXPR_FUNC && left->shape != NULL && left->shape->part != NULL &&
           left->shape->result == NU_FN_PART && left->options == NULL &&
           (strcmp(left->shape->part, "year") == 0 || strcmp(left->shape->part, "iso_year") == 0);
}

static void take_transform(lookup_site *site, const char *word, size_t length)
{
    const nu_lookup_type *custom = NULL;
    const nu_expression  *next = NULL;
    if (site->path->relation == NULL || site->path->annotation != NULL)
        next = nu__transform_find(site->query, site->left, word, length, &custom);
    if (next == NULL)
        unknown_lookup(site, word, length);
    if (custom != NULL && custom->bilateral && site->bilateral_count < NU_COUNT(site->bilateral))
        site->bilateral[site->bilateral_count++] = custom;
    site->left = next;
}

const nu_expression *nu__lookup_build(nu_query *query, const nu_path *path,
                                      const nu_expression *left, nu_value value, nu_joins *reuse,
                                      nu_joins *used)
{
    lookup_site site = {.query = query, .path = path, .left = left, .reuse = reuse, .used = used};
    bool        taken = false;
    for (const char *rest = path->rest; rest != NULL;) {
        size_t length = nu__word_length(rest);
        bool   last = rest[length] == '\0';
        taken = last && take_lookup(&site, rest, length);
        if (!taken)
            take_transform(&site, rest, length);
        rest = nu__word_after(rest, length);
    }
    if (!taken) {
        bool native = site.left->type != NULL && site.left->type->db_type.type == NU_DB_NATIVE;
        if (native)
            site.native = nu__native_lookup(site.left->type, "exact", strlen("exact"));
        site.lookup = site.native != NULL ? NU_LOOKUP_NATIVE : NU_LOOKUP_EXACT;
    }
    const nu_expression *source = site.left;
    while (source->kind == NU_EXPR_REF)
        source = source->args[0];
    if (is_year(source))
        site.dated = source->args[0];
    if (site.dated != NULL && site.dated->type == NULL)
        site.dated = NULL;
    const nu_expression *range = build_year(&site, value);
    return range != NULL ? range : build(&site, value);
}
