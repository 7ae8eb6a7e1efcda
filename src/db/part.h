/* Names of the parts of a date or time, as lookups spell them: "year", "week_day" … */
#pragma once

#include "nuages/backend/database.h"

enum { NU__DB_PARTS = NU_DB_AS_TIME + 1 };

extern const char *const nu__db_part_names[NU__DB_PARTS];
