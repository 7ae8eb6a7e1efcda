#include <string.h>

#include "blog.h"
#include "model/query_internal.h"

/* One condition a line and the articles it finds. */
#define FINDS(expected, ...) CHECK_TEXT(texts_of(nu_filter(nu_all(article), __VA_ARGS__)), expected)
#define LEAVES(expected, ...)                                                                      \
    CHECK_TEXT(texts_of(nu_exclude(nu_all(article), __VA_ARGS__)), expected)

TEST(lookups_find_rows)
{
    blog_fill();
    FINDS("One,Two,Four", "live", true);
    FINDS("Two", "title", "Two");
    FINDS("Two", "title__exact", "Two");
    FINDS("Two", "title__iexact", "tWO");
    FINDS("Two,Four", "title__contains", "o", "title__in", nu_list_of("Two", "Four"));
    FINDS("One,Three", "title__endswith", "e");
    FINDS("Two,Three", "title__startswith", "T");
    FINDS("Three", "title__icontains", "HRE");
    FINDS("One,Two", "likes__gt", 4, "likes__lte", 7);
    FINDS("One", "likes__gte", 5, "likes__lt", 7);
    FINDS("One,Three", "likes__in", nu_list_of(5, 1));
    FINDS("", "likes__in", nu_list_new());
    FINDS("One,Two", "likes__range", nu_list_of(5, 7));
    FINDS("One,Three", "rank__isnull", true);
    FINDS("One,Three", "rank", nu_null());
    FINDS("Two,Four", "rank__isnull", false);
    FINDS("Two,Three", "title__regex", "^T");
    FINDS("Two,Three", "title__iregex", "^t");
    FINDS("", "title__contains", "%");
    FINDS("", "title__contains", "_");
    FINDS("One", "pk", 1);
    FINDS("One", "id", "1");
    blog_close();
}

TEST(parts_of_dates_find_rows)
{
    blog_fill();
    FINDS("Two,Three", "published__year", 2026);
    FINDS("One", "published__year__lt", 2026);
    FINDS("Two,Three", "published__year__gte", 2026);
    FINDS("", "published__year__gt", 2026);
    FINDS("One,Two,Three", "published__year__lte", 2026);
    FINDS("One", "published__month", 12);
    FINDS("One", "published__day__gt", 20);
    FINDS("Three", "published__week_day", 2);
    FINDS("Three", "published__hour__range", nu_list_of(12, 13));
    FINDS("Three", "published__minute", 30, "published__second", 45);
    FINDS("Two", "published__date", nu_date_of(2026, 1, 1));
    FINDS("Two", "published__date", "2026-01-01");
    FINDS("Three", "published__time__gte", nu_time_of(1, 0, 0, 0), "published__year", 2026);
    FINDS("One,Two", "published__lt", nu_datetime_of(2026, 1, 2, 0, 0, 0));
    blog_close();
}

TEST(relations_are_spanned)
{
    blog_fill();
    FINDS("One,Two", "author__name", "Ada");
    FINDS("One,Two", "author", 1);
    FINDS("One,Two", "author_id", 1);
    FINDS("One,Two", "author__pk", 1);
    FINDS("One,Two", "author", nu_get(author, "name", "Ada"));
    FINDS("Three,Four", "author__mentor__name", "Ada");
    FINDS("One", "comments__spam", true);
    FINDS("One,One,Two", "comments__isnull", false);
    FINDS("Three,Four", "comments__isnull", true);
    FINDS("One,Two", "tags__name", "c");
    FINDS("One,Three", "tags", 2);
    FINDS("Four", "tags__isnull", true);
    FINDS("One,Two,Four", "editor__isnull", true);
    FINDS("One,Two", "author__in", nu_filter(nu_all(author), "name", "Ada"));
    CHECK_TEXT(texts_of(nu_distinct(nu_filter(nu_all(author), "articles__live", true))), "Ada,Bob");
    CHECK_TEXT(texts_of(nu_filter(nu_all(tag), "articles__author__name", "Bob")), "web");
    blog_close();
}

