/* Trigrams, accents and full-text search, on PostgreSQL (scripts/postgres run). */
#include <string.h>

#include "helper.h"
#include "model/schema_sql.h"
#include "nuages/postgres.h"
#include "nuages/query.h"

struct line {
    nu_row      row;
    const char *name, *text, *config, *found;
};
extern const nu_model line_model;

static const nu_expression *english(void)
{
    return nu_search_vector_in("english", "text");
}

static const nu_expression *weighted(void)
{
    return nu_search_vectors(nu_search_weight(nu_search_vector_in("english", "name"), 'A'),
                             nu_search_weight(nu_search_vector_in("english", "text"), 'B'));
}

static const nu_field line_fields[] = {
    NU_CHAR(line, name, .max_length = 40),
    NU_TEXT(line, text),
    NU_CHAR(line, config, .max_length = 20, .default_value = NU_CONST_TEXT("english")),
    NU_SEARCH_VECTOR(line, found, .null = true, .blank = true, .generated = weighted),
    {0},
};
const nu_model line_model = {
    NU_MODEL_OF(line, "Line"),
    .fields = line_fields,
    .ordering = NU_STRS("id"),
    .indexes = NU_INDEXES({.name = "line_found", .fields = NU_STRS("found"), .method = "gin"},
                          {.name = "line_text",
                           .expressions = (const nu_expression_fn[]){english, NULL},
                           .method = "gin"}),
};
static const nu_model *const models[] = {&line_model, NULL};

static const char *source;

static nu_database *lines(void)
{
    nu_database *db = empty_database_on(true);
    if (db == NULL)
        return NULL;
    source = make_tables(db, "app", models);
    nu_create(line, "name", "Héloïse", "text", "A red car drives fast, and it's a car.");
    nu_create(line, "name", "Mathew", "text", "She drove the blue bicycle home.");
    nu_create(line, "name", "Matthew", "text", "Fast bicycles; a red one too.");
    return db;
}

static const char *names(const nu_query *query)
{
    return nu_text(nu_value_list(nu_query_list(nu_flat(query, "name"))));
}

#define FOUND(lookup, value) names(nu_filter(nu_all(line), lookup, value))

TEST(a_search_vector_is_a_column_and_an_index)
{
    nu_database *db = lines();
    if (db == NULL)
        return;
    CHECK_CONTAINS(source, "NU_COLUMN(\"found\", search_vector, .null = true, .blank = true, "
                           ".generated = found_generated)");
    CHECK_CONTAINS(source, "nu_fn(\"SearchVectorIn\", nu_const(\"english\"), nu_f(\"text\"))");
    CHECK_TEXT(values_of(db, "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE "
                             "attrelid = 'app_line'::regclass AND attname = 'found'"),
               "tsvector");
    CHECK_CONTAINS(values_of(db, "SELECT indexdef FROM pg_indexes WHERE indexname = 'line_text'"),
                   "USING gin (to_tsvector('english'::regconfig, COALESCE(text, ''::text)))");
    CHECK_TEXT(nu_get(line, "id", 2)->found,
               "'bicycl':6B 'blue':5B 'drove':3B 'home':7B 'mathew':1A");
    CHECK_TEXT(FOUND("found", "red car"), "['Héloïse']");
    CHECK_TEXT(FOUND("found", nu_search_query("reds", .config = NU_V("english"))),
               "['Héloïse', 'Matthew']");
    CHECK_TEXT(FOUND("found__isnull", true), "[]");
    CHECK_TEXT(FOUND("found", nu_null()), "[]");
}

TEST(texts_are_searched)
{
    if (lines() == NULL)
        return;
    CHECK_TEXT(FOUND("text__search", "red car"), "['Héloïse']");
    CHECK_TEXT(FOUND("text__search", nu_search_query("bicycle", .config = NU_V("english"))),
               "['Mathew', 'Matthew']");
    CHECK_TEXT(FOUND("text__search", nu_search_query("bicycles", .config = NU_V("simple"))),
               "['Matthew']");
    CHECK_TEXT(FOUND("text__search", nu_search_query("car red", .type = NU_SEARCH_PHRASE)), "[]");
    CHECK_TEXT(FOUND("text__search", nu_search_query("'car' | 'home'", .type = NU_SEARCH_RAW)),
               "['Héloïse', 'Mathew']");
    CHECK_TEXT(FOUND("text__search", nu_search_query("fast -car", .type = NU_SEARCH_WEB)),
               "['Matthew']");
    CHECK_TEXT(FOUND("text__search",
                     nu_search_and(nu_search_query("fast"), nu_search_not(nu_search_query("car")))),
               "['Matthew']");
    CHECK_TEXT(FOUND("text__search", nu_search_or(nu_search_query("home"), nu_search_query("car"))),
               "['Héloïse', 'Mathew']");
    CHECK_TEXT(names(nu_exclude(nu_all(line), "text__search", "fast")), "['Mathew']");
    nu_query *query = nu_annotate(nu_all(line), "v", nu_search_vector("name", "text", "id"));
    CHECK_TEXT(names(nu_filter(query, "v", "Mathew home")), "['Mathew']");
    CHECK_TEXT(names(nu_filter(query, "v__search", "3")), "['Matthew']");
    query = nu_annotate(nu_all(line), "v", nu_search_vector_in("simple", "text"));
    CHECK_TEXT(names(nu_filter(query, "v", "the")), "['Mathew']");
    query = nu_filter(nu_all(line), "text__search",
                      nu_search_query("cars", .config = NU_V(nu_f("config"))));
    CHECK_TEXT(names(query), "['Héloïse']");
    CHECK_RAISES(NU_PROGRAMMING_ERROR,
                 names(nu_filter(nu_all(line), "text__search",
                                 nu_search_query("a & (", .type = NU_SEARCH_RAW))));
    CHECK_RAISES(NU_FIELD_ERROR, nu_filter(nu_all(line), "id__search", "x"));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(line), "text__search", nu_null()));
    CHECK_RAISES(NU_VALUE_ERROR, nu_search_weight(nu_search_vector("text"), 'E'));
}

