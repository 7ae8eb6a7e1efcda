#include "blog.h"

TEST(a_loop_over_references_costs_two_statements)
{
    blog_fill();
    uint64_t before = nu_query_count();
    NU_EACH (article, a, nu_all(article)) {
        CHECK(nu_related(a, author)->name != NULL);
        CHECK(a->author.row == nu_related(a, author));
    }
    CHECK_EQ(nu_query_count() - before, 2);
    blog_close();
}

TEST(fetch_modes)
{
    blog_fill();
    uint64_t before = nu_query_count();
    NU_EACH (article, a, nu_fetch_with(nu_all(article), NU_FETCH_ONE))
        CHECK(nu_related(a, author) != NULL);
    CHECK_EQ(nu_query_count() - before, 5);
    struct article *a = nu_first(article, nu_fetch_with(nu_all(article), NU_FETCH_RAISE));
    CHECK_RAISES(NU_FIELD_ERROR, nu_related(a, author));
    CHECK_CONTAINS(nu_test_error()->hint, "nu_select_related");
    blog_close();
}

TEST(references_are_joined)
{
    blog_fill();
    uint64_t  before = nu_query_count();
    nu_query *query = nu_select_related(nu_all(article), "author__mentor", "editor");
    NU_EACH (article, a, query) {
        CHECK(nu_related(a, author)->name != NULL);
        struct author *mentor = nu_related(nu_related(a, author), mentor);
        CHECK_TEXT(mentor != NULL ? mentor->name : NULL, a->row.id > 2 ? "Ada" : NULL);
        struct author *editor = nu_related(a, editor);
        CHECK_TEXT(editor != NULL ? editor->name : NULL, a->row.id == 3 ? "Ada" : NULL);
    }
    CHECK_EQ(nu_query_count() - before, 1);
    CHECK_CONTAINS(nu_query_sql(query), "INNER JOIN \"blog_author\" ON");
    CHECK_CONTAINS(nu_query_sql(query), "LEFT OUTER JOIN \"blog_author\" \"T3\" ON");
    blog_close();
}

TEST(one_to_one_goes_both_ways)
{
    blog_fill();
    nu_create(profile, "author_id", 1, "bio", "first");
    struct author  *ada = nu_get(author, "name", "Ada");
    struct profile *profile = (struct profile *)(void *)nu_row_of(nu_row_get(&ada->row, "profile"));
    CHECK_TEXT(profile->bio, "first");
    CHECK(nu_is_null(nu_row_get(&nu_get(author, "name", "Bob")->row, "profile")));
    CHECK_TEXT(texts_of(nu_filter(nu_all(author), "profile__bio", "first")), "Ada");
    CHECK_TEXT(texts_of(nu_filter(nu_all(author), "profile__isnull", true)), "Bob");
    uint64_t before = nu_query_count();
    NU_EACH (author, a, nu_select_related(nu_all(author), "profile"))
        CHECK_EQ(nu_is_null(nu_row_get(&a->row, "profile")), a->row.id == 2);
    CHECK_EQ(nu_query_count() - before, 1);
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_create(profile, "author_id", 1));
    blog_close();
}

TEST(sets_of_related_rows)
{
    blog_fill();
    struct author *ada = nu_get(author, "name", "Ada");
    CHECK_TEXT(texts_of(nu_related_set(ada, "articles")), "One,Two");
    CHECK_TEXT(texts_of(nu_filter(nu_related_set(ada, "articles"), "likes__gt", 5)), "Two");
    uint64_t before = nu_query_count();
    NU_EACH (article, a, nu_related_set(ada, "articles"))
        CHECK(nu_related(a, author) == ada);
    CHECK_EQ(nu_query_count() - before, 1);
    CHECK_TEXT(texts_of(nu_related_set(nu_get(tag, "name", "web"), "articles")), "One,Three");
    CHECK_RAISES(NU_FIELD_ERROR, nu_related_set(ada, "article"));
    CHECK_TEXT(nu_test_error()->hint, "Did you mean \"articles\"?");
    CHECK_RAISES(NU_VALUE_ERROR, nu_related_set(nu_new(author), "articles"));
    blog_close();
}

