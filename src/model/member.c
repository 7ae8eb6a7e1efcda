/* Values in and out of the members of a row's struct. */
#include <string.h>

#include "model/internal.h"
#include "nuages/postgres.h"

/* Whatever nu_ref(…) declares begins with its key; the row follows where alignment puts it. */
struct ref_int {
    int64_t id;
    nu_row *row;
};
struct ref_text {
    const char *id;
    nu_row     *row;
};
struct ref_uuid {
    nu_uuid id;
    nu_row *row;
};

void nu__row_keep(nu_row *row, const char *name, nu_value value)
{
    if (row->state->cache == NULL)
        row->state->cache = nu_dict_new();
    nu_dict_put(row->state->cache, nu_value_text(name), value);
}

/* The link to a parent has a key but no place for a row. */
static nu_row *kept_parent(const nu_row *row, const nu_column *link)
{
    nu_dict  *cache = row->state != NULL ? row->state->cache : NULL;
    nu_value *kept = cache != NULL ? nu_dict_find(cache, link->name) : NULL;
    return kept != NULL ? nu_row_of(*kept) : NULL;
}

nu_row *nu__ref_row(const nu_row *row, const nu_column *column)
{
    if (column->field->parent_link)
        return kept_parent(row, column);
    const void *member = nu__member(row, column);
    if (column->member == NU_MEMBER_REF_INT)
        return ((const struct ref_int *)member)->row;
    if (column->member == NU_MEMBER_REF_TEXT)
        return ((const struct ref_text *)member)->row;
    return ((const struct ref_uuid *)member)->row;
}

void nu__ref_set_row(nu_row *row, const nu_column *column, nu_row *to)
{
    if (column->field->parent_link) {
        nu__row_keep(row, column->name, nu_value_object(to));
        return;
    }
    void *member = nu__member(row, column);
    if (column->member == NU_MEMBER_REF_INT)
        ((struct ref_int *)member)->row = to;
    else if (column->member == NU_MEMBER_REF_TEXT)
        ((struct ref_text *)member)->row = to;
    else
        ((struct ref_uuid *)member)->row = to;
}

static nu_value maybe_zero(const nu_column *column, int64_t value)
{
    bool key = column->primary_key || column->member == NU_MEMBER_REF_INT;
    return key && value == 0 ? nu_null() : nu_value_int(value);
}

/* Text that may not be NULL in the database is never NULL there. */
static nu_value text_of(const nu_column *column, const char *text)
{
    if (text == NULL && !column->null && !column->primary_key && column->target == NULL)
        text = "";
    return nu_value_text(text);
}

/* Nor is a list that may not be NULL there. */
static nu_value list_of(const nu_column *column, nu_list *list)
{
    if (list == NULL && column->null)
        return nu_null();
    return nu_value_list(list != NULL ? list : nu_list_new());
}

/* Null as long as one of them is. */
static nu_value get_parts(const nu_row *row, const nu_column *key)
{
    nu_list *values = nu_list_new();
    for (const nu_column *const *part = key->parts; *part != NULL; part++) {
        nu_value value = nu__member_get(row, *part);
        if (nu_is_null(value))
            return value;
        nu_list_push(values, value);
    }
    return nu__tuple(values);
}

