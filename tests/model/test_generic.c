/* Content types, generic keys and relations. */
#include "blog.h"

#include "nuages/contenttypes.h"

struct post {
    nu_row      row;
    const char *title;
};

struct photo {
    nu_row      row;
    const char *file;
};

struct print {
    NU_PARENT(photo);
};

struct like {
    nu_row row;
    nu_ref(nu_content_type) content_type;
    int64_t object_id;
    int32_t value;
};

/* Keys of any kind as texts. */
struct note {
    nu_row row;
    nu_ref(nu_content_type) kind;
    const char *key;
};

extern const nu_model post_model, photo_model, print_model, like_model, note_model;

static const char *post_text(const struct post *post)
{
    return post->title;
}

static const nu_field post_fields[] = {
    NU_CHAR(post, title, .max_length = 20),
    NU_GENERIC_RELATION("likes", .to = &like_model, .related_query_name = "post"),
    NU_GENERIC_RELATION("notes", .to = &note_model, .ct_field = "kind", .fk_field = "key"),
    {0},
};
const nu_model post_model = {NU_MODEL_OF(post, "Post"), .fields = post_fields, .text = post_text,
                             .ordering = NU_STRS("id")};

static const nu_field photo_fields[] = {NU_CHAR(photo, file, .max_length = 20), {0}};
const nu_model        photo_model = {NU_MODEL_OF(photo, "Photo"), .fields = photo_fields};
const nu_model        print_model = {NU_MODEL_OF(print, "Print"), .proxy_of = &photo_model};

static const nu_field like_fields[] = {
    NU_FOREIGN(like, content_type, .to = &nu_content_type_model, .on_delete = NU_CASCADE),
    NU_BIG_INT(like, object_id),
    NU_INT(like, value),
    NU_GENERIC_KEY("target"),
    {0},
};
const nu_model like_model = {NU_MODEL_OF(like, "Like"), .fields = like_fields,
                             .ordering = NU_STRS("id")};

static const nu_field note_fields[] = {
    NU_FOREIGN(note, kind, .to = &nu_content_type_model, .on_delete = NU_CASCADE, .null = true),
    NU_CHAR(note, key, .max_length = 40),
    NU_GENERIC_KEY("about", .ct_field = "kind", .fk_field = "key", .for_proxy = true),
    {0},
};
const nu_model note_model = {NU_MODEL_OF(note, "Note"), .fields = note_fields};

static const nu_model *const models[] = {&post_model, &photo_model, &print_model,
                                         &like_model, &note_model,  NULL};

static void open_all(void)
{
    nu_database *db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_models_clear();
    nu_models_add("contenttypes", (const nu_model *[]){&nu_content_type_model, NULL});
    nu_models_add("media", models);
    nu_models_ready();
    blog_tables(db);
}

TEST(each_model_has_a_content_type)
{
    open_all();
    struct nu_content_type *post = nu_content_type_for(&post_model);
    CHECK_TEXT(post->app_label, "media");
    CHECK_TEXT(post->model, "post");
    CHECK_TEXT(nu_text(nu_row_get(&post->row, "name")), "post");
    CHECK_TEXT(nu_text(nu_value_object(post)), "media | post");
    CHECK(nu_content_type_for(&post_model) == post);
    CHECK(nu_content_type_class(post) == &post_model);
    CHECK(nu_content_type_for(&print_model) == nu_content_type_for(&photo_model));
    CHECK_TEXT(nu_content_type_on(&print_model, NULL, true)->model, "print");
    CHECK(nu_content_type_by_id(post->row.id, NULL) == post);
    CHECK(nu_content_type_by_key("media", "post", NULL) == post);
    CHECK_RAISES(NU_OBJECT_NOT_FOUND, nu_content_type_by_key("media", "none", NULL));
    nu_content_type_clear_cache();
    nu_content_types_create(NULL);
    CHECK_EQ(nu_count(nu_all(nu_content_type)), 6);
    nu_content_types_create(NULL);
    CHECK_EQ(nu_count(nu_all(nu_content_type)), 6);
    CHECK(nu_content_type_for(&post_model)->row.id == 1);
    blog_close();
}

