#include "migrate/internal.h"

#include <string.h>
#include <strings.h>

#include "base/ascii.h"

/* ---- states ---------------------------------------------------------------------------------- */

nu__state *nu__state_new(void)
{
    return nu_alloc(sizeof(nu__state));
}

static nu__model *copy_model(const nu__model *model)
{
    nu__model *copy = nu_alloc(sizeof *copy);
    *copy = *model;
    copy->fields = nu_alloc((model->count + 1) * sizeof *copy->fields);
    if (model->count > 0)
        memcpy(copy->fields, model->fields, model->count * sizeof *copy->fields);
    return copy;
}

nu__state *nu__state_copy(const nu__state *state)
{
    nu__state *copy = nu__state_new();
    for (size_t i = 0; i < state->count; i++)
        nu__state_add(copy, copy_model(state->models[i]));
    return copy;
}

void nu__state_add(nu__state *state, nu__model *model)
{
    if (state->count == state->capacity) {
        size_t wanted = state->capacity ? 2 * state->capacity : 16;
        state->models =
            nu_arena_grow(nu_arena_current(), state->models,
                          state->capacity * sizeof *state->models, wanted * sizeof *state->models);
        state->capacity = wanted;
    }
    state->models[state->count++] = model;
}

void nu__state_remove(nu__state *state, const nu__model *model)
{
    for (size_t i = 0; i < state->count; i++)
        if (state->models[i] == model) {
            memmove(&state->models[i], &state->models[i + 1],
                    (state->count - i - 1) * sizeof *state->models);
            state->count--;
            return;
        }
}

nu__model *nu__state_find(const nu__state *state, const char *app, const char *name)
{
    for (size_t i = 0; i < state->count; i++)
        if (strcmp(state->models[i]->app, app) == 0 &&
            strcasecmp(state->models[i]->name, name) == 0)
            return state->models[i];
    return NULL;
}

nu__model *nu__state_find_label(const nu__state *state, const char *label)
{
    const char *dot = strchr(label, '.');
    if (dot == NULL)
        return NULL;
    return nu__state_find(state, nu_arena_copy(nu_arena_current(), label, (size_t)(dot - label)),
                          dot + 1);
}

/* ---- models ---------------------------------------------------------------------------------- */

nu_field *nu__model_field(const nu__model *model, const char *name)
{
    for (size_t i = 0; i < model->count; i++)
        if (strcmp(model->fields[i].name, name) == 0)
            return &model->fields[i];
    return NULL;
}

/* Django's OrderWrt. */
static const nu_field_type order_type = {.name = "OrderWrt", .db = NU_DB_INT};

bool nu__field_is_order(const nu_field *field)
{
    return strcmp(field->type->name, order_type.name) == 0;
}

const nu_field **nu__fields_by_name(const nu__model *model, bool (*wanted)(const nu_field *field),
                                    size_t *count)
{
    const nu_field **list = nu_alloc((model->count + 1) * sizeof *list);
    *count = 0;
    for (size_t i = 0; i < model->count; i++) {
        if (!wanted(&model->fields[i]))
            continue;
        size_t at = (*count)++;
        for (; at > 0 && strcmp(list[at - 1]->name, model->fields[i].name) > 0; at--)
            list[at] = list[at - 1];
        list[at] = &model->fields[i];
    }
    return list;
}

void nu__model_add_field(nu__model *model, const nu_field *field)
{
    size_t size = (model->count + 1) * sizeof *model->fields, at = model->count;
    model->fields =
        nu_arena_grow(nu_arena_current(), model->fields, model->count * sizeof *model->fields,
                      size + sizeof *model->fields);
    if (at > 0 && nu__field_is_order(&model->fields[at - 1])) {
        model->fields[at] = model->fields[at - 1];
        at--;
    }
    model->fields[at] = *field;
    model->count++;
    memset(&model->fields[model->count], 0, sizeof *model->fields);
}

void nu__model_set_order(nu__model *model, const char *reference)
{
    static const nu_field order = {.name = "_order", .type = &order_type, .not_editable = true};
    bool                  has = nu__model_field(model, "_order") != NULL;
    model->meta.order_with_respect_to = reference;
    if (has && reference == NULL)
        nu__model_remove_field(model, "_order");
    if (!has && reference != NULL)
        nu__model_add_field(model, &order);
}

void nu__model_remove_field(nu__model *model, const char *name)
{
    nu_field *field = nu__model_field(model, name);
    size_t    index = (size_t)(field - model->fields);
    memmove(field, field + 1, (model->count - index) * sizeof *field);
    model->count--;
}

const char *nu__model_label(const nu__model *model)
{
    return nu_fmt("%s.%s", model->app, model->name);
}

const char *nu__lower(const char *text)
{
    return nu__lower_copy(nu_arena_current(), text, strlen(text));
}

const char *nu__model_table(const nu__model *model)
{
    if (model->meta.db_table != NULL)
        return model->meta.db_table;
    return nu_fmt("%s_%s", model->app, nu__lower(model->name));
}

const nu_field *nu__model_primary_key(const nu__model *model)
{
    for (size_t i = 0; i < model->count; i++)
        if (model->fields[i].primary_key)
            return &model->fields[i];
    nu_raise(NU_VALUE_ERROR, "model \"%s\" has no primary key in its migrations",
             nu__model_label(model));
}

/* ---- the program's models -------------------------------------------------------------------- */

