/* The built-in kinds of fields. */
#include <math.h>
#include <string.h>

#include "model/array_field.h"
#include "model/internal.h"
#include "model/validate.h"
#include "nuages/random.h"
#include "nuages/text.h"

#define INTEGER(class, column, refined, low, high)                                                 \
    {                                                                                              \
        .name = class, .db = column, .base = refined, .clean = nu__clean_int,                      \
        .expects = "a whole number", .invalid = "“%s” value must be an integer.", .least = low,    \
        .most = high                                                                               \
    }
#define TEXT(class, column, refined, length, check)                                                \
    {                                                                                              \
        .name = class, .db = column, .base = refined, .clean = nu__clean_text,                     \
        .expects = "a text", .max_length = length, .validator = check                              \
    }

const nu_field_type nu_field_auto =
    INTEGER("AutoField", NU_DB_AUTO, &nu_field_int, INT32_MIN, INT32_MAX);
const nu_field_type nu_field_big_auto =
    INTEGER("BigAutoField", NU_DB_BIG_AUTO, &nu_field_big_int, INT64_MIN, INT64_MAX);
const nu_field_type nu_field_small_auto =
    INTEGER("SmallAutoField", NU_DB_SMALL_AUTO, &nu_field_small_int, INT16_MIN, INT16_MAX);
const nu_field_type nu_field_int = INTEGER("IntegerField", NU_DB_INT, NULL, INT32_MIN, INT32_MAX);
const nu_field_type nu_field_small_int =
    INTEGER("SmallIntegerField", NU_DB_SMALL_INT, &nu_field_int, INT16_MIN, INT16_MAX);
const nu_field_type nu_field_big_int =
    INTEGER("BigIntegerField", NU_DB_BIG_INT, &nu_field_int, INT64_MIN, INT64_MAX);
const nu_field_type nu_field_positive_int =
    INTEGER("PositiveIntegerField", NU_DB_POSITIVE_INT, &nu_field_int, 0, INT32_MAX);
const nu_field_type nu_field_positive_small_int =
    INTEGER("PositiveSmallIntegerField", NU_DB_POSITIVE_SMALL_INT, &nu_field_int, 0, INT16_MAX);
const nu_field_type nu_field_positive_big_int =
    INTEGER("PositiveBigIntegerField", NU_DB_POSITIVE_BIG_INT, &nu_field_int, 0, INT64_MAX);

const nu_field_type nu_field_char = TEXT("CharField", NU_DB_CHAR, NULL, 0, NULL);
const nu_field_type nu_field_text = TEXT("TextField", NU_DB_TEXT, NULL, 0, NULL);
const nu_field_type nu_field_slug =
    TEXT("SlugField", NU_DB_SLUG, &nu_field_char, 50, &nu__validate_slug);
const nu_field_type nu_field_email =
    TEXT("EmailField", NU_DB_CHAR, &nu_field_char, 254, &nu__validate_email);
const nu_field_type nu_field_url =
    TEXT("URLField", NU_DB_CHAR, &nu_field_char, 200, &nu__validate_url);
const nu_field_type nu_field_file = TEXT("FileField", NU_DB_CHAR, NULL, 100, NULL);
const nu_field_type nu_field_image = TEXT("ImageField", NU_DB_CHAR, &nu_field_file, 100, NULL);
const nu_field_type nu_field_file_path = TEXT("FilePathField", NU_DB_CHAR, NULL, 100, NULL);
const nu_field_type nu_field_ip = {.name = "GenericIPAddressField",
                                   .db = NU_DB_IP,
                                   .clean = nu__clean_ip,
                                   .expects = "an IPv4 or IPv6 address",
                                   .max_length = 39,
                                   .validator = &nu__validate_ip};

const nu_field_type nu_field_float = {.name = "FloatField",
                                      .db = NU_DB_FLOAT,
                                      .clean = nu__clean_float,
                                      .expects = "a number",
                                      .invalid = "“%s” value must be a float."};
const nu_field_type nu_field_decimal = {.name = "DecimalField",
                                        .db = NU_DB_DECIMAL,
                                        .clean = nu__clean_decimal,
                                        .expects = "a decimal number",
                                        .invalid = "“%s” value must be a decimal number.",
                                        .store = nu__store_decimal};
const nu_field_type nu_field_bool = {.name = "BooleanField",
                                     .db = NU_DB_BOOL,
                                     .clean = nu__clean_bool,
                                     .expects = "true or false",
                                     .invalid = "“%s” value must be either True or False."};
const nu_field_type nu_field_date = {
    .name = "DateField",
    .db = NU_DB_DATE,
    .clean = nu__clean_date,
    .expects = "a date such as 2026-11-21",
    .invalid = "“%s” value has an invalid date format. It must be in YYYY-MM-DD format."};
const nu_field_type nu_field_datetime = {.name = "DateTimeField",
                                         .db = NU_DB_DATETIME,
                                         .base = &nu_field_date,
                                         .clean = nu__clean_datetime,
                                         .expects = "a date and time such as 2026-11-21 09:05",
                                         .invalid =
                                             "“%s” value has an invalid format. It must be in "
                                             "YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format."};
