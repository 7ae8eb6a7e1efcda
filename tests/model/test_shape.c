#include <string.h>

#include "blog.h"
#include "model/shape.h"

static nu_query *articles(void)
{
    return nu_all(article);
}

static const char *written(const nu_query *query)
{
    nu_sql  sql;
    nu_plan plan;
    nu__sql_init(&sql, nu__query_database(query));
    nu__sql_select(&sql, query, &plan);
    return nu_builder_text(&sql.text);
}

/* By way of the cache; `shown`: the first of its parameters, as text. */
static const char *asked(const nu_query *query, const char **shown)
{
    nu_sql  sql;
    nu_plan plan;
    nu__sql_query(&sql, nu__query_database(query), nu__sql_select, query, &plan);
    if (shown != NULL)
        *shown = sql.count > 0 ? nu_text(sql.params[0]) : "";
    return nu_builder_text(&sql.text);
}

static bool is_found(const nu_query *query)
{
    uint64_t before = nu__shape_counts().found;
    asked(query, NULL);
    return nu__shape_counts().found > before;
}

static bool is_kept(const nu_query *query)
{
    uint64_t before = nu__shape_counts().kept;
    asked(query, NULL);
    return nu__shape_counts().kept > before;
}

TEST(a_query_of_a_known_shape_brings_its_own_parameters)
{
    blog_fill();
    nu__shapes_check(true);
    const char *first, *second;
    nu_query   *five = nu_filter(articles(), "likes__gte", 5, "title__startswith", "O");
    nu_query   *seven = nu_filter(articles(), "likes__gte", 7, "title__startswith", "T");
    CHECK(is_kept(five));
    CHECK(is_found(seven));
    CHECK_TEXT(asked(five, &first), asked(seven, &second));
    CHECK_TEXT(first, "5");
    CHECK_TEXT(second, "7");
    CHECK_TEXT(texts_of(five), "One");
    CHECK_TEXT(texts_of(seven), "Two");
    blog_close();
}

/* Queries that differ in one part each, none of which may take another's text. */
static nu_query *variant(int number)
{
    nu_query *all = articles();
    nu_list  *two = nu_list_of(1, 2), *three = nu_list_of(1, 2, 3);
    switch (number) {
    case 0: return all;
    case 1: return nu_filter(all, "likes", 1);
    case 2: return nu_filter(all, "likes__gt", 1);
    case 3: return nu_filter(all, "likes__gte", 1);
    case 4: return nu_filter(all, "likes__lt", 1);
    case 5: return nu_filter(all, "likes__lte", 1);
    case 6: return nu_filter(all, "likes__in", two);
    case 7: return nu_filter(all, "likes__in", three);
    case 8: return nu_filter(all, "likes__range", two);
    case 9: return nu_filter(all, "rank", nu_null());
    case 10: return nu_filter(all, "rank__isnull", false);
    case 11: return nu_filter(all, "rank", 1);
    case 12: return nu_filter(all, "live", true);
    case 13: return nu_filter(all, "live", false);
    case 14: return nu_filter(all, "live__in", nu_list_of(true, false));
    case 15: return nu_exclude(all, "rank", 1);
    case 16: return nu_exclude(all, "likes", 1);
    case 17: return nu_filter(all, "title", "a");
    case 18: return nu_filter(all, "title__iexact", "a");
    case 19: return nu_filter(all, "title__contains", "a");
    case 20: return nu_filter(all, "title__icontains", "a");
    case 21: return nu_filter(all, "title__startswith", "a");
    case 22: return nu_filter(all, "title__endswith", "a");
    case 23: return nu_filter(all, "slug", "a");
    case 24: return nu_where(all, nu_and(nu_q("likes", 1), nu_q("rank", 1)));
    case 25: return nu_where(all, nu_or(nu_q("likes", 1), nu_q("rank", 1)));
    case 26: return nu_where(all, nu_or(nu_q("likes", 1), nu_not(nu_q("rank", 1))));
    case 27: return nu_where(all, nu_not(nu_or(nu_q("likes", 1), nu_q("rank", 1))));
    case 28: return nu_filter(all, "likes", nu_f("rank"));
    case 29: return nu_filter(all, "rank", nu_f("likes"));
    case 30: return nu_filter(all, "author__name", "a");
    case 31: return nu_filter(all, "editor__name", "a");
    case 32: return nu_filter(all, "author__name", "a", "editor__name", "a");
    case 33: return nu_where(all, nu_or(nu_q("author__name", "a"), nu_q("editor__name", "a")));
    case 34: return nu_filter(all, "author__mentor__name", "a");
    case 35: return nu_filter(all, "comments__text", "a");
    case 36: return nu_filter(nu_filter(all, "comments__text", "a"), "comments__spam", true);
    case 37: return nu_filter(all, "comments__text", "a", "comments__spam", true);
    case 38: return nu_order_by(all, "id");
    case 39: return nu_order_by(all, "-id");
    case 40: return nu_order_by(all, "likes", "id");
    case 41: return nu_order_by(all, "id", "likes");
    case 42: return nu_order_by(all, "author");
    case 43: return nu_order_by(all, "?");
    case 44: return nu_reversed(nu_order_by(all, "id"));
    case 45: return nu_unordered(all);
    case 46: return nu_slice(all, 0, 2);
    case 47: return nu_slice(all, 1, 2);
    case 48: return nu_slice(all, 1, -1);
    case 49: return nu_distinct(all);
    case 50: return nu_select_related(all, "author");
    case 51: return nu_select_related(all, "author", "editor");
    case 52: return nu_select_related(all, "author__mentor");
    case 53: return nu_select_related(all);
    case 54: return nu_only(all, "title");
    case 55: return nu_only(all, "title", "slug");
    case 56: return nu_defer(all, "title");
    case 57: return nu_only(nu_select_related(all, "author"), "title", "author__name");
    case 58: return nu_values(all, "id");
    case 59: return nu_values(all, "id", "title");
    case 60: return nu_values(all, "title", "id");
    case 61: return nu_values(all);
    case 62: return nu_flat(all, "title");
    case 63: return nu_flat(all, "author__name");
    case 64: return nu_values_list(all, "author", "author__name");
    case 65: return nu_distinct(nu_order_by(nu_values(all, "title"), "likes"));
    case 66: return nu_all(author);
    case 67: return nu_filter(nu_all(author), "pk", 1);
    case 68: return nu_filter(nu_all(author), "mentor", 1);
    case 69: return nu_filter(nu_all(author), "mentor__isnull", true);
    case 70: return nu_filter(all, "published__year", 2026);
    case 71: return nu_filter(all, "price", "1.00");
    case 72: return nu_filter(nu_all(session), "pk", "a");
    case 73: return nu_filter(all, "likes__in", nu_list_of(1));
    default: return NULL;
    }
}

