/* What is wrong with a model, said at start-up in words that lead to the line. */
#include <string.h>

#include "model/internal.h"
#include "nuages/text.h"

static bool is_integer_type(const nu_field_type *type)
{
    return type->db >= NU_DB_SMALL_INT && type->db <= NU_DB_POSITIVE_BIG_INT;
}

static void check_name(const nu_model *model, const nu_field *field)
{
    const char *name = field->name;
    if (field->type == &nu_field_order)
        return;
    if (strstr(name, "__") != NULL)
        nu__bad_model(model, field, "a name may not hold \"__\", which separates lookups");
    if (nu_ends_with(name, "_"))
        nu__bad_model(model, field, "a name may not end with an underscore");
    if (strcmp(name, "pk") == 0)
        nu__bad_model(model, field, "\"pk\" is another word for the primary key");
}

static void check_null(const nu_model *model, const nu_field *field)
{
    if (!field->null)
        return;
    if (field->primary_key)
        nu__bad_model(model, field, "a primary key cannot be null");
    if (field->member == NU_MEMBER_BOOL)
        nu__bad_model(model, field, ".null needs a member of type nu_maybe_bool");
    if (field->member == NU_MEMBER_DOUBLE)
        nu__bad_model(model, field, ".null needs a member of type nu_maybe_float");
    if (field->member >= NU_MEMBER_INT64 && field->member <= NU_MEMBER_INT16)
        nu__bad_model(model, field, ".null needs a member of type nu_maybe_int");
}

static void check_measures(const nu_model *model, const nu_field *field)
{
    if (field->type->db == NU_DB_CHAR && field->max_length <= 0 && field->type->max_length <= 0)
        nu__bad_model(model, field, "it lacks .max_length");
    if (field->type->db == NU_DB_DECIMAL && field->max_digits <= 0)
        nu__bad_model(model, field, "it lacks .max_digits");
    if (field->decimal_places > field->max_digits)
        nu__bad_model(model, field, ".decimal_places is more than .max_digits");
    if (is_integer_type(field->type) && field->max_length > 0)
        nu__bad_model(model, field, ".max_length means nothing for a number");
}

static void check_reference(const nu_model *model, const nu_field *field)
{
    if (field->type->many)
        return;
    if (field->on_delete == NU_ON_DELETE_MISSING)
        nu__bad_model(model, field, "it lacks .on_delete: NU_CASCADE, NU_PROTECT, NU_SET_NULL …");
    if ((field->on_delete == NU_SET_NULL || field->on_delete == NU_DB_SET_NULL) && !field->null)
        nu__bad_model(model, field, ".on_delete = NU_SET_NULL needs .null = true");
    if (field->on_delete == NU_SET_DEFAULT && field->default_value.type == NU_NULL &&
        field->default_fn == NULL && !field->default_null)
        nu__bad_model(model, field, ".on_delete = NU_SET_DEFAULT needs a default");
}

/* The member's own type must be able to hold the key of the model it refers to. */
static void check_reference_member(const nu_column *column)
{
    const nu_column *target = column->target;
    while (target->target != NULL)
        target = target->target;
    bool text = target->member == NU_MEMBER_TEXT, uuid = target->member == NU_MEMBER_UUID;
    if (text && column->member != NU_MEMBER_REF_TEXT)
        nu__bad_model(column->model, column->field,
                      "the key of \"%s\" is a text: declare the "
                      "member as nu_ref_text(…)",
                      column->to->name);
    if (uuid && column->member != NU_MEMBER_REF_UUID)
        nu__bad_model(column->model, column->field,
                      "the key of \"%s\" is a UUID: declare the "
                      "member as nu_ref_uuid(…)",
                      column->to->name);
    if (!text && !uuid && column->member != NU_MEMBER_REF_INT)
        nu__bad_model(column->model, column->field,
                      "the key of \"%s\" is a number: declare the "
                      "member as nu_ref(…)",
                      column->to->name);
}

static void check_field(const nu_model_info *info, const nu_column *column)
{
    const nu_field *field = column->field;
    check_name(info->model, field);
    check_null(info->model, field);
    check_measures(info->model, field);
    if (!field->type->relation)
        return;
    check_reference(info->model, field);
    if (field->type->many) {
        nu__through_to(column);
        return;
    }
    if (!field->parent_link)
        check_reference_member(column);
}

