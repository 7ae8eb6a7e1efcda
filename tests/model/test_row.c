#include <string.h>

#include "blog.h"
#include "nuages/json.h"

TEST(new_rows_have_their_defaults)
{
    blog_open();
    struct article *a = nu_new(article, "title", "Hello");
    CHECK_TEXT(a->title, "Hello");
    CHECK_TEXT(a->status, "d");
    CHECK_EQ(a->row.id, 0);
    CHECK(nu_row_is_new(&a->row));
    CHECK(nu_is_null(nu_row_key(&a->row)));
    struct every *e = nu_new(every);
    CHECK(e->uuid.set);
    blog_close();
}

TEST(saving_inserts_then_updates)
{
    blog_open();
    struct author *ada = nu_new(author, "name", "Ada");
    uint64_t       before = nu_query_count();
    nu_save(ada);
    CHECK_EQ(ada->row.id, 1);
    CHECK(!nu_row_is_new(&ada->row));
    ada->name = "Ada L.";
    nu_save(ada);
    CHECK_EQ(nu_query_count() - before, 2);
    CHECK_TEXT(nu_get(author, "pk", 1)->name, "Ada L.");
    CHECK_EQ(nu_count(nu_all(author)), 1);
    blog_close();
}

TEST(saving_with_a_key_updates_or_inserts)
{
    blog_open();
    struct author *ada = nu_new(author, "id", 7, "name", "Ada");
    nu_save(ada);
    CHECK_EQ(nu_get(author, "name", "Ada")->row.id, 7);
    struct author *same = nu_new(author, "id", 7, "name", "Other");
    nu_save(same);
    CHECK_EQ(nu_count(nu_all(author)), 1);
    CHECK_TEXT(nu_get(author, "id", 7)->name, "Other");
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_create(author, "id", 7, "name", "Third"));
    blog_close();
}

TEST(some_fields_can_be_saved_alone)
{
    blog_fill();
    struct article *a = nu_get(article, "slug", "one");
    nu_update(nu_filter(nu_all(article), "pk", a->row.id), "likes", 100);
    a->title = "Uno";
    nu_save_fields(a, "title");
    nu_refresh(a);
    CHECK_TEXT(a->title, "Uno");
    CHECK_EQ(a->likes, 100);
    CHECK_RAISES(NU_VALUE_ERROR, nu_save_fields(a, "titel"));
    nu_delete(nu_get(article, "slug", "one"));
    CHECK_RAISES(NU_DATABASE_ERROR, nu_save_fields(a, "title"));
    CHECK_RAISES(NU_OBJECT_NOT_FOUND, nu_refresh(a));
    blog_close();
}

TEST(every_kind_of_field_comes_back)
{
    blog_open();
    nu_uuid       uuid = {.bytes = {1, 2, 3, 255}, .set = true};
    struct every *e = nu_create(
        every, "name", "é", "big", INT64_MIN, "number", -5, "small", 7, "maybe", 8, "ratio", 0.1,
        "maybe_ratio", -2.5, "yes", true, "maybe_yes", false, "money", nu_decimal_get("12.50"),
        "day", nu_date_of(2026, 2, 28), "time", nu_time_of(23, 59, 59, 999999), "moment",
        nu_datetime_of(2026, 11, 21, 4, 0, 0), "span", nu_duration_of(-1500000));
    e->uuid = uuid;
    e->json = nu_json_parse("{\"a\": [1, null, \"é\"]}", 22);
    e->raw = (nu_bytes){(const uint8_t *)"\0\1\2", 3, true};
    nu_save(e);
    struct every *back = nu_get(every, "uuid", uuid);
    CHECK_TEXT(back->name, "é");
    CHECK_EQ(back->big, INT64_MIN);
    CHECK_EQ(back->number, -5);
    CHECK_EQ(back->small, 7);
    CHECK(back->maybe.set && back->maybe.value == 8);
    CHECK_EQ(back->ratio, 0.1);
    CHECK(back->maybe_ratio.set && back->maybe_ratio.value == -2.5);
    CHECK(back->yes && back->maybe_yes.set && !back->maybe_yes.value);
    CHECK_TEXT(nu_decimal_text(back->money), "12.50");
    CHECK_EQ(back->day, nu_date_of(2026, 2, 28));
    CHECK_EQ(back->time, nu_time_of(23, 59, 59, 999999));
    CHECK_EQ(back->moment, nu_datetime_of(2026, 11, 21, 4, 0, 0));
    CHECK_EQ(back->span.us, -1500000);
    CHECK(memcmp(back->uuid.bytes, uuid.bytes, 16) == 0);
    CHECK_TEXT(nu_json_text(back->json), "{\"a\":[1,null,\"é\"]}");
    CHECK(back->raw.set && back->raw.length == 3 && memcmp(back->raw.data, "\0\1\2", 3) == 0);
    blog_close();
}

