/* Errors of a row on their way to a ValidationError. */
#pragma once

#include "model/internal.h"

typedef struct nu_errors {
    nu_dict *messages; /* name of the field, or "__all__" → list of sentences */
    nu_dict *codes;    /* the same → list of their codes */
} nu_errors;

void nu__errors_init(nu_errors *errors);
void nu__errors_add(nu_errors *errors, const char *name, const char *code, const char *sentence);
/* What was raised: under `name`, unless it names fields itself. */
void nu__errors_take(nu_errors *errors, const char *name, const nu_error *error);
/* Raises a ValidationError if there is any. */
void nu__errors_throw(const nu_errors *errors);

/* The column's value as it has to be; what is wrong with it is added to `errors`. */
nu_value nu__column_try(const nu_column *column, nu_value value, const nu_db_backend *backend,
                        nu_errors *errors);
bool     nu__is_empty(nu_value value);
/* True if the value comes from elsewhere when it is missing: an automatic key, the database. */
bool nu__is_given(const nu_column *column);
/* The field's own sentence for the code, else the one given. */
const char *nu__field_message(const nu_field *field, const char *code, const char *built_in);

/* What a condition says of a row's own values. */
typedef enum nu_truth_of {
    NU_SAYS_NO,
    NU_SAYS_YES,
    NU_SAYS_NULL,    /* a comparison with NULL */
    NU_SAYS_NOTHING, /* it asks for more than the row: only the database can tell */
} nu_truth_of;
/* A comparison of a field in `except` says nothing. */
nu_truth_of nu__condition_of_row(nu_row *row, const nu_expression *condition,
                                 const char *const *except);
/* True if the list (NULL: none) names the column. */
bool nu__is_among(const char *const *names, const nu_column *column);
