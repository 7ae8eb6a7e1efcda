/* The part of the autodetector for what a model has beside its fields. */
#include <string.h>

#include "migrate/differ.h"

static bool is_compared(const nu__model *from, const nu__model *to)
{
    return !from->meta.proxy && !to->meta.proxy && !from->meta.unmanaged && !to->meta.unmanaged;
}

static nu_operation operation_on(nu_operation_kind kind, const nu__model *model)
{
    return (nu_operation){.kind = kind, .model = model->name};
}

void nu__differ_key(struct differ *differ, nu__model *from, const nu__model *to)
{
    (void)differ;
    if (nu__texts_equal(from->meta.primary_key, to->meta.primary_key))
        return;
    nu_error *error = nu_error_new(NU_COMMAND_ERROR,
                                   "the primary key of model \"%s\" changes to or from one of "
                                   "several fields, which no operation can do",
                                   nu__model_label(to));
    error->hint = "Make a new model and move the rows, or write the migration in SQL.";
    nu_throw(error);
}

void nu__differ_options(struct differ *differ, nu__model *from, const nu__model *to)
{
    if (from->meta.proxy != to->meta.proxy || nu__options_equal(&from->meta, &to->meta))
        return;
    nu_operation operation = operation_on(NU_OPERATION_ALTER_OPTIONS, to);
    nu__meta_set_options(&operation.meta, &to->meta);
    nu__differ_add(differ, to->app, operation);
}

/* ---- indexes --------------------------------------------------------------------------------- */

static bool has_index(const nu_meta *meta, const nu_index *wanted)
{
    const nu_index *index = nu__meta_index(meta, wanted->name);
    return index != NULL && nu__index_equal(index, wanted);
}

/* The new index that is the old one by another name; NULL if there is none. */
static const nu_index *renamed_to(const nu_meta *from, const nu_meta *to, const nu_index *old)
{
    if (has_index(to, old))
        return NULL;
    for (const nu_index *index = to->indexes; index != NULL && index->name != NULL; index++)
        if (!has_index(from, index) && strcmp(index->name, old->name) != 0 &&
            nu__index_renamed(old, index))
            return index;
    return NULL;
}

static bool is_renamed(const nu_meta *from, const nu_meta *to, const nu_index *new)
{
    for (const nu_index *index = from->indexes; index != NULL && index->name != NULL; index++)
        if (renamed_to(from, to, index) == new)
            return true;
    return false;
}

void nu__differ_removed_indexes(struct differ *differ, nu__model *from, const nu__model *to)
{
    const nu_index *index = is_compared(from, to) ? from->meta.indexes : NULL;
    for (; index != NULL && index->name != NULL; index++)
        if (!has_index(&to->meta, index) && renamed_to(&from->meta, &to->meta, index) == NULL) {
            nu_operation operation = operation_on(NU_OPERATION_REMOVE_INDEX, to);
            operation.name = index->name;
            nu__differ_add(differ, to->app, operation);
        }
}

void nu__differ_renamed_indexes(struct differ *differ, nu__model *from, const nu__model *to)
{
    const nu_index *index = is_compared(from, to) ? from->meta.indexes : NULL;
    for (; index != NULL && index->name != NULL; index++) {
        const nu_index *new = renamed_to(&from->meta, &to->meta, index);
        if (new == NULL)
            continue;
        nu_operation operation = operation_on(NU_OPERATION_RENAME_INDEX, to);
        operation.name = index->name;
        operation.new_name = new->name;
        nu__differ_add(differ, to->app, operation);
    }
}

void nu__differ_added_indexes(struct differ *differ, nu__model *from, const nu__model *to)
{
    const nu_index *index = is_compared(from, to) ? to->meta.indexes : NULL;
    for (; index != NULL && index->name != NULL; index++)
        if (!has_index(&from->meta, index) && !is_renamed(&from->meta, &to->meta, index)) {
            nu_operation operation = operation_on(NU_OPERATION_ADD_INDEX, to);
            operation.name = index->name;
            operation.index = index;
            nu__differ_need_all_targets(nu__differ_add(differ, to->app, operation), to);
        }
}

/* ---- constraints ----------------------------------------------------------------------------- */

static bool has_constraint(const nu_meta *meta, const nu_constraint *wanted)
{
    const nu_constraint *constraint = nu__meta_constraint(meta, wanted->name);
    return constraint != NULL && nu__constraint_equal(constraint, wanted, true);
}

void nu__differ_removed_constraints(struct differ *differ, nu__model *from, const nu__model *to)
{
    const nu_constraint *c = is_compared(from, to) ? from->meta.constraints : NULL;
    for (; c != NULL && c->name != NULL; c++)
        if (!has_constraint(&to->meta, c)) {
            nu_operation operation = operation_on(NU_OPERATION_REMOVE_CONSTRAINT, to);
            operation.name = c->name;
            nu__differ_add(differ, to->app, operation);
        }
}

