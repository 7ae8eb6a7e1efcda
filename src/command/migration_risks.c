/* migrate --risk: what the planned migrations do to those who use the database meanwhile. */
#include "nuages/text.h"

#include "command/migrations.h"

/* A statement on one line. */
static const char *one_line(const char *sql)
{
    char *line = nu_arena_text(nu_arena_current(), sql);
    for (char *c = line; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    return line;
}

static const char *words_of(const nu__lock *lock)
{
    if (lock->work == NU_WORK_NONE)
        return nu_fmt("%s on %s, for a moment", lock->mode, lock->table);
    return nu_fmt("%s on %s: %s while it %s", lock->mode, lock->table, lock->stops,
                  lock->work == NU_WORK_REWRITES ? "rewrites the table"
                  : lock->work == NU_WORK_BUILDS ? "builds the index"
                                                 : "reads the table");
}

static void show_step(nu_database *db, const nu__graph *graph, const bool *applied,
                      const nu__step *step)
{
    nu__state *state = nu__state_before(graph, applied, step);
    nu_dict   *made = nu_dict_new();
    nu_say("%s", nu_styled(NU_STYLE_STRONG,
                           nu_fmt("%s.%s", step->migration->app, step->migration->name)));
    for (const nu_operation *o = step->migration->operations;
         o != NULL && o->kind != NU_OPERATION_END; o++) {
        nu__state *before = nu__state_copy(state);
        nu__operation_apply(state, step->migration->app, o);
        const nu__risk *risk = nu__operation_risk(o, step->migration->app, before, state);
        nu_list        *statements = nu__operation_sql(db, step->migration->app, o, before, state);
        nu_say("  %s", nu__operation_text(o));
        for (uint32_t i = 0; i < statements->count; i++) {
            nu__lock lock;
            if (!nu__statement_lock(statements->items[i].text, made, &lock))
                continue;
            if (lock.work == NU_WORK_REWRITES && (risk == NULL || !risk->rewrites))
                lock.work = NU_WORK_NONE; /* a text that may be longer than before */
            nu_say("    %s", one_line(statements->items[i].text));
            nu_say("      %s", nu_styled(lock.work != NU_WORK_NONE ? NU_STYLE_WARN : NU_STYLE_DIM,
                                         words_of(&lock)));
        }
        if (risk != NULL)
            nu_say("    %s %s. Instead: %s.", nu_styled(NU_STYLE_WARN, "risk:"), risk->effect,
                   risk->advice);
    }
}

void nu__migration_show_risks(nu_database *db, const nu__graph *graph, bool *applied,
                              const nu__step *steps, size_t count)
{
    if (!nu_database_backend(db)->alter_column) {
        nu_say("This database has one writer at a time: readers go on, and writers wait for the "
               "whole migration.");
        return;
    }
    if (count == 0)
        nu_say("There is nothing to do.");
    for (size_t i = 0; i < count; i++) {
        if (steps[i].backwards)
            nu_raise(NU_COMMAND_ERROR, "--risk looks at migrations forwards only");
        show_step(db, graph, applied, &steps[i]);
        nu__mark_applied(graph, applied, steps[i].migration);
    }
}