/* A field of the parent's may not be declared anew. */
static void check_parents_fields(const nu_model_info *info)
{
    for (size_t i = 0; i < info->column_count; i++) {
        const nu_column *own = &info->columns[i];
        for (size_t j = 0; j < info->all_count - info->column_count; j++) {
            const nu_column *theirs = info->column_list[j];
            if (strcmp(own->name, theirs->name) == 0 || strcmp(own->name, theirs->attname) == 0)
                nu__bad_model(info->model, own->field,
                              "its name clashes with a field of model \"%s\"", theirs->model->name);
        }
    }
}

static void check_twins(const nu_model_info *info)
{
    for (size_t i = 0; i < info->column_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const nu_column *a = &info->columns[j], *b = &info->columns[i];
            if (strcmp(a->name, b->name) == 0)
                nu__bad_model(info->model, b->field,
                              "there are two fields of this name; does the table end with {0}?");
            if (strcmp(a->attname, b->name) == 0 || strcmp(a->name, b->attname) == 0)
                nu__bad_model(info->model, b->field, "its name clashes with field \"%s\"", a->name);
            if (strcmp(a->column, b->column) == 0)
                nu__bad_model(info->model, b->field,
                              "column \"%s\" belongs to field \"%s\" already", b->column, a->name);
        }
        if (info->columns[i].primary_key && &info->columns[i] != info->primary_key)
            nu__bad_model(info->model, info->columns[i].field, "there is a primary key already");
    }
}

static void check_reverse(const nu_model_info *info, const nu_reverse *reverse)
{
    const char *advice = "give it another .related_name";
    if (reverse->hidden)
        return;
    if (nu__name_find(info, reverse->name, strlen(reverse->name), NU_MEANS_COLUMN | NU_MEANS_MANY))
        nu__bad_model(reverse->model, reverse->column->field,
                      "its way back, \"%s.%s\", clashes with "
                      "a field of that name: %s",
                      info->model->name, reverse->name, advice);
    for (const nu_reverse *other = info->reverses; other < reverse; other++) {
        if (other->hidden)
            continue;
        if (strcmp(other->name, reverse->name) == 0 ||
            strcmp(other->query_name, reverse->query_name) == 0)
            nu__bad_model(reverse->model, reverse->column->field,
                          "its way back, \"%s.%s\", clashes "
                          "with that of \"%s.%s\": %s",
                          info->model->name, reverse->name, other->model->name, other->column->name,
                          advice);
    }
}

static void check_names(const nu_model_info *info, const char *const *names, const char *what,
                        bool order)
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        const char *name = names[i];
        if (order && (*name == '-' || *name == '+'))
            name++;
        if (order && strcmp(name, "?") == 0)
            continue;
        const char *end = strstr(name, "__");
        size_t      length = end != NULL && order ? (size_t)(end - name) : strlen(name);
        unsigned    meanings = NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_QUERY;
        if (nu__name_find(info, name, length, meanings) == NULL)
            nu__bad_model(info->model, NULL, "%s names \"%s\", which is no field of it", what,
                          name);
    }
}

static void check_meta(const nu_model_info *info)
{
    const nu_model *model = info->model;
    check_names(info, info->ordering, ".ordering", true);
    for (size_t i = 0; model->unique_together != NULL && model->unique_together[i] != NULL; i++)
        check_names(info, model->unique_together[i], ".unique_together", false);
    for (const nu_index *index = model->indexes; index != NULL && index->name != NULL; index++)
        check_names(info, index->fields, ".indexes", true);
    for (const nu_constraint *c = model->constraints; c != NULL && c->name != NULL; c++)
        check_names(info, c->fields, ".constraints", false);
}

void nu__check_model(const nu_model_info *info)
{
    if (info->concrete != info) { /* a proxy has nothing of its own but its Meta */
        check_meta(info);
        return;
    }
    check_twins(info);
    check_parents_fields(info);
    for (size_t i = 0; i < info->column_count; i++)
        check_field(info, &info->columns[i]);
    for (size_t i = 0; info->own_many[i] != NULL; i++)
        check_field(info, info->own_many[i]);
    for (size_t i = 0; i < info->reverse_count; i++)
        check_reverse(info, &info->reverses[i]);
    check_meta(info);
}
