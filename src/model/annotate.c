/* nu_annotate, nu_alias and what they do to grouping.
 *
 * An aggregate groups the rows: by the model's key, unless values were asked for before; then by
 * these, and by the plain annotations made so far. What is asked for later does not change that. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/text.h"

void nu__check_alias(const char *name)
{
    bool bad = strstr(name, "--") != NULL || strstr(name, "/*") != NULL ||
               strstr(name, "*/") != NULL || strpbrk(name, "'`\"[];# \x7f") != NULL;
    for (const char *at = name; *at != '\0'; at++)
        bad |= (unsigned char)*at < ' ';
    if (!bad)
        return;
    nu_error *error = nu_error_new(NU_VALUE_ERROR, "\"%s\" is no name for a computed column", name);
    error->detail = "Such a name has no spaces, quotes, brackets, semicolons, # or SQL comments.";
    nu_throw(error);
}

static void check_name(const nu_query *query, const char *name)
{
    nu__check_alias(name);
    if (*name == '\0' || strstr(name, "__") == name)
        nu_raise(NU_VALUE_ERROR, "\"%s\" is no name for an annotation", name);
    if (nu__name_find(query->info, name, strlen(name),
                      NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_ACCESSOR) == NULL)
        return;
    nu_error *error = nu_error_new(NU_VALUE_ERROR,
                                   "annotation \"%s\" clashes with a field of model "
                                   "\"%s\"",
                                   name, query->model->name);
    error->hint = "Give it another name.";
    nu_throw(error);
}

/* ---- grouping ------------------------------------------------------------------------------- */

static size_t count_names(const nu_query *query)
{
    size_t count = 0;
    while (query->names != NULL && query->names[count] != NULL)
        count++;
    return count;
}

/* The values asked for and the plain annotations are what the rows are grouped by from here on. */
static void group_by_values(nu_query *query)
{
    size_t                count = count_names(query), used = 0;
    const nu_expression **group = nu_alloc((count + query->annotation_count + 1) * sizeof *group);
    for (size_t i = 0; i < count; i++) {
        const nu_expression *value = nu__value_expr(query, query->names[i]);
        if (!value->aggregate)
            group[used++] = value;
    }
    for (size_t i = 0; i < query->annotation_count; i++) {
        const nu_annotation *annotation = &query->annotations[i];
        if (!annotation->hidden && !annotation->expression->aggregate)
            group[used++] = annotation->expression;
    }
    query->group = group;
    query->group_count = used;
    query->grouping = NU_GROUP_VALUES;
}

static void group(nu_query *query)
{
    if (query->result == NU_RESULT_ROWS || query->names == NULL) {
        if (query->grouping == NU_GROUP_NONE)
            query->grouping = NU_GROUP_KEY;
    } else {
        group_by_values(query);
    }
}

/* ---- adding --------------------------------------------------------------------------------- */

/* Names that are annotated anew take the place of the old ones. */
static nu_annotation *place_for(nu_query *query, const char *name)
{
    size_t         count = query->annotation_count;
    nu_annotation *annotations = nu_alloc((count + 1) * sizeof *annotations);
    if (count > 0)
        memcpy(annotations, query->annotations, count * sizeof *annotations);
    query->annotations = annotations;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(annotations[i].name, name) == 0)
            return &annotations[i];
    }
    query->annotation_count++;
    return &annotations[count];
}

static const nu_expression *resolve(nu_query *query, nu_value value)
{
    nu_joins             reuse = NU_EVERY_JOIN, used = 0;
    const nu_expression *expression =
        nu__expr_resolve(query, nu__expr_of(value, false), &reuse, &used);
    return expression->kind == NU_EXPR_REF ? expression->args[0] : expression;
}

static void refuse_nested(const nu_expression *expression, bool inside, const char *name)
{
    nu_check_stack();
    bool aggregate = expression->kind == NU_EXPR_AGGREGATE;
    if (aggregate && inside)
        nu_raise(NU_FIELD_ERROR, "annotation \"%s\" is an aggregate of an aggregate", name);
    for (size_t i = 0; i < expression->count; i++)
        refuse_nested(expression->args[i], inside || aggregate, name);
}

static void add(nu_query *query, const char *name, nu_value value, bool hidden)
{
    check_name(query, name);
    const nu_expression *given = nu_expression_of(value);
    if (given != NULL && given->kind == NU_EXPR_RELATION) {
        nu__filtered_add(query, name, given);
        return;
    }
    const nu_expression *expression = resolve(query, value);
    if (nu__is_key(expression))
        nu_raise(NU_FIELD_ERROR,
                 "the key of model \"%s\" is of several fields, which no "
                 "annotation can be",
                 query->model->name);
    if (expression->kind == NU_EXPR_VALUE && expression->type == NULL &&
        nu_is_null(expression->value))
        nu_raise(NU_FIELD_ERROR, "annotation \"%s\": null has no kind; say it with nu_value_as",
                 name);
    if (expression->aggregate)
        refuse_nested(expression, false, name);
    *place_for(query, name) = (nu_annotation){name, expression, hidden};
}

/* The values asked for before an annotation are joined by it: values("author"), annotate("n", …). */
static void extend_names(nu_query *query, const char *name)
{
    size_t       count = count_names(query);
    const char **names = nu_alloc((count + 2) * sizeof *names);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(query->names[i], name) == 0)
            return;
        names[i] = query->names[i];
    }
    names[count] = name;
    query->names = names;
}

static nu_query *annotated(const nu_query *query, nu_pairs pairs, bool hidden)
{
    bool aggregate = false;
    nu__refuse_combined(query, hidden ? "given aliases" : "annotated");
    nu_query *copy = nu__query_clone(query);
    for (size_t i = 0; i < pairs.count; i++) {
        const char *name = pairs.items[i].key;
        add(copy, name, pairs.items[i].value, hidden);
        const nu_expression *annotation = nu__annotation(copy, name, strlen(name));
        aggregate |= annotation != NULL && annotation->aggregate;
    }
    if (aggregate)
        group(copy);
    for (size_t i = 0; copy->names != NULL && !hidden && i < pairs.count; i++) {
        if (nu__annotation(copy, pairs.items[i].key, strlen(pairs.items[i].key)) != NULL)
            extend_names(copy, pairs.items[i].key);
    }
    return copy;
}

nu_query *nu_annotate_(const nu_query *query, nu_pairs pairs)
{
    return annotated(query, pairs, false);
}

nu_query *nu_alias_(const nu_query *query, nu_pairs pairs)
{
    return annotated(query, pairs, true);
}
