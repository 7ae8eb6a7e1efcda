/* Methods of rows and of related managers. */
#include <stdlib.h>
#include <string.h>

#include "nuages/text.h"

#include "orm.h"

/* ---- assigning -------------------------------------------------------------------------------- */

static void refuse(nu_dict **refused, const char *name, const nu_error *error)
{
    if (*refused == NULL)
        *refused = nu_dict_new();
    nu_dict_set(*refused, name,
                nu_list_of(nu_list_of(error->fact),
                           nu_list_of(error->code != NULL ? error->code : "invalid")));
}

/* The fault of a value as the field's checks tell it, else as the member did. */
static void explain(const nu_column *column, nu_value value, const nu_error *unfit,
                    nu_dict **refused)
{
    NU_TRY {
        nu_column_validate(column, value);
        refuse(refused, column->name, unfit);
    }
    NU_CATCH (error) {
        refuse(refused, column->name, error);
    }
}

/* A member has a C type, so what a Python attribute would hold until it is checked is checked
 * here, as a form does. */
static void assign_column(nu_row *row, const nu_column *column, nu_value value, nu_dict **refused)
{
    NU_TRY {
        bool plain = value.type != NU_OBJECT && column->column != NULL && !nu_is_null(value);
        nu_row_put(row, column, plain ? nu_column_clean(column, value) : value);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALUE_ERROR) || value.type == NU_OBJECT)
            nu_reraise(error);
        explain(column, value, error, refused);
    }
}

void orm_assign(nu_row *row, nu_dict *attributes, nu_dict **refused)
{
    for (nu_entry *entry = NULL; (entry = nu_dict_next(attributes, entry)) != NULL;) {
        const nu_column *column = nu_column_find(nu_row_model(row), entry->key.text);
        bool             plain =
            column != NULL && (column->to == NULL || strcmp(column->attname, entry->key.text) == 0);
        if (strcmp(entry->key.text, "pk") == 0 && nu_is_null(entry->value))
            nu_row_set_key(row, entry->value);
        else if (plain)
            assign_column(row, column, entry->value, refused);
        else
            nu_row_set(row, entry->key.text, entry->value);
    }
}

nu_row *orm_new_row(const nu_model *model, nu_dict *attributes, nu_dict **refused)
{
    nu_row *row = nu_row_new(model);
    orm_assign(row, attributes, refused);
    return row;
}

/* ---- methods ---------------------------------------------------------------------------------- */

/* What the assignments could not do is raised by the first method that would meet it. */
static void raise_refused(const orm_subject *subject)
{
    if (subject->refused == NULL)
        return;
    nu_dict *messages = nu_dict_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(subject->refused, entry)) != NULL;)
        nu_dict_put(messages, entry->key, entry->value.list->items[0]);
    nu_error *error = nu_error_new(NU_VALIDATION_ERROR, "the row holds values that do not fit");
    error->data = messages;
    nu_throw(error);
}

static const char *const *names_in(nu_value list)
{
    if (list.type != NU_LIST)
        return NULL;
    const char **names = nu_alloc((list.list->count + 1) * sizeof *names);
    for (uint32_t i = 0; i < list.list->count; i++)
        names[i] = nu_text(list.list->items[i]);
    return names;
}

/* The argument "exclude", first or by name. */
static const char *const *excluded(const orm_arguments *arguments)
{
    return names_in(arguments->list->count > 0 ? arguments->list->items[0]
                                               : nu_dict_get(arguments->keywords, "exclude"));
}

