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
    return field->type->db <= NU_DB_SMALL_AUTO && !field->type->virtual;
}

static size_t count_fields(const nu_model *model)
{
    size_t count = 0;
    while (model->fields != NULL && model->fields[count].name != NULL)
        count++;
    return count;
}

/* A child's key is the link to its parent. */
static bool has_primary_key(const nu_model *model)
{
    if (model->parent != NULL || model->primary_key != NULL)
        return true;
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
    if (!field->type->many && !field->type->virtual)
        column->column = field->db_column != NULL ? field->db_column : column->attname;
    if (field->parent_link) { /* the row's key is the parent's */
        const nu_column *key = model->state->info->parent->primary_key;
        column->offset = key->offset;
        column->member = key->member;
    }
    column->unique = field->unique || column->primary_key || field->type->to_one;
    column->indexed = !column->unique && (field->db_index || field->type == &nu_field_slug ||
                                          (relation && !field->type->many && !field->no_index));
    if (!relation && !field->type->virtual)
        column->db_type = nu__db_type(field);
}

/* ---- parents -------------------------------------------------------------------------------- */

static const nu_field *declared_link(const nu_model *model)
{
    for (size_t i = 0, n = count_fields(model); i < n; i++) {
        if (model->fields[i].parent_link)
            return &model->fields[i];
    }
    return NULL;
}

/* "place_ptr", unless the model declares another. */
static const nu_field *link_field(const nu_model_info *info)
{
    const nu_field *declared = declared_link(info->model);
    nu_field       *field = nu_arena_alloc(nu__models_arena(), sizeof *field);
    if (declared != NULL)
        *field = *declared;
    else
        *field = (nu_field){
            .name = nu_arena_format(nu__models_arena(), "%s_ptr", info->parent->key),
            .type = &nu_field_one_to_one,
            .primary_key = true,
            .parent_link = true,
            .on_delete = NU_CASCADE,
        };
    field->to = info->parent->model;
    return field;
}

static void check_parent(const nu_model_info *info, const nu_model *parent)
{
    const nu_model *model = info->model;
    if (parent->state->info == NULL)
        nu__bad_model(model, NULL, "its parent \"%s\" belongs to no app", parent->name);
    if (parent->class.get != model->class.get || model->size < parent->size)
        nu__bad_model(model, NULL, "its struct must begin with NU_PARENT of the parent's");
    for (const nu_model *at = parent; at != NULL; at = at->proxy_of ? at->proxy_of : at->parent) {
        if (at == model)
            nu__bad_model(model, NULL, "it is its own parent");
    }
}

/* What a model that says nothing takes from the one it is made from. */
static void inherit_meta(nu_model_info *info, const nu_model_info *from)
{
    static const char *const by_number[] = {"_order", NULL};
    const nu_model          *model = info->model;
    info->ordering = model->ordering != NULL ? model->ordering : from->ordering;
    if (model->order_with_respect_to != NULL)
        info->ordering = by_number;
    info->get_latest_by = model->get_latest_by != NULL ? model->get_latest_by : from->get_latest_by;
    info->text = model->text != NULL ? model->text : from->text;
    info->url = model->url != NULL ? model->url : from->url;
    info->clean = model->clean != NULL ? model->clean : from->clean;
    info->objects = model->objects != NULL ? model->objects : from->objects;
}

