#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nuages/file.h"

#include "command/migrations.h"

static const nu_option_def options[] = {
    {"name", .letter = 'n', .value = "NAME", .help = "name of the files, after the number"},
    {"empty", .help = "a migration without operations, to be filled by hand"},
    {"dry-run", .help = "show what would be written"},
    {"check", .help = "write nothing; exit with 1 if something is missing"},
    {"no-input", .help = "ask nothing"},
    {0},
};

/* ---- questions ------------------------------------------------------------------------------- */

/* A line from the terminal without its end; NULL at the end of the input. */
static char *read_line(const char *prompt)
{
    char line[1024];
    fputs(prompt, stdout);
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        return NULL;
    return nu_arena_copy(nu_arena_current(), line, strcspn(line, "\r\n"));
}

static bool ask(const char *question)
{
    for (;;) {
        const char *answer = read_line(nu_fmt("%s [y/N] ", question));
        if (answer == NULL || *answer == '\0' || *answer == 'n' || *answer == 'N')
            return false;
        if (*answer == 'y' || *answer == 'Y')
            return true;
    }
}

static bool ask_renamed_field(const nu__model *model, const nu_field *from, const nu_field *to)
{
    return ask(
        nu_fmt("Was %s.%s renamed to %s.%s?", model->name, from->name, model->name, to->name));
}

static bool ask_renamed_model(const nu__model *from, const nu__model *to)
{
    return ask(nu_fmt("Was the model %s renamed to %s?", nu__model_label(from), to->name));
}

static NU_NORETURN void raise_no_default(const nu__model *model, const nu_field *field)
{
    nu_error *error = nu_error_new(NU_COMMAND_ERROR,
                                   "the field \"%s\" of \"%s\" may not be NULL and has no default",
                                   field->name, nu__model_label(model));
    error->detail = "The rows that are there need a value.";
    error->hint = "Give the field a .default_value or .null = true, or run makemigrations on a "
                  "terminal, which asks.";
    nu_throw(error);
}

static nu_value refuse_default(const nu__model *model, const nu_field *field)
{
    raise_no_default(model, field);
}

static nu_value ask_default(const nu__model *model, const nu_field *field)
{
    nu_say("The field %s of %s may not be NULL and has no default; the rows that are there need a "
           "value.",
           field->name, nu__model_label(model));
    for (;;) {
        const char *answer = read_line("Value for them (empty: stop): ");
        if (answer == NULL || *answer == '\0')
            raise_no_default(model, field);
        nu_value text = nu_value_text(answer), value = text;
        if (field->type->clean != NULL && !field->type->clean(field, text, &value)) {
            nu_say("That is no value for a %s.", field->type->name);
            continue;
        }
        if (!nu_is_null(value))
            return value;
    }
}

/* ---- writing --------------------------------------------------------------------------------- */

static const nu__migrate_app *app_of(const nu__draft *draft)
{
    const nu__migrate_app *app = nu__migrate_app_get(draft->app);
    if (app->folder == NULL) {
        nu_error *error = nu_error_new(
            NU_COMMAND_ERROR, "the models of app \"%s\" have changed, but its sources are not here",
            draft->app);
        error->hint = "Run makemigrations in the project's folder; an app of the library needs no "
                      "migration from you.";
        nu_throw(error);
    }
    return app;
}

/* The names that migrations.c lists: those in the program, then the drafts written so far. */
static const char *const *listed_names(const nu__migrate_app *app, nu__draft *const *drafts,
                                       size_t count)
{
    size_t old = 0;
    while (app->migrations != NULL && app->migrations[old] != NULL)
        old++;
    const char **names = nu_alloc((old + count + 1) * sizeof *names);
    size_t       used = 0;
    for (size_t i = 0; i < old; i++)
        names[used++] = app->migrations[i]->name;
    for (size_t i = 0; i < count; i++)
        if (strcmp(drafts[i]->app, app->label) == 0)
            names[used++] = drafts[i]->name;
    return names;
}

