/* One case: what it does, and how that compares with what is expected. */
#include <string.h>

#include "nuages/contenttypes.h"
#include "nuages/i18n.h"
#include "nuages/json.h"
#include "nuages/text.h"

#include "orm.h"

typedef struct running {
    const orm_database *database;
    nu_dict            *json;
    nu_dict            *base_counts;
    nu_builder          difference;
    nu_list            *statements;
    uint64_t            counted; /* statements when the chain began */
    uint64_t            used;
} running;

/* ---- what is expected ---------------------------------------------------------------------------- */

/* A member of the case; where the databases differ, that of this one. */
static const nu_value *wanted(const running *run, const char *name)
{
    const nu_value *own = nu_dict_find(run->json, nu_fmt("%s_%s", name, run->database->vendor));
    return own != NULL ? own : nu_dict_find(run->json, name);
}

static bool is_set(const running *run, const char *name)
{
    const nu_value *value = nu_dict_find(run->json, name);
    return value != NULL && nu_truth(*value);
}

static void differ(running *run, const char *what, nu_value expected, nu_value got)
{
    nu_builder_printf(&run->difference, "  %s\n    expected %s\n    got      %s\n", what,
                      nu_json_text(expected), nu_json_text(got));
}

/* ---- the chain ------------------------------------------------------------------------------------ */

static void watch(void *arg, const nu_query_event *event)
{
    nu_list *statements = arg;
    nu_list_push(statements, nu_value_text_copy(event->sql, strlen(event->sql)));
}

/* The arguments are read, with the rows they name, before the counting begins. */
typedef struct prepared {
    orm_subject    start;
    nu_list       *names;
    orm_arguments *arguments;
} prepared;

static prepared prepare(running *run)
{
    const nu_model *model = nu_model_get(nu_text(nu_dict_get(run->json, "model")));
    const nu_value *fresh = nu_dict_find(run->json, "new");
    const nu_value *manager = nu_dict_find(run->json, "manager");
    nu_list        *calls = nu_dict_get(run->json, "calls").list;
    prepared        chain = {.names = nu_list_new(),
                             .arguments = nu_alloc((calls->count + 1) * sizeof(orm_arguments))};
    if (fresh != NULL) {
        nu_dict *attributes = orm_read_arguments(NU_V(nu_dict_of("kw", *fresh))).keywords;
        chain.start.value = NU_V(orm_new_row(model, attributes, &chain.start.refused));
    } else {
        chain.start = orm_manager(model, manager != NULL ? nu_text(*manager) : NULL);
    }
    for (uint32_t i = 0; i < calls->count; i++) {
        nu_list *one = calls->items[i].list;
        nu_list_push(chain.names, one->items[0]);
        chain.arguments[i] = orm_read_arguments(one->count > 1 ? one->items[1] : nu_null());
    }
    return chain;
}

static nu_value evaluate(running *run)
{
    run->counted = nu_query_count();
    prepared chain = prepare(run);
    nu_content_type_clear_cache();
    run->counted = nu_query_count();
    nu_query_watch(watch, run->statements);
    orm_subject subject = chain.start;
    for (uint32_t i = 0; i < chain.names->count; i++)
        subject = orm_call(subject, chain.names->items[i].text, &chain.arguments[i]);
    const nu_value *show = nu_dict_find(run->json, "show");
    return orm_encode(subject, show != NULL ? show->list : NULL);
}

static nu_value evaluate_in_block(running *run)
{
    volatile nu_value value = nu_null();
    NU_ATOMIC {
        value = evaluate(run);
    }
    return value;
}

static void count_statements(running *run)
{
    nu_query_watch(NULL, NULL);
    run->used = nu_query_count() - run->counted;
}

/* ---- comparing ------------------------------------------------------------------------------------ */

static void compare_value(running *run, nu_value got)
{
    const nu_value *error = wanted(run, "error"), *expect = wanted(run, "expect");
    const nu_value *order = nu_dict_find(run->json, "ordered");
    bool            floating = strcmp(run->database->vendor, "sqlite") == 0;
    if (error != NULL)
        differ(run, "error", *error, got);
    else if (expect != NULL &&
             !orm_equal(got, *expect, order != NULL && !nu_truth(*order), floating))
        differ(run, "value", *expect, got);
}

