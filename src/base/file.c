#include "nuages/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/internal.h"

/* Reads until `length` bytes or the end; the count, or -1. */
static ssize_t read_all(int fd, char *to, size_t length)
{
    size_t done = 0;
    while (done < length) {
        ssize_t got = read(fd, to + done, length - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static bool check_status(int fd, size_t max, struct stat *status)
{
    if (fstat(fd, status) != 0)
        return false;
    if (S_ISDIR(status->st_mode)) {
        errno = EISDIR;
        return false;
    }
    if ((uintmax_t)status->st_size > max) {
        errno = EFBIG;
        return false;
    }
    return true;
}

bool nu_file_try(const char *path, size_t max, nu_value *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    struct stat status;
    bool        good = check_status(fd, max, &status);
    size_t      length = good ? (size_t)status.st_size : 0;
    /* Nothing raises while the descriptor is open. */
    char   *bytes = good ? nu__arena_alloc_try(nu_arena_current(), length + 1) : NULL;
    ssize_t got = bytes != NULL ? read_all(fd, bytes, length) : -1;
    int     reason = good && bytes == NULL ? ENOMEM : errno;
    close(fd);
    errno = reason;
    if (got < 0)
        return false;
    bytes[got] = '\0';
    *out = nu_value_bytes(bytes, (size_t)got);
    return true;
}

static NU_NORETURN void raise_system(const char *what, const char *path, int reason)
{
    nu_raise(NU_SYSTEM_ERROR, "cannot %s \"%s\": %s", what, path, strerror(reason));
}

nu_value nu_file_read(const char *path, size_t max)
{
    nu_value bytes;
    if (!nu_file_try(path, max, &bytes))
        raise_system("read", path, errno);
    return bytes;
}

static bool write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t put = write(fd, bytes, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes += put;
        length -= (size_t)put;
    }
    return true;
}

void nu_file_write(const char *path, const void *bytes, size_t length)
{
    const char *beside = nu_fmt("%s.%d.new", path, (int)getpid());
    int         fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        raise_system("write", path, errno);
    bool good = write_all(fd, bytes, length);
    int  reason = errno;
    if (close(fd) != 0 && good) {
        good = false;
        reason = errno;
    }
    if (good && rename(beside, path) != 0) {
        good = false;
        reason = errno;
    }
    if (!good) {
        unlink(beside);
        raise_system("write", path, reason);
    }
}

bool nu_file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

bool nu_folder_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

const char *nu_path_join(const char *folder, const char *name)
{
    if (name[0] == '/' || folder[0] == '\0')
        return nu_fmt("%s", name);
    size_t length = strlen(folder);
    return nu_fmt(folder[length - 1] == '/' ? "%s%s" : "%s/%s", folder, name);
}

const char *nu_path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return ".";
    if (slash == path)
        return "/";
    return nu_arena_copy(nu_arena_current(), path, (size_t)(slash - path));
}

bool nu_path_is_inside(const char *path, size_t length)
{
    if (length == 0 || memchr(path, '\0', length) != NULL || memchr(path, '\\', length) != NULL)
        return false;
    const char *end = path + length;
    while (path <= end) {
        const char *slash = memchr(path, '/', (size_t)(end - path));
        size_t      part = (size_t)((slash != NULL ? slash : end) - path);
        if (part == 0 || (part == 1 && path[0] == '.') || (part == 2 && memcmp(path, "..", 2) == 0))
            return false;
        if (slash == NULL)
            return true;
        path = slash + 1;
    }
    return false;
}
