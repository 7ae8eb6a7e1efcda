/* Results in the notation of the cases. */
#include <math.h>
#include <string.h>

#include "nuages/json.h"
#include "nuages/text.h"

#include "orm.h"

static nu_value tagged(const char *tag, const char *text)
{
    return NU_V(nu_dict_of(tag, text));
}

static nu_value hexadecimal(nu_value bytes)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 2 * bytes.length + 1);
    for (uint32_t i = 0; i < bytes.length; i++)
        nu_builder_printf(&text, "%02x", bytes.bytes[i]);
    return tagged("bytes", nu_builder_text(&text));
}

static nu_value uuid_text(const nu_uuid *uuid)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 40);
    for (int i = 0; i < 16; i++)
        nu_builder_printf(&text, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
                          uuid->bytes[i]);
    return tagged("uuid", nu_builder_text(&text));
}

static nu_value label_of(const nu_model *model)
{
    return NU_V(nu_fmt("%s.%s", nu_model_app(model), nu_model_key(model)));
}

static nu_dict *row_in_short(const nu_row *row)
{
    return nu_dict_of("model", label_of(nu_row_model(row)), "pk",
                      orm_encode_value(nu_row_key(row)));
}

nu_value orm_encode_value(nu_value value)
{
    nu_row *row;
    switch (value.type) {
    case NU_FLOAT:
        if (isnan(value.number))
            return tagged("float", "nan");
        return isinf(value.number) ? tagged("float", value.number > 0 ? "inf" : "-inf") : value;
    case NU_DECIMAL: return tagged("decimal", nu_text(value));
    case NU_BYTES: return hexadecimal(value);
    case NU_DATE: return tagged("date", nu_text(value));
    case NU_TIME: return tagged("time", nu_text(value));
    case NU_DATETIME: return tagged("datetime", nu_datetime_text(nu_value_as_datetime(value)));
    case NU_DURATION: return tagged("duration", nu_duration_text(nu_value_as_duration(value)));
    case NU_UUID: return uuid_text(value.uuid);
    case NU_LIST:
    case NU_DICT: return NU_V(nu_dict_of("json", value));
    case NU_OBJECT:
        row = nu_row_of(value);
        return row != NULL ? NU_V(row_in_short(row)) : nu_value_str(value);
    default: return value;
    }
}

/* ---- rows -------------------------------------------------------------------------------------- */

static nu_value encode_row(nu_row *row, nu_list *annotations, nu_list *show)
{
    nu_dict *dict = row_in_short(row);
    if (annotations != NULL && annotations->count > 0) {
        nu_dict *values = nu_dict_new();
        for (uint32_t i = 0; i < annotations->count; i++)
            nu_dict_put(values, annotations->items[i],
                        orm_encode_value(nu_row_get(row, annotations->items[i].text)));
        nu_dict_set(dict, "annotations", values);
    }
    if (show != NULL) {
        nu_dict *values = nu_dict_new();
        for (uint32_t i = 0; i < show->count; i++)
            nu_dict_put(values, show->items[i],
                        orm_path((orm_subject){.value = NU_V(row)}, show->items[i].text));
        nu_dict_set(dict, "show", values);
    }
    return NU_V(dict);
}

/* A row of columns: each of them may be JSON. Or a key with its row. */
static nu_value encode_columns(nu_list *columns, const orm_subject *subject, nu_list *show)
{
    nu_list *list = nu_list_new();
    for (uint32_t i = 0; i < columns->count; i++) {
        nu_row *row = nu_row_of(columns->items[i]);
        nu_list_push(list, row != NULL ? encode_row(row, subject->annotations, show)
                                       : orm_encode_value(columns->items[i]));
    }
    return NU_V(list);
}

static nu_value encode_dict(nu_dict *dict)
{
    nu_dict *out = nu_dict_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(dict, entry)) != NULL;)
        nu_dict_put(out, entry->key, orm_encode_value(entry->value));
    return NU_V(out);
}

static nu_value encode_item(nu_value item, const orm_subject *subject, nu_list *show)
{
    nu_row *row = nu_row_of(item);
    if (row != NULL)
        return encode_row(row, subject->annotations, show);
    const nu_object *object = item.type == NU_OBJECT ? item.object : NULL;
    if (object != NULL && object->class->plain != NULL) /* a row whose items have names */
        item = object->class->plain(item.object);
    if (item.type == NU_LIST && !subject->flat)
        return encode_columns(item.list, subject, show);
    return item.type == NU_DICT && !subject->flat ? encode_dict(item.dict) : orm_encode_value(item);
}

