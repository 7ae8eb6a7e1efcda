/* Array fields. The database holds them as its own arrays; rows as lists whose items are values of the
 * base field's kind. Texts of arrays, in fixtures and defaults, are JSON. */
#include "model/array_field.h"

#include <string.h>

#include "model/query_internal.h"
#include "nuages/crypto.h"
#include "nuages/json.h"
#include "nuages/text.h"

/* ---- cleaning ------------------------------------------------------------------------------- */

/* JSON as a list; false if it is none. */
static bool list_of_json(nu_value text, nu_value *out)
{
    *out = nu_null();
    return nu_json_try(text.text, text.length, out) && out->type == NU_LIST;
}

static bool clean_item(const nu_field *base, nu_value value, nu_value *out)
{
    *out = value;
    return nu_is_null(value) || base->type->clean == NULL || base->type->clean(base, value, out);
}

static bool clean_array(const nu_field *field, nu_value value, nu_value *out)
{
    nu_check_stack();
    if (value.type == NU_TEXT && !list_of_json(value, &value))
        return false;
    if (value.type != NU_LIST)
        return false;
    nu_list *items = nu_list_new();
    for (uint32_t i = 0; i < value.list->count; i++) {
        nu_value item;
        if (!clean_item(field->base_field, value.list->items[i], &item))
            return false;
        nu_list_push(items, item);
    }
    *out = nu_value_list(items);
    return true;
}

/* Each item by what its kind does to it, `fn`; the list itself if there is nothing to do. */
static nu_value each_item(const nu_field *field, nu_value value,
                          nu_value (*fn)(const nu_field *field, nu_value value))
{
    if (value.type != NU_LIST || fn == NULL)
        return value;
    nu_list *items = nu_list_new();
    for (uint32_t i = 0; i < value.list->count; i++) {
        nu_value item = value.list->items[i];
        nu_list_push(items, nu_is_null(item) ? item : fn(field->base_field, item));
    }
    return nu_value_list(items);
}

static nu_value store_array(const nu_field *field, nu_value value)
{
    nu_check_stack();
    return each_item(field, value, field->base_field->type->store);
}

/* The database may know another form of the items: whole numbers as decimals, say. */
static nu_value load_array(const nu_field *field, nu_value value)
{
    nu_check_stack();
    nu_value cleaned;
    value = each_item(field, value, field->base_field->type->load);
    return clean_array(field, value, &cleaned) ? cleaned : value;
}

const nu_field_type nu_field_array = {
    .name = "ArrayField",
    .db = NU_DB_NATIVE,
    .clean = clean_array,
    .expects = "a list",
    .store = store_array,
    .load = load_array,
    .column_type = nu__array_type,
    .symbol = "nu_field_array",
};

/* ---- validation ----------------------------------------------------------------------------- */

const nu_column *nu__item_column(const nu_column *column)
{
    nu_column *item = nu_alloc(sizeof *item);
    nu_field  *field = nu_alloc(sizeof *field);
    *field = *column->field->base_field;
    field->name = column->name;
    field->file = column->field->file;
    field->line = column->field->line;
    *item = *nu__output_column(field);
    item->name = item->attname = column->name;
    item->model = column->model;
    item->null = column->field->base_field->null;
    return item;
}

static const char *about_item(uint32_t index, const char *sentence)
{
    return nu_fmt("Item %u in the array did not validate: %s", index + 1, sentence);
}

static void refuse_item(const nu_column *item, uint32_t index, nu_value value)
{
    NU_TRY {
        nu_column_clean(item, value);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALIDATION_ERROR))
            nu_reraise(error);
        nu__invalid("item_invalid", "%s", about_item(index, error->fact));
    }
}

void nu__array_refuse(const nu_column *column, nu_value value)
{
    const nu_column *item = nu__item_column(column);
    nu_value         list = value;
    if (value.type == NU_TEXT)
        list_of_json(value, &list);
    if (list.type == NU_LIST) {
        for (uint32_t i = 0; i < list.list->count; i++)
            refuse_item(item, i, list.list->items[i]);
    }
    nu__invalid(
        "invalid", "%s",
        nu__field_message(column->field, "invalid", nu_fmt("“%s” is not a list.", nu_text(value))));
}