TEST(null_comes_back_as_unset)
{
    blog_open();
    struct every *e = nu_new(every);
    e->uuid.set = false;
    nu_save(e);
    struct every *back = nu_get(every, "pk", e->row.id);
    CHECK(back->name == NULL && !back->maybe.set && !back->maybe_ratio.set && !back->maybe_yes.set);
    CHECK(!back->money.set && !back->day.set && !back->time.set && !back->moment.set);
    CHECK(!back->span.set && !back->uuid.set && nu_is_null(back->json) && !back->raw.set);
    nu_dict *values = nu_query_list(nu_values(nu_all(every)))->items[0].dict;
    for (nu_entry *entry = NULL; (entry = nu_dict_next(values, entry));) {
        const nu_column *column = nu_column_get(&every_model, nu_text(entry->key));
        CHECK_EQ(nu_is_null(entry->value), column->null);
    }
    blog_close();
}

TEST(texts_are_read_as_what_the_field_holds)
{
    blog_open();
    struct every *e =
        nu_new(every, "big", "12", "yes", "true", "money", "3.14159", "day", "2026-02-03", "moment",
               "2026-02-03T10:00:00+02:00", "span", "1 00:00:01", "time", "10:30");
    nu_save(e);
    struct every *back = nu_get(every, "pk", e->row.id);
    CHECK_EQ(back->big, 12);
    CHECK(back->yes);
    CHECK_TEXT(nu_decimal_text(back->money), "3.14");
    CHECK_EQ(back->day, nu_date_of(2026, 2, 3));
    CHECK_EQ(back->moment, nu_datetime_of(2026, 2, 3, 8, 0, 0));
    CHECK_EQ(back->span.us, NU_DAY + NU_SECOND);
    CHECK_RAISES(NU_VALUE_ERROR, nu_new(every, "day", "2026-02-30"));
    CHECK(nu_error_is(nu_test_error(), NU_VALIDATION_ERROR));
    CHECK_RAISES(NU_VALUE_ERROR, nu_new(every, "small", 70000));
    CHECK_RAISES(NU_FIELD_ERROR, nu_new(article, "tags", 1));
    blog_close();
}

TEST(rows_are_asked_by_name)
{
    blog_fill();
    struct article *a = nu_get(article, "slug", "one");
    nu_row         *row = &a->row;
    nu_value        out;
    CHECK_EQ(nu_row_get(row, "title"), "One");
    CHECK_EQ(nu_row_get(row, "pk"), 1);
    CHECK_EQ(nu_row_get(row, "id"), 1);
    CHECK_EQ(nu_row_get(row, "author_id"), 1);
    CHECK_TEXT(nu_text(nu_row_get(row, "author")), "Ada");
    CHECK(nu_is_null(nu_row_get(row, "editor")));
    CHECK_EQ(nu_row_get(row, "summary"), "One!");
    CHECK_EQ(nu_row_get(row, "get_status_display"), "Draft");
    CHECK_EQ(nu_row_get(row, "get_absolute_url"), "/articles/one/");
    CHECK_TEXT(texts_of(nu_query_from(nu_row_get(row, "tags"))), "c,web");
    CHECK_TEXT(texts_of(nu_query_from(nu_row_get(row, "comments"))), "good,buy");
    CHECK(!nu_row_find(row, "titel", &out));
    CHECK_RAISES(NU_FIELD_ERROR, nu_row_get(row, "titel"));
    CHECK_TEXT(nu_test_error()->hint, "Did you mean \"title\"?");
    CHECK_TEXT(nu_text(NU_V(a)), "One");
    CHECK(nu_equal(NU_V(a), NU_V(nu_get(article, "slug", "one"))));
    CHECK(!nu_equal(NU_V(a), NU_V(nu_get(article, "slug", "two"))));
    CHECK_TEXT(nu_text(NU_V(nu_create(profile, "author_id", 1))), "Profile object (1)");
    blog_close();
}

TEST(a_text_can_be_the_primary_key)
{
    blog_open();
    struct session *s = nu_create(session, "key", "abc", "data", "x");
    s->data = "y";
    nu_save(s);
    CHECK_EQ(nu_count(nu_all(session)), 1);
    CHECK_TEXT(nu_get(session, "pk", "abc")->data, "y");
    struct visit *v = nu_create(visit, "session", s);
    struct visit *back = nu_get(visit, "session", "abc");
    CHECK_EQ(back->row.id, v->row.id);
    CHECK_TEXT(nu_related(back, session)->data, "y");
    CHECK_TEXT(texts_of(nu_flat(nu_filter(nu_all(visit), "session__data", "y"), "session")), "abc");
    CHECK_EQ(nu_delete(s), 2);
    blog_close();
}

