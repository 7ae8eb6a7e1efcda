#include "blog.h"

TEST(rows_that_come_along_are_added_up)
{
    blog_fill();
    uint64_t  before = nu_query_count();
    nu_query *query = nu_select_related(nu_select_related(nu_all(article), "author"), "editor");
    NU_EACH (article, a, query)
        CHECK(nu_related(a, author) != NULL &&
              (a->editor.id == 0 || nu_related(a, editor) != NULL));
    CHECK_EQ(nu_query_count() - before, 1);
    struct article *a = nu_first(article, nu_select_related(nu_all(article)));
    CHECK(a->author.row != NULL);
    a = nu_first(article, nu_select_unrelated(query));
    CHECK(a->author.row == NULL);
    nu_create(profile, "author_id", 1, "bio", "poet");
    before = nu_query_count();
    a = nu_first(article, nu_select_related(nu_all(article), "author__profile", "author__mentor"));
    CHECK_TEXT(nu_text(nu_row_get(nu_row_of(nu_row_get(&a->author.row->row, "profile")), "bio")),
               "poet");
    CHECK_EQ(nu_query_count() - before, 1);
    CHECK_RAISES(NU_FIELD_ERROR, nu_select_related(nu_all(article), "tags"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_select_related(nu_all(article), "author__nope"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_select_related(nu_all(article), "title"));
    CHECK_RAISES(NU_VALUE_ERROR, nu_select_related(nu_values(nu_all(article), "id"), "author"));
    blog_close();
}

TEST(fields_are_chosen_step_by_step)
{
    blog_fill();
    struct article *a =
        nu_first(article, nu_only(nu_defer(nu_all(article), "title"), "title", "slug"));
    CHECK(a->title == NULL && a->slug != NULL && a->body == NULL);
    CHECK(nu_row_is_deferred(&a->row, nu_column_find(&article_model, "body")));
    CHECK(!nu_row_is_deferred(&a->row, nu_column_find(&article_model, "slug")));
    a = nu_first(article, nu_defer(nu_defer(nu_all(article), "title"), "slug"));
    CHECK(a->title == NULL && a->slug == NULL && a->body != NULL);
    a = nu_first(article, nu_defer(nu_defer(nu_all(article), "title")));
    CHECK(a->title != NULL);
    nu_query *query =
        nu_select_related(nu_only(nu_all(article), "title", "author__name"), "author");
    a = nu_first(article, query);
    CHECK_TEXT(a->author.row->name, "Ada");
    CHECK(a->author.row->email == NULL && a->slug == NULL);
    a = nu_first(article, nu_select_related(nu_defer(nu_all(article), "author__name"), "author"));
    CHECK(a->author.row->name == NULL && a->slug != NULL);
    CHECK_RAISES(NU_FIELD_ERROR,
                 nu_query_rows(nu_select_related(nu_only(nu_all(article), "title"), "author")));
    CHECK_RAISES(NU_FIELD_ERROR, nu_only(nu_all(article), "nope"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_defer(nu_all(article), "author__nope"));
    blog_close();
}

TEST(relations_are_prefetched_by_queries_of_their_own)
{
    blog_fill();
    uint64_t  before = nu_query_count();
    nu_query *good = nu_filter(nu_all(comment), "spam", false);
    nu_query *query = nu_prefetch_with(nu_all(article), "comments", good, "good");
    query = nu_prefetch_with(query, "tags", nu_filter(nu_all(tag), "name", "c"), NULL);
    nu_builder seen;
    nu_builder_init(&seen, NULL, 64);
    NU_EACH (article, a, query)
        nu_builder_printf(&seen, "%s:%u:%s ", a->title, nu_row_get(&a->row, "good").list->count,
                          texts_of(nu_related_set(a, "tags")));
    CHECK_TEXT(nu_builder_text(&seen), "One:1:c Two:1:c Three:0: Four:0: ");
    CHECK_EQ(nu_query_count() - before, 3);
    CHECK_EQ(nu_count(nu_related_set(nu_get(article, "slug", "one"), "comments")), 2);
    before = nu_query_count();
    query = nu_prefetch_with(nu_all(author), "articles", nu_filter(nu_all(article), "live", true),
                             "live_ones");
    query = nu_prefetch_related(query, "live_ones__tags");
    nu_row **authors = nu_query_rows(query);
    nu_list *live = nu_row_get(authors[0], "live_ones").list;
    CHECK_EQ(live->count, 2);
    CHECK_TEXT(texts_of(nu_row_related_set(nu_row_of(live->items[0]), "tags")), "c,web");
    CHECK_EQ(nu_query_count() - before, 3);
    query = nu_prefetch_with(nu_all(article), "author", nu_filter(nu_all(author), "name", "Bob"),
                             "bob");
    nu_row **articles = nu_query_rows(query);
    CHECK(nu_is_null(nu_row_get(articles[0], "bob")) && nu_row_of(nu_row_get(articles[3], "bob")));
    CHECK_RAISES(NU_VALUE_ERROR,
                 nu_prefetch_with(nu_all(article), "tags", nu_values(nu_all(tag), "id"), NULL));
    CHECK_RAISES(NU_VALUE_ERROR,
                 nu_query_rows(nu_prefetch_with(nu_prefetch_related(nu_all(article), "comments"),
                                                "comments", good, NULL)));
    CHECK_RAISES(NU_FIELD_ERROR,
                 nu_query_rows(nu_prefetch_related(nu_all(article), "author__nope")));
    blog_close();
}

TEST(a_distinct_query_selects_what_it_is_ordered_by)
{
    blog_fill();
    nu_query *query = nu_distinct(nu_order_by(nu_flat(nu_all(article), "author__name"), "live"));
    CHECK_EQ(nu_query_list(query)->count, 3);
    CHECK_EQ(nu_query_list(
                 nu_distinct(nu_order_by(nu_flat(nu_all(article), "author__name"), "author__name")))
                 ->count,
             2);
    blog_close();
}

TEST(groups_are_made_when_an_aggregate_is_added)
{
    blog_fill();
    nu_query *counted = nu_annotate(nu_values(nu_all(article), "author"), "n", nu_count_of("id"));
    CHECK_TEXT(nu_text(nu_value_object(nu_order_by(counted, "author"))),
               "<QuerySet [{'author': 1, 'n': 2}, {'author': 2, 'n': 2}]>");
    nu_query *only = nu_values_list(nu_order_by(counted, "author"), "n");
    CHECK_EQ(nu_query_list(only)->count, 2);
    nu_query *hidden = nu_alias(nu_all(article), "n", nu_count_of("comments"));
    CHECK_TEXT(texts_of(nu_order_by(nu_filter(hidden, "n__gt", 0), "-n")), "One,Two");
    CHECK_RAISES(NU_FIELD_ERROR, nu_row_get(nu_query_first(hidden), "n"));
    CHECK_RAISES(NU_FIELD_ERROR,
                 nu_query_rows(nu_order_by_expr(nu_all(article), nu_count_of("comments"))));
    CHECK_RAISES(
        NU_FIELD_ERROR,
        nu_annotate(nu_annotate(nu_all(article), "n", nu_count_of("comments")), "m", nu_sum("n")));
    CHECK_RAISES(NU_VALUE_ERROR, nu_annotate(nu_all(article), "comments", nu_count_of("comments")));
    blog_close();
}
