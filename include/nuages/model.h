/* Models and their rows.
 *
 * A model is a const nu_model; a row is a C struct whose first member is a nu_row. `article` as the
 * first argument of a macro means both `struct article` and `article_model`, so results are
 * typed. */
#pragma once

#include "nuages/field.h"

/* The first member of each model struct, named `row`. */
typedef struct nu_row {
    const nu_class      *class; /* the model's first member: so a row is an object value */
    int64_t              id;    /* primary key; 0: not saved. Unused if a field is the primary key */
    struct nu_row_state *state; /* which set it was fetched with, and so on */
} nu_row;

/* First in the struct of a model that has all of another's: struct restaurant { NU_PARENT(place);
 * bool serves_pizza; }; The parent's members are r->place.name, and r->row is there as everywhere.
 * The model says .parent = &place_model and has a table of its own for what it adds (multi-table
 * inheritance), or .proxy_of = &place_model and adds nothing but behaviour. */
#define NU_PARENT(model)                                                                      \
    union {                                                                                   \
        nu_row       row;                                                                     \
        struct model model;                                                                   \
    }

/* An expression is made by a function, because a table of constants cannot hold one:
 *      static const nu_expression *is_live(void) { return nu_q("live", true); }
 *      … .condition = is_live */
typedef const nu_expression *(*nu_expression_fn)(void);
/* .expressions = NU_EXPRESSIONS(lower_title, newest_first) */
#define NU_EXPRESSIONS(...) ((const nu_expression_fn[]){__VA_ARGS__, NULL})

/* An index of a model; an array of them ends with {0}. What a database does not know (.include and
 * .opclasses on SQLite) is left out there. */
typedef struct nu_index {
    const char             *name;        /* "": made from table and fields, as Django does */
    const char *const      *fields;      /* "-published" for descending */
    const nu_expression_fn *expressions; /* instead of fields; nu_desc(…) for descending */
    nu_expression_fn        condition;   /* of the rows that it holds; NULL: all */
    const char *const      *include;     /* fields stored in it without being searched by */
    const char *const      *opclasses;   /* PostgreSQL: one for each field, "varchar_pattern_ops" */
    const char             *method;      /* PostgreSQL: "gin", "brin", "hash" …; NULL: a B-tree */
    const char             *storage;     /* PostgreSQL, as in WITH (…): "fastupdate = off" */
} nu_index;
#define NU_INDEXES(...) ((const nu_index[]){__VA_ARGS__, {.name = NULL}})

/* When a unique constraint is checked. */
typedef enum nu_deferrable { NU_NOT_DEFERRABLE, NU_DEFERRED, NU_IMMEDIATE } nu_deferrable;

/* A constraint of a model: unique with `fields` or `expressions`, else a check of `condition`. With
 * `operators` too it excludes (PostgreSQL): no two rows may fulfil all of them at once. */
typedef struct nu_constraint {
    const char             *name;
    const char *const      *fields;
    const nu_expression_fn *expressions;
    nu_expression_fn        condition; /* what rows must fulfil; of a unique one: for which rows */
    nu_deferrable           deferrable;
    const char *const      *include, *const *opclasses;
    bool                    nulls_not_distinct; /* NULL equals NULL (PostgreSQL 15) */
    const char *const      *operators; /* of an exclusion, one for each field: NU_STRS("=", "&&") */
    const char             *method;    /* of its index: "gist", which is meant by NULL, or "spgist" */
    const char             *message;            /* of the ValidationError */
    const char             *code;
} nu_constraint;
#define NU_CONSTRAINTS(...) ((const nu_constraint[]){__VA_ARGS__, {.name = NULL}})

/* .unique_together = NU_TOGETHER(NU_STRS("team", "slug"), NU_STRS("team", "position")) */
#define NU_TOGETHER(...) ((const char *const *const[]){__VA_ARGS__, NULL})

/* A computed attribute, for templates and admin: NU_PROPERTY(article, summary, article_summary),
 * where article_summary is a nu_value (*)(struct article *). */
typedef struct nu_property {
    const char *name;
    nu_value (*get)(void *row);
    bool        alters_data; /* templates never call it */
} nu_property;
#define NU_PROPERTY(model, property, function, ...)                                           \
    {.name = #property,                                                                       \
     .get = (nu_value(*)(void *))_Generic(&(function),                                        \
         nu_value (*)(struct model *): (function),                                            \
         nu_value (*)(const struct model *): (function)), __VA_ARGS__}

/* A function of one row whose parameter is the model's own struct; C's unprototyped pointer accepts
 * it and still checks what it returns. */
