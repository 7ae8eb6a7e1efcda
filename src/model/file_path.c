/* What a file path field can be: the files and folders below its path, as choices. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/internal.h"
#include "nuages/text.h"

/* `left` are the folders that wait for their turn. */
typedef struct path_search {
    const nu_field *field;
    nu_list        *left, *paths;
} path_search;

static bool fits(const nu_field *field, const char *name)
{
    if (field->match == NULL)
        return true;
    volatile bool good = true;
    NU_TRY {
        nu_check_pattern(&(nu_validator){.pattern = field->match}, nu_value_text(name));
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALIDATION_ERROR))
            nu_reraise(error);
        good = false;
    }
    return good;
}

static void take(path_search *search, const char *folder, const char *name)
{
    struct stat     info;
    const nu_field *field = search->field;
    const char     *path = nu_fmt("%s%s%s", folder, nu_ends_with(folder, "/") ? "" : "/", name);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "__pycache__") == 0 ||
        lstat(path, &info) != 0)
        return;
    if (S_ISLNK(info.st_mode) && stat(path, &info) != 0)
        return;
    bool        folder_found = S_ISDIR(info.st_mode);
    struct stat link;
    if (folder_found && field->recursive && lstat(path, &link) == 0 && !S_ISLNK(link.st_mode))
        nu_list_push(search->left, nu_value_text(path)); /* links could lead round in circles */
    if ((folder_found ? field->allow_folders : !field->no_files) && fits(field, name))
        nu_list_push(search->paths, nu_value_text(path));
}

static void close_folder(void *folder)
{
    closedir(folder);
}

static void read_folder(path_search *search, const char *path)
{
    nu_arena *arena = nu_arena_new(nu_arena_current(), "folder"); /* closes it after a raise, too */
    DIR      *folder = opendir(path);
    if (folder == NULL)
        nu_raise(NU_SYSTEM_ERROR, "folder \"%s\" of field \"%s\" cannot be read: %s", path,
                 search->field->name, strerror(errno));
    nu_arena_defer(arena, close_folder, folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        take(search, path, nu_arena_text(nu_arena_current(), entry->d_name));
    nu_arena_free(arena);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const nu_value *)a)->text, ((const nu_value *)b)->text);
}

const nu_choice *nu_file_path_choices(const nu_field *field)
{
    path_search search = {.field = field, .left = nu_list_new(), .paths = nu_list_new()};
    size_t      root = strlen(field->path);
    nu_list_push(search.left, nu_value_text(field->path));
    for (uint32_t i = 0; i < search.left->count; i++)
        read_folder(&search, search.left->items[i].text);
    nu_list   *paths = search.paths;
    nu_choice *choices = nu_alloc((paths->count + 1) * sizeof *choices);
    if (paths->count > 0)
        qsort(paths->items, paths->count, sizeof *paths->items, by_text);
    for (uint32_t i = 0; i < paths->count; i++) {
        const char *rest = paths->items[i].text + root;
        choices[i] = (nu_choice){.value = paths->items[i], .label = rest + (*rest == '/')};
    }
    return choices;
}
