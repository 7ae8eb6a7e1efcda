/* Two operations as one: the rules of Django's optimizer. */
#include <string.h>
#include <strings.h>

#include "migrate/internal.h"

static bool same_name(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcasecmp(a, b) == 0;
}

static nu__reduction becomes(nu__reduced *out, nu_operation operation)
{
    out->result[0] = operation;
    out->count = 1;
    return NU_REDUCED;
}

static nu__reduction becomes_nothing(nu__reduced *out)
{
    out->count = 0;
    return NU_REDUCED;
}

static nu__reduction through_if(bool through)
{
    return through ? NU_THROUGH : NU_BLOCKED;
}

static bool is_field_operation(const nu_operation *operation)
{
    return operation->kind >= NU_OPERATION_ADD_FIELD && operation->kind <= NU_OPERATION_RENAME_FIELD;
}

/* ---- a model that is created ----------------------------------------------------------------- */

static nu_field *copy_fields(const nu_operation *creation, size_t *count)
{
    size_t    all = 0;
    while (creation->fields != NULL && creation->fields[all].name != NULL)
        all++;
    nu_field *fields = nu_alloc((all + 2) * sizeof *fields);
    if (all > 0)
        memcpy(fields, creation->fields, all * sizeof *fields);
    *count = all;
    return fields;
}

static nu__reduction create_with_field(const nu_operation *creation, const nu_operation *other,
                                       nu__reduced *out)
{
    nu_operation result = *creation;
    size_t       count, at = 0;
    nu_field    *fields = copy_fields(creation, &count);
    while (at < count && !same_name(fields[at].name, other->name))
        at++;
    result.fields = fields;
    switch (other->kind) {
    case NU_OPERATION_ADD_FIELD: fields[count] = nu__lasting_field(other); break;
    case NU_OPERATION_ALTER_FIELD: fields[at] = nu__lasting_field(other); break;
    case NU_OPERATION_REMOVE_FIELD:
        memmove(&fields[at], &fields[at + 1], (count - at) * sizeof *fields);
        nu__meta_remove_field(&result.meta, other->name);
        break;
    default:
        fields[at].name = other->new_name;
        nu__meta_rename_field(&result.meta, other->name, other->new_name);
        break;
    }
    return becomes(out, result);
}

static bool create_with_index(nu_meta *meta, const nu_operation *other)
{
    nu_index index;
    switch (other->kind) {
    case NU_OPERATION_ADD_INDEX: nu__meta_add_index(meta, other->index); return true;
    case NU_OPERATION_REMOVE_INDEX: nu__meta_remove_index(meta, other->name); return true;
    case NU_OPERATION_RENAME_INDEX:
        if (nu__meta_index(meta, other->name) == NULL)
            return false;
        index = *nu__meta_index(meta, other->name);
        index.name = other->new_name;
        nu__meta_remove_index(meta, other->name);
        nu__meta_add_index(meta, &index);
        return true;
    case NU_OPERATION_ADD_CONSTRAINT: nu__meta_add_constraint(meta, other->constraint); return true;
    case NU_OPERATION_ALTER_CONSTRAINT:
        nu__meta_remove_constraint(meta, other->name);
        nu__meta_add_constraint(meta, other->constraint);
        return true;
    case NU_OPERATION_REMOVE_CONSTRAINT: nu__meta_remove_constraint(meta, other->name); return true;
    default: return false;
    }
}

static bool create_with_options(nu_meta *meta, const nu_operation *other)
{
    switch (other->kind) {
    case NU_OPERATION_ALTER_OPTIONS: nu__meta_set_options(meta, &other->meta); return true;
    case NU_OPERATION_ALTER_TABLE: meta->db_table = other->name; return true;
    case NU_OPERATION_ALTER_TABLE_COMMENT: meta->db_comment = other->name; return true;
    case NU_OPERATION_ALTER_UNIQUE_TOGETHER:
        meta->unique_together = other->meta.unique_together;
        return true;
    case NU_OPERATION_ALTER_ORDER:
        meta->order_with_respect_to = other->meta.order_with_respect_to;
        return true;
    default: return create_with_index(meta, other);
    }
}