#if __STDC_VERSION__ >= 202311L
typedef void *nu_row_text_fn;
typedef void *nu_row_fn;
#else
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
typedef const char *(*nu_row_text_fn)();
typedef void (*nu_row_fn)();
#pragma GCC diagnostic pop
#endif

/* What the registry works out about a model; private. */
typedef struct nu_model_state { struct nu_model_info *info; } nu_model_state;

typedef struct nu_query nu_query;

struct nu_model {
    nu_class            class;  /* first, so that &model->class finds the model */
    const char         *name;   /* "Article" */
    size_t              size;   /* of the struct */
    nu_model_state     *state;
    const nu_field     *fields;
    const nu_property  *properties;
    nu_row_text_fn      text;   /* str(): const char *(const struct article *) */
    nu_row_text_fn      url;    /* get_absolute_url, likewise */
    nu_row_fn           clean;  /* a rule for the whole row: void (struct article *); see nu_row_refuse */
    const nu_field_type *id_type; /* of the implicit id; NULL: &nu_field_big_auto */
    /* A key of several fields, NU_STRS("tenant", "number"), instead of an id; "pk" is a list of their
     * values then, in values as in lookups. Nothing can refer to such a model. */
    const char *const *primary_key;

    /* Meta */
    const char               *db_table; /* NULL: "app_name" */
    const char *const        *ordering;
    const char *const *const *unique_together;
    const nu_index           *indexes;
    const nu_constraint      *constraints;
    const char               *verbose_name, *verbose_name_plural;
    const char *const        *default_permissions; /* NULL: add, change, delete, view */
    const char *const        *permissions; /* "publish", "Can publish", … in pairs */
    const char               *get_latest_by;
    /* What names a row for people, in fixtures that hold no keys: fields, or paths to fields of rows
     * that it refers to: NU_STRS("codename", "content_type__app_label", "content_type__model"). */
    const char *const        *natural_key;
    const char               *db_comment;
    const nu_model           *parent;   /* whose fields this model has too, in the parent's table;
                                         * ordering and such are the parent's unless given */
    const nu_model           *proxy_of; /* same table, other behaviour */
    /* What nu_all and all that reads the model by it leave in, such as rows that are not deleted:
     * Django's default manager. A function of queries; nu_everything goes round it. */
    nu_query *(*objects)(nu_query *all);
    /* Rows are numbered among those with the same value of this reference, in a column "_order". */
    const char               *order_with_respect_to;
    const char               *default_related_name; /* of its references that name none */
    const char               *database; /* alias, where it is not "default" */
    bool                      unmanaged; /* migrations leave its table alone */
};

