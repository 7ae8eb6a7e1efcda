/* Methods of query sets, and the chains that cases are. */
#include <string.h>

#include "nuages/text.h"

#include "orm.h"
#include "orm/models/models.h"

const nu_kind orm_not_supported = {.name = "NotSupported", .parent = NU_ERROR, .status = 500};
const nu_kind orm_no_related = {
    .name = "RelatedObjectDoesNotExist", .parent = NU_OBJECT_NOT_FOUND, .status = 404};

nu_fetch_mode orm_fetch_mode = NU_FETCH_ONE;

/* ---- arguments ------------------------------------------------------------------------------- */

static nu_value argument(const orm_arguments *arguments, uint32_t at, const char *keyword)
{
    if (at < arguments->list->count)
        return arguments->list->items[at];
    return keyword != NULL ? nu_dict_get(arguments->keywords, keyword) : nu_null();
}

static bool flag(const orm_arguments *arguments, const char *keyword)
{
    return nu_truth(nu_dict_get(arguments->keywords, keyword));
}

/* A list of texts as names ended by NULL; other values are refused. */
static const char *const *names_of(nu_list *list)
{
    const char **names = nu_alloc((list->count + 1) * sizeof *names);
    for (uint32_t i = 0; i < list->count; i++) {
        if (!nu_is_text(list->items[i]))
            orm_unsupported("an expression in the place of a name");
        names[i] = list->items[i].text;
    }
    return names;
}

static bool all_texts(const nu_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (!nu_is_text(list->items[i]))
            return false;
    return true;
}

static nu_query *other_query(nu_value value)
{
    nu_query *query = nu_query_from(value);
    if (query == NULL)
        nu_raise(NU_VALUE_ERROR, "%s is no query", nu_value_type_name(value));
    return query;
}

/* ---- conditions ------------------------------------------------------------------------------ */

/* Positional conditions and keywords of one call belong together. */
static nu_query *filtered(nu_query *query, const orm_arguments *arguments, bool exclude)
{
    nu_pairs pairs = orm_pairs(arguments->keywords);
    uint32_t count = arguments->list->count;
    if (count == 0)
        return exclude ? nu_exclude_(query, pairs) : nu_filter_(query, pairs);
    const nu_expression **parts = nu_alloc((count + 2) * sizeof *parts);
    size_t                used = 0;
    for (uint32_t i = 0; i < count; i++) {
        nu_value item = arguments->list->items[i];
        parts[used] = item.type == NU_DICT ? nu_q_(orm_pairs(item.dict)) : nu_expression_of(item);
        if (parts[used++] == NULL)
            nu_raise(NU_FIELD_ERROR, "%s is no condition",
                     nu_value_type_name(arguments->list->items[i]));
    }
    if (pairs.count > 0)
        parts[used] = nu_q_(pairs);
    const nu_expression *condition = nu_q_join_(false, parts);
    return nu_where(query, exclude ? nu_not(condition) : condition);
}

/* ---- annotations ----------------------------------------------------------------------------- */

/* The name that Django gives an aggregate without one: "comments__count". */
static const char *default_name(nu_value json)
{
    const char *tag = orm_tag(json);
    nu_value    of = tag != NULL ? nu_dict_get(json.dict, tag) : nu_null();
    if (!nu_is_text(of) || strcmp(of.text, "*") == 0)
        nu_raise(NU_VALUE_ERROR, "a complex expression needs a name");
    char *name = nu_fmt("%s__%s", of.text, tag);
    for (char *c = name + of.length; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 0x20);
    return name;
}

/* Positional expressions with their names, then the keywords. */
static nu_dict *named_expressions(const orm_arguments *arguments)
{
    nu_dict *all = nu_dict_new();
    for (uint32_t i = 0; i < arguments->list->count; i++) {
        const char *name = default_name(arguments->json->items[i]);
        if (nu_dict_find(arguments->keywords, name) != NULL)
            nu_raise(NU_VALUE_ERROR, "the name \"%s\" is given twice", name);
        nu_dict_put(all, NU_V(name), arguments->list->items[i]);
    }
    for (nu_entry *entry = NULL; (entry = nu_dict_next(arguments->keywords, entry)) != NULL;)
        nu_dict_put(all, entry->key, entry->value);
    return all;
}