static nu__reduction reduce_creation(const char *app, const nu_operation *creation,
                                     const nu_operation *other, nu__reduced *out)
{
    nu_operation result = *creation;
    if (same_name(creation->model, other->model)) {
        if (other->kind == NU_OPERATION_DELETE_MODEL && !creation->meta.proxy)
            return becomes_nothing(out);
        if (other->kind == NU_OPERATION_RENAME_MODEL) {
            result.model = other->new_name;
            return becomes(out, result);
        }
        if (is_field_operation(other))
            return create_with_field(creation, other, out);
        if (create_with_options(&result.meta, other))
            return becomes(out, result);
    }
    return through_if(!nu__references_model(app, other, creation->model));
}

/* ---- fields ---------------------------------------------------------------------------------- */

static bool same_field(const nu_operation *a, const nu_operation *b)
{
    return is_field_operation(b) && same_name(a->model, b->model) && same_name(a->name, b->name);
}

static nu_operation named(const nu_operation *operation, const char *name)
{
    nu_operation result = *operation;
    nu_field    *field = nu_alloc(sizeof *field);
    *field = *operation->field;
    field->name = name;
    result.name = name;
    result.field = field;
    return result;
}

static nu__reduction reduce_added_field(const nu_operation *added, const nu_operation *other,
                                        nu__reduced *out)
{
    nu_operation result = *added;
    switch (other->kind) {
    case NU_OPERATION_ALTER_FIELD:
        result.field = other->field;
        result.once = other->once;
        return becomes(out, result);
    case NU_OPERATION_REMOVE_FIELD: return becomes_nothing(out);
    default: return becomes(out, named(added, other->new_name));
    }
}

static nu__reduction reduce_field(const char *app, const nu_operation *operation,
                                  const nu_operation *other, nu__reduced *out)
{
    bool same = same_field(operation, other);
    if (operation->kind == NU_OPERATION_ADD_FIELD && same && other->kind != NU_OPERATION_ADD_FIELD)
        return reduce_added_field(operation, other, out);
    if (operation->kind == NU_OPERATION_REMOVE_FIELD && other->kind == NU_OPERATION_DELETE_MODEL &&
        same_name(operation->model, other->model))
        return becomes(out, *other);
    if (operation->kind == NU_OPERATION_ALTER_FIELD && same) {
        if (other->kind == NU_OPERATION_ALTER_FIELD || other->kind == NU_OPERATION_REMOVE_FIELD)
            return becomes(out, *other);
        if (other->kind == NU_OPERATION_RENAME_FIELD && operation->field->db_column == NULL) {
            out->result[0] = *other;
            out->result[1] = named(operation, other->new_name);
            out->count = 2;
            return NU_REDUCED;
        }
    }
    return through_if(!nu__references_field(app, other, operation->model, operation->name));
}

static nu__reduction reduce_renamed_field(const char *app, const nu_operation *renamed,
                                          const nu_operation *other, nu__reduced *out)
{
    if (other->kind == NU_OPERATION_RENAME_FIELD && same_name(renamed->model, other->model) &&
        same_name(renamed->new_name, other->name)) {
        nu_operation result = *renamed;
        result.new_name = other->new_name;
        return becomes(out, result);
    }
    return through_if(!nu__references_field(app, other, renamed->model, renamed->name) &&
                      !nu__references_field(app, other, renamed->model, renamed->new_name));
}

/* ---- the others ------------------------------------------------------------------------------ */

