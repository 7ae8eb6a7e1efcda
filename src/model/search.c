/* Full-text search: what an application writes becomes functions by name, which the back end's table
 * spells. */
#include <string.h>

#include "model/native.h"
#include "nuages/postgres.h"
#include "nuages/text.h"

static const char *vector_type(const nu_field *field, const char *database)
{
    (void)field;
    return strcmp(database, nu_db_postgres.name) == 0 ? "tsvector" : NULL;
}

static const char *query_type(const nu_field *field, const char *database)
{
    (void)field;
    return strcmp(database, nu_db_postgres.name) == 0 ? "tsquery" : NULL;
}

const nu_field_type nu_field_search_vector = {
    .name = "SearchVectorField",
    .symbol = "nu_field_search_vector",
    .db = NU_DB_NATIVE,
    .expects = "a search vector",
    .clean = nu__clean_text,
    .column_type = vector_type,
};
const nu_field_type nu__field_search_query = {
    .name = "SearchQueryField",
    .db = NU_DB_NATIVE,
    .expects = "a search query",
    .column_type = query_type,
};

static nu_value text(const char *value)
{
    return nu_value_object(nu_expr_value_(nu_value_text(value)));
}

static const nu_expression *call(const char *name, const nu_value *args, size_t count)
{
    return nu_expr_fn_(name, NULL, args, count);
}

/* ---- vectors -------------------------------------------------------------------------------- */

const nu_expression *nu_search_vector_(const char *config, const nu_value *args, size_t count)
{
    if (config == NULL)
        return call("SearchVector", args, count);
    nu_value *all = nu_alloc((count + 1) * sizeof *all);
    all[0] = text(config);
    memcpy(all + 1, args, count * sizeof *all);
    return call("SearchVectorIn", all, count + 1);
}

const nu_expression *nu_search_weight(const nu_expression *vector, char weight)
{
    if (weight < 'A' || weight > 'D')
        nu_raise(NU_VALUE_ERROR, "the weight of a search vector is 'A', 'B', 'C' or 'D'");
    const char letter[] = {weight, '\0'};
    return call("SearchWeight",
                (const nu_value[]){nu_value_object(vector), text(nu_fmt("%s", letter))}, 2);
}

const nu_expression *nu_search_vectors(const nu_expression *a, const nu_expression *b)
{
    return call("SearchVectors", (const nu_value[]){nu_value_object(a), nu_value_object(b)}, 2);
}

/* ---- queries -------------------------------------------------------------------------------- */

const nu_expression *nu_search_query_(nu_value value, const nu_search_query_options *options)
{
    static const char *const names[] = {
        [NU_SEARCH_PLAIN] = "SearchPlain",
        [NU_SEARCH_PHRASE] = "SearchPhrase",
        [NU_SEARCH_RAW] = "SearchRaw",
        [NU_SEARCH_WEB] = "SearchWeb",
    };
    nu_value args[2] = {value};
    bool     told = !nu_is_null(options->config);
    if (told)
        args[1] = options->config.type == NU_TEXT ? text(options->config.text) : options->config;
    return call(names[options->type], args, told ? 2 : 1);
}

const nu_expression *nu_search_and(const nu_expression *a, const nu_expression *b)
{
    return call("SearchAnd", (const nu_value[]){nu_value_object(a), nu_value_object(b)}, 2);
}

const nu_expression *nu_search_or(const nu_expression *a, const nu_expression *b)
{
    return call("SearchOr", (const nu_value[]){nu_value_object(a), nu_value_object(b)}, 2);
}

const nu_expression *nu_search_not(const nu_expression *query)
{
    return call("SearchNot", (const nu_value[]){nu_value_object(query)}, 1);
}

/* ---- ranks and headlines -------------------------------------------------------------------- */

static nu_value as_query(nu_value value)
{
    const nu_search_query_options plain = {.type = NU_SEARCH_PLAIN};
    bool                          ready = nu_expression_of(value) != NULL;
    return ready ? value : nu_value_object(nu_search_query_(value, &plain));
}

const nu_expression *nu_search_rank_(nu_value vector, nu_value query,
                                     const nu_search_rank_options *options)
{
    static const char *const names[2][2] = {
        {"SearchRank", "SearchRankWeighted"},
        {"SearchRankCover", "SearchRankCoverWeighted"},
    };
    nu_value args[4];
    size_t   count = 0;
    bool     weighted = options->weights != NULL;
    if (weighted && options->weights->count != 4)
        nu_raise(NU_VALUE_ERROR, "a rank has four weights, of D, C, B and A, not %u",
                 options->weights->count);
    if (weighted)
        args[count++] = nu_value_object(nu_expr_value_(nu_value_list(options->weights)));
    args[count++] =
        vector.type == NU_TEXT ? nu_value_object(nu_search_vector_(NULL, &vector, 1)) : vector;
    args[count++] = as_query(query);
    if (options->normalization != 0)
        args[count++] = nu_value_int(options->normalization);
    return call(names[options->cover_density][weighted], args, count);
}