/* Rows carry these beside their fields; a filtered relation is no value. */
static void note_annotations(orm_subject *subject, const nu_dict *added,
                             const orm_arguments *arguments)
{
    nu_list *names = nu_list_new();
    for (uint32_t i = 0; subject->annotations != NULL && i < subject->annotations->count; i++)
        if (nu_dict_find(added, subject->annotations->items[i].text) == NULL)
            nu_list_push(names, subject->annotations->items[i]);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(added, entry)) != NULL;)
        if (!orm_is_relation(nu_dict_get(arguments->keywords, entry->key.text)))
            nu_list_push(names, entry->key);
    subject->annotations = names;
}

static nu_query *annotated(orm_subject *subject, nu_query *query, const orm_arguments *arguments)
{
    nu_dict *all = named_expressions(arguments);
    note_annotations(subject, all, arguments);
    return nu_annotate_(query, orm_pairs(all));
}

/* ---- orders, columns and parts ---------------------------------------------------------------- */

static nu_query *in_order(nu_query *query, const orm_arguments *arguments)
{
    nu_list *list = arguments->list;
    if (list->count == 0)
        return nu_unordered(query);
    return all_texts(list) ? nu_order_by_(query, names_of(list))
                           : nu_order_by_values_(query, list->items, list->count);
}

/* Expressions among the columns are annotations first. */
static nu_query *with_columns(orm_subject *subject, nu_query *query, orm_arguments *arguments,
                              bool as_list)
{
    nu_dict *expressions = nu_dict_new();
    nu_list *names = nu_list_new();
    for (uint32_t i = 0; i < arguments->list->count; i++) {
        nu_value item = arguments->list->items[i];
        if (!nu_is_text(item)) {
            nu_value name = NU_V(nu_fmt("%s%u", orm_tag(arguments->json->items[i]), i + 1));
            nu_dict_put(expressions, name, item);
            item = name;
        }
        nu_list_push(names, item);
    }
    for (nu_entry *entry = NULL; (entry = nu_dict_next(arguments->keywords, entry)) != NULL;)
        if (strcmp(entry->key.text, "flat") != 0 && strcmp(entry->key.text, "named") != 0) {
            nu_dict_put(expressions, entry->key, entry->value);
            nu_list_push(names, entry->key);
        }
    if (nu_dict_count(expressions) > 0) {
        orm_arguments added = {
            .list = nu_list_new(), .keywords = expressions, .json = nu_list_new()};
        query = annotated(subject, query, &added);
    }
    subject->columns = true;
    subject->flat = as_list && flag(arguments, "flat");
    if (!as_list)
        return nu_values_(query, names_of(names));
    if (flag(arguments, "named") && flag(arguments, "flat"))
        nu_raise(NU_VALUE_ERROR, "a flat list has no names");
    if (flag(arguments, "named"))
        return nu_values_named_(query, names_of(names));
    if (subject->flat) {
        if (names->count > 1)
            nu_raise(NU_VALUE_ERROR, "a flat list has one column");
        const nu_column *first = nu_model_columns(nu_query_model(query))[0];
        return nu_flat(query, names->count > 0 ? names_of(names)[0] : first->name);
    }
    return nu_values_list_(query, names_of(names));
}

static int64_t bound(nu_value value, int64_t missing)
{
    return nu_is_null(value) ? missing : nu_int(value);
}

static nu_value sliced(nu_query *query, const orm_arguments *arguments)
{
    int64_t from = bound(argument(arguments, 0, NULL), 0);
    int64_t to = bound(argument(arguments, 1, NULL), -1);
    if (from < 0 || (to < 0 && !nu_is_null(argument(arguments, 1, NULL))))
        nu_raise(NU_VALUE_ERROR, "negative indexes are not for queries");
    nu_query *part = nu_slice(query, from, to);
    int64_t   step = bound(argument(arguments, 2, NULL), 1);
    if (nu_is_null(argument(arguments, 2, NULL)))
        return NU_V(part);
    nu_list *rows = nu_query_list(part), *every = nu_list_new();
    for (uint32_t i = 0; i < rows->count; i += (uint32_t)step)
        nu_list_push(every, rows->items[i]);
    return NU_V(every);
}

/* ---- single rows and figures ------------------------------------------------------------------ */

static nu_value row_or_null(nu_row *row)
{
    return row != NULL ? NU_V(row) : nu_null();
}

/* The first or last item, of columns or of rows. */
static nu_value end_item(const orm_subject *subject, nu_query *query, bool last)
{
    if (!subject->columns)
        return row_or_null(last ? nu_query_last(query) : nu_query_first(query));
    if (!nu_query_is_ordered(query))
        query = nu_order_by(query, "pk");
    nu_list *list = nu_query_list(nu_slice(last ? nu_reversed(query) : query, 0, 1));
    return list->count > 0 ? list->items[0] : nu_null();
}

