#include <string.h>

#include "blog.h"

TEST(rows_are_read_by_hand)
{
    blog_fill();
    nu_query       *raw = nu_raw(article,
                                 "SELECT id, upper(title) AS loud, slug FROM blog_article WHERE id > ? "
                                       "AND title <> '?' ORDER BY id",
                                 2);
    nu_row        **rows = nu_query_rows(raw);
    struct article *a = (struct article *)(void *)rows[0];
    CHECK_TEXT(a->slug, "three");
    CHECK_TEXT(nu_text(nu_row_get(&a->row, "loud")), "THREE");
    CHECK_EQ(nu_query_list(raw)->count, 2);
    uint64_t before = nu_query_count();
    CHECK_TEXT(nu_text(nu_row_get(&a->row, "title")), "Three");
    CHECK_EQ(nu_query_count() - before, 1);
    raw = nu_prefetch_related(nu_raw(article, "SELECT * FROM blog_article ORDER BY id"), "tags");
    a = (struct article *)(void *)nu_query_rows(raw)[0];
    before = nu_query_count();
    CHECK_EQ(nu_query_list(nu_related_set(a, "tags"))->count, 2);
    CHECK_EQ(nu_query_count() - before, 0);
    blog_close();
}

TEST(columns_by_hand_are_told_which_field_they_are)
{
    blog_fill();
    nu_query *raw = nu_raw(article, "SELECT id AS n, title AS head FROM blog_article ORDER BY id");
    struct article *a =
        (struct article *)(void *)nu_query_rows(nu_raw_as(raw, "n", "id", "head", "title"))[0];
    CHECK_TEXT(a->title, "One");
    CHECK_RAISES(NU_FIELD_NOT_FOUND, nu_raw_as(raw, "n", "nothing"));
    CHECK_RAISES(NU_FIELD_NOT_FOUND, nu_query_rows(raw));
    CHECK_RAISES(NU_VALUE_ERROR, nu_raw_as(nu_all(article), "n", "id"));
    blog_close();
}

TEST(what_is_written_by_hand_stays_as_it_is)
{
    blog_fill();
    nu_query *raw = nu_raw(article, "SELECT * FROM blog_article");
    CHECK_RAISES(NU_FIELD_ERROR, nu_query_rows(nu_raw(article, "SELECT title FROM blog_article")));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(raw, "id", 1));
    CHECK_RAISES(NU_VALUE_ERROR, nu_order_by(raw, "id"));
    CHECK_RAISES(NU_VALUE_ERROR, nu_slice(raw, 0, 1));
    CHECK_RAISES(NU_VALUE_ERROR, nu_values(raw, "id"));
    CHECK_RAISES(NU_VALUE_ERROR, nu_count(raw));
    CHECK_RAISES(NU_VALUE_ERROR, nu_exists(raw));
    CHECK_RAISES(NU_VALUE_ERROR, nu_annotate(raw, "n", nu_count_of("*")));
    CHECK_RAISES(NU_VALUE_ERROR, nu_union(nu_all(article), raw));
    CHECK_RAISES(NU_VALUE_ERROR, nu_update(raw, "title", "x"));
    CHECK_RAISES(NU_VALUE_ERROR, nu_delete_all(raw));
    CHECK_RAISES(NU_VALUE_ERROR, nu_query_rows(nu_filter(nu_all(article), "pk__in", raw)));
    CHECK_RAISES(NU_DATABASE_ERROR, nu_query_rows(nu_raw(article, "SELECT nothing")));
    blog_close();
}

