/* Several databases: routers, and replicas. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blog.h"
#include "nuages/router.h"
#include "nuages/fiber.h"
#include "runtime/loop.h"

/* "default" in memory and "other", each with all tables; authors live in the other. */
static nu_database *open_two(void)
{
    blog_open();
    nu_database *other = nu_database_add("other", &(nu_database_options){.url = "sqlite::memory:"});
    blog_tables(other);
    return other;
}

static const char *authors_elsewhere(const nu_model *model, const nu_row *row)
{
    (void)row;
    return model == &author_model ? "other" : NULL;
}

static nu_opinion forbid_app(const char *alias, const char *app, const char *model)
{
    if (strcmp(app, "blog") != 0 || model == NULL)
        return NU_NO_OPINION;
    return (strcmp(model, "Author") == 0) == (strcmp(alias, "other") == 0) ? NU_ALLOW : NU_FORBID;
}

static const nu_router by_model = {
    .db_for_read = authors_elsewhere,
    .db_for_write = authors_elsewhere,
    .allow_migrate = forbid_app,
};

static int64_t rows_in(const char *alias, const char *table)
{
    return nu_int(nu_sql_value(nu_database_get(alias), nu_fmt("SELECT count(*) FROM %s", table)));
}

TEST(routers_choose_by_model)
{
    open_two();
    nu_routers_set(NU_ROUTERS(&by_model));
    struct author *ada = nu_create(author, "name", "Ada", "email", "ada@example.org");
    nu_create(tag, "name", "c");
    CHECK_EQ(rows_in("other", "blog_author"), 1);
    CHECK_EQ(rows_in("default", "blog_author"), 0);
    CHECK_EQ(rows_in("default", "blog_tag"), 1);
    CHECK_TEXT(texts_of(nu_all(author)), "Ada");
    ada->name = "Ada L.";
    nu_save(ada);
    CHECK_EQ(nu_update(nu_all(author), "email", "new@example.org"), 1);
    bool fresh;
    nu_get_or_create(author, nu_defaults(), &fresh, "name", "Bob");
    CHECK(fresh);
    nu_bulk_create((nu_row *[]){&nu_new(author, "name", "Eve")->row, NULL});
    CHECK_EQ(rows_in("other", "blog_author"), 3);
    /* nu_using comes before routers. */
    CHECK_EQ(nu_count(nu_using(nu_all(author), "default")), 0);
    nu_delete(ada);
    CHECK_EQ(nu_delete_all(nu_all(author)), 2);
    CHECK_EQ(rows_in("other", "blog_author"), 0);
    nu_routers_set(NULL);
    CHECK_EQ(nu_count(nu_all(author)), 0);
    blog_close();
}

/* ---- rows that are related --------------------------------------------------------------------- */

/* Without an opinion about articles those of an author would be sought where the author is. */
static const char *each_has_its_place(const nu_model *model, const nu_row *row)
{
    (void)row;
    return model == &author_model ? "other" : "default";
}

TEST(related_rows_are_read_where_the_router_says)
{
    static const nu_router places = {.db_for_read = each_has_its_place,
                                     .db_for_write = each_has_its_place};
    open_two();
    nu_routers_set(NU_ROUTERS(&places));
    nu_sql(NULL, "PRAGMA foreign_keys = OFF"); /* a database cannot look into another */
    struct author *ada = nu_create(author, "name", "Ada"), *bob = nu_create(author, "name", "Bob");
    nu_create(article, "title", "One", "slug", "one", "author_id", ada->row.id);
    nu_create(article, "title", "Two", "slug", "two", "author_id", bob->row.id);
    nu_query *articles = nu_order_by(nu_all(article), "id");
    int64_t   before = (int64_t)nu_query_count();
    NU_EACH (article, a, articles)
        CHECK_TEXT(nu_related(a, author)->name, a->row.id == 1 ? "Ada" : "Bob");
    CHECK_EQ((int64_t)nu_query_count() - before, 2); /* the second for both */
    NU_EACH (article, a, nu_prefetch_related(articles, "author"))
        CHECK(nu_related(a, author)->name != NULL);
    NU_EACH (author, a, nu_prefetch_related(nu_all(author), "articles"))
        CHECK_EQ(nu_query_list(nu_related_set(a, "articles"))->count, 1);
    /* Of an author the articles are not in the author's database. */
    CHECK_TEXT(texts_of(nu_related_set(ada, "articles")), "One");
    CHECK_EQ(nu_update(nu_related_set(ada, "articles"), "title", "Three"), 1);
    CHECK_EQ(rows_in("default", "blog_article WHERE title = 'Three'"), 1);
    nu_routers_set(NULL);
    blog_close();
}

