/* SQL text that back ends have in common. */
#pragma once

#include "nuages/backend/database.h"

/* A name in double quotes; those in it are doubled. */
void nu__db_quote(nu_builder *sql, const char *name);
/* The value to bind for LIKE: wildcards escaped by a backslash, and added where `op` is open. Other
 * operators get the value as it is. */
nu_value nu__db_like_pattern(nu_db_operator op, nu_value value);