TEST(one_call_means_the_same_row_two_calls_may_not)
{
    blog_fill();
    FINDS("", "comments__text", "good", "comments__spam", true);
    nu_query *two =
        nu_filter(nu_filter(nu_all(article), "comments__text", "good"), "comments__spam", true);
    CHECK_TEXT(texts_of(two), "One");
    CHECK_CONTAINS(nu_query_sql(two), "\"T3\"");
    blog_close();
}

TEST(exclude_keeps_null_and_asks_for_none)
{
    blog_fill();
    LEAVES("Three", "live", true);
    LEAVES("One,Three,Four", "rank", 1);
    LEAVES("Two,Four", "rank", nu_null());
    LEAVES("Two,Three,Four", "comments__spam", true);
    LEAVES("Three,Four", "comments__text", "good");
    LEAVES("Three,Four", "tags__name", "c");
    LEAVES("One,Two,Four", "editor__name", "Ada");
    LEAVES("Three,Four", "author__name", "Ada", "live", true);
    LEAVES("One,Two,Three,Four", "likes__in", nu_list_new());
    blog_close();
}

TEST(conditions_are_combined)
{
    blog_fill();
    const struct {
        const nu_expression *condition;
        const char          *expected;
    } cases[] = {
        {nu_or(nu_q("title", "One"), nu_q("title", "Four")), "One,Four"},
        {nu_and(nu_q("live", true), nu_not(nu_q("author__name", "Ada"))), "Four"},
        {nu_or(nu_q("editor__name", "Ada"), nu_q("likes", 7)), "Two,Three"},
        {nu_or(nu_q("comments__spam", true), nu_q("title", "Four")), "One,Four"},
        {nu_not(nu_or(nu_q("live", true), nu_q("likes__gt", 0))), ""},
        {nu_not(nu_not(nu_q("title", "One"))), "One"},
        {nu_q("likes__gt", nu_f("rank")), "Two"},
        {nu_q("likes__gte", nu_add(nu_f("id"), 4)), "One,Two"},
        {nu_q("title", nu_f("author__name")), ""},
        {nu_q("slug__iexact", nu_f("title")), "One,Two,Three,Four"},
        {nu_has(nu_filter(nu_all(comment), "article", nu_outer("pk"))), "One,Two"},
        {nu_not(nu_has(nu_filter(nu_all(comment), "article", nu_outer("pk"), "spam", true))),
         "Two,Three,Four"},
        {nu_or(nu_q("pk__in", nu_list_new()), nu_q("title", "One")), "One"},
        {nu_and(), "One,Two,Three,Four"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(texts_of(nu_where(nu_all(article), cases[i].condition)), cases[i].expected);
    blog_close();
}

TEST(unknown_names_are_told_with_near_ones)
{
    blog_fill();
    CHECK_RAISES(NU_FIELD_ERROR, nu_filter(nu_all(article), "titel", "x"));
    CHECK_TEXT(nu_test_error()->fact, "model \"Article\" has no field \"titel\"");
    CHECK_TEXT(nu_test_error()->hint, "Did you mean \"title\"?");
    CHECK_CONTAINS(nu_test_error()->detail, "author, author_id, body, comments, day");
    CHECK_RAISES(NU_FIELD_ERROR, nu_filter(nu_all(article), "author__nam", "x"));
    CHECK_TEXT(nu_test_error()->fact, "model \"Author\" has no field \"nam\"");
    CHECK_RAISES(NU_FIELD_ERROR, nu_filter(nu_all(article), "title__contain", "x"));
    CHECK_TEXT(nu_test_error()->fact,
               "field \"title\" of model \"Article\" has no lookup \"contain\"");
    CHECK_TEXT(nu_test_error()->hint, "Did you mean \"contains\"?");
    CHECK_RAISES(NU_FIELD_ERROR, nu_filter(nu_all(article), "title__year", 5));
    CHECK_RAISES(NU_FIELD_ERROR, nu_filter(nu_all(article), "", 5));
    CHECK_RAISES(NU_FIELD_ERROR, nu_filter(nu_all(article), "__", 5));
    CHECK_RAISES(NU_FIELD_ERROR, nu_order_by(nu_all(article), "-titel"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_values(nu_all(article), "titel"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_select_related(nu_all(article), "title"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_select_related(nu_all(article), "tags"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_only(nu_all(article), "titel"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_update(nu_all(article), "titel", 1));
    CHECK_RAISES(NU_FIELD_ERROR, nu_create(article, "titel", 1));
    blog_close();
}

TEST(values_that_do_not_fit_are_refused)
{
    blog_fill();
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(article), "likes", "many"));
    CHECK_TEXT(nu_test_error()->fact,
               "field \"likes\" of model \"Article\" cannot hold text \"many\"");
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(article), "likes__gt", nu_null()));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(article), "likes__in", 5));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(article), "likes__range", nu_list_of(1)));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(article), "rank__isnull", 1));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(article), "author", nu_get(tag, "name", "c")));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(article), "author", nu_new(author)));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_slice(nu_all(article), 0, 1), "live", true));
    CHECK_RAISES(NU_VALUE_ERROR, nu_slice(nu_all(article), -1, 1));
    CHECK_RAISES(NU_VALUE_ERROR, nu_first(tag, nu_all(article)));
    blog_close();
}

