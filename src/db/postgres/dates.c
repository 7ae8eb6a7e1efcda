/* Parts of dates and times, as Django 5.2 writes them for PostgreSQL. */
#include "db/postgres/internal.h"

static const char *const part_names[] = {
    [NU_DB_YEAR] = "YEAR",     [NU_DB_ISO_YEAR] = "ISOYEAR",    [NU_DB_QUARTER] = "QUARTER",
    [NU_DB_MONTH] = "MONTH",   [NU_DB_WEEK] = "WEEK",           [NU_DB_DAY] = "DAY",
    [NU_DB_WEEK_DAY] = "DOW",  [NU_DB_ISO_WEEK_DAY] = "ISODOW", [NU_DB_HOUR] = "HOUR",
    [NU_DB_MINUTE] = "MINUTE", [NU_DB_SECOND] = "SECOND",       [NU_DB_AS_DATE] = "date",
    [NU_DB_AS_TIME] = "time",
};

/* The expression as a wall clock in `zone` shows it. A zone's name comes from tzdata and holds no
 * quote. */
static void put_local(nu_builder *sql, nu_db_type of, const char *inner, const char *zone)
{
    if (of == NU_DB_DATETIME)
        nu_builder_printf(sql, "(%s AT TIME ZONE '%s')", inner, zone != NULL ? zone : "UTC");
    else
        nu_builder_puts(sql, inner);
}

void nu__pg_extract(nu_builder *sql, nu_db_part part, nu_db_type of, const char *inner,
                    const char *zone)
{
    if (part == NU_DB_AS_DATE || part == NU_DB_AS_TIME) {
        put_local(sql, of, inner, zone);
        nu_builder_printf(sql, "::%s", part_names[part]);
        return;
    }
    if (part == NU_DB_WEEK_DAY)
        nu_builder_putc(sql, '(');
    nu_builder_printf(sql, "EXTRACT(%s FROM ", part_names[part]);
    if (part == NU_DB_SECOND) /* whole ones */
        nu_builder_puts(sql, "DATE_TRUNC('second', ");
    put_local(sql, of, inner, zone);
    nu_builder_puts(sql, part == NU_DB_SECOND ? "))" : ")");
    if (part == NU_DB_WEEK_DAY) /* Sunday is 1, as in Django */
        nu_builder_puts(sql, " + 1)");
}

void nu__pg_truncate(nu_builder *sql, nu_db_part part, nu_db_type of, const char *inner,
                     const char *zone)
{
    nu_builder_printf(sql, "DATE_TRUNC('%s', ", part_names[part]);
    put_local(sql, of, inner, zone);
    nu_builder_puts(sql, of == NU_DB_DATE ? ")::date" : of == NU_DB_TIME ? ")::time" : ")");
}
