/* nu_dates and nu_datetimes: the different years, months … of a field. */
#include <string.h>

#include "base/ambient.h"
#include "model/query_internal.h"
#include "nuages/text.h"

static const struct {
    const char *name;
    nu_db_part  part;
    bool        clock;
} kinds[] = {
    {"year", NU_DB_YEAR, false},    {"month", NU_DB_MONTH, false}, {"week", NU_DB_WEEK, false},
    {"day", NU_DB_DAY, false},      {"hour", NU_DB_HOUR, true},    {"minute", NU_DB_MINUTE, true},
    {"second", NU_DB_SECOND, true},
};

static nu_db_part find_kind(const char *kind, bool clock)
{
    for (size_t i = 0; i < NU_COUNT(kinds); i++) {
        if (strcmp(kinds[i].name, kind) == 0 && (clock || !kinds[i].clock))
            return kinds[i].part;
    }
    nu_raise(NU_VALUE_ERROR, "\"%s\" is no kind of %s: year, month, week, day%s", kind,
             clock ? "datetimes" : "dates", clock ? ", hour, minute or second" : " are");
}

/* The date that a moment has in the active zone. */
static const nu_expression *date_of(const nu_expression *moment)
{
    nu_expression *date = nu__expr_new(NU_EXPR_PART, 1);
    date->resolved = true;
    date->part = NU_DB_AS_DATE;
    date->type = &nu__date_column;
    date->args[0] = moment;
    return date;
}

static nu_query *truncated(const nu_query *query, const char *field, nu_db_part part,
                           bool descending, bool as_date, const nu_zone *zone)
{
    nu_expression *cut = nu__expr_new(NU_EXPR_TRUNCATE, 1);
    nu__refuse_combined(query, "asked for dates");
    nu__refuse_slice(query, "asked for dates");
    nu_query *copy = nu_filter(query, nu_fmt("%s__isnull", field), false);
    nu_joins  reuse = NU_EVERY_JOIN, used = 0;
    cut->args[0] = nu__expr_resolve(copy, nu_f(field), &reuse, &used);
    const nu_column *of = cut->args[0]->type;
    nu_db_type       type = of != NULL ? of->db_type.type : NU_DB_TEXT;
    if (type != NU_DB_DATETIME && (type != NU_DB_DATE || !as_date))
        nu_raise(NU_VALUE_ERROR, "\"%s\" of model \"%s\" is no field of %s", field,
                 query->model->name, as_date ? "dates" : "datetimes");
    if (as_date && type == NU_DB_DATETIME)
        cut->args[0] = date_of(cut->args[0]);
    cut->resolved = true;
    cut->part = part;
    cut->name = zone != NULL ? nu_zone_name(zone) : NULL;
    cut->type = as_date ? &nu__date_column : of;
    copy = nu_annotate(copy, "datefield", (const nu_expression *)cut);
    copy = nu_order_by(nu_distinct(nu_flat(copy, "datefield")),
                       descending ? "-datefield" : "datefield");
    copy->wall = as_date ? NULL : zone;
    return copy;
}

nu_query *nu_dates(const nu_query *query, const char *field, const char *kind, bool descending)
{
    return truncated(query, field, find_kind(kind, false), descending, true, NULL);
}

nu_query *nu_datetimes(const nu_query *query, const char *field, const char *kind, bool descending,
                       const nu_zone *zone)
{
    if (zone == NULL)
        zone = nu__ambient()->zone;
    return truncated(query, field, find_kind(kind, true), descending, false, zone);
}
