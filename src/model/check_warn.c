/* What is allowed in a model but has no effect, or not on its database; ./manage check tells. */
#include <string.h>

#include "model/internal.h"
#include "nuages/text.h"

/* Where warnings go. */
typedef struct warning {
    nu_model_warn_fn report;
    void            *arg;
} warning;

static void warn(const warning *to, const nu_model *model, const char *field, const char *id,
                 const char *sentence)
{
    const char *place =
        field != NULL ? nu_fmt("%s.%s", nu_model_label(model), field) : nu_model_label(model);
    to->report(to->arg, nu_fmt("%s: %s (%s)", place, sentence, id));
}

static void warn_many(const warning *to, const nu_column *column)
{
    const nu_field *field = column->field;
    const nu_model *model = column->model;
    bool            symmetrical = column->to == model && !field->asymmetrical;
    if (field->null)
        warn(to, model, field->name, "fields.W340", ".null has no effect on many-to-many fields");
    if (field->validators != NULL)
        warn(to, model, field->name, "fields.W341",
             ".validators have no effect on many-to-many fields");
    if (symmetrical && field->related_name != NULL)
        warn(to, model, field->name, "fields.W345",
             ".related_name has no effect on a relation of a model to itself that works both ways");
    if (field->db_comment != NULL)
        warn(to, model, field->name, "fields.W346",
             ".db_comment has no effect on many-to-many fields");
}

static void warn_column(const warning *to, const nu_column *column, const nu_db_backend *backend)
{
    const nu_field *field = column->field;
    const nu_model *model = column->model;
    if (field->type == &nu_field_foreign && field->unique)
        warn(to, model, field->name, "fields.W342",
             "a unique reference is a one-to-one relation: NU_ONE_TO_ONE says so");
    if (field->db_comment != NULL && !backend->alter_column)
        warn(to, model, field->name, "fields.W163", "this database has no comments on columns");
    if (column->db_type.type == NU_DB_NATIVE &&
        field->type->column_type(field, backend->name) == NULL)
        warn(to, model, field->name, "fields.E180",
             nu_fmt("the database \"%s\" has no type for a field of kind %s", backend->name,
                    field->type->name));
    if (field->not_stored && !backend->virtual_columns)
        warn(to, model, field->name, "fields.E221",
             "this database computes generated columns when rows are written: leave out "
             ".not_stored");
}

static void warn_constraint(const warning *to, const nu_model *model,
                            const nu_constraint *constraint)
{
    const char *name = constraint->name;
    if (constraint->operators != NULL)
        warn(to, model, NULL, "models.W038",
             nu_fmt("this database has no exclusions, so \"%s\" is left out", name));
    else if (constraint->deferrable != NU_NOT_DEFERRABLE)
        warn(
            to, model, NULL, "models.W038",
            nu_fmt("this database does not defer unique constraints, so \"%s\" is left out", name));
    if (constraint->include != NULL)
        warn(to, model, NULL, "models.W039",
             nu_fmt("this database stores no further columns with \"%s\"", name));
    if (constraint->nulls_not_distinct)
        warn(to, model, NULL, "models.W047",
             nu_fmt("to this database NULLs differ always, so \"%s\" is left out", name));
}

static void warn_model(const warning *to, const nu_model_info *info)
{
    const nu_model      *model = info->model;
    const nu_db_backend *backend = nu_database_backend(nu_model_database(model));
    for (size_t i = 0; info->own_list[i] != NULL; i++)
        warn_column(to, info->own_list[i], backend);
    for (size_t i = 0; info->own_many[i] != NULL; i++)
        warn_many(to, info->own_many[i]);
    if (backend->alter_column)
        return;
    if (model->db_comment != NULL)
        warn(to, model, NULL, "models.W046", "this database has no comments on tables");
    for (const nu_index *index = model->indexes; index != NULL && index->name != NULL; index++) {
        if (index->include != NULL)
            warn(to, model, NULL, "models.W040",
                 nu_fmt("this database stores no further columns with index \"%s\"", index->name));
    }
    for (const nu_constraint *c = model->constraints; c != NULL && c->name != NULL; c++)
        warn_constraint(to, model, c);
}

void nu_models_warn(nu_model_warn_fn report, void *arg)
{
    const warning to = {report, arg};
    for (const nu_model *const *model = nu_models(); *model != NULL; model++) {
        const nu_model_info *info = nu__info(*model);
        if (!info->automatic && info->concrete == info && !(*model)->unmanaged)
            warn_model(&to, info);
    }
}