TEST(rows_are_validated)
{
    blog_fill();
    struct article *a =
        nu_new(article, "title", "", "slug", "with space", "author_id", 1, "status", "x");
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_row_full_clean(&a->row));
    const nu_dict *errors = nu_test_error()->data;
    CHECK(nu_dict_find(errors, "title") != NULL);
    CHECK(nu_dict_find(errors, "slug") != NULL);
    CHECK(nu_dict_find(errors, "status") != NULL);
    CHECK_EQ(nu_dict_count(errors), 3);
    a = nu_new(article, "title", "One", "slug", "two", "author_id", 1);
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_row_full_clean(&a->row));
    errors = nu_test_error()->data;
    CHECK_TEXT(nu_text(nu_dict_get(errors, "slug").list->items[0]),
               "Article with this Slug already exists.");
    CHECK_CONTAINS(nu_text(nu_dict_get(errors, "__all__").list->items[0]),
                   "Author and Title already exists.");
    a->slug = "fresh";
    a->title = "Fresh";
    nu_row_full_clean(&a->row);
    nu_save(a);
    nu_row_full_clean(&a->row);
    blog_close();
}

TEST(validators_judge_values)
{
    static const struct {
        void (*check)(const nu_validator *, nu_value);
        const char *text;
        bool        good;
    } cases[] = {
        {nu_check_email, "a@example.org", true},
        {nu_check_email, "a.b+c@x.example.org", true},
        {nu_check_email, "a@localhost", true},
        {nu_check_email, "a@b", false},
        {nu_check_email, "a..b@example.org", false},
        {nu_check_email, "@example.org", false},
        {nu_check_email, "a@-x.org", false},
        {nu_check_email, "a b@example.org", false},
        {nu_check_url, "https://example.org", true},
        {nu_check_url, "HTTP://example.org:8000/a?b#c", true},
        {nu_check_url, "http://[::1]/", true},
        {nu_check_url, "http://127.0.0.1:80", true},
        {nu_check_url, "example.org", false},
        {nu_check_url, "javascript:alert(1)", false},
        {nu_check_url, "http://", false},
        {nu_check_url, "http://a b.org", false},
        {nu_check_url, "http://user:pass@example.org/", true},
        {nu_check_url, "http://x.org:123456/", false},
        {nu_check_slug, "a-b_c9", true},
        {nu_check_slug, "a b", false},
        {nu_check_slug, "", false},
        {nu_check_ip, "10.0.0.1", true},
        {nu_check_ip, "::ffff:1.2.3.4", true},
        {nu_check_ip, "10.0.0", false},
    };
    nu_validator plain = {.message = NULL};
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        volatile bool good = true;
        NU_TRY {
            cases[i].check(&plain, NU_V(cases[i].text));
        }
        NU_CATCH (error) {
            good = false;
        }
        if (good != cases[i].good)
            FAIL("\"%s\" was judged wrongly", cases[i].text);
    }
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_check_min_value(NU_MIN_VALUE(3), NU_V(2)));
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_check_max_length(NU_MAX_LENGTH(2), NU_V("äöü")));
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_check_pattern(NU_PATTERN("^a+$", "As only."), NU_V("b")));
    CHECK_TEXT(nu_test_error()->fact, "As only.");
    CHECK_RAISES(NU_CONFIG_ERROR, nu_check_pattern(NU_PATTERN("(", "x"), NU_V("b")));
}

TEST(a_reference_takes_a_row_by_its_name_and_a_key_by_its_columns)
{
    blog_fill();
    struct article *a = nu_get(article, "slug", "one");
    CHECK_RAISES(NU_VALUE_ERROR, nu_row_set(&a->row, "author", NU_V(2)));
    CHECK_TEXT(nu_test_error()->fact,
               "\"author\" of model \"Article\" takes a row of \"Author\", not int");
    CHECK_CONTAINS(nu_test_error()->hint, "author_id");
    CHECK_RAISES(NU_VALUE_ERROR, nu_create(article, "title", "Five", "slug", "five", "author", 1));
    nu_row_set(&a->row, "author_id", NU_V(2));
    CHECK_TEXT(nu_related(a, author)->name, "Bob");
    nu_row_set(&a->row, "author", NU_V(nu_get(author, "pk", 1)));
    CHECK_EQ(a->author.id, 1);
    nu_row_set(&a->row, "editor", nu_null());
    CHECK_EQ(nu_count(nu_filter(nu_all(article), "author", 1)), 2); /* a condition takes either */
    blog_close();
}

TEST(a_text_is_not_cut_at_a_nul)
{
    blog_fill();
    nu_value    whole = nu_value_text_n("a\0b", 3);
    struct tag *t = nu_create(tag, "name", whole);
    nu_value    there =
        nu_query_list(nu_flat(nu_filter(nu_all(tag), "pk", t->row.id), "name"))->items[0];
    CHECK_EQ(there.length, 3);
    CHECK_RAISES(NU_DATA_ERROR, nu_get(tag, "pk", t->row.id));
    CHECK_CONTAINS(nu_test_error()->fact, "NUL");
    nu_update(nu_filter(nu_all(tag), "pk", t->row.id), "name", "ab");
    CHECK_TEXT(nu_get(tag, "pk", t->row.id)->name, "ab");
    blog_close();
}
