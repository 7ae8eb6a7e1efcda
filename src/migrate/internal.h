/* What the files of migrate/ share.
 *
 *      models (C structs) ──state──┐
 *                                  differ → operations → writer → C files
 *      migrations ─graph─→ state ──┘
 *                    └────→ executor → schema editor → SQL; recorder → django_migrations
 */
#pragma once

#include "nuages/migration.h"
#include "nuages/text.h"

/* An app as migrate/ sees it. */
typedef struct nu__migrate_app {
    const char                *label;
    const char                *folder;     /* where its migrations/ is; NULL: no sources at hand */
    const nu_migration *const *migrations; /* NULL-ended, or NULL */
} nu__migrate_app;

/* ---- state.c: the models at one point in the history ----------------------------------------- */

typedef struct nu__model {
    const char *app, *name; /* "blog", "Article" */
    nu_field   *fields;     /* relations by to_name; `to` is NULL */
    size_t      count;
    nu_meta     meta;
} nu__model;

typedef struct nu__state {
    nu__model **models;
    size_t      count, capacity;
} nu__state;

nu__state *nu__state_new(void);
/* A copy whose models may be changed without touching the original's. */
nu__state *nu__state_copy(const nu__state *state);
/* The registered models of these apps as they are in the program. */
nu__state *nu__state_of_models(const nu__migrate_app *apps, size_t count);

nu__model *nu__state_find(const nu__state *state, const char *app, const char *name);
/* By "app.Model"; NULL if there is none. */
nu__model *nu__state_find_label(const nu__state *state, const char *label);
void       nu__state_add(nu__state *state, nu__model *model);
void       nu__state_remove(nu__state *state, const nu__model *model);

nu_field *nu__model_field(const nu__model *model, const char *name);
/* The column "_order" that .order_with_respect_to brings: in the table, in no operation. */
bool nu__field_is_order(const nu_field *field);
/* The field of an operation as it stays in the state: a default that was for once is left out. */
nu_field nu__lasting_field(const nu_operation *operation);
/* The model's fields that `wanted` takes, in the order of their names, as Django goes
 * through them. */
const nu_field **nu__fields_by_name(const nu__model *model, bool (*wanted)(const nu_field *field),
                                    size_t *count);
/* Adds at the end, before "_order"; the field is copied. */
void nu__model_add_field(nu__model *model, const nu_field *field);
void nu__model_remove_field(nu__model *model, const char *name);

/* ASCII letters in lower case, as names in the database are made. */
const char *nu__lower(const char *text);

const char     *nu__model_label(const nu__model *model); /* "blog.Article" */
const char     *nu__model_table(const nu__model *model);
/* Its own, or the one of a model it shares the table of. Raises ValueError if there is none. */
const nu_field *nu__model_primary_key(const nu__model *model);
/* Sets or, with NULL, unsets the option, and the column with it. */
void nu__model_set_order(nu__model *model, const char *reference);

/* Applies one operation to the state; one that does not fit raises ValueError. */
void nu__operation_apply(nu__state *state, const char *app, const nu_operation *operation);
/* "Create model Article", for the terminal and sqlmigrate. */
const char *nu__operation_text(const nu_operation *operation);
/* The part of a file name: "article_title", "delete_article"; NULL: none. */
const char *nu__operation_slug(const nu_operation *operation);

/* What it adds, removes or changes, as a sign for the terminal: '+', '-' or '~'. */
char nu__operation_sign(const nu_operation *operation);

/* ---- meta.c: lists of options, which are never changed in place -------------------------------- */

size_t nu__count_texts(const char *const *texts);
size_t nu__count_sets(const char *const *const *sets);
size_t nu__count_indexes(const nu_index *indexes);
size_t nu__count_constraints(const nu_constraint *constraints);
/* By name; NULL if there is none. */
const nu_index      *nu__meta_index(const nu_meta *meta, const char *name);
const nu_constraint *nu__meta_constraint(const nu_meta *meta, const char *name);
void                 nu__meta_add_index(nu_meta *meta, const nu_index *index);
void                 nu__meta_add_constraint(nu_meta *meta, const nu_constraint *constraint);
void                 nu__meta_remove_index(nu_meta *meta, const char *name);
void                 nu__meta_remove_constraint(nu_meta *meta, const char *name);
/* A field's name in sets, indexes, constraints and the like. */
void nu__meta_rename_field(nu_meta *meta, const char *from, const char *to);
/* Without the field in sets and .order_with_respect_to. */
void nu__meta_remove_field(nu_meta *meta, const char *name);
/* Takes the options that AlterModelOptions sets from `options`. */
void nu__meta_set_options(nu_meta *meta, const nu_meta *options);
bool nu__options_equal(const nu_meta *a, const nu_meta *b);