static void compare_error(running *run, const nu_error *error)
{
    const nu_value *expected = wanted(run, "error");
    nu_value        got = orm_encode_error(error);
    if (expected == NULL) {
        const nu_value *value = wanted(run, "expect");
        differ(run, "value", value != NULL ? *value : nu_null(), got);
        nu_builder_printf(&run->difference, "      at %s:%d %s\n", error->file, error->line,
                          error->function);
    } else if (!orm_error_fits(got, *expected)) {
        differ(run, "error", *expected, got);
    }
}

/* As many as the case says. Where relations are read for all rows of a set at once, fewer will do. */
static bool count_fits(uint64_t used, uint64_t wants)
{
    return used == wants || (used < wants && orm_fetch_mode != NU_FETCH_ONE);
}

static void compare_statements(running *run)
{
    const nu_value *count = wanted(run, "sql_queries");
    uint64_t        wants = count != NULL ? (uint64_t)count->integer : run->used;
    if (!count_fits(run->used, wants)) {
        differ(run, "statements", *count, NU_V((int64_t)run->used));
        for (uint32_t i = 0; i < run->statements->count; i++)
            nu_builder_printf(&run->difference, "      %s\n", run->statements->items[i].text);
    }
    const nu_value *texts = nu_dict_find(run->json, "sql_postgresql");
    if (texts == NULL || strcmp(run->database->vendor, "postgresql") != 0)
        return;
    nu_list *locks = nu_list_new(), *got = nu_list_new();
    for (uint32_t i = 0; i < texts->list->count; i++)
        nu_list_add(locks, orm_lock_clause(texts->list->items[i].text));
    for (uint32_t i = 0; i < run->statements->count; i++)
        nu_list_add(got, orm_lock_clause(run->statements->items[i].text));
    if (!orm_equal(NU_V(got), NU_V(locks), false, false))
        differ(run, "locks", NU_V(locks), NU_V(got));
}

static void compare_counts(running *run)
{
    const nu_value *expected = wanted(run, "counts");
    if (expected == NULL)
        return;
    nu_dict *now = orm_row_counts(), *changed = nu_dict_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(now, entry)) != NULL;) {
        nu_value before = nu_dict_get(run->base_counts, entry->key.text);
        if (!nu_equal(before, entry->value))
            nu_dict_set(changed, entry->key.text, nu_list_of(before, entry->value));
    }
    if (!orm_equal(NU_V(changed), *expected, false, false))
        differ(run, "counts", *expected, NU_V(changed));
}

static void compare_checks(running *run)
{
    const nu_value *checks = nu_dict_find(run->json, "checks");
    const nu_value *expected = wanted(run, "expect_checks");
    if (checks == NULL || expected == NULL)
        return;
    bool floating = strcmp(run->database->vendor, "sqlite") == 0;
    for (uint32_t i = 0; i < checks->list->count; i++) {
        nu_value got = orm_encode(orm_query_of(checks->list->items[i].dict), NULL);
        if (!orm_equal(got, expected->list->items[i], false, floating))
            differ(run, nu_fmt("check %u", i + 1), expected->list->items[i], got);
    }
}

/* ---- running --------------------------------------------------------------------------------------- */

static void run_chain(running *run)
{
    volatile nu_value value = nu_null();
    NU_TRY {
        value = is_set(run, "atomic") ? evaluate_in_block(run) : evaluate(run);
        count_statements(run);
        compare_value(run, value);
    }
    NU_CATCH (error) {
        count_statements(run);
        compare_error(run, error);
    }
    compare_statements(run);
}

static void run_all(running *run)
{
    const nu_value *zone = nu_dict_find(run->json, "timezone");
    const nu_zone  *before = nu_zone_activate(zone != NULL ? nu_zone_get(zone->text) : NULL);
    run_chain(run);
    nu_zone_activate(before);
    compare_counts(run);
    compare_checks(run);
}

orm_outcome orm_run_case(const orm_database *database, nu_dict *json, nu_dict *base_counts)
{
    running run = {.database = database,
                   .json = json,
                   .base_counts = base_counts,
                   .statements = nu_list_new()};
    nu_builder_init(&run.difference, NULL, 256);
    bool copy = is_set(&run, "mutates");
    NU_TRY {
        if (copy)
            orm_copy_use(database);
        run_all(&run);
    }
    NU_CATCH (error) {
        nu_builder_printf(&run.difference, "  %s\n", nu_error_text(error, false));
    }
    if (copy) {
        orm_copy_leave(database, run.statements);
        orm_database_at(database->url);
    }
    const char *difference = nu_builder_text(&run.difference);
    return (orm_outcome){.passed = *difference == '\0', .difference = difference};
}
