/* The shape of a query, read without writing SQL. Words come in a fixed order, and each part says
 * how many follow, so that no two different queries give the same row of words. */
#include <string.h>

#include "model/shape.h"

/* ---- words ---------------------------------------------------------------------------------- */

static void add(nu_shape *shape, uint64_t word)
{
    if (shape->count < NU_SHAPE_WORDS)
        shape->words[shape->count++] = word;
    else
        shape->whole = false;
}

void nu__shape_add(nu_shape *shape, uint64_t word)
{
    add(shape, word);
}

static void add_pointer(nu_shape *shape, const void *pointer)
{
    add(shape, (uint64_t)(uintptr_t)pointer);
}

/* Length and letters: a name may lie anywhere, so its address says nothing. NULL is no empty text. */
static void add_text(nu_shape *shape, const char *text)
{
    size_t length = text != NULL ? strlen(text) : 0, words = (length + 7) / 8;
    add(shape, text != NULL ? length + 1 : 0);
    if (words == 0)
        return;
    if (words > NU_SHAPE_WORDS - shape->count) {
        shape->whole = false;
        return;
    }
    shape->words[shape->count + words - 1] = 0;
    memcpy(shape->words + shape->count, text, length);
    shape->count += words;
}

static void add_texts(nu_shape *shape, const char *const *texts)
{
    for (; texts != NULL && *texts != NULL; texts++)
        add_text(shape, *texts);
    add(shape, texts != NULL ? 0 : UINT64_MAX); /* no text has either for its length */
}

static bool is_zero(const void *memory, size_t size)
{
    const char *at = memory;
    uint64_t    any = 0, word;
    for (; size >= sizeof word; size -= sizeof word, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        any |= word;
    }
    return any == 0;
}

/* ---- conditions ----------------------------------------------------------------------------- */

/* A column of a model that lasts, and one of the table. */
static bool is_lasting(const nu_column *column)
{
    const nu_model_info *info =
        column != NULL && column->model != NULL ? column->model->state->info : NULL;
    return info != NULL && info->lasting && column->index < info->all_count &&
           info->column_list[column->index] == column;
}

bool nu__shape_add_column(nu_shape *shape, const nu_column *column)
{
    add_pointer(shape, column);
    return is_lasting(column);
}

/* Nothing is set of what only some kinds of expressions have; these shapes leave out. */
static bool is_plain(const nu_expression *expression)
{
    enum { FROM = offsetof(nu_expression, aggregate) };
    return is_zero((const char *)expression + FROM, sizeof *expression - FROM);
}

static bool add_column(nu_shape *shape, const nu_expression *column)
{
    if (!is_plain(column) || !is_lasting(column->column) || column->type != column->column)
        return false;
    add(shape, (uint64_t)NU_EXPR_COLUMN << 32 | (uint32_t)column->join);
    add_pointer(shape, column->column);
    return true;
}

/* A value that is bound whatever it is. */
static bool is_scalar(nu_value value)
{
    switch ((nu_type)value.type) {
    case NU_BOOL:
    case NU_INT:
    case NU_FLOAT:
    case NU_DECIMAL:
    case NU_TEXT:
    case NU_BYTES:
    case NU_DATE:
    case NU_TIME:
    case NU_DATETIME:
    case NU_DURATION:
    case NU_UUID: return true;
    case NU_NULL:
    case NU_LIST:
    case NU_DICT:
    case NU_OBJECT:
    case NU_FUNCTION: break;
    }
    return false;
}

static bool add_right(nu_shape *shape, nu_sql *sql, const nu_expression *lookup,
                      const nu_expression *right)
{
    if (right->kind == NU_EXPR_COLUMN)
        return add_column(shape, right);
    if (right->kind != NU_EXPR_PARAM || !is_plain(right) || right->type != lookup->args[0]->type ||
        !is_scalar(right->value))
        return false;
    if (nu__lookup_is_boolean(lookup)) {
        add(shape, (uint64_t)NU_EXPR_ALL << 32 | right->value.boolean);
        return true;
    }
    add(shape, (uint64_t)NU_EXPR_PARAM << 32 | right->value.type);
    nu__sql_keep_param(sql, nu__lookup_param(sql->backend, lookup->lookup, right->value), right);
    return true;
}

static bool add_lookup(nu_shape *shape, nu_sql *sql, const nu_expression *lookup)
{
    bool about_null = lookup->lookup == NU_LOOKUP_IS_NULL;
    if (lookup->lookup > NU_LOOKUP_IS_NULL || lookup->args[0]->kind != NU_EXPR_COLUMN ||
        lookup->type != &nu__bool_column || nu_is_null(lookup->value) == about_null)
        return false;
    add(shape, (uint64_t)lookup->lookup << 32 | (about_null && lookup->value.boolean));
    if (!add_column(shape, lookup->args[0]))
        return false;
    for (size_t i = 1; i < lookup->count; i++) {
        if (!shape->whole || !add_right(shape, sql, lookup, lookup->args[i]))
            return false;
    }
    return true;
}

