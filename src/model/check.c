/* What is wrong with a field, said at start-up in words that lead to the line. The ids are those of
 * Django's system checks. */
#include <string.h>

#include "model/array_field.h"
#include "model/query_internal.h"
#include "nuages/text.h"

#define WRONG(id, ...) nu__wrong_model(column->model, column->field, id, __VA_ARGS__)

static bool is_integer_type(const nu_field_type *type)
{
    return type->db >= NU_DB_SMALL_INT && type->db <= NU_DB_POSITIVE_BIG_INT;
}

static bool has_default(const nu_field *field)
{
    return field->default_fn != NULL || field->default_null || !nu_is_null(field->default_value);
}

/* ---- names ---------------------------------------------------------------------------------- */

static void check_name(const nu_column *column)
{
    const char *name = column->field->name;
    if (column->field->type == &nu_field_order)
        return;
    if (nu_ends_with(name, "_"))
        WRONG("fields.E001", "a name may not end with an underscore");
    if (strstr(name, "__") != NULL)
        WRONG("fields.E002", "a name may not hold \"__\", which separates lookups");
    if (strcmp(name, "pk") == 0)
        WRONG("fields.E003", "\"pk\" is another word for the primary key");
    if (strcmp(name, "id") == 0 && !column->primary_key && !column->key_part)
        WRONG("models.E004",
              "\"id\" is the name of the primary key: say .primary_key, or another name");
}

/* ---- NULL and defaults ---------------------------------------------------------------------- */

static void check_null(const nu_column *column)
{
    const nu_field *field = column->field;
    if (!field->null)
        return;
    if (field->primary_key)
        WRONG("fields.E007", "a primary key cannot be null");
    if (field->member == NU_MEMBER_BOOL)
        WRONG(NULL, ".null needs a member of type nu_maybe_bool");
    if (field->member == NU_MEMBER_DOUBLE)
        WRONG(NULL, ".null needs a member of type nu_maybe_float");
    if (field->member >= NU_MEMBER_INT64 && field->member <= NU_MEMBER_INT16)
        WRONG(NULL, ".null needs a member of type nu_maybe_int");
}

static void check_clocks(const nu_column *column)
{
    const nu_field *field = column->field;
    if (field->auto_now + field->auto_now_add + has_default(field) > 1)
        WRONG("fields.E160", ".auto_now, .auto_now_add and a default exclude each other");
    bool clock = field->type->db >= NU_DB_DATE && field->type->db <= NU_DB_DATETIME;
    if ((field->auto_now || field->auto_now_add) && !clock)
        WRONG(NULL, ".auto_now and .auto_now_add are for dates and times");
}

static bool names_a_field(const nu_expression *expression)
{
    nu_check_stack();
    if (expression->kind == NU_EXPR_F || expression->kind == NU_EXPR_OUTER ||
        expression->kind == NU_EXPR_LEAF || expression->kind == NU_EXPR_SUBQUERY ||
        expression->kind == NU_EXPR_EXISTS || expression->kind == NU_EXPR_AGGREGATE)
        return true;
    for (size_t i = 0; i < expression->count; i++) {
        if (names_a_field(expression->args[i]))
            return true;
    }
    return false;
}

static void check_computed(const nu_column *column)
{
    const nu_field *field = column->field;
    if (field->generated != NULL && (has_default(field) || field->db_default != NULL ||
                                     field->primary_key || field->auto_now || field->auto_now_add))
        WRONG(NULL, "a generated field has neither a default nor a clock and is no primary key");
    if (field->not_stored && field->generated == NULL)
        WRONG(NULL, ".not_stored is for generated fields");
    if (field->db_default != NULL && names_a_field(field->db_default()))
        WRONG("fields.E012", ".db_default may name neither fields nor other rows");
}

/* ---- choices -------------------------------------------------------------------------------- */

static size_t longest(const nu_choice *choices)
{
    size_t most = 0;
    nu_check_stack();
    for (; choices != NULL && choices->label != NULL; choices++) {
        size_t length = choices->group != NULL ? longest(choices->group)
                        : choices->value.type == NU_TEXT
                            ? nu_utf8_count(choices->value.text, choices->value.length)
                            : 0;
        most = length > most ? length : most;
    }
    return most;
}

static void check_choices(const nu_column *column)
{
    const nu_field *field = column->field;
    size_t          most = longest(field->choices);
    if (field->choices != NULL && field->choices_fn != NULL)
        WRONG(NULL, ".choices and .choices_fn exclude each other");
    if (column->db_type.length > 0 && most > (size_t)column->db_type.length)
        WRONG("fields.E009", ".max_length is too small for its longest choice, of %zu characters",
              most);
}

/* ---- kinds ---------------------------------------------------------------------------------- */