/* Behaviour only: columns and all are the other model's. */
static void resolve_proxy(nu_model_info *info)
{
    const nu_model *of = info->model->proxy_of;
    check_parent(info, of);
    nu_model_info *base = of->state->info;
    nu__resolve_columns(base);
    if (info->model->size != of->size)
        nu__bad_model(info->model, NULL, "a proxy may add no members to the struct");
    if (info->model->fields != NULL && info->model->fields[0].name != NULL)
        nu__wrong_model(info->model, &info->model->fields[0], "models.E017", "a proxy has no fields of its own");
    static const nu_column *const none[] = {NULL};
    info->concrete = base->concrete;
    info->parent = base->parent;
    info->parent_link = base->parent_link;
    info->table = base->table;
    info->columns = base->columns;
    info->column_count = base->column_count;
    info->column_list = base->column_list;
    info->all_count = base->all_count;
    info->many_list = base->many_list;
    info->own_list = info->own_many = info->generic_list = none;
    info->primary_key = base->primary_key;
    info->has_computed = base->has_computed;
    info->order = base->order;
    info->ordered_by = base->ordered_by;
    inherit_meta(info, base);
}

/* ---- columns -------------------------------------------------------------------------------- */

static size_t list_length(const nu_column *const *list)
{
    size_t length = 0;
    while (list != NULL && list[length] != NULL)
        length++;
    return length;
}

/* `own` behind the parent's. */
static const nu_column *const *joined(const nu_column *const *parents, const nu_column *const *own)
{
    size_t before = list_length(parents), count = list_length(own);
    if (before == 0)
        return own;
    const nu_column **list = nu_arena_array(nu__models_arena(), before + count + 1, sizeof *list);
    memcpy(list, parents, before * sizeof *list);
    memcpy(list + before, own, count * sizeof *list);
    return list;
}