/* A path as a person at the project's folder would write it. */
static const char *shown(const char *path)
{
    const char *base = nu_settings_current()->base_dir;
    size_t      length = strlen(base);
    return strncmp(path, base, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

static void write_draft(const nu__draft *draft)
{
    const char *folder = nu_path_join(app_of(draft)->folder, "migrations");
    const char *path = nu_path_join(folder, nu_fmt("%s.c", draft->name));
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        nu_raise(NU_COMMAND_ERROR, "cannot make the folder \"%s\": %s", folder, strerror(errno));
    if (nu_file_exists(path)) {
        nu_error *error = nu_error_new(
            NU_COMMAND_ERROR, "\"%s\" exists already, but is not in this program", shown(path));
        error->hint = "Build the program (make) and run makemigrations again.";
        nu_throw(error);
    }
    const char *source = nu__migration_source(draft);
    nu_file_write(path, source, strlen(source));
}

static void write_list(const nu__migrate_app *app, nu__draft *const *drafts, size_t count)
{
    const char *source = nu__migration_list_source(app->label, listed_names(app, drafts, count));
    nu_file_write(nu_path_join(app->folder, "migrations/migrations.c"), source, strlen(source));
}

static void write_all(nu__draft *const *drafts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        write_draft(drafts[i]);
    for (size_t i = 0; i < count; i++)
        write_list(app_of(drafts[i]), drafts, count);
}

static void show_draft(const nu__draft *draft, bool written)
{
    nu_say("%s", nu_styled(NU_STYLE_STRONG, nu_fmt("Migration %s.%s", draft->app, draft->name)));
    for (size_t i = 0; i < draft->count; i++)
        nu_say("  %c %s", nu__operation_sign(&draft->operations[i]),
               nu__operation_text(&draft->operations[i]));
    if (written)
        nu_say("  in %s",
               shown(nu_path_join(app_of(draft)->folder, nu_fmt("migrations/%s.c", draft->name))));
}

/* ---- the command ----------------------------------------------------------------------------- */

static bool wanted(const nu_command_call *call, const char *label)
{
    for (int i = 0; i < call->count; i++)
        if (strcmp(call->arguments[i], label) == 0)
            return true;
    return call->count == 0;
}

static nu__draft **only_wanted(const nu_command_call *call, nu__draft **drafts, size_t *count)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (wanted(call, drafts[i]->app))
            drafts[kept++] = drafts[i];
    *count = kept;
    return drafts;
}

static nu__draft **find_changes(const nu_command_call *call, size_t *count)
{
    size_t           app_count;
    nu__migrate_app *apps = nu__migrate_apps(&app_count);
    nu__graph       *graph = nu__graph_new(apps, app_count);
    bool             asks =
        !nu_option_flag(call, "no-input") && !nu_option_flag(call, "check") && isatty(STDIN_FILENO);
    nu__questions questions = {
        .interactive = asks,
        .renamed_field = asks ? ask_renamed_field : NULL,
        .renamed_model = asks ? ask_renamed_model : NULL,
        .one_off_default = asks ? ask_default : refuse_default,
    };
    nu__draft **drafts =
        nu__diff(nu__graph_state(graph, NULL), nu__state_of_models(apps, app_count), graph,
                 &questions, nu_option(call, "name"), count);
    return only_wanted(call, drafts, count);
}

static nu__draft **empty_drafts(const nu_command_call *call, size_t *count)
{
    if (call->count == 0)
        nu_raise(NU__USAGE, "--empty needs the label of an app");
    nu__graph  *graph = nu__migrate_graph();
    nu__draft **drafts = nu_alloc((size_t)call->count * sizeof *drafts);
    for (int i = 0; i < call->count; i++) {
        const char *label = nu__migrate_app_get(call->arguments[i])->label;
        drafts[i] = nu__empty_draft(graph, label, nu_option(call, "name"));
    }
    *count = (size_t)call->count;
    return drafts;
}

/* It becomes the name of a file and of a symbol. */
static void check_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    if (name == NULL || (*name != '\0' && strspn(name, letters) == strlen(name)))
        return;
    nu_error *error = nu_error_new(NU__USAGE, "\"%s\" cannot be the name of a migration", name);
    error->hint = "Use letters, digits and underscores.";
    nu_throw(error);
}

static void run(const nu_command_call *call)
{
    check_name(nu_option(call, "name"));
    for (int i = 0; i < call->count; i++)
        nu__migrate_app_get(call->arguments[i]);
    bool        only_show = nu_option_flag(call, "dry-run") || nu_option_flag(call, "check");
    size_t      count;
    nu__draft **drafts =
        nu_option_flag(call, "empty") ? empty_drafts(call, &count) : find_changes(call, &count);
    if (count == 0) {
        if (call->verbosity > 0)
            nu_say("No changes.");
        return;
    }
    if (!only_show)
        write_all(drafts, count);
    for (size_t i = 0; i < count && call->verbosity > 0; i++) {
        show_draft(drafts[i], !only_show);
        if (nu_option_flag(call, "dry-run"))
            nu_say("\n%s", nu__migration_source(drafts[i]));
    }
    if (!only_show && call->verbosity > 0)
        nu_say("Next: build the program, then %s migrate.", nu__program());
    if (nu_option_flag(call, "check"))
        nu_command_exit(call, 1);
}

const nu_command nu__command_makemigrations = {
    .name = "makemigrations",
    .help = "Writes migrations for what has changed in the models.",
    .arguments = "[APP…]",
    .max_arguments = -1,
    .options = options,
    .run = run,
};
