/* The part of the autodetector for fields. */
#include <stdlib.h>
#include <string.h>

#include "migrate/differ.h"

/* The order among relatives has no field of its own. */
static bool is_named(const nu_field *field)
{
    return !nu__field_is_order(field);
}

static bool is_compared(const nu__model *from, const nu__model *to)
{
    return !from->meta.proxy && !to->meta.proxy && !from->meta.unmanaged && !to->meta.unmanaged;
}

/* ---- renamed --------------------------------------------------------------------------------- */

static const char *column_of(const nu_field *field)
{
    if (field->db_column != NULL)
        return field->db_column;
    return field->type->relation ? nu_fmt("%s_id", field->name) : field->name;
}

/* True if the new field is the old one by another name; it may name the old column. */
static bool same_but_name(const nu_field *from, const nu_field *to)
{
    nu_field unnamed = *to;
    if (nu__field_equal(from, &unnamed, false))
        return true;
    if (from->type->many || to->db_column == NULL || strcmp(to->db_column, column_of(from)) != 0)
        return false;
    unnamed.db_column = from->db_column;
    return nu__field_equal(from, &unnamed, false);
}

static void rename_field(struct differ *differ, const nu__model *model, const nu_field *old,
                         const nu_field *new)
{
    /* A column named by hand must be so before, for the new name to change nothing. */
    if (!nu__text_equal(old->db_column, new->db_column)) {
        nu_field *altered = nu_alloc(sizeof *altered);
        *altered = *new;
        altered->name = old->name;
        nu_operation operation = {.kind = NU_OPERATION_ALTER_FIELD,
                                  .model = model->name,
                                  .name = old->name,
                                  .field = altered};
        nu__differ_add(differ, model->app, operation);
        nu__operation_apply(differ->from, model->app, &operation);
    }
    nu_operation operation = {.kind = NU_OPERATION_RENAME_FIELD,
                              .model = model->name,
                              .name = old->name,
                              .new_name = new->name};
    nu__differ_add(differ, model->app, operation);
    nu__operation_apply(differ->from, model->app, &operation);
}

void nu__differ_renamed_fields(struct differ *differ, nu__model *from, const nu__model *to)
{
    if (differ->questions->renamed_field == NULL || !is_compared(from, to))
        return;
    size_t           count, old_count;
    const nu_field **fields = nu__fields_by_name(to, is_named, &count);
    for (size_t i = 0; i < count; i++) {
        if (nu__model_field(from, fields[i]->name) != NULL)
            continue;
        const nu_field **olds = nu__fields_by_name(from, is_named, &old_count);
        for (size_t n = 0; n < old_count; n++)
            if (nu__model_field(to, olds[n]->name) == NULL && same_but_name(olds[n], fields[i]) &&
                differ->questions->renamed_field(to, olds[n], fields[i])) {
                rename_field(differ, to, nu__keep_field(olds[n]), fields[i]);
                break;
            }
    }
}

/* ---- removed and added ----------------------------------------------------------------------- */

static void remove_field(struct differ *differ, const nu__model *model, const nu_field *field)
{
    nu__pending *pending = nu__differ_add(differ, model->app,
                                          (nu_operation){.kind = NU_OPERATION_REMOVE_FIELD,
                                                         .model = model->name,
                                                         .name = field->name});
    nu__differ_need(pending, NU_NEEDS_ORDER_UNSET, model->app, model->name, field->name);
    nu__differ_need(pending, NU_NEEDS_TOGETHER_CHANGED, model->app, model->name, field->name);
}

/* True if rows that are there need a value that nobody has given. */
static bool lacks_default(const nu_field *field)
{
    return !field->null && !field->type->many && !field->primary_key && field->generated == NULL &&
           field->db_default == NULL && nu_is_null(nu__effective_default(field));
}

/* The field with the value that fills the rows there are; true if that is all the value is for. */
static bool fill_once(const struct differ *differ, const nu__model *model, nu_field *field)
{
    if (lacks_default(field)) {
        field->default_value = differ->questions->one_off_default(model, field, true);
        return true;
    }
    if (field->db_default != NULL || field->generated != NULL)
        return false;
    if (nu_is_null(field->default_value) && (field->auto_now || field->auto_now_add))
        return true; /* filled with the time of the migration */
    if (field->default_fn == NULL)
        return false;
    field->default_value = field->default_fn();
    return true;
}

static void add_field(struct differ *differ, const nu__model *model, const nu_field *field)
{
    nu_field    *copy = nu_alloc(sizeof *copy);
    nu_operation operation = {
        .kind = NU_OPERATION_ADD_FIELD, .model = model->name, .name = field->name, .field = copy};
    *copy = *field;
    operation.once = fill_once(differ, model, copy);
    nu__pending *pending = nu__differ_add(differ, model->app, operation);
    nu__differ_need(pending, NU_NEEDS_REMOVED, model->app, model->name, field->name);
    nu__differ_need_targets(pending, field);
}

void nu__differ_removed_fields(struct differ *differ, nu__model *from, const nu__model *to)
{
    size_t           count;
    const nu_field **fields = nu__fields_by_name(from, is_named, &count);
    for (size_t i = 0; i < count && is_compared(from, to); i++)
        if (nu__model_field(to, fields[i]->name) == NULL)
            remove_field(differ, to, fields[i]);
}

void nu__differ_added_fields(struct differ *differ, nu__model *from, const nu__model *to)
{
    size_t           count;
    const nu_field **fields = nu__fields_by_name(to, is_named, &count);
    for (size_t i = 0; i < count && is_compared(from, to); i++)
        if (nu__model_field(from, fields[i]->name) == NULL)
            add_field(differ, to, fields[i]);
}

/* ---- altered --------------------------------------------------------------------------------- */

static void alter_field(struct differ *differ, const nu__model *model, const nu_field *from,
                        const nu_field *to)
{
    if (from->type->many != to->type->many) {
        remove_field(differ, model, from);
        add_field(differ, model, to);
        return;
    }
    nu_field    *copy = nu_alloc(sizeof *copy);
    nu_operation operation = {
        .kind = NU_OPERATION_ALTER_FIELD, .model = model->name, .name = to->name, .field = copy};
    *copy = *to;
    if (from->null && !to->null && lacks_default(to)) {
        copy->default_value = differ->questions->one_off_default(model, to, false);
        operation.once = !nu_is_null(copy->default_value);
    }
    nu__differ_need_targets(nu__differ_add(differ, model->app, operation), to);
}

void nu__differ_altered_fields(struct differ *differ, nu__model *from, const nu__model *to)
{
    size_t           count;
    const nu_field **fields = nu__fields_by_name(to, is_named, &count);
    for (size_t i = 0; i < count && is_compared(from, to); i++) {
        const nu_field *old = nu__model_field(from, fields[i]->name);
        if (old != NULL && !nu__field_equal(old, fields[i], false))
            alter_field(differ, to, old, fields[i]);
    }
}
