/* What PostgreSQL has and other databases have not: Django's django.contrib.postgres. There is nothing
 * to install. A model with such a field cannot be migrated to another database, and such a lookup or
 * function raises NotSupported there.
 *
 * Arrays. The member is a `nu_list *` of values of the base field's kind; NULL is SQL's NULL where the
 * field may be null, and an empty list elsewhere:
 *
 *      struct post { nu_row row; nu_list *tags, *board; };
 *      …
 *      NU_ARRAY(post, tags, .base_field = NU_BASE(nu_field_char, .max_length = 30), .size = 8,
 *               .blank = true, .default_fn = nu_list_default),
 *      NU_ARRAY(post, board, .base_field = NU_BASE(nu_field_array, .size = 3,
 *                                                  .base_field = NU_BASE(nu_field_int))),
 *      …
 *      post->tags = nu_list_of("c", "web");
 *      nu_filter(posts, "tags__contains", nu_list_of("c"))
 *
 * Lookups: exact and comparisons, in, contains, contained_by, overlap; "tags__len", "tags__0" (from 0)
 * and "tags__0_2" (the items 0 and 1) are values with lookups of their own: "tags__0__startswith". */
#pragma once

#include "nuages/expression.h"

/* clang-format off */
#define NU_ARRAY(model, member, ...) \
    NU_FIELD_("NU_ARRAY", nu_field_array, model, member, NU_MEMBER_LIST_, "nu_list *", __VA_ARGS__)
/* clang-format on */

/* The first column of all rows of the query as an array (Django's ArraySubquery). */
NU_PUBLIC const nu_expression *nu_array_subquery(const struct nu_query *query);

/* ---- ranges --------------------------------------------------------------------------------- */

/* From one value to another: null is no end. Lives in the current arena and never changes. In templates
 * it has lower, upper, lower_inc, upper_inc and isempty. */
struct nu_value_range {
    const nu_class *class;
    nu_value lower, upper;
    bool     lower_inc, upper_inc; /* the end itself belongs to it */
    bool     empty;
};
/* With the lower end and without the upper one, as PostgreSQL keeps ranges of whole numbers and dates;
 * with bounds "[]", "()", "(]" or "[)"; and a range without anything. */
#define nu_range_of(lower, upper)           nu_range_new_(NU_V(lower), NU_V(upper), "[)")
#define nu_range_with(lower, upper, bounds) nu_range_new_(NU_V(lower), NU_V(upper), (bounds))
NU_PUBLIC NU_RETURNS_NONNULL const nu_value_range *nu_range_empty(void);
/* The range behind a value; NULL if it is none. */
NU_PUBLIC const nu_value_range *nu_range_get(nu_value value);

/* The member is a `const nu_value_range *`; NULL is SQL's NULL. A list of two sets one, too.
 *      NU_DATE_RANGE(stay, nights)
 *      stay->nights = nu_range_of(nu_date_of(2026, 8, 1), nu_date_of(2026, 8, 9));
 *      nu_filter(stays, "nights__contains", today)
 * Lookups: contains (a value or a range), contained_by, overlap, fully_lt, fully_gt, not_lt, not_gt,
 * adjacent_to, and comparisons; "nights__startswith" and "nights__endswith" are the ends, with lookups
 * of their own; isempty, lower_inc, lower_inf, upper_inc, upper_inf. Numbers, dates and datetimes have
 * contained_by a range. */
/* clang-format off */
#define NU_INT_RANGE(model, member, ...) \
    NU_FIELD_("NU_INT_RANGE", nu_field_int_range, model, member, NU_MEMBER_RANGE_, "const nu_value_range *", __VA_ARGS__)
#define NU_BIG_INT_RANGE(model, member, ...) \
    NU_FIELD_("NU_BIG_INT_RANGE", nu_field_big_int_range, model, member, NU_MEMBER_RANGE_, "const nu_value_range *", __VA_ARGS__)
#define NU_DECIMAL_RANGE(model, member, ...) \
    NU_FIELD_("NU_DECIMAL_RANGE", nu_field_decimal_range, model, member, NU_MEMBER_RANGE_, "const nu_value_range *", __VA_ARGS__)
#define NU_DATE_RANGE(model, member, ...) \
    NU_FIELD_("NU_DATE_RANGE", nu_field_date_range, model, member, NU_MEMBER_RANGE_, "const nu_value_range *", __VA_ARGS__)
#define NU_DATETIME_RANGE(model, member, ...) \
    NU_FIELD_("NU_DATETIME_RANGE", nu_field_datetime_range, model, member, NU_MEMBER_RANGE_, "const nu_value_range *", __VA_ARGS__)
/* clang-format on */

/* ---- texts that are alike ------------------------------------------------------------------- */

/* Trigrams need the extension pg_trgm, "unaccent" the extension unaccent: NU_CREATE_EXTENSION in a
 * migration. On texts there are the lookups trigram_similar, trigram_word_similar,
 * trigram_strict_word_similar, and the transform "name__unaccent__icontains", which is applied to the
 * right side too. How alike, as a number from 0 to 1, and how far apart:
 *      nu_fn("TrigramSimilarity", "name", "word")          nu_fn("TrigramDistance", "name", "word")
 *      nu_fn("TrigramWordSimilarity", "word", "name")      nu_fn("TrigramWordDistance", "word", "name")
 *      nu_fn("TrigramStrictWordSimilarity", "word", "name") …
 * Also nu_fn("Unaccent", "name"), nu_fn("RandomUUID") and nu_fn("TransactionNow"). */

