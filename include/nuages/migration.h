/* Migrations: the steps that take a database's schema from one state of the models to the next.
 *
 * Each is a C file of the app with one table of operations, written by `makemigrations` and meant to
 * be read, reviewed and committed:
 *
 *      static const nu_field article_fields[] = {
 *          NU_COLUMN("id",     big_auto, .primary_key = true),
 *          NU_COLUMN("title",  char,     .max_length = 200),
 *          NU_COLUMN("author", foreign,  .to_name = "blog.Author", .on_delete = NU_CASCADE),
 *          {0},
 *      };
 *      static const nu_operation operations[] = {
 *          NU_CREATE_MODEL("Article", article_fields, .ordering = NU_STRS("-id")),
 *          {0},
 *      };
 *      const nu_migration blog_0001_initial = {
 *          .app = "blog", .name = "0001_initial", .initial = true, .operations = operations,
 *      };
 *
 * Applied migrations are recorded in Django's table django_migrations. */
#pragma once

#include "nuages/app.h"
#include "nuages/model.h"

/* A field as it was at the time of the migration: no struct member, the related model by name. */
#define NU_COLUMN(column_name, kind, ...)                                                     \
    {.name = (column_name), .type = &nu_field_##kind, ##__VA_ARGS__}

/* What a model's table knows beside its fields (Django's Meta). */
typedef struct nu_meta {
    const char               *db_table; /* NULL: "app_model" */
    const char *const        *ordering;
    const char *const *const *unique_together;
    const nu_index           *indexes;
    const nu_constraint      *constraints;
    const char               *verbose_name, *verbose_name_plural;
    const char               *get_latest_by;
    const char *const        *permissions;
    bool                      unmanaged;
} nu_meta;

typedef enum nu_operation_kind {
    NU_OPERATION_END,
    NU_OPERATION_CREATE_MODEL,
    NU_OPERATION_DELETE_MODEL,
    NU_OPERATION_RENAME_MODEL,
    NU_OPERATION_ADD_FIELD,
    NU_OPERATION_REMOVE_FIELD,
    NU_OPERATION_ALTER_FIELD,
    NU_OPERATION_RENAME_FIELD,
    NU_OPERATION_ALTER_META, /* the whole nu_meta anew */
    NU_OPERATION_RUN_SQL,
    NU_OPERATION_RUN_C,
} nu_operation_kind;

typedef struct nu_operation {
    nu_operation_kind kind;
    const char       *model;    /* "Article" */
    const char       *name;     /* field to remove or rename */
    const char       *new_name; /* of a renamed model or field */
    const nu_field   *fields;   /* of a new model, ended by {0} */
    const nu_field   *field;    /* to add or alter */
    bool              once;     /* the field's default only fills the rows there are */
    nu_meta           meta;
    const char       *sql, *reverse_sql; /* NULL reverse: cannot be undone; "": nothing to undo */
    /* Data migrations, inside the transaction. Use SQL (database.h), not models: those are today's. */
    void (*run)(nu_database *db);
    void (*reverse)(nu_database *db);
} nu_operation;

/* clang-format off */
#define NU_CREATE_MODEL(model_name, table, ...) \
    {.kind = NU_OPERATION_CREATE_MODEL, .model = (model_name), .fields = (table), .meta = {__VA_ARGS__}}
#define NU_DELETE_MODEL(model_name) \
    {.kind = NU_OPERATION_DELETE_MODEL, .model = (model_name)}
#define NU_RENAME_MODEL(from, to) \
    {.kind = NU_OPERATION_RENAME_MODEL, .model = (from), .new_name = (to)}
/* The kind is joined to its prefix here, not by NU_COLUMN: on the way there `bool` would become _Bool. */
/* NU_ADD_FIELD("Article", "likes", int, .default_value = NU_CONST_INT(0)) */
#define NU_ADD_FIELD(model_name, field_name, field_kind, ...) \
    {.kind = NU_OPERATION_ADD_FIELD, .model = (model_name), .name = (field_name), \
     .field = &(const nu_field){.name = (field_name), .type = &nu_field_##field_kind, ##__VA_ARGS__}}
/* The same; the default is only for the rows that are there. */
#define NU_ADD_FIELD_ONCE(model_name, field_name, field_kind, ...) \
    {.kind = NU_OPERATION_ADD_FIELD, .model = (model_name), .name = (field_name), .once = true, \
     .field = &(const nu_field){.name = (field_name), .type = &nu_field_##field_kind, ##__VA_ARGS__}}
#define NU_REMOVE_FIELD(model_name, field_name) \
    {.kind = NU_OPERATION_REMOVE_FIELD, .model = (model_name), .name = (field_name)}
#define NU_ALTER_FIELD(model_name, field_name, field_kind, ...) \
    {.kind = NU_OPERATION_ALTER_FIELD, .model = (model_name), .name = (field_name), \
     .field = &(const nu_field){.name = (field_name), .type = &nu_field_##field_kind, ##__VA_ARGS__}}
/* The same; the default is only for the rows that hold NULL. */
#define NU_ALTER_FIELD_ONCE(model_name, field_name, field_kind, ...) \
    {.kind = NU_OPERATION_ALTER_FIELD, .model = (model_name), .name = (field_name), .once = true, \
     .field = &(const nu_field){.name = (field_name), .type = &nu_field_##field_kind, ##__VA_ARGS__}}
#define NU_RENAME_FIELD(model_name, from, to) \
    {.kind = NU_OPERATION_RENAME_FIELD, .model = (model_name), .name = (from), .new_name = (to)}
#define NU_ALTER_META(model_name, ...) \
    {.kind = NU_OPERATION_ALTER_META, .model = (model_name), .meta = {__VA_ARGS__}}
#define NU_RUN_SQL(forwards, backwards) \
    {.kind = NU_OPERATION_RUN_SQL, .sql = (forwards), .reverse_sql = (backwards)}
#define NU_RUN_C(forwards, backwards) \
    {.kind = NU_OPERATION_RUN_C, .run = (forwards), .reverse = (backwards)}
/* clang-format on */

/* A migration of another app, or an earlier one of this app, that must be applied before. */
typedef struct nu_dependency { const char *app, *name; } nu_dependency;
#define NU_DEPENDS(...) ((const nu_dependency[]){__VA_ARGS__, {NULL, NULL}})

typedef struct nu_migration {
    const char          *app, *name;
    bool                 initial;
    const nu_dependency *depends;    /* ended by {0}; NULL: none */
    const nu_operation  *operations; /* ended by {0}; NULL: none */
    bool                 not_atomic; /* run outside a transaction */
} nu_migration;