void nu__differ_added_constraints(struct differ *differ, nu__model *from, const nu__model *to)
{
    const nu_constraint *c = is_compared(from, to) ? to->meta.constraints : NULL;
    for (; c != NULL && c->name != NULL; c++)
        if (!has_constraint(&from->meta, c)) {
            nu_operation operation = operation_on(NU_OPERATION_ADD_CONSTRAINT, to);
            operation.name = c->name;
            operation.constraint = c;
            nu__differ_need_all_targets(nu__differ_add(differ, to->app, operation), to);
        }
}

void nu__differ_altered_constraints(struct differ *differ, nu__model *from, const nu__model *to)
{
    const nu_constraint *c = is_compared(from, to) ? to->meta.constraints : NULL;
    for (; c != NULL && c->name != NULL; c++) {
        if (!has_constraint(&from->meta, c) ||
            nu__constraint_equal(nu__meta_constraint(&from->meta, c->name), c, false))
            continue;
        nu_operation operation = operation_on(NU_OPERATION_ALTER_CONSTRAINT, to);
        operation.name = c->name;
        operation.constraint = c;
        nu__differ_add(differ, to->app, operation);
    }
}

/* ---- sets that are unique together ----------------------------------------------------------- */

static void change_sets(struct differ *differ, const nu__model *to, const char *const *const *sets)
{
    nu_operation operation = operation_on(NU_OPERATION_ALTER_UNIQUE_TOGETHER, to);
    operation.meta.unique_together = sets;
    nu__pending *pending = nu__differ_add(differ, to->app, operation);
    for (size_t i = 0; i < nu__count_sets(to->meta.unique_together); i++)
        for (const char *const *name = to->meta.unique_together[i]; *name != NULL; name++) {
            const nu_field *field = nu__model_field(to, *name);
            if (field != NULL)
                nu__differ_need_targets(pending, field);
        }
}

/* The sets that stay. */
static const char *const *const *common(const nu__model *from, const nu__model *to)
{
    size_t              count = nu__count_sets(to->meta.unique_together), used = 0;
    const char *const **sets = nu_alloc((count + 1) * sizeof *sets);
    for (size_t i = 0; i < count; i++)
        if (nu__has_set(from->meta.unique_together, to->meta.unique_together[i]))
            sets[used++] = to->meta.unique_together[i];
    return used > 0 ? sets : NULL;
}

/* Those that go, before the fields which they name. */
void nu__differ_removed_together(struct differ *differ, nu__model *from, const nu__model *to)
{
    if (!is_compared(from, to) ||
        nu__together_equal(from->meta.unique_together, to->meta.unique_together) ||
        nu__count_sets(from->meta.unique_together) == 0)
        return;
    const char *const *const *kept = common(from, to);
    if (!nu__together_equal(kept, from->meta.unique_together))
        change_sets(differ, to, kept);
}

/* Those that come, once their fields are there. */
void nu__differ_added_together(struct differ *differ, nu__model *from, const nu__model *to)
{
    if (is_compared(from, to) && !nu__together_equal(common(from, to), to->meta.unique_together))
        change_sets(differ, to, to->meta.unique_together);
}

/* ---- the rest -------------------------------------------------------------------------------- */

void nu__differ_order(struct differ *differ, nu__model *from, const nu__model *to)
{
    const char *reference = to->meta.order_with_respect_to;
    if (!is_compared(from, to) || nu__text_equal(from->meta.order_with_respect_to, reference))
        return;
    nu_operation operation = operation_on(NU_OPERATION_ALTER_ORDER, to);
    operation.meta.order_with_respect_to = reference;
    nu__pending *pending = nu__differ_add(differ, to->app, operation);
    if (reference != NULL)
        nu__differ_need(pending, NU_NEEDS_CREATED, to->app, to->name, reference);
}

void nu__differ_table(struct differ *differ, nu__model *from, const nu__model *to)
{
    if (from->meta.proxy != to->meta.proxy ||
        nu__text_equal(from->meta.db_table, to->meta.db_table))
        return;
    nu_operation operation = operation_on(NU_OPERATION_ALTER_TABLE, to);
    operation.name = to->meta.db_table;
    nu__differ_add(differ, to->app, operation);
}

void nu__differ_table_comment(struct differ *differ, nu__model *from, const nu__model *to)
{
    if (!is_compared(from, to) || nu__text_equal(from->meta.db_comment, to->meta.db_comment))
        return;
    nu_operation operation = operation_on(NU_OPERATION_ALTER_TABLE_COMMENT, to);
    operation.name = to->meta.db_comment;
    nu__differ_add(differ, to->app, operation);
}