/* The item at `index`, of rows or of columns. */
static nu_value item_at(nu_query *query, int64_t index)
{
    if (index < 0)
        nu_raise(NU_VALUE_ERROR, "negative indexes are not for queries");
    nu_list *list = nu_query_list(nu_slice(query, index, index + 1));
    if (list->count == 0)
        nu_raise(NU_VALUE_ERROR, "there is no item %lld", (long long)index);
    return list->items[0];
}

static nu_value got(nu_query *query, const orm_arguments *arguments)
{
    orm_arguments positional = {.list = arguments->list, .keywords = nu_dict_new()};
    if (arguments->list->count > 0)
        query = filtered(query, &positional, false);
    return NU_V(nu_get_(query, orm_pairs(arguments->keywords)));
}

static nu_dict *without(nu_dict *dict, const char *key)
{
    nu_dict *rest = nu_dict_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(dict, entry)) != NULL;)
        if (strcmp(entry->key.text, key) != 0)
            nu_dict_put(rest, entry->key, entry->value);
    return rest;
}

static nu_value row_or_created(nu_query *query, const orm_arguments *arguments, bool update)
{
    nu_value defaults = nu_dict_get(arguments->keywords, "defaults");
    nu_pairs values = orm_pairs(defaults.type == NU_DICT ? defaults.dict : nu_dict_new());
    nu_pairs lookups = orm_pairs(without(arguments->keywords, "defaults"));
    bool     created = false;
    nu_row  *row = update ? nu_update_or_create_(query, values, &created, lookups)
                          : nu_get_or_create_(query, values, &created, lookups);
    return NU_V(nu_list_of(row, created));
}

static nu_value deleted(nu_query *query)
{
    nu_dict *by_model = NULL;
    int64_t  count = nu_delete_counted(query, &by_model);
    return NU_V(nu_list_of(count, by_model != NULL ? by_model : nu_dict_new()));
}

static nu_row *one_row(nu_value value)
{
    nu_row *row = nu_row_of(value);
    if (row == NULL)
        nu_raise(NU_VALUE_ERROR, "%s is no row", nu_value_type_name(value));
    return row;
}

static nu_row **rows_of(nu_value value)
{
    nu_row **rows = nu_alloc((value.list->count + 1) * sizeof(nu_row *));
    for (uint32_t i = 0; i < value.list->count; i++)
        rows[i] = one_row(value.list->items[i]);
    return rows;
}

static const char *const *names_or_none(nu_value list)
{
    return list.type == NU_LIST ? names_of(list.list) : NULL;
}

static nu_value list_argument(const orm_arguments *arguments)
{
    nu_value rows = argument(arguments, 0, "objs");
    if (rows.type != NU_LIST)
        nu_raise(NU_VALUE_ERROR, "this takes a list of rows");
    return rows;
}

static nu_value bulk_created(nu_query *query, const orm_arguments *arguments)
{
    nu_value rows = list_argument(arguments);
    nu_value size = argument(arguments, 1, "batch_size");
    nu_dict *keywords = arguments->keywords;
    nu_bulk_create_with(
        nu_query_model(query), rows_of(rows), rows.list->count,
        &(nu_bulk_options){
            .ignore_conflicts = nu_truth(argument(arguments, 2, "ignore_conflicts")),
            .update_conflicts = nu_truth(argument(arguments, 3, "update_conflicts")),
            .update_fields = names_or_none(nu_dict_get(keywords, "update_fields")),
            .unique_fields = names_or_none(nu_dict_get(keywords, "unique_fields")),
            .batch_size = (int)bound(size, 0),
        });
    return rows;
}

static nu_value bulk_updated(const orm_arguments *arguments)
{
    nu_value rows = list_argument(arguments);
    nu_value fields = argument(arguments, 1, "fields");
    if (fields.type != NU_LIST)
        nu_raise(NU_VALUE_ERROR, "bulk_update takes a list of fields");
    int64_t size = bound(argument(arguments, 2, "batch_size"), 0);
    if (size < 0)
        nu_raise(NU_VALUE_ERROR, "a batch has at least one row");
    return NU_V(
        nu_bulk_update_(rows_of(rows), rows.list->count, (size_t)size, names_of(fields.list)));
}

static nu_value aggregated(nu_query *query, const orm_arguments *arguments)
{
    return NU_V(nu_aggregate_(query, orm_pairs(named_expressions(arguments))));
}

