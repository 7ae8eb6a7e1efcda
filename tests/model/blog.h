/* A small blog: the models that the tests of model/ share. */
#pragma once

#include "nuages/query.h"
#include "nuages/test.h"

struct author {
    nu_row      row;
    const char *name;
    const char *email;
    nu_ref(author) mentor;
};

struct profile {
    nu_row row;
    nu_ref(author) author;
    const char *bio;
};

struct tag {
    nu_row      row;
    const char *name;
};

struct article {
    nu_row       row;
    const char  *title;
    const char  *slug;
    const char  *body;
    nu_datetime  published;
    bool         live;
    int32_t      likes;
    nu_maybe_int rank;
    nu_decimal   price;
    nu_date      day;
    const char  *status;
    nu_value     extra;
    nu_ref(author) author;
    nu_ref(author) editor;
};

struct comment {
    nu_row row;
    nu_ref(article) article;
    const char *text;
    bool        spam;
};

/* One column of every kind. */
struct every {
    nu_row         row;
    const char    *name;
    int64_t        big;
    int32_t        number;
    int16_t        small;
    nu_maybe_int   maybe;
    double         ratio;
    nu_maybe_float maybe_ratio;
    bool           yes;
    nu_maybe_bool  maybe_yes;
    nu_decimal     money;
    nu_date        day;
    nu_time        time;
    nu_datetime    moment;
    nu_duration    span;
    nu_uuid        uuid;
    nu_value       json;
    nu_bytes       raw;
};

/* A text as primary key. */
struct session {
    nu_row      row;
    const char *key;
    const char *data;
};

struct visit {
    nu_row row;
    nu_ref_text(session) session;
};

extern const nu_model author_model, profile_model, tag_model, article_model, comment_model,
    every_model, session_model, visit_model;
extern const nu_model *const blog_models[];

/* A fresh database in memory with the tables of all models. */
void blog_open(void);
/* The same tables in one more database. */
void blog_tables(nu_database *db);
/* The same with two authors, four articles, three tags and some comments. */
void blog_fill(void);
void blog_close(void);

/* The texts of the rows or values, joined by commas. */
const char *texts_of(nu_query *query);
