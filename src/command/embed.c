/* nuages embed: an app's templates, static files and translations as a C file, so that the program alone is
 * the site. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nuages/file.h"

#include "command/embed_table.h"
#include "command/internal.h"

/* ---- finding the files ----------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    const nu_value *left = a, *right = b;
    return strcmp(left->text, right->text);
}

/* Names in `folder`, sorted, so that the table is the same on every machine. */
static nu_list *names_in(const char *folder)
{
    nu_list *names = nu_list_new();
    DIR     *open = opendir(folder);
    if (open == NULL)
        return names;
    for (const struct dirent *entry; (entry = readdir(open)) != NULL;)
        if (entry->d_name[0] != '.')
            nu_list_push(names, nu_value_text_copy(entry->d_name, strlen(entry->d_name)));
    closedir(open);
    if (names->count > 1)
        qsort(names->items, names->count, sizeof *names->items, by_name);
    return names;
}

/* All files of the folder `below`, as paths below `root`. */
static void collect(nu_list *files, const char *root, const char *below)
{
    nu_check_stack();
    nu_list *names = names_in(nu_path_join(root, below));
    for (uint32_t i = 0; i < names->count; i++) {
        const char *name = nu_path_join(below, names->items[i].text);
        if (nu_folder_exists(nu_path_join(root, name)))
            collect(files, root, name);
        else
            nu_list_add(files, name);
    }
}

/* ---- writing the table ----------------------------------------------------------------------- */

/* The path that could not be read or written, with errno set; NULL if all went well. */
static const char *write_table(const char *part, const char *symbol, const char *root,
                               const nu_list *files)
{
    FILE *out = fopen(part, "wb");
    if (out == NULL)
        return part;
    const char *failed = NULL;
    nu__embed_begin(out, symbol);
    for (uint32_t i = 0; i < files->count && failed == NULL; i++) {
        const char *path = nu_path_join(root, files->items[i].text);
        failed = nu__embed_file(out, path, files->items[i].text) ? NULL : path;
    }
    nu__embed_end(out);
    int error = errno;
    if (fclose(out) != 0 && failed == NULL)
        return part;
    errno = error;
    return failed;
}

/* In one step, so that a build never sees half a table. */
static void write_file(const char *path, const char *symbol, const char *root, const nu_list *files)
{
    const char *part = nu_fmt("%s.part", path);
    const char *failed = write_table(part, symbol, root, files);
    if (failed == NULL && rename(part, path) != 0)
        failed = path;
    if (failed == NULL)
        return;
    int error = errno;
    unlink(part);
    nu_raise(NU_SYSTEM_ERROR, "cannot embed \"%s\": %s", failed, strerror(error));
}

/* ---- the command ----------------------------------------------------------------------------- */

static bool is_identifier(const char *name)
{
    if (!isalpha((unsigned char)*name) && *name != '_')
        return false;
    while (isalnum((unsigned char)*name) || *name == '_')
        name++;
    return *name == '\0';
}

/* "blog_files", of the folder's own name. */
static const char *symbol_of(const char *root)
{
    const char *slash = strrchr(root, '/');
    return nu_fmt("%s_files", slash != NULL ? slash + 1 : root);
}

static void run(const nu_command_call *call)
{
    char root[PATH_MAX];
    if (realpath(nu_argument(call, 0), root) == NULL || !nu_folder_exists(root))
        nu_raise(NU_COMMAND_ERROR, "there is no folder \"%s\"", nu_argument(call, 0));
    const char *symbol =
        nu_option(call, "symbol") != NULL ? nu_option(call, "symbol") : symbol_of(root);
    if (!is_identifier(symbol))
        nu_raise(NU_COMMAND_ERROR, "\"%s\" is no name for a C table: choose one with --symbol",
                 symbol);
    nu_list *files = nu_list_new();
    collect(files, root, "locale");
    collect(files, root, "static");
    collect(files, root, "templates");
    if (files->count == 0)
        nu_raise(NU_COMMAND_ERROR, "there are no files in \"%s/templates\" and \"%s/static\"", root,
                 root);
    const char *output = nu_option(call, "output");
    if (output == NULL)
        output = nu_path_join(nu_argument(call, 0), "files.c");
    write_file(output, symbol, root, files);
    if (call->verbosity == 0)
        return;
    nu_say("%s %u %s in %s, as \"%s\".", nu_styled(NU_STYLE_OK, "OK:"), files->count,
           files->count == 1 ? "file" : "files", output, symbol);
    nu_say("    extern const nu_embedded %s[];   .files = %s in the app's table", symbol, symbol);
}

const nu_command nu__command_embed = {
    .name = "embed",
    .help = "Puts the templates and static files of an app into a C file.",
    .arguments = "FOLDER",
    .min_arguments = 1,
    .max_arguments = 1,
    .options =
        (const nu_option_def[]){
            {"output", .value = "FILE.c", .letter = 'o', .help = "instead of FOLDER/files.c"},
            {"symbol", .value = "NAME", .help = "the table's name, instead of <folder>_files"},
            {0},
        },
    .needs = NU_NEEDS_NOTHING,
    .run = run,
};
