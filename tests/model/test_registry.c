/* What is worked out about models, and what is said about wrong ones. */
#include <string.h>

#include "blog.h"

static void ready(const nu_model *const *models)
{
    nu_models_clear();
    nu_models_add("shop", models);
    nu_models_ready();
}

TEST(names_are_those_of_django)
{
    blog_open();
    CHECK_TEXT(nu_model_table(&article_model), "blog_article");
    CHECK_TEXT(nu_model_label(&article_model), "blog.Article");
    CHECK_TEXT(nu_model_key(&article_model), "article");
    CHECK_TEXT(nu_model_verbose_name_plural(&article_model), "articles");
    const nu_column *author = nu_column_get(&article_model, "author");
    CHECK_TEXT(author->column, "author_id");
    CHECK(nu_column_find(&article_model, "author_id") == author);
    CHECK(author->indexed && !author->unique && author->db_type.type == NU_DB_BIG_INT);
    CHECK(nu_column_get(&profile_model, "author")->unique);
    CHECK(nu_column_get(&article_model, "slug")->db_type.length == 50);
    CHECK_EQ(nu_column_get(&visit_model, "session")->db_type.type, NU_DB_CHAR);
    CHECK_EQ(nu_column_get(&visit_model, "session")->db_type.length, 40);
    const nu_model *through = nu_column_get(&article_model, "tags")->through;
    CHECK_TEXT(nu_model_table(through), "blog_article_tags");
    CHECK(nu_model_is_automatic(through));
    CHECK_TEXT(nu_model_columns(through)[1]->column, "article_id");
    CHECK_TEXT(nu_model_columns(through)[2]->column, "tag_id");
    CHECK(nu_model_find("BLOG.article") == &article_model);
    CHECK_RAISES(NU_VALUE_ERROR, nu_model_get("blog.Artikel"));
    CHECK_TEXT(nu_test_error()->hint, "Did you mean \"blog.Article\"?");
    blog_close();
    CHECK_RAISES(NU_CONFIG_ERROR, nu_all(article));
    CHECK_CONTAINS(nu_test_error()->fact, "belongs to no app");
}

TEST(ways_back_are_named)
{
    blog_open();
    const char *seen[8] = {NULL};
    size_t      count = 0;
    for (const nu_reverse *reverse = nu_model_reverses(&author_model); reverse->name != NULL;
         reverse++)
        seen[count++] = reverse->name;
    CHECK_EQ(count, 4);
    CHECK_TEXT(seen[0], "pupils");
    CHECK_TEXT(seen[1], "profile");
    CHECK_TEXT(seen[2], "articles");
    CHECK_TEXT(seen[3], "edited");
    CHECK_TEXT(nu_model_reverses(&session_model)[0].name, "visit_set");
    CHECK_TEXT(nu_model_reverses(&session_model)[0].query_name, "visit");
    blog_close();
}

struct thing {
    nu_row      row;
    const char *name;
    int64_t     count;
    bool        yes;
    nu_decimal  price;
    nu_ref(thing) parent;
    nu_ref(thing) other;
};