TEST(relations_to_many_are_prefetched)
{
    blog_fill();
    uint64_t   before = nu_query_count();
    nu_query  *query = nu_prefetch_related(nu_all(author), "articles__comments", "articles__tags");
    nu_builder seen;
    nu_builder_init(&seen, NULL, 64);
    NU_EACH (author, someone, query) {
        NU_EACH (article, a, nu_related_set(someone, "articles")) {
            CHECK(nu_related(a, author) == someone);
            nu_builder_printf(&seen, "%s(%s|%s) ", a->title, texts_of(nu_related_set(a, "tags")),
                              texts_of(nu_related_set(a, "comments")));
        }
    }
    CHECK_TEXT(nu_builder_text(&seen), "One(c,web|good,buy) Two(c|good) Three(web|) Four(|) ");
    CHECK_EQ(nu_query_count() - before, 4);
    before = nu_query_count();
    NU_EACH (article, a, nu_prefetch_related(nu_all(article), "author"))
        CHECK(a->author.row != NULL);
    CHECK_EQ(nu_query_count() - before, 2);
    CHECK_RAISES(NU_FIELD_ERROR, nu_query_rows(nu_prefetch_related(nu_all(author), "title")));
    blog_close();
}

TEST(many_to_many_is_changed)
{
    blog_fill();
    struct article *four = nu_get(article, "slug", "four");
    struct tag     *c = nu_get(tag, "name", "c"), *web = nu_get(tag, "name", "web");
    nu_many_add(four, "tags", c, web, c);
    nu_many_add(four, "tags", web);
    CHECK_TEXT(texts_of(nu_related_set(four, "tags")), "c,web");
    nu_many_remove(four, "tags", c);
    CHECK_TEXT(texts_of(nu_related_set(four, "tags")), "web");
    nu_many_set(four, "tags", c, 3);
    CHECK_TEXT(texts_of(nu_related_set(four, "tags")), "c,unused");
    nu_many_add(c, "articles", nu_all(article));
    CHECK_TEXT(texts_of(nu_related_set(c, "articles")), "One,Two,Three,Four");
    nu_many_clear(four, "tags");
    CHECK_TEXT(texts_of(nu_related_set(four, "tags")), "");
    CHECK_RAISES(NU_FIELD_ERROR, nu_many_remove(four, "comments", 1));
    CHECK_RAISES(NU_VALUE_ERROR, nu_many_add(nu_new(article), "tags", 1));
    blog_close();
}

TEST(reverse_references_are_changed)
{
    blog_fill();
    struct author  *ada = nu_get(author, "name", "Ada"), *bob = nu_get(author, "name", "Bob");
    struct article *four = nu_get(article, "slug", "four");
    uint64_t        before = nu_query_count();
    nu_many_add(ada, "articles", four, 3);
    CHECK_EQ(nu_query_count() - before, 1);
    CHECK(four->author.row == ada && four->author.id == ada->row.id);
    CHECK_TEXT(texts_of(nu_related_set(ada, "articles")), "One,Two,Three,Four");
    CHECK_TEXT(texts_of(nu_related_set(ada, "edited")), "Three");
    nu_many_set(bob, "edited", four, 3);
    CHECK_TEXT(texts_of(nu_related_set(bob, "edited")), "Three,Four");
    nu_many_set(bob, "edited", four);
    CHECK_TEXT(texts_of(nu_related_set(bob, "edited")), "Four");
    nu_refresh(four);
    nu_many_remove(bob, "edited", four);
    CHECK(four->editor.id == 0);
    CHECK_RAISES(NU_OBJECT_NOT_FOUND, nu_many_remove(bob, "edited", four));
    nu_many_add(bob, "edited", 1, 2);
    nu_many_clear(bob, "edited");
    CHECK_EQ(nu_count(nu_related_set(bob, "edited")), 0);
    CHECK_RAISES(NU_FIELD_ERROR, nu_many_clear(ada, "articles"));
    CHECK_RAISES(NU_VALUE_ERROR, nu_many_add(ada, "articles", nu_new(article)));
    CHECK_RAISES(NU_VALUE_ERROR, nu_many_add(ada, "articles", bob));
    blog_close();
}

