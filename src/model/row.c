/* Rows: made, asked by name, compared, shown. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/text.h"

/* ---- making --------------------------------------------------------------------------------- */

void nu__tell_init(nu_signal_kind signal, nu_row *row)
{
    if (nu_signal_is_heard(signal, nu_row_model(row)))
        nu_signal_send(&(nu_event){.signal = signal,
                                   .model = nu_row_model(row),
                                   .row = row,
                                   .database = row->state->database});
}

/* With its defaults. */
static nu_row *blank(const nu_model *model)
{
    const nu_model_info *info = nu__info(model);
    size_t               stride;
    nu_row              *row = nu__rows_alloc(nu_arena_current(), model, 1, &stride);
    nu__tell_init(NU_PRE_INIT, row);
    for (size_t i = 0; i < info->all_count; i++) {
        const nu_column *column = info->column_list[i];
        const nu_field  *field = column->field;
        if (field->default_fn != NULL || !nu_is_null(field->default_value))
            nu__member_put(row, column, nu_column_default(column));
    }
    return row;
}

nu_row *nu_row_new(const nu_model *model)
{
    return nu_row_new_(model, (nu_pairs){NULL, 0});
}

nu_row *nu_row_new_(const nu_model *model, nu_pairs pairs)
{
    nu_row *row = blank(model);
    for (size_t i = 0; i < pairs.count; i++)
        nu_row_set(row, pairs.items[i].key, pairs.items[i].value);
    nu__tell_init(NU_POST_INIT, row);
    return row;
}

nu_row *nu_row_create_(const nu_model *model, nu_pairs pairs)
{
    nu_row *row = nu_row_new_(model, pairs);
    nu_row_insert(row);
    return row;
}

/* ---- asking --------------------------------------------------------------------------------- */

const nu_model *nu_row_model(const nu_row *row)
{
    return (const nu_model *)(const void *)row->class;
}

nu_row *nu_row_of(nu_value value)
{
    if (value.type != NU_OBJECT)
        return NULL;
    const nu_object *object = value.object;
    return object->class->get == nu_row_class_get_ ? value.object : NULL;
}

bool nu_row_is_new(const nu_row *row)
{
    return row->state == NULL || !row->state->saved;
}

bool nu_row_is_deferred(const nu_row *row, const nu_column *column)
{
    uint64_t bit = (uint64_t)1 << (column->index < 63 ? column->index : 63);
    return row->state != NULL && column->column != NULL && (row->state->deferred & bit) != 0;
}

nu_value nu_row_key(const nu_row *row)
{
    return nu__member_get(row, nu_model_primary_key(nu_row_model(row)));
}

void nu_row_set_key(nu_row *row, nu_value key)
{
    nu__member_put(row, nu_model_primary_key(nu_row_model(row)), key);
}

nu_value nu_row_value(const nu_row *row, const nu_column *column)
{
    if (nu__is_deferred(row, column))
        nu__load_deferred((nu_row *)row);
    return nu__member_get(row, column);
}

/* A text with a NUL is more than a member can hold. SQLite takes it, as in Django, so it goes there
 * without being kept here. */
static bool is_beyond_member(const nu_row *row, const nu_column *column, nu_value value)
{
    return value.type == NU_TEXT && column->member == NU_MEMBER_TEXT && row->state != NULL &&
           column->column != NULL && memchr(value.text, '\0', value.length) != NULL &&
           nu_database_backend(nu__row_database(row)) == &nu_db_sqlite;
}

void nu_row_put(nu_row *row, const nu_column *column, nu_value value)
{
    if (is_beyond_member(row, column, value))
        value = nu_value_object(nu_expr_value_(value));
    if (nu__computed_put(row, column, value))
        return;
    nu__member_put(row, column, value);
    if (column->field->db_default != NULL && row->state != NULL)
        row->state->given |= (uint64_t)1 << (column->index < 63 ? column->index : 63);
    if (row->state != NULL && row->state->deferred != 0 && column->index < 63)
        row->state->deferred &= ~((uint64_t)1 << column->index);
}