static void check_item(const nu_column *column, const nu_column *item, uint32_t index,
                       nu_value value, const nu_db_backend *backend, nu_errors *errors)
{
    nu_errors own;
    nu__errors_init(&own);
    nu__column_try(item, value, backend, &own);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(own.messages, entry));) {
        for (uint32_t i = 0; i < entry->value.list->count; i++)
            nu__errors_add(errors, column->name, "item_invalid",
                           about_item(index, nu_text(entry->value.list->items[i])));
    }
}

/* PostgreSQL's arrays are rectangular. */
static void check_lengths(const nu_column *column, const nu_list *list, nu_errors *errors)
{
    bool     first = true;
    uint32_t length = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        const nu_value *item = &list->items[i];
        uint32_t        count = item->type == NU_LIST ? item->list->count : 0;
        if (!first && count != length) {
            nu__errors_add(errors, column->name, "nested_array_mismatch",
                           nu__field_message(column->field, "nested_array_mismatch",
                                             "Nested arrays must have the same length."));
            return;
        }
        first = false;
        length = count;
    }
}

static void check_size(const nu_column *column, const nu_list *list, nu_errors *errors)
{
    int size = column->field->size;
    if (size <= 0 || list->count <= (uint32_t)size)
        return;
    const char *sentence = nu_fmt("List contains %u item%s, it should contain no more than %d.",
                                  list->count, list->count == 1 ? "" : "s", size);
    nu__errors_add(errors, column->name, "max_length",
                   nu__field_message(column->field, "max_length", sentence));
}

void nu__array_validate(const nu_column *column, const nu_list *list, const nu_db_backend *backend,
                        nu_errors *errors)
{
    const nu_column *item = nu__item_column(column);
    nu_check_stack();
    for (uint32_t i = 0; i < list->count; i++)
        check_item(column, item, i, list->items[i], backend, errors);
    if (column->field->base_field->base_field != NULL)
        check_lengths(column, list, errors);
    check_size(column, list, errors);
}

/* ---- text ----------------------------------------------------------------------------------- */

nu_value nu__item_text(const nu_field *base, nu_value value)
{
    nu_check_stack();
    if (nu_is_null(value) || base->type->db == NU_DB_JSON)
        return value;
    if (base->base_field != NULL && value.type == NU_LIST)
        return nu_value_text(nu__array_text(base, value.list));
    if (value.type == NU_BYTES)
        return nu_value_text(nu_base64(value.bytes, value.length, NU_BASE64));
    const char *text = nu_text(value);
    if (value.type == NU_DATETIME) /* ISO's form */
        text = nu_fmt("%.10sT%s", text, text + 11);
    return nu_value_text(text);
}

const char *nu__array_text(const nu_field *field, const nu_list *list)
{
    nu_builder out;
    nu_list   *texts = nu_list_new();
    for (uint32_t i = 0; i < list->count; i++)
        nu_list_push(texts, nu__item_text(field->base_field, list->items[i]));
    nu_builder_init(&out, NULL, 64);
    nu_json_write(&out, nu_value_list(texts), &(nu_json_options){.spaced = true});
    return nu_builder_text(&out);
}

/* ---- types ---------------------------------------------------------------------------------- */

const char *nu__array_type(const nu_field *field, const char *database)
{
    nu_check_stack();
    const nu_field *base = field->base_field;
    if (strcmp(database, nu_db_postgres.name) != 0)
        return NULL;
    nu_builder type;
    nu_builder_init(&type, NULL, 32);
    const char *own =
        base->type->column_type != NULL ? base->type->column_type(base, database) : NULL;
    if (own != NULL)
        nu_builder_puts(&type, own);
    else
        nu_db_postgres.column_type(&type, nu__db_type(base));
    nu_builder_puts(&type, "[");
    if (field->size > 0)
        nu_builder_int(&type, field->size);
    nu_builder_puts(&type, "]");
    return nu_builder_text(&type);
}