TEST(expressions_are_written_by_hand)
{
    blog_fill();
    nu_query *query = nu_where(nu_all(article), nu_sql_expr("id % ? = ?", 2, 0));
    CHECK_TEXT(texts_of(nu_order_by(query, "id")), "Two,Four");
    query = nu_annotate(query, "half", nu_wrap(nu_sql_expr("id / ?", 2), nu_field_int));
    CHECK_EQ(nu_int(nu_row_get(nu_query_first(nu_order_by(query, "-half")), "half")), 2);
    CHECK_TEXT(texts_of(nu_filter(query, "half", 1)), "Two");
    query = nu_order_by_expr(nu_all(article), nu_desc(nu_sql_expr("length(title)")), "id");
    CHECK_TEXT(texts_of(query), "Three,Four,One,Two");
    CHECK_RAISES(NU_PROGRAMMING_ERROR,
                 nu_query_rows(nu_where(nu_all(article), nu_sql_expr("id = ?"))));
    CHECK_RAISES(NU_PROGRAMMING_ERROR,
                 nu_query_rows(nu_where(nu_all(article), nu_sql_expr("id = 1", 2))));
    blog_close();
}

static int rows_until(int64_t most)
{
    volatile int count = 0;
    NU_STREAM(article, a, nu_order_by(nu_all(article), "id"), 2)
    {
        if (a->row.id > most)
            break;
        count++;
    }
    return count;
}

static int64_t first_id(void)
{
    NU_STREAM(article, a, nu_order_by(nu_all(article), "id"), 1)
    return a->row.id;
    return 0;
}

static void raise_in_stream(void)
{
    NU_STREAM(article, a, nu_all(article), 1)
    nu_raise(NU_VALUE_ERROR, "no more of %s", a->title);
}

TEST(rows_come_as_a_stream)
{
    blog_fill();
    CHECK_EQ(rows_until(100), 4);
    CHECK_EQ(rows_until(3), 3);
    CHECK_EQ(first_id(), 1);
    CHECK_RAISES(NU_VALUE_ERROR, raise_in_stream());
    uint64_t before = nu_query_count();
    NU_STREAM(article, a, nu_prefetch_related(nu_all(article), "tags"), 0)
    CHECK(nu_related_set(a, "tags") != NULL && nu_query_count() - before == 2);
    NU_STREAM(article, a, nu_all(article), 1)
    { /* what is in between may use the database */
        a->likes = 77;
        nu_save(a);
    }
    CHECK_EQ(nu_count(nu_filter(nu_all(article), "likes", 77)), 4);
    NU_STREAM(article, a, nu_none(nu_all(article)), 0)
    CHECK(a == NULL);
    NU_ATOMIC {
        NU_STREAM(article, a, nu_all(article), 1)
        nu_delete(a);
    }
    CHECK_EQ(nu_count(nu_all(article)), 0);
    blog_close();
}

static const char *joined_stream(const nu_query *query, int rows)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 100);
    NU_STREAM_VALUES(value, query, rows)
    nu_builder_printf(&text, "%s%s", text.length > 0 ? ";" : "", nu_text(value));
    return nu_builder_text(&text);
}

static int64_t values_until(int64_t most)
{
    NU_STREAM_VALUES(id, nu_flat(nu_order_by(nu_all(article), "id"), "id"), 1)
    if (id.integer >= most)
        return id.integer;
    return 0;
}

static void raise_in_values(void)
{
    NU_STREAM_VALUES(id, nu_flat(nu_all(article), "id"), 2)
    nu_raise(NU_VALUE_ERROR, "no more of %s", nu_text(id));
}

TEST(values_come_as_a_stream)
{
    blog_fill();
    nu_query *query = nu_order_by(nu_all(article), "id");
    for (int rows = 0; rows < 6; rows++) {
        CHECK_TEXT(joined_stream(nu_flat(query, "title"), rows), "One;Two;Three;Four");
        CHECK_TEXT(joined_stream(nu_values_list(nu_slice(query, 1, 3), "id", "slug"), rows),
                   "(2, 'two');(3, 'three')");
        CHECK_TEXT(joined_stream(nu_values(nu_slice(query, 3, 4), "id", "slug"), rows),
                   "{'id': 4, 'slug': 'four'}");
        CHECK_TEXT(joined_stream(nu_flat(nu_none(query), "id"), rows), "");
    }
    CHECK_TEXT(joined_stream(nu_values_named(nu_slice(query, 0, 1), "slug"), 0), "{'slug': 'one'}");
    CHECK_TEXT(joined_stream(nu_slice(query, 0, 1), 0), nu_text(nu_query_list(query)->items[0]));
    CHECK_TEXT(
        joined_stream(nu_order_by(nu_union(nu_flat(nu_unordered(nu_filter(query, "id", 1)), "id"),
                                           nu_flat(nu_unordered(nu_filter(query, "id", 2)), "id")),
                                  "id"),
                      1),
        "1;2");
    CHECK_EQ(values_until(3), 3);
    CHECK_RAISES(NU_VALUE_ERROR, raise_in_values());
    blog_close();
}

