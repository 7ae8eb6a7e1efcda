/* The runner of tests/conformance/orm: queries as chains of calls, built through the public headers
 * only. Its README.md describes the notation. */
#pragma once

#include "nuages/query.h"

/* What a chain of calls has come to. */
typedef struct orm_subject {
    nu_value        value;       /* a query, a row, a list or anything plain */
    const nu_model *model;       /* of the manager, for methods that not all have; NULL: none */
    nu_row         *owner;       /* of a related manager; NULL: none */
    const char     *relation;    /* its name */
    bool            flat;        /* of one column: an item may be JSON */
    bool            json;        /* of a JSON field: a list is no list of rows */
    bool            columns;     /* of values instead of rows */
    bool            by_hand;     /* the query is raw SQL */
    nu_list        *annotations; /* names of what rows carry beside their fields */
    nu_dict        *refused;     /* assignments to the row that its members cannot hold: name to a
                               * list of messages and one of codes */
} orm_subject;

/* A command of the runner asks for something that the library does not have. */
extern const nu_kind orm_not_supported;
/* Django's RelatedObjectDoesNotExist, where we have null; its data is the model of the row. */
extern const nu_kind orm_no_related;
#define orm_unsupported(...) nu_raise(&orm_not_supported, "not supported: " __VA_ARGS__)

/* ---- orm_read.c: the notation as values -------------------------------------------------------- */

/* An argument: JSON value, tagged value, row, query or expression. */
nu_value orm_read(nu_value json);
/* The arguments of a call: positional ones, and keywords in order. */
typedef struct orm_arguments {
    nu_list *list;
    nu_dict *keywords;
    nu_list *json; /* of the positional ones, unread */
} orm_arguments;
orm_arguments orm_read_arguments(nu_value json);
/* The tag of an object: its one key that is no option. NULL for other values. */
const char *orm_tag(nu_value json);
/* A keyword dictionary as pairs, their values read. */
nu_pairs orm_read_pairs(nu_dict *keywords);
/* The same for values that are read already. */
nu_pairs orm_pairs(nu_dict *keywords);
/* A class of fields with its options: "CharField" or {"DecimalField": {…}}. */
nu_field *orm_read_field(nu_value json);

/* ---- orm_expression.c --------------------------------------------------------------------------- */

/* The expression that an object with this tag stands for; NULL if the tag means none. */
const nu_expression *orm_expression(const char *tag, nu_dict *object);
/* True for a filtered relation. */
bool orm_is_relation(nu_value value);
/* A condition: keyword lookups, several joined, or an expression. */
const nu_expression *orm_condition(nu_value json);

/* How relations are read that were not loaded: one by one as Django does, or for all rows of a set at
 * once, which costs fewer statements. */
extern nu_fetch_mode orm_fetch_mode;

/* ---- orm_call.c: methods ------------------------------------------------------------------------- */

/* The model's manager; `name` NULL is the default one. */
orm_subject orm_manager(const nu_model *model, const char *name);
/* Applies [name, arguments] and so on, in order. */
orm_subject orm_chain(orm_subject subject, nu_list *calls);
orm_subject orm_call(orm_subject subject, const char *name, orm_arguments *arguments);
/* {"model", "manager", "calls"} */
orm_subject orm_query_of(nu_dict *object);
/* A dotted path of attributes; a manager in it stands for its rows. */
nu_value orm_path(orm_subject subject, const char *path);
/* An attribute of a row or another object, methods included. False if there is none. */
bool orm_attribute(nu_value object, const char *name, orm_subject *out);

/* ---- orm_row.c: methods of rows and related managers ----------------------------------------------- */

bool orm_row_call(orm_subject *subject, const char *name, orm_arguments *arguments);
bool orm_related_call(orm_subject *subject, const char *name, orm_arguments *arguments);
/* Assigns as Python does, keeping what the row's members cannot hold in *refused. */
void orm_assign(nu_row *row, nu_dict *attributes, nu_dict **refused);
/* An unsaved row with these attributes, read already. */
nu_row *orm_new_row(const nu_model *model, nu_dict *attributes, nu_dict **refused);

/* ---- orm_app.c: methods of the models of contrib --------------------------------------------------- */

/* Attributes that they have in Django beside fields and methods. */
bool orm_app_attribute(nu_row *row, const char *name, nu_value *out);
bool orm_app_call(orm_subject *subject, const char *name, orm_arguments *arguments);

/* ---- orm_encode.c --------------------------------------------------------------------------------- */

/* The result in the notation; `show`: paths, or NULL. */
nu_value orm_encode(orm_subject subject, nu_list *show);
/* A plain value in the notation. */
nu_value orm_encode_value(nu_value value);
/* The error in the notation: type, and what else the kind tells. */
nu_value orm_encode_error(const nu_error *error);

/* ---- orm_compare.c -------------------------------------------------------------------------------- */

/* True if `got` is as wanted. `any_order`: rows as a multiset. `floating`: decimals come from
 * floats. */
bool orm_equal(nu_value got, nu_value wanted, bool any_order, bool floating);
bool orm_error_fits(nu_value got, nu_value wanted);
/* The clauses that lock rows in a statement: "FOR UPDATE OF …". Empty if there is none. */
const char *orm_lock_clause(const char *sql);

/* ---- orm_database.c ------------------------------------------------------------------------------- */

/* A database with the models' tables and the rows of data.json. */
typedef struct orm_database {
    const char *url, *vendor; /* "sqlite" or "postgresql" */
    const char *path;         /* SQLite: the file */
} orm_database;

/* Makes the tables through migrations found by comparing the models with nothing. The database must
 * be empty. */
orm_database *orm_database_make(const char *url);
/* The same with the rows of data.json in `folder`. */
orm_database *orm_database_load(const char *url, const char *folder);
/* Makes the database at the URL the default one. */
void orm_database_at(const char *url);
void orm_database_remove_files(const char *path);
void orm_database_remove(orm_database *database);
/* Number of rows by table, of all tables of models. */
nu_dict *orm_row_counts(void);

/* ---- orm_copy.c ------------------------------------------------------------------------------------ */

/* Makes a copy with the rows of data.json the default database. */
void orm_copy_use(const orm_database *database);
/* Undoes what these statements did to the copy. */
void orm_copy_leave(const orm_database *database, nu_list *statements);
/* Makes an empty database in the place of the copy the default one. */
void orm_copy_use_empty(const orm_database *database);
/* Takes the copy away. */
void orm_copy_drop(const orm_database *database);

/* ---- orm_case.c ------------------------------------------------------------------------------------ */

typedef struct orm_outcome {
    bool        passed;
    const char *difference; /* what was expected and what came, in lines */
} orm_outcome;
/* Runs one case on the database. Never raises. */
orm_outcome orm_run_case(const orm_database *database, nu_dict *json, nu_dict *base_counts);

/* ---- orm_list.c: lists of cases ------------------------------------------------------------------- */

/* Each id to the second word of its line, which may be empty. */
nu_dict *orm_list_read(const char *path);
/* True if the list names the case alone, with a reason, or with this database. */
bool orm_list_has(const nu_dict *ids, const char *id, const char *vendor);
/* Writes the list anew from `ids`, what it held before, and `failed`: each case that ran on this
 * database to true or false. What the list says of other cases and databases stays. */
void orm_list_write(const char *path, const nu_dict *ids, const nu_dict *failed,
                    const char *vendor);

/* ---- orm.c, orm_schema.c: the program ------------------------------------------------------------- */

int orm_main(int argc, char **argv);
int orm_schema_main(int argc, char **argv);