#define THING(...)                                                                                 \
    {                                                                                              \
        NU_MODEL_OF(thing, "Thing"), .fields = (const nu_field[])                                  \
        {                                                                                          \
            __VA_ARGS__,                                                                           \
            {                                                                                      \
                0                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }

TEST(wrong_models_are_told)
{
    blog_open();
    const struct {
        nu_model    model;
        const char *message;
    } cases[] = {
        {THING(NU_CHAR(thing, name)), "model \"shop.Thing\", field \"name\": it lacks .max_length"},
        {THING(NU_INT(thing, count, .null = true)), "needs a member of type nu_maybe_int"},
        {THING(NU_BOOL(thing, yes, .null = true)), "needs a member of type nu_maybe_bool"},
        {THING(NU_DECIMAL(thing, price)), "it lacks .max_digits"},
        {THING(NU_DECIMAL(thing, price, .max_digits = 2, .decimal_places = 3)),
         ".decimal_places is more"},
        {THING(NU_FOREIGN(thing, parent, .on_delete = NU_CASCADE)), "it lacks .to"},
        {THING(NU_FOREIGN(thing, parent, .to_name = "shop.None", .on_delete = NU_CASCADE)),
         "refers to \"shop.None\", which no app has"},
        {THING(NU_FOREIGN(thing, parent, .to = &article_model, .on_delete = NU_CASCADE)),
         "refers to model \"Article\", which belongs to no app"},
        {THING(NU_FOREIGN(thing, parent, .to_name = "shop.Thing")), "it lacks .on_delete"},
        {THING(NU_FOREIGN(thing, parent, .to_name = "shop.Thing", .on_delete = NU_SET_NULL)),
         "needs .null = true"},
        {THING(NU_FOREIGN(thing, parent, .to_name = "shop.Thing", .on_delete = NU_SET_DEFAULT)),
         "needs a default"},
        {THING(NU_FOREIGN(thing, parent, .to_name = "shop.Thing", .to_field = "nam",
                          .on_delete = NU_CASCADE)),
         "has no field \"nam\" to refer to"},
        {THING(NU_TEXT(thing, name), NU_FOREIGN(thing, parent, .to_name = "shop.Thing",
                                                .to_field = "name", .on_delete = NU_CASCADE)),
         "is not unique"},
        {THING(NU_FOREIGN(thing, parent, .to_name = "shop.Thing", .on_delete = NU_CASCADE),
               NU_FOREIGN(thing, other, .to_name = "shop.Thing", .on_delete = NU_CASCADE)),
         "its way back, \"Thing.thing_set\", clashes with that of \"Thing.parent\""},
        {THING(NU_FOREIGN(thing, parent, .to_name = "shop.Thing", .on_delete = NU_CASCADE,
                          .related_name = "name"),
               NU_TEXT(thing, name)),
         "clashes with a field of that name"},
        {THING(NU_TEXT(thing, name), NU_TEXT(thing, name)), "there are two fields of this name"},
        {THING(NU_TEXT(thing, name), NU_INT(thing, count, .db_column = "name")),
         "column \"name\" belongs to field \"name\" already"},
        {THING(NU_BIG_INT(thing, count, .primary_key = true),
               NU_CHAR(thing, name, .max_length = 5, .primary_key = true)),
         "there is a primary key already"},
        {{NU_MODEL_OF(thing, "Thing"), .ordering = NU_STRS("-nam")}, ".ordering names \"nam\""},
        {{NU_MODEL_OF(thing, "Thing"), .unique_together = NU_TOGETHER(NU_STRS("x"))},
         ".unique_together names \"x\""},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        const nu_model *models[] = {&cases[i].model, NULL};
        CHECK_RAISES(NU_CONFIG_ERROR, ready(models));
        CHECK_CONTAINS(nu_test_error()->fact, cases[i].message);
    }
    CHECK_RAISES(NU_CONFIG_ERROR, ready((const nu_model *[]){&tag_model, &tag_model, NULL}));
    CHECK_CONTAINS(nu_test_error()->fact, "added twice");
    blog_close();
}

TEST(place_of_a_wrong_field_is_told)
{
    nu_model        model = THING(NU_CHAR(thing, name));
    const nu_model *models[] = {&model, NULL};
    CHECK_RAISES(NU_CONFIG_ERROR, ready(models));
    CHECK_CONTAINS(nu_test_error()->place.file, "test_registry.c");
    CHECK(nu_test_error()->place.line > 0);
    nu_models_clear();
}

TEST(verbose_names_are_taken_apart)
{
    static const struct {
        const char *name, *verbose;
    } cases[] = {{"BlogPost", "blog post"},
                 {"HTMLPage", "html page"},
                 {"Tag", "tag"},
                 {"APIKey2Use", "api key2 use"},
                 {"Model2D", "model2d"}};
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_model model = THING(NU_TEXT(thing, name));
        model.name = cases[i].name;
        const nu_model *models[] = {&model, NULL};
        ready(models);
        CHECK_TEXT(nu_model_verbose_name(&model), cases[i].verbose);
        nu_models_clear();
    }
}