/* ---- compare.c ------------------------------------------------------------------------------- */

/* True if both describe the same field; with `schema_only`, the same column. */
bool nu__field_equal(const nu_field *a, const nu_field *b, bool schema_only);
/* True if more than a name differs, or what Django knows to be of no concern to a database: choices,
 * texts for people, what is done on deletion. */
bool nu__field_altered(const nu_field *from, const nu_field *to);
bool nu__texts_equal(const char *const *a, const char *const *b);
/* `texts` may be NULL. */
bool nu__has_text(const char *const *texts, const char *text);
/* The same sets, in whatever order. */
bool nu__together_equal(const char *const *const *a, const char *const *const *b);
bool nu__has_set(const char *const *const *sets, const char *const *wanted);
bool nu__index_equal(const nu_index *a, const nu_index *b);
/* The same but for their names. */
bool nu__index_renamed(const nu_index *a, const nu_index *b);
/* With `schema_only`, what the database sees of them. */
bool nu__constraint_equal(const nu_constraint *a, const nu_constraint *b, bool schema_only);
bool nu__text_equal(const char *a, const char *b);
/* Names of models and fields are the same in any case. */
bool nu__label_equal(const char *a, const char *b);

/* ---- references.c, reduce.c, optimizer.c: fewer operations that do the same ------------------- */

/* True if the operation may concern the model `name` of `app`, or this field of it. */
bool nu__references_model(const char *app, const nu_operation *operation, const char *name);
bool nu__references_field(const char *app, const nu_operation *operation, const char *model,
                          const char *field);

typedef enum nu__reduction {
    NU_BLOCKED, /* `other` must stay behind the operation */
    NU_THROUGH, /* `other` may move before the operation */
    NU_REDUCED, /* both become `result`, of `count` operations */
} nu__reduction;

typedef struct nu__reduced {
    nu_operation result[2];
    size_t       count;
} nu__reduced;
nu__reduction nu__operation_reduce(const char *app, const nu_operation *operation,
                                   const nu_operation *other, nu__reduced *out);
/* Django's optimizer; works in the array and returns the new count. */
size_t nu__optimize(const char *app, nu_operation *operations, size_t count);

/* ---- graph.c, graph_build.c -------------------------------------------------------------------------- */

/* All migrations in an order in which they can be applied. */
typedef struct nu__graph {
    const nu_migration **order;
    size_t               count;
    bool                *needs; /* needs[i * count + j]: order[i] needs order[j], directly or not */
} nu__graph;

/* Raises ValueError for a dependency that does not exist, for a circle (which it names) and for two ends of
 * one app. Of a squashed migration and those that it replaces one side is left out: the squashed one if
 * only a part of the others is in `recorded` ("app.name" as keys), else the others. NULL: nothing
 * is known, the squashed one stays. */
nu__graph *nu__graph_new(const nu__migrate_app *apps, size_t count);
nu__graph *nu__graph_of(const nu__migrate_app *apps, size_t count, const nu_dict *recorded);
/* The same, with as many ends as there are. */
nu__graph *nu__graph_unchecked(const nu__migrate_app *apps, size_t count, const nu_dict *recorded);
/* The migrations of the app that none of it depends on; NULL-ended. */
const nu_migration **nu__graph_leaves(const nu__graph *graph, const char *app);
const nu_migration *nu__graph_find(const nu__graph *graph, const char *app, const char *name);
/* The one migration of the app whose name begins with `prefix`; raises CommandError. */
const nu_migration *nu__graph_by_prefix(const nu__graph *graph, const char *app,
                                        const char *prefix);
/* The last migration of the app; NULL if it has none. */
const nu_migration *nu__graph_leaf(const nu__graph *graph, const char *app);
/* True if `migration` needs `other`, directly or not. */
bool nu__graph_needs(const nu__graph *graph, const nu_migration *migration,
                     const nu_migration *other);
/* The state after the migrations for which `wanted` (NULL: all) is true, in order. */
nu__state *nu__graph_state(const nu__graph *graph, const bool *wanted);

/* ---- differ.c -------------------------------------------------------------------------------- */

/* A migration that is to be written. */
typedef struct nu__draft {
    const char    *app, *name;
    bool           initial;
    nu_operation  *operations;
    size_t         count;
    nu_dependency *depends; /* sorted */
    size_t         depend_count;
    nu_dependency *replaces; /* of a squashed one */
    size_t         replace_count;
    /* Those whose functions a person has to copy into this one; NULL-ended, or NULL. */
    const char *const *copies;
    const nu_dependency *run_before;
    bool                 not_atomic;
} nu__draft;

