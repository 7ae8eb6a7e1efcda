/* Who hears what. */
#include "nuages/signal.h"

#include "blog.h"

static const char *heard;

static void hear(const nu_event *event, void *arg)
{
    static const char *const names[] = {"pre_init",  "post_init",  "pre_save",
                                        "post_save", "pre_delete", "post_delete"};
    heard = nu_fmt("%s%s%s:%s%s ", heard, arg != NULL ? (const char *)arg : "",
                   names[event->signal], event->model->name, event->created ? "!" : "");
}

TEST(signals_reach_those_who_listen)
{
    blog_fill();
    heard = "";
    for (nu_signal_kind signal = NU_PRE_INIT; signal <= NU_POST_DELETE; signal++)
        nu_signal_connect(signal, &tag_model, hear, NULL, NULL);
    nu_signal_connect(NU_POST_SAVE, &tag_model, hear, NULL, NULL); /* once is enough */
    nu_signal_connect(NU_POST_SAVE, NULL, hear, (void *)"any ", "any");
    struct tag *t = nu_create(tag, "name", "new");
    CHECK_TEXT(heard, "pre_init:Tag post_init:Tag pre_save:Tag post_save:Tag! any post_save:Tag! ");
    heard = "";
    nu_save_fields(t, "name");
    CHECK_TEXT(heard, "pre_save:Tag post_save:Tag any post_save:Tag ");
    heard = "";
    nu_delete(t);
    CHECK_TEXT(heard, "pre_delete:Tag post_delete:Tag ");
    heard = "";
    nu_get(tag, "name", "c");
    CHECK_TEXT(heard, "pre_init:Tag post_init:Tag ");
    heard = "";
    nu_delete_all(nu_filter(nu_all(tag), "name", "c"));
    CHECK_TEXT(heard, "pre_init:Tag post_init:Tag pre_delete:Tag post_delete:Tag ");
    CHECK(nu_signal_is_heard(NU_POST_SAVE, &author_model));
    CHECK(!nu_signal_is_heard(NU_PRE_SAVE, &author_model));
    CHECK(nu_signal_disconnect(NU_POST_SAVE, NULL, NULL, "any"));
    CHECK(!nu_signal_disconnect(NU_POST_SAVE, NULL, NULL, "any"));
    for (nu_signal_kind signal = NU_PRE_INIT; signal <= NU_POST_DELETE; signal++)
        CHECK(nu_signal_disconnect(signal, &tag_model, hear, NULL));
    heard = "";
    nu_create(tag, "name", "quiet");
    CHECK_TEXT(heard, "");
    blog_close();
}

static void refuse(const nu_event *event, void *arg)
{
    (void)event;
    (void)arg;
    nu_raise(NU_VALUE_ERROR, "not today");
}

TEST(what_a_receiver_raises_undoes_the_deletion)
{
    blog_fill();
    nu_signal_connect(NU_POST_DELETE, &comment_model, refuse, NULL, NULL);
    CHECK_RAISES(NU_VALUE_ERROR, nu_delete(nu_get(article, "slug", "one")));
    CHECK_EQ(nu_count(nu_all(article)), 4);
    CHECK_EQ(nu_count(nu_all(comment)), 3);
    nu_signal_disconnect(NU_POST_DELETE, &comment_model, refuse, NULL);
    blog_close();
}

struct keeper {
    nu_row row;
    nu_ref(tag) tag;
    nu_ref(keeper) boss;
};
extern const nu_model keeper_model;
static const nu_field keeper_fields[] = {
    NU_FOREIGN(keeper, tag, .to = &tag_model, .on_delete = NU_RESTRICT),
    NU_FOREIGN(keeper, boss, .to = &keeper_model, .null = true, .on_delete = NU_CASCADE),
    {0},
};
const nu_model keeper_model = {NU_MODEL_OF(keeper, "Keeper"), .fields = keeper_fields};

TEST(restricted_rows_are_named)
{
    nu_database *db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_models_clear();
    nu_models_add("blog", (const nu_model *[]){&tag_model, &keeper_model, NULL});
    nu_models_ready();
    blog_tables(db);
    struct tag    *t = nu_create(tag, "name", "t");
    struct keeper *k = nu_create(keeper, "tag", t);
    nu_create(keeper, "tag", t, "boss", k);
    CHECK_RAISES(NU_RESTRICTED_ERROR, nu_delete(t));
    CHECK_TEXT(nu_test_error()->fact, "cannot delete tag: 2 keepers refer to it by \"tag\" (1, 2)");
    CHECK_TEXT(nu_text(nu_value_dict((nu_dict *)nu_test_error()->data)),
               "{'objects': [['blog.Keeper', 1], ['blog.Keeper', 2]]}");
    CHECK_EQ(nu_delete(k), 2);
    CHECK_EQ(nu_delete(t), 1);
    blog_close();
}
