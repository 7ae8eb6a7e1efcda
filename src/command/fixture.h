/* What dumpdata and loaddata share. */
#pragma once

#include "nuages/command.h"
#include "nuages/model.h"

/* ---- fixture_names.c: "blog" and "blog.Article" ----------------------------------------------- */

/* The models of the text, an app's label or a model's, NULL-ended, automatic ones left out. Raises CommandError
 * with near names if there is neither. */
const nu_model *const *nu__fixture_models(const char *name);
/* True if one of the names (NULL-ended) is the model's or its app's; unknown ones were refused before. */
bool nu__fixture_names_model(const char *const *names, const nu_model *model);
/* Refuses unknown names. */
void nu__fixture_check_names(const char *const *names);

/* ---- fixture_find.c: names of fixtures --------------------------------------------------------- */

/* A path as it is given, else a file of that name in the fixtures/ folder of an app (of `app` only, unless it is NULL),
 * with or without ".json", ".jsonl", ".gz". Raises CommandError if there is none, or two in one folder. */
const char *nu__fixture_find(const char *name, const char *app);

/* ---- fixture_reader.c: one object after the other ---------------------------------------------- */

typedef struct nu__fixture_reader nu__fixture_reader;

/* Opens a file, or standard input for "-", compressed by gzip or not: a JSON list or JSON lines. Closed with the
 * current arena. Raises CommandError. */
nu__fixture_reader *nu__fixture_open(const char *path);
/* The next object, in the current arena; false at the end. Raises CommandError with file and line. */
bool nu__fixture_next(nu__fixture_reader *reader, nu_value *object);

/* ---- fixture_writer.c -------------------------------------------------------------------------- */

typedef enum nu__fixture_form { NU__FIXTURE_JSON, NU__FIXTURE_JSON_LINES } nu__fixture_form;
typedef struct nu__fixture_writer nu__fixture_writer;

/* Writes to `path` (NULL: standard output), compressed if it ends with ".gz". The file appears when all is
 * written. */
nu__fixture_writer *nu__fixture_create(const char *path, nu__fixture_form form, int indent);
void                nu__fixture_write(nu__fixture_writer *writer, nu_value object);
/* The end of the list; raises SystemError if not all could be written. */
void nu__fixture_finish(nu__fixture_writer *writer);

/* ---- fixture_row.c ----------------------------------------------------------------------------- */

/* A row as an object of a fixture. With `natural_foreign`, references to models that have a natural key hold it;
 * with `natural_primary`, rows of such models have no "pk". */
nu_value nu__fixture_object(nu_row *row, bool natural_foreign, bool natural_primary);