/* ---- relations ---------------------------------------------------------------------------------- */

/* Python's (None). */
static bool is_none(const nu_list *list)
{
    return list->count == 1 && nu_is_null(list->items[0]);
}

static nu_query *prefetched(nu_query *query, nu_list *list)
{
    if (is_none(list))
        return nu_prefetch_related(query);
    for (uint32_t i = 0; i < list->count; i++) {
        nu_value item = list->items[i];
        if (nu_is_text(item)) {
            query = nu_prefetch_related(query, item.text);
            continue;
        }
        nu_value to = nu_dict_get(item.dict, "to_attr");
        query = nu_prefetch_with(query, nu_text(nu_dict_get(item.dict, "path")),
                                 nu_query_from(nu_dict_get(item.dict, "query")),
                                 nu_is_text(to) ? to.text : NULL);
    }
    return query;
}

/* ---- the table of methods --------------------------------------------------------------------- */

typedef struct call {
    orm_subject   *subject;
    nu_query      *query;
    orm_arguments *arguments;
} call;

#define QUERY_METHOD(name, expression)                                                             \
    static nu_value call_##name(call c)                                                            \
    {                                                                                              \
        return NU_V(expression);                                                                   \
    }

static nu_value call_all(call c)
{
    return NU_V(c.query);
}
QUERY_METHOD(filter, filtered(c.query, c.arguments, false))
QUERY_METHOD(exclude, filtered(c.query, c.arguments, true))
QUERY_METHOD(annotate, annotated(c.subject, c.query, c.arguments))
QUERY_METHOD(order_by, in_order(c.query, c.arguments))
QUERY_METHOD(reverse, nu_reversed(c.query))
QUERY_METHOD(none, nu_none(c.query))
QUERY_METHOD(values, with_columns(c.subject, c.query, c.arguments, false))
QUERY_METHOD(values_list, with_columns(c.subject, c.query, c.arguments, true))
QUERY_METHOD(prefetch_related, prefetched(c.query, c.arguments->list))
QUERY_METHOD(only, nu_only_(c.query, names_of(c.arguments->list)))
QUERY_METHOD(using, nu_using(c.query, nu_text(argument(c.arguments, 0, "alias"))))
QUERY_METHOD(count, nu_count(c.query))
QUERY_METHOD(exists, nu_exists(c.query))
QUERY_METHOD(update, nu_update_(c.query, orm_pairs(c.arguments->keywords)))

static nu_value call_defer(call c)
{
    const nu_list *list = c.arguments->list;
    return NU_V(nu_defer_(c.query, is_none(list) ? NU_STRS(NULL) : names_of(c.arguments->list)));
}

/* The plan, in the database's words. */
static nu_value call_explain(call c)
{
    nu_value format = argument(c.arguments, 0, "format");
    return NU_V(nu_explain(c.query, &(nu_explain_options){
                                        .analyze = flag(c.arguments, "analyze"),
                                        .verbose = flag(c.arguments, "verbose"),
                                        .buffers = flag(c.arguments, "buffers"),
                                        .settings = flag(c.arguments, "settings"),
                                        .wal = flag(c.arguments, "wal"),
                                        .format = nu_is_text(format) ? format.text : NULL,
                                    }));
}

static nu_value call_distinct(call c)
{
    if (c.arguments->list->count > 0)
        return NU_V(nu_distinct_on_(c.query, names_of(c.arguments->list)));
    return NU_V(nu_distinct(c.query));
}

static nu_value call_select_related(call c)
{
    if (is_none(c.arguments->list))
        return NU_V(nu_select_unrelated(c.query));
    return NU_V(nu_select_related_(c.query, names_of(c.arguments->list)));
}

static nu_value call_select_for_update(call c)
{
    return NU_V(nu_select_for_update_with(
        c.query, &(nu_lock_options){
                     .nowait = nu_truth(argument(c.arguments, 0, "nowait")),
                     .skip_locked = nu_truth(argument(c.arguments, 1, "skip_locked")),
                     .of = names_or_none(argument(c.arguments, 2, "of")),
                     .no_key = nu_truth(argument(c.arguments, 3, "no_key")),
                 }));
}

static nu_value call_slice(call c)
{
    return sliced(c.query, c.arguments);
}

static nu_value call_index(call c)
{
    return item_at(c.query, nu_int(argument(c.arguments, 0, NULL)));
}

static nu_value call_get(call c)
{
    return got(c.query, c.arguments);
}

static nu_value call_first(call c)
{
    return end_item(c.subject, c.query, false);
}