const nu_field_type nu_field_time = {
    .name = "TimeField",
    .db = NU_DB_TIME,
    .clean = nu__clean_time,
    .expects = "a time such as 09:05",
    .invalid = "“%s” value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format."};
const nu_field_type nu_field_duration = {
    .name = "DurationField",
    .db = NU_DB_DURATION,
    .clean = nu__clean_duration,
    .expects = "a duration such as 1 02:30:00",
    .invalid =
        "“%s” value has an invalid format. It must be in [DD] [[HH:]MM:]ss[.uuuuuu] format."};
const nu_field_type nu_field_uuid = {.name = "UUIDField",
                                     .db = NU_DB_UUID,
                                     .clean = nu__clean_uuid,
                                     .expects = "a UUID",
                                     .invalid = "“%s” is not a valid UUID."};
const nu_field_type nu_field_json = {
    .name = "JSONField", .db = NU_DB_JSON, .store = nu__store_json};
const nu_field_type nu_field_binary = {
    .name = "BinaryField", .db = NU_DB_BINARY, .clean = nu__clean_bytes, .expects = "bytes"};

const nu_field_type nu_field_generic_key = {.name = "GenericForeignKey", .virtual = true};
const nu_field_type nu_field_generic_relation = {.name = "GenericRelation", .virtual = true};

const nu_field_type nu_field_composite = {.name = "CompositePrimaryKey",
                                          .db = NU_DB_TEXT,
                                          .expects = "a list of the key's values",
                                          .virtual = true};

const nu_field_type nu_field_order =
    INTEGER("OrderWrt", NU_DB_INT, &nu_field_int, INT32_MIN, INT32_MAX);

/* References have the column type of the key they hold. */
const nu_field_type nu_field_foreign = {
    .name = "ForeignKey", .db = NU_DB_BIG_INT, .relation = true};
const nu_field_type nu_field_one_to_one = {.name = "OneToOneField",
                                           .db = NU_DB_BIG_INT,
                                           .base = &nu_field_foreign,
                                           .relation = true,
                                           .to_one = true};
const nu_field_type nu_field_many_to_many = {
    .name = "ManyToManyField", .db = NU_DB_BIG_INT, .relation = true, .many = true};

nu_db_column_type nu__db_type(const nu_field *field)
{
    return (nu_db_column_type){
        .type = field->type->db,
        .length = field->max_length > 0 ? field->max_length : field->type->max_length,
        .digits = field->max_digits,
        .places = field->decimal_places,
    };
}

const nu_field *nu__value_field(const nu_column *column)
{
    while (column->target != NULL)
        column = column->target;
    return column->field;
}

/* A row stands for the key that a reference to it holds. */
static nu_value key_of_row(const nu_column *column, nu_value value)
{
    nu_row *row = nu_row_of(value);
    if (row == NULL)
        return value;
    const nu_model  *model = nu_row_model(row);
    const nu_column *wanted = column->target != NULL ? column->target : column;
    const nu_model  *expected = column->to != NULL ? column->to : column->model;
    /* The key of a place is that of the restaurant too, if there is one. */
    if (!nu_model_is_a(model, expected) && !nu_model_is_a(expected, model)) {
        nu_raise(NU_VALUE_ERROR,
                 "field \"%s\" of model \"%s\" takes a row of \"%s\", not of \"%s\"", column->name,
                 column->model->name, expected->name, model->name);
    }
    nu_value key = nu_row_value(row, wanted);
    if (nu_is_null(key))
        nu_raise(NU_VALUE_ERROR,
                 "a row of \"%s\" must be saved before field \"%s\" of \"%s\" can "
                 "refer to it",
                 model->name, column->name, column->model->name);
    return key_of_row(wanted, key);
}

/* What is no number or text of a column is a ValueError, what is no date or the like a
 * ValidationError, as in Django. */
static NU_NORETURN NU_COLD void refuse(const nu_column *column, const nu_field *field,
                                       nu_value value)
{
    nu_db_type db = field->type->db;
    if ((db == NU_DB_BOOL || db == NU_DB_DECIMAL || db == NU_DB_UUID ||
         (db >= NU_DB_DATE && db <= NU_DB_DURATION)) &&
        value.type != NU_OBJECT)
        nu_column_clean(column, value);
    nu_error *error =
        nu_error_new(NU_VALUE_ERROR, "field \"%s\" of model \"%s\" cannot hold %s \"%s\"",
                     column->name, column->model->name, nu_value_type_name(value),
                     value.type == NU_OBJECT ? "" : nu_text(value));
    error->hint = nu_fmt("It takes %s.", field->type->expects);
    nu_throw(error);
}

nu_value nu__tuple(nu_list *values)
{
    nu_value tuple = nu_value_list(values);
    tuple.flags |= NU_TUPLE;
    return tuple;
}