TEST(a_generic_key_leads_to_any_row)
{
    open_all();
    struct post  *one = nu_create(post, "title", "one"), *two = nu_create(post, "title", "two");
    struct photo *cat = nu_create(photo, "file", "cat.jpg");
    nu_create(like, "target", one, "value", 1);
    nu_create(like, "target", two, "value", 2);
    nu_create(like, "target", cat, "value", 3);
    struct like *like = nu_get(like, "value", 2);
    CHECK_EQ(like->object_id, two->row.id);
    CHECK(nu_equal(nu_row_get(&like->row, "target"), NU_V(two)));
    uint64_t before = nu_query_count();
    NU_EACH (like, each, nu_all(like)) {
        nu_row *to = nu_row_of(nu_row_get(&each->row, "target"));
        CHECK(to != NULL && (nu_row_model(to) == &photo_model) == (each->value == 3));
    }
    CHECK_EQ(nu_query_count() - before, 3);
    before = nu_query_count();
    nu_query *all = nu_prefetch_related(nu_all(like), "target");
    NU_EACH (like, each, all)
        nu_row_get(&each->row, "target");
    CHECK_EQ(nu_query_count() - before, 3);
    nu_row_set(&like->row, "target", NU_V(cat));
    nu_save(like);
    nu_refresh(like);
    CHECK(nu_equal(nu_row_get(&like->row, "target"), NU_V(cat)));
    like->object_id = 99;
    CHECK(nu_is_null(nu_row_get(&like->row, "target")));
    CHECK_RAISES(NU_VALUE_ERROR, nu_row_set(&like->row, "target", NU_V(3)));
    CHECK_RAISES(NU_FIELD_ERROR, nu_filter(nu_all(like), "target", cat));
    blog_close();
}

TEST(keys_of_proxies_and_texts)
{
    open_all();
    struct print *print = nu_create(print, "file", "dog.jpg");
    struct note  *note = nu_create(note, "about", print);
    CHECK_TEXT(note->key, "1");
    note = nu_get(note, "pk", note->row.id);
    nu_row *to = nu_row_of(nu_row_get(&note->row, "about"));
    CHECK(nu_row_model(to) == &print_model);
    nu_row_set(&note->row, "about", nu_null());
    CHECK(nu_is_null(nu_row_get(&note->row, "about")) && note->kind.id == 0);
    struct post *post = nu_create(post, "title", "p");
    nu_create(note, "about", post);
    CHECK_EQ(nu_count(nu_related_set(post, "notes")), 1);
    blog_close();
}

TEST(generic_relations_are_queried_both_ways)
{
    open_all();
    struct post  *one = nu_create(post, "title", "one"), *two = nu_create(post, "title", "two");
    struct photo *cat = nu_create(photo, "file", "cat.jpg");
    nu_create(like, "target", one, "value", 1);
    nu_create(like, "target", one, "value", 5);
    nu_create(like, "target", two, "value", 2);
    nu_create(like, "target", cat, "value", 9);
    CHECK_EQ(nu_count(nu_related_set(one, "likes")), 2);
    CHECK_TEXT(texts_of(nu_filter(nu_all(post), "likes__value__gt", 4)), "one");
    CHECK_TEXT(texts_of(nu_filter(nu_all(post), "likes__isnull", true)), "");
    CHECK_TEXT(texts_of(nu_exclude(nu_all(post), "likes__value", 5)), "two");
    CHECK_TEXT(texts_of(nu_flat(nu_filter(nu_all(like), "post__title", "one"), "value")), "1,5");
    CHECK_EQ(nu_row_get(nu_query_first(nu_annotate(nu_all(post), "n", nu_count_of("likes"))), "n")
                 .integer,
             2);
    nu_query *posts = nu_prefetch_related(nu_all(post), "likes");
    uint64_t  before = nu_query_count();
    int64_t   sum = 0;
    NU_EACH (post, each, posts)
        sum += nu_count(nu_related_set(each, "likes"));
    CHECK_EQ(sum, 3);
    CHECK_EQ(nu_query_count() - before, 2);
    CHECK_EQ(nu_delete(one), 3);
    CHECK_EQ(nu_count(nu_all(like)), 2);
    CHECK_EQ(nu_delete_all(nu_all(post)), 2);
    CHECK_EQ(nu_count(nu_all(like)), 1);
    blog_close();
}

TEST(wrong_generic_fields_are_told)
{
    const nu_field no_type[] = {NU_GENERIC_KEY("target"), {0}};
    const nu_field wrong_type[] = {
        NU_CHAR(photo, file, .max_length = 5), NU_GENERIC_KEY("target", .ct_field = "file"), {0}};
    const nu_field nowhere[] = {NU_GENERIC_RELATION("likes", .to = NULL), {0}};
    const struct {
        const nu_field *fields;
        const char     *message;
    } cases[] = {
        {no_type, "model \"Photo\" has no field \"content_type\""},
        {wrong_type, "is no reference to nu_content_type"},
        {nowhere, "it lacks .to"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_model model = {NU_MODEL_OF(photo, "Photo"), .fields = cases[i].fields};
        nu_models_clear();
        nu_models_add("media", (const nu_model *[]){&model, NULL});
        CHECK_RAISES(NU_CONFIG_ERROR, nu_models_ready());
        CHECK_CONTAINS(nu_test_error()->fact, cases[i].message);
        nu_models_clear();
    }
}