static nu_value call_last(call c)
{
    return end_item(c.subject, c.query, true);
}

static nu_value call_get_or_create(call c)
{
    return row_or_created(c.query, c.arguments, false);
}

static nu_value call_update_or_create(call c)
{
    return row_or_created(c.query, c.arguments, true);
}

static nu_value call_create(call c)
{
    return NU_V(nu_query_create_(c.query, orm_pairs(c.arguments->keywords)));
}

static nu_value call_bulk_create(call c)
{
    return bulk_created(c.query, c.arguments);
}

static nu_value call_bulk_update(call c)
{
    return bulk_updated(c.arguments);
}

static nu_value call_alias(call c)
{
    return NU_V(nu_alias_(c.query, orm_pairs(named_expressions(c.arguments))));
}

static nu_value combined(call c, nu_combination how)
{
    nu_list         *list = c.arguments->list;
    const nu_query **others = nu_alloc((list->count + 1) * sizeof *others);
    for (uint32_t i = 0; i < list->count; i++)
        others[i] = other_query(list->items[i]);
    return NU_V(nu_combine_(c.query, how, others));
}

static nu_value call_union(call c)
{
    return combined(c, flag(c.arguments, "all") ? NU_UNION_ALL : NU_UNION);
}

static nu_value call_intersection(call c)
{
    return combined(c, NU_INTERSECTION);
}

static nu_value call_difference(call c)
{
    return combined(c, NU_DIFFERENCE);
}

QUERY_METHOD(and, nu_query_and(c.query, other_query(argument(c.arguments, 0, NULL))))
QUERY_METHOD(or, nu_query_or(c.query, other_query(argument(c.arguments, 0, NULL))))
QUERY_METHOD(contains, nu_query_contains(c.query, one_row(argument(c.arguments, 0, "obj"))))

/* "ASC" or "DESC"; what else is asked is refused. */
static bool is_descending(nu_value order)
{
    const char *text = nu_is_text(order) ? order.text : "ASC";
    if (strcmp(text, "ASC") != 0 && strcmp(text, "DESC") != 0)
        nu_raise(NU_VALUE_ERROR, "an order is \"ASC\" or \"DESC\"");
    return strcmp(text, "DESC") == 0;
}

static nu_value call_dates(call c)
{
    c.subject->columns = c.subject->flat = true;
    return NU_V(nu_dates(c.query, nu_text(argument(c.arguments, 0, "field_name")),
                         nu_text(argument(c.arguments, 1, "kind")),
                         is_descending(argument(c.arguments, 2, "order"))));
}

static nu_value call_datetimes(call c)
{
    c.subject->columns = c.subject->flat = true;
    nu_value zone = argument(c.arguments, 3, "tzinfo");
    return NU_V(nu_datetimes(c.query, nu_text(argument(c.arguments, 0, "field_name")),
                             nu_text(argument(c.arguments, 1, "kind")),
                             is_descending(argument(c.arguments, 2, "order")),
                             nu_is_text(zone) ? nu_zone_get(zone.text) : NULL));
}

QUERY_METHOD(latest, nu_query_latest(c.query, names_of(c.arguments->list)))
QUERY_METHOD(earliest, nu_query_earliest(c.query, names_of(c.arguments->list)))

/* As pairs, because keys need not be texts. */
static nu_value call_in_bulk(call c)
{
    nu_value keys = argument(c.arguments, 0, "id_list");
    nu_value field = argument(c.arguments, 1, "field_name");
    nu_dict *rows = nu_in_bulk(c.query, keys.type == NU_LIST ? keys.list : NULL,
                               nu_is_text(field) ? field.text : NULL);
    nu_list *pairs = nu_list_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(rows, entry)) != NULL;)
        nu_list_add(pairs, nu_list_of(entry->key, entry->value));
    return NU_V(pairs);
}

static nu_value call_delete(call c)
{
    return deleted(c.query);
}

static nu_value call_aggregate(call c)
{
    return aggregated(c.query, c.arguments);
}

static nu_value call_list(call c)
{
    return NU_V(nu_query_list(c.query));
}

static nu_value call_len(call c)
{
    return NU_V(nu_query_list(c.query)->count);
}

static nu_value call_bool(call c)
{
    return nu_value_bool(nu_query_list(c.query)->count > 0);
}

static nu_value call_contains_obj(call c)
{
    nu_list *list = nu_query_list(c.query);
    for (uint32_t i = 0; i < list->count; i++)
        if (nu_equal(list->items[i], argument(c.arguments, 0, NULL)))
            return NU_V(true);
    return NU_V(false);
}

