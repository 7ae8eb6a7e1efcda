#include "blog.h"

static nu_query *by(const char *name)
{
    return nu_filter(nu_all(article), "author__name", name);
}

static nu_query *unordered_by(const char *name)
{
    return nu_unordered(by(name));
}

TEST(queries_are_put_side_by_side)
{
    blog_fill();
    nu_query *live = nu_unordered(nu_filter(nu_all(article), "live", true));
    CHECK_TEXT(texts_of(nu_order_by(nu_union(unordered_by("Ada"), live), "-id")), "Four,Two,One");
    CHECK_EQ(nu_count(nu_union(unordered_by("Ada"), live)), 3);
    CHECK_EQ(nu_count(nu_union_all(unordered_by("Ada"), live)), 5);
    CHECK_TEXT(texts_of(nu_order_by(nu_intersection(live, unordered_by("Bob")), "pk")), "Four");
    CHECK_TEXT(texts_of(nu_order_by(nu_difference(live, unordered_by("Bob")), "title")), "One,Two");
    CHECK_TEXT(texts_of(nu_slice(
                   nu_order_by(nu_union(unordered_by("Ada"), unordered_by("Bob")), "title"), 1, 3)),
               "One,Three");
    CHECK_TEXT(texts_of(nu_order_by(nu_union(nu_none(live), unordered_by("Bob")), "id")),
               "Three,Four");
    nu_query *names = nu_union(nu_unordered(nu_flat(nu_all(author), "name")),
                               nu_unordered(nu_flat(nu_all(tag), "name")));
    CHECK_TEXT(texts_of(nu_order_by(names, "name")), "Ada,Bob,c,unused,web");
    /* SQLite knows neither in the parts. */
    CHECK_RAISES(NU_DATABASE_ERROR,
                 nu_query_rows(nu_union(nu_slice(live, 0, 1), unordered_by("Ada"))));
    CHECK_RAISES(NU_DATABASE_ERROR,
                 nu_query_rows(nu_union(nu_order_by(live, "id"), unordered_by("Ada"))));
    CHECK_EQ(nu_first(article, nu_order_by(nu_union(unordered_by("Ada"), live), "-id"))->row.id, 4);
    CHECK_TEXT(
        texts_of(nu_filter(nu_all(article), "pk__in",
                           nu_union(nu_flat(unordered_by("Ada"), "id"), nu_flat(live, "id")))),
        "One,Two,Four");
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_union(live, unordered_by("Ada")), "id", 1));
    CHECK_RAISES(NU_DATABASE_ERROR,
                 nu_query_rows(nu_order_by(nu_union(live, unordered_by("Ada")), "author__name")));
    blog_close();
}

TEST(conditions_of_two_queries_are_joined)
{
    blog_fill();
    nu_query *live = nu_filter(nu_all(article), "live", true);
    CHECK_TEXT(texts_of(nu_query_and(live, by("Ada"))), "One,Two");
    CHECK_TEXT(texts_of(nu_query_or(live, by("Bob"))), "One,Two,Three,Four");
    CHECK_TEXT(texts_of(nu_query_or(nu_filter(nu_all(article), "editor__name", "Ada"),
                                    nu_filter(nu_all(article), "slug", "one"))),
               "One,Three");
    CHECK_TEXT(texts_of(nu_query_and(nu_filter(nu_all(article), "comments__text", "good"),
                                     nu_filter(nu_all(article), "comments__spam", true))),
               "One");
    CHECK_TEXT(texts_of(nu_query_or(nu_none(live), by("Bob"))), "Three,Four");
    CHECK_TEXT(texts_of(nu_query_and(nu_none(live), by("Bob"))), "");
    CHECK_RAISES(NU_VALUE_ERROR, nu_query_or(live, nu_all(tag)));
    CHECK_RAISES(NU_VALUE_ERROR, nu_query_or(live, nu_slice(live, 0, 1)));
    blog_close();
}

TEST(dates_are_listed)
{
    blog_fill();
    CHECK_TEXT(texts_of(nu_dates(nu_all(article), "published", "year", false)),
               "2025-01-01,2026-01-01");
    CHECK_TEXT(texts_of(nu_dates(nu_all(article), "published", "month", true)),
               "2026-06-01,2026-01-01,2025-12-01");
    CHECK_TEXT(texts_of(nu_datetimes(nu_filter(nu_all(article), "author", 1), "published", "day",
                                     false, nu_zone_get("Europe/Zurich"))),
               "2026-01-01 00:00:00+01:00");
    CHECK_EQ(nu_count(nu_dates(nu_all(article), "published", "year", false)), 2);
    CHECK_RAISES(NU_VALUE_ERROR, nu_dates(nu_all(article), "published", "hour", false));
    CHECK_RAISES(NU_VALUE_ERROR, nu_dates(nu_all(article), "title", "year", false));
    CHECK_RAISES(NU_FIELD_ERROR, nu_dates(nu_all(article), "nope", "year", false));
    blog_close();
}

TEST(rows_are_found_by_date_and_in_bulk)
{
    blog_fill();
    struct article *one = nu_earliest(article, nu_all(article), "likes", "id");
    CHECK_TEXT(one->slug, "four");
    CHECK_TEXT(nu_latest(article, nu_all(article), "likes")->slug, "two");
    CHECK_RAISES(NU_VALUE_ERROR, nu_latest(article, nu_all(article)));
    CHECK_RAISES(NU_OBJECT_NOT_FOUND, nu_latest(article, nu_none(nu_all(article)), "id"));
    one = nu_get(article, "slug", "one");
    struct article *two = nu_next_by(article, one, "published");
    CHECK_TEXT(two->slug, "two");
    CHECK_TEXT(nu_previous_by(article, two, "published")->slug, "one");
    CHECK_RAISES(NU_OBJECT_NOT_FOUND, nu_previous_by(article, one, "published"));
    CHECK_RAISES(NU_OBJECT_NOT_FOUND, nu_next_by(article, one, "published", "title", "nothing"));
    CHECK(nu_query_contains(nu_filter(nu_all(article), "live", true), &one->row));
    CHECK(!nu_query_contains(nu_filter(nu_all(article), "live", false), &one->row));
    nu_dict *all = nu_in_bulk(nu_all(article), NULL, NULL);
    CHECK_EQ(nu_dict_count(all), 4);
    all = nu_in_bulk(nu_all(article), nu_list_of("two", "none"), "slug");
    CHECK_EQ(nu_dict_count(all), 1);
    CHECK(nu_row_of(nu_dict_get(all, "two")) != NULL);
    CHECK_RAISES(NU_VALUE_ERROR, nu_in_bulk(nu_all(article), NULL, "title"));
    blog_close();
}

TEST(values_have_names)
{
    blog_fill();
    nu_list   *list = nu_query_list(nu_values_named(nu_all(tag), "id", "name"));
    nu_object *row = list->items[0].object;
    nu_value   item;
    CHECK(row->class->get(row, "name", 4, &item));
    CHECK_EQ(item, "c");
    CHECK(row->class->at(row, 0, &item));
    CHECK_EQ(item, 1);
    blog_close();
}