/* A generic key takes a row of any model, or null. */
static bool set_generic(nu_row *row, const char *name, nu_value value)
{
    const nu_name *found =
        nu__name_find(nu__info(nu_row_model(row)), name, strlen(name), NU_MEANS_GENERIC);
    if (found == NULL)
        return false;
    if (!nu_is_null(value) && nu_row_of(value) == NULL)
        nu_raise(NU_VALUE_ERROR, "\"%s\" of model \"%s\" takes a row, not %s", name,
                 nu_row_model(row)->name, nu_value_type_name(value));
    nu__generic_set(row, found->what, nu_row_of(value));
    return true;
}

/* By its own name a reference takes a row; a key goes to the name of the column: "author_id". */
static void require_row(const nu_column *column, const char *name, nu_value value)
{
    if (column->to == NULL || nu_is_null(value) || nu_row_of(value) != NULL ||
        strcmp(name, column->name) != 0 || strcmp(name, column->attname) == 0)
        return;
    nu_error *error =
        nu_error_new(NU_VALUE_ERROR, "\"%s\" of model \"%s\" takes a row of \"%s\", not %s", name,
                     column->model->name, column->to->name, nu_value_type_name(value));
    error->hint = nu_fmt("A key goes to \"%s\".", column->attname);
    nu_throw(error);
}

void nu_row_set(nu_row *row, const char *name, nu_value value)
{
    if (set_generic(row, name, value))
        return;
    const nu_column *column = nu_column_get(nu_row_model(row), name);
    if (column->field->type->many) {
        nu_error *error =
            nu_error_new(NU_FIELD_ERROR, "field \"%s\" of model \"%s\" holds many rows", name,
                         column->model->name);
        error->hint = "Save the row, then use nu_many_set.";
        nu_throw(error);
    }
    require_row(column, name, value);
    const nu_row *to = nu_row_of(value);
    if (to != NULL)
        nu__check_relation(row, to, name);
    nu_row_put(row, column, value);
}

/* ---- by name -------------------------------------------------------------------------------- */

static nu_value column_value(nu_row *row, const nu_name *name)
{
    const nu_column *column = name->what;
    bool             by_name = column->to != NULL && strcmp(name->text, column->name) == 0;
    return by_name ? nu_value_object(nu__row_reference(row, column)) : nu_row_value(row, column);
}

static nu_value accessor_value(nu_row *row, const nu_name *name)
{
    const nu_reverse *reverse = name->what;
    if (!reverse->to_one)
        return nu_value_object(nu_row_related_set(row, reverse->name));
    nu_dict  *cache = row->state != NULL ? row->state->cache : NULL;
    nu_value *kept = cache != NULL ? nu_dict_find(cache, reverse->name) : NULL;
    if (kept != NULL)
        return *kept;
    nu_fetched *set = row->state != NULL ? row->state->set : NULL;
    nu_arena   *before = nu_arena_enter(set != NULL ? set->arena : nu_arena_current());
    nu_row     *found = nu_query_first(nu_row_related_set(row, reverse->name));
    if (found != NULL && row->state != NULL)
        nu__row_keep(row, reverse->name, NU_V(found));
    nu_arena_enter(before);
    return nu_value_object(found);
}

/* Groups hold choices, not groups. NULL if there is no such choice. */
static const char *label_of(const nu_choice *choices, nu_value value)
{
    nu_check_stack();
    for (; choices != NULL && choices->label != NULL; choices++) {
        const char *inner = choices->group != NULL ? label_of(choices->group, value) : NULL;
        if (inner != NULL)
            return inner;
        if (choices->group == NULL && nu_equal(choices->value, value))
            return choices->label;
    }
    return NULL;
}

/* get_FOO_display: the label of the choice. */
static bool display_value(nu_row *row, const char *key, size_t length, nu_value *out)
{
    const size_t before = strlen("get_"), after = strlen("_display");
    if (length <= before + after || memcmp(key, "get_", before) != 0 ||
        memcmp(key + length - after, "_display", after) != 0)
        return false;
    const nu_name *name = nu__name_find(nu__info(nu_row_model(row)), key + before,
                                        length - before - after, NU_MEANS_COLUMN);
    if (name == NULL)
        return false;
    const nu_column *column = name->what;
    nu_value         value = nu_row_value(row, column);
    const char      *label = label_of(nu_field_choices(column->field), value);
    *out = label != NULL ? nu_value_text(label) : nu_value_str(value);
    return true;
}