/* ---- SQL by hand ----------------------------------------------------------------------------- */

/* Django's placeholders as ours: "%s" in order, "%(name)s" out of a dict, "%%" for the sign itself.
 * `given`: the parameters; those used are added to `params`. */
static const char *placeholders(const char *sql, nu_value given, uint32_t *used, nu_list *params)
{
    nu_builder out;
    nu_builder_init(&out, NULL, strlen(sql) + 1);
    for (; *sql != '\0'; sql++) {
        const char *end = sql[0] == '%' && sql[1] == '(' ? strstr(sql, ")s") : NULL;
        if (sql[0] == '%' && sql[1] == '%') {
            nu_builder_putc(&out, *sql++);
        } else if (end != NULL && given.type == NU_DICT) {
            const char *name = nu_fmt("%.*s", (int)(end - sql - 2), sql + 2);
            nu_list_push(params, nu_dict_get(given.dict, name));
            nu_builder_putc(&out, '?');
            sql = end + 1;
        } else if (sql[0] == '%' && sql[1] == 's' && given.type == NU_LIST &&
                   *used < given.list->count) {
            nu_list_push(params, given.list->items[(*used)++]);
            nu_builder_putc(&out, '?');
            sql++;
        } else {
            nu_builder_putc(&out, *sql);
        }
    }
    return nu_builder_text(&out);
}

static nu_value call_raw(call c)
{
    nu_list    *params = nu_list_new();
    uint32_t    used = 0;
    const char *sql = placeholders(nu_text(argument(c.arguments, 0, "raw_query")),
                                   argument(c.arguments, 1, "params"), &used, params);
    nu_query   *raw = nu_raw_(nu_query_model(c.query), sql, params->items, params->count);
    nu_value    names = argument(c.arguments, 2, "translations");
    if (names.type == NU_DICT)
        raw = nu_raw_as_(raw, orm_pairs(names.dict));
    c.subject->by_hand = true;
    return NU_V(nu_fetch_with(raw, NU_FETCH_ONE));
}

/* Conditions by hand. */
static nu_query *extra_where(nu_query *query, nu_value where, nu_value given)
{
    uint32_t used = 0;
    for (uint32_t i = 0; where.type == NU_LIST && i < where.list->count; i++) {
        nu_list    *params = nu_list_new();
        const char *sql = placeholders(where.list->items[i].text, given, &used, params);
        query = nu_where(query, nu_expr_sql_(sql, params->items, params->count));
    }
    return query;
}

/* Selected expressions by hand. */
static nu_query *extra_select(call c, nu_query *query, nu_dict *select)
{
    uint32_t used = 0;
    nu_value given = nu_dict_get(c.arguments->keywords, "select_params");
    nu_dict *added = nu_dict_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(select, entry)) != NULL;) {
        nu_list    *params = nu_list_new();
        const char *sql = placeholders(nu_text(entry->value), given, &used, params);
        nu_dict_put(added, entry->key, NU_V(nu_expr_sql_(sql, params->items, params->count)));
    }
    note_annotations(c.subject, added, c.arguments);
    return nu_annotate_(query, orm_pairs(added));
}

/* Selected expressions, conditions and an order. */
static nu_value call_extra(call c)
{
    nu_value  select = argument(c.arguments, 0, "select"), order;
    nu_query *query =
        extra_where(c.query, argument(c.arguments, 1, "where"), argument(c.arguments, 2, "params"));
    if (!nu_is_null(argument(c.arguments, 3, "tables")))
        orm_unsupported("further tables of extra");
    if (select.type == NU_DICT)
        query = extra_select(c, query, select.dict);
    order = argument(c.arguments, 4, "order_by");
    if (order.type == NU_LIST)
        query = nu_order_by_(query, names_of(order.list));
    return NU_V(query);
}

