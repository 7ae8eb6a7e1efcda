#include "command/skeleton.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "nuages/command.h"
#include "nuages/file.h"
#include "nuages/template.h"
#include "nuages/text.h"

/* Files whose names in the skeleton differ from those in the project: a leading dot would hide them
 * here, and a name is not known before. */
static const char *target_name(const char *name, nu_dict *context)
{
    if (strcmp(name, "env") == 0 || strcmp(name, "gitignore") == 0)
        return nu_fmt(".%s", name);
    const char *app = nu_text(nu_dict_get(context, "name"));
    if (strcmp(name, "header.h") == 0)
        return nu_fmt("%s.h", app);
    if (strcmp(name, "tests/test_app.c") == 0)
        return nu_fmt("tests/test_%s.c", app);
    return name;
}

static void make_folder(const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        nu_raise(NU_COMMAND_ERROR, "cannot make the folder \"%s\": %s", path, strerror(errno));
}

static void make_folders(const char *folder, const char *name)
{
    make_folder(folder);
    for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/'))
        make_folder(nu_fmt("%s/%.*s", folder, (int)(slash - name), name));
}

/* The file's name below its skeleton; NULL if it belongs to another. */
static const char *name_in(const char *kind, const nu_embedded *file)
{
    const char *prefix = nu_fmt("%s/", kind);
    return nu_starts_with(file->name, prefix) ? file->name + strlen(prefix) : NULL;
}

static void check_free(const char *kind, const char *folder, nu_dict *context)
{
    for (const nu_embedded *file = nu__skeleton_files; file->name != NULL; file++) {
        const char *name = name_in(kind, file);
        if (name == NULL)
            continue;
        const char *path = nu_path_join(folder, target_name(name, context));
        if (nu_file_exists(path)) {
            nu_error *error = nu_error_new(NU_COMMAND_ERROR, "\"%s\" exists already", path);
            error->hint = "Choose another name or folder; nothing was written.";
            nu_throw(error);
        }
    }
}

void nu__skeleton_write(const char *kind, const char *folder, nu_dict *context)
{
    nu_engine *engine = nu_engine_new(&(nu_engine_options){.autoescape_off = true});
    check_free(kind, folder, context);
    for (const nu_embedded *file = nu__skeleton_files; file->name != NULL; file++) {
        const char *name = name_in(kind, file);
        if (name == NULL)
            continue;
        const char *target = target_name(name, context);
        nu_value    text = nu_template_render(nu_template_from(engine, file->bytes), context);
        make_folders(folder, target);
        nu_file_write(nu_path_join(folder, target), text.text, text.length);
    }
}

void nu__skeleton_check_name(const char *what, const char *name)
{
    static const char *const words[] = {
        "auto",     "break",  "case",   "char",    "const",  "continue", "default",
        "do",       "double", "else",   "enum",    "extern", "float",    "for",
        "goto",     "if",     "inline", "int",     "long",   "main",     "register",
        "restrict", "return", "short",  "signed",  "sizeof", "static",   "struct",
        "switch",   "test",   "tests",  "typedef", "union",  "unsigned", "void",
        "volatile", "while",  "build",  "manage",  "site",   NULL};
    bool good = *name >= 'a' && *name <= 'z' &&
                strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
    for (const char *const *word = words; *word != NULL; word++)
        good = good && strcmp(name, *word) != 0;
    if (good)
        return;
    nu_error *error = nu_error_new(NU_COMMAND_ERROR, "\"%s\" cannot be the name of %s", name, what);
    error->hint =
        "Use lower-case letters, digits and underscores, a letter first, and no word of C.";
    nu_throw(error);
}