static void stream_without_key(void)
{
    NU_STREAM(article, a, nu_raw(article, "SELECT title FROM blog_article"), 0)
    CHECK(a == NULL);
}

TEST(rows_by_hand_come_as_a_stream)
{
    blog_fill();
    int64_t sum = 0;
    for (int rows = 0; rows < 6; rows++) {
        NU_STREAM(
            article, a,
            nu_raw(article, "SELECT id, title, 2 * id AS twice FROM blog_article WHERE id > ?", 1),
            rows)
        {
            CHECK(a->title != NULL);
            sum += nu_row_get(&a->row, "twice").integer;
        }
    }
    CHECK_EQ(sum, 6 * 18);
    NU_STREAM(
        article, a,
        nu_prefetch_related(nu_raw(article, "SELECT * FROM blog_article ORDER BY id"), "tags"), 2)
    {
        uint64_t before = nu_query_count();
        nu_query_list(nu_related_set(a, "tags"));
        CHECK_EQ(nu_query_count() - before, 0);
    }
    CHECK_RAISES(NU_FIELD_NOT_FOUND, stream_without_key());
    blog_close();
}

static void stream_values(void)
{
    NU_STREAM(article, a, nu_values(nu_all(article), "id"), 0)
    CHECK(a != NULL);
}

static void stream_backwards(void)
{
    NU_STREAM(article, a, nu_all(article), -1)
    CHECK(a != NULL);
}

TEST(what_gives_no_rows_is_no_stream)
{
    blog_fill();
    CHECK_RAISES(NU_VALUE_ERROR, stream_values());
    CHECK_RAISES(NU_VALUE_ERROR, stream_backwards());
    blog_close();
}

TEST(a_query_is_explained)
{
    blog_fill();
    const char *plan = nu_explain(nu_filter(nu_all(article), "id", 1), NULL);
    CHECK(strstr(plan, "blog_article") != NULL);
    CHECK_RAISES(NU_VALUE_ERROR,
                 nu_explain(nu_all(article), &(nu_explain_options){.analyze = true}));
    CHECK_RAISES(NU_VALUE_ERROR,
                 nu_explain(nu_all(article), &(nu_explain_options){.format = "json"}));
    blog_close();
}

TEST(a_relation_counts_only_some_rows)
{
    blog_fill();
    nu_query *query = nu_annotate(nu_all(article), "good",
                                  nu_filtered_relation("comments", nu_q("comments__spam", false)));
    nu_query *counted =
        nu_annotate(query, "n", nu_count_of("good"), "all", nu_count_distinct_of("comments"));
    struct article *one = nu_one(article, nu_filter(counted, "slug", "one"));
    int64_t         all = nu_count(nu_related_set(one, "comments"));
    int64_t         good = nu_count(nu_filter(nu_related_set(one, "comments"), "spam", false));
    CHECK(good > 0 && good < all);
    CHECK_EQ(nu_int(nu_row_get(&one->row, "all")), all);
    CHECK_EQ(nu_int(nu_row_get(&one->row, "n")), good * all);
    CHECK_EQ(nu_count(nu_filter(nu_all(article), "comments__spam", true)),
             nu_count(nu_distinct(nu_filter(
                 nu_annotate(nu_all(article), "bad",
                             nu_filtered_relation("comments", nu_q("comments__spam", true))),
                 "bad__isnull", false))));
    nu_query *texts = nu_flat(nu_filter(query, "good__text", "good"), "slug");
    CHECK_TEXT(texts_of(nu_order_by(texts, "id")), "one,two");
    CHECK_TEXT(texts_of(nu_flat(nu_filter(nu_exclude(query, "good__text", "good"), "slug", "one"),
                                "slug")),
               "");
    nu_query *ada = nu_annotate(nu_all(article), "ada",
                                nu_filtered_relation("author", nu_q("author__name", "Ada")));
    CHECK_TEXT(texts_of(nu_order_by(nu_filter(ada, "ada__isnull", false), "id")), "One,Two");
    nu_query *both =
        nu_query_and(nu_filter(query, "good__text", "good"), nu_filter(query, "id", 1));
    CHECK_TEXT(texts_of(both), "One");
    blog_close();
}

