/* Array fields: lists of what another kind of field holds. */
#pragma once

#include "model/internal.h"
#include "model/validate.h"

/* A column for one item of the array, for messages under the array's name. */
const nu_column *nu__item_column(const nu_column *column);
/* Raises ValidationError for a value that is no list, or the first item that its kind does not take. */
NU_NORETURN void nu__array_refuse(const nu_column *column, nu_value value);
/* Checks number and values of the items; notes what is wrong with each. */
void nu__array_validate(const nu_column *column, const nu_list *list, const nu_db_backend *backend,
                        nu_errors *errors);
/* A value as fixtures and migrations hold it inside a text of JSON: null, JSON or a text. */
nu_value nu__item_text(const nu_field *field, nu_value value);
/* The list as fixtures and migrations hold it: JSON in which each item is in its field's text form. */
const char *nu__array_text(const nu_field *field, const nu_list *list);
/* "varchar(30)[8]" in a database with arrays; NULL for one without. */
const char *nu__array_type(const nu_field *field, const char *database);
/* What is wrong with the definition: raises ImproperlyConfigured. */
void nu__check_array(const nu_column *column);