static bool is_among(const char *const *names, const char *name)
{
    for (; names != NULL && *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* The names excluded, and those of values that the members could not hold. */
static const char *const *with_refused(const char *const *names, nu_dict *refused)
{
    size_t count = 0;
    while (names != NULL && names[count] != NULL)
        count++;
    const char **all = nu_alloc((count + nu_dict_count(refused) + 1) * sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = names[i];
    for (nu_entry *entry = NULL; (entry = nu_dict_next(refused, entry)) != NULL;)
        all[count++] = entry->key.text;
    return all;
}

/* What a check of the row says is wrong: sentences and codes by field. */
typedef struct faults {
    nu_dict *messages, *codes;
} faults;

static void add_fault(faults *found, nu_value field, nu_list *messages, nu_list *codes)
{
    nu_dict_put(found->messages, field, NU_V(messages));
    nu_dict_put(found->codes, field, NU_V(codes));
}

static void add_faults(faults *found, const nu_error *error)
{
    const nu_dict *messages = error->data, *codes = error->codes;
    if (!nu_error_is(error, NU_VALIDATION_ERROR) || codes == NULL)
        nu_reraise(error);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(messages, entry)) != NULL;)
        add_fault(found, entry->key, entry->value.list, nu_dict_get(codes, entry->key.text).list);
}

/* Runs a check of the row without the names excluded; what its members could not hold is a fault too. */
static void check(const orm_subject *subject, nu_row *row, const char *const *names,
                  void (*run)(nu_row *row, const char *const *except))
{
    faults   found = {nu_dict_new(), nu_dict_new()};
    nu_dict *refused = subject->refused != NULL ? subject->refused : nu_dict_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(refused, entry)) != NULL;)
        if (!is_among(names, entry->key.text))
            add_fault(&found, entry->key, entry->value.list->items[0].list,
                      entry->value.list->items[1].list);
    NU_TRY {
        run(row, with_refused(names, refused));
    }
    NU_CATCH (error) {
        add_faults(&found, error);
    }
    if (nu_dict_count(found.messages) == 0)
        return;
    nu_error *error = nu_error_new(NU_VALIDATION_ERROR, "the row holds values that do not fit");
    error->data = found.messages;
    error->codes = found.codes;
    nu_throw(error);
}

static void full_clean(const orm_subject *subject, nu_row *row, const orm_arguments *arguments)
{
    const nu_value *unique = nu_dict_find(arguments->keywords, "validate_unique");
    bool            whole = unique == NULL || nu_truth(*unique);
    check(subject, row, excluded(arguments),
          whole ? nu_row_full_clean_except : nu_row_clean_fields);
}

static void clean_fields(const orm_subject *subject, nu_row *row, const orm_arguments *arguments)
{
    check(subject, row, excluded(arguments), nu_row_clean_fields);
}

static nu_value own_clean(nu_row *row)
{
    const nu_model *model = nu_row_model(row);
    if (model->clean != NULL)
        model->clean(row);
    return nu_null();
}

static void save(orm_subject *subject, nu_row *row, orm_arguments *arguments)
{
    raise_refused(subject);
    nu_dict *options = arguments->keywords;
    nu_row_save_with(row, &(nu_save_options){
                              .force_insert = nu_truth(nu_dict_get(options, "force_insert")),
                              .force_update = nu_truth(nu_dict_get(options, "force_update")),
                              .update_fields = names_in(nu_dict_get(options, "update_fields")),
                          });
}

static void refresh(nu_row *row, orm_arguments *arguments)
{
    nu_value fields = arguments->list->count > 0 && arguments->list->items[0].type == NU_LIST
                          ? arguments->list->items[0]
                          : nu_dict_get(arguments->keywords, "fields");
    nu_row_refresh_fields(row, names_in(fields));
}

/* ---- neighbours -------------------------------------------------------------------------------- */

static nu_value row_or_null(nu_row *row)
{
    return row != NULL ? NU_V(row) : nu_null();
}

/* get_next_in_order and its like; false if the name is none of them. */
static bool call_order(orm_subject *subject, nu_row *row, const char *name,
                       orm_arguments *arguments)
{
    size_t length = strlen(name);
    if (strcmp(name, "get_next_in_order") == 0)
        subject->value = row_or_null(nu_row_in_order(row, true));
    else if (strcmp(name, "get_previous_in_order") == 0)
        subject->value = row_or_null(nu_row_in_order(row, false));
    else if (length > 10 && nu_ends_with(name, "_order") && nu_starts_with(name, "get_"))
        subject->value = NU_V(nu_row_order(row, nu_fmt("%.*s", (int)length - 10, name + 4)));
    else if (length > 10 && nu_ends_with(name, "_order") && nu_starts_with(name, "set_")) {
        nu_row_set_order(row, nu_fmt("%.*s", (int)length - 10, name + 4),
                         arguments->list->items[0].list);
        subject->value = nu_null();
    } else
        return false;
    return true;
}

/* A reference gives its key. */
static nu_value column_value(nu_row *row, const char *name)
{
    const nu_column *column = nu_column_find(nu_row_model(row), name);
    return column != NULL ? nu_row_value(row, column) : nu_row_get(row, name);
}

static void delete_row(orm_subject *subject, nu_row *row, bool keep_parents)
{
    nu_dict *by_model = NULL;
    int64_t  count = keep_parents ? nu_row_delete_keeping_parents(row, &by_model)
                                  : nu_row_delete_counted(row, &by_model);
    subject->value = NU_V(nu_list_of(count, by_model != NULL ? by_model : nu_dict_new()));
}

