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
        &nu_field_image,
        &nu_field_file_path,
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
        .parent_link = flag_of(kwargs, "parent_link"),
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

/* ---- expressions ----------------------------------------------------------------------------- */

/* Conditions are functions in a model; those of a case take the next free one. */
enum { SLOTS = 8 };
static const nu_expression *slots[SLOTS];
static size_t               slots_used;
#define SLOT(n)                                                                                    \
    static const nu_expression *slot_##n(void)                                                     \
    {                                                                                              \
        return slots[n];                                                                           \
    }
SLOT(0) SLOT(1) SLOT(2) SLOT(3) SLOT(4) SLOT(5) SLOT(6) SLOT(7)

static nu_expression_fn function_of(const nu_expression *expression)
{
    static const nu_expression_fn functions[SLOTS] = {slot_0, slot_1, slot_2, slot_3,
                                                      slot_4, slot_5, slot_6, slot_7};
    if (slots_used == SLOTS)
        nu_raise(NU_VALUE_ERROR, "a case with more than %d expressions", SLOTS);
    slots[slots_used] = expression;
    return functions[slots_used++];
}

void nu__case_begin(void)
{
    slots_used = 0;
}

static const nu_expression *condition_of(const nu_dict *json);

static const nu_expression *joined(bool any, const nu_list *parts)
{
    const nu_expression **list = nu_alloc((parts->count + 1) * sizeof *list);
    for (uint32_t i = 0; i < parts->count; i++)
        list[i] = condition_of(parts->items[i].dict);
    return nu_q_join_(any, list);
}

static const nu_expression *keywords(const nu_dict *pairs)
{
    nu_list *parts = nu_list_new();
    for (nu_entry *pair = nu_dict_next(pairs, NULL); pair != NULL; pair = nu_dict_next(pairs, pair))
        nu_list_add(parts, nu_dict_of("kw", nu_dict_of(pair->key.text, pair->value)));
    if (parts->count > 1)
        return joined(false, parts);
    nu_entry *pair = nu_dict_next(pairs, NULL);
    return nu_q(pair->key.text, pair->value);
}

static const nu_expression *condition_of(const nu_dict *json)
{
    if (nu_dict_find(json, "Q") != NULL)
        return condition_of(nu_dict_get(json, "Q").dict);
    if (nu_dict_find(json, "kw") != NULL)
        return keywords(nu_dict_get(json, "kw").dict);
    if (nu_dict_find(json, "not") != NULL)
        return nu_not(condition_of(nu_dict_get(json, "not").dict));
    bool any = nu_dict_find(json, "or") != NULL;
    return joined(any, nu_dict_get(json, any ? "or" : "and").list);
}

static const nu_expression *expression_of(nu_value value)
{
    if (value.type == NU_TEXT)
        return nu_f(value.text);
    if (nu_dict_find(value.dict, "F") != NULL)
        return nu_f(text_of(value.dict, "F"));
    const char    *path = text_of(value.dict, "object");
    const nu_list *args = nu_dict_get(value.dict, "args").list;
    if (nu_ends_with(path, ".Lower"))
        return nu_lower_of(expression_of(args->items[0]));
    if (nu_ends_with(path, ".OrderBy"))
        return nu_desc(expression_of(args->items[0]));
    nu_raise(NU__NOT_BUILT, "the expression %s", path);
}

static const nu_expression_fn *expressions_of(nu_value value)
{
    if (value.type != NU_LIST || value.list->count == 0)
        return NULL;
    nu_expression_fn *list = nu_alloc((value.list->count + 1) * sizeof *list);
    for (uint32_t i = 0; i < value.list->count; i++)
        list[i] = function_of(expression_of(value.list->items[i]));
    return list;
}

static nu_expression_fn condition_in(const nu_dict *kwargs, const char *key)
{
    nu_value value = nu_dict_get(kwargs, key);
    return value.type == NU_DICT ? function_of(condition_of(value.dict)) : NULL;
}

/* ---- indexes and constraints ----------------------------------------------------------------- */

static nu_index read_index(const nu_dict *json)
{
    const nu_dict *kwargs = nu_dict_get(json, "kwargs").dict;
    return (nu_index){
        .name = text_of(kwargs, "name"),
        .fields = texts_of(nu_dict_get(kwargs, "fields")),
        .include = texts_of(nu_dict_get(kwargs, "include")),
        .opclasses = texts_of(nu_dict_get(kwargs, "opclasses")),
        .condition = condition_in(kwargs, "condition"),
        .expressions = expressions_of(nu_dict_get(json, "args")),
    };
}

static nu_constraint read_constraint(const nu_dict *json)
{
    const nu_dict *kwargs = nu_dict_get(json, "kwargs").dict;
    bool           is_check = strcmp(text_of(json, "class"), "CheckConstraint") == 0;
    nu_value       deferrable = nu_dict_get(kwargs, "deferrable");
    return (nu_constraint){
        .name = text_of(kwargs, "name"),
        .fields = texts_of(nu_dict_get(kwargs, "fields")),
        .include = texts_of(nu_dict_get(kwargs, "include")),
        .opclasses = texts_of(nu_dict_get(kwargs, "opclasses")),
        .condition = condition_in(kwargs, is_check ? "check" : "condition"),
        .deferrable = deferrable.type == NU_DICT ? NU_DEFERRED : NU_NOT_DEFERRABLE,
    };
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
    meta->default_permissions = texts_of(nu_dict_get(json, "default_permissions"));
    nu_value managed = nu_dict_get(json, "managed");
    meta->unmanaged = !nu_is_null(managed) && !nu_truth(managed);
}

