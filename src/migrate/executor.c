/* Planning and running migrations. Each runs in a transaction of its own, together with its
 * record, so that one that fails leaves the database as it was. */
#include <string.h>

#include "migrate/internal.h"

#include "db/internal.h"

/* ---- planning -------------------------------------------------------------------------------- */

static size_t index_of(const nu__graph *graph, const nu_migration *migration)
{
    size_t i = 0;
    while (graph->order[i] != migration)
        i++;
    return i;
}

/* Forwards to `target`: what it needs and is not applied, in order. */
static size_t plan_forwards(const nu__graph *graph, const bool *applied, const nu_migration *target,
                            nu__step *steps)
{
    size_t count = 0;
    for (size_t i = 0; i < graph->count; i++) {
        const nu_migration *migration = graph->order[i];
        bool                wanted =
            target == NULL || migration == target || nu__graph_needs(graph, target, migration);
        if (wanted && !applied[i])
            steps[count++] = (nu__step){.migration = migration};
    }
    return count;
}

/* Backwards: every applied migration of `app` after `target` (NULL: all of them), and whatever
 * needs one of those; the last applied first. */
static size_t plan_backwards(const nu__graph *graph, const bool *applied, const char *app,
                             const nu_migration *target, nu__step *steps)
{
    size_t count = 0;
    for (size_t i = graph->count; i-- > 0;) {
        const nu_migration *migration = graph->order[i];
        if (!applied[i] || migration == target)
            continue;
        bool wanted = strcmp(migration->app, app) == 0 &&
                      (target == NULL || nu__graph_needs(graph, migration, target));
        for (size_t j = 0; j < graph->count && !wanted; j++) {
            const nu_migration *other = graph->order[j];
            wanted = strcmp(other->app, app) == 0 && other != target &&
                     (target == NULL || nu__graph_needs(graph, other, target)) &&
                     nu__graph_needs(graph, migration, other);
        }
        if (wanted)
            steps[count++] = (nu__step){.migration = migration, .backwards = true};
    }
    return count;
}

/* An applied migration whose need is not applied: the state before a step could not be told. */
static void check_history(const nu__graph *graph, const bool *applied)
{
    for (size_t i = 0; i < graph->count; i++)
        for (size_t j = 0; j < i && applied[i]; j++)
            if (!applied[j] && nu__graph_needs(graph, graph->order[i], graph->order[j])) {
                const nu_migration *done = graph->order[i], *missing = graph->order[j];
                nu_error           *error = nu_error_new(
                              NU_COMMAND_ERROR, "%s.%s is applied, but %s.%s, which it needs, is not",
                              done->app, done->name, missing->app, missing->name);
                error->hint = "The table django_migrations says so: was it changed by hand, or is "
                              "it another site's?";
                nu_throw(error);
            }
}

nu__step *nu__plan(const nu__graph *graph, const bool *applied, const char *app, const char *target,
                   size_t *count)
{
    check_history(graph, applied);
    nu__step *steps = nu_alloc((graph->count + 1) * sizeof *steps);
    if (app == NULL) {
        *count = plan_forwards(graph, applied, NULL, steps);
        return steps;
    }
    const nu_migration *leaf = nu__graph_leaf(graph, app);
    if (leaf == NULL)
        nu_raise(NU_COMMAND_ERROR, "app \"%s\" has no migrations", app);
    if (target != NULL && strcmp(target, "zero") == 0) {
        *count = plan_backwards(graph, applied, app, NULL, steps);
        return steps;
    }
    const nu_migration *wanted = target != NULL ? nu__graph_by_prefix(graph, app, target) : leaf;
    if (applied[index_of(graph, wanted)])
        *count = plan_backwards(graph, applied, app, wanted, steps);
    else
        *count = plan_forwards(graph, applied, wanted, steps);
    return steps;
}

/* ---- one migration --------------------------------------------------------------------------- */

static size_t count_operations(const nu_migration *migration)
{
    size_t count = 0;
    while (migration->operations != NULL && migration->operations[count].kind != NU_OPERATION_END)
        count++;
    return count;
}

/* The states before, between and after the operations of a migration: one more than it has. */
static nu__state **states_of(const nu_migration *migration, nu__state *before)
{
    size_t      count = count_operations(migration);
    nu__state **states = nu_alloc((count + 1) * sizeof *states);
    states[0] = before;
    for (size_t i = 0; i < count; i++) {
        states[i + 1] = nu__state_copy(states[i]);
        nu__operation_apply(states[i + 1], migration->app, &migration->operations[i]);
    }
    return states;
}

static void run_operations(nu__schema *schema, const nu_migration *migration, nu__state *before,
                           bool backwards)
{
    size_t      count = count_operations(migration);
    nu__state **states = states_of(migration, before);
    for (size_t n = 0; n < count; n++) {
        size_t              i = backwards ? count - 1 - n : n;
        const nu_operation *operation = &migration->operations[i];
        if (schema->collect != NULL)
            nu_list_add(schema->collect, nu_fmt("--\n-- %s\n--", nu__operation_text(operation)));
        if (backwards)
            nu__schema_undo(schema, migration->app, operation, states[i], states[i + 1]);
        else
            nu__schema_apply(schema, migration->app, operation, states[i], states[i + 1]);
    }
    nu__schema_end(schema);
}