/* The values of a key of several fields, each as `fn` has it. */
static nu_value each_part(const nu_column *key, nu_value value,
                          nu_value (*fn)(const nu_column *column, nu_value value))
{
    size_t count = 0;
    while (key->parts[count] != NULL)
        count++;
    if (value.type != NU_LIST || value.list->count != count) {
        nu_error *error = nu_error_new(NU_VALUE_ERROR, "the key of model \"%s\" cannot be %s",
                                       key->model->name, nu_text(nu_repr(value)));
        error->hint = nu_fmt("It takes a list of %zu values.", count);
        nu_throw(error);
    }
    nu_list *values = nu_list_new();
    for (size_t i = 0; i < count; i++)
        nu_list_push(values, fn(key->parts[i], value.list->items[i]));
    return nu__tuple(values);
}

static nu_value prepare(const nu_column *column, nu_value value, bool rounded)
{
    if (value.type == NU_OBJECT)
        value = key_of_row(column, value);
    if (nu_is_null(value))
        return value;
    if (column->parts != NULL)
        return each_part(column, value, rounded ? nu__prepare : nu__prepare_compared);
    const nu_field *field = nu__value_field(column);
    nu_value        cleaned = value;
    if (field->type->clean != NULL && !field->type->clean(field, value, &cleaned))
        refuse(column, field, value);
    bool whole = rounded || cleaned.type != NU_DECIMAL || field->type->db == NU_DB_JSON;
    bool stored = field->type->store != NULL && whole;
    return stored ? field->type->store(field, cleaned) : cleaned;
}

nu_value nu__prepare(const nu_column *column, nu_value value)
{
    return prepare(column, value, true);
}

nu_value nu__prepare_stored(const nu_column *column, nu_value value, const nu_db_backend *backend)
{
    nu_value stored = nu__prepare(column, value);
    if (stored.type != NU_DECIMAL || backend != &nu_db_sqlite || column->field->max_digits == 0)
        return stored;
    nu_decimal number = *stored.decimal;
    int        digits = 0;
    for (unsigned __int128 rest = number.coefficient; rest > 0; rest /= 10)
        digits++;
    if (digits > column->field->max_digits)
        nu_raise(NU_VALUE_ERROR, "field \"%s\" of model \"%s\" cannot hold %s: it has %d digits",
                 column->name, column->model->name, nu_decimal_plain(number),
                 column->field->max_digits);
    return stored;
}

nu_value nu__prepare_compared(const nu_column *column, nu_value value)
{
    return prepare(column, value, false);
}

static const char *with_value(const char *sentence, const char *text)
{
    const char *at = strstr(sentence, "%s");
    return at == NULL ? sentence : nu_fmt("%.*s%s%s", (int)(at - sentence), sentence, text, at + 2);
}

/* A number that is well written, but larger than any column holds. */
static void refuse_size(const nu_field *field, nu_value value)
{
    double number;
    bool   whole = field->type->least < field->type->most;
    if (!whole || value.type == NU_OBJECT || !nu_float_try(value, &number) || !isfinite(number) ||
        fabs(number) < 0x1p63)
        return;
    bool        large = number > 0;
    const char *code = large ? "max_value" : "min_value";
    const char *sentence =
        nu_fmt("Ensure this value is %s than or equal to %lld.", large ? "less" : "greater",
               (long long)(large ? field->type->most : field->type->least));
    nu__invalid(code, "%s", nu__field_message(field, code, sentence));
}

nu_value nu_column_clean(const nu_column *column, nu_value value)
{
    const nu_field *field = nu__value_field(column);
    nu_value        cleaned = value;
    if (nu_row_of(value) != NULL)
        return key_of_row(column, value);
    if (column->parts != NULL)
        return nu_is_null(value) ? value : each_part(column, value, nu_column_clean);
    if (nu_is_null(value) || field->type->clean == NULL ||
        field->type->clean(field, value, &cleaned))
        return cleaned;
    if (field->base_field != NULL)
        nu__array_refuse(column, value);
    refuse_size(field, value);
    const char          *text = nu_text(value);
    const nu_impossible *impossible = nu__impossible(field->type->db, text);
    if (impossible != NULL)
        nu__invalid(
            impossible->code, "%s",
            nu__field_message(field, impossible->code, with_value(impossible->sentence, text)));
    const char *built_in = field->type->invalid != NULL
                               ? with_value(field->type->invalid, text)
                               : nu_fmt("“%s” is not %s.", text, field->type->expects);
    if (field->type == &nu_field_bool && column->null)
        built_in = nu_fmt("“%s” value must be either True, False, or None.", text);
    nu__invalid("invalid", "%s", nu__field_message(field, "invalid", built_in));
}

const nu_choice *nu_field_choices(const nu_field *field)
{
    return field->choices_fn != NULL ? field->choices_fn() : field->choices;
}

nu_value nu_list_default(void)
{
    return nu_value_list(nu_list_new());
}

nu_value nu_uuid4_default(void)
{
    return nu_value_uuid(nu_uuid4());
}

nu_value nu_uuid7_default(void)
{
    return nu_value_uuid(nu_uuid7());
}

nu_value nu_column_default(const nu_column *column)
{
    const nu_field *field = column->field;
    if (field->default_fn != NULL)
        return field->default_fn();
    return field->default_value;
}
