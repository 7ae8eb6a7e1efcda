/* The app "blog": authors, articles and what is said about them. */
#include "models.h"

struct author {
    nu_row         row;
    const char    *name;
    const char    *nickname;
    const char    *email;
    const char    *bio;
    const char    *website;
    const char    *country;
    nu_date        born;
    nu_datetime    joined;
    bool           active;
    nu_maybe_float rating;
    nu_ref(author) mentor;
};

struct tag {
    nu_row      row;
    const char *name;
    const char *slug;
    int64_t     weight;
};

struct article {
    nu_row row;
    nu_ref(author) author;
    nu_ref(author) editor;
    const char    *title;
    const char    *slug;
    const char    *summary;
    const char    *body;
    const char    *status;
    nu_date        created_on;
    nu_datetime    published;
    nu_time        publish_time;
    nu_datetime    updated;
    nu_maybe_bool  featured;
    int64_t        views;
    nu_maybe_int   word_count;
    nu_maybe_float rating;
    nu_duration    reading_time;
    nu_value       metadata;
};

struct comment {
    nu_row row;
    nu_ref(article) article;
    nu_ref(comment) parent;
    nu_ref(author) author;
    const char *name;
    const char *email;
    const char *body;
    nu_datetime created;
    bool        approved;
    int64_t     score;
    int64_t     depth;
    const char *ip;
};

struct published_article {
    NU_PARENT(article);
};

static const nu_model author_model, tag_model, article_model, comment_model,
    published_article_model;

static nu_value now(void)
{
    return NU_V(nu_now());
}

static nu_value empty_dict(void)
{
    return NU_V(nu_dict_new());
}

/* ---- authors --------------------------------------------------------------------------------- */

static const char *author_text(const struct author *author)
{
    return author->name;
}

static const nu_field author_fields[] = {
    NU_CHAR(author, name, .max_length = 100),
    NU_CHAR(author, nickname, .max_length = 50, .null = true, .blank = true),
    NU_EMAIL(author, email, .unique = true, .null = true, .blank = true),
    NU_TEXT(author, bio, .blank = true, .default_value = NU_CONST_TEXT("")),
    NU_URL(author, website, .blank = true),
    NU_CHAR(author, country, .max_length = 2, .db_index = true,
            .choices = NU_CHOICES(NU_CHOICE("FR", "France"), NU_CHOICE("GB", "United Kingdom"),
                                  NU_CHOICE("CN", "China"), NU_CHOICE("EG", "Egypt"),
                                  NU_CHOICE("DE", "Germany"), NU_CHOICE("US", "United States"),
                                  NU_CHOICE("TR", "Turkey"))),
    NU_DATE(author, born, .null = true, .blank = true),
    NU_DATETIME(author, joined, .default_fn = now),
    NU_BOOL(author, active, .default_value = NU_CONST_BOOL(true)),
    NU_FLOAT(author, rating, .null = true, .blank = true),
    NU_FOREIGN(author, mentor, .to = &author_model, .on_delete = NU_SET_NULL, .null = true,
               .blank = true, .related_name = "students"),
    {0},
};
static const nu_model author_model = {
    NU_MODEL_OF(author, "Author"), .fields = author_fields,
    .text = author_text,           .ordering = NU_STRS("name", "id"),
    .verbose_name = "writer",      .permissions = NU_STRS("promote_author", "Can promote author"),
};

/* ---- tags ------------------------------------------------------------------------------------ */

static const nu_field tag_fields[] = {
    NU_CHAR(tag, name, .max_length = 50, .unique = true),
    NU_SLUG(tag, slug, .unique = true),
    NU_SMALL_INT(tag, weight, .default_value = NU_CONST_INT(0)),
    {0},
};
static const nu_model tag_model = {
    NU_MODEL_OF(tag, "Tag"),
    .fields = tag_fields,
    .ordering = NU_STRS("name"),
};

/* ---- articles -------------------------------------------------------------------------------- */

static const nu_expression *status_is_valid(void)
{
    return nu_q("status__in", nu_list_of("draft", "published", "archived"));
}