/* .class .name .size .state of a model: { NU_MODEL_OF(article, "Article"), .fields = … } */
#define NU_MODEL_OF(model, model_name)                                                        \
    .class = {.name = (model_name), .get = nu_row_class_get_, .text = nu_row_class_text_,     \
              .equal = nu_row_class_equal_, .plain = nu_row_class_plain_},                    \
    .name = (model_name),                                                                     \
    .size = sizeof(struct model) + 0 * sizeof(struct {                                        \
        _Static_assert(_Generic(((struct model *)0)->row, nu_row: 1, default: 0) &&           \
                       offsetof(struct model, row) == 0,                                      \
                       "struct " #model " must begin with: nu_row row;"); int nu_; }),        \
    .state = &(nu_model_state){NULL}

NU_PUBLIC bool     nu_row_class_get_(void *self, const char *key, size_t length, nu_value *out);
NU_PUBLIC nu_value nu_row_class_text_(void *self);
NU_PUBLIC bool     nu_row_class_equal_(void *self, nu_value other);
NU_PUBLIC nu_value nu_row_class_plain_(void *self);

/* ---- the registry --------------------------------------------------------------------------- */

/* Adds the models (NULL-ended) of the app `label`. The settings' app list does this at start-up. */
NU_PUBLIC void nu_models_add(const char *label, const nu_model *const *models);
/* Works out tables, columns and relations of all models added, and checks them. Raises
 * ImproperlyConfigured naming app, model and field. Called once after the last nu_models_add; again
 * after more of them. */
NU_PUBLIC void nu_models_ready(void);
/* Tells what is allowed but has no effect, or none on the model's database, one sentence at a time:
 * "blog.Article.author: … (fields.W342)". The databases must be there. ./manage check does this. */
typedef void (*nu_model_warn_fn)(void *arg, const char *sentence);
NU_PUBLIC void nu_models_warn(nu_model_warn_fn report, void *arg);
/* Forgets all models; for tests. */
NU_PUBLIC void nu_models_clear(void);

/* All models in the order they were added, automatic many-to-many ones included; ends with NULL. */
NU_PUBLIC const nu_model *const *nu_models(void);
/* By label, "blog.Article" in any case; NULL if there is none. */
NU_PUBLIC const nu_model *nu_model_find(const char *label);
/* The same; an unknown one raises ValueError with near names. */
NU_PUBLIC NU_RETURNS_NONNULL const nu_model *nu_model_get(const char *label);

NU_PUBLIC const char *nu_model_app(const nu_model *model);   /* "blog" */
NU_PUBLIC const char *nu_model_label(const nu_model *model); /* "blog.Article" */
NU_PUBLIC const char *nu_model_key(const nu_model *model);   /* "article": the name in lower case */
NU_PUBLIC const char *nu_model_table(const nu_model *model); /* "blog_article" */
NU_PUBLIC const char *nu_model_verbose_name(const nu_model *model);
NU_PUBLIC const char *nu_model_verbose_name_plural(const nu_model *model);
NU_PUBLIC nu_database *nu_model_database(const nu_model *model);
/* True for a model that only backs a many-to-many field. */
NU_PUBLIC bool nu_model_is_automatic(const nu_model *model);

/* A field as it stands in its model, once nu_models_ready has run. */
typedef struct nu_column {
    const nu_field         *field;
    const nu_model         *model;
    const char             *name;         /* "author" */
    const char             *attname;      /* "author_id"; else the same as name */
    const char             *column;       /* in the database; NULL: none (many-to-many) */
    const char             *verbose_name;
    const nu_model         *to;           /* of a relation */
    const struct nu_column *target;       /* the other model's column a reference holds */
    const nu_model         *through;      /* of a many-to-many field: the model between */
    nu_db_column_type       db_type;
    uint32_t                offset;
    nu_member               member;
    uint16_t                index;        /* among the model's columns */
    bool                    primary_key, null, unique;
    bool                    indexed;      /* has an index of its own */
    bool                    key_part;     /* one of several fields that are the key */
    /* Of a key of several fields, ended by NULL: it has neither column nor member of its own. */
    const struct nu_column *const *parts;
} nu_column;

/* The model's columns in order, primary key included, many-to-many left out; ends with NULL. Those
 * of a parent come first. */
NU_PUBLIC const nu_column *const *nu_model_columns(const nu_model *model);
/* Those in the model's own table, which for a proxy is that of the other model. */
NU_PUBLIC const nu_column *const *nu_model_own_columns(const nu_model *model);
/* Its many-to-many fields, a parent's first; ends with NULL. */
NU_PUBLIC const nu_column *const *nu_model_many(const nu_model *model);
NU_PUBLIC const nu_column *const *nu_model_own_many(const nu_model *model);
/* The model whose table it is: itself, but for a proxy. */
NU_PUBLIC const nu_model *nu_model_concrete(const nu_model *model);
/* The reference to the parent's row; NULL if there is no parent. */
NU_PUBLIC const nu_column *nu_model_parent_link(const nu_model *model);
/* True if rows of `model` are rows of `other` too: the same, a child or a proxy. */
NU_PUBLIC bool nu_model_is_a(const nu_model *model, const nu_model *other);
/* The ordering in force, which may be a parent's; NULL if there is none. */
NU_PUBLIC const char *const *nu_model_ordering(const nu_model *model);
NU_PUBLIC const char *nu_model_get_latest_by(const nu_model *model);
NU_PUBLIC const nu_column *nu_model_primary_key(const nu_model *model);
/* By name, attname or "pk"; NULL if there is none. Many-to-many fields are found too. */
NU_PUBLIC const nu_column *nu_column_find(const nu_model *model, const char *name);
/* The same; an unknown one raises FieldError with near names and the choices. */
NU_PUBLIC NU_RETURNS_NONNULL const nu_column *nu_column_get(const nu_model *model, const char *name);

/* A relation seen from the model it points to: article.author gives author the relation
 * "articles". */
typedef struct nu_reverse {
    const char      *name;       /* accessor: "articles", "article_set" */
    const char      *query_name; /* in lookups: "articles", "article" */
    const nu_column *column;     /* the field on the other side */
    const nu_model  *model;      /* the model that has the field */
    bool             many, to_one;
    bool             hidden;     /* related_name="+" */
    /* A generic relation: `column` is the field with the key, `content_type` the one that must be
     * that of `type_of`. `back` leads from that model to the rows of `type_of`. */
    const nu_column *content_type;
    const nu_model  *type_of;
    bool             back;
} nu_reverse;
/* All relations that point to the model, a parent's left out; ends with a NULL name. */
NU_PUBLIC const nu_reverse *nu_model_reverses(const nu_model *model);
/* Its generic keys and generic relations, a parent's left out; ends with NULL. They have no column. */
NU_PUBLIC const nu_column *const *nu_model_generic(const nu_model *model);

/* Any representation (form text, JSON, fixture) as the field's kind of value; raises
 * ValidationError. Checks the kind only, neither choices nor validators. */
NU_PUBLIC nu_value nu_column_clean(const nu_column *column, nu_value value);
/* As a form or a fixture needs it: kind, null, blank, choices, lengths, validators. */
NU_PUBLIC nu_value nu_column_validate(const nu_column *column, nu_value value);
/* The default for a new row; null if there is none. */
NU_PUBLIC nu_value nu_column_default(const nu_column *column);

/* ---- rows ----------------------------------------------------------------------------------- */

/* A row as its struct. An assignment and no cast, so that nobody minds when the result is not
 * used. */
#define NU_AS_(model, row) ((struct model *){NULL} = (void *)(row))

/* A new row with its defaults, not saved: struct article *a = nu_new(article, "title", "Hello"); */
#define nu_new(model, ...)                                                                    \
    NU_AS_(model, nu_row_new_(&model##_model, NU_PAIRS(__VA_ARGS__)))
/* The same, saved. */
#define nu_create(model, ...)                                                                 \
    NU_AS_(model, nu_row_create_(&model##_model, NU_PAIRS(__VA_ARGS__)))
/* INSERT or UPDATE; the key is filled in. Raises IntegrityError and so on. */
#define nu_save(r) nu_row_save(&(r)->row)
/* UPDATE of these fields only: nu_save_fields(article, "title", "live") */
#define nu_save_fields(r, ...) nu_row_save_fields(&(r)->row, NU_STRS(__VA_ARGS__))
/* Deletes the row and what depends on it; returns how many rows went. ProtectedError if something
 * forbids it. */
#define nu_delete(r) nu_row_delete(&(r)->row)
/* Reads all fields anew; ObjectDoesNotExist if the row is gone. */
#define nu_refresh(r) nu_row_refresh(&(r)->row)
/* The row that a reference points to, loaded for the whole fetched set at once; NULL for NULL:
 *      printf("%s", nu_related(article, author)->name);                                          */
#define nu_related(r, member)                                                                 \
    ((__typeof__((r)->member.row)){NULL} = (void *)nu_row_related(                            \
         &(r)->row, (uint32_t)offsetof(__typeof__(*(r)), member)))
/* Sets a reference to a saved row; NULL is not allowed: zero-fill the member instead. */
#define nu_refer(ref, r) ((ref).row = (r), (void)((ref).id = (r)->row.id))

/* How a row is saved; all zero as nu_save does. */
typedef struct nu_save_options {
    bool               force_insert;  /* never an UPDATE: IntegrityError if the row is there */
    bool               force_update;  /* never an INSERT: DatabaseError if it is not */
    const char *const *update_fields; /* UPDATE of these only; an empty list does nothing */
    const char        *database;      /* alias; NULL: where the row is from */
    bool raw; /* as a fixture has it: members are written as they stand, auto_now or not, and into
               * the model's own table only, a parent's row being there already */
} nu_save_options;

NU_PUBLIC NU_RETURNS_NONNULL nu_row *nu_row_new(const nu_model *model);
NU_PUBLIC NU_WAITS void    nu_row_save(nu_row *row);
/* A row with a key is updated, and inserted if it was not there; one without is inserted, and so is a
 * new one whose key came from a default. Fields that were not read are not written. A row of a model
 * with a parent is saved in the tables of both, in one transaction. */
NU_PUBLIC NU_WAITS void    nu_row_save_with(nu_row *row, const nu_save_options *options);
NU_PUBLIC NU_WAITS void    nu_row_save_fields(nu_row *row, const char *const *names);
NU_PUBLIC NU_WAITS void    nu_row_insert(nu_row *row); /* never an UPDATE */
NU_PUBLIC NU_WAITS int64_t nu_row_delete(nu_row *row);
/* The same, telling how many of each model: dict of label to number. NULL: not wanted. */
NU_PUBLIC NU_WAITS int64_t nu_row_delete_counted(nu_row *row, nu_dict **by_model);
/* The same for a row of a model with a parent, whose rows stay with what refers to them. */
NU_PUBLIC NU_WAITS int64_t nu_row_delete_keeping_parents(nu_row *row, nu_dict **by_model);
/* Reads anew what the row holds; deferred fields stay so. */
NU_PUBLIC NU_WAITS void    nu_row_refresh(nu_row *row);
/* The same for these fields (NULL: all that it holds); related rows that were loaded by these names are forgotten. */
NU_PUBLIC NU_WAITS void    nu_row_refresh_fields(nu_row *row, const char *const *names);
NU_PUBLIC NU_WAITS nu_row *nu_row_related(nu_row *row, uint32_t offset);

NU_PUBLIC const nu_model *nu_row_model(const nu_row *row);
/* The row behind a value; NULL if it is none. */
NU_PUBLIC nu_row *nu_row_of(nu_value value);
/* True if it was neither saved nor read from a database yet. */
NU_PUBLIC bool nu_row_is_new(const nu_row *row);
/* True if the field was left out when the row was read (nu_only, nu_defer) and not read since. */
NU_PUBLIC bool nu_row_is_deferred(const nu_row *row, const nu_column *column);
/* Primary key as a value, null if there is none yet. */
NU_PUBLIC nu_value nu_row_key(const nu_row *row);
NU_PUBLIC void nu_row_set_key(nu_row *row, nu_value key);
/* A stored field's value; a reference gives its key. */
NU_PUBLIC nu_value nu_row_value(const nu_row *row, const nu_column *column);
/* Sets a field from a value of its kind (a reference: a key or a row); ValueError if it does not
 * fit. */
NU_PUBLIC void nu_row_put(nu_row *row, const nu_column *column, nu_value value);
/* By name, as templates do: fields, relations both ways, properties, get_FOO_display, annotations.
 * nu_row_get raises FieldError for an unknown name. */
NU_PUBLIC NU_WAITS nu_value nu_row_get(nu_row *row, const char *name);
NU_PUBLIC NU_WAITS bool     nu_row_find(nu_row *row, const char *name, nu_value *out);
/* A reference takes a row by its own name, a key by its column's ("author_id"). */
NU_PUBLIC void              nu_row_set(nu_row *row, const char *name, nu_value value);
/* With .order_with_respect_to = "book": the row after this one and the one before; NULL if there is
 * none. */
#define nu_next_in_order(model, r)                                                            \
    NU_AS_(model, nu_row_in_order(&(r)->row, true))
#define nu_previous_in_order(model, r)                                                        \
    NU_AS_(model, nu_row_in_order(&(r)->row, false))
NU_PUBLIC NU_WAITS nu_row *nu_row_in_order(nu_row *row, bool next);
/* Of the model referred to: keys of the rows of `model_key` ("chapter") that belong to `row`, in
 * their order; and their order set to that of `keys`. Django's get_chapter_order. */
NU_PUBLIC NU_WAITS nu_list *nu_row_order(nu_row *row, const char *model_key);
NU_PUBLIC NU_WAITS void nu_row_set_order(nu_row *row, const char *model_key, nu_list *keys);
/* The values of the model's .natural_key; NULL if it has none. */
NU_PUBLIC NU_WAITS nu_list *nu_row_natural_key(nu_row *row);
/* The row with these values in the database `alias` (NULL: the model's); NULL if there is none. Raises
 * ValueError if they are not as many as the model's .natural_key has. */
NU_PUBLIC NU_WAITS nu_row *nu_row_by_natural_key(const nu_model *model, const nu_list *key,
                                                 const char *alias);
/* Checks the row as a form would: each field, the model's .clean, what must be unique, and what the
 * constraints say, as far as the row and the rows of the table can tell. Raises ValidationError: its
 * data is a nu_dict of field name to list of sentences ("__all__" for the row), its codes are one of
 * field name to list of codes. A field that is wrong is not asked about again. Values are
 * left as the fields' kinds have them. `except` names fields (NULL: none) to leave out. */
NU_PUBLIC NU_WAITS void nu_row_full_clean(nu_row *row);
NU_PUBLIC NU_WAITS void nu_row_full_clean_except(nu_row *row, const char *const *except);
/* The parts of it. */
NU_PUBLIC NU_WAITS void nu_row_clean_fields(nu_row *row, const char *const *except);
NU_PUBLIC NU_WAITS void nu_row_validate_unique(nu_row *row, const char *const *except);
NU_PUBLIC NU_WAITS void nu_row_validate_constraints(nu_row *row, const char *const *except);
/* Raises a ValidationError for the field `name` (NULL: the row), for .clean. */
NU_PUBLIC NU_NORETURN NU_PRINTF(3, 4) void nu_row_refuse(const char *name, const char *code,
                                                         const char *format, ...);

NU_PUBLIC NU_RETURNS_NONNULL nu_row *nu_row_new_(const nu_model *model, nu_pairs pairs);
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_row *nu_row_create_(const nu_model *model, nu_pairs pairs);
