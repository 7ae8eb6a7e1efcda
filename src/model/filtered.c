/* nu_filtered_relation: a relation under a name of its own, of which only some rows count. Its join is
 * made when the name is first used, and the condition stands in its ON. */
#include <string.h>

#include "model/query_internal.h"

const nu_expression *nu_filtered_relation(const char *relation, const nu_expression *condition)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_RELATION, 0);
    expression->name = relation;
    expression->filter = condition;
    return expression;
}

const nu_filtered *nu__filtered_find(const nu_query *query, const char *name, size_t length)
{
    for (size_t i = 0; i < query->filtered_count; i++) {
        const nu_filtered *relation = &query->filtered[i];
        if (strncmp(relation->name, name, length) == 0 && relation->name[length] == '\0')
            return relation;
    }
    return NULL;
}

/* Looks the relation up now, on a scratch copy, so that a wrong one is reported where it stands. */
static void check_relation(const nu_query *query, const char *relation)
{
    nu_path path;
    nu__path_get(nu__query_clone(query), relation, NU_EVERY_JOIN, &path);
    bool generic = path.joins != 0 && path.column == path.last->primary_key;
    if (path.relation == NULL && !generic)
        nu_raise(NU_VALUE_ERROR, "\"%s\" of model \"%s\" is no relation", relation,
                 query->model->name);
}

void nu__filtered_add(nu_query *query, const char *name, const nu_expression *relation)
{
    check_relation(query, relation->name);
    if (nu__filtered_find(query, name, strlen(name)) != NULL)
        nu_raise(NU_VALUE_ERROR, "the query has a filtered relation \"%s\" already", name);
    size_t       count = query->filtered_count;
    nu_filtered *list = nu_alloc((count + 1) * sizeof *list);
    if (count > 0)
        memcpy(list, query->filtered, count * sizeof *list);
    list[count] = (nu_filtered){name, relation->name, relation->filter};
    query->filtered = list;
    query->filtered_count = count + 1;
}

/* Inside the condition the relation's own path means this very join. */
void nu__filtered_join(nu_query *query, const nu_filtered *relation, int join)
{
    int         count = query->join_count;
    const char *before = query->inside;
    int         before_join = query->inside_join;
    query->inside = relation->path;
    query->inside_join = join;
    const nu_expression *condition = nu__condition_inside(query, relation->condition);
    query->inside = before;
    query->inside_join = before_join;
    if (query->join_count > count) {
        nu_error *error = nu_error_new(
            NU_VALUE_ERROR, "the condition of the filtered relation \"%s\" reaches beyond \"%s\"",
            relation->name, relation->path);
        error->hint = "It may ask for fields of that relation's rows and of the query's own.";
        nu_throw(error);
    }
    query->joins[join].condition = condition;
}