static nu_field field_of_column(const nu_column *column)
{
    nu_field field = *column->field;
    field.name = column->name;
    field.offset = 0;
    field.member = NU_MEMBER_NONE;
    field.file = NULL;
    field.line = 0;
    field.primary_key = column->primary_key;
    if (field.through != NULL) {
        field.through_name = nu_model_label(field.through);
        field.through = NULL;
    }
    if (column->to != NULL) {
        field.to = NULL;
        field.to_name = nu_model_label(column->to);
    }
    return field;
}

/* "%(app_label)s" and "%(class)s" stand in names that abstract models share. */
static const char *expanded(const char *name, const char *app, const char *model)
{
    static const char label[] = "%(app_label)s", class[] = "%(class)s";
    if (strchr(name, '%') == NULL)
        return name;
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    while (*name != '\0') {
        if (nu_starts_with(name, label)) {
            nu_builder_puts(&out, app);
            name += sizeof label - 1;
        } else if (nu_starts_with(name, class)) {
            nu_builder_puts(&out, nu__lower(model));
            name += sizeof class - 1;
        } else {
            nu_builder_putc(&out, *name++);
        }
    }
    return nu_builder_text(&out);
}

static const char *column_of(const nu_model *model, const char *name)
{
    const nu_column *column = nu_column_get(model, name);
    return column->column != NULL ? column->column : name;
}

/* An index without a name: its table, first column and a digest, as Django's. */
static const char *index_name(const nu_model *model, const nu_index *index)
{
    size_t       count = nu__count_texts(index->fields);
    const char **columns = nu_alloc((count + 1) * sizeof *columns);
    if (count == 0)
        nu_raise(NU_CONFIG_ERROR, "an index of expressions in \"%s\" needs a name",
                 nu_model_label(model));
    for (size_t i = 0; i < count; i++) {
        bool down = index->fields[i][0] == '-';
        columns[i] = nu_fmt("%s%s", down ? "-" : "", column_of(model, index->fields[i] + down));
    }
    return nu__short_index_name(nu_model_table(model), columns,
                                index->method != NULL ? index->method : "idx");
}

static const nu_index *indexes_of(const char *app, const nu_model *model)
{
    size_t    count = nu__count_indexes(model->indexes);
    nu_index *list = nu_alloc((count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++) {
        list[i] = model->indexes[i];
        list[i].name = list[i].name[0] == '\0' ? index_name(model, &list[i])
                                               : expanded(list[i].name, app, model->name);
    }
    return count > 0 ? list : NULL;
}

static const nu_constraint *constraints_of(const char *app, const nu_model *model)
{
    size_t         count = nu__count_constraints(model->constraints);
    nu_constraint *list = nu_alloc((count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++) {
        list[i] = model->constraints[i];
        list[i].name = expanded(list[i].name, app, model->name);
    }
    return count > 0 ? list : NULL;
}

static const char *const *bases_of(const nu_model *model)
{
    const nu_model *base = model->proxy_of != NULL ? model->proxy_of : model->parent;
    if (base == NULL)
        return NULL;
    const char **bases = nu_alloc(2 * sizeof *bases);
    bases[0] = nu_model_label(base);
    return bases;
}

/* The names of the fields of a key of several. */
static const char *const *key_of(const nu_model *model)
{
    const nu_column *key = nu_model_primary_key(model);
    size_t           count = 0;
    if (key->parts == NULL || model->proxy_of != NULL)
        return NULL;
    while (key->parts[count] != NULL)
        count++;
    const char **names = nu_alloc((count + 1) * sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = key->parts[i]->name;
    return names;
}

static nu_meta options_of(const char *app, const nu_model *model)
{
    return (nu_meta){
        .db_table = model->db_table,
        .db_comment = model->db_comment,
        .ordering = model->ordering,
        .unique_together = model->unique_together,
        .indexes = indexes_of(app, model),
        .constraints = constraints_of(app, model),
        .verbose_name = model->verbose_name,
        .verbose_name_plural = model->verbose_name_plural,
        .get_latest_by = model->get_latest_by,
        .permissions = model->permissions,
        .default_permissions = model->default_permissions,
        .primary_key = key_of(model),
        .order_with_respect_to = model->order_with_respect_to,
        .default_related_name = model->default_related_name,
        .bases = bases_of(model),
        .proxy = model->proxy_of != NULL,
        .unmanaged = model->unmanaged,
    };
}

static nu__model *model_of(const char *app, const nu_model *model)
{
    nu__model *state = nu_alloc(sizeof *state);
    *state = (nu__model){.app = app, .name = model->name, .meta = options_of(app, model)};
    if (state->meta.proxy)
        return state;
    for (const nu_column *const *column = nu_model_own_columns(model); *column != NULL; column++) {
        nu_field field = field_of_column(*column);
        nu__model_add_field(state, &field);
    }
    for (const nu_column *const *column = nu_model_own_many(model); *column != NULL; column++) {
        nu_field field = field_of_column(*column);
        nu__model_add_field(state, &field);
    }
    return state;
}

nu__state *nu__state_of_models(const nu__migrate_app *apps, size_t count)
{
    nu__state *state = nu__state_new();
    for (const nu_model *const *model = nu_models(); *model != NULL; model++) {
        if (nu_model_is_automatic(*model))
            continue;
        for (size_t i = 0; i < count; i++)
            if (strcmp(apps[i].label, nu_model_app(*model)) == 0)
                nu__state_add(state, model_of(apps[i].label, *model));
    }
    return state;
}
