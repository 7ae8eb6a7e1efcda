/* "author__articles__title" becomes a column of a join. A reference is only joined when a field
 * behind it is wanted that the reference does not hold itself: author__id is author_id. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/contenttypes.h"
#include "nuages/text.h"

/* Where the walk stands. */
typedef struct path_walk {
    nu_query        *query;
    nu_joins         reuse;
    nu_path         *path;
    int              join;    /* table reached */
    const nu_column *pending; /* reference of that table that is not joined yet */
} path_walk;

static nu_joins bit(int join)
{
    return join <= 0 ? 0 : (nu_joins)1 << join;
}

/* ---- joins ---------------------------------------------------------------------------------- */

static bool alias_taken(const nu_query *query, const char *alias)
{
    for (int i = 0; i < query->join_count; i++) {
        if (strcmp(query->joins[i].alias, alias) == 0)
            return true;
    }
    return false;
}

static int find_join(const nu_query *query, const nu_join *wanted, nu_joins reuse)
{
    for (int i = query->join_count - 1; i > 0; i--) {
        const nu_join *join = &query->joins[i];
        if (join->parent == wanted->parent && join->info == wanted->info &&
            join->parent_column == wanted->parent_column && join->column == wanted->column &&
            join->type_column == wanted->type_column && join->type == wanted->type &&
            join->filtered == wanted->filtered && (!wanted->many || (reuse & bit(i)) != 0))
            return i;
    }
    return -1;
}

static int add_join(nu_query *query, nu_join join, nu_joins reuse)
{
    int found = find_join(query, &join, reuse);
    if (found > 0)
        return found;
    if (query->join_count > NU_MOST_JOINS)
        nu_raise(NU_FIELD_ERROR, "a query of model \"%s\" joins more than %d tables",
                 query->model->name, NU_MOST_JOINS);
    join.alias = alias_taken(query, join.info->table)
                     ? nu_arena_format(query->arena, "T%d", query->join_count + 1)
                     : join.info->table;
    join.outer = join.nullable || query->joins[join.parent].outer;
    size_t size = (size_t)query->join_count * sizeof(nu_join);
    query->joins = nu_arena_grow(query->arena, query->joins, size, size + sizeof(nu_join));
    query->joins[query->join_count] = join;
    return query->join_count++;
}

int nu__join_merge(nu_query *query, const nu_join *join, int parent, nu_joins reuse)
{
    nu_join copy = *join;
    copy.parent = parent;
    int found = find_join(query, &copy, reuse);
    int at = add_join(query, copy, reuse);
    if (found < 0)
        query->joins[at].outer = join->outer;
    return at;
}

int nu__join_forward(nu_query *query, int join, const nu_column *column)
{
    return add_join(query,
                    (nu_join){.info = nu__info(column->to),
                              .parent = join,
                              .parent_column = column->column,
                              .column = column->target->column,
                              .nullable = column->null},
                    NU_EVERY_JOIN);
}

/* The table that has the column, which may be a parent's: joins it and moves *join there. The link
 * on the way may hold the column's very value; then it is as good and no join is needed. */
static const nu_column *locate(nu_query *query, int *join, const nu_column *column)
{
    const nu_model_info *owner = nu__info(column->model)->concrete;
    for (;;) {
        const nu_model_info *info = query->joins[*join].info->concrete;
        if (info == owner || info->parent == NULL)
            return column;
        if (nu__holds(info->parent_link, column))
            return info->parent_link;
        *join = nu__join_forward(query, *join, info->parent_link);
    }
}

int nu__join_owner(nu_query *query, int join, const nu_column *column)
{
    const nu_model_info *owner = nu__info(column->model)->concrete;
    for (const nu_model_info *info = query->joins[join].info->concrete;
         info != owner && info->parent != NULL; info = info->parent)
        join = nu__join_forward(query, join, info->parent_link);
    return join;
}

/* From a row to those whose reference `column` leads to it. */
static int join_back(nu_query *query, int join, const nu_column *column, nu_joins reuse)
{
    const nu_column *target = locate(query, &join, column->target);
    return add_join(query,
                    (nu_join){.info = nu__info(column->model),
                              .parent = join,
                              .parent_column = target->column,
                              .column = column->column,
                              .many = !column->field->type->to_one,
                              .nullable = true},
                    reuse);
}

int nu__join_back(nu_query *query, int join, const nu_column *column)
{
    return join_back(query, join, column, NU_EVERY_JOIN);
}

/* ---- the walk ------------------------------------------------------------------------------- */

static void reach(path_walk *walk, int join)
{
    walk->join = join;
    walk->pending = NULL;
    walk->path->joins |= bit(join);
    walk->path->many |= walk->query->joins[join].many;
    walk->path->last = walk->query->joins[join].info;
}

