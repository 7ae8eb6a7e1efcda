/* nu_dates and nu_datetimes: the different years, months … of a field. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/text.h"

static void check_kind(const char *kind, bool clock)
{
    static const char *const kinds[] = {"year", "month", "week", "day", "hour", "minute", "second"};
    for (size_t i = 0; i < (clock ? NU_COUNT(kinds) : 4); i++) {
        if (strcmp(kinds[i], kind) == 0)
            return;
    }
    nu_raise(NU_VALUE_ERROR, "\"%s\" is no kind of %s: year, month, week, day%s", kind,
             clock ? "datetimes" : "dates", clock ? ", hour, minute or second" : " are");
}

static nu_query *truncated(const nu_query *query, const char *field, const char *kind,
                           bool descending, bool as_date, const nu_zone *zone)
{
    nu__refuse_combined(query, "asked for dates");
    nu__refuse_slice(query, "asked for dates");
    nu_query            *copy = nu_filter(query, nu_fmt("%s__isnull", field), false);
    nu_joins             reuse = NU_EVERY_JOIN, used = 0;
    const nu_expression *source = nu__expr_path(copy, field, &reuse, &used);
    nu_db_type           type = source->type != NULL ? source->type->db_type.type : NU_DB_TEXT;
    if (type != NU_DB_DATETIME && (type != NU_DB_DATE || !as_date))
        nu_raise(NU_VALUE_ERROR, "\"%s\" of model \"%s\" is no field of %s", field,
                 query->model->name, as_date ? "dates" : "datetimes");
    if (as_date && type == NU_DB_DATETIME)
        source = nu_fn("TruncDate", source);
    nu_fn_options options = {.lookup_name = kind, .zone = zone};
    copy = nu_annotate(copy, "datefield", nu_fn_with("Trunc", &options, source));
    return nu_order_by(nu_distinct(nu_flat(copy, "datefield")),
                       descending ? "-datefield" : "datefield");
}

nu_query *nu_dates(const nu_query *query, const char *field, const char *kind, bool descending)
{
    check_kind(kind, false);
    return truncated(query, field, kind, descending, true, NULL);
}

nu_query *nu_datetimes(const nu_query *query, const char *field, const char *kind, bool descending,
                       const nu_zone *zone)
{
    check_kind(kind, true);
    return truncated(query, field, kind, descending, false, zone);
}