/* "One:good,…": each article with the text of the comment that came along. */
static const char *with_comments(nu_query *query, const char *name)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 100);
    NU_EACH (article, a, query) {
        nu_value              value = nu_row_get(&a->row, name);
        const struct comment *along = (const void *)nu_row_of(value);
        nu_builder_printf(&out, "%s%s:%s", out.length > 0 ? "," : "", a->title,
                          along != NULL ? along->text : "-");
    }
    return nu_builder_text(&out);
}

TEST(rows_of_a_filtered_relation_come_along)
{
    blog_fill();
    nu_query *good = nu_annotate(nu_order_by(nu_all(article), "id"), "good",
                                 nu_filtered_relation("comments", nu_q("comments__text", "good")));
    nu_query *bad = nu_annotate(nu_order_by(nu_all(article), "id"), "good",
                                nu_filtered_relation("comments", nu_q("comments__spam", true)));
    uint64_t  before = nu_query_count();
    CHECK_TEXT(with_comments(nu_select_related(good, "good"), "good"),
               "One:good,Two:good,Three:-,Four:-");
    CHECK_EQ(nu_query_count() - before, 1);
    CHECK_TEXT(with_comments(nu_select_related(bad, "good"), "good"),
               "One:buy,Two:-,Three:-,Four:-");
    CHECK_TEXT(
        with_comments(nu_filter(nu_select_related(good, "good", "author"), "good__isnull", false),
                      "good"),
        "One:good,Two:good");
    CHECK_TEXT(
        with_comments(nu_select_related(nu_filter(good, "good__spam", false), "good"), "good"),
        "One:good,Two:good");
    NU_EACH (article, a,
             nu_select_related(nu_filter(good, "good__isnull", false), "good__article")) {
        before = nu_query_count();
        struct comment *along = (void *)nu_row_of(nu_row_get(&a->row, "good"));
        CHECK_TEXT(nu_related(along, article)->title, a->title);
        CHECK_EQ(nu_query_count() - before, 0);
    }
    CHECK_RAISES(NU_FIELD_ERROR, nu_select_related(good, "comments"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_select_related(good, "good__nope"));
    blog_close();
}

TEST(a_relation_is_filtered_by_what_it_reaches)
{
    blog_fill();
    CHECK_RAISES(NU_VALUE_ERROR,
                 nu_annotate(nu_all(article), "x", nu_filtered_relation("title", nu_q("id", 1))));
    CHECK_RAISES(NU_FIELD_ERROR,
                 nu_annotate(nu_all(article), "x", nu_filtered_relation("nope", nu_q("id", 1))));
    CHECK_RAISES(NU_VALUE_ERROR, nu_annotate(nu_all(article), "title",
                                             nu_filtered_relation("author", nu_q("id", 1))));
    nu_query *deep =
        nu_annotate(nu_all(comment), "a",
                    nu_filtered_relation("article", nu_q("article__author__name", "Ada")));
    CHECK_EQ(nu_count(deep), nu_count(nu_all(comment)));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(deep, "a__title", "One"));
    blog_close();
}