TEST(texts_that_name_no_date_are_told_from_other_texts)
{
    blog_fill();
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_filter(nu_all(article), "day", "2026-02-30"));
    CHECK_TEXT(nu_test_error()->fact, "“2026-02-30” value has the correct format (YYYY-MM-DD) but "
                                      "it is an invalid date.");
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_filter(nu_all(article), "day", "30 February"));
    CHECK_TEXT(nu_test_error()->fact,
               "“30 February” value has an invalid date format. It must be in YYYY-MM-DD format.");
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_filter(nu_all(article), "published", "2026-02-30"));
    CHECK_TEXT(nu_test_error()->fact, "“2026-02-30” value has the correct format (YYYY-MM-DD) but "
                                      "it is an invalid date.");
    CHECK_RAISES(NU_VALIDATION_ERROR,
                 nu_filter(nu_all(article), "published", "2026-02-01 24:00:00.5+01:00"));
    CHECK_TEXT(nu_test_error()->fact,
               "“2026-02-01 24:00:00.5+01:00” value has the correct format (YYYY-MM-DD "
               "HH:MM[:ss[.uuuuuu]][TZ]) but it is an invalid date/time.");
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_filter(nu_all(every), "time", "12:60"));
    CHECK_TEXT(nu_test_error()->fact, "“12:60” value has the correct format "
                                      "(HH:MM[:ss[.uuuuuu]]) but it is an invalid time.");
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_filter(nu_all(every), "time", "noon"));
    CHECK_TEXT(nu_test_error()->fact,
               "“noon” value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format.");
    blog_close();
}

/* A join that one branch of a negation can do without must not drop rows. */
TEST(negations_inside_negations_keep_rows_without_the_relation)
{
    blog_fill();
    CHECK_TEXT(texts_of(nu_where(nu_all(article),
                                 nu_not(nu_and(nu_q("likes__gt", 4),
                                               nu_not(nu_q("editor__name__isnull", false)))))),
               "Three,Four");
    CHECK_TEXT(
        texts_of(nu_where(nu_all(article),
                          nu_not(nu_and(nu_q("likes__gt", 6), nu_not(nu_q("editor__name", "x")))))),
        "One,Three,Four");
    blog_close();
}

TEST(a_guard_stands_also_where_a_join_was_made_inner_for_a_while)
{
    blog_fill();
    CHECK_TEXT(texts_of(nu_where(nu_all(article), nu_not(nu_and(nu_q("editor__name__isnull", true),
                                                                nu_q("editor__name__in",
                                                                     nu_list_of("Ada", "Bob")))))),
               "One,Two,Three,Four");
    blog_close();
}

TEST(values_of_relations_to_many_count_as_many_rows)
{
    blog_fill();
    CHECK_EQ(nu_count(nu_values(nu_all(article), "tags")), 5);
    CHECK_EQ(nu_count(nu_annotate(nu_values(nu_all(article), "tags"), "a", nu_f("likes"))), 5);
    CHECK_EQ(nu_count(nu_values(nu_all(article), "title")), 4);
    blog_close();
}

