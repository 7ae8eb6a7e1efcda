#include "db/part.h"

const char *const nu__db_part_names[NU__DB_PARTS] = {
    [NU_DB_YEAR] = "year",         [NU_DB_ISO_YEAR] = "iso_year",
    [NU_DB_QUARTER] = "quarter",   [NU_DB_MONTH] = "month",
    [NU_DB_WEEK] = "week",         [NU_DB_DAY] = "day",
    [NU_DB_WEEK_DAY] = "week_day", [NU_DB_ISO_WEEK_DAY] = "iso_week_day",
    [NU_DB_HOUR] = "hour",         [NU_DB_MINUTE] = "minute",
    [NU_DB_SECOND] = "second",     [NU_DB_AS_DATE] = "date",
    [NU_DB_AS_TIME] = "time",
};