static const struct {
    const char *name;
    nu_value (*call)(call c);
} methods[] = {
    {"all", call_all},
    {"get_queryset", call_all},
    {"iterator", call_all},
    {"filter", call_filter},
    {"complex_filter", call_filter},
    {"exclude", call_exclude},
    {"annotate", call_annotate},
    {"order_by", call_order_by},
    {"reverse", call_reverse},
    {"none", call_none},
    {"values", call_values},
    {"values_list", call_values_list},
    {"distinct", call_distinct},
    {"select_related", call_select_related},
    {"prefetch_related", call_prefetch_related},
    {"only", call_only},
    {"defer", call_defer},
    {"using", call_using},
    {"select_for_update", call_select_for_update},
    {"slice", call_slice},
    {"index", call_index},
    {"get", call_get},
    {"first", call_first},
    {"last", call_last},
    {"count", call_count},
    {"exists", call_exists},
    {"update", call_update},
    {"get_or_create", call_get_or_create},
    {"update_or_create", call_update_or_create},
    {"create", call_create},
    {"bulk_create", call_bulk_create},
    {"bulk_update", call_bulk_update},
    {"alias", call_alias},
    {"union", call_union},
    {"intersection", call_intersection},
    {"difference", call_difference},
    {"and", call_and},
    {"or", call_or},
    {"contains", call_contains},
    {"dates", call_dates},
    {"datetimes", call_datetimes},
    {"latest", call_latest},
    {"earliest", call_earliest},
    {"in_bulk", call_in_bulk},
    {"delete", call_delete},
    {"aggregate", call_aggregate},
    {"list", call_list},
    {"len", call_len},
    {"bool", call_bool},
    {"contains_obj", call_contains_obj},
    {"raw", call_raw},
    {"extra", call_extra},
    {"explain", call_explain},
};

