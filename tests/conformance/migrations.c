/* conformance-migrations FILE.jsonl LIST
 *
 * LIST names cases that are expected to come out otherwise, one a line: the id, a tab, the reason. It
 * must be exact: a case on it that comes out as Django has it is a failure too.
 *
 * Migration cases: two states in, migrations and the SQL of each out, as Django makes them for SQLite.
 *
 * Two things are compared. What the autodetector finds: as the C source that makemigrations would
 * write, so that every option of every field counts. And what the schema editor runs for Django's own
 * operations. Fields of a new model are compared in the order of their names. */
#include "migrations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "nuages/file.h"
#include "nuages/json.h"

#define MAX_FILE (16 * 1024 * 1024)

static nu_database *database;

/* ---- questions ------------------------------------------------------------------------------- */

static nu_list       *asked;
static const nu_list *answers; /* those of the case at work */

static nu_value answer_to(const char *ask, const char *first, const char *second, const char *third)
{
    const char *question = nu_fmt("%s %s %s %s", ask, first, second, third);
    nu_list_add(asked, question);
    for (uint32_t i = 0; i < answers->count; i++) {
        const nu_dict *json = answers->items[i].dict;
        if (strcmp(nu_text(nu_dict_get(json, "ask")), ask) == 0)
            return nu_dict_get(json, "answer");
    }
    return nu_null();
}

static bool renamed_field(const nu__model *model, const nu_field *from, const nu_field *to)
{
    return nu_truth(answer_to("rename_field", nu__lower(model->name), from->name, to->name));
}

static bool renamed_model(const nu__model *from, const nu__model *to)
{
    return nu_truth(answer_to("rename_model", from->app, from->name, to->name));
}

static nu_value one_off_default(const nu__model *model, const nu_field *field, bool added)
{
    return answer_to(added ? "not_null_addition" : "not_null_alteration", nu__lower(model->name),
                     field->name, "");
}

static const char *questions_of(const nu_list *list)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 64);
    static const char *const parts[] = {"ask", "app", "model", "field", "old", "new"};
    for (uint32_t i = 0; i < list->count; i++) {
        const nu_dict *json = list->items[i].dict;
        nu_list       *words = nu_list_new();
        for (size_t n = 0; n < NU_COUNT(parts); n++)
            if (nu_dict_find(json, parts[n]) != NULL)
                nu_list_push(words, nu_dict_get(json, parts[n]));
        while (words->count < 4)
            nu_list_add(words, "");
        for (uint32_t n = 0; n < words->count; n++)
            nu_builder_printf(&text, "%s%s", nu_text(words->items[n]),
                              n + 1 < words->count ? " " : "\n");
    }
    return nu_builder_text(&text);
}

static const char *lines_of(nu_value list)
{
    const nu_list *texts = list.type == NU_LIST ? list.list : nu_list_new();
    nu_builder     text;
    nu_builder_init(&text, NULL, 256);
    for (uint32_t i = 0; i < texts->count; i++)
        nu_builder_printf(&text, "%s\n", nu_text(texts->items[i]));
    return nu_builder_text(&text);
}

/* ---- what was detected ----------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const nu_field *)a)->name, ((const nu_field *)b)->name);
}

static const nu_field *sorted(const nu_field *fields)
{
    size_t count = 0;
    while (fields[count].name != NULL)
        count++;
    nu_field *copy = nu_alloc((count + 1) * sizeof *copy);
    memcpy(copy, fields, count * sizeof *copy);
    qsort(copy, count, sizeof *copy, by_name);
    return copy;
}

/* The draft as text, in the form in which both sides can be the same. */
static const char *source_of(const nu__draft *draft, const char *name)
{
    nu__draft copy = *draft;
    copy.name = name;
    copy.operations = nu_alloc((draft->count + 1) * sizeof *copy.operations);
    copy.count = 0;
    for (size_t i = 0; i < draft->count; i++) {
        nu_operation operation = draft->operations[i];
        if (operation.kind == NU_OPERATION_CREATE_MODEL)
            operation.fields = sorted(operation.fields);
        copy.operations[copy.count++] = operation;
    }
    return nu__migration_source(&copy);
}