/* Authors of live articles lie elsewhere. */
static const char *live_elsewhere(const nu_model *model, const nu_row *row)
{
    if (model != &author_model || row == NULL || nu_row_model(row) != &article_model)
        return NULL;
    return ((const struct article *)(const void *)row)->live ? "other" : NULL;
}

TEST(a_router_sees_the_row_that_the_other_is_related_to)
{
    static const nu_router by_row = {.db_for_read = live_elsewhere};
    open_two();
    struct author *here = nu_create(author, "id", 7, "name", "Here");
    struct author *there = nu_new(author, "id", 7, "name", "There");
    nu_row_save_with(&there->row, &(nu_save_options){.database = "other", .force_insert = true});
    for (int i = 0; i < 4; i++)
        nu_create(article, "title", nu_fmt("T%d", i), "slug", nu_fmt("s%d", i), "author", here,
                  "live", i % 2 == 0);
    nu_routers_set(NU_ROUTERS(&by_row));
    uint64_t before = nu_query_count();
    NU_EACH (article, a, nu_all(article))
        CHECK_TEXT(nu_related(a, author)->name, a->live ? "There" : "Here");
    CHECK_EQ(nu_query_count() - before, 3);
    nu_routers_set(NULL);
    blog_close();
}

static const char *write_to_other(const nu_model *model, const nu_row *row)
{
    (void)model;
    (void)row;
    return "other";
}

TEST(what_is_read_for_a_write_is_read_where_it_is_written)
{
    static const nu_router writes = {.db_for_write = write_to_other};
    open_two();
    nu_routers_set(NU_ROUTERS(&writes));
    bool fresh;
    nu_create(tag, "name", "c");
    CHECK_EQ(rows_in("other", "blog_tag"), 1);
    CHECK_EQ(nu_count(nu_all(tag)), 0);
    nu_get_or_create(tag, nu_defaults(), &fresh, "name", "c");
    CHECK(!fresh);
    CHECK_EQ(nu_update(nu_filter(nu_all(tag), "name", "c"), "name", "d"), 1);
    CHECK_EQ(nu_delete_all(nu_all(tag)), 1);
    nu_routers_set(NULL);
    blog_close();
}

static nu_opinion allow_all(const nu_row *from, const nu_row *to)
{
    (void)from;
    (void)to;
    return NU_ALLOW;
}

TEST(rows_of_two_databases_do_not_refer_to_each_other)
{
    open_two();
    struct author *here = nu_create(author, "name", "Ada");
    struct author *there = nu_new(author, "name", "Bob");
    nu_row_save_with(&there->row, &(nu_save_options){.database = "other"});
    struct article *one = nu_create(article, "title", "One", "slug", "one", "author", here);
    CHECK_RAISES(NU_VALUE_ERROR, nu_row_set(&one->row, "author", nu_value_object(there)));
    CHECK_CONTAINS(nu_test_error()->fact, "\"default\"");
    CHECK_CONTAINS(nu_test_error()->fact, "\"other\"");
    struct tag *c = nu_new(tag, "name", "c");
    nu_row_save_with(&c->row, &(nu_save_options){.database = "other"});
    CHECK_RAISES(NU_VALUE_ERROR, nu_many_add(one, "tags", c));
    static const nu_router open_minded = {.allow_relation = allow_all};
    nu_routers_set(NU_ROUTERS(&open_minded));
    nu_row_set(&one->row, "author", nu_value_object(there));
    nu_routers_set(NULL);
    blog_close();
}