static nu__reduction reduce_renamed_model(const char *app, const nu_operation *renamed,
                                          const nu_operation *other, nu__reduced *out)
{
    if (other->kind == NU_OPERATION_RENAME_MODEL && same_name(renamed->new_name, other->model)) {
        nu_operation result = *renamed;
        result.new_name = other->new_name;
        return becomes(out, result);
    }
    return through_if(!nu__references_model(app, other, renamed->new_name));
}

/* A later one of the same kind, or the end of the model, makes this one needless. */
static nu__reduction reduce_options(const char *app, const nu_operation *operation,
                                    const nu_operation *other, nu__reduced *out)
{
    if (same_name(operation->model, other->model) &&
        (other->kind == operation->kind || other->kind == NU_OPERATION_DELETE_MODEL))
        return becomes(out, *other);
    return through_if(!nu__references_model(app, other, operation->model));
}

static nu__reduction reduce_named(const nu_operation *operation, const nu_operation *other,
                                  nu__reduced *out)
{
    nu_operation result = *operation;
    if (!same_name(operation->model, other->model))
        return NU_BLOCKED;
    if (operation->kind == NU_OPERATION_RENAME_INDEX) {
        if (other->kind != NU_OPERATION_RENAME_INDEX ||
            !same_name(operation->new_name, other->name))
            return NU_BLOCKED;
        result.new_name = other->new_name;
        return becomes(out, result);
    }
    if (!nu__text_equal(operation->name, other->name))
        return NU_BLOCKED;
    switch (operation->kind) {
    case NU_OPERATION_ADD_INDEX:
        if (other->kind == NU_OPERATION_REMOVE_INDEX)
            return becomes_nothing(out);
        if (other->kind == NU_OPERATION_RENAME_INDEX) {
            nu_index *index = nu_alloc(sizeof *index);
            *index = *operation->index;
            index->name = result.name = other->new_name;
            result.index = index;
            return becomes(out, result);
        }
        return NU_BLOCKED;
    case NU_OPERATION_ADD_CONSTRAINT:
        if (other->kind == NU_OPERATION_REMOVE_CONSTRAINT)
            return becomes_nothing(out);
        if (other->kind == NU_OPERATION_ALTER_CONSTRAINT) {
            result.constraint = other->constraint;
            return becomes(out, result);
        }
        return NU_BLOCKED;
    case NU_OPERATION_ALTER_CONSTRAINT:
        if (other->kind == NU_OPERATION_ALTER_CONSTRAINT ||
            other->kind == NU_OPERATION_REMOVE_CONSTRAINT)
            return becomes(out, *other);
        return NU_BLOCKED;
    default: return NU_BLOCKED;
    }
}

static nu__reduction by_kind(const char *app, const nu_operation *operation,
                             const nu_operation *other, nu__reduced *out)
{
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL: return reduce_creation(app, operation, other, out);
    case NU_OPERATION_DELETE_MODEL:
        return through_if(!nu__references_model(app, other, operation->model));
    case NU_OPERATION_RENAME_MODEL: return reduce_renamed_model(app, operation, other, out);
    case NU_OPERATION_ADD_FIELD:
    case NU_OPERATION_REMOVE_FIELD:
    case NU_OPERATION_ALTER_FIELD: return reduce_field(app, operation, other, out);
    case NU_OPERATION_RENAME_FIELD: return reduce_renamed_field(app, operation, other, out);
    case NU_OPERATION_ALTER_OPTIONS:
    case NU_OPERATION_ALTER_TABLE:
    case NU_OPERATION_ALTER_TABLE_COMMENT:
    case NU_OPERATION_ALTER_UNIQUE_TOGETHER:
    case NU_OPERATION_ALTER_ORDER: return reduce_options(app, operation, other, out);
    default: return reduce_named(operation, other, out);
    }
}

nu__reduction nu__operation_reduce(const char *app, const nu_operation *operation,
                                   const nu_operation *other, nu__reduced *out)
{
    if (operation->elidable)
        return becomes(out, *other);
    if (other->elidable)
        return becomes(out, *operation);
    return by_kind(app, operation, other, out);
}