TEST(each_part_of_a_query_is_in_its_shape)
{
    blog_fill();
    nu__shapes_check(true);
    int count = 0;
    for (; variant(count) != NULL; count++)
        CHECK(is_kept(variant(count)));
    for (int i = 0; i < count; i++) {
        CHECK(is_found(variant(i)));
        CHECK_TEXT(asked(variant(i), NULL), written(variant(i)));
        nu_query_list(variant(i));
        CHECK(nu_count(variant(i)) >= 0);
        CHECK(nu_exists(variant(i)) == (nu_count(variant(i)) > 0));
    }
    blog_close();
}

TEST(rows_are_read_by_a_plan_that_was_kept)
{
    blog_fill();
    nu__shapes_check(true);
    for (int i = 0; i < 2; i++) {
        nu_query *query = nu_only(nu_select_related(articles(), "author"), "title", "author__name");
        const char *title = i == 0 ? "One" : "Two";
        nu_row     *row = nu_get_(query, NU_PAIRS("title", title));
        CHECK_TEXT(nu_text(nu_row_get(row, "title")), title);
        CHECK_TEXT(nu_text(nu_row_get(row, "author")), "Ada");
        CHECK(nu_row_is_deferred(row, nu_column_get(&article_model, "likes")));
        query = nu_values_list(nu_filter(articles(), "title", title), "author__name", "likes");
        nu_list *pair = nu_query_list(query)->items[0].list;
        CHECK_TEXT(nu_text(pair->items[0]), "Ada");
        CHECK_EQ(pair->items[1].integer, i == 0 ? 5 : 7);
    }
    blog_close();
}

static uint64_t found_meanwhile(void)
{
    static uint64_t before;
    uint64_t        found = nu__shape_counts().found - before;
    before = nu__shape_counts().found;
    return found;
}