static bool annotation_value(const nu_row *row, const char *key, size_t length, nu_value *out)
{
    const nu_fetched *set = row->state != NULL ? row->state->set : NULL;
    for (size_t i = 0; set != NULL && row->state->annotations != NULL && i < set->annotation_count;
         i++) {
        if (strncmp(set->annotations[i], key, length) == 0 && set->annotations[i][length] == '\0') {
            *out = row->state->annotations[i];
            return true;
        }
    }
    return false;
}

/* What nu_prefetch_with keeps under a name of its own. */
static bool kept_value(const nu_row *row, const char *key, size_t length, nu_value *out)
{
    nu_dict  *cache = row->state != NULL ? row->state->cache : NULL;
    nu_value *kept = cache != NULL ? nu_dict_find_n(cache, key, length) : NULL;
    if (kept != NULL)
        *out = *kept;
    return kept != NULL;
}

static bool url_value(nu_row *row, const char *key, size_t length, nu_value *out)
{
    nu_row_text_fn url_of = nu__info(nu_row_model(row))->url;
    if (url_of == NULL || length != strlen("get_absolute_url") ||
        memcmp(key, "get_absolute_url", length) != 0)
        return false;
    *out = nu_value_text(((const char *(*)(const void *))url_of)(row));
    return true;
}

bool nu_row_class_get_(void *self, const char *key, size_t length, nu_value *out)
{
    nu_row        *row = self;
    const nu_name *name = nu__name_find(nu__info(nu_row_model(row)), key, length,
                                        NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_ACCESSOR |
                                            NU_MEANS_PROPERTY | NU_MEANS_GENERIC);
    if (name == NULL)
        return annotation_value(row, key, length, out) || display_value(row, key, length, out) ||
               url_value(row, key, length, out) || kept_value(row, key, length, out);
    switch (name->meaning) {
    case NU_MEANS_COLUMN: *out = column_value(row, name); return true;
    case NU_MEANS_MANY: *out = nu_value_object(nu_row_related_set(row, name->text)); return true;
    case NU_MEANS_ACCESSOR: *out = accessor_value(row, name); return true;
    case NU_MEANS_PROPERTY: *out = ((const nu_property *)name->what)->get(row); return true;
    case NU_MEANS_GENERIC: *out = nu_value_object(nu__generic_row(row, name->what)); return true;
    case NU_MEANS_QUERY: break;
    }
    return false;
}

bool nu_row_find(nu_row *row, const char *name, nu_value *out)
{
    return nu_row_class_get_(row, name, strlen(name), out);
}

nu_value nu_row_get(nu_row *row, const char *name)
{
    nu_value value;
    if (!nu_row_find(row, name, &value))
        nu__unknown_field(nu__info(nu_row_model(row)), name, strlen(name),
                          NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_ACCESSOR | NU_MEANS_PROPERTY);
    return value;
}

/* ---- as a value ----------------------------------------------------------------------------- */

nu_value nu_row_class_text_(void *self)
{
    nu_row              *row = self;
    const nu_model_info *info = nu__info(nu_row_model(row));
    if (info->text != NULL)
        return nu_value_text(((const char *(*)(const void *))info->text)(row));
    nu_value key = nu_row_key(row);
    return nu_value_text(nu_fmt("%s object (%s)", info->model->name, nu_text(key)));
}

bool nu_row_class_equal_(void *self, nu_value other)
{
    nu_row *a = self, *b = nu_row_of(other);
    if (a == b || b == NULL ||
        nu_model_concrete(nu_row_model(a)) != nu_model_concrete(nu_row_model(b)))
        return a == b;
    nu_value key = nu_row_key(a);
    return !nu_is_null(key) && nu_equal(key, nu_row_key(b));
}

nu_value nu_row_class_plain_(void *self)
{
    nu_row              *row = self;
    const nu_model_info *info = nu__info(nu_row_model(row));
    nu_dict             *dict = nu_dict_new();
    for (size_t i = 0; i < info->all_count; i++)
        nu_dict_put(dict, nu_value_text(info->column_list[i]->attname),
                    nu_row_value(row, info->column_list[i]));
    return nu_value_dict(dict);
}