/* Answers to what the models alone cannot tell. */
typedef struct nu__questions {
    bool interactive;
    /* Was `from` renamed to `to`? NULL: no. */
    bool (*renamed_field)(const nu__model *model, const nu_field *from, const nu_field *to);
    bool (*renamed_model)(const nu__model *from, const nu__model *to);
    /* A value for the rows that are there when the field is added, or where it holds NULL; raises
     * CommandError if there is none. Null: rows that hold NULL are somebody else's care. */
    nu_value (*one_off_default)(const nu__model *model, const nu_field *field, bool added);
} nu__questions;

/* The migrations that lead from one state to the other, in an order in which they can be applied.
 * `graph` numbers them and tells what they depend on. */
nu__draft **nu__diff(const nu__state *from, const nu__state *to, const nu__graph *graph,
                     const nu__questions *questions, const char *name, size_t *count);

/* The name for these operations: "author_book_and_more". */
const char *nu__operations_slug(const nu_operation *operations, size_t count);
/* A migration of the app without operations, after its last one. */
nu__draft *nu__empty_draft(const nu__graph *graph, const char *app, const char *name);

/* merge.c: a migration without operations that depends on all ends of the app. */
nu__draft *nu__merge_draft(const nu__graph *graph, const char *app, const char *name);
/* squash.c: names of those that run C functions which squashing does not leave out; NULL-ended. */
const char *const *nu__files_with_c(const nu_migration *const *migrations, size_t count);
/* One migration for those from `first` (NULL: the app's first) to `last`. */
nu__draft *nu__squash_draft(const nu__graph *graph, const nu_migration *first,
                            const nu_migration *last, const char *name, bool optimize,
                            size_t *before);
/* The migration with the fewest operations; `before`: how many it had. One that runs C functions becomes
 * another, which replaces it. */
nu__draft *nu__optimize_draft(const nu_migration *migration, size_t *before);
/* The migration and the change in one. Its name follows its operations if it did so before. */
nu__draft *nu__update_draft(const nu_migration *last, const nu__draft *change, const char *name);

/* risk.c: what the operation does to those who use the database meanwhile, and what to do about it;
 * NULL: nothing to mention. */
typedef struct nu__risk {
    const char *effect;
    const char *advice;
    bool        rewrites; /* the table */
} nu__risk;
const nu__risk *nu__operation_risk(const nu_operation *operation, const char *app,
                                   const nu__state *before, const nu__state *after);

/* statement_lock.c: what a statement of PostgreSQL's holds back, and for how long. */
typedef enum nu__work { NU_WORK_NONE, NU_WORK_READS, NU_WORK_BUILDS, NU_WORK_REWRITES } nu__work;
typedef struct nu__lock {
    const char *table;
    const char *mode;  /* "ACCESS EXCLUSIVE" */
    const char *stops; /* what others cannot do meanwhile */
    nu__work    work;  /* what it does before it lets go */
} nu__lock;
/* False if it locks no table, or one of `made`: those that earlier statements have created, to which it
 * adds. */
bool nu__statement_lock(const char *sql, nu_dict *made, nu__lock *lock);

/* ---- writer.c -------------------------------------------------------------------------------- */

/* The C source of a migration. */
const char *nu__migration_source(const nu__draft *draft);
/* The C source of <app>/migrations/migrations.c with these names. */
const char *nu__migration_list_source(const char *app, const char *const *names);

/* ---- schema.c -------------------------------------------------------------------------------- */

/* Writes the SQL of operations; runs it or, with `collect`, only gathers it. */
typedef struct nu__schema {
    nu_database         *database;
    const nu_db_backend *backend;
    nu_list             *collect;  /* texts; NULL: run at once */
    nu_list             *deferred; /* texts run at the end: indexes */
    const char          *statement; /* the one that runs, or ran last; NULL: none yet */
} nu__schema;

void nu__schema_begin(nu__schema *schema, nu_database *database, bool collect);
/* Runs what was deferred. */
void nu__schema_end(nu__schema *schema);

/* One operation, forwards: `before` and `after` are the states around it. */
void nu__schema_apply(nu__schema *schema, const char *app, const nu_operation *operation,
                      const nu__state *before, const nu__state *after);
/* The same operation undone; raises CommandError if it cannot be. */
void nu__schema_undo(nu__schema *schema, const char *app, const nu_operation *operation,
                     const nu__state *before, const nu__state *after);

/* Django's names_digest: the first `length` hexadecimal digits of the MD5 of the texts. */
const char *nu__names_digest(const char *const *texts, int length);
/* Django's name of an index that has none: "blog_art_author__fb2ed2_idx". Columns may begin with "-". */
const char *nu__short_index_name(const char *table, const char *const *columns,
                                 const char *suffix);
/* Django's _create_index_name. */
const char *nu__index_name(const nu__schema *schema, const char *table, const char *const *columns,
                           const char *suffix);