static void check_measures(const nu_column *column)
{
    const nu_field *field = column->field;
    bool            decimal = field->type->db == NU_DB_DECIMAL;
    if (field->max_length < 0)
        WRONG("fields.E121", ".max_length is a positive number");
    if (field->type->db == NU_DB_CHAR && field->max_length == 0 && field->type->max_length <= 0)
        WRONG("fields.E120", "it lacks .max_length");
    if (decimal && field->max_digits == 0)
        WRONG("fields.E132", "it lacks .max_digits");
    if (decimal && field->max_digits < 0)
        WRONG("fields.E133", ".max_digits is a positive number");
    if (decimal && field->decimal_places < 0)
        WRONG("fields.E131", ".decimal_places is no negative number");
    if (field->decimal_places > field->max_digits)
        WRONG("fields.E134", ".decimal_places is more than .max_digits");
    if (is_integer_type(field->type) && field->max_length > 0)
        WRONG("fields.W122", ".max_length means nothing for a number");
    bool text = field->type->db == NU_DB_CHAR || field->type->db == NU_DB_TEXT ||
                field->type->db == NU_DB_SLUG;
    if (field->db_collation != NULL && !text)
        WRONG(NULL, ".db_collation is for texts");
}

static void check_files(const nu_column *column)
{
    const nu_field *field = column->field;
    bool            file = field->type == &nu_field_file || field->type == &nu_field_image;
    if (file && field->primary_key)
        WRONG("fields.E201", "a file cannot be the primary key");
    if (file && field->upload_to != NULL && field->upload_to[0] == '/')
        WRONG("fields.E202",
              ".upload_to is a path below the media folder: it begins with no \"/\"");
    if (field->type == &nu_field_file_path && field->no_files && !field->allow_folders)
        WRONG("fields.E140", ".no_files without .allow_folders leaves nothing");
    if (field->type == &nu_field_file_path && field->path == NULL)
        WRONG(NULL, "it lacks .path, the folder");
    const char *measures[] = {field->width_field, field->height_field};
    for (size_t i = 0; i < NU_COUNT(measures); i++) {
        const nu_column *of =
            measures[i] != NULL ? nu_column_find(column->model, measures[i]) : NULL;
        if (measures[i] != NULL && (of == NULL || !is_integer_type(of->field->type)))
            WRONG(NULL, "\"%s\" is no field for a whole number", measures[i]);
    }
}

static void check_kind(const nu_column *column)
{
    const nu_field *field = column->field;
    if (field->type->db == NU_DB_IP && field->blank && !field->null)
        WRONG("fields.E150",
              ".blank needs .null, because an address that is blank is kept as NULL");
    if (field->protocol != NULL && strcmp(field->protocol, "IPv4") != 0 &&
        strcmp(field->protocol, "IPv6") != 0 && strcmp(field->protocol, "both") != 0)
        WRONG(NULL, ".protocol is \"IPv4\", \"IPv6\" or \"both\"");
    if (field->type == &nu_field_binary && field->default_value.type == NU_TEXT)
        WRONG("fields.E170", "its default is a text, but the field holds bytes");
    const char *dates[] = {field->unique_for_date, field->unique_for_month, field->unique_for_year};
    for (size_t i = 0; i < NU_COUNT(dates); i++) {
        const nu_column *of = dates[i] != NULL ? nu_column_find(column->model, dates[i]) : NULL;
        if (dates[i] != NULL &&
            (of == NULL || (of->db_type.type != NU_DB_DATE && of->db_type.type != NU_DB_DATETIME)))
            WRONG(NULL, "\"%s\", within which it is to be unique, is no date of the model",
                  dates[i]);
    }
}

/* ---- arrays --------------------------------------------------------------------------------- */

void nu__check_array(const nu_column *column)
{
    const nu_field *field = column->field, *base = field->base_field;
    bool            array = nu__is_kind(column, &nu_field_array);
    if (array && base == NULL)
        WRONG(NULL, "it lacks .base_field, what its items are: NU_BASE(nu_field_int)");
    if (!array && (base != NULL || field->size != 0))
        WRONG(NULL, ".base_field and .size are for arrays");
    if (!array)
        return;
    if (field->size < 0)
        WRONG(NULL, ".size is no negative number");
    if (base->type->relation || base->type->virtual || base->type->db <= NU_DB_SMALL_AUTO)
        WRONG("postgres.E002", "the items of an array can be neither relations nor automatic keys");
    if (field->default_value.type == NU_LIST)
        WRONG("postgres.E003", "its default is one list for all rows: say .default_fn = "
                               "nu_list_default, or a function of yours");
    const nu_column *item = nu__item_column(column);
    check_measures(item);
    check_choices(item);
    check_kind(item);
    if (base->base_field != NULL)
        nu__check_array(item);
}

/* ---- relations ------------------------------------------------------------------------------ */

static bool is_identifier(const char *name)
{
    bool good = *name != '\0' && !(*name >= '0' && *name <= '9');
    for (; *name != '\0'; name++)
        good &= *name == '_' || (*name >= '0' && *name <= '9') || (*name >= 'a' && *name <= 'z') ||
                (*name >= 'A' && *name <= 'Z') || (*name & 0x80) != 0;
    return good;
}

