/* What the back ends share when inspectdb asks what there is in a database. */
#pragma once

#include "nuages/backend/database.h"

/* What a type's name in SQL, without its measures, stands for. */
typedef struct nu__db_type_name {
    const char *name;
    nu_db_type  type;
} nu__db_type_name;

/* Fills kind and guessed of a column: its type, named `bare` without measures, looked up in `types`, and the
 * measures in column->type. An unknown type is guessed to be text, a CHAR without a length is TEXT. */
void nu__db_take_kind(nu_db_column_info *column, const char *bare, const nu__db_type_name *types,
                      size_t count);

/* The texts of a list as an array that NULL ends, in the current arena. */
const char *const *nu__db_names_of(const nu_list *list);