nu_value nu__member_get(const nu_row *row, const nu_column *column)
{
    if (NU_UNLIKELY(column->parts != NULL))
        return get_parts(row, column);
    const void *member = nu__member(row, column);
    switch (column->member) {
    case NU_MEMBER_ORDER: return nu_value_int(*(const int64_t *)member);
    case NU_MEMBER_INT64:
    case NU_MEMBER_REF_INT: return maybe_zero(column, *(const int64_t *)member);
    case NU_MEMBER_INT32: return nu_value_int(*(const int32_t *)member);
    case NU_MEMBER_INT16: return nu_value_int(*(const int16_t *)member);
    case NU_MEMBER_MAYBE_INT: {
        const nu_maybe_int *maybe = member;
        return maybe->set ? nu_value_int(maybe->value) : nu_null();
    }
    case NU_MEMBER_BOOL: return nu_value_bool(*(const bool *)member);
    case NU_MEMBER_MAYBE_BOOL: {
        const nu_maybe_bool *maybe = member;
        return maybe->set ? nu_value_bool(maybe->value) : nu_null();
    }
    case NU_MEMBER_DOUBLE: return nu_value_float(*(const double *)member);
    case NU_MEMBER_MAYBE_FLOAT: {
        const nu_maybe_float *maybe = member;
        return maybe->set ? nu_value_float(maybe->value) : nu_null();
    }
    case NU_MEMBER_TEXT:
    case NU_MEMBER_REF_TEXT: return text_of(column, *(const char *const *)member);
    case NU_MEMBER_DECIMAL: return nu_value_decimal(*(const nu_decimal *)member);
    case NU_MEMBER_DATE: return nu_value_date(*(const nu_date *)member);
    case NU_MEMBER_TIME: return nu_value_time(*(const nu_time *)member);
    case NU_MEMBER_DATETIME: return nu_value_datetime(*(const nu_datetime *)member);
    case NU_MEMBER_DURATION: return nu_value_duration(*(const nu_duration *)member);
    case NU_MEMBER_UUID:
    case NU_MEMBER_REF_UUID: return nu_value_uuid(*(const nu_uuid *)member);
    case NU_MEMBER_VALUE: return *(const nu_value *)member;
    case NU_MEMBER_LIST: return list_of(column, *(nu_list *const *)member);
    case NU_MEMBER_RANGE: {
        const nu_value_range *range = *(const nu_value_range *const *)member;
        return range != NULL ? nu_value_object(range) : nu_null();
    }
    case NU_MEMBER_BYTES: {
        const nu_bytes *bytes = member;
        return bytes->set || !column->null ? nu_value_bytes(bytes->data, bytes->length) : nu_null();
    }
    case NU_MEMBER_NONE: break;
    }
    return nu_null();
}

/* `value` is null or of the kind that the member holds. */
static void put(void *member, const nu_column *column, nu_value value)
{
    bool set = !nu_is_null(value);
    switch (column->member) {
    case NU_MEMBER_ORDER:
    case NU_MEMBER_INT64:
    case NU_MEMBER_REF_INT: *(int64_t *)member = set ? value.integer : 0; break;
    case NU_MEMBER_INT32: *(int32_t *)member = set ? (int32_t)value.integer : 0; break;
    case NU_MEMBER_INT16: *(int16_t *)member = set ? (int16_t)value.integer : (int16_t)0; break;
    case NU_MEMBER_MAYBE_INT:
        *(nu_maybe_int *)member = (nu_maybe_int){set ? value.integer : 0, set};
        break;
    case NU_MEMBER_BOOL: *(bool *)member = set && value.boolean; break;
    case NU_MEMBER_MAYBE_BOOL:
        *(nu_maybe_bool *)member = (nu_maybe_bool){set && value.boolean, set};
        break;
    case NU_MEMBER_DOUBLE: *(double *)member = set ? value.number : 0; break;
    case NU_MEMBER_MAYBE_FLOAT:
        *(nu_maybe_float *)member = (nu_maybe_float){set ? value.number : 0, set};
        break;
    case NU_MEMBER_TEXT:
    case NU_MEMBER_REF_TEXT: *(const char **)member = set ? value.text : NULL; break;
    case NU_MEMBER_DECIMAL:
        *(nu_decimal *)member = set ? *value.decimal : (nu_decimal){.set = false};
        break;
    case NU_MEMBER_DATE: *(nu_date *)member = nu_value_as_date(value); break;
    case NU_MEMBER_TIME: *(nu_time *)member = nu_value_as_time(value); break;
    case NU_MEMBER_DATETIME: *(nu_datetime *)member = nu_value_as_datetime(value); break;
    case NU_MEMBER_DURATION: *(nu_duration *)member = nu_value_as_duration(value); break;
    case NU_MEMBER_UUID:
    case NU_MEMBER_REF_UUID:
        *(nu_uuid *)member = set ? *value.uuid : (nu_uuid){.set = false};
        break;
    case NU_MEMBER_VALUE: *(nu_value *)member = value; break;
    case NU_MEMBER_LIST: *(nu_list **)member = set ? value.list : NULL; break;
    case NU_MEMBER_RANGE: *(const nu_value_range **)member = set ? value.object : NULL; break;
    case NU_MEMBER_BYTES:
        *(nu_bytes *)member =
            set ? (nu_bytes){value.bytes, value.length, true} : (nu_bytes){NULL, 0, false};
        break;
    case NU_MEMBER_NONE: break;
    }
}