static bool add_condition(nu_shape *shape, nu_sql *sql, const nu_expression *condition)
{
    nu_check_stack();
    if (!is_plain(condition))
        return false;
    add(shape, (uint64_t)condition->kind << 32 | condition->count);
    switch (condition->kind) {
    case NU_EXPR_LOOKUP: return add_lookup(shape, sql, condition);
    case NU_EXPR_NOTHING:
    case NU_EXPR_ALL: return true;
    case NU_EXPR_AND:
    case NU_EXPR_OR:
    case NU_EXPR_NOT: break;
    default: return false;
    }
    for (size_t i = 0; i < condition->count; i++) {
        if (!shape->whole || !add_condition(shape, sql, condition->args[i]))
            return false;
    }
    return true;
}

/* ---- joins ---------------------------------------------------------------------------------- */

static bool add_join(nu_shape *shape, const nu_join *join)
{
    _Static_assert(sizeof(nu_join) == 80 || sizeof(void *) != 8,
                   "a new member of nu_join belongs into the shape of a query");
    if (!join->info->lasting || join->filtered != NULL || join->condition != NULL)
        return false;
    add_pointer(shape, join->info);
    add(shape, (uint64_t)(uint32_t)join->parent << 32 | (uint64_t)join->type_of_parent << 3 |
                   (uint64_t)join->many << 2 | (uint64_t)join->nullable << 1 | join->outer);
    add_text(shape, join->alias != join->info->table ? join->alias : NULL);
    add_text(shape, join->parent_column);
    add_text(shape, join->column);
    add_text(shape, join->type_column);
    add(shape, (uint64_t)join->type);
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* The table of FROM goes by its name. */
static bool has_plain_root(const nu_query *query)
{
    const nu_join *root = query->joins;
    return root->info == query->info && root->alias == query->info->table &&
           root->filtered == NULL && root->condition == NULL;
}

/* True if nothing is set but what is read below, and what has no part in the text: where the rows
 * go, and what is loaded with them. */
static bool has_shape(const nu_query *query)
{
    nu_query rest = *query;
    rest.class = NULL;
    rest.model = NULL;
    rest.info = NULL;
    rest.joins = NULL;
    rest.join_count = 0;
    rest.where = NULL;
    rest.order = NULL;
    rest.order_count = 0;
    rest.ordered = rest.reversed = rest.distinct = false;
    rest.low = rest.high = 0;
    rest.related = NULL;
    rest.related_all = false;
    rest.only = rest.defer = NULL;
    rest.result = NU_RESULT_ROWS;
    rest.names = NULL;

    rest.database = NULL;
    rest.arena = NULL;
    rest.filter_joins = 0;
    rest.one = false;
    rest.prefetch = NULL;
    rest.fetch_mode = 0;
    rest.many_back = NULL;
    rest.owner = NULL;
    rest.relation = NULL;
    rest.fetched = NULL;
    rest.list = NULL;
    return is_zero(&rest, sizeof rest) && query->info->lasting && has_plain_root(query);
}

static bool add_order(nu_shape *shape, const nu_query *query)
{
    add(shape, query->order_count);
    for (size_t i = 0; i < query->order_count; i++) {
        if (query->order[i].type != NU_TEXT)
            return false;
        add_text(shape, query->order[i].text);
    }
    return true;
}

void nu__shape_init(nu_shape *shape, const nu_sql *sql, const void *maker)
{
    shape->count = 0;
    shape->whole = true;
    add_pointer(shape, maker);
    add_pointer(shape, sql->backend);
}

bool nu__shape_add_query(nu_shape *shape, nu_sql *sql, const nu_query *query)
{
    if (!has_shape(query))
        return false;
    add_pointer(shape, query->model);
    add(shape, (uint64_t)query->join_count << 32 | (uint64_t)query->result << 16 |
                   (uint64_t)query->ordered << 8 | (uint64_t)query->reversed << 7 |
                   (uint64_t)query->distinct << 6 | (uint64_t)(query->low > 0) << 5 |
                   (uint64_t)(query->high >= 0) << 4 | (uint64_t)query->related_all << 3 |
                   (uint64_t)(query->where != NULL) << 2);
    for (int i = 1; i < query->join_count; i++) {
        if (!add_join(shape, &query->joins[i]))
            return false;
    }
    add_texts(shape, query->names);
    add_texts(shape, query->related);
    add_texts(shape, query->only);
    add_texts(shape, query->defer);
    if (!add_order(shape, query))
        return false;
    if (query->where != NULL && !add_condition(shape, sql, query->where))
        return false;
    nu__sql_keep_limit(sql, query);
    return shape->whole;
}
