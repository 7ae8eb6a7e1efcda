/* States and operations of the migration cases, from Django's words into ours. */
#include "migrations.h"

#include <string.h>

const nu_kind nu__not_built = {.name = "NotBuilt", .parent = &nu_kind_error};

static const char *text_of(const nu_dict *json, const char *key)
{
    nu_value value = nu_dict_get(json, key);
    return nu_is_text(value) ? value.text : NULL;
}

static bool flag_of(const nu_dict *json, const char *key)
{
    return nu_truth(nu_dict_get(json, key));
}

static int number_of(const nu_dict *json, const char *key)
{
    nu_value value = nu_dict_get(json, key);
    return value.type == NU_INT ? (int)value.integer : 0;
}

/* A list of texts, NULL-ended; null gives NULL. */
static const char *const *texts_of(nu_value value)
{
    if (value.type != NU_LIST)
        return NULL;
    const char **texts = nu_alloc((value.list->count + 1) * sizeof *texts);
    for (uint32_t i = 0; i < value.list->count; i++)
        texts[i] = nu_text(value.list->items[i]);
    return texts;
}

/* ---- fields ---------------------------------------------------------------------------------- */

static const nu_field_type *type_named(const char *name)
{
    static const nu_field_type *const types[] = {
        &nu_field_auto,
        &nu_field_big_auto,
        &nu_field_small_auto,
        &nu_field_char,
        &nu_field_text,
        &nu_field_slug,
        &nu_field_email,
        &nu_field_url,
        &nu_field_int,
        &nu_field_small_int,
        &nu_field_big_int,
        &nu_field_positive_int,
        &nu_field_positive_small_int,
        &nu_field_positive_big_int,
        &nu_field_float,
        &nu_field_decimal,
        &nu_field_bool,
        &nu_field_date,
        &nu_field_datetime,
        &nu_field_time,
        &nu_field_duration,
        &nu_field_uuid,
        &nu_field_json,
        &nu_field_binary,
        &nu_field_ip,
        &nu_field_file,
        &nu_field_foreign,
        &nu_field_one_to_one,
        &nu_field_many_to_many,
    };
    for (size_t i = 0; i < NU_COUNT(types); i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    nu_raise(NU__NOT_BUILT, "the field kind %s", name);
}

static nu_on_delete on_delete_of(const char *word)
{
    static const struct {
        const char  *word;
        nu_on_delete action;
    } actions[] = {
        {"CASCADE", NU_CASCADE},   {"PROTECT", NU_PROTECT},         {"RESTRICT", NU_RESTRICT},
        {"SET_NULL", NU_SET_NULL}, {"SET_DEFAULT", NU_SET_DEFAULT}, {"DO_NOTHING", NU_DO_NOTHING},
    };
    for (size_t i = 0; word != NULL && i < NU_COUNT(actions); i++)
        if (strcmp(actions[i].word, word) == 0)
            return actions[i].action;
    return NU_ON_DELETE_MISSING;
}

static const nu_choice *choices_of(nu_value value)
{
    if (value.type != NU_LIST)
        return NULL;
    nu_choice *choices = nu_alloc((value.list->count + 1) * sizeof *choices);
    for (uint32_t i = 0; i < value.list->count; i++) {
        const nu_list *pair = value.list->items[i].list;
        choices[i] = (nu_choice){.value = pair->items[0], .label = nu_text(pair->items[1])};
    }
    return choices;
}

static nu_value now_default(void)
{
    return nu_value_datetime(nu_now());
}

static nu_value uuid_default(void)
{
    return nu_value_uuid((nu_uuid){.set = true});
}

static const char *target_of(nu_value to)
{
    if (to.type == NU_DICT) /* the setting AUTH_USER_MODEL */
        return "auth.user";
    return nu_is_text(to) ? nu__lower(to.text) : NULL; /* labels are the same in any case */
}

static void read_default(nu_field *field, const nu_dict *kwargs)
{
    const nu_value *value = nu_dict_find(kwargs, "default");
    if (value == NULL)
        return;
    if (value->type == NU_DICT)
        field->default_fn = field->type == &nu_field_uuid ? uuid_default : now_default;
    else if (nu_is_null(*value))
        field->default_null = true;
    else
        field->default_value = *value;
}

static nu_field read_field(const char *name, const nu_dict *json)
{
    static const nu_dict *empty;
    nu_value              given = nu_dict_get(json, "kwargs");
    const nu_dict        *kwargs = given.type == NU_DICT ? given.dict : (empty = nu_dict_new());
    nu_value              own_index = nu_dict_get(kwargs, "db_index");
    nu_value              constraint = nu_dict_get(kwargs, "db_constraint");
    nu_value              editable = nu_dict_get(kwargs, "editable");
    if (flag_of(kwargs, "parent_link"))
        nu_raise(NU__NOT_BUILT, "inheritance over tables");
    nu_field field = {
        .name = name,
        .type = type_named(text_of(json, "class")),
        .primary_key = flag_of(kwargs, "primary_key"),
        .null = flag_of(kwargs, "null"),
        .blank = flag_of(kwargs, "blank"),
        .unique = flag_of(kwargs, "unique"),
        .auto_now = flag_of(kwargs, "auto_now"),
        .auto_now_add = flag_of(kwargs, "auto_now_add"),
        .not_editable = !nu_is_null(editable) && !nu_truth(editable),
        .max_length = number_of(kwargs, "max_length"),
        .max_digits = number_of(kwargs, "max_digits"),
        .decimal_places = number_of(kwargs, "decimal_places"),
        .choices = choices_of(nu_dict_get(kwargs, "choices")),
        .verbose_name = text_of(kwargs, "verbose_name"),
        .help_text = text_of(kwargs, "help_text"),
        .db_column = text_of(kwargs, "db_column"),
        .upload_to = text_of(kwargs, "upload_to"),
        .to_name = target_of(nu_dict_get(kwargs, "to")),
        .to_field = text_of(kwargs, "to_field"),
        .through_name = text_of(kwargs, "through"),
        .on_delete = on_delete_of(text_of(kwargs, "on_delete")),
        .related_name = text_of(kwargs, "related_name"),
        .no_constraint = !nu_is_null(constraint) && !nu_truth(constraint),
    };
    field.db_index = nu_truth(own_index);
    field.no_index = (field.type->relation || field.type == &nu_field_slug) &&
                     !nu_is_null(own_index) && !field.db_index;
    read_default(&field, kwargs);
    return field;
}

static void read_fields(nu__model *model, nu_value fields)
{
    for (uint32_t i = 0; i < fields.list->count; i++) {
        const nu_dict *json = fields.list->items[i].dict;
        nu_field       field = read_field(text_of(json, "name"), json);
        nu__model_add_field(model, &field);
    }
}

/* ---- options --------------------------------------------------------------------------------- */

static const char *const *const *sets_of(nu_value value)
{
    if (value.type != NU_LIST || value.list->count == 0)
        return NULL;
    const char *const **sets = nu_alloc((value.list->count + 1) * sizeof *sets);
    for (uint32_t i = 0; i < value.list->count; i++)
        sets[i] = texts_of(value.list->items[i]);
    return sets;
}

static const nu_dict *only_names_and_fields(const nu_dict *json, const char *class)
{
    const nu_dict *kwargs = nu_dict_get(json, "kwargs").dict;
    if (strcmp(text_of(json, "class"), class) != 0 || nu_dict_count(kwargs) != 2 ||
        text_of(kwargs, "name") == NULL || nu_is_null(nu_dict_get(kwargs, "fields")))
        nu_raise(NU__NOT_BUILT, "indexes and constraints that are more than a list of fields");
    return kwargs;
}

static nu_index read_index(const nu_dict *json)
{
    const nu_dict *kwargs = only_names_and_fields(json, "Index");
    return (nu_index){.name = text_of(kwargs, "name"),
                      .fields = texts_of(nu_dict_get(kwargs, "fields"))};
}

static nu_constraint read_constraint(const nu_dict *json)
{
    const nu_dict *kwargs = only_names_and_fields(json, "UniqueConstraint");
    return (nu_constraint){.name = text_of(kwargs, "name"),
                           .fields = texts_of(nu_dict_get(kwargs, "fields"))};
}

static void add_index(nu_meta *meta, nu_index index)
{
    size_t count = 0;
    while (meta->indexes != NULL && meta->indexes[count].name != NULL)
        count++;
    nu_index *list = nu_alloc((count + 2) * sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = meta->indexes[i];
    list[count] = index;
    meta->indexes = list;
}

static void add_constraint(nu_meta *meta, nu_constraint constraint)
{
    size_t count = 0;
    while (meta->constraints != NULL && meta->constraints[count].name != NULL)
        count++;
    nu_constraint *list = nu_alloc((count + 2) * sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = meta->constraints[i];
    list[count] = constraint;
    meta->constraints = list;
}

static void remove_named(nu_meta *meta, const char *name)
{
    const nu_index      *indexes = meta->indexes;
    const nu_constraint *constraints = meta->constraints;
    meta->indexes = NULL;
    meta->constraints = NULL;
    for (; indexes != NULL && indexes->name != NULL; indexes++)
        if (strcmp(indexes->name, name) != 0)
            add_index(meta, *indexes);
    for (; constraints != NULL && constraints->name != NULL; constraints++)
        if (strcmp(constraints->name, name) != 0)
            add_constraint(meta, *constraints);
}

/* Pairs in a list of lists, flattened as nu_meta has them. */
static const char *const *permissions_of(nu_value value)
{
    if (value.type != NU_LIST || value.list->count == 0)
        return NULL;
    const char **texts = nu_alloc((2 * value.list->count + 1) * sizeof *texts);
    for (uint32_t i = 0; i < value.list->count; i++)
        for (uint32_t n = 0; n < 2; n++)
            texts[2 * i + n] = nu_text(value.list->items[i].list->items[n]);
    return texts;
}

/* What AlterModelOptions sets. */
static void read_plain_options(nu_meta *meta, const nu_dict *json)
{
    meta->ordering = texts_of(nu_dict_get(json, "ordering"));
    meta->verbose_name = text_of(json, "verbose_name");
    meta->verbose_name_plural = text_of(json, "verbose_name_plural");
    meta->get_latest_by = text_of(json, "get_latest_by");
    meta->permissions = permissions_of(nu_dict_get(json, "permissions"));
    nu_value managed = nu_dict_get(json, "managed");
    meta->unmanaged = !nu_is_null(managed) && !nu_truth(managed);
}

static nu_meta read_meta(const nu_dict *json)
{
    static const char *const missing[] = {"default_permissions", "order_with_respect_to",
                                          "index_together", "proxy", "base_manager_name"};
    for (size_t i = 0; i < NU_COUNT(missing); i++)
        if (nu_dict_find(json, missing[i]) != NULL)
            nu_raise(NU__NOT_BUILT, "the option %s", missing[i]);
    nu_meta meta = {
        .db_table = text_of(json, "db_table"),
        .unique_together = sets_of(nu_dict_get(json, "unique_together")),
    };
    read_plain_options(&meta, json);
    nu_value indexes = nu_dict_get(json, "indexes"), constraints = nu_dict_get(json, "constraints");
    for (uint32_t i = 0; indexes.type == NU_LIST && i < indexes.list->count; i++)
        add_index(&meta, read_index(indexes.list->items[i].dict));
    for (uint32_t i = 0; constraints.type == NU_LIST && i < constraints.list->count; i++)
        add_constraint(&meta, read_constraint(constraints.list->items[i].dict));
    return meta;
}

/* ---- states ---------------------------------------------------------------------------------- */

static nu__model *read_model(const char *app, const nu_dict *json)
{
    nu__model *model = nu_alloc(sizeof *model);
    nu_value   bases = nu_dict_get(json, "bases");
    nu_value   options = nu_dict_get(json, "options");
    for (uint32_t i = 0; bases.type == NU_LIST && i < bases.list->count; i++)
        if (nu_is_text(bases.list->items[i]) &&
            strcmp(bases.list->items[i].text, "django.db.models.Model") != 0)
            nu_raise(NU__NOT_BUILT, "inheritance over tables");
    *model = (nu__model){
        .app = app,
        .name = text_of(json, "name"),
        .meta = read_meta(options.type == NU_DICT ? options.dict : nu_dict_new()),
    };
    read_fields(model, nu_dict_get(json, "fields"));
    return model;
}

nu__state *nu__case_state(const nu_dict *json)
{
    nu__state     *state = nu__state_new();
    const nu_list *models = nu_dict_get(json, "models").list;
    for (uint32_t i = 0; i < models->count; i++)
        nu__state_add(state,
                      read_model(text_of(models->items[i].dict, "app"), models->items[i].dict));
    return state;
}

/* ---- operations ------------------------------------------------------------------------------ */

/* The model's name as it is written, from Django's lower-case one. */
static const char *model_name(const nu__state *state, const char *app, const char *name)
{
    const nu__model *model = nu__state_find(state, app, name);
    return model != NULL ? model->name : name;
}

/* One of the operations that change options only: ours is one with all of them. */
static nu_operation read_options(const char *op, const nu_dict *args, const nu__model *model)
{
    nu_meta meta = model->meta;
    if (strcmp(op, "AlterUniqueTogether") == 0)
        meta.unique_together = sets_of(nu_dict_get(args, "unique_together"));
    else if (strcmp(op, "AlterModelTable") == 0)
        meta.db_table = text_of(args, "table");
    else if (strcmp(op, "AlterModelOptions") == 0)
        read_plain_options(&meta, nu_dict_get(args, "options").dict);
    else if (strcmp(op, "AddIndex") == 0)
        add_index(&meta, read_index(nu_dict_get(args, "index").dict));
    else if (strcmp(op, "AddConstraint") == 0)
        add_constraint(&meta, read_constraint(nu_dict_get(args, "constraint").dict));
    else if (strcmp(op, "RemoveIndex") == 0 || strcmp(op, "RemoveConstraint") == 0)
        remove_named(&meta, text_of(args, "name"));
    else
        nu_raise(NU__NOT_BUILT, "the operation %s", op);
    return (nu_operation){.kind = NU_OPERATION_ALTER_META, .model = model->name, .meta = meta};
}

static nu_operation read_field_operation(const char *op, const nu_dict *args, const char *model)
{
    const char *name = text_of(args, "name");
    nu_field   *field = nu_alloc(sizeof *field);
    if (strcmp(op, "RemoveField") == 0)
        return (nu_operation){.kind = NU_OPERATION_REMOVE_FIELD, .model = model, .name = name};
    if (strcmp(op, "RenameField") == 0)
        return (nu_operation){.kind = NU_OPERATION_RENAME_FIELD,
                              .model = model,
                              .name = text_of(args, "old_name"),
                              .new_name = text_of(args, "new_name")};
    nu_value lasting = nu_dict_get(args, "preserve_default");
    *field = read_field(name, nu_dict_get(args, "field").dict);
    return (nu_operation){
        .kind = strcmp(op, "AddField") == 0 ? NU_OPERATION_ADD_FIELD : NU_OPERATION_ALTER_FIELD,
        .model = model,
        .name = name,
        .field = field,
        .once = !nu_is_null(lasting) && !nu_truth(lasting),
    };
}

static nu_operation read_operation(const nu_dict *json, const char *app, const nu__state *state)
{
    const char    *op = text_of(json, "op");
    const nu_dict *args = nu_dict_get(json, "args").dict;
    const char    *name = text_of(args, "name"), *of = text_of(args, "model_name");
    if (strcmp(op, "CreateModel") == 0) {
        nu__model *model = read_model(app, args);
        return (nu_operation){.kind = NU_OPERATION_CREATE_MODEL,
                              .model = model->name,
                              .fields = model->fields,
                              .meta = model->meta};
    }
    if (strcmp(op, "DeleteModel") == 0)
        return (nu_operation){.kind = NU_OPERATION_DELETE_MODEL,
                              .model = model_name(state, app, name)};
    if (strcmp(op, "RenameModel") == 0)
        return (nu_operation){.kind = NU_OPERATION_RENAME_MODEL,
                              .model = text_of(args, "old_name"),
                              .new_name = text_of(args, "new_name")};
    if (nu_ends_with(op, "Field"))
        return read_field_operation(op, args, model_name(state, app, of));
    return read_options(op, args, nu__state_find(state, app, of != NULL ? of : name));
}

static void read_dependencies(nu__draft *draft, const nu_list *list)
{
    draft->depends = nu_alloc((list->count + 1) * sizeof *draft->depends);
    for (uint32_t i = 0; i < list->count; i++) {
        const nu_list *pair = list->items[i].list;
        draft->depends[draft->depend_count++] =
            (nu_dependency){nu_text(pair->items[0]), nu_text(pair->items[1])};
    }
}

nu__draft *nu__case_draft(const nu_dict *json, nu__state *state)
{
    const nu_list *operations = nu_dict_get(json, "operations").list;
    nu__draft     *draft = nu_alloc(sizeof *draft);
    draft->app = text_of(json, "app");
    draft->name = text_of(json, "name");
    draft->initial = flag_of(json, "initial");
    draft->operations = nu_alloc((operations->count + 1) * sizeof *draft->operations);
    read_dependencies(draft, nu_dict_get(json, "dependencies").list);
    for (uint32_t i = 0; i < operations->count; i++) {
        nu_operation operation = read_operation(operations->items[i].dict, draft->app, state);
        nu__operation_apply(state, draft->app, &operation);
        draft->operations[draft->count++] = operation;
    }
    return draft;
}
