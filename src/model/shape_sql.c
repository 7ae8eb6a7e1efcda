/* The statement of a query: found by its shape, or written and kept. */
#include <stdlib.h>
#include <string.h>

#include "model/shape.h"
#include "nuages/text.h"

static bool same_params(const nu_sql *a, const nu_sql *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->params[i].type != b->params[i].type || !nu_equal(a->params[i], b->params[i]))
            return false;
    }
    return true;
}

static bool same_owners(const nu_sql *a, const nu_sql *b)
{
    return a->count == 0 || memcmp(a->owners, b->owners, a->count * sizeof *a->owners) == 0;
}

/* ---- checking ------------------------------------------------------------------------------- */

static enum { NOT_ASKED, OFF, ON } checking;

void nu__shapes_check(bool on)
{
    checking = on ? ON : OFF;
}

static bool is_checking(void)
{
    if (checking == NOT_ASKED) {
#ifdef NU_ARENA_DEBUG
        checking = ON;
#else
        checking = getenv("NUAGES_CHECK_SQL") != NULL ? ON : OFF;
#endif
    }
    return checking == ON;
}

static bool same_group(const nu_plan_group *a, const nu_plan_group *b)
{
    size_t i = 0;
    while (a->columns[i] != NULL && a->columns[i] == b->columns[i])
        i++;
    return a->columns[i] == b->columns[i] && a->info == b->info && a->first == b->first &&
           a->parent == b->parent && a->relation == b->relation && a->back == b->back &&
           a->deferred == b->deferred && a->join == b->join;
}

static bool same_plan(const nu_plan *a, const nu_plan *b)
{
    bool same = a->group_count == b->group_count && a->extra_count == b->extra_count &&
                a->first_extra == b->first_extra && a->wide == b->wide;
    for (size_t i = 0; same && i < a->group_count; i++)
        same = same_group(&a->groups[i], &b->groups[i]);
    for (size_t i = 0; same && i < a->extra_count; i++)
        same = a->extras[i]->kind == b->extras[i]->kind &&
               a->extras[i]->join == b->extras[i]->join &&
               a->extras[i]->column == b->extras[i]->column &&
               a->extras[i]->type == b->extras[i]->type && strcmp(a->names[i], b->names[i]) == 0;
    return same;
}

static NU_NORETURN void refuse(const char *what, nu_sql *found, nu_sql *written)
{
    nu_error *error =
        nu_error_new(NU_DATABASE_ERROR, "the %s kept for a shape of query is another's", what);
    error->detail = nu_fmt("Kept: %s; written: %s", nu_builder_text(&found->text),
                           nu_builder_text(&written->text));
    nu_throw(error);
}

static void check(nu_sql *found, const nu_plan *plan, nu_database *db, const nu_shaped *statement)
{
    nu_sql  written;
    nu_plan other = {.groups = NULL};
    nu__sql_init(&written, db);
    statement->write(&written, statement->what, &other);
    if (strcmp(nu_builder_text(&found->text), nu_builder_text(&written.text)) != 0)
        refuse("text", found, &written);
    if (!same_params(found, &written) || !same_owners(found, &written))
        refuse("order of parameters", found, &written);
    if (!same_plan(plan, &other))
        refuse("plan", found, &written);
}

/* ---- asking --------------------------------------------------------------------------------- */

void nu__sql_shaped(nu_sql *sql, nu_database *db, const nu_shaped *statement, nu_plan *plan)
{
    nu_shape shape;
    nu_sql   read = {.backend = nu_database_backend(db)};
    bool     whole = statement->read(&shape, &read, statement->what) && shape.whole;
    if (whole && nu__shape_find(&shape, statement->query, &read, plan)) {
        if (is_checking())
            check(&read, plan, db, statement);
        *sql = read;
        return;
    }
    nu__sql_init(sql, db);
    *plan = (nu_plan){.groups = NULL};
    statement->write(sql, statement->what, plan);
    if (whole && !sql->shapeless && same_params(&read, sql) && same_owners(&read, sql))
        nu__shape_keep(&shape, sql, plan);
}

typedef struct asked {
    nu_sql_writer   writer;
    const nu_query *query;
} asked;

static bool read_query(nu_shape *shape, nu_sql *sql, const void *what)
{
    const asked *question = what;
    nu__shape_init(shape, sql, (const void *)(uintptr_t)question->writer);
    return nu__shape_add_query(shape, sql, question->query);
}

static void write_query(nu_sql *sql, const void *what, nu_plan *plan)
{
    const asked *question = what;
    question->writer(sql, question->query, plan);
}

void nu__sql_query(nu_sql *sql, nu_database *db, nu_sql_writer writer, const nu_query *query,
                   nu_plan *plan)
{
    asked question = {writer, query};
    nu__sql_shaped(sql, db, &(nu_shaped){read_query, write_query, &question, query}, plan);
}