TEST(related_rows_are_created)
{
    blog_fill();
    bool            created;
    struct article *one = nu_get(article, "slug", "one"), *four = nu_get(article, "slug", "four");
    nu_row         *comment = nu_related_create(one, "comments", "text", "new");
    CHECK_EQ(((struct comment *)comment)->article.id, one->row.id);
    CHECK_EQ(nu_count(nu_related_set(one, "comments")), 3);
    nu_related_create(four, "tags", "name", "fresh");
    CHECK_TEXT(texts_of(nu_related_set(four, "tags")), "fresh");
    nu_row_related_get_or_create(&four->row, "tags", NU_PAIRS(), &created,
                                 NU_PAIRS("name", "fresh"));
    CHECK(!created);
    nu_row_related_get_or_create(&four->row, "tags", NU_PAIRS(), &created,
                                 NU_PAIRS("name", "more"));
    CHECK(created);
    CHECK_TEXT(texts_of(nu_related_set(four, "tags")), "fresh,more");
    nu_row_related_update_or_create(&one->row, "comments", NU_PAIRS("spam", true), &created,
                                    NU_PAIRS("text", "good"));
    CHECK(!created);
    CHECK_EQ(nu_count(nu_filter(nu_related_set(one, "comments"), "spam", true)), 2);
    struct tag *t = nu_create(tag, "name", "by query");
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_query_create(nu_all(tag), "name", t->name));
    blog_close();
}

TEST(a_changed_key_is_followed)
{
    blog_fill();
    struct article *one = nu_get(article, "slug", "one");
    CHECK_TEXT(nu_related(one, author)->name, "Ada");
    one->author.id = 2;
    CHECK_TEXT(nu_related(one, author)->name, "Bob");
    nu_refer(one->author, nu_get(author, "name", "Ada"));
    nu_save(one);
    CHECK_EQ(nu_get(article, "slug", "one")->author.id, 1);
    struct author  *fresh = nu_new(author, "name", "Cy");
    struct article *a = nu_new(article, "title", "T", "slug", "t");
    a->author.row = fresh;
    CHECK_RAISES(NU_VALUE_ERROR, nu_save(a));
    nu_save(fresh);
    nu_save(a);
    CHECK_EQ(a->author.id, fresh->row.id);
    blog_close();
}

TEST(fields_left_out_are_read_later)
{
    blog_fill();
    uint64_t        before = nu_query_count();
    struct article *a = nu_first(article, nu_only(nu_all(article), "title"));
    CHECK_TEXT(a->title, "One");
    CHECK(a->slug == NULL);
    CHECK_EQ(nu_query_count() - before, 1);
    CHECK_EQ(nu_row_get(&a->row, "slug"), "one");
    CHECK_TEXT(a->slug, "one");
    CHECK_EQ(nu_query_count() - before, 2);
    a = nu_first(article, nu_defer(nu_all(article), "likes"));
    a->title = "Uno";
    nu_save(a);
    CHECK_EQ(nu_get(article, "slug", "one")->likes, 5);
    blog_close();
}

static nu_row *made_in(const nu_query *query, nu_pairs pairs)
{
    return nu_get_or_create_(nu_using(query, "other"), NU_PAIRS(), NULL, pairs);
}

TEST(rows_of_another_database_are_linked_there)
{
    static const char links[] = "SELECT count(*) FROM blog_article_tags";
    blog_fill();
    nu_database *other = nu_database_add("other", &(nu_database_options){.url = "sqlite::memory:"});
    blog_tables(other);
    int64_t before = nu_int(nu_sql_value(NULL, links));
    nu_row *eve = made_in(nu_all(author), NU_PAIRS("name", "Eve"));
    nu_row *tag = made_in(nu_all(tag), NU_PAIRS("name", "there"));
    nu_row *article =
        made_in(nu_all(article), NU_PAIRS("title", "Far", "slug", "far", "author", eve));
    nu_row_many_change(article, "tags", NU_MANY_ADD, nu_list_of(tag));
    CHECK_EQ(nu_sql_value(other, links), 1);
    CHECK_EQ(nu_sql_value(NULL, links), before);
    CHECK_TEXT(texts_of(nu_flat(nu_row_related_set(article, "tags"), "name")), "there");
    CHECK_RAISES(NU_VALUE_ERROR,
                 nu_bulk_create((nu_row *[]){tag, &nu_new(tag, "name", "here")->row, NULL}));
    blog_close();
}