struct migrations {
    nu__draft **drafts;
    size_t      count;
};

/* Both sides as text. A name that Django made from the clock is ours on both. */
static void show_drafts(const struct migrations *got, const struct migrations *wanted,
                        nu_builder *got_text, nu_builder *wanted_text)
{
    for (size_t i = 0; i < got->count; i++)
        nu_builder_puts(got_text, source_of(got->drafts[i], got->drafts[i]->name));
    for (size_t i = 0; i < wanted->count; i++) {
        const char *name = wanted->drafts[i]->name;
        bool        clock = strstr(name, "auto_*") != NULL && i < got->count;
        nu_builder_puts(wanted_text,
                        source_of(wanted->drafts[i], clock ? got->drafts[i]->name : name));
    }
}

static const nu__graph *graph_of(const nu__state *state)
{
    nu__migrate_app *apps = nu_alloc((state->count + 1) * sizeof *apps);
    size_t           count = 0;
    for (size_t i = 0; i < state->count; i++) {
        const char *label = state->models[i]->app;
        size_t      at = 0;
        while (at < count && strcmp(apps[at].label, label) != 0)
            at++;
        if (at < count)
            continue;
        nu_migration        *first = nu_alloc(sizeof *first);
        const nu_migration **list = nu_alloc(2 * sizeof *list);
        *first = (nu_migration){.app = label, .name = "0001_initial"};
        list[0] = first;
        apps[count++] = (nu__migrate_app){.label = label, .migrations = list};
    }
    return nu__graph_new(apps, count);
}

/* ---- what is run ----------------------------------------------------------------------------- */

/* The statements for Django's operations, the last one's deferred ones at the end. */
static nu_list *sql_of(const nu__draft *draft, nu__state *state)
{
    nu__schema schema;
    nu__schema_begin(&schema, database, true);
    for (size_t i = 0; i < draft->count; i++) {
        nu__state *before = nu__state_copy(state);
        nu__operation_apply(state, draft->app, &draft->operations[i]);
        nu__schema_apply(&schema, draft->app, &draft->operations[i], before, state);
    }
    nu__schema_end(&schema);
    return schema.collect;
}

static void show_sql(const nu__draft *draft, const nu_dict *json, nu__state *state, nu_builder *got,
                     nu_builder *wanted)
{
    const nu_list *sql = sql_of(draft, state), *operations = nu_dict_get(json, "operations").list;
    for (uint32_t i = 0; i < sql->count; i++)
        nu_builder_printf(got, "%s;\n", sql->items[i].text);
    for (uint32_t i = 0; i < operations->count; i++)
        nu_builder_puts(wanted, lines_of(nu_dict_get(
                                    nu_dict_get(operations->items[i].dict, "sql").dict, "sqlite")));
    nu_builder_puts(wanted,
                    lines_of(nu_dict_get(nu_dict_get(json, "deferred_sql").dict, "sqlite")));
}

/* ---- one case -------------------------------------------------------------------------------- */

static void run_case(const nu_dict *json, nu_builder *got, nu_builder *wanted)
{
    nu__case_begin();
    nu__state     *from = nu__case_state(nu_dict_get(json, "from").dict);
    nu__state     *to = nu__case_state(nu_dict_get(json, "to").dict);
    const nu_list *expect = nu_dict_get(json, "expect").list;
    nu__state     *state = nu__state_copy(from), *sql_state = nu__state_copy(from);

    struct migrations expected = {.drafts = nu_alloc((expect->count + 1) * sizeof(nu__draft *))};
    for (uint32_t i = 0; i < expect->count; i++)
        expected.drafts[expected.count++] = nu__case_draft(expect->items[i].dict, state);

    asked = nu_list_new();
    answers = nu_dict_get(json, "questions").list;
    static const nu__questions questions = {.renamed_field = renamed_field,
                                            .renamed_model = renamed_model,
                                            .one_off_default = one_off_default};
    struct migrations          found;
    found.drafts = nu__diff(from, to, graph_of(from), &questions, NULL, &found.count);

    nu_builder_puts(got, lines_of(nu_value_list(asked)));
    nu_builder_puts(wanted, questions_of(answers));
    show_drafts(&found, &expected, got, wanted);
    for (uint32_t i = 0; i < expect->count; i++)
        show_sql(expected.drafts[i], expect->items[i].dict, sql_state, got, wanted);
}