nu_value orm_encode(orm_subject subject, nu_list *show)
{
    if (subject.json)
        return orm_encode_value(subject.value);
    nu_query *query = nu_query_from(subject.value);
    nu_value  value = query != NULL ? NU_V(nu_query_list(query)) : subject.value;
    if (value.type != NU_LIST)
        return encode_item(value, &subject, show);
    nu_list *list = nu_list_new();
    for (uint32_t i = 0; i < value.list->count; i++)
        nu_list_push(list, encode_item(value.list->items[i], &subject, show));
    return NU_V(list);
}

/* ---- errors -------------------------------------------------------------------------------------- */

static const struct {
    const nu_kind *kind;
    const char    *type;
} error_types[] = {
    {NU_OBJECT_NOT_FOUND, "DoesNotExist"},
    {NU_MULTIPLE_OBJECTS, "MultipleObjectsReturned"},
    {NU_FIELD_NOT_FOUND, "FieldDoesNotExist"},
    {NU_FIELD_ERROR, "FieldError"},
    {NU_VALIDATION_ERROR, "ValidationError"},
    {NU_PROTECTED_ERROR, "ProtectedError"},
    {NU_RESTRICTED_ERROR, "RestrictedError"},
    {NU_INTEGRITY_ERROR, "IntegrityError"},
    {NU_OPERATIONAL_ERROR, "OperationalError"},
    {NU_PROGRAMMING_ERROR, "ProgrammingError"},
    {NU_DATA_ERROR, "DataError"},
    {NU_TRANSACTION_ERROR, "TransactionManagementError"},
    {NU_NOT_SUPPORTED, "NotSupportedError"},
    {NU_DATABASE_ERROR, "DatabaseError"},
    {NU_VALUE_ERROR, "ValueError"},
};

/* The rows that forbid a deletion, as lists of model and key in their order. */
static nu_list *objects_of(const nu_dict *data)
{
    nu_list *rows = nu_dict_get(data, "objects").list, *list = nu_list_new();
    for (uint32_t i = 0; i < rows->count; i++) {
        const nu_list *row = rows->items[i].list;
        nu_list_add(list, nu_list_of(label_of(nu_model_get(row->items[0].text)),
                                     orm_encode_value(row->items[1])));
    }
    return list;
}

nu_value orm_encode_error(const nu_error *error)
{
    nu_dict *dict = nu_dict_of("type", error->kind->name);
    for (size_t i = 0; i < NU_COUNT(error_types); i++) {
        if (!nu_error_is(error, error_types[i].kind))
            continue;
        nu_dict_set(dict, "type", error_types[i].type);
        break;
    }
    if (nu_error_is(error, NU_VALIDATION_ERROR) && error->data != NULL) {
        const nu_dict *messages = error->data;
        nu_dict_put(dict, NU_V("message_dict"), nu_value_dict((nu_dict *)(uintptr_t)messages));
    } else if (nu_error_is(error, NU_VALIDATION_ERROR)) {
        nu_dict_set(dict, "messages", nu_list_of(error->fact));
    }
    bool refused =
        nu_error_is(error, NU_PROTECTED_ERROR) || nu_error_is(error, NU_RESTRICTED_ERROR);
    if (refused && error->data != NULL)
        nu_dict_set(dict, "objects", objects_of(error->data));
    if (nu_error_is(error, &orm_no_related))
        nu_dict_set(dict, "type", error->kind->name);
    bool of_model =
        nu_error_is(error, NU_OBJECT_NOT_FOUND) || nu_error_is(error, NU_MULTIPLE_OBJECTS);
    if (of_model && error->data != NULL) {
        const nu_model *model = error->data;
        nu_dict_set(dict, "model", model->name);
    }
    if (error->codes != NULL) {
        const nu_dict *codes = error->codes;
        nu_dict_put(dict, NU_V("codes"), nu_value_dict((nu_dict *)(uintptr_t)codes));
    }
    nu_dict_set(dict, "fact", error->fact);
    return NU_V(dict);
}
