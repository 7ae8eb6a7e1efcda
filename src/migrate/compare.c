#include <string.h>
#include <strings.h>

#include "migrate/internal.h"

static bool text_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool label_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcasecmp(a, b) == 0);
}

bool nu__texts_equal(const char *const *a, const char *const *b)
{
    static const char *const none[] = {NULL};
    a = a != NULL ? a : none;
    b = b != NULL ? b : none;
    for (; *a != NULL && *b != NULL; a++, b++)
        if (strcmp(*a, *b) != 0)
            return false;
    return *a == *b;
}

bool nu__together_equal(const char *const *const *a, const char *const *const *b)
{
    static const char *const *const none[] = {NULL};
    a = a != NULL ? a : none;
    b = b != NULL ? b : none;
    for (; *a != NULL && *b != NULL; a++, b++)
        if (!nu__texts_equal(*a, *b))
            return false;
    return *a == *b;
}

static bool choices_equal(const nu_choice *a, const nu_choice *b)
{
    static const nu_choice none[1];
    a = a != NULL ? a : none;
    b = b != NULL ? b : none;
    for (; a->label != NULL && b->label != NULL; a++, b++)
        if (strcmp(a->label, b->label) != 0 || !nu_equal(a->value, b->value) ||
            (a->group == NULL) != (b->group == NULL) ||
            (a->group != NULL && !choices_equal(a->group, b->group)))
            return false;
    return a->label == b->label;
}

/* What the column is: the kind, its measures, its constraints. */
static bool column_equal(const nu_field *a, const nu_field *b)
{
    return strcmp(a->type->name, b->type->name) == 0 && a->primary_key == b->primary_key &&
           a->null == b->null && a->unique == b->unique && a->db_index == b->db_index &&
           a->max_length == b->max_length && a->max_digits == b->max_digits &&
           a->decimal_places == b->decimal_places && text_equal(a->db_column, b->db_column) &&
           label_equal(a->to_name, b->to_name) && text_equal(a->to_field, b->to_field) &&
           a->no_constraint == b->no_constraint && a->no_index == b->no_index &&
           text_equal(a->db_table, b->db_table) && label_equal(a->through_name, b->through_name);
}

/* What only the program sees. */
static bool behaviour_equal(const nu_field *a, const nu_field *b)
{
    return a->blank == b->blank && a->auto_now == b->auto_now &&
           a->auto_now_add == b->auto_now_add && a->not_editable == b->not_editable &&
           a->default_value.type == b->default_value.type &&
           nu_equal(a->default_value, b->default_value) && a->default_null == b->default_null &&
           choices_equal(a->choices, b->choices) && text_equal(a->verbose_name, b->verbose_name) &&
           text_equal(a->help_text, b->help_text) && text_equal(a->upload_to, b->upload_to) &&
           a->on_delete == b->on_delete && text_equal(a->related_name, b->related_name) &&
           text_equal(a->related_query_name, b->related_query_name);
}

bool nu__field_equal(const nu_field *a, const nu_field *b, bool schema_only)
{
    return column_equal(a, b) && (schema_only || behaviour_equal(a, b));
}

/* ---- meta ------------------------------------------------------------------------------------ */

bool nu__index_equal(const nu_index *a, const nu_index *b)
{
    return text_equal(a->name, b->name) && nu__texts_equal(a->fields, b->fields) &&
           nu__texts_equal(a->include, b->include);
}

static bool indexes_equal(const nu_index *a, const nu_index *b)
{
    static const nu_index none[1];
    a = a != NULL ? a : none;
    b = b != NULL ? b : none;
    for (; a->name != NULL && b->name != NULL; a++, b++)
        if (!nu__index_equal(a, b))
            return false;
    return a->name == NULL && b->name == NULL;
}

bool nu__constraint_equal(const nu_constraint *a, const nu_constraint *b)
{
    return text_equal(a->name, b->name) && nu__texts_equal(a->fields, b->fields);
}

static bool constraints_equal(const nu_constraint *a, const nu_constraint *b)
{
    static const nu_constraint none[1];
    a = a != NULL ? a : none;
    b = b != NULL ? b : none;
    for (; a->name != NULL && b->name != NULL; a++, b++)
        if (!nu__constraint_equal(a, b))
            return false;
    return a->name == NULL && b->name == NULL;
}

bool nu__meta_equal(const nu_meta *a, const nu_meta *b)
{
    return text_equal(a->db_table, b->db_table) && nu__texts_equal(a->ordering, b->ordering) &&
           nu__together_equal(a->unique_together, b->unique_together) &&
           indexes_equal(a->indexes, b->indexes) &&
           constraints_equal(a->constraints, b->constraints) &&
           text_equal(a->verbose_name, b->verbose_name) &&
           text_equal(a->verbose_name_plural, b->verbose_name_plural) &&
           text_equal(a->get_latest_by, b->get_latest_by) &&
           nu__texts_equal(a->permissions, b->permissions) && a->unmanaged == b->unmanaged;
}