/* ---- full-text search ------------------------------------------------------------------------ */

/* A column of search vectors, for an index; filled by nu_update(posts, "search", nu_search_vector(…))
 * or generated by the database. The member is the vector's text form. */
/* clang-format off */
#define NU_SEARCH_VECTOR(model, member, ...) \
    NU_FIELD_("NU_SEARCH_VECTOR", nu_field_search_vector, model, member, NU_MEMBER_TEXT_, "const char *", __VA_ARGS__)
/* clang-format on */

/* Lookup "search": nu_filter(posts, "body__search", "red car") of a text, or of a vector, where it is
 * the same as "exact". The right side is a text or a search query.
 *
 * The words of fields and other values, in the server's configuration (a language) or in a named one:
 *      nu_search_vector("title", "author__name")     nu_search_vector_in("french", "title")   */
#define nu_search_vector(...)                                                                      \
    nu_search_vector_(NULL, (const nu_value[]){NU_VALUES_(__VA_ARGS__)}, NU_NARGS_(__VA_ARGS__))
#define nu_search_vector_in(config, ...)                                                           \
    nu_search_vector_((config), (const nu_value[]){NU_VALUES_(__VA_ARGS__)}, NU_NARGS_(__VA_ARGS__))
/* The vector's words weigh 'A', 'B', 'C' or 'D', for ranks. */
NU_PUBLIC const nu_expression *nu_search_weight(const nu_expression *vector, char weight);
/* Both together (Django's `+`). */
NU_PUBLIC const nu_expression *nu_search_vectors(const nu_expression *a, const nu_expression *b);

/* How a text is read as a search query: all its words; one phrase; PostgreSQL's own operators (a wrong
 * one raises ProgrammingError); quotes, "or" and "-" as people write them, never an error. */
typedef enum nu_search_type {
    NU_SEARCH_PLAIN,
    NU_SEARCH_PHRASE,
    NU_SEARCH_RAW,
    NU_SEARCH_WEB,
} nu_search_type;
typedef struct nu_search_query_options {
    nu_search_type type;
    nu_value       config; /* NU_V("french"), or an expression; null: the vector's */
} nu_search_query_options;
/* nu_search_query("red car", .type = NU_SEARCH_PHRASE) */
#define nu_search_query(value, ...)                                                                \
    nu_search_query_(NU_V(value), &(const nu_search_query_options){__VA_ARGS__})
NU_PUBLIC const nu_expression *nu_search_and(const nu_expression *a, const nu_expression *b);
NU_PUBLIC const nu_expression *nu_search_or(const nu_expression *a, const nu_expression *b);
NU_PUBLIC const nu_expression *nu_search_not(const nu_expression *query);

typedef struct nu_search_rank_options {
    nu_list *weights;       /* of D, C, B and A: nu_list_of(0.1, 0.2, 0.4, 1.0); NULL: these */
    int      normalization; /* PostgreSQL's numbers, added up: 2 divides by the document's length … */
    bool     cover_density; /* words that are near each other count more */
} nu_search_rank_options;
/* How well a row fits: nu_search_rank("body", "red car", .cover_density = true). A text as vector names
 * a field, as query it is one. */
#define nu_search_rank(vector, query, ...)                                                         \
    nu_search_rank_(NU_V(vector), NU_V(query), &(const nu_search_rank_options){__VA_ARGS__})

typedef struct nu_search_headline_options {
    const char *config;
    const char *start, *stop; /* around the words found; NULL: <b> and </b> */
    int         max_words, min_words, short_word, max_fragments; /* 0: PostgreSQL's defaults */
    bool        highlight_all;
    const char *delimiter; /* between fragments */
} nu_search_headline_options;
/* The field's text around what was found, marked. The text is not escaped: it is no HTML that can be
 * trusted. nu_search_headline("body", "red", .start = "[", .stop = "]") */
#define nu_search_headline(of, query, ...)                                                         \
    nu_search_headline_(NU_V(of), NU_V(query), &(const nu_search_headline_options){__VA_ARGS__})

/* ---- behind the macros ----------------------------------------------------------------------- */

NU_PUBLIC NU_RETURNS_NONNULL const nu_value_range *nu_range_new_(nu_value lower, nu_value upper,
                                                           const char *bounds);
NU_PUBLIC const nu_expression *nu_search_vector_(const char *config, const nu_value *args,
                                                 size_t count);
NU_PUBLIC const nu_expression *nu_search_query_(nu_value value,
                                                const nu_search_query_options *options);
NU_PUBLIC const nu_expression *nu_search_rank_(nu_value vector, nu_value query,
                                               const nu_search_rank_options *options);
NU_PUBLIC const nu_expression *nu_search_headline_(nu_value of, nu_value query,
                                                   const nu_search_headline_options *options);
