/* render: a template as text on standard output. `./manage render` knows the site's templates,
 * libraries and URLs; `nuages render` takes a file, or with --jsonl one rendering a line. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nuages/file.h"
#include "nuages/json.h"

#include "command/internal.h"
#include "template/notation.h"
#include "web/case_urls.h"
#include "web/internal.h"

#define MAX_CONTEXT (256 * 1024 * 1024)

/* ---- the context ----------------------------------------------------------------------------- */

/* All that the option --context names: a file, or standard input. */
static nu_value context_text(const char *path)
{
    if (strcmp(path, "-") != 0)
        return nu_file_read(path, MAX_CONTEXT);
    nu_builder text;
    nu_builder_init(&text, NULL, 4096);
    for (size_t read; (read = fread(nu_builder_room(&text, 4096), 1, 4096, stdin)) > 0;) {
        text.length += read;
        if (text.length > MAX_CONTEXT)
            nu_raise(NU_COMMAND_ERROR, "the context is larger than %d bytes", MAX_CONTEXT);
    }
    return nu_builder_value(&text);
}

/* The context as a value; a mistake in it is said to be in `path`. */
static nu_value parse_context(const char *path)
{
    nu_value text = context_text(path);
    NU_TRY {
        return nu__notation_value(nu_json_parse_nul(text.text, text.length));
    }
    NU_CATCH (error) {
        /* Nobody else has seen the error yet. */
        if (error->place.file == NULL)
            ((nu_error *)(uintptr_t)error)->place.file = path;
        nu_reraise(error);
    }
    return nu_null();
}

static nu_dict *read_context(const nu_command_call *call)
{
    const char *path = nu_option(call, "context");
    if (path == NULL)
        return nu_dict_new();
    nu_value context = parse_context(path);
    if (context.type != NU_DICT)
        nu_raise(NU_COMMAND_ERROR, "the context in \"%s\" is no JSON object", path);
    return context.dict;
}

/* ---- one template ---------------------------------------------------------------------------- */

static void write_out(nu_builder *text)
{
    /* A large text passes by the buffer, and flushing then finds nothing to complain of. */
    if (fwrite(text->data, 1, text->length, stdout) != text->length || fflush(stdout) != 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot write the output: %s", strerror(errno));
}

/* The template; Django's message for one that does not exist is its name alone, which tells little on a
 * terminal. */
static nu_template *find_template(nu_engine *engine, const char *name)
{
    NU_TRY {
        return nu_template_get(engine, name);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_TEMPLATE_MISSING) || strcmp(error->fact, name) != 0)
            nu_reraise(error);
        nu_error *missing = nu_error_new(NU_TEMPLATE_MISSING, "there is no template \"%s\"", name);
        missing->detail = error->detail;
        nu_throw(missing);
    }
    return NULL;
}

static void render(nu_engine *engine, const char *name, const nu_command_call *call)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 4096);
    nu_template *t = find_template(engine, name);
    nu_template_write(t, &(nu_render_options){.context = read_context(call)}, &text);
    write_out(&text);
}

static void run_in_site(const nu_command_call *call)
{
    render(nu__site_engine(), nu_argument(call, 0), call);
}

static void render_file(const nu_command_call *call)
{
    const char *path = nu_argument(call, 0), *folder = nu_option(call, "dir");
    const char *name = path;
    if (folder == NULL) {
        const char *slash = strrchr(path, '/');
        folder = nu_path_folder(path);
        name = slash != NULL ? slash + 1 : path;
    }
    const char *const dirs[] = {folder, NULL};
    render(nu_engine_new(&(nu_engine_options){.dirs = dirs}), name, call);
}

/* ---- one rendering a line -------------------------------------------------------------------- */

/* False at the end of the input. */
static bool read_line(nu_builder *line)
{
    int c;
    while ((c = getc_unlocked(stdin)) != EOF && c != '\n')
        nu_builder_putc(line, (char)c);
    return c != EOF || line->length > 0;
}

static void answer_error(nu_dict *answer, const nu_error *error)
{
    nu_dict_set(answer, "error", nu_dict_of("type", error->kind->name, "message", error->fact));
}

static void answer_case(nu_dict *answer, const nu_builder *line)
{
    NU_TRY {
        nu_value given = nu_json_parse_nul(line->data, line->length);
        if (given.type != NU_DICT)
            nu_raise(NU_VALUE_ERROR, "a line is one JSON object");
        nu_dict_set(answer, "id", nu_dict_get(given.dict, "id"));
        nu_dict_set(answer, "output", nu__case_render(given, &nu__case_urls));
    }
    NU_CATCH (error) {
        answer_error(answer, error);
    }
}

/* Lines that hold nothing are passed over; any other gets its answer at once. */
static bool run_line(void)
{
    nu_builder line, text;
    nu_builder_init(&line, NULL, 4096);
    if (!read_line(&line))
        return false;
    nu_builder_text(&line);
    if (strspn(line.data, " \t\r") == line.length)
        return true;
    nu_dict *answer = nu_dict_of("id", nu_null());
    answer_case(answer, &line);
    nu_builder_init(&text, NULL, 4096);
    nu_json_write(&text, nu_value_dict(answer), &(nu_json_options){0});
    nu_builder_putc(&text, '\n');
    write_out(&text);
    return true;
}

static void render_lines(void)
{
    nu_arena *outer = nu_arena_current(), *arena = nu_arena_new(outer, "line");
    bool      more = true;
    while (more) {
        nu_arena_enter(arena);
        more = run_line();
        nu_arena_enter(outer);
        nu_arena_reset(arena);
    }
    nu_arena_free(arena);
}

static void run_alone(const nu_command_call *call)
{
    bool lines = nu_option_flag(call, "jsonl");
    if (lines == (call->count == 1))
        nu_raise(NU__USAGE, "render takes the file of a template or --jsonl, one of the two");
    if (lines)
        render_lines();
    else
        render_file(call);
}

/* ---- the commands ---------------------------------------------------------------------------- */

#define CONTEXT_OPTION                                                                             \
    {                                                                                              \
        "context", .value = "FILE.json", .letter = 'c',                                            \
                   .help = "variables as a JSON object; - reads them from standard input"          \
    }

const nu_command nu__command_render = {
    .name = "render",
    .help = "Writes what a template of the site makes of a context.",
    .arguments = "TEMPLATE",
    .min_arguments = 1,
    .max_arguments = 1,
    .options = (const nu_option_def[]){CONTEXT_OPTION, {0}},
    .run = run_in_site,
};

const nu_command nu__command_render_file = {
    .name = "render",
    .help = "Writes what a template makes of a context, without a project.",
    .arguments = "[FILE]",
    .max_arguments = 1,
    .options =
        (const nu_option_def[]){
            CONTEXT_OPTION,
            {"dir", .value = "FOLDER",
             .help =
                 "where templates are found; FILE is then below it. Otherwise FILE's own folder"},
            {"jsonl", .help =
                          "read lines {\"id\", \"main\", \"templates\", \"context\", \"options\"}, "
                          "answer {\"id\", \"output\"} or {\"id\", \"error\"}"},
            {0},
        },
    .needs = NU_NEEDS_NOTHING,
    .run = run_alone,
};