/* Each of the statements twice; the second time it is known. */
TEST(writing_has_shapes_too)
{
    blog_fill();
    nu__shapes_check(true);
    struct author *eve = nu_create(author, "name", "Eve"), *ann = nu_create(author, "name", "Ann");
    for (int i = 0; i < 2; i++) {
        struct author *row = i == 0 ? eve : ann;
        found_meanwhile();
        row->name = nu_fmt("Name %d", i);
        row->email = nu_fmt("mail%d", i);
        nu_save_fields(row, "name");
        nu_save_fields(row, "email");
        nu_save_fields(row, "name", "email");
        nu_save(row);
        nu_update(nu_filter(nu_all(author), "name", row->name), "email", "new");
        nu_update(nu_filter(nu_all(author), "name", row->name), "email", "new", "mentor",
                  nu_null());
        nu_update(nu_filter(nu_all(author), "name", row->name), "mentor", eve);
        nu_update(nu_filter(nu_all(article), "title", row->name), "likes",
                  nu_add(nu_f("likes"), 1));
        nu_create(tag, "name", row->name);
        nu_delete_all(nu_filter(nu_all(tag), "name", row->name));
        nu_create(session, "key", row->name, "data", "");
        CHECK(i == 0 || found_meanwhile() >= 10);
        CHECK_TEXT(nu_get(author, "pk", row->row.id)->email, "new");
    }
    CHECK_EQ(nu_count(nu_filter(nu_all(author), "mentor", eve)), 2);
    CHECK_TEXT(nu_get(author, "pk", eve->row.id)->name, "Name 0");
    CHECK_EQ(nu_count(nu_all(session)), 2);
    blog_close();
}

/* What is computed, or asked of other queries, is written each time. */
TEST(what_a_shape_cannot_name_is_not_kept)
{
    blog_fill();
    nu_query *all = articles();
    CHECK(!is_kept(nu_annotate(all, "n", nu_count_of("comments"))));
    CHECK(!is_kept(nu_filter(all, "author__in", nu_filter(nu_all(author), "name", "Ada"))));
    CHECK(!is_kept(nu_filter(all, "title__contains", nu_f("slug"))));
    CHECK(!is_kept(nu_filter(all, "likes__gt", nu_add(nu_f("rank"), 1))));
    CHECK(!is_kept(nu_filter(all, "published__month", 1)));
    CHECK(!is_kept(nu_filter(all, "extra__a", 1)));
    CHECK(!is_kept(nu_exclude(all, "comments__text", "a")));
    CHECK(!is_kept(nu_order_by(all, "published__year")));
    CHECK(!is_kept(nu_values(all, "published__month")));
    CHECK(!is_kept(nu_select_for_update(all)));
    CHECK(!is_kept(nu_union(nu_unordered(all), nu_unordered(all))));
    nu_list *many = nu_list_new();
    for (int i = 0; i < 2000; i++)
        nu_list_add(many, i);
    CHECK(!is_kept(nu_filter(all, "likes__in", many)));
    blog_close();
}

TEST(a_text_under_a_wrong_shape_is_told)
{
    blog_fill();
    nu__shapes_check(true);
    nu_query *asked_for = nu_filter(articles(), "slug__gt", "a");
    nu_query *other = nu_filter(articles(), "slug__lt", "a");
    nu_shape  shape;
    nu_plan   plan;
    nu_sql    sql = {.backend = nu_database_backend(nu__query_database(other))}, text;
    nu__shape_init(&shape, &sql, nu__sql_select);
    CHECK(nu__shape_add_query(&shape, &sql, asked_for));
    nu__sql_init(&text, nu__query_database(other));
    nu__sql_select(&text, other, &plan);
    nu__shape_keep(&shape, &text, &plan);
    CHECK_RAISES(NU_DATABASE_ERROR, asked(asked_for, NULL));
    nu__shapes_forget();
    CHECK(is_kept(asked_for));
    blog_close();
}

/* More shapes than there are places: what is asked for all the time stays. */
TEST(shapes_make_room_for_others)
{
    blog_fill();
    nu__shapes_check(true);
    nu_query *often = nu_filter(articles(), "likes__gt", 1, "rank__gt", 1);
    CHECK(is_kept(often));
    static const char *const names[] = {"id", "title", "slug", "likes", "rank", "live"};
    for (int i = 0; i < 1500; i++) {
        nu_query *query =
            nu_order_by(articles(), names[i % 6], names[i / 6 % 6], names[i / 36 % 6]);
        nu_list *keys = nu_list_new();
        for (int j = 0; j <= i / 216; j++)
            nu_list_add(keys, j);
        CHECK(is_kept(nu_filter(query, "likes__in", keys)));
        if (i % 100 == 0)
            CHECK(is_found(often));
    }
    CHECK(is_found(often));
    CHECK(!is_found(
        nu_filter(nu_order_by(articles(), "id", "id", "id"), "likes__in", nu_list_of(1))));
    blog_close();
}

/* Another database of the kind takes the same text, and models that are worked out anew take none. */
TEST(shapes_go_with_the_models)
{
    blog_fill();
    nu__shapes_check(true);
    CHECK(is_kept(nu_filter(articles(), "likes", 1)));
    CHECK(is_found(nu_filter(articles(), "likes", 2)));
    nu_models_ready();
    CHECK(!is_found(nu_filter(articles(), "likes", 3)));
    blog_close();
}