TEST(groups_know_what_their_conditions_ask_for)
{
    blog_fill();
    nu_query *groups = nu_annotate(nu_values(nu_all(article), "author"), "n", nu_count_of("id"));
    nu_query *some =
        nu_where(groups, nu_or(nu_q("n__gt", 5), nu_not(nu_q("comments__spam", true))));
    CHECK_EQ(nu_query_list(some)->count, 3);
    nu_query *hidden = nu_alias(nu_all(article), "n", nu_count_of("comments"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_aggregate(hidden, "all", nu_sum("n")));
    CHECK_TEXT(nu_test_error()->fact, "the alias \"n\" cannot be summed up");
    blog_close();
}

TEST(order_and_slices)
{
    blog_fill();
    nu_query *all = nu_all(article);
    CHECK_TEXT(texts_of(nu_order_by(all, "title")), "Four,One,Three,Two");
    CHECK_TEXT(texts_of(nu_order_by(all, "-live", "-likes")), "Two,One,Four,Three");
    CHECK_TEXT(texts_of(nu_order_by(all, "-author__name", "id")), "Three,Four,One,Two");
    CHECK_TEXT(texts_of(nu_order_by(all, "-author", "-id")), "Four,Three,Two,One");
    CHECK_TEXT(texts_of(nu_order_by(all, "editor__name", "id")), "One,Two,Four,Three");
    CHECK_TEXT(texts_of(nu_reversed(all)), "Four,Three,Two,One");
    CHECK_TEXT(texts_of(nu_order_by_expr(all, nu_desc(nu_length("title")), "-id")),
               "Three,Four,Two,One");
    CHECK_TEXT(texts_of(nu_slice(all, 1, 3)), "Two,Three");
    CHECK_TEXT(texts_of(nu_slice(all, 2, -1)), "Three,Four");
    CHECK_TEXT(texts_of(nu_slice(nu_slice(all, 1, 4), 1, 2)), "Three");
    CHECK_TEXT(texts_of(nu_slice(all, 3, 3)), "");
    CHECK_EQ(nu_count(nu_order_by(all, "?")), 4);
    CHECK_EQ(nu_query_list(nu_order_by(all, "?"))->count, 4);
    CHECK(nu_query_is_ordered(all));
    CHECK(!nu_query_is_ordered(nu_unordered(all)));
    blog_close();
}

TEST(single_rows)
{
    blog_fill();
    CHECK_TEXT(nu_get(article, "slug", "two")->title, "Two");
    CHECK_RAISES(NU_OBJECT_NOT_FOUND, nu_get(article, "slug", "none"));
    CHECK_TEXT(nu_test_error()->fact, "no article with slug = none");
    CHECK_RAISES(NU_MULTIPLE_OBJECTS, nu_get(article, "live", true));
    CHECK(nu_test_error()->data == &article_model);
    CHECK_RAISES(NU_OBJECT_NOT_FOUND, nu_get(article, "title", "none"));
    CHECK(nu_test_error()->data == &article_model);
    CHECK_RAISES(NU_VALUE_ERROR, nu_query_first(nu_values(nu_all(article), "title")));
    CHECK_RAISES(NU_NOT_FOUND, nu_get_or_404(article, "slug", "none"));
    CHECK(nu_find(article, "slug", "none") == NULL);
    CHECK_TEXT(nu_first(article, nu_all(article))->title, "One");
    CHECK_TEXT(nu_last(article, nu_all(article))->title, "Four");
    CHECK_TEXT(nu_first(comment, nu_all(comment))->text, "good");
    CHECK(nu_first(article, nu_filter(nu_all(article), "likes", 99)) == NULL);
    CHECK_TEXT(nu_at(article, nu_all(article), 2)->title, "Three");
    CHECK(nu_at(article, nu_all(article), 9) == NULL);
    CHECK_TEXT(nu_one(article, nu_filter(nu_all(article), "slug", "one"))->title, "One");
    blog_close();
}

TEST(rows_are_read_once_and_in_one_statement)
{
    blog_fill();
    nu_query *query = nu_all(article);
    uint64_t  before = nu_query_count();
    int       likes = 0;
    for (int round = 0; round < 2; round++) {
        NU_EACH (article, a, query) {
            if (a->likes == 1)
                continue;
            likes += a->likes;
            if (likes > 100)
                break;
        }
    }
    CHECK_EQ(likes, 24);
    CHECK_EQ(nu_count(query), 4);
    CHECK(nu_exists(query));
    CHECK_EQ(nu_query_count() - before, 1);
    blog_close();
}

TEST(a_boolean_column_is_a_condition_and_decimals_keep_their_places)
{
    blog_fill();
    const char *live = nu_query_sql(nu_filter(nu_all(article), "live", true));
    CHECK_CONTAINS(live, "WHERE \"blog_article\".\"live\"");
    CHECK(strstr(live, "\"live\" =") == NULL); /* an index with this condition serves */
    CHECK_CONTAINS(nu_query_sql(nu_filter(nu_all(article), "live", false)),
                   "WHERE NOT \"blog_article\".\"live\"");
    nu_update(nu_all(article), "price", "1.24");
    CHECK_EQ(nu_count(nu_filter(nu_all(article), "price__gt", "1.239")), 4);
    CHECK_EQ(nu_count(nu_filter(nu_all(article), "price__lt", "1.2401")), 4);
    blog_close();
}

TEST(counting)
{
    blog_fill();
    CHECK_EQ(nu_count(nu_all(article)), 4);
    CHECK_EQ(nu_count(nu_filter(nu_all(article), "comments__text", "good")), 2);
    CHECK_EQ(nu_count(nu_slice(nu_all(article), 1, 3)), 2);
    CHECK_EQ(nu_count(nu_distinct(nu_filter(nu_all(article), "comments__isnull", false))), 2);
    CHECK_EQ(nu_count(nu_none(nu_all(article))), 0);
    CHECK(nu_exists(nu_filter(nu_all(article), "likes", 7)));
    CHECK(!nu_exists(nu_filter(nu_all(article), "likes", 8)));
    blog_close();
}

TEST(values_instead_of_rows)
{
    blog_fill();
    nu_query *query = nu_slice(nu_values(nu_all(article), "title", "author__name"), 0, 1);
    CHECK_TEXT(nu_text(nu_query_list(query)->items[0]), "{'title': 'One', 'author__name': 'Ada'}");
    query = nu_slice(nu_values_list(nu_all(article), "id", "live"), 2, 3);
    CHECK_TEXT(nu_text(nu_query_list(query)->items[0]), "(3, False)");
    CHECK_TEXT(texts_of(nu_flat(nu_all(article), "slug")), "one,two,three,four");
    CHECK_TEXT(texts_of(nu_flat(nu_all(article), "tags__name")), "c,web,c,web,None");
    CHECK_EQ(nu_dict_count(nu_query_list(nu_values(nu_all(article)))->items[0].dict), 14);
    CHECK_TEXT(texts_of(nu_distinct(nu_unordered(nu_flat(nu_all(article), "live")))), "True,False");
    CHECK_RAISES(NU_VALUE_ERROR, nu_query_rows(nu_values(nu_all(article))));
    blog_close();
}

TEST(aggregates)
{
    blog_fill();
    nu_dict *all =
        nu_aggregate(nu_all(article), "n", nu_count_of("*"), "mean", nu_avg("likes"), "most",
                     nu_max("likes"), "total", nu_sum("likes"), "first", nu_min("published"));
    CHECK_EQ(nu_dict_get(all, "n"), 4);
    CHECK_EQ(nu_dict_get(all, "mean"), 3.25);
    CHECK_EQ(nu_dict_get(all, "most"), 7);
    CHECK_EQ(nu_dict_get(all, "total"), 13);
    CHECK_EQ(nu_dict_get(all, "first"), nu_datetime_of(2025, 12, 31, 23, 0, 0));
    nu_dict *some = nu_aggregate(nu_slice(nu_all(article), 0, 2), "total", nu_sum("likes"));
    CHECK_EQ(nu_dict_get(some, "total"), 12);
    nu_dict *none =
        nu_aggregate(nu_none(nu_all(article)), "n", nu_count_of("*"), "mean", nu_avg("likes"));
    CHECK_EQ(nu_dict_get(none, "n"), 0);
    CHECK(nu_is_null(nu_dict_get(none, "mean")));
    nu_dict *live =
        nu_aggregate(nu_all(article), "n", nu_only_if(nu_count_of("*"), nu_q("live", true)),
                     "authors", nu_count_distinct_of("author"));
    CHECK_EQ(nu_dict_get(live, "n"), 3);
    CHECK_EQ(nu_dict_get(live, "authors"), 2);
    CHECK_RAISES(NU_FIELD_ERROR, nu_aggregate(nu_all(article), "n", nu_f("likes")));
    blog_close();
}

TEST(annotations)
{
    blog_fill();
    nu_query *query = nu_annotate(nu_all(article), "n", nu_count_of("comments"), "twice",
                                  nu_mul(nu_f("likes"), 2));
    nu_row  **rows = nu_query_rows(query);
    CHECK_EQ(nu_row_get(rows[0], "n"), 2);
    CHECK_EQ(nu_row_get(rows[3], "n"), 0);
    CHECK_EQ(nu_row_get(rows[1], "twice"), 14);
    CHECK_TEXT(texts_of(nu_filter(query, "n__gt", 0)), "One,Two");
    CHECK_TEXT(texts_of(nu_filter(query, "n", 0, "live", true)), "Four");
    CHECK_TEXT(texts_of(nu_order_by(query, "-n", "-twice")), "One,Two,Three,Four");
    CHECK_EQ(nu_count(nu_filter(query, "n__gt", 0)), 2);
    nu_query *grouped =
        nu_order_by(nu_annotate(nu_values(nu_all(article), "author__name"), "n", nu_count_of("*")),
                    "author__name");
    CHECK_TEXT(texts_of(grouped),
               "{'author__name': 'Ada', 'n': 2},{'author__name': 'Bob', 'n': 2}");
    nu_query *labels = nu_annotate(nu_all(article), "label",
                                   nu_case(nu_when(nu_q("likes__gt", 4), "hot"), "cold"));
    CHECK_TEXT(texts_of(nu_flat(labels, "label")), "hot,hot,cold,cold");
    nu_query *latest = nu_annotate(
        nu_all(article), "last",
        nu_subquery(nu_slice(
            nu_flat(nu_order_by(nu_filter(nu_all(comment), "article", nu_outer("pk")), "-id"),
                    "text"),
            0, 1)));
    CHECK_TEXT(texts_of(nu_flat(latest, "last")), "buy,good,None,None");
    CHECK_RAISES(NU_VALUE_ERROR, nu_annotate(nu_all(article), "title", nu_f("slug")));
    blog_close();
}

TEST(queries_are_values)
{
    blog_fill();
    nu_query *query = nu_all(article);
    nu_value  value = NU_V(query), out;
    CHECK(nu_query_from(value) == query);
    CHECK(nu_truth(value));
    CHECK(!nu_truth(NU_V(nu_none(query))));
    CHECK(query->class->at(query, 1, &out));
    CHECK_TEXT(nu_text(out), "Two");
    CHECK(!query->class->at(query, 9, &out));
    CHECK(query->class->get(query, "count", 5, &out));
    CHECK_EQ(out, 4);
    CHECK_TEXT(nu_text(value), "<QuerySet [One, Two, Three, Four]>");
    blog_close();
}

TEST(slices_beyond_all_numbers_are_empty)
{
    blog_open();
    blog_fill();
    const nu_query *rest = nu_slice(nu_all(article), 1, -1);
    CHECK_EQ(nu_query_list(nu_slice(rest, INT64_MAX, INT64_MAX))->count, 0);
    CHECK_EQ(nu_query_list(nu_slice(rest, INT64_MAX, -1))->count, 0);
    CHECK(nu_query_at((nu_query *)rest, INT64_MAX) == NULL);
    blog_close();
}