TEST(an_unknown_database_of_a_router_is_named)
{
    static const nu_router wrong = {.db_for_write = write_to_other};
    blog_open();
    nu_routers_set(NU_ROUTERS(&wrong));
    CHECK_RAISES(NU_CONFIG_ERROR, nu_create(tag, "name", "c"));
    CHECK_CONTAINS(nu_test_error()->fact, "other");
    nu_routers_set(NULL);
    blog_close();
}

TEST(routers_say_what_may_migrate)
{
    nu_routers_set(NU_ROUTERS(&by_model));
    CHECK(nu_allows_migrate("other", "blog", "Author"));
    CHECK(!nu_allows_migrate("default", "blog", "Author"));
    CHECK(!nu_allows_migrate("other", "blog", "Tag"));
    CHECK(nu_allows_migrate("other", "auth", "User"));
    CHECK(nu_allows_migrate("other", "blog", NULL));
    nu_routers_set(NULL);
}

/* ---- replicas ------------------------------------------------------------------------------- */

/* Two files instead of a server that copies: what a query finds says which one answered. */
static void open_replica(const char **folder)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/nuages-replica-XXXXXX");
    CHECK(mkdtemp(path) != NULL);
    *folder = path;
    blog_open();
    nu_database_add(NULL, &(nu_database_options){.url = nu_fmt("sqlite:%s/primary.db", path)});
    blog_tables(nu_database_get(NULL));
    const char *copy = nu_fmt("sqlite:%s/copy.db", path);
    blog_tables(nu_database_add("copy", &(nu_database_options){.url = copy}));
    nu_sql(nu_database_get(NULL), "INSERT INTO blog_tag (name) VALUES ('primary')");
    nu_sql(nu_database_get("copy"), "INSERT INTO blog_tag (name) VALUES ('copy')");
    nu_database_add("copy", &(nu_database_options){.url = copy, .replica_of = "default"});
}

static void read_then_write(void *arg)
{
    (void)arg;
    CHECK_TEXT(texts_of(nu_all(tag)), "copy");
    NU_ATOMIC {
        CHECK_TEXT(texts_of(nu_all(tag)), "primary");
    }
    CHECK_TEXT(texts_of(nu_all(tag)), "copy");
    NU_STREAM(tag, one, nu_all(tag), 0)
    {
        CHECK_TEXT(one->name, "copy");
    }
    CHECK_EQ(nu_sql_value(NULL, "SELECT name FROM blog_tag"), "primary");
    nu_update(nu_filter(nu_all(tag), "name", "primary"), "name", "changed");
    CHECK_TEXT(texts_of(nu_all(tag)), "changed");
}

static void read_only(void *arg)
{
    (void)arg;
    CHECK_TEXT(texts_of(nu_all(tag)), "copy");
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql(nu_database_get("copy"), "DELETE FROM blog_tag"));
    struct tag *read = nu_get(tag, "pk", 1);
    read->name = "saved";
    nu_save(read); /* a row that a replica answered is the primary's */
    CHECK_TEXT(texts_of(nu_all(tag)), "saved");
}

TEST(replicas_answer_until_the_first_write)
{
    const char *folder;
    open_replica(&folder);
    nu__loop_call(NULL, read_then_write, NULL);
    nu__loop_call(NULL, read_only, NULL); /* another unit of work */
    nu_database_isolate(NULL);
    CHECK_TEXT(texts_of(nu_all(tag)), "saved");
    nu_database_isolate_end(NULL);
    CHECK_RAISES(NU_CONFIG_ERROR,
                 nu_database_add("wrong", &(nu_database_options){.url = "postgres://nuages@/nuages",
                                                                 .replica_of = "default"}));
    blog_close();
    const char *const files[] = {"primary.db", "primary.db-wal", "primary.db-shm",
                                 "copy.db",    "copy.db-wal",    "copy.db-shm"};
    for (size_t i = 0; i < NU_COUNT(files); i++)
        unlink(nu_fmt("%s/%s", folder, files[i]));
    rmdir(folder);
}
