#include "blog.h"

#include "nuages/random.h"

static const char *author_text(const struct author *author)
{
    return author->name;
}

static const char *tag_text(const struct tag *tag)
{
    return tag->name;
}

static const char *article_text(const struct article *article)
{
    return article->title;
}

static const char *article_url(const struct article *article)
{
    return nu_fmt("/articles/%s/", article->slug);
}

static const char *comment_text(const struct comment *comment)
{
    return comment->text;
}

static nu_value article_summary(const struct article *article)
{
    return nu_value_text(nu_fmt("%s!", article->title));
}

static nu_value new_uuid(void)
{
    return NU_V(nu_uuid4());
}

static const nu_field author_fields[] = {
    NU_CHAR(author, name, .max_length = 100),
    NU_EMAIL(author, email, .blank = true),
    NU_FOREIGN(author, mentor, .to = &author_model, .null = true, .blank = true,
               .on_delete = NU_SET_NULL, .related_name = "pupils"),
    {0},
};
const nu_model author_model = {NU_MODEL_OF(author, "Author"), .fields = author_fields,
                               .text = author_text, .ordering = NU_STRS("name")};

static const nu_field profile_fields[] = {
    NU_ONE_TO_ONE(profile, author, .to = &author_model, .on_delete = NU_CASCADE),
    NU_TEXT(profile, bio),
    {0},
};
const nu_model profile_model = {NU_MODEL_OF(profile, "Profile"), .fields = profile_fields};

static const nu_field tag_fields[] = {
    NU_CHAR(tag, name, .max_length = 30, .unique = true),
    {0},
};
const nu_model tag_model = {NU_MODEL_OF(tag, "Tag"), .fields = tag_fields, .text = tag_text,
                            .ordering = NU_STRS("name")};

static const nu_field article_fields[] = {
    NU_CHAR(article, title, .max_length = 200),
    NU_SLUG(article, slug, .unique = true),
    NU_TEXT(article, body, .blank = true),
    NU_DATETIME(article, published, .null = true, .blank = true),
    NU_BOOL(article, live, .db_index = true),
    NU_POSITIVE_INT(article, likes, .default_value = NU_CONST_INT(0)),
    NU_INT(article, rank, .null = true, .blank = true),
    NU_DECIMAL(article, price, .max_digits = 8, .decimal_places = 2, .null = true, .blank = true),
    NU_DATE(article, day, .null = true, .blank = true),
    NU_CHAR(article, status, .max_length = 1, .default_value = NU_CONST_TEXT("d"),
            .choices = NU_CHOICES(NU_CHOICE("d", "Draft"), NU_CHOICE("p", "Published"))),
    NU_JSON(article, extra, .null = true, .blank = true),
    NU_FOREIGN(article, author, .to = &author_model, .on_delete = NU_CASCADE,
               .related_name = "articles"),
    NU_FOREIGN(article, editor, .to = &author_model, .null = true, .blank = true,
               .on_delete = NU_PROTECT, .related_name = "edited"),
    NU_MANY(article, "tags", .to = &tag_model, .related_name = "articles", .blank = true),
    {0},
};
static const nu_property article_properties[] = {
    NU_PROPERTY(article, summary, article_summary),
    {0},
};
const nu_model article_model = {NU_MODEL_OF(article, "Article"),
                                .fields = article_fields,
                                .properties = article_properties,
                                .text = article_text,
                                .url = article_url,
                                .ordering = NU_STRS("id"),
                                .unique_together = NU_TOGETHER(NU_STRS("author", "title"))};

static const nu_field comment_fields[] = {
    NU_FOREIGN(comment, article, .to = &article_model, .on_delete = NU_CASCADE,
               .related_name = "comments"),
    NU_TEXT(comment, text),
    NU_BOOL(comment, spam),
    {0},
};
const nu_model comment_model = {NU_MODEL_OF(comment, "Comment"), .fields = comment_fields,
                                .text = comment_text};

static const nu_field every_fields[] = {
    NU_CHAR(every, name, .max_length = 10, .null = true),
    NU_BIG_INT(every, big),
    NU_INT(every, number),
    NU_SMALL_INT(every, small),
    NU_INT(every, maybe, .null = true),
    NU_FLOAT(every, ratio),
    NU_FLOAT(every, maybe_ratio, .null = true),
    NU_BOOL(every, yes),
    NU_BOOL(every, maybe_yes, .null = true),
    NU_DECIMAL(every, money, .max_digits = 10, .decimal_places = 2, .null = true),
    NU_DATE(every, day, .null = true),
    NU_TIME(every, time, .null = true),
    NU_DATETIME(every, moment, .null = true),
    NU_DURATION(every, span, .null = true),
    NU_UUID(every, uuid, .null = true, .default_fn = new_uuid),
    NU_JSON(every, json, .null = true),
    NU_BINARY(every, raw, .null = true),
    {0},
};
const nu_model every_model = {NU_MODEL_OF(every, "Every"), .fields = every_fields};