struct tally {
    int      passed, failed, listed;
    nu_dict *reasons; /* by id */
};

/* Lines that stand on one side only would drown in those that agree: both sides from the first
 * difference on. */
static void show_difference(const char *id, const char *got, const char *wanted)
{
    size_t same = 0;
    for (size_t i = 0; got[i] == wanted[i] && got[i] != '\0'; i++)
        if (got[i] == '\n')
            same = i + 1;
    printf("FAIL %s\n--- wanted\n%s--- got\n%s\n", id, wanted + same, got + same);
}

static void judge(const char *id, const char *got, const char *wanted, struct tally *tally)
{
    const nu_value *reason = nu_dict_find(tally->reasons, id);
    bool            same = strcmp(got, wanted) == 0;
    if (same != (reason == NULL)) {
        tally->failed++;
        if (same)
            printf("FAIL %s agrees with Django, but is listed: %s\n", id, reason->text);
        else
            show_difference(id, got, wanted);
    } else {
        tally->passed += same;
        tally->listed += !same;
    }
}

static void try_case(const nu_dict *json, struct tally *tally)
{
    const char *id = nu_text(nu_dict_get(json, "id"));
    nu_builder  got, wanted;
    nu_builder_init(&got, NULL, 1024);
    nu_builder_init(&wanted, NULL, 1024);
    NU_TRY {
        run_case(json, &got, &wanted);
    }
    NU_CATCH (error) {
        nu_builder_printf(&got, "%s: %s\n", error->kind->name, error->fact);
    }
    judge(id, nu_builder_text(&got), nu_builder_text(&wanted), tally);
}

static nu_dict *read_list(const char *path)
{
    nu_dict *reasons = nu_dict_new();
    nu_list *lines = nu_split(nu_file_read(path, MAX_FILE).text, '\n');
    for (uint32_t i = 0; i < lines->count; i++) {
        const char *line = lines->items[i].text, *tab = strchr(line, '\t');
        if (tab != NULL)
            nu_dict_set(reasons, nu_fmt("%.*s", (int)(tab - line), line), nu_fmt("%s", tab + 1));
    }
    return reasons;
}

static int run_file(const char *path, const char *list)
{
    struct tally tally = {.reasons = read_list(list)};
    database = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_arena *outer = nu_arena_current(), *arena = nu_arena_new(outer, "case");
    nu_value  text = nu_file_read(path, MAX_FILE);
    for (const char *line = text.text, *end; *line != '\0'; line = *end != '\0' ? end + 1 : end) {
        end = strchrnul(line, '\n');
        nu_arena_enter(arena);
        if (end > line)
            try_case(nu_json_parse(line, (size_t)(end - line)).dict, &tally);
        nu_arena_enter(outer);
        nu_arena_reset(arena);
    }
    nu_arena_free(arena);
    printf("%d differ as listed\n%d passed, %d failed\n", tally.listed, tally.passed, tally.failed);
    return tally.failed;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: conformance-migrations FILE.jsonl LIST\n", stderr);
        return 2;
    }
    NU_TRY {
        return run_file(argv[1], argv[2]) > 0;
    }
    NU_CATCH (error) {
        fprintf(stderr, "conformance-migrations: %s\n", nu_error_text(error, true));
    }
    return 2;
}
