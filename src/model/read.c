/* From a running statement into values and rows. */
#include <math.h>
#include <string.h>

#include "model/query_internal.h"
#include "nuages/json.h"
#include "nuages/random.h"

static NU_NORETURN NU_COLD void refuse(const nu_column *column, const char *text)
{
    nu_error *error =
        nu_error_new(NU_DATA_ERROR, "field \"%s\" of model \"%s\": the database holds \"%s\"",
                     column->name, column->model->name, text);
    error->hint = nu_fmt("It should be %s. Correct the row, or the field's kind.",
                         nu__value_field(column)->type->expects);
    nu_throw(error);
}

static const char *copy_text(nu_db_run *run, int at, size_t *length)
{
    const char *text = run->backend->get_text(&run->cursor, at, length);
    return nu_arena_copy(nu_arena_current(), text, *length);
}

/* What a member holds ends at the first NUL; a text is not cut there without a word. */
static const char *member_text(nu_db_run *run, int at, const nu_column *column)
{
    size_t      length;
    const char *text = copy_text(run, at, &length);
    if (memchr(text, '\0', length) == NULL)
        return text;
    nu_error *error = nu_error_new(
        NU_DATA_ERROR, "field \"%s\" of model \"%s\": the database holds a text with a NUL character",
        column->name, column->model->name);
    error->hint = "A member cannot hold it; nu_values reads it whole, nu_update corrects it.";
    nu_throw(error);
}

static nu_datetime read_datetime(nu_db_run *run, int at, const nu_column *column)
{
    size_t      length;
    nu_datetime moment;
    nu_date     date;
    bool (*get_moment)(nu_db_cursor *, int, nu_datetime *) = run->backend->get_moment;
    if (get_moment != NULL && get_moment(&run->cursor, at, &moment)) {
        moment.naive = false; /* the column is UTC */
        return moment;
    }
    const char *text = run->backend->get_text(&run->cursor, at, &length);
    if (nu_datetime_try(text, length, &moment)) {
        moment.naive = false;
        return moment;
    }
    if (!nu_date_try(text, length, &date))
        refuse(column, text);
    return (nu_datetime){.us = date.days * NU_DAY, .set = true};
}

static nu_date read_date(nu_db_run *run, int at, const nu_column *column)
{
    size_t      length;
    nu_date     date;
    const char *text = run->backend->get_text(&run->cursor, at, &length);
    /* A datetime in a date column is read by its date, as SQLite's own functions do. */
    if (!nu_date_try(text, length, &date) && !(length > 10 && nu_date_try(text, 10, &date)))
        refuse(column, text);
    return date;
}

static nu_time read_time(nu_db_run *run, int at, const nu_column *column)
{
    size_t      length;
    nu_time     time;
    const char *text = run->backend->get_text(&run->cursor, at, &length);
    if (!nu_time_try(text, length, &time))
        refuse(column, text);
    return time;
}

/* A product may have more digits behind the point than a decimal holds. */
static bool read_long_decimal(const char *text, size_t length, nu_decimal *out)
{
    enum { MOST_DIGITS = 28 };
    const char *point = memchr(text, '.', length);
    size_t      whole = point != NULL ? (size_t)(point - text) - (*text == '-') : MOST_DIGITS;
    if (whole >= MOST_DIGITS || length <= MOST_DIGITS)
        return false;
    return nu_decimal_try(text, (size_t)(point - text) + 1 + (MOST_DIGITS - whole), out);
}

static nu_decimal read_decimal(nu_db_run *run, int at, const nu_column *column)
{
    size_t      length;
    nu_decimal  value;
    const char *text = run->backend->get_text(&run->cursor, at, &length);
    if (!nu_decimal_try(text, length, &value) && !read_long_decimal(text, length, &value))
        refuse(column, text);
    value.set = true;
    if (column->db_type.digits == 0) /* the result of an expression */
        return value;
    return nu_decimal_round(value, column->db_type.places, NU_ROUND_HALF_EVEN);
}

static nu_uuid read_uuid(nu_db_run *run, int at, const nu_column *column)
{
    size_t      length;
    nu_uuid     uuid;
    const char *text = run->backend->get_text(&run->cursor, at, &length);
    if (!nu_uuid_try(text, length, &uuid))
        refuse(column, text);
    uuid.set = true;
    return uuid;
}

static nu_value read_bytes(nu_db_run *run, int at)
{
    size_t      length;
    const void *bytes = run->backend->get_bytes(&run->cursor, at, &length);
    return nu_value_bytes(nu_arena_copy(nu_arena_current(), bytes, length), length);
}

/* What stands at a key of JSON comes as JSON from some databases and as a plain text from others. */
static nu_value read_json_part(const char *text, size_t length)
{
    nu_value value;
    bool     may_be = length > 0 && strchr("{[\"-0123456789tfn", *text) != NULL;
    return may_be && nu_json_try(text, length, &value) ? value : nu_value_text_n(text, length);
}

static nu_value read_json(nu_db_run *run, int at, const nu_column *column)
{
    size_t      length;
    const char *text = copy_text(run, at, &length);
    return column->column != NULL ? nu_json_parse(text, length) : read_json_part(text, length);
}

/* A sum or a mean of booleans is a number. */
static nu_value read_bool(nu_db_run *run, int at)
{
    double number = run->backend->get_float(&run->cursor, at);
    return number == 0 || number == 1 ? nu_value_bool(number == 1)
                                      : run->backend->get_value(&run->cursor, at);
}