static void join_pending(path_walk *walk)
{
    if (walk->pending != NULL)
        reach(walk, nu__join_forward(walk->query, walk->join, walk->pending));
}

/* As locate, for the table that the walk has reached. */
static const nu_column *reach_owner(path_walk *walk, const nu_column *column)
{
    int before = walk->join;
    column = locate(walk->query, &walk->join, column);
    for (int join = walk->join; join != before; join = walk->query->joins[join].parent)
        walk->path->joins |= bit(join);
    return column;
}

/* A reference: reached by its key, joined only if more is wanted. */
static void enter_reference(path_walk *walk, const nu_column *column)
{
    walk->pending = column;
    walk->path->column = column;
    walk->path->relation = column;
    walk->path->last = nu__info(column->to);
}

static void enter_back(path_walk *walk, const nu_column *column)
{
    reach(walk, join_back(walk->query, walk->join, column, walk->reuse));
    walk->path->column = walk->path->last->primary_key;
    walk->path->relation = column;
}

static void enter_many(path_walk *walk, const nu_column *many, bool backwards)
{
    const nu_column *from = nu__through_from(many), *to = nu__through_to(many);
    enter_back(walk, backwards ? to : from);
    enter_reference(walk, backwards ? from : to);
}

/* A generic relation, either way: keys meet, and the content type is that of the model. */
static void enter_generic(path_walk *walk, const nu_reverse *reverse)
{
    nu_query               *query = walk->query;
    struct nu_content_type *type =
        nu__content_type(reverse->type_of, nu__query_database(walk->query));
    const nu_column *here =
        reverse->back ? reverse->column : nu__info(reverse->type_of)->primary_key;
    const nu_column *there =
        reverse->back ? nu__info(reverse->type_of)->primary_key : reverse->column;
    here = reach_owner(walk, here);
    reach(walk, add_join(query,
                         (nu_join){.info = nu__info(reverse->model),
                                   .parent = walk->join,
                                   .parent_column = here->column,
                                   .column = there->column,
                                   .type_column = reverse->content_type->column,
                                   .type = type->row.id,
                                   .type_of_parent = reverse->back,
                                   .many = true,
                                   .nullable = true},
                         walk->reuse));
    walk->path->column = walk->path->last->primary_key;
    walk->path->relation = NULL;
}

static void enter_reverse(path_walk *walk, const nu_reverse *reverse)
{
    if (reverse->content_type != NULL)
        enter_generic(walk, reverse);
    else if (reverse->many)
        enter_many(walk, reverse->column, true);
    else
        enter_back(walk, reverse->column);
}

static size_t token_length(const char *text)
{
    const char *end = strstr(text, "__");
    return end != NULL && end > text ? (size_t)(end - text) : strlen(text);
}

/* True if the path names a field behind the reference `column`. */
static bool goes_on(const path_walk *walk, const nu_column *column)
{
    const char *rest = walk->path->rest;
    return column->to != NULL && rest != NULL &&
           nu__name_find(nu__info(column->to), rest, token_length(rest),
                         NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_QUERY) != NULL;
}

/* A field of the table that the walk has reached or would reach by its pending reference. True if
 * the path may go on behind it. */
static bool enter(path_walk *walk, const nu_name *name)
{
    const nu_column *column = name->what;
    if (name->meaning == NU_MEANS_COLUMN && walk->pending != NULL &&
        nu__holds(walk->pending, column) && !goes_on(walk, column)) {
        walk->path->column = walk->pending; /* the reference holds this very value */
        walk->path->relation = NULL;
        return false;
    }
    join_pending(walk);
    if (name->meaning == NU_MEANS_QUERY) {
        enter_reverse(walk, name->what);
        return true;
    }
    if (name->meaning == NU_MEANS_MANY) {
        enter_many(walk, column, false);
        return true;
    }
    bool on = column->to != NULL && name->text != column->attname;
    column = reach_owner(walk, column);
    walk->path->relation = NULL;
    walk->path->column = column;
    if (on)
        enter_reference(walk, column);
    return on;
}

static const char *behind(const char *text, size_t length)
{
    return text[length] == '\0' ? NULL : text + length + 2;
}

static void walk_path(path_walk *walk, const char *text)
{
    const unsigned meanings = NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_QUERY;
    nu_path       *path = walk->path;
    bool           on = true;
    path->rest = text;
    while (path->rest != NULL && on) {
        size_t         length = token_length(path->rest);
        const nu_name *name = nu__name_find(path->last, path->rest, length, meanings);
        if (name == NULL) {
            if (path->rest == text && walk->join == 0)
                nu__unknown_field(path->last, text, length, meanings);
            break;
        }
        path->rest = behind(path->rest, length);
        on = enter(walk, name);
    }
    path->join = walk->join;
}

/* ---- filtered relations ----------------------------------------------------------------------- */

