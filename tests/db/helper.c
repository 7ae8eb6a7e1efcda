#include "helper.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void remove_folder(void *arg)
{
    const char *path = arg;
    chmod(path, 0700);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    rmdir(path);
}

const char *temporary_folder(void)
{
    char *path = nu_fmt("/tmp/nuages-db-XXXXXX");
    CHECK(mkdtemp(path) != NULL);
    nu_arena_defer(nu_arena_current(), remove_folder, path);
    return path;
}