static nu_meta read_meta(const nu_dict *json)
{
    static const char *const missing[] = {"index_together", "base_manager_name"};
    for (size_t i = 0; i < NU_COUNT(missing); i++)
        if (nu_dict_find(json, missing[i]) != NULL)
            nu_raise(NU__NOT_BUILT, "the option %s", missing[i]);
    nu_meta meta = {
        .db_table = text_of(json, "db_table"),
        .unique_together = sets_of(nu_dict_get(json, "unique_together")),
        .order_with_respect_to = text_of(json, "order_with_respect_to"),
        .proxy = flag_of(json, "proxy"),
    };
    read_plain_options(&meta, json);
    nu_value indexes = nu_dict_get(json, "indexes"), constraints = nu_dict_get(json, "constraints");
    for (uint32_t i = 0; indexes.type == NU_LIST && i < indexes.list->count; i++) {
        nu_index index = read_index(indexes.list->items[i].dict);
        nu__meta_add_index(&meta, &index);
    }
    for (uint32_t i = 0; constraints.type == NU_LIST && i < constraints.list->count; i++) {
        nu_constraint constraint = read_constraint(constraints.list->items[i].dict);
        nu__meta_add_constraint(&meta, &constraint);
    }
    return meta;
}

/* ---- states ---------------------------------------------------------------------------------- */

/* Models of the state only: not Django's own base class, nor abstract ones. */
static const char *const *bases_of(nu_value value)
{
    size_t       used = 0;
    uint32_t     count = value.type == NU_LIST ? value.list->count : 0;
    const char **bases = nu_alloc((count + 1) * sizeof *bases);
    for (uint32_t i = 0; i < count; i++)
        if (nu_is_text(value.list->items[i]) &&
            strchr(value.list->items[i].text, '.') == strrchr(value.list->items[i].text, '.'))
            bases[used++] = nu__lower(value.list->items[i].text);
    return used > 0 ? bases : NULL;
}

static nu__model *read_model(const char *app, const nu_dict *json)
{
    nu__model *model = nu_alloc(sizeof *model);
    nu_value   options = nu_dict_get(json, "options");
    *model = (nu__model){
        .app = app,
        .name = text_of(json, "name"),
        .meta = read_meta(options.type == NU_DICT ? options.dict : nu_dict_new()),
    };
    model->meta.bases = bases_of(nu_dict_get(json, "bases"));
    read_fields(model, nu_dict_get(json, "fields"));
    return model;
}

nu__state *nu__case_state(const nu_dict *json)
{
    nu__state     *state = nu__state_new();
    const nu_list *models = nu_dict_get(json, "models").list;
    for (uint32_t i = 0; i < models->count; i++) {
        const nu_dict *one = models->items[i].dict;
        nu__model     *model = read_model(text_of(one, "app"), one);
        nu__model_set_order(model, model->meta.order_with_respect_to);
        nu__state_add(state, model);
    }
    return state;
}

/* ---- operations ------------------------------------------------------------------------------ */

/* The model's name as it is written, from Django's lower-case one. */
static const char *model_name(const nu__state *state, const char *app, const char *name)
{
    const nu__model *model = nu__state_find(state, app, name);
    return model != NULL ? model->name : name;
}

static nu_operation read_index_operation(const char *op, const nu_dict *args, const char *model)
{
    const char    *name = text_of(args, "name");
    nu_index      *index = nu_alloc(sizeof *index);
    nu_constraint *constraint = nu_alloc(sizeof *constraint);
    if (strcmp(op, "RemoveIndex") == 0)
        return (nu_operation){.kind = NU_OPERATION_REMOVE_INDEX, .model = model, .name = name};
    if (strcmp(op, "RemoveConstraint") == 0)
        return (nu_operation){.kind = NU_OPERATION_REMOVE_CONSTRAINT, .model = model, .name = name};
    if (strcmp(op, "AddIndex") == 0) {
        *index = read_index(nu_dict_get(args, "index").dict);
        return (nu_operation){.kind = NU_OPERATION_ADD_INDEX,
                              .model = model,
                              .name = index->name,
                              .index = index};
    }
    *constraint = read_constraint(nu_dict_get(args, "constraint").dict);
    return (nu_operation){.kind = NU_OPERATION_ADD_CONSTRAINT,
                          .model = model,
                          .name = constraint->name,
                          .constraint = constraint};
}

/* One of the operations that change options only. */
static nu_operation read_options(const char *op, const nu_dict *args, const char *model)
{
    nu_operation operation = {.model = model};
    if (strcmp(op, "AlterUniqueTogether") == 0) {
        operation.kind = NU_OPERATION_ALTER_UNIQUE_TOGETHER;
        operation.meta.unique_together = sets_of(nu_dict_get(args, "unique_together"));
    } else if (strcmp(op, "AlterModelTable") == 0) {
        operation.kind = NU_OPERATION_ALTER_TABLE;
        operation.name = text_of(args, "table");
    } else if (strcmp(op, "AlterModelOptions") == 0) {
        operation.kind = NU_OPERATION_ALTER_OPTIONS;
        read_plain_options(&operation.meta, nu_dict_get(args, "options").dict);
    } else if (strcmp(op, "AlterOrderWithRespectTo") == 0) {
        operation.kind = NU_OPERATION_ALTER_ORDER;
        operation.meta.order_with_respect_to = text_of(args, "order_with_respect_to");
    } else {
        nu_raise(NU__NOT_BUILT, "the operation %s", op);
    }
    return operation;
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
    const char *model = model_name(state, app, of != NULL ? of : name);
    if (nu_ends_with(op, "Index") || nu_ends_with(op, "Constraint"))
        return read_index_operation(op, args, model);
    return read_options(op, args, model);
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