/* get_next_by_FIELD and get_previous_by_FIELD; false if the name is neither. */
static bool call_neighbour(orm_subject *subject, nu_row *row, const char *name,
                           const orm_arguments *arguments)
{
    nu_pairs          more = orm_pairs(arguments->keywords);
    static const char next[] = "get_next_by_", previous[] = "get_previous_by_";
    if (nu_starts_with(name, next))
        subject->value = NU_V(nu_row_next_by_(row, name + sizeof next - 1, more));
    else if (nu_starts_with(name, previous))
        subject->value = NU_V(nu_row_previous_by_(row, name + sizeof previous - 1, more));
    else
        return false;
    return true;
}

bool orm_row_call(orm_subject *subject, const char *name, orm_arguments *arguments)
{
    nu_row *row = nu_row_of(subject->value);
    if (row == NULL)
        return false;
    if (strcmp(name, "set") == 0)
        orm_assign(row, arguments->keywords, &subject->refused);
    else if (strcmp(name, "save") == 0)
        save(subject, row, arguments);
    else if (strcmp(name, "full_clean") == 0)
        full_clean(subject, row, arguments);
    else if (strcmp(name, "clean_fields") == 0)
        clean_fields(subject, row, arguments);
    else if (strcmp(name, "validate_unique") == 0)
        nu_row_validate_unique(row, excluded(arguments));
    else if (strcmp(name, "validate_constraints") == 0)
        check(subject, row, excluded(arguments), nu_row_validate_constraints);
    else if (strcmp(name, "clean") == 0)
        subject->value = own_clean(row);
    else if (strcmp(name, "refresh_from_db") == 0)
        refresh(row, arguments);
    else if (call_order(subject, row, name, arguments) ||
             call_neighbour(subject, row, name, arguments))
        return true;
    else if (strcmp(name, "delete") == 0)
        delete_row(subject, row, nu_truth(nu_dict_get(arguments->keywords, "keep_parents")));
    else if (strcmp(name, "serializable_value") == 0)
        subject->value = column_value(row, nu_text(arguments->list->items[0]));
    else
        return false;
    return true;
}

/* ---- related managers --------------------------------------------------------------------------- */

static nu_list *flattened(nu_list *list)
{
    return list->count == 1 && list->items[0].type == NU_LIST ? list->items[0].list : list;
}

static nu_dict *without(nu_dict *dict, const char *key)
{
    nu_dict *rest = nu_dict_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(dict, entry)) != NULL;)
        if (strcmp(entry->key.text, key) != 0)
            nu_dict_put(rest, entry->key, entry->value);
    return rest;
}

static nu_pairs pairs_in(nu_dict *keywords, const char *name)
{
    nu_value values = nu_dict_get(keywords, name);
    return orm_pairs(values.type == NU_DICT ? values.dict : nu_dict_new());
}

static void change(const orm_subject *subject, nu_many_action action, nu_list *values,
                   const orm_arguments *arguments)
{
    nu_row_many_change_with(subject->owner, subject->relation, action, values,
                            pairs_in(arguments->keywords, "through_defaults"));
}

static const nu_reverse *reverse_named(const nu_model *model, const char *name)
{
    const nu_reverse *reverse = nu_model_reverses(model);
    while (reverse->name != NULL && strcmp(reverse->name, name) != 0)
        reverse++;
    return reverse->name != NULL ? reverse : NULL;
}

/* bulk=False: the rows are saved one by one, new ones too; `owner` null takes them out. */
static void save_each(const orm_subject *subject, const nu_list *rows, nu_row *owner)
{
    const nu_reverse *reverse = reverse_named(nu_row_model(subject->owner), subject->relation);
    for (uint32_t i = 0; i < rows->count; i++) {
        nu_row *row = nu_row_of(rows->items[i]);
        if (row == NULL || reverse == NULL)
            nu_raise(NU_VALUE_ERROR, "this takes rows");
        nu_row_put(row, reverse->column, owner != NULL ? NU_V(owner) : nu_null());
        nu_row_save(row);
    }
}

static bool is_one_by_one(const orm_arguments *arguments)
{
    const nu_value *bulk = nu_dict_find(arguments->keywords, "bulk");
    return bulk != NULL && !nu_truth(*bulk);
}