static const nu_field article_fields[] = {
    NU_FOREIGN(article, author, .to = &author_model, .on_delete = NU_CASCADE,
               .related_name = "articles"),
    NU_FOREIGN(article, editor, .to = &author_model, .on_delete = NU_SET_NULL, .null = true,
               .blank = true, .related_name = "edited_articles"),
    NU_CHAR(article, title, .max_length = 200),
    NU_SLUG(article, slug, .max_length = 80, .unique_for_month = "created_on"),
    NU_CHAR(article, summary, .max_length = 120, .null = true, .blank = true,
            .verbose_name = "short summary"),
    NU_TEXT(article, body),
    NU_CHAR(article, status, .max_length = 10, .default_value = NU_CONST_TEXT("draft"),
            .choices = NU_CHOICES(NU_CHOICE("draft", "Draft"), NU_CHOICE("published", "Published"),
                                  NU_CHOICE("archived", "Archived"))),
    NU_DATE(article, created_on),
    NU_DATETIME(article, published, .null = true, .blank = true),
    NU_TIME(article, publish_time, .null = true, .blank = true),
    NU_DATETIME(article, updated, .auto_now = true),
    NU_BOOL(article, featured, .null = true, .blank = true),
    NU_POSITIVE_INT(article, views, .default_value = NU_CONST_INT(0)),
    NU_POSITIVE_SMALL_INT(article, word_count, .null = true, .blank = true,
                          .validators = NU_VALIDATORS(NU_MIN_VALUE(1), NU_MAX_VALUE(20000))),
    NU_FLOAT(article, rating, .null = true, .blank = true),
    NU_DURATION(article, reading_time, .null = true, .blank = true),
    NU_JSON(article, metadata, .null = true, .blank = true, .default_fn = empty_dict),
    NU_MANY(article, "tags", .to = &tag_model, .blank = true, .related_name = "articles"),
    NU_MANY(article, "related", .to = &article_model, .blank = true, .asymmetrical = true,
            .related_name = "related_from"),
    NU_GENERIC_RELATION("likes", .to = &like_model, .related_query_name = "article"),
    {0},
};
static const nu_model article_model = {
    NU_MODEL_OF(article, "Article"),
    .fields = article_fields,
    .ordering = NU_STRS("-created_on", "id"),
    .get_latest_by = "created_on",
    .unique_together = NU_TOGETHER(NU_STRS("slug", "created_on")),
    .indexes = NU_INDEXES(
        {.name = "blog_art_status_pub", .fields = NU_STRS("status", "-published")},
        {.name = "blog_articl_author__fb2ed2_idx", .fields = NU_STRS("author", "created_on")}),
    .constraints =
        NU_CONSTRAINTS({.name = "blog_article_status_valid", .condition = status_is_valid}),
};

/* Django's manager Article.live, and the default one of PublishedArticle. */
static nu_query *live(nu_query *all)
{
    return nu_filter(all, "status", "published");
}

static const nu_model published_article_model = {
    NU_MODEL_OF(published_article, "PublishedArticle"),
    .proxy_of = &article_model,
    .objects = live,
    .ordering = NU_STRS("title", "id"),
};

const orm_manager_def blog_managers[] = {
    {&article_model, "live", live},
    {&published_article_model, "live", live},
    {0},
};

/* ---- comments -------------------------------------------------------------------------------- */

static const nu_field comment_fields[] = {
    NU_FOREIGN(comment, article, .to = &article_model, .on_delete = NU_CASCADE,
               .related_name = "comments"),
    NU_FOREIGN(comment, parent, .to = &comment_model, .on_delete = NU_CASCADE, .null = true,
               .blank = true, .related_name = "replies"),
    NU_FOREIGN(comment, author, .to = &author_model, .on_delete = NU_SET_NULL, .null = true,
               .blank = true, .related_name = "comments"),
    NU_CHAR(comment, name, .max_length = 60, .blank = true),
    NU_EMAIL(comment, email, .blank = true),
    NU_TEXT(comment, body),
    NU_DATETIME(comment, created),
    NU_BOOL(comment, approved, .default_value = NU_CONST_BOOL(false)),
    NU_INT(comment, score, .default_value = NU_CONST_INT(0)),
    NU_SMALL_INT(comment, depth, .default_value = NU_CONST_INT(0)),
    NU_IP(comment, ip, .null = true, .blank = true),
    {0},
};
static const nu_model comment_model = {
    NU_MODEL_OF(comment, "Comment"),
    .fields = comment_fields,
    .indexes = NU_INDEXES({.name = "blog_comment_article_id_created_857ff9de_idx",
                           .fields = NU_STRS("article", "created")}),
};

const nu_app blog_app = {.label = "blog",
                         .models = NU_MODELS(&author_model, &tag_model, &article_model,
                                             &comment_model, &published_article_model)};