/* ---- column.c: what a field is in the database ----------------------------------------------- */

typedef struct nu__column {
    const nu_field   *field;
    const nu_field   *value_field; /* whose kind of value it holds: of a reference, the key's */
    const char       *name; /* of the column */
    nu_db_column_type type;
    const char       *to_table; /* of a reference with a constraint, else NULL */
    const char       *to_column;
    bool              null, unique, primary_key, index;
} nu__column;

/* False for a field without a column (many-to-many). */
bool nu__column_of(const nu__state *state, const nu__model *model, const nu_field *field,
                   nu__column *out);
/* The automatic model between, for a many-to-many field without `through`; NULL for others. */
nu__model *nu__many_model(const nu__state *state, const nu__model *model, const nu_field *field);
/* The value that fills the column of rows that are there; null: none. */
nu_value nu__effective_default(const nu_field *field);

/* past.c: for the functions of NU_RUN_C. */
nu_past *nu__past_new(nu_database *db, const nu__state *state);

/* ---- recorder.c ------------------------------------------------------------------------------ */

void nu__recorder_ensure(nu_database *db);
/* All that is recorded, by "app.name". A missing table means nothing is. */
nu_dict *nu__recorder_all(nu_database *db);
/* For each migration of the graph, whether it is applied: it is recorded, or all that it replaces. */
bool *nu__recorder_applied(nu_database *db, const nu__graph *graph);
/* True if the migration is recorded at this moment. */
bool nu__recorder_has(nu_database *db, const nu_migration *migration);
void nu__recorder_add(nu_database *db, const nu_migration *migration);
void nu__recorder_remove(nu_database *db, const nu_migration *migration);
void nu__recorder_forget(nu_database *db, const char *app, const char *name);
/* Records those of the graph that count as applied because all that they replace are. */
void nu__recorder_add_squashed(nu_database *db, const nu__graph *graph);

/* ---- plan.c ---------------------------------------------------------------------------------- */

typedef struct nu__step {
    const nu_migration *migration;
    bool                backwards;
} nu__step;

/* What leads to `target` of `app` (both NULL: everything forwards; target "zero": undo all). */
nu__step *nu__plan(const nu__graph *graph, const bool *applied, const char *app, const char *target,
                   size_t *count);

/* ---- executor.c ------------------------------------------------------------------------------ */

typedef enum nu__step_report { NU_STEP_BEGINS, NU_STEP_DONE, NU_STEP_FAKED } nu__step_report;

typedef struct nu__run_options {
    bool    fake;            /* only record */
    bool    fake_initial;    /* only record first migrations whose tables are there */
    int64_t lock_timeout_ms; /* longest wait for a table that others use; 0: the database's own */
    /* Told before and after each step; NULL: nobody is. */
    void (*report)(const nu__step *step, nu__step_report what);
} nu__run_options;

/* Runs the steps, each in a transaction. */
void nu__execute(nu_database *db, const nu__graph *graph, bool *applied, const nu__step *steps,
                 size_t count, const nu__run_options *options);

/* lock.c: waits until no other process changes the schema; `waiting` is called first if there is
 * one. The result is for nu__schema_unlock. */
struct nu_db_connection *nu__schema_lock(nu_database *db, void (*waiting)(void));
void                     nu__schema_unlock(nu_database *db, struct nu_db_connection *lock);
/* In a transaction: a statement gives up that waits longer than this for a table that others use, so
 * that those can go on who wait behind it. 0: the database's own limit. */
void nu__schema_limit_wait(nu_database *db, int64_t ms);
/* The same for all that the session does from here on; gives what was set before, NULL if nothing is
 * to be set. */
const char *nu__schema_limit_session(nu_database *db, int64_t ms);
void        nu__schema_unlimit_session(nu_database *db, const char *before);

/* A row that refers to one that does not exist, as a dict of table, rowid and parent; NULL if
 * there is none, or if the database finds it by itself at commit. */
const nu_dict *nu__broken_reference(nu_database *db);

/* initial.c: true if what the migration creates is in the database, though it is not recorded. */
bool nu__is_there_already(nu_database *db, const nu_migration *migration, const nu__state *before);

/* The state that the step starts from. */
nu__state *nu__state_before(const nu__graph *graph, const bool *applied, const nu__step *step);
void       nu__mark_applied(const nu__graph *graph, bool *applied, const nu_migration *migration);
/* The statements of one operation, with what it would leave for the migration's end. */
nu_list *nu__operation_sql(nu_database *db, const char *app, const nu_operation *operation,
                           const nu__state *before, const nu__state *after);
/* The statements of one migration, as sqlmigrate prints them. */
nu_list *nu__collect_sql(nu_database *db, const nu__graph *graph, const nu_migration *migration,
                         bool backwards);