/* ---- running --------------------------------------------------------------------------------- */

struct run {
    nu_database    *db;
    const nu__step *step;
    nu__state      *before;
    bool            fake;
};

const nu_dict *nu__broken_reference(nu_database *db)
{
    if (nu_database_backend(db)->alter_column)
        return NULL;
    nu_list *broken = nu_sql_rows(db, "PRAGMA foreign_key_check");
    return broken->count > 0 ? broken->items[0].dict : NULL;
}

/* References are checked once at the end: a table that is remade is missing for a moment. */
static void check_references(nu_database *db)
{
    const nu_dict *broken = nu__broken_reference(db);
    if (broken == NULL)
        return;
    nu_raise(NU_INTEGRITY_ERROR, "row %s of \"%s\" refers to a row of \"%s\" that does not exist",
             nu_text(nu_dict_get(broken, "rowid")), nu_text(nu_dict_get(broken, "table")),
             nu_text(nu_dict_get(broken, "parent")));
}

/* True if another process has done the same meanwhile. The transaction that this is asked in has
 * the database to itself. */
static bool is_done(const struct run *run)
{
    const nu_migration *migration = run->step->migration;
    return nu__recorder_has(run->db, migration) != run->step->backwards;
}

static void run_step(const struct run *run)
{
    const nu_migration *migration = run->step->migration;
    if (is_done(run))
        return;
    if (!run->fake) {
        nu__schema schema;
        nu__schema_begin(&schema, run->db, false);
        run_operations(&schema, migration, run->before, run->step->backwards);
        check_references(run->db);
    }
    if (run->step->backwards)
        nu__recorder_remove(run->db, migration);
    else
        nu__recorder_add(run->db, migration);
}

/* Switches the checks of references on the connection that the next transaction takes. Where tables
 * are remade they must be off, and cannot be switched inside a transaction. */
static void switch_references(nu_database *db, bool on)
{
    if (nu_database_backend(db)->alter_column)
        return;
    nu_db_connection *connection = nu__db_take(db, NULL);
    nu__db_execute_on(db, connection,
                      on ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF");
    nu__db_give(db, connection, false);
}

static void run_in_transaction(const struct run *run)
{
    if (run->step->migration->not_atomic) {
        run_step(run);
        return;
    }
    NU_ATOMIC_ON(nu_database_alias(run->db))
    {
        run_step(run);
    }
}

static NU_NORETURN void raise_failed(const struct run *run, const nu_error *cause)
{
    const nu_migration *migration = run->step->migration;
    nu_error           *error = nu_error_new(NU_COMMAND_ERROR, "the migration %s.%s failed: %s",
                                             migration->app, migration->name, cause->fact);
    error->cause = cause->cause;
    error->detail = migration->not_atomic
                        ? "It does not run in a transaction: what it did before stays."
                        : "It was rolled back; the database is as it was before this migration.";
    error->hint = cause->hint;
    nu_throw(error);
}

/* Which migrations have led to the present state: the order of the graph, as far as applied. */
static nu__state *state_before(const nu__graph *graph, const bool *applied, const nu__step *step)
{
    bool *wanted = nu_alloc((graph->count + 1) * sizeof *wanted);
    memcpy(wanted, applied, graph->count * sizeof *wanted);
    wanted[index_of(graph, step->migration)] = false;
    return nu__graph_state(graph, wanted);
}

void nu__execute(nu_database *db, const nu__graph *graph, bool *applied, const nu__step *steps,
                 size_t count, bool fake, void (*report)(const nu__step *step, bool done))
{
    nu__recorder_ensure(db);
    for (size_t i = 0; i < count; i++) {
        struct run run = {
            .db = db,
            .step = &steps[i],
            .before = state_before(graph, applied, &steps[i]),
            .fake = fake,
        };
        if (report != NULL)
            report(&steps[i], false);
        switch_references(db, false);
        NU_TRY {
            run_in_transaction(&run);
        }
        NU_CATCH (error) {
            switch_references(db, true);
            raise_failed(&run, error);
        }
        switch_references(db, true);
        applied[index_of(graph, steps[i].migration)] = !steps[i].backwards;
        if (report != NULL)
            report(&steps[i], true);
    }
}

nu_list *nu__collect_sql(nu_database *db, const nu__graph *graph, const nu_migration *migration,
                         bool backwards)
{
    bool *wanted = nu_alloc((graph->count + 1) * sizeof *wanted);
    for (size_t i = 0; graph->order[i] != migration; i++)
        wanted[i] = true;
    nu__schema schema;
    nu__schema_begin(&schema, db, true);
    run_operations(&schema, migration, nu__graph_state(graph, wanted), backwards);
    return schema.collect;
}
