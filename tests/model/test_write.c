#include "blog.h"
#include "model/query_internal.h"
#include "nuages/text.h"

TEST(many_rows_are_updated_at_once)
{
    blog_fill();
    CHECK_EQ(nu_update(nu_filter(nu_all(article), "live", true), "likes", nu_add(nu_f("likes"), 10),
                       "rank", nu_null()),
             3);
    CHECK_TEXT(texts_of(nu_flat(nu_all(article), "likes")), "15,17,1,10");
    CHECK_EQ(nu_update(nu_filter(nu_all(article), "author__name", "Bob"), "author",
                       nu_get(author, "pk", 1)),
             2);
    CHECK_EQ(nu_count(nu_filter(nu_all(article), "author", 1)), 4);
    CHECK_EQ(nu_update(nu_none(nu_all(article)), "likes", 0), 0);
    CHECK_EQ(
        nu_update(nu_all(article), "body", nu_case(nu_when(nu_q("likes__gt", 10), "hot"), "cold")),
        4);
    CHECK_TEXT(texts_of(nu_flat(nu_all(article), "body")), "hot,hot,cold,cold");
    CHECK_EQ(nu_update(nu_where(nu_all(article),
                                nu_has(nu_filter(nu_all(comment), "article", nu_outer("pk")))),
                       "likes", 0),
             2);
    CHECK_TEXT(texts_of(nu_flat(nu_all(article), "likes")), "0,0,1,10");
    CHECK_RAISES(NU_VALUE_ERROR, nu_update(nu_slice(nu_all(article), 0, 1), "likes", 0));
    CHECK_RAISES(NU_FIELD_ERROR, nu_update(nu_all(article), "title", nu_f("author__name")));
    CHECK_RAISES(NU_FIELD_ERROR, nu_update(nu_all(article), "tags", 1));
    blog_close();
}

TEST(rows_are_created_in_bulk)
{
    blog_open();
    enum { ROWS = 250 };
    nu_row **rows = nu_alloc((ROWS + 1) * sizeof *rows);
    for (int i = 0; i < ROWS; i++)
        rows[i] = &nu_new(tag, "name", nu_fmt("t%03d", i))->row;
    uint64_t before = nu_query_count();
    nu_bulk_create(rows);
    CHECK_EQ(nu_query_count() - before, 1);
    CHECK_EQ(nu_count(nu_all(tag)), ROWS);
    for (int i = 0; i < ROWS; i++)
        CHECK_TEXT(nu_get(tag, "pk", nu_row_key(rows[i]))->name, nu_fmt("t%03d", i));
    CHECK_RAISES(NU_INTEGRITY_ERROR, {
        nu_row *bad[] = {&nu_new(tag, "name", "x")->row, &nu_new(tag, "name", "t000")->row, NULL};
        nu_bulk_create(bad);
    });
    CHECK_EQ(nu_count(nu_all(tag)), ROWS);
    blog_close();
}

/* Where placeholders are numbered, one counts on from the parameters there are, through each power of ten. */
TEST(placeholders_of_many_rows_are_counted)
{
    nu_builder expected;
    nu_sql     sql = {.backend = &nu_db_postgres};
    nu_builder_init(&sql.text, NULL, 0);
    nu_builder_init(&expected, NULL, 0);
    nu__sql_keep_param(&sql, nu_value_int(1), NULL);
    for (int i = 0; i < 400; i++)
        nu_builder_printf(&expected, "%s($%d, $%d, $%d)", i > 0 ? ", " : "", 3 * i + 2, 3 * i + 3,
                          3 * i + 4);
    nu__sql_tuples(&sql, 400, 3);
    CHECK_TEXT(nu_builder_text(&sql.text), nu_builder_text(&expected));
    sql = (nu_sql){.backend = &nu_db_sqlite};
    nu_builder_init(&sql.text, NULL, 0);
    nu__sql_tuples(&sql, 2, 2);
    CHECK_TEXT(nu_builder_text(&sql.text), "(?, ?), (?, ?)");
}

TEST(conflicts_in_bulk_are_left_or_updated)
{
    blog_fill();
    nu_row *rows[] = {&nu_new(tag, "name", "c")->row, &nu_new(tag, "name", "d")->row};
    nu_bulk_create_with(&tag_model, rows, 2, &(nu_bulk_options){.ignore_conflicts = true});
    CHECK_TEXT(texts_of(nu_all(tag)), "c,d,unused,web");
    struct article *one = nu_get(article, "slug", "one");
    one->title = "Uno";
    nu_row *articles[] = {&one->row};
    nu_bulk_create_with(&article_model, articles, 1,
                        &(nu_bulk_options){.update_conflicts = true,
                                           .update_fields = NU_STRS("title"),
                                           .unique_fields = NU_STRS("slug")});
    CHECK_TEXT(nu_get(article, "slug", "one")->title, "Uno");
    CHECK_RAISES(NU_VALUE_ERROR, nu_bulk_create_with(&tag_model, rows, 2,
                                                     &(nu_bulk_options){.ignore_conflicts = true,
                                                                        .update_conflicts = true}));
    CHECK_RAISES(NU_VALUE_ERROR, nu_bulk_create_with(&tag_model, rows, 2,
                                                     &(nu_bulk_options){.update_conflicts = true}));
    blog_close();
}