static int find_filtered(const nu_query *query, const char *name)
{
    for (int i = 1; i < query->join_count; i++) {
        if (query->joins[i].filtered == name)
            return i;
    }
    return -1;
}

/* The join of the relation: that which the name has already, else a new one or, if others use it
 * without the condition, a twin. */
static int join_filtered(path_walk *walk, const nu_filtered *relation)
{
    nu_query *query = walk->query;
    int       found = find_filtered(query, relation->name), before = query->join_count;
    if (found > 0)
        return found;
    walk_path(walk, relation->path);
    join_pending(walk);
    nu_join join = query->joins[walk->join];
    join.filtered = relation->name;
    if (walk->join < before) {
        join.many = false;
        walk->join = add_join(query, join, 0);
        query->joins[walk->join].many = query->joins[join.parent].many;
    } else {
        query->joins[walk->join] = join;
    }
    if (!alias_taken(query, relation->name))
        query->joins[walk->join].alias = relation->name;
    nu__filtered_join(query, relation, walk->join);
    return walk->join;
}

/* From a join that is there already. */
static void walk_from(path_walk *walk, int join, const char *rest)
{
    walk->path->joins = 0;
    walk->path->relation = NULL;
    reach(walk, join);
    for (int at = join; at > 0; at = walk->query->joins[at].parent)
        walk->path->joins |= bit(at);
    walk->path->column = walk->path->last->primary_key;
    walk->path->rest = NULL;
    walk->path->join = join;
    if (rest != NULL)
        walk_path(walk, rest);
}

/* The part of the path behind `inside`, the relation whose condition is made out; false if it is
 * about something else. */
static bool is_inside(const nu_query *query, const char *path, const char **rest)
{
    if (query->inside == NULL)
        return false;
    size_t length = strlen(query->inside);
    if (strncmp(path, query->inside, length) != 0)
        return false;
    *rest = path[length] == '\0' ? NULL : path + length + 2;
    return path[length] == '\0' || strncmp(path + length, "__", 2) == 0;
}

/* True if the path begins with a relation that has a name of its own, and was followed. */
static bool follow_filtered(nu_query *query, const char *path, nu_joins reuse, nu_path *out)
{
    const char *rest;
    path_walk   walk = {.query = query, .reuse = reuse, .path = out};
    if (is_inside(query, path, &rest)) {
        walk_from(&walk, query->inside_join, rest);
        return true;
    }
    size_t             length = token_length(path);
    const nu_filtered *relation = nu__filtered_find(query, path, length);
    if (relation == NULL)
        return false;
    walk_from(&walk, join_filtered(&walk, relation), behind(path, length));
    return true;
}

void nu__path_follow(nu_query *query, const char *path, nu_joins reuse, nu_path *out)
{
    *out = (nu_path){.last = query->info};
    if ((query->inside != NULL || query->filtered_count > 0) &&
        follow_filtered(query, path, reuse, out))
        return;
    /* An annotation's name may have words in it: "comments__count". */
    size_t length = token_length(path);
    while (query->annotation_count > 0) {
        out->annotation = nu__annotation(query, path, length);
        out->rest = behind(path, length);
        if (out->annotation != NULL)
            return;
        if (out->rest == NULL)
            break;
        length = (size_t)(out->rest - path) + token_length(out->rest);
    }
    path_walk walk = {.query = query, .reuse = reuse, .path = out};
    walk_path(&walk, path);
}

void nu__path_get(nu_query *query, const char *path, nu_joins reuse, nu_path *out)
{
    nu__path_follow(query, path, reuse, out);
    if (out->rest != NULL)
        nu__unknown_field(out->last, out->rest, token_length(out->rest),
                          NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_QUERY);
}

bool nu__path_is_many(const nu_query *query, const char *text)
{
    const unsigned       meanings = NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_QUERY;
    const nu_model_info *info = query->info;
    const nu_filtered   *relation = nu__filtered_find(query, text, token_length(text));
    if (relation != NULL) {
        const char *rest = behind(text, token_length(text));
        text = rest != NULL ? nu_fmt("%s__%s", relation->path, rest) : relation->path;
    }
    while (text != NULL) {
        size_t         length = token_length(text);
        const nu_name *name = nu__name_find(info, text, length, meanings);
        if (name == NULL)
            return false;
        if (name->meaning == NU_MEANS_MANY)
            return true;
        const nu_column *column = name->what;
        if (name->meaning == NU_MEANS_QUERY) {
            const nu_reverse *reverse = name->what;
            if (!reverse->to_one)
                return true;
            info = nu__info(reverse->model);
        } else if (column->to == NULL) {
            return false;
        } else {
            info = nu__info(column->to);
        }
        text = behind(text, length);
    }
    return false;
}

const nu_expression *nu__column_expr(int join, const nu_column *column)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_COLUMN, 0);
    expression->resolved = true;
    expression->join = join;
    expression->column = column;
    expression->type = column;
    return expression;
}