/* The mean of durations that are whole numbers is rounded. */
static nu_value read_duration(nu_db_run *run, int at)
{
    if (run->backend->durations)
        return nu_value_duration(nu_duration_of(run->backend->get_int(&run->cursor, at)));
    nu_value value = run->backend->get_value(&run->cursor, at);
    int64_t  us = value.type == NU_FLOAT && fabs(value.number) < 0x1p63
                      ? llrint(value.number)
                      : run->backend->get_int(&run->cursor, at);
    return nu_value_duration(nu_duration_of(us));
}

static nu_value read_by_type(nu_db_run *run, int at, const nu_column *column)
{
    size_t length;
    switch (column->db_type.type) {
    case NU_DB_AUTO:
    case NU_DB_BIG_AUTO:
    case NU_DB_SMALL_AUTO:
    case NU_DB_SMALL_INT:
    case NU_DB_INT:
    case NU_DB_BIG_INT:
    case NU_DB_POSITIVE_SMALL_INT:
    case NU_DB_POSITIVE_INT:
    case NU_DB_POSITIVE_BIG_INT: return nu_value_int(run->backend->get_int(&run->cursor, at));
    case NU_DB_BOOL: return read_bool(run, at);
    case NU_DB_FLOAT: return nu_value_float(run->backend->get_float(&run->cursor, at));
    case NU_DB_DURATION: return read_duration(run, at);
    case NU_DB_DECIMAL: return nu_value_decimal(read_decimal(run, at, column));
    case NU_DB_DATE: return nu_value_date(read_date(run, at, column));
    case NU_DB_TIME: return nu_value_time(read_time(run, at, column));
    case NU_DB_DATETIME: return nu_value_datetime(read_datetime(run, at, column));
    case NU_DB_UUID: return nu_value_uuid(read_uuid(run, at, column));
    case NU_DB_JSON: return read_json(run, at, column);
    case NU_DB_BINARY: return read_bytes(run, at);
    case NU_DB_NATIVE: return run->backend->get_value(&run->cursor, at);
    case NU_DB_CHAR:
    case NU_DB_TEXT:
    case NU_DB_SLUG:
    case NU_DB_IP: break;
    }
    if (column->column == NULL) /* computed: nothing made a text of it */
        return run->backend->get_value(&run->cursor, at);
    const char *text = copy_text(run, at, &length);
    return nu_value_text_n(text, length);
}

static nu_value read_parts(nu_db_run *run, int at, const nu_column *key)
{
    nu_list *values = nu_list_new();
    if (run->backend->is_null(&run->cursor, at))
        return nu_null();
    for (const nu_column *const *part = key->parts; *part != NULL; part++)
        nu_list_push(values, nu__read_value(run, at++, *part));
    return nu__tuple(values);
}

nu_value nu__read_value(nu_db_run *run, int at, const nu_column *column)
{
    if (column == NULL || column == &nu__computed_key_column)
        return run->backend->get_value(&run->cursor, at);
    if (column->parts != NULL)
        return read_parts(run, at, column);
    if (run->backend->is_null(&run->cursor, at))
        return nu_null();
    nu_value        value = read_by_type(run, at, column);
    const nu_field *field = nu__value_field(column);
    return field->type->load != NULL ? field->type->load(field, value) : value;
}

/* Of numbers in a column that is never NULL nobody asks: NULL would be read as zero, too. */
static bool may_be_null(const nu_column *column)
{
    bool number = column->member == NU_MEMBER_INT64 || column->member == NU_MEMBER_INT32 ||
                  column->member == NU_MEMBER_REF_INT || column->member == NU_MEMBER_BOOL ||
                  column->member == NU_MEMBER_DOUBLE;
    return column->null || !number;
}

/* The frequent kinds go straight from the database into the struct; the others by way of a
 * value. */
void nu__read_member(nu_db_run *run, int at, const nu_column *column, nu_row *row)
{
    void *member = nu__member(row, column);
    if (may_be_null(column) && run->backend->is_null(&run->cursor, at))
        return; /* the row was cleared, and zero is NULL */
    if (nu__value_field(column)->type->load != NULL) {
        nu__member_put(row, column, nu__read_value(run, at, column));
        return;
    }
    switch (column->member) {
    case NU_MEMBER_INT64:
    case NU_MEMBER_REF_INT: *(int64_t *)member = run->backend->get_int(&run->cursor, at); break;
    case NU_MEMBER_INT32:
        *(int32_t *)member = (int32_t)run->backend->get_int(&run->cursor, at);
        break;
    case NU_MEMBER_BOOL: *(bool *)member = run->backend->get_int(&run->cursor, at) != 0; break;
    case NU_MEMBER_DOUBLE: *(double *)member = run->backend->get_float(&run->cursor, at); break;
    case NU_MEMBER_TEXT:
    case NU_MEMBER_REF_TEXT: *(const char **)member = member_text(run, at, column); break;
    case NU_MEMBER_DATETIME: *(nu_datetime *)member = read_datetime(run, at, column); break;
    case NU_MEMBER_DATE: *(nu_date *)member = read_date(run, at, column); break;
    default: nu__member_put(row, column, read_by_type(run, at, column)); break;
    }
}