/* set(objs, clear=False) */
static void set_all(const orm_subject *subject, const orm_arguments *arguments)
{
    nu_list *values = flattened(arguments->list);
    if (nu_truth(nu_dict_get(arguments->keywords, "clear"))) {
        change(subject, NU_MANY_CLEAR, nu_list_new(), arguments);
        change(subject, NU_MANY_ADD, values, arguments);
    } else if (is_one_by_one(arguments)) {
        save_each(subject, values, subject->owner);
    } else {
        change(subject, NU_MANY_SET, values, arguments);
    }
}

static nu_value create_related(const orm_subject *subject, const char *name,
                               const orm_arguments *arguments)
{
    nu_dict *keywords = without(arguments->keywords, "defaults");
    nu_pairs defaults = pairs_in(arguments->keywords, "defaults"), pairs = orm_pairs(keywords);
    bool     created = false;
    if (strcmp(name, "create") == 0)
        return NU_V(nu_row_related_create(subject->owner, subject->relation, pairs));
    nu_row *row = strcmp(name, "get_or_create") == 0
                      ? nu_row_related_get_or_create(subject->owner, subject->relation, defaults,
                                                     &created, pairs)
                      : nu_row_related_update_or_create(subject->owner, subject->relation, defaults,
                                                        &created, pairs);
    return NU_V(nu_list_of(row, created));
}

bool orm_related_call(orm_subject *subject, const char *name, orm_arguments *arguments)
{
    if (subject->owner == NULL)
        return false;
    nu_value result = nu_null();
    if (strcmp(name, "add") == 0 && is_one_by_one(arguments))
        save_each(subject, arguments->list, subject->owner);
    else if (strcmp(name, "remove") == 0 && is_one_by_one(arguments))
        save_each(subject, arguments->list, NULL);
    else if (strcmp(name, "add") == 0)
        change(subject, NU_MANY_ADD, arguments->list, arguments);
    else if (strcmp(name, "remove") == 0)
        change(subject, NU_MANY_REMOVE, arguments->list, arguments);
    else if (strcmp(name, "clear") == 0)
        change(subject, NU_MANY_CLEAR, nu_list_new(), arguments);
    else if (strcmp(name, "set") == 0)
        set_all(subject, arguments);
    else if (strcmp(name, "create") == 0 || strcmp(name, "get_or_create") == 0 ||
             strcmp(name, "update_or_create") == 0)
        result = create_related(subject, name, arguments);
    else
        return false;
    *subject = (orm_subject){.value = result};
    return true;
}

/* ---- attributes ----------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(((const nu_value *)a)->text, ((const nu_value *)b)->text);
}

/* Names of the fields that were not read, in order. */
static nu_value deferred_fields(const nu_row *row)
{
    nu_list *names = nu_list_new();
    for (const nu_column *const *column = nu_model_columns(nu_row_model(row)); *column != NULL;
         column++)
        if (nu_row_is_deferred(row, *column))
            nu_list_add(names, (*column)->attname);
    if (names->count > 1)
        qsort(names->items, names->count, sizeof *names->items, by_text);
    return NU_V(names);
}

static bool row_attribute(nu_row *row, const char *name, orm_subject *out)
{
    const nu_model   *model = nu_row_model(row);
    const nu_reverse *reverse = reverse_named(model, name);
    const nu_column  *column = nu_column_find(model, name);
    if (strcmp(name, "pk") == 0)
        out->value = nu_row_key(row);
    else if (strcmp(name, "get_deferred_fields") == 0)
        out->value = deferred_fields(row);
    else if (column != NULL && column->column != NULL && strcmp(name, column->attname) == 0) {
        out->value = nu_row_value(row, column);
        out->json = column->db_type.type == NU_DB_JSON;
    } else if (strcmp(name, "__str__") == 0)
        out->value = nu_value_str(NU_V(row));
    else if (!orm_app_attribute(row, name, &out->value) && !nu_row_find(row, name, &out->value))
        return false;
    if (reverse != NULL && reverse->to_one && nu_is_null(out->value))
        out->value = NU_V(nu_dict_of("error", "RelatedObjectDoesNotExist"));
    if (nu_query_from(out->value) != NULL) {
        out->owner = row;
        out->relation = name;
    }
    return true;
}

bool orm_attribute(nu_value object, const char *name, orm_subject *out)
{
    nu_row *row = nu_row_of(object);
    if (row != NULL)
        return row_attribute(row, name, out);
    if (object.type == NU_DICT && nu_dict_find(object.dict, name) != NULL) {
        out->value = nu_dict_get(object.dict, name);
        return true;
    }
    return false;
}
