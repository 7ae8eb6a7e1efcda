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
#include "nuages/expression.h"
#include "nuages/model.h"
#include "nuages/query.h"

/* A field as it was at the time of the migration: no struct member, the related model by name. */
#define NU_COLUMN(column_name, kind, ...)                                                     \
    {.name = (column_name), .type = &nu_field_##kind, ##__VA_ARGS__}

/* The same of a kind of the application's own: NU_COLUMN_OF("colour", &colour_field, …) */
#define NU_COLUMN_OF(column_name, kind, ...)                                                  \
    {.name = (column_name), .type = (kind), ##__VA_ARGS__}

/* What a model's table knows beside its fields (Django's Meta). */
typedef struct nu_meta {
    const char               *db_table; /* NULL: "app_model" */
    const char               *db_comment;
    const char *const        *bases; /* "library.Place": whose fields it has too, in the other's table;
                                      * with .proxy whose table it shares */
    const char *const        *primary_key; /* names of the fields of a key of several */
    const char *const *const *unique_together;
    const nu_index           *indexes;
    const nu_constraint      *constraints;
    const char               *order_with_respect_to; /* adds the column "_order" */
    const char *const        *ordering;
    const char               *verbose_name, *verbose_name_plural;
    const char               *get_latest_by;
    const char *const        *permissions;
    const char *const        *default_permissions; /* NULL: add, change, delete, view */
    const char               *default_related_name;
    bool                      proxy, unmanaged;
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
    NU_OPERATION_ALTER_OPTIONS,
    NU_OPERATION_ALTER_TABLE,
    NU_OPERATION_ALTER_TABLE_COMMENT,
    NU_OPERATION_ALTER_UNIQUE_TOGETHER,
    NU_OPERATION_ALTER_ORDER,
    NU_OPERATION_ADD_INDEX,
    NU_OPERATION_REMOVE_INDEX,
    NU_OPERATION_RENAME_INDEX,
    NU_OPERATION_ADD_CONSTRAINT,
    NU_OPERATION_REMOVE_CONSTRAINT,
    NU_OPERATION_ALTER_CONSTRAINT,
    NU_OPERATION_VALIDATE_CONSTRAINT,
    NU_OPERATION_CREATE_EXTENSION,
    NU_OPERATION_CREATE_COLLATION,
    NU_OPERATION_REMOVE_COLLATION,
    NU_OPERATION_RUN_SQL,
    NU_OPERATION_RUN_C,
    NU_OPERATION_SEPARATE,
} nu_operation_kind;

/* The models as they are at one point of the history, for data migrations. */
typedef struct nu_past nu_past;
/* A model of then, with whose rows queries work as with any: nu_query_all(model) and so on. Rows have no
 * struct: nu_row_get and nu_row_set tell and set their members by name. The program's functions
 * (properties, clean, managers) are not among them. Raises ValueError with near names. */
NU_PUBLIC NU_RETURNS_NONNULL const nu_model *nu_past_model(const nu_past *past, const char *app,
                                                           const char *name);
typedef void nu_run_fn(nu_database *db, const nu_past *past);

/* Values for the placeholders of a statement: NU_PARAMS(NU_CONST_TEXT("red"), NU_CONST_INT(3)) */
typedef struct nu_params {
    const nu_value *items;
    size_t          count;
} nu_params;
#define NU_PARAMS(...)                                                                        \
    {.items = (const nu_value[]){__VA_ARGS__},                                                \
     .count = sizeof((const nu_value[]){__VA_ARGS__}) / sizeof(nu_value)}

/* A collation of PostgreSQL; zero-filled members have its own defaults. */
typedef struct nu_collation {
    const char *locale;   /* "de-u-co-phonebk" */
    const char *provider; /* "icu"; NULL: the C library's */
    bool        nondeterministic;
} nu_collation;

typedef struct nu_operation nu_operation;
struct nu_operation {
    nu_operation_kind    kind;
    const char          *model;    /* "Article" */
    const char          *name;     /* of the field, index or constraint; the new table or comment */
    const char          *new_name; /* of a renamed model, field or index */
    const nu_field      *fields;   /* of a new model, ended by {0} */
    const nu_field      *field;    /* to add or alter */
    bool                 once;     /* the field's default only fills the rows there are */
    nu_meta              meta;     /* of a new model; what an operation about options sets */
    const nu_index      *index;
    const nu_constraint *constraint;
    bool                 concurrently; /* an index is made while others write (PostgreSQL) */
    bool                 not_valid;    /* a constraint is for new rows only, until it is validated */
    bool                 elidable;     /* squashmigrations may leave it out */
    const char          *sql, *reverse_sql; /* NULL reverse: cannot be undone; "": nothing to undo */
    nu_params            params, reverse_params;
    nu_run_fn           *run, *reverse;
    const char          *run_name, *reverse_name; /* in C, for squashmigrations */
    nu_collation         collation;
    /* Of NU_SEPARATE, ended by {0}; `state` of NU_RUN_SQL too: what it does to the models. */
    const nu_operation *database, *state;
};

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
/* The four with a kind of the application's own: NU_ADD_FIELD_OF("Article", "colour", &colour_field) */
#define NU_ADD_FIELD_OF(model_name, field_name, field_type, ...) \
    {.kind = NU_OPERATION_ADD_FIELD, .model = (model_name), .name = (field_name), \
     .field = &(const nu_field){.name = (field_name), .type = (field_type), ##__VA_ARGS__}}
#define NU_ADD_FIELD_ONCE_OF(model_name, field_name, field_type, ...) \
    {.kind = NU_OPERATION_ADD_FIELD, .model = (model_name), .name = (field_name), .once = true, \
     .field = &(const nu_field){.name = (field_name), .type = (field_type), ##__VA_ARGS__}}
#define NU_ALTER_FIELD_OF(model_name, field_name, field_type, ...) \
    {.kind = NU_OPERATION_ALTER_FIELD, .model = (model_name), .name = (field_name), \
     .field = &(const nu_field){.name = (field_name), .type = (field_type), ##__VA_ARGS__}}
#define NU_ALTER_FIELD_ONCE_OF(model_name, field_name, field_type, ...) \
    {.kind = NU_OPERATION_ALTER_FIELD, .model = (model_name), .name = (field_name), .once = true, \
     .field = &(const nu_field){.name = (field_name), .type = (field_type), ##__VA_ARGS__}}
#define NU_RENAME_FIELD(model_name, from, to) \
    {.kind = NU_OPERATION_RENAME_FIELD, .model = (model_name), .name = (from), .new_name = (to)}

/* All of ordering, names, permissions and so on anew: what is left out has its default again. */
#define NU_ALTER_OPTIONS(model_name, ...) \
    {.kind = NU_OPERATION_ALTER_OPTIONS, .model = (model_name), .meta = {__VA_ARGS__}}
/* NULL: the name made from app and model. */
#define NU_ALTER_TABLE(model_name, table) \
    {.kind = NU_OPERATION_ALTER_TABLE, .model = (model_name), .name = (table)}
#define NU_ALTER_TABLE_COMMENT(model_name, comment) \
    {.kind = NU_OPERATION_ALTER_TABLE_COMMENT, .model = (model_name), .name = (comment)}
/* NU_ALTER_UNIQUE_TOGETHER("Article", NU_TOGETHER(NU_STRS("slug", "day"))); NULL: none any more */
#define NU_ALTER_UNIQUE_TOGETHER(model_name, sets) \
    {.kind = NU_OPERATION_ALTER_UNIQUE_TOGETHER, .model = (model_name), .meta = {.unique_together = (sets)}}
/* The reference by which rows are numbered in "_order"; NULL: none any more */
#define NU_ALTER_ORDER_WITH_RESPECT_TO(model_name, reference) \
    {.kind = NU_OPERATION_ALTER_ORDER, .model = (model_name), .meta = {.order_with_respect_to = (reference)}}

/* NU_ADD_INDEX("Article", "article_day", .fields = NU_STRS("-day")) */
#define NU_ADD_INDEX(model_name, index_name, ...) \
    {.kind = NU_OPERATION_ADD_INDEX, .model = (model_name), .name = (index_name), \
     .index = &(const nu_index){.name = (index_name), __VA_ARGS__}}
#define NU_REMOVE_INDEX(model_name, index_name) \
    {.kind = NU_OPERATION_REMOVE_INDEX, .model = (model_name), .name = (index_name)}
/* The same on PostgreSQL while others write, in a migration that says .not_atomic. One that fails
 * half-way leaves an invalid index: drop it and run again. */
#define NU_ADD_INDEX_CONCURRENTLY(model_name, index_name, ...) \
    {.kind = NU_OPERATION_ADD_INDEX, .model = (model_name), .name = (index_name), .concurrently = true, \
     .index = &(const nu_index){.name = (index_name), __VA_ARGS__}}
#define NU_REMOVE_INDEX_CONCURRENTLY(model_name, index_name) \
    {.kind = NU_OPERATION_REMOVE_INDEX, .model = (model_name), .name = (index_name), .concurrently = true}
#define NU_RENAME_INDEX(model_name, from, to) \
    {.kind = NU_OPERATION_RENAME_INDEX, .model = (model_name), .name = (from), .new_name = (to)}
/* NU_ADD_CONSTRAINT("Article", "likes_not_negative", .condition = likes_not_negative) */
#define NU_ADD_CONSTRAINT(model_name, constraint_name, ...) \
    {.kind = NU_OPERATION_ADD_CONSTRAINT, .model = (model_name), .name = (constraint_name), \
     .constraint = &(const nu_constraint){.name = (constraint_name), __VA_ARGS__}}
#define NU_REMOVE_CONSTRAINT(model_name, constraint_name) \
    {.kind = NU_OPERATION_REMOVE_CONSTRAINT, .model = (model_name), .name = (constraint_name)}
/* What only the program sees of it: its message. */
#define NU_ALTER_CONSTRAINT(model_name, constraint_name, ...) \
    {.kind = NU_OPERATION_ALTER_CONSTRAINT, .model = (model_name), .name = (constraint_name), \
     .constraint = &(const nu_constraint){.name = (constraint_name), __VA_ARGS__}}

/* A check that new rows must fulfil; those that are there are not looked at, so nobody has to wait
 * (PostgreSQL; elsewhere as NU_ADD_CONSTRAINT). NU_VALIDATE_CONSTRAINT, in a later migration, looks at
 * them while others go on. */
#define NU_ADD_CONSTRAINT_NOT_VALID(model_name, constraint_name, ...) \
    {.kind = NU_OPERATION_ADD_CONSTRAINT, .model = (model_name), .name = (constraint_name), .not_valid = true, \
     .constraint = &(const nu_constraint){.name = (constraint_name), __VA_ARGS__}}
#define NU_VALIDATE_CONSTRAINT(model_name, constraint_name) \
    {.kind = NU_OPERATION_VALIDATE_CONSTRAINT, .model = (model_name), .name = (constraint_name)}

/* PostgreSQL only; nothing elsewhere: NU_CREATE_EXTENSION("pg_trgm"),
 * NU_CREATE_COLLATION("german", .locale = "de-u-co-phonebk", .provider = "icu") */
#define NU_CREATE_EXTENSION(extension) \
    {.kind = NU_OPERATION_CREATE_EXTENSION, .name = (extension)}
#define NU_CREATE_COLLATION(collation_name, ...) \
    {.kind = NU_OPERATION_CREATE_COLLATION, .name = (collation_name), .collation = {__VA_ARGS__}}
#define NU_REMOVE_COLLATION(collation_name, ...) \
    {.kind = NU_OPERATION_REMOVE_COLLATION, .name = (collation_name), .collation = {__VA_ARGS__}}

/* SQL, and what undoes it (NULL: nothing can; "": nothing has to). With .params it is one statement with
 * placeholders; .state tells what it does to the models:
 *      NU_RUN_SQL("UPDATE blog_article SET kind = ? WHERE kind = ?", "",
 *                 .params = NU_PARAMS(NU_CONST_TEXT("news"), NU_CONST_TEXT("n"))) */
#define NU_RUN_SQL(forwards, backwards, ...) \
    {.kind = NU_OPERATION_RUN_SQL, .sql = (forwards), .reverse_sql = (backwards), ##__VA_ARGS__}
/* A data migration in C, inside the transaction, and what undoes it (NULL: nothing can):
 *      static void fill(nu_database *db, const nu_past *past)
 *      {
 *          const nu_model *article = nu_past_model(past, "blog", "Article");
 *          nu_query_update(nu_query_all(article), …);
 *      }
 *      … NU_RUN_C(fill, nu_run_nothing, .elidable = true) */
#define NU_RUN_C(forwards, backwards, ...) \
    {.kind = NU_OPERATION_RUN_C, .run = (forwards), .reverse = (backwards), .run_name = #forwards, \
     .reverse_name = #backwards, ##__VA_ARGS__}
/* What is done to the database and what to the models, told apart: tables ended by {0}, or NULL. */
#define NU_SEPARATE(database_operations, state_operations) \
    {.kind = NU_OPERATION_SEPARATE, .database = (database_operations), .state = (state_operations)}
/* clang-format on */
/* For NU_RUN_C: there is nothing to do in this direction. */
NU_PUBLIC void nu_run_nothing(nu_database *db, const nu_past *past);

/* A migration of another app, or an earlier one of this app, that must be applied before. */
typedef struct nu_dependency { const char *app, *name; } nu_dependency;
#define NU_DEPENDS(...) ((const nu_dependency[]){__VA_ARGS__, {NULL, NULL}})

typedef struct nu_migration {
    const char          *app, *name;
    bool                 initial;
    const nu_dependency *depends;    /* ended by {0}; NULL: none */
    const nu_dependency *run_before; /* those that depend on this one without saying so */
    const nu_operation  *operations; /* ended by {0}; NULL: none */
    bool                 not_atomic; /* run outside a transaction */
    const nu_dependency *replaces; /* ended by {0}: the migrations that it stands for (squashmigrations) */
} nu_migration;
