/* Where templates come from: folders and tables in the binary. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nuages/embed.h"
#include "template/engine.h"

/* ---- folders -------------------------------------------------------------------------------------- */

static uint64_t stamp_of(const struct stat *info)
{
    uint64_t parts[4] = {(uint64_t)info->st_mtim.tv_sec, (uint64_t)info->st_mtim.tv_nsec,
                         (uint64_t)info->st_size, (uint64_t)info->st_ino};
    uint64_t stamp = 1469598103934665603u;
    for (size_t i = 0; i < NU_COUNT(parts); i++)
        stamp = (stamp ^ parts[i]) * 1099511628211u;
    return stamp ? stamp : 1;
}

uint64_t nu_template_stamp_file(void *data, const char *origin)
{
    (void)data;
    struct stat info;
    return stat(origin, &info) == 0 ? stamp_of(&info) : 1;
}

static void close_file(void *fd)
{
    if (fd)
        close((int)(intptr_t)fd - 1);
}

static NU_NORETURN void unreadable(const char *path)
{
    nu_raise(NU_SYSTEM_ERROR, "the template \"%s\" cannot be read: %s", path, strerror(errno));
}

/* The file's bytes, NUL-terminated. It may grow or shrink meanwhile: what was read counts. */
static size_t read_all(int fd, char *out, size_t size, const char *path)
{
    size_t length = 0;
    while (length < size) {
        ssize_t got = read(fd, out + length, size - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            unreadable(path);
        if (got == 0)
            break;
        length += (size_t)got;
    }
    out[length] = '\0';
    return length;
}

bool nu_template_load_dir(void *data, const char *name, nu_template_source *out, const char **tried)
{
    const char *path = nu_fmt("%s/%s", (const char *)data, name);
    *tried = path;
    nu_defer *closer = nu_arena_defer(nu_arena_current(), close_file, NULL);
    int       fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        closer->arg = (void *)((intptr_t)fd + 1);
    struct stat info = {0};
    if (fd < 0 && errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG)
        unreadable(path);
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close_file(closer->arg);
        nu_arena_undefer(nu_arena_current(), closer);
        return false;
    }
    char *text = nu_arena_alloc(nu_arena_current(), (size_t)info.st_size + 1);
    *out = (nu_template_source){.text = text, .origin = path, .stamp = stamp_of(&info)};
    out->length = read_all(fd, text, (size_t)info.st_size, path);
    close_file(closer->arg);
    nu_arena_undefer(nu_arena_current(), closer);
    return true;
}

/* ---- tables ----------------------------------------------------------------------------------------- */

bool nu_template_load_embedded(void *data, const char *name, nu_template_source *out,
                               const char **tried)
{
    const nu_embedded *file = nu_embedded_find(data, nu_fmt("templates/%s", name));
    if (file) {
        *out = (nu_template_source){.text = file->bytes,
                                    .length = file->length,
                                    .origin = nu_fmt("embedded:%p:%s", data, name)};
        return true;
    }
    *tried = nu_fmt("embedded:%s", name);
    return false;
}
