/* Content types: each model has a row that stands for it, in Django's table django_content_type, so
 * that a row can refer to a row of any model.
 *
 *      struct like {
 *          nu_row row;
 *          nu_ref(nu_content_type) content_type;
 *          int64_t object_id;
 *      };
 *      static const nu_field like_fields[] = {
 *          NU_FOREIGN(like, content_type, .to = &nu_content_type_model, .on_delete = NU_CASCADE),
 *          NU_POSITIVE_INT(like, object_id),
 *          NU_GENERIC_KEY("target"),
 *          {0},
 *      };
 *      …
 *      NU_GENERIC_RELATION("likes", .to = &like_model, .related_query_name = "article"),
 *
 * Then nu_create(like, "target", article) refers to the article, nu_row_get(&like->row, "target")
 * gives it, nu_related_set(article, "likes") are its likes, and both ways can be used in lookups.
 * What a generic relation leads to is deleted with the row.
 *
 * Content types are read once for each process and database; a proxy's is that of its concrete
 * model. Put &nu_contenttypes_app first in the settings' apps. */
#pragma once

#include "nuages/app.h"
#include "nuages/query.h"

extern NU_PUBLIC const nu_app nu_contenttypes_app;

struct nu_content_type {
    nu_row      row;
    const char *app_label; /* "blog" */
    const char *model;     /* "article" */
};
extern NU_PUBLIC const nu_model nu_content_type_model;

/* The model's content type in its own database, made if it is not there. The row belongs to the cache:
 * use it before the next wait, and do not change it. */
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL struct nu_content_type *
nu_content_type_for(const nu_model *model);
/* The same in the database `alias` (NULL: the model's); with `proxy`, a proxy has one of its own. */
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL struct nu_content_type *
nu_content_type_on(const nu_model *model, const char *alias, bool proxy);
/* By key, or by app and model in lower case. Raises ObjectDoesNotExist. */
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL struct nu_content_type *
nu_content_type_by_id(int64_t id, const char *alias);
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL struct nu_content_type *
nu_content_type_by_key(const char *app_label, const char *model, const char *alias);
/* The model that a content type stands for; NULL if the program has none of that name. */
NU_PUBLIC const nu_model *nu_content_type_class(const struct nu_content_type *type);
/* Forgets what was read. */
NU_PUBLIC void nu_content_type_clear_cache(void);
/* Makes the content types that are missing in the database; after migrations. */
NU_PUBLIC NU_WAITS void nu_content_types_create(const char *alias);
/* False if the migrations of the table are not all applied. */
NU_PUBLIC NU_WAITS bool nu_content_types_are_ready(nu_database *db);