static void put_option(nu_builder *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    nu_builder_printf(out, "%s%s='", out->length > 0 ? ", " : "", name);
    for (const char *at = value; *at != '\0'; at++) {
        nu_builder_puts(out, *at == '\'' ? "'" : "");
        nu_builder_putc(out, *at);
    }
    nu_builder_putc(out, '\'');
}

static void put_number(nu_builder *out, const char *name, int value)
{
    if (value != 0)
        nu_builder_printf(out, "%s%s=%d", out->length > 0 ? ", " : "", name, value);
}

static const char *headline_options(const nu_search_headline_options *options)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    put_option(&out, "StartSel", options->start);
    put_option(&out, "StopSel", options->stop);
    put_number(&out, "MaxWords", options->max_words);
    put_number(&out, "MinWords", options->min_words);
    put_number(&out, "ShortWord", options->short_word);
    if (options->highlight_all)
        nu_builder_printf(&out, "%sHighlightAll=true", out.length > 0 ? ", " : "");
    put_number(&out, "MaxFragments", options->max_fragments);
    put_option(&out, "FragmentDelimiter", options->delimiter);
    return out.length > 0 ? nu_builder_text(&out) : NULL;
}

const nu_expression *nu_search_headline_(nu_value of, nu_value query,
                                         const nu_search_headline_options *options)
{
    nu_value    args[4];
    size_t      count = 0;
    const char *told = headline_options(options);
    if (options->config != NULL)
        args[count++] = text(options->config);
    args[count++] = of;
    args[count++] = as_query(query);
    if (told != NULL)
        args[count++] = text(told);
    return call(options->config != NULL ? "SearchHeadlineIn" : "SearchHeadline", args, count);
}

/* ---- the lookup ----------------------------------------------------------------------------- */

static bool is_call(const nu_expression *expression, const char *name)
{
    return expression->kind == NU_EXPR_FUNC && expression->shape != NULL &&
           strcmp(expression->shape->name, name) == 0;
}

/* The configuration that a search vector was told; NULL: none. */
static const nu_expression *config_of(const nu_expression *vector)
{
    nu_check_stack();
    while (vector->kind == NU_EXPR_REF)
        vector = vector->args[0];
    if (is_call(vector, "SearchVectorIn"))
        return vector->args[0];
    bool inside = is_call(vector, "SearchWeight") || is_call(vector, "SearchVectors");
    return inside ? config_of(vector->args[0]) : NULL;
}

static const nu_expression *query_config(const nu_expression *query)
{
    nu_check_stack();
    bool plain = is_call(query, "SearchPlain") || is_call(query, "SearchPhrase") ||
                 is_call(query, "SearchRaw") || is_call(query, "SearchWeb");
    if (plain)
        return query->count > 1 ? query->args[1] : NULL;
    bool inside =
        is_call(query, "SearchAnd") || is_call(query, "SearchOr") || is_call(query, "SearchNot");
    return inside ? query_config(query->args[0]) : NULL;
}

static bool is_query(const nu_expression *expression)
{
    return expression != NULL && expression->kind == NU_EXPR_FUNC && expression->shape != NULL &&
           expression->shape->result == NU_FN_SEARCH_QUERY;
}

void nu__search_sides(nu_query *query, const nu_expression **left, nu_value *right)
{
    const nu_expression *given = nu_expression_of(*right);
    if (!nu__is_kind((*left)->type, &nu_field_search_vector)) {
        const nu_expression *config = is_query(given) ? query_config(given) : NULL;
        nu_value             args[2] = {nu_value_object(*left), nu_value_object(*left)};
        nu_joins             reuse = NU_EVERY_JOIN, used = 0;
        if (config != NULL)
            args[0] = nu_value_object(config);
        *left = nu__expr_resolve(
            query, config != NULL ? call("SearchVectorIn", args, 2) : call("SearchVector", args, 1),
            &reuse, &used);
    }
    bool ready =
        is_query(given) || (given != NULL && nu__is_kind(given->type, &nu__field_search_query));
    if (ready)
        return;
    const nu_expression    *config = config_of(*left);
    nu_search_query_options options = {.type = NU_SEARCH_PLAIN};
    if (config != NULL)
        options.config = nu_value_object(config);
    *right = nu_value_object(nu_search_query_(*right, &options));
}