static bool call_query(orm_subject *subject, const char *name, orm_arguments *arguments)
{
    nu_query *query = nu_query_from(subject->value);
    if (query == NULL)
        return false;
    for (size_t i = 0; i < NU_COUNT(methods); i++) {
        if (strcmp(methods[i].name, name) != 0)
            continue;
        subject->value = methods[i].call((call){subject, query, arguments});
        subject->owner = NULL;
        subject->model = NULL;
        if (nu_query_from(subject->value) == NULL && subject->value.type != NU_LIST)
            subject->flat = subject->flat && strcmp(name, "aggregate") != 0;
        return true;
    }
    return false;
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* A bound of Python's list[a:b]: from the end if it is negative. */
static int64_t place_in(const nu_list *list, nu_value value, int64_t missing)
{
    int64_t place = bound(value, missing);
    place = place < 0 ? place + list->count : place;
    return place < 0 ? 0 : place > list->count ? list->count : place;
}

static nu_list *part_of(const nu_list *list, const orm_arguments *arguments)
{
    int64_t  from = place_in(list, argument(arguments, 0, NULL), 0);
    int64_t  to = place_in(list, argument(arguments, 1, NULL), list->count);
    int64_t  step = bound(argument(arguments, 2, NULL), 1);
    nu_list *part = nu_list_new();
    for (; step > 0 && from < to; from += step)
        nu_list_push(part, list->items[from]);
    return part;
}

static bool call_list_value(orm_subject *subject, const char *name, orm_arguments *arguments)
{
    if (subject->value.type != NU_LIST)
        return false;
    nu_list *list = subject->value.list;
    if (strcmp(name, "len") == 0)
        subject->value = NU_V(list->count);
    else if (strcmp(name, "bool") == 0)
        subject->value = nu_value_bool(list->count > 0);
    else if (strcmp(name, "index") == 0) {
        if (!nu_list_at(list, nu_int(argument(arguments, 0, NULL)), &subject->value))
            nu_raise(NU_VALUE_ERROR, "the list has no such item");
    } else if (strcmp(name, "slice") == 0)
        subject->value = NU_V(part_of(list, arguments));
    else
        return strcmp(name, "list") == 0;
    return true;
}

/* ---- attributes ------------------------------------------------------------------------------- */

static nu_value mapped(nu_list *list, const char *path)
{
    nu_list *values = nu_list_new();
    for (uint32_t i = 0; i < list->count; i++)
        nu_list_push(values, orm_path((orm_subject){.value = list->items[i]}, path));
    return NU_V(values);
}

/* Methods of a manager that a path may end with. */
static bool is_figure(const char *name)
{
    return strcmp(name, "count") == 0 || strcmp(name, "exists") == 0;
}

nu_value orm_path(orm_subject subject, const char *path)
{
    const char *dot = strchrnul(path, '.');
    const char *name = nu_fmt("%.*s", (int)(dot - path), path), *rest = *dot ? dot + 1 : NULL;
    orm_subject next = {.value = nu_null()};
    if (!orm_attribute(subject.value, name, &next))
        nu_raise(NU_VALUE_ERROR, "there is no attribute \"%s\"", name);
    if (rest == NULL || nu_is_null(next.value))
        return orm_encode(next, NULL);
    if (next.value.type == NU_DICT && nu_dict_find(next.value.dict, "error"))
        return next.value;
    nu_query *query = nu_query_from(next.value);
    if (query != NULL && is_figure(rest)) {
        orm_arguments none = {nu_list_new(), nu_dict_new(), nu_list_new()};
        return orm_encode(orm_call(next, rest, &none), NULL);
    }
    if (query != NULL)
        return mapped(nu_query_list(query), rest);
    if (next.value.type == NU_LIST)
        return mapped(next.value.list, rest);
    return orm_path(next, rest);
}

static NU_NORETURN void raise_no_related(const nu_row *row, const char *name)
{
    nu_error *error = nu_error_new(&orm_no_related, "no row at \"%s\"", name);
    error->data = nu_row_model(row);
    nu_throw(error);
}

/* What a query tells of itself. */
static bool query_attribute(nu_query *query, const char *name, nu_value *out)
{
    if (strcmp(name, "ordered") == 0)
        *out = nu_value_bool(nu_query_is_ordered(query));
    else if (strcmp(name, "db") == 0)
        *out = NU_V("default");
    else
        return false;
    return true;
}

/* Follows a dotted path and stays there: the last step may be a related manager. */
static void follow(orm_subject *subject, const char *path)
{
    nu_list *steps = nu_split(path, '.');
    for (uint32_t i = 0; i < steps->count; i++) {
        orm_subject next = {.value = nu_null()};
        nu_query   *query = nu_query_from(subject->value);
        bool told = query != NULL && query_attribute(query, steps->items[i].text, &next.value);
        if (!told && !orm_attribute(subject->value, steps->items[i].text, &next))
            nu_raise(NU_VALUE_ERROR, "there is no attribute \"%s\"", steps->items[i].text);
        if (next.value.type == NU_DICT && nu_dict_find(next.value.dict, "error"))
            raise_no_related(nu_row_of(subject->value), steps->items[i].text);
        *subject = next;
    }
}

/* A method of a row that takes no arguments is as good as an attribute. */
static bool call_method(orm_subject *subject, const char *name)
{
    orm_subject result = {.value = nu_null()};
    if (!orm_attribute(subject->value, name, &result))
        return false;
    *subject = result;
    return true;
}

/* ---- chains ------------------------------------------------------------------------------------ */

orm_subject orm_call(orm_subject subject, const char *name, orm_arguments *arguments)
{
    if (strcmp(name, "rel") == 0 || strcmp(name, "attr") == 0) {
        follow(&subject, nu_text(argument(arguments, 0, NULL)));
        return subject;
    }
    /* What else is done to a raw query is done to the list of its rows. */
    if (subject.by_hand && strcmp(name, "prefetch_related") != 0 && strcmp(name, "using") != 0) {
        subject.value = NU_V(nu_query_list(nu_query_from(subject.value)));
        subject.by_hand = false;
    }
    if (orm_app_call(&subject, name, arguments) || orm_row_call(&subject, name, arguments) ||
        orm_related_call(&subject, name, arguments) || call_query(&subject, name, arguments) ||
        call_list_value(&subject, name, arguments) || call_method(&subject, name))
        return subject;
    orm_unsupported("%s of %s", name, nu_value_type_name(subject.value));
}

orm_subject orm_chain(orm_subject subject, nu_list *calls)
{
    for (uint32_t i = 0; i < calls->count; i++) {
        nu_list      *one = calls->items[i].list;
        orm_arguments arguments = orm_read_arguments(one->count > 1 ? one->items[1] : nu_null());
        subject = orm_call(subject, nu_text(one->items[0]), &arguments);
    }
    return subject;
}

orm_subject orm_manager(const nu_model *model, const char *name)
{
    nu_query *query = nu_fetch_with(nu_query_all(model), orm_fetch_mode);
    if (name != NULL && strcmp(name, "objects") != 0) {
        const orm_manager_def *manager = blog_managers;
        while (manager->model != NULL &&
               (manager->model != model || strcmp(manager->name, name) != 0))
            manager++;
        if (manager->model == NULL)
            orm_unsupported("manager %s", name);
        query = manager->of(query);
    }
    return (orm_subject){.value = NU_V(query), .model = model};
}

orm_subject orm_query_of(nu_dict *object)
{
    nu_value    manager = nu_dict_get(object, "manager"), calls = nu_dict_get(object, "calls");
    orm_subject subject = orm_manager(nu_model_get(nu_text(nu_dict_get(object, "model"))),
                                      nu_is_null(manager) ? NULL : nu_text(manager));
    return calls.type == NU_LIST ? orm_chain(subject, calls.list) : subject;
}