static NU_NORETURN void refuse_range(const nu_column *column, int64_t value)
{
    nu_raise(NU_VALUE_ERROR, "field \"%s\" of model \"%s\": %lld does not fit its C type",
             column->name, column->model->name, (long long)value);
}

/* A row's struct must begin with the one that the member points to. */
static void require_row_of(const nu_column *column, nu_value value)
{
    const nu_row *to = nu_row_of(value);
    if (to != NULL && column->to != NULL && !nu_model_is_a(nu_row_model(to), column->to))
        nu_raise(NU_VALUE_ERROR,
                 "field \"%s\" of model \"%s\" takes a row of \"%s\", not of \"%s\"", column->name,
                 column->model->name, column->to->name, nu_row_model(to)->name);
}

/* In C a NUL ends a text, and PostgreSQL has none with a NUL. What SQLite is to hold whole is written as
 * an expression (nu_row_put). */
static void require_text(const nu_row *row, const nu_column *column, nu_value value)
{
    bool in_c = column->member == NU_MEMBER_TEXT || column->member == NU_MEMBER_REF_TEXT;
    if (value.type != NU_TEXT || memchr(value.text, '\0', value.length) == NULL ||
        (!in_c && nu_database_backend(nu__row_database(row)) == &nu_db_sqlite))
        return;
    nu_raise(NU_VALUE_ERROR, "field \"%s\" of model \"%s\" cannot hold a text with a NUL character",
             column->name, column->model->name);
}

static void put_parts(nu_row *row, const nu_column *key, nu_value value)
{
    bool set = !nu_is_null(value);
    if (set)
        value = nu_column_clean(key, value);
    for (uint32_t i = 0; key->parts[i] != NULL; i++)
        nu__member_put(row, key->parts[i], set ? value.list->items[i] : nu_null());
}

void nu__member_put(nu_row *row, const nu_column *column, nu_value value)
{
    if (column->parts != NULL) {
        put_parts(row, column, value);
        return;
    }
    require_row_of(column, value);
    const nu_field *field = nu__value_field(column);
    nu_value        cleaned = value;
    if (value.type == NU_OBJECT && nu_range_get(value) == NULL)
        cleaned = nu__prepare(column, value);
    else if (!nu_is_null(value) && field->type->clean != NULL &&
             !field->type->clean(field, value, &cleaned))
        cleaned = nu__prepare(column, value); /* raises with the right words */
    require_text(row, column, cleaned);
    if (column->member == NU_MEMBER_INT32 && cleaned.type == NU_INT &&
        cleaned.integer != (int32_t)cleaned.integer)
        refuse_range(column, cleaned.integer);
    if (column->member == NU_MEMBER_INT16 && cleaned.type == NU_INT &&
        cleaned.integer != (int16_t)cleaned.integer)
        refuse_range(column, cleaned.integer);
    put(nu__member(row, column), column, cleaned);
    if (column->to != NULL)
        nu__ref_set_row(row, column, nu_row_of(value));
}

bool nu__member_is_null(const nu_row *row, const nu_column *column)
{
    return nu_is_null(nu__member_get(row, column));
}
