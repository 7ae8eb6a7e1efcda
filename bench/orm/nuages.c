/* Nuages' models: for bench/orm_bench.py. */
#include <nuages.h>

#include "bench.h"

struct author {
    nu_row      row;
    const char *name;
    const char *email;
    nu_datetime joined;
};

struct article {
    nu_row row;
    nu_ref(author) author;
    const char *title;
    const char *slug;
    const char *body;
    nu_datetime published;
    bool        live;
    int32_t     likes;
};

extern const nu_model author_model, article_model;

static const nu_field author_fields[] = {
    NU_CHAR(author, name, .max_length = 100),
    NU_EMAIL(author, email),
    NU_DATETIME(author, joined),
    {0},
};
const nu_model author_model = {NU_MODEL_OF(author, "Author"), .fields = author_fields};

static const nu_field article_fields[] = {
    NU_FOREIGN(article, author, .to = &author_model, .on_delete = NU_CASCADE,
               .related_name = "articles"),
    NU_CHAR(article, title, .max_length = 200),
    NU_CHAR(article, slug, .max_length = 200),
    NU_TEXT(article, body),
    NU_DATETIME(article, published),
    NU_BOOL(article, live),
    NU_INT(article, likes),
    {0},
};
const nu_model article_model = {NU_MODEL_OF(article, "Article"), .fields = article_fields};

static nu_arena *scratch;

static void clear(void)
{
    nu_arena_reset(scratch);
}

static void get(void)
{
    nu_get(article, "id", next_key());
}

static void twenty(void)
{
    for (int i = 0; i < TWENTY; i++)
        nu_get(article, "id", next_key());
}

static nu_query *list_query(void)
{
    return nu_slice(nu_order_by(nu_filter(nu_all(article), "live", true, "likes__lt", 1000), "id"),
                    0, LIST);
}

static void build(void)
{
    list_query();
}

static void list(void)
{
    nu_query_rows(list_query());
}

static void insert(void)
{
    nu_row *rows[INSERTED + 1] = {NULL};
    for (int i = 0; i < INSERTED; i++) {
        struct article *a = nu_new(article);
        a->author.id = i % AUTHORS + 1;
        a->title = "A title that is neither long nor short";
        a->slug = "a-title-that-is-neither-long-nor-short";
        a->body = "Some words that stand for a text.";
        a->published = (nu_datetime){.us = 1700000000000000 + i, .set = true};
        a->live = i % 2 == 0;
        a->likes = i;
        rows[i] = &a->row;
    }
    NU_ATOMIC {
        nu_bulk_create(rows);
        nu_set_rollback(NULL);
    }
}

static nu_row **twenty_rows;

static void update(void)
{
    NU_ATOMIC {
        for (int i = 0; i < TWENTY; i++) {
            struct article *a = (struct article *)(void *)twenty_rows[i];
            a->likes++;
            nu_save_fields(a, "likes");
        }
        nu_set_rollback(NULL);
    }
}

static void prefetch(void)
{
    nu_query_rows(nu_prefetch_related(nu_all(author), "articles"));
}

int main(int argc, char **argv)
{
    only = argc > 2 ? argv[2] : NULL;
    nu_database_add(NULL, &(nu_database_options){.url = argv[1]});
    nu_models_add("bench", (const nu_model *const[]){&author_model, &article_model, NULL});
    nu_models_ready();
    twenty_rows = nu_query_rows(nu_slice(nu_order_by(nu_all(article), "id"), 0, TWENTY));
    scratch = nu_arena_new(nu_arena_current(), "operation");
    nu_arena_enter(scratch);
    measure("Nuages", "build", build, clear);
    measure("Nuages", "get", get, clear);
    measure("Nuages", "twenty", twenty, clear);
    measure("Nuages", "list", list, clear);
    measure("Nuages", "insert", insert, clear);
    measure("Nuages", "update", update, clear);
    measure("Nuages", "prefetch", prefetch, clear);
    return 0;
}
