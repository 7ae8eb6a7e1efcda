/* Between inspectdb.c, which reads a database, inspect_names.c, which finds names for C, and inspect_write.c,
 * which writes the models. */
#pragma once

#include "nuages/backend/database.h"

typedef struct nu__inspected_table  nu__inspected_table;
typedef struct nu__inspected_column nu__inspected_column;

struct nu__inspected_column {
    nu_db_column_info     info;
    const char           *name;  /* of member and field */
    const char           *notes; /* for whoever reads the source; NULL: nothing to say */
    bool                  primary_key, unique;
    nu__inspected_table  *to;     /* of a reference, with the column it holds */
    nu__inspected_column *target;
    const char           *related_name; /* NULL: the usual one */
};

struct nu__inspected_table {
    nu_db_table_info      info;
    const char           *tag;   /* of its struct */
    const char           *model; /* "AuthUser" */
    const char           *notes;
    nu__inspected_column *columns; /* ends with a NULL info.name */
    nu_db_key_info       *keys;
    const nu_db_key_info *key;         /* the primary key, if it has several columns */
    bool                  implicit_id; /* the key is nu_row's own member */
};

/* A column by the database's name; NULL if there is none. */
nu__inspected_column *nu__inspected_find(const nu__inspected_table *table, const char *column);
/* Adds a remark. */
void nu__inspected_note(const char **notes, const char *note);

/* Names for all columns, once references are known. */
void nu__inspect_name_columns(nu__inspected_table *table);
/* Tag and model name, different from those of the tables before it. */
void nu__inspect_name_table(nu__inspected_table *tables, size_t index);
/* The ways back that would clash get names of their own, or none. */
void nu__inspect_name_relations(nu__inspected_table *tables, size_t count);

/* The whole C file. */
const char *nu__inspect_source(const nu_database *db, const nu__inspected_table *tables, size_t count);