static const nu_column *const *addresses(nu_column *columns, size_t count)
{
    const nu_column **list = nu_arena_array(nu__models_arena(), count + 1, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = &columns[i];
    return list;
}

static const nu_field key_field = {
    .name = "pk",
    .type = &nu_field_composite,
    .not_editable = true,
    .verbose_name = "primary key",
};

static nu_column *key_part(nu_model_info *info, const char *name)
{
    for (size_t i = 0; i < info->column_count; i++) {
        nu_column *column = &info->columns[i];
        if (strcmp(column->name, name) == 0 || strcmp(column->attname, name) == 0)
            return column;
    }
    nu__wrong_model(info->model, NULL, "models.E042", ".primary_key names \"%s\", which is no field with a column",
                  name);
}

/* Django's models.E042: what cannot be a part of a key. */
static void check_part(const nu_model_info *info, const nu_column *part)
{
    if (part->key_part)
        nu__wrong_model(info->model, part->field, "models.E042", ".primary_key names it twice");
    if (part->primary_key)
        nu__bad_model(info->model, part->field,
                      "it is the primary key itself, so it cannot be a part of .primary_key");
    if (part->null)
        nu__wrong_model(info->model, part->field, "models.E042", "a part of the primary key cannot be null");
    if (part->field->generated != NULL)
        nu__wrong_model(info->model, part->field,
                      "models.E042", "a generated field cannot be a part of the primary key");
}

/* The key of several fields, as a column of no column. */
static void make_composite(nu_model_info *info)
{
    const char *const *names = info->model->primary_key;
    size_t             count = 0;
    if (names == NULL)
        return;
    if (info->parent != NULL)
        nu__bad_model(info->model, NULL, ".primary_key cannot be set: the key is its parent's");
    if (info->primary_key != NULL)
        nu__bad_model(info->model, info->primary_key->field,
                      ".primary_key names the fields of the key, so none may be it alone");
    while (names[count] != NULL)
        count++;
    if (count < 2)
        nu__bad_model(info->model, NULL, ".primary_key names one field: say .primary_key of it");
    const nu_column **parts = nu_arena_array(nu__models_arena(), count + 1, sizeof *parts);
    for (size_t i = 0; i < count; i++) {
        nu_column *part = key_part(info, names[i]);
        check_part(info, part);
        part->key_part = true;
        parts[i] = part;
    }
    nu_column *key = nu_arena_zalloc(nu__models_arena(), sizeof *key);
    init_column(key, info->model, &key_field);
    key->parts = parts;
    key->index = parts[0]->index; /* never left out */
    key->primary_key = key->unique = true;
    key->db_type.type = NU_DB_TEXT;
    info->primary_key = key;
}

static const nu_field order_field = {
    .name = "_order",
    .type = &nu_field_order,
    .member = NU_MEMBER_ORDER,
    .not_editable = true,
    .verbose_name = "_order",
};

static void find_order(nu_model_info *info)
{
    const char *name = info->model->order_with_respect_to;
    if (name == NULL)
        return;
    for (size_t i = 0; i < info->column_count; i++) {
        if (strcmp(info->columns[i].name, name) == 0)
            info->ordered_by = &info->columns[i];
    }
    if (info->ordered_by == NULL || !info->ordered_by->field->type->relation)
        nu__bad_model(info->model, NULL,
                      ".order_with_respect_to names \"%s\", which is no reference", name);
    info->order = &info->columns[info->column_count - 1];
}

/* Key first, then the fields of the table, then "_order". */
static void make_columns(nu_model_info *info)
{
    const nu_model *model = info->model;
    nu_arena       *arena = nu__models_arena();
    size_t          fields = count_fields(model), many_count = 0, generic_count = 0;
    nu_column      *columns = nu_arena_array(arena, fields + 3, sizeof *columns);
    nu_column      *many = nu_arena_array(arena, fields + 1, sizeof *many);
    nu_column      *generic = nu_arena_array(arena, fields + 1, sizeof *generic);
    size_t          count = 0, before = info->parent != NULL ? info->parent->all_count : 0;
    if (info->parent != NULL)
        init_column(&columns[count++], model, link_field(info));
    else if (!has_primary_key(model))
        init_column(&columns[count++], model, implicit_id(model));
    for (size_t i = 0; i < fields; i++) {
        const nu_field *field = &model->fields[i];
        if (field->type->virtual)
            init_column(&generic[generic_count++], model, field);
        else if (field->type->many)
            init_column(&many[many_count++], model, field);
        else if (!field->parent_link)
            init_column(&columns[count++], model, field);
        else if (info->parent == NULL)
            nu__bad_model(model, field, "the model has no .parent to link to");
    }
    if (model->order_with_respect_to != NULL)
        init_column(&columns[count++], model, &order_field);
    for (size_t i = 0; i < count; i++) {
        columns[i].index = (uint16_t)(before + i);
        const nu_field *field = columns[i].field;
        info->has_computed |= field->generated != NULL || field->db_default != NULL;
        if (columns[i].primary_key && info->primary_key == NULL)
            info->primary_key = &columns[i];
    }
    info->columns = columns;
    info->column_count = count;
    info->own_list = addresses(columns, count);
    info->own_many = addresses(many, many_count);
    info->generic_list = addresses(generic, generic_count);
    make_composite(info);
}

void nu__resolve_columns(nu_model_info *info)
{
    static const nu_model_info nothing = {.model = NULL};
    const nu_model            *model = info->model, *parent = model->parent;
    if (info->column_list != NULL)
        return;
    info->concrete = info;
    if (model->proxy_of != NULL) {
        resolve_proxy(info);
        return;
    }
    if (parent != NULL) {
        check_parent(info, parent);
        nu__resolve_columns(parent->state->info);
        info->parent = parent->state->info->concrete;
    }
    make_columns(info);
    info->parent_link = info->parent != NULL ? info->columns : NULL;
    info->column_list = joined(info->parent ? info->parent->column_list : NULL, info->own_list);
    info->many_list = joined(info->parent ? info->parent->many_list : NULL, info->own_many);
    info->all_count = list_length(info->column_list);
    find_order(info);
    inherit_meta(info, parent != NULL ? parent->state->info : &nothing);
}

bool nu__holds(const nu_column *reference, const nu_column *column)
{
    for (const nu_column *at = reference->target; at != NULL; at = at->target) {
        if (at == column)
            return true;
        if (!at->field->parent_link)
            return false;
    }
    return false;
}
