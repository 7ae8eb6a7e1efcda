#include <string.h>
#include <strings.h>

#include "migrate/internal.h"
#include "model/schema_sql.h"

bool nu__text_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool nu__label_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcasecmp(a, b) == 0);
}

bool nu__has_text(const char *const *texts, const char *text)
{
    for (; texts != NULL && *texts != NULL; texts++)
        if (strcmp(*texts, text) == 0)
            return true;
    return false;
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

bool nu__has_set(const char *const *const *sets, const char *const *wanted)
{
    for (; sets != NULL && *sets != NULL; sets++)
        if (nu__texts_equal(*sets, wanted))
            return true;
    return false;
}

bool nu__together_equal(const char *const *const *a, const char *const *const *b)
{
    size_t count = nu__count_sets(a);
    bool   equal = count == nu__count_sets(b);
    for (size_t i = 0; i < count && equal; i++)
        equal = nu__has_set(b, a[i]);
    return equal;
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

static bool expression_equal(nu_expression_fn a, nu_expression_fn b)
{
    if (a == b || a == NULL || b == NULL)
        return a == b;
    return strcmp(nu__expression_source(a()), nu__expression_source(b())) == 0;
}

/* What the column is: the kind, its measures, its constraints. */
static bool column_equal(const nu_field *a, const nu_field *b)
{
    return strcmp(a->type->name, b->type->name) == 0 && a->primary_key == b->primary_key &&
           a->null == b->null && a->unique == b->unique && a->db_index == b->db_index &&
           a->max_length == b->max_length && a->max_digits == b->max_digits &&
           a->decimal_places == b->decimal_places && a->size == b->size && nu__text_equal(a->db_column, b->db_column) &&
           nu__label_equal(a->to_name, b->to_name) && nu__text_equal(a->to_field, b->to_field) &&
           a->no_constraint == b->no_constraint && a->no_index == b->no_index &&
           nu__text_equal(a->db_table, b->db_table) &&
           nu__label_equal(a->through_name, b->through_name) &&
           nu__text_equal(a->db_comment, b->db_comment) &&
           nu__text_equal(a->db_collation, b->db_collation) &&
           expression_equal(a->db_default, b->db_default) &&
           expression_equal(a->generated, b->generated) && a->not_stored == b->not_stored;
}

/* What only the program sees. */
static bool behaviour_equal(const nu_field *a, const nu_field *b)
{
    return a->blank == b->blank && a->auto_now == b->auto_now &&
           a->auto_now_add == b->auto_now_add && a->not_editable == b->not_editable &&
           a->default_value.type == b->default_value.type &&
           nu_equal(a->default_value, b->default_value) && a->default_null == b->default_null &&
           choices_equal(a->choices, b->choices) &&
           nu__text_equal(a->verbose_name, b->verbose_name) &&
           nu__text_equal(a->help_text, b->help_text) &&
           nu__text_equal(a->upload_to, b->upload_to) && a->on_delete == b->on_delete &&
           nu__text_equal(a->related_name, b->related_name) &&
           nu__text_equal(a->related_query_name, b->related_query_name) &&
           a->allow_unicode == b->allow_unicode && nu__text_equal(a->protocol, b->protocol) &&
           a->unpack_ipv4 == b->unpack_ipv4 && nu__text_equal(a->path, b->path) &&
           nu__text_equal(a->match, b->match) && a->recursive == b->recursive &&
           a->no_files == b->no_files && a->allow_folders == b->allow_folders &&
           nu__text_equal(a->width_field, b->width_field) &&
           nu__text_equal(a->height_field, b->height_field) &&
           a->asymmetrical == b->asymmetrical && a->parent_link == b->parent_link;
}

/* What the items of arrays are. */
static bool base_equal(const nu_field *a, const nu_field *b, bool schema_only)
{
    nu_check_stack();
    return a == NULL || b == NULL ? a == b : nu__field_equal(a, b, schema_only);
}

bool nu__field_equal(const nu_field *a, const nu_field *b, bool schema_only)
{
    return column_equal(a, b) && base_equal(a->base_field, b->base_field, schema_only) && (schema_only || behaviour_equal(a, b));
}

bool nu__field_altered(const nu_field *from, const nu_field *to)
{
    nu_field alike = *to;
    alike.blank = from->blank;
    alike.choices = from->choices;
    alike.db_column = from->db_column;
    alike.not_editable = from->not_editable;
    alike.help_text = from->help_text;
    alike.on_delete = from->on_delete;
    alike.related_name = from->related_name;
    alike.related_query_name = from->related_query_name;
    alike.verbose_name = from->verbose_name;
    alike.db_comment = from->db_comment;
    return !nu__field_equal(from, &alike, false);
}

/* ---- indexes and constraints ----------------------------------------------------------------- */

static bool expressions_equal(const nu_expression_fn *a, const nu_expression_fn *b)
{
    static const nu_expression_fn none[1];
    a = a != NULL ? a : none;
    b = b != NULL ? b : none;
    for (; *a != NULL && *b != NULL; a++, b++)
        if (!expression_equal(*a, *b))
            return false;
    return *a == *b;
}

bool nu__index_renamed(const nu_index *a, const nu_index *b)
{
    return nu__texts_equal(a->fields, b->fields) &&
           expressions_equal(a->expressions, b->expressions) &&
           expression_equal(a->condition, b->condition) &&
           nu__texts_equal(a->include, b->include) && nu__texts_equal(a->opclasses, b->opclasses) &&
           nu__text_equal(a->method, b->method) && nu__text_equal(a->storage, b->storage);
}

bool nu__index_equal(const nu_index *a, const nu_index *b)
{
    return nu__text_equal(a->name, b->name) && nu__index_renamed(a, b);
}

bool nu__constraint_equal(const nu_constraint *a, const nu_constraint *b, bool schema_only)
{
    return nu__text_equal(a->name, b->name) && nu__texts_equal(a->fields, b->fields) &&
           expressions_equal(a->expressions, b->expressions) &&
           expression_equal(a->condition, b->condition) && a->deferrable == b->deferrable &&
           nu__texts_equal(a->include, b->include) && nu__texts_equal(a->opclasses, b->opclasses) &&
           a->nulls_not_distinct == b->nulls_not_distinct &&
           nu__texts_equal(a->operators, b->operators) && nu__text_equal(a->method, b->method) &&
           (schema_only ||
            (nu__text_equal(a->message, b->message) && nu__text_equal(a->code, b->code)));
}
