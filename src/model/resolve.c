/* A model's table of fields becomes its columns. */
#include <string.h>

#include "model/internal.h"
#include "nuages/text.h"

/* The column `id` of a model without a primary key of its own. */
static const nu_field id_field = {
    .name = "id",
    .offset = offsetof(nu_row, id),
    .member = NU_MEMBER_INT64,
    .primary_key = true,
    .verbose_name = "ID",
};

static bool is_auto(const nu_field *field)
{
    return field->type->db <= NU_DB_SMALL_AUTO;
}

static size_t count_fields(const nu_model *model)
{
    size_t count = 0;
    while (model->fields != NULL && model->fields[count].name != NULL)
        count++;
    return count;
}

static bool has_primary_key(const nu_model *model)
{
    for (size_t i = 0, n = count_fields(model); i < n; i++) {
        if (model->fields[i].primary_key || is_auto(&model->fields[i]))
            return true;
    }
    return false;
}

static const nu_field *implicit_id(const nu_model *model)
{
    nu_field *field = nu_arena_alloc(nu__models_arena(), sizeof *field);
    *field = id_field;
    field->type = model->id_type != NULL ? model->id_type : &nu_field_big_auto;
    return field;
}

static const char *spaced(const char *name)
{
    char *text = nu_arena_text(nu__models_arena(), name);
    for (char *at = text; *at != '\0'; at++) {
        if (*at == '_')
            *at = ' ';
    }
    return text;
}

static void init_column(nu_column *column, const nu_model *model, const nu_field *field)
{
    bool relation = field->type->relation;
    *column = (nu_column){
        .field = field,
        .model = model,
        .name = field->name,
        .attname = field->name,
        .verbose_name = field->verbose_name != NULL ? field->verbose_name : spaced(field->name),
        .offset = field->offset,
        .member = field->member,
        .primary_key = field->primary_key || is_auto(field),
        .null = field->null,
    };
    if (relation && !field->type->many)
        column->attname = nu_arena_format(nu__models_arena(), "%s_id", field->name);
    if (!field->type->many)
        column->column = field->db_column != NULL ? field->db_column : column->attname;
    column->unique = field->unique || column->primary_key || field->type->to_one;
    column->indexed = !column->unique && (field->db_index || field->type == &nu_field_slug ||
                                          (relation && !field->type->many && !field->no_index));
    if (!relation)
        column->db_type = nu__db_type(field);
}

void nu__resolve_columns(nu_model_info *info)
{
    nu_arena         *arena = nu__models_arena();
    size_t            fields = count_fields(info->model);
    nu_column        *columns = nu_arena_array(arena, fields + 1, sizeof *columns);
    nu_column        *many_columns = nu_arena_array(arena, fields + 1, sizeof *many_columns);
    const nu_column **list = nu_arena_array(arena, fields + 2, sizeof *list);
    const nu_column **many = nu_arena_array(arena, fields + 1, sizeof *many);
    size_t            count = 0, many_count = 0;
    if (!has_primary_key(info->model))
        init_column(&columns[count++], info->model, implicit_id(info->model));
    for (size_t i = 0; i < fields; i++) {
        const nu_field *field = &info->model->fields[i];
        if (field->type->many) {
            init_column(&many_columns[many_count], info->model, field);
            many[many_count] = &many_columns[many_count];
            many_count++;
        } else {
            init_column(&columns[count++], info->model, field);
        }
    }
    for (size_t i = 0; i < count; i++) {
        columns[i].index = (uint16_t)i;
        list[i] = &columns[i];
        if (columns[i].primary_key && info->primary_key == NULL)
            info->primary_key = &columns[i];
    }
    info->columns = columns;
    info->column_count = count;
    info->column_list = list;
    info->many_list = many;
}