static void check_related_names(const nu_column *column)
{
    const nu_field      *field = column->field;
    const nu_model_info *info = nu__info(column->model);
    bool hidden = field->related_name != NULL && nu_ends_with(field->related_name, "+");
    if (hidden)
        return;
    if (field->related_name != NULL &&
        !is_identifier(nu__fill_name(nu_arena_current(), info, field->related_name)))
        WRONG("fields.E306", ".related_name is no identifier and does not end with \"+\"");
    const char *query =
        field->related_query_name != NULL ? field->related_query_name : field->related_name;
    if (query == NULL)
        return;
    query = nu__fill_name(nu_arena_current(), info, query);
    if (nu_ends_with(query, "_"))
        WRONG("fields.E308", "the name of its way back, \"%s\", may not end with an underscore",
              query);
    if (strstr(query, "__") != NULL)
        WRONG("fields.E309", "the name of its way back, \"%s\", may not hold \"__\"", query);
}

static void check_on_delete(const nu_column *column)
{
    const nu_field *field = column->field;
    if (field->on_delete == NU_ON_DELETE_MISSING)
        WRONG(NULL, "it lacks .on_delete: NU_CASCADE, NU_PROTECT, NU_SET_NULL …");
    if ((field->on_delete == NU_SET_NULL || field->on_delete == NU_DB_SET_NULL) && !field->null)
        WRONG("fields.E320", ".on_delete = NU_SET_NULL needs .null = true");
    if (field->on_delete == NU_SET_DEFAULT && !has_default(field))
        WRONG("fields.E321", ".on_delete = NU_SET_DEFAULT needs a default");
    if (field->on_delete == NU_DB_SET_DEFAULT && field->db_default == NULL)
        WRONG("fields.E322", ".on_delete = NU_DB_SET_DEFAULT needs .db_default");
    bool by_database = field->on_delete >= NU_DB_CASCADE;
    if (by_database && field->no_constraint)
        WRONG(NULL, "the database can see to deleted rows only where .no_constraint is not set");
}

/* The member's own type must be able to hold the key of the model it refers to. */
static void check_member(const nu_column *column)
{
    const nu_column *target = column->target;
    while (target->target != NULL)
        target = target->target;
    bool        text = target->member == NU_MEMBER_TEXT, uuid = target->member == NU_MEMBER_UUID;
    const char *to = column->to->name;
    if (text && column->member != NU_MEMBER_REF_TEXT)
        WRONG(NULL, "the key of \"%s\" is a text: declare the member as nu_ref_text(…)", to);
    if (uuid && column->member != NU_MEMBER_REF_UUID)
        WRONG(NULL, "the key of \"%s\" is a UUID: declare the member as nu_ref_uuid(…)", to);
    if (!text && !uuid && column->member != NU_MEMBER_REF_INT)
        WRONG(NULL, "the key of \"%s\" is a number: declare the member as nu_ref(…)", to);
}

static size_t references_to(const nu_model_info *info, const nu_model *to)
{
    size_t count = 0;
    for (size_t i = 0; i < info->column_count; i++)
        count += info->columns[i].to != NULL &&
                 nu_model_concrete(info->columns[i].to) == nu_model_concrete(to);
    return count;
}

/* Which reference of the model between is meant must be clear. */
static void check_many(const nu_column *column)
{
    const nu_field *field = column->field;
    if (field->unique)
        WRONG("fields.E330", "a many-to-many field cannot be unique");
    const nu_model_info *between = nu__info(column->through);
    bool                 named = field->through_from != NULL && field->through_to != NULL;
    if (!between->automatic && !named) {
        size_t from = references_to(between, column->model),
               to = references_to(between, column->to);
        bool itself = nu_model_concrete(column->model) == nu_model_concrete(column->to);
        if (itself && from > 2)
            WRONG("fields.E333",
                  "model \"%s\" between refers to \"%s\" more than twice: say "
                  ".through_from and .through_to",
                  between->model->name, column->to->name);
        if (!itself && from > 1)
            WRONG("fields.E334",
                  "model \"%s\" between refers to \"%s\" more than once: say "
                  ".through_from and .through_to",
                  between->model->name, column->model->name);
        if (!itself && to > 1)
            WRONG("fields.E335",
                  "model \"%s\" between refers to \"%s\" more than once: say "
                  ".through_from and .through_to",
                  between->model->name, column->to->name);
    }
    nu__through_to(column);
}

static void check_relation(const nu_column *column)
{
    check_related_names(column);
    if (column->field->type->many) {
        check_many(column);
        return;
    }
    check_on_delete(column);
    if (!column->field->parent_link)
        check_member(column);
}

void nu__check_field(const nu_column *column)
{
    check_name(column);
    check_null(column);
    check_clocks(column);
    check_computed(column);
    check_choices(column);
    if (column->field->type->relation) {
        check_relation(column);
        return;
    }
    check_measures(column);
    check_files(column);
    check_kind(column);
    nu__check_array(column);
}