TEST(what_is_found_has_ranks_and_headlines)
{
    if (lines() == NULL)
        return;
    nu_query *query = nu_annotate(nu_all(line), "rank", nu_search_rank("text", "fast"));
    CHECK_TEXT(names(nu_order_by(nu_filter(query, "rank__gt", 0), "-rank", "id")),
               "['Héloïse', 'Matthew']");
    nu_list *weights = nu_list_of(0, 0, 0.5, 1);
    query = nu_annotate(nu_all(line), "rank",
                        nu_search_rank(nu_f("found"), "Mathew", .weights = weights,
                                       .normalization = 2, .cover_density = true));
    CHECK_TEXT(names(nu_filter(query, "rank__gt", 0.1)), "['Mathew']");
    CHECK_RAISES(NU_VALUE_ERROR, nu_search_rank("text", "x", .weights = nu_list_of(1)));
    query = nu_annotate(nu_all(line), "head",
                        nu_search_headline("text", "bicycle", .start = "[", .stop = "']",
                                           .config = "english", .max_words = 4, .min_words = 2));
    CHECK_TEXT(nu_text(nu_value_list(nu_query_list(nu_flat(nu_filter(query, "id", 2), "head")))),
               "[\"[bicycle'] home\"]");
    query = nu_annotate(nu_all(line), "head", nu_search_headline("text", "car"));
    CHECK_TEXT(nu_text(nu_value_list(nu_query_list(nu_flat(nu_filter(query, "id", 1), "head")))),
               "[\"A red <b>car</b> drives fast, and it's a <b>car</b>.\"]");
}

static const nu_operation extensions[] = {
    NU_CREATE_EXTENSION("pg_trgm"), NU_CREATE_EXTENSION("unaccent"), {0}};

TEST(texts_that_are_alike_are_found)
{
    nu_database *db = lines();
    if (db == NULL)
        return;
    migrate(db, GRAPH(MIGRATION("shop", "0001", extensions)), NULL, NULL);
    CHECK_TEXT(FOUND("name__trigram_similar", "Mathew"), "['Mathew', 'Matthew']");
    CHECK_TEXT(FOUND("text__trigram_word_similar", "bicycl"), "['Mathew', 'Matthew']");
    CHECK_TEXT(FOUND("text__trigram_strict_word_similar", "bicycle"), "['Mathew', 'Matthew']");
    CHECK_TEXT(FOUND("name__trigram_similar", nu_f("name")), "['Héloïse', 'Mathew', 'Matthew']");
    CHECK_TEXT(FOUND("name__unaccent", "Heloise"), "['Héloïse']");
    CHECK_TEXT(FOUND("name__unaccent__icontains", "HELÖ"), "['Héloïse']");
    CHECK_TEXT(FOUND("name__unaccent__trigram_similar", "Helloise"), "['Héloïse']");
    nu_query *query = nu_annotate(
        nu_all(line), "near", nu_fn("TrigramSimilarity", "name", "Mathew"), "far",
        nu_fn("TrigramDistance", "name", "Mathew"), "word",
        nu_fn("TrigramWordSimilarity", "home", "text"), "apart",
        nu_fn("TrigramWordDistance", "home", "text"), "strict",
        nu_fn("TrigramStrictWordSimilarity", "home", "text"), "strictly",
        nu_fn("TrigramStrictWordDistance", "home", "text"), "plain", nu_fn("Unaccent", "name"));
    query = nu_filter(query, "id", 2);
    CHECK_TEXT(nu_text(nu_value_list(nu_query_list(nu_values_list(
                   query, "near", "far", "word", "apart", "strict", "strictly", "plain")))),
               "[(1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 'Mathew')]");
    CHECK_RAISES(NU_FIELD_ERROR, nu_filter(nu_all(line), "id__trigram_similar", "x"));
    query = nu_annotate(nu_all(line), "u", nu_fn("RandomUUID"), "t", nu_fn("TransactionNow"));
    nu_value first = nu_value_list(nu_query_list(nu_values_list(query, "u", "t")));
    CHECK_EQ(first.list->items[0].list->items[0].type, NU_UUID);
    CHECK_EQ(first.list->items[0].list->items[1].type, NU_DATETIME);
}

TEST(a_database_without_search_says_so)
{
    empty_database_on(false);
    nu_models_clear();
    nu_models_add("app", models);
    nu_models_ready();
    CHECK_RAISES(NU_NOT_SUPPORTED, nu_query_list(nu_filter(nu_all(line), "text__search", "x")));
    CHECK_RAISES(NU_NOT_SUPPORTED,
                 nu_query_list(nu_filter(nu_all(line), "name__trigram_similar", "x")));
    CHECK_RAISES(NU_NOT_SUPPORTED, nu_query_list(nu_filter(nu_all(line), "name__unaccent", "x")));
}
