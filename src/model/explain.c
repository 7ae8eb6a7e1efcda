/* nu_explain: how the database would go about a query. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/json.h"
#include "nuages/text.h"

static const char *const formats[] = {"text", "json", "xml", "yaml"};

static bool is_text(const char *format)
{
    return format == NULL || nu_equal_ascii_nocase(format, strlen(format), "text", 4);
}

static bool is_asked(const nu_explain_options *options)
{
    return options->analyze || options->verbose || options->buffers || options->settings ||
           options->wal || !is_text(options->format);
}

static const char *format_name(const char *format)
{
    for (size_t i = 0; i < NU_COUNT(formats); i++) {
        if (nu_equal_ascii_nocase(format, strlen(format), formats[i], strlen(formats[i])))
            return formats[i];
    }
    nu_raise(NU_VALUE_ERROR, "a plan has no format \"%s\": it is text, json, xml or yaml", format);
}

/* (ANALYZE, FORMAT json) */
static void put_options(nu_sql *sql, const nu_explain_options *options)
{
    const struct {
        bool        wanted;
        const char *word;
    } words[] = {
        {options->analyze, "ANALYZE"}, {options->verbose, "VERBOSE"},
        {options->buffers, "BUFFERS"}, {options->settings, "SETTINGS"},
        {options->wal, "WAL"},
    };
    nu_builder_puts(&sql->text, "(FORMAT ");
    nu_builder_puts(&sql->text, options->format != NULL ? format_name(options->format) : "text");
    for (size_t i = 0; i < NU_COUNT(words); i++) {
        if (words[i].wanted)
            nu_builder_printf(&sql->text, ", %s", words[i].word);
    }
    nu_builder_puts(&sql->text, ") ");
}

static void put_explain(nu_sql *sql, const nu_explain_options *options)
{
    nu_builder_printf(&sql->text, "%s ", sql->backend->explain);
    if (options == NULL || !is_asked(options))
        return;
    if (!sql->backend->explain_options)
        nu_raise(NU_VALUE_ERROR,
                 "%s explains queries in its own way only: as text, without options",
                 sql->backend->name);
    put_options(sql, options);
}

/* A line of the plan: its columns with spaces between. */
static void read_line(nu_db_run *run, nu_builder *out)
{
    if (out->length > 0)
        nu_builder_putc(out, '\n');
    for (int i = 0; i < run->cursor.columns; i++) {
        if (i > 0)
            nu_builder_putc(out, ' ');
        nu_value value = run->backend->get_value(&run->cursor, i);
        bool     json = value.type == NU_LIST || value.type == NU_DICT;
        nu_builder_puts(out, json ? nu_json_text(value) : nu_text(value));
    }
}

const char *nu_explain(const nu_query *query, const nu_explain_options *options)
{
    nu_database *db = nu__query_database(query);
    nu_sql       sql;
    nu_plan      plan;
    nu_builder   out;
    nu_db_run    run;
    nu__sql_init(&sql, db);
    put_explain(&sql, options);
    nu__sql_select(&sql, query, &plan);
    nu_db_statement statement = nu__sql_statement(&sql, false);
    nu_builder_init(&out, NULL, 256);
    nu__db_start(&run, db, &statement);
    for (; run.cursor.row; nu__db_next(&run))
        read_line(&run, &out);
    nu__db_finish(&run);
    return nu_builder_text(&out);
}