static const nu_field session_fields[] = {
    NU_CHAR(session, key, .max_length = 40, .primary_key = true),
    NU_TEXT(session, data),
    {0},
};
const nu_model session_model = {NU_MODEL_OF(session, "Session"), .fields = session_fields};

static const nu_field visit_fields[] = {
    NU_FOREIGN(visit, session, .to = &session_model, .on_delete = NU_CASCADE),
    {0},
};
const nu_model visit_model = {NU_MODEL_OF(visit, "Visit"), .fields = visit_fields};

const nu_model *const blog_models[] = {
    &author_model, &profile_model, &tag_model,   &article_model, &comment_model,
    &every_model,  &session_model, &visit_model, NULL,
};

/* ---- the database -------------------------------------------------------------------------------- */

/* The tables, without what migrations add: the tests of model/ need no more. */
static void create_table(nu_database *db, const nu_model *model)
{
    const nu_db_backend *backend = nu_database_backend(db);
    nu_builder           sql;
    nu_builder_init(&sql, NULL, 256);
    nu_builder_puts(&sql, "CREATE TABLE ");
    backend->quote(&sql, nu_model_table(model));
    const nu_column *const *columns = nu_model_own_columns(model);
    for (size_t i = 0; columns[i] != NULL; i++) {
        const nu_column *column = columns[i];
        nu_builder_puts(&sql, i == 0 ? " (" : ", ");
        backend->quote(&sql, column->column);
        nu_builder_putc(&sql, ' ');
        backend->column_type(&sql, column->db_type);
        nu_builder_puts(&sql, column->null ? " NULL" : " NOT NULL");
        if (column->primary_key)
            nu_builder_puts(&sql, " PRIMARY KEY");
        else if (column->unique)
            nu_builder_puts(&sql, " UNIQUE");
        if (column->primary_key && backend->column_suffix(column->db_type) != NULL)
            nu_builder_printf(&sql, " %s", backend->column_suffix(column->db_type));
        if (column->to != NULL)
            nu_builder_printf(&sql, " REFERENCES \"%s\" (\"%s\") DEFERRABLE INITIALLY DEFERRED",
                              nu_model_table(column->to), column->target->column);
    }
    for (size_t i = 0; model->unique_together != NULL && model->unique_together[i] != NULL; i++) {
        nu_builder_puts(&sql, ", UNIQUE (");
        for (size_t j = 0; model->unique_together[i][j] != NULL; j++) {
            nu_builder_puts(&sql, j > 0 ? ", " : "");
            backend->quote(&sql, nu_column_get(model, model->unique_together[i][j])->column);
        }
        nu_builder_putc(&sql, ')');
    }
    nu_builder_putc(&sql, ')');
    nu_sql_script(db, nu_builder_text(&sql));
}

void blog_tables(nu_database *db)
{
    for (const nu_model *const *model = nu_models(); *model != NULL; model++)
        if (nu_model_concrete(*model) == *model)
            create_table(db, *model);
}

void blog_open(void)
{
    nu_database *db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_models_clear();
    nu_models_add("blog", blog_models);
    nu_models_ready();
    blog_tables(db);
}

void blog_fill(void)
{
    blog_open();
    struct author *ada = nu_create(author, "name", "Ada", "email", "ada@example.org");
    struct author *bob = nu_create(author, "name", "Bob", "mentor", ada);
    struct tag    *c = nu_create(tag, "name", "c"), *web = nu_create(tag, "name", "web");
    nu_create(tag, "name", "unused");
    struct article *one =
        nu_create(article, "title", "One", "slug", "one", "author", ada, "live", true, "likes", 5,
                  "published", nu_datetime_of(2025, 12, 31, 23, 0, 0));
    struct article *two =
        nu_create(article, "title", "Two", "slug", "two", "author", ada, "live", true, "likes", 7,
                  "published", nu_datetime_of(2026, 1, 1, 0, 0, 0), "rank", 1);
    struct article *three =
        nu_create(article, "title", "Three", "slug", "three", "author", bob, "likes", 1,
                  "published", nu_datetime_of(2026, 6, 15, 12, 30, 45), "editor", ada);
    nu_create(article, "title", "Four", "slug", "four", "author", bob, "live", true, "rank", 2);
    nu_many_add(one, "tags", c, web);
    nu_many_add(two, "tags", c);
    nu_many_add(three, "tags", web);
    nu_create(comment, "article", one, "text", "good");
    nu_create(comment, "article", one, "text", "buy", "spam", true);
    nu_create(comment, "article", two, "text", "good");
}

void blog_close(void)
{
    nu_database_close_all();
    nu_models_clear();
}

const char *texts_of(nu_query *query)
{
    nu_list   *list = nu_query_list(query);
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    for (uint32_t i = 0; i < list->count; i++)
        nu_builder_printf(&out, "%s%s", i > 0 ? "," : "", nu_text(list->items[i]));
    return nu_builder_text(&out);
}