TEST(rows_are_updated_in_bulk)
{
    blog_fill();
    nu_row **rows = nu_query_rows(nu_all(article));
    for (int i = 0; i < 4; i++) {
        struct article *a = (struct article *)(void *)rows[i];
        a->likes = i * 10;
        a->rank = (nu_maybe_int){.value = i, .set = i % 2 == 0};
        a->price = (nu_decimal){.set = false};
    }
    uint64_t before = nu_query_count();
    CHECK_EQ(nu_bulk_update(rows, 4, 0, "likes", "rank", "price"), 4);
    CHECK_EQ(nu_query_count() - before, 1);
    CHECK_TEXT(texts_of(nu_flat(nu_all(article), "likes")), "0,10,20,30");
    CHECK_TEXT(texts_of(nu_flat(nu_all(article), "rank")), "0,None,2,None");
    CHECK_EQ(nu_bulk_update(rows, 4, 3, "likes"), 4);
    CHECK_EQ(nu_query_count() - before, 5);
    CHECK_EQ(nu_bulk_update(rows, 0, 0, "likes"), 0);
    CHECK_RAISES(NU_VALUE_ERROR, nu_bulk_update(rows, 4, 0));
    CHECK_RAISES(NU_VALUE_ERROR, nu_bulk_update(rows, 4, 0, "id"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_bulk_update(rows, 4, 0, "nope"));
    CHECK_RAISES(NU_VALUE_ERROR, nu_bulk_update(rows, 4, 0, "tags"));
    CHECK_RAISES(NU_VALUE_ERROR, nu_bulk_update(&(nu_row *){&nu_new(article)->row}, 1, 0, "likes"));
    blog_close();
}

TEST(rows_created_in_bulk_take_keys_given_meanwhile)
{
    blog_open();
    struct author  *a = nu_new(author, "name", "Ada");
    struct profile *p = nu_new(profile);
    p->author.row = a;
    nu_save(a);
    nu_bulk_create((nu_row *[]){&p->row, NULL});
    CHECK_EQ(p->author.id, a->row.id);
    CHECK_EQ(nu_count(nu_filter(nu_all(profile), "author", a)), 1);
    blog_close();
}

TEST(get_or_create)
{
    blog_open();
    bool        created;
    struct tag *t = nu_get_or_create(tag, nu_defaults(), &created, "name", "c");
    CHECK(created && t->row.id == 1);
    t = nu_get_or_create(tag, nu_defaults(), &created, "name", "c");
    CHECK(!created && t->row.id == 1);
    struct author *a =
        nu_update_or_create(author, nu_defaults("email", "a@b.org"), &created, "name", "Ada");
    CHECK(created);
    a = nu_update_or_create(author, nu_defaults("email", "c@d.org"), &created, "name", "Ada");
    CHECK(!created);
    CHECK_TEXT(nu_get(author, "name", "Ada")->email, "c@d.org");
    CHECK_EQ(a->row.id, 1);
    blog_close();
}

/* As many rows a statement as Django's on SQLite: 500 of one column, else 999 values. */
TEST(many_rows_take_as_many_statements_as_in_django)
{
    blog_open();
    enum { ROWS = 1100 };
    nu_row **rows = nu_alloc((ROWS + 1) * sizeof *rows);
    for (int i = 0; i < ROWS; i++)
        rows[i] = &nu_new(tag, "name", nu_fmt("t%04d", i))->row;
    uint64_t before = nu_query_count();
    nu_bulk_create(rows);
    CHECK_EQ(nu_query_count() - before, 3);
    before = nu_query_count();
    CHECK_EQ(nu_bulk_update(rows, ROWS, 0, "name"), ROWS);
    CHECK_EQ(nu_query_count() - before, 4);
    nu_list *keys = nu_list_new();
    for (int i = 0; i < ROWS; i++)
        nu_list_push(keys, nu_row_key(rows[i]));
    before = nu_query_count();
    CHECK_EQ(nu_dict_count(nu_in_bulk(nu_all(tag), keys, NULL)), ROWS);
    CHECK_EQ(nu_query_count() - before, 2);
    blog_close();
}

TEST(deleting_takes_what_depends_on_it)
{
    blog_fill();
    nu_dict *counts;
    CHECK_EQ(nu_delete_counted(nu_filter(nu_all(article), "slug", "one"), &counts), 5);
    CHECK_EQ(nu_dict_get(counts, "blog.Article"), 1);
    CHECK_EQ(nu_dict_get(counts, "blog.Comment"), 2);
    CHECK_EQ(nu_dict_get(counts, "blog.Article_tags"), 2);
    CHECK_RAISES(NU_PROTECTED_ERROR, nu_delete(nu_get(author, "name", "Ada")));
    CHECK_TEXT(nu_test_error()->fact,
               "cannot delete author: 1 article refer to it by \"editor\" (3)");
    CHECK_EQ(nu_count(nu_all(article)), 3);
    nu_update(nu_all(article), "editor", nu_null());
    CHECK_EQ(nu_delete(nu_get(author, "name", "Ada")), 4);
    CHECK(nu_get(author, "name", "Bob")->mentor.id == 0);
    CHECK_EQ(nu_count(nu_all(article)), 2);
    blog_close();
}

TEST(deleting_by_condition_is_one_statement)
{
    blog_fill();
    uint64_t before = nu_query_count();
    CHECK_EQ(
        nu_delete_all(nu_filter(nu_all(comment), "article__author__name", "Ada", "spam", true)), 1);
    CHECK_EQ(nu_query_count() - before, 1);
    CHECK_EQ(nu_delete_all(nu_none(nu_all(comment))), 0);
    CHECK_EQ(nu_delete_all(nu_all(comment)), 2);
    CHECK_RAISES(NU_VALUE_ERROR, nu_delete_all(nu_slice(nu_all(article), 0, 1)));
    CHECK_RAISES(NU_VALUE_ERROR, nu_delete(nu_new(tag)));
    blog_close();
}

TEST(a_deleted_row_is_new_again)
{
    blog_fill();
    struct tag *t = nu_get(tag, "name", "unused");
    CHECK_EQ(nu_delete(t), 1);
    CHECK(nu_row_is_new(&t->row) && t->row.id == 0);
    nu_save(t);
    CHECK_TEXT(texts_of(nu_all(tag)), "c,unused,web");
    blog_close();
}

TEST(circles_of_references_are_deleted)
{
    blog_open();
    struct author *a = nu_create(author, "name", "A"),
                  *b = nu_create(author, "name", "B", "mentor", a);
    nu_refer(a->mentor, b);
    nu_save(a);
    CHECK_EQ(nu_delete_all(nu_all(author)), 2);
    blog_close();
}

TEST(the_database_works_out_fields_that_are_expressions)
{
    blog_fill();
    struct article *a = nu_first(article, nu_all(article));
    int64_t         likes = a->likes;
    nu_row_set(&a->row, "likes", NU_V(nu_add(nu_f("likes"), 1)));
    nu_update(nu_all(article), "likes", nu_add(nu_f("likes"), 5)); /* somebody else meanwhile */
    nu_save(a);
    CHECK_EQ(nu_row_get(&a->row, "likes"), likes + 6); /* read again */
    nu_save(a);                                        /* once, not again */
    CHECK_EQ(nu_get(article, "pk", a->row.id)->likes, likes + 6);
    nu_row_set(&a->row, "likes", NU_V(nu_add(nu_f("likes"), 1)));
    nu_row_set(&a->row, "likes", NU_V(3)); /* a plain value takes its place */
    nu_save(a);
    CHECK_EQ(nu_get(article, "pk", a->row.id)->likes, 3);

    struct tag *shout = nu_create(tag, "name", nu_fn("Upper", nu_const("shout")));
    nu_refresh(shout);
    CHECK_TEXT(shout->name, "SHOUT");
    CHECK_RAISES(NU_VALUE_ERROR, nu_create(tag, "name", nu_f("name")));
    CHECK_RAISES(NU_FIELD_ERROR, nu_create(article, "title", nu_f("author__name")));
    blog_close();
}

TEST(numbers_are_cut_and_counted_as_in_python)
{
    blog_fill();
    struct article *a = nu_first(article, nu_all(article));
    nu_row_set(&a->row, "likes", NU_V(2.75));
    CHECK_EQ(a->likes, 2);
    nu_row_set(&a->row, "price", NU_V(1.1));
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_row_clean_fields(&a->row, NULL));
    CHECK_CONTAINS(nu_error_text(nu_test_error(), false), "no more than 2 decimal places");
    nu_row_set(&a->row, "price", NU_V("1234567.5"));
    CHECK_RAISES(NU_VALUE_ERROR, nu_save(a)); /* which SQLite would have taken */
    CHECK_RAISES(NU_VALUE_ERROR, nu_update(nu_all(article), "price", "1234567.5"));
    nu_column_clean(nu_column_find(&article_model, "likes"), NU_V("12"));
    CHECK_RAISES(NU_VALIDATION_ERROR,
                 nu_column_clean(nu_column_find(&article_model, "likes"), NU_V(1e19)));
    CHECK_CONTAINS(nu_error_text(nu_test_error(), false), "less than or equal to 2147483647");
    blog_close();
}
