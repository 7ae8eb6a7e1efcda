#include "http/upload.h"

#include "nuages/fiber.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct nu_upload {
    const nu_class *class;
    const char *name, *content_type, *charset, *folder;
    int64_t     size;
    nu_builder  memory;   /* the content, or what is to be written next */
    bool        has_file; /* a temporary one */
    int         fd;       /* of it, -1: none yet */
    const char *path; /* of it; it has no name of its own and ends with its descriptor */
};

/* ---- as an object, for templates ------------------------------------------------------------------ */

static bool upload_get(void *self, const char *key, size_t length, nu_value *out)
{
    const nu_upload *upload = self;
    if (length == 4 && memcmp(key, "name", 4) == 0)
        *out = nu_value_text(upload->name);
    else if (length == 4 && memcmp(key, "size", 4) == 0)
        *out = nu_value_int(upload->size);
    else if (length == 12 && memcmp(key, "content_type", 12) == 0)
        *out = nu_value_text(upload->content_type);
    else
        return false;
    return true;
}

static nu_value upload_text(void *self)
{
    const nu_upload *upload = self;
    return nu_value_text(upload->name);
}

static const nu_class upload_class = {
    .name = "upload",
    .get = upload_get,
    .text = upload_text,
    .plain = upload_text,
};

nu_upload *nu_upload_of(nu_value value)
{
    bool is_upload = value.type == NU_OBJECT && value.object != NULL &&
                     ((nu_object *)value.object)->class == &upload_class;
    return is_upload ? value.object : NULL;
}

/* ---- receiving --------------------------------------------------------------------------------------- */

nu_upload *nu__upload_start(const char *name, const char *content_type, const char *charset,
                            const char *folder)
{
    nu_upload *upload = nu_alloc(sizeof *upload);
    upload->class = &upload_class;
    upload->name = name;
    upload->content_type = content_type != NULL ? content_type : "";
    upload->charset = charset;
    upload->folder = folder;
    upload->fd = -1;
    nu_builder_init(&upload->memory, NULL, 0);
    return upload;
}

nu_upload *nu_upload_new(const char *name, const char *content_type, const void *bytes,
                         size_t length)
{
    nu_upload *upload = nu__upload_start(name, content_type, NULL, NULL);
    upload->memory.data = (char *)(uintptr_t)bytes;
    upload->memory.length = upload->memory.capacity = length;
    upload->size = (int64_t)length;
    return upload;
}

static void close_file(void *arg)
{
    nu_upload *upload = arg;
    if (upload != NULL && upload->fd >= 0)
        close(upload->fd);
}

static void write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            nu_raise(NU_SYSTEM_ERROR, "cannot write an uploaded file: %s", strerror(errno));
        bytes += written;
        length -= (size_t)written;
    }
}

/* A file without a name vanishes by itself when the request or the process ends. */
static int open_nameless(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
        return fd;
    char *path = nu_fmt("%s/upload-XXXXXX", folder);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static void open_file(nu_upload *upload)
{
    const char *system = getenv("TMPDIR");
    const char *folder = upload->folder != NULL ? upload->folder : system != NULL ? system : "/tmp";
    upload->fd = open_nameless(folder);
    if (upload->fd < 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot keep an uploaded file in \"%s\": %s", folder,
                 strerror(errno));
    upload->path = nu_fmt("/proc/self/fd/%d", upload->fd);
}

static void write_now(void *arg)
{
    nu_upload *upload = arg;
    if (upload->fd < 0)
        open_file(upload);
    write_all(upload->fd, upload->memory.data, upload->memory.length);
}

/* The disk may be slow: another thread waits for it. */
static void write_out(nu_upload *upload)
{
    if (upload->fd < 0)
        nu_arena_defer(nu_arena_current(), close_file, upload);
    nu_offload(write_now, upload);
    upload->memory.length = 0;
}

/* So much goes to the file at a time: a change of threads for each small piece would cost more than the
 * writing. */
enum { WRITTEN_AT_ONCE = 128 * 1024 };

/* What was kept in memory goes to the file first. */
static void begin_file(nu_upload *upload)
{
    upload->has_file = true;
    write_out(upload);
    nu_builder_init(&upload->memory, NULL, WRITTEN_AT_ONCE + 1);
}

static void add_to_file(nu_upload *upload, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t room = WRITTEN_AT_ONCE - upload->memory.length, some = length < room ? length : room;
        nu_builder_add(&upload->memory, bytes, some);
        bytes += some;
        length -= some;
        if (some == room)
            write_out(upload);
    }
}

void nu__upload_add(nu_upload *upload, const void *bytes, size_t length, bool memory)
{
    upload->size += (int64_t)length;
    if (!memory && !upload->has_file)
        begin_file(upload);
    if (upload->has_file)
        add_to_file(upload, bytes, length);
    else
        nu_builder_add(&upload->memory, bytes, length);
}

void nu__upload_end(nu_upload *upload)
{
    if (upload->has_file && upload->memory.length > 0)
        write_out(upload);
}

bool nu__upload_has_file(const nu_upload *upload)
{
    return upload->has_file;
}

/* ---- asking -------------------------------------------------------------------------------------------- */

const char *nu_upload_name(const nu_upload *upload)
{
    return upload->name;
}

const char *nu_upload_content_type(const nu_upload *upload)
{
    return upload->content_type;
}

const char *nu_upload_charset(const nu_upload *upload)
{
    return upload->charset;
}

int64_t nu_upload_size(const nu_upload *upload)
{
    return upload->size;
}

const char *nu_upload_path(const nu_upload *upload)
{
    return upload->path;
}

size_t nu_upload_read(const nu_upload *upload, int64_t offset, void *into, size_t room)
{
    if (offset < 0 || offset >= upload->size)
        return 0;
    size_t left = (size_t)(upload->size - offset), wanted = room < left ? room : left;
    if (upload->fd < 0) {
        memcpy(into, upload->memory.data + offset, wanted);
        return wanted;
    }
    ssize_t count = pread(upload->fd, into, wanted, offset);
    if (count < 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot read an uploaded file: %s", strerror(errno));
    return (size_t)count;
}

const char *nu_upload_content(const nu_upload *upload, size_t limit, size_t *length)
{
    if (upload->size > (int64_t)limit)
        nu_raise(NU_TOO_LARGE, "the file \"%s\" is larger than %zu bytes", upload->name, limit);
    char  *content = nu_arena_alloc(nu_arena_current(), (size_t)upload->size + 1);
    size_t total = 0, count;
    while ((count = nu_upload_read(upload, (int64_t)total, content + total,
                                   (size_t)upload->size - total)) > 0)
        total += count;
    content[total] = '\0';
    if (length != NULL)
        *length = total;
    return content;
}

/* ---- saving --------------------------------------------------------------------------------------------- */

static void unlink_path(void *path)
{
    if (path != NULL)
        unlink(path);
}

static void copy_to(const nu_upload *upload, int fd)
{
    char  *piece = nu_alloc((size_t)64 << 10);
    size_t count;
    for (int64_t at = 0; (count = nu_upload_read(upload, at, piece, (size_t)64 << 10)) > 0;
         at += (int64_t)count)
        write_all(fd, piece, count);
}

static void close_descriptor(void *slot)
{
    if (slot != NULL)
        close(*(int *)slot);
}

/* Writes beside the goal, then links it there: link() refuses a name that is taken, so that nothing is
 * replaced, and nobody sees half of the file. */
static void save_copy(const nu_upload *upload, const char *path)
{
    nu_arena *arena = nu_arena_current();
    char     *beside = nu_fmt("%s.XXXXXX", path);
    nu_defer *name_slot = nu_arena_defer(arena, unlink_path, NULL);
    nu_defer *fd_slot = nu_arena_defer(arena, close_descriptor, NULL);
    int      *fd = nu_alloc(sizeof *fd);
    *fd = mkostemp(beside, O_CLOEXEC);
    if (*fd < 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot save a file as \"%s\": %s", path, strerror(errno));
    name_slot->arg = beside;
    fd_slot->arg = fd;
    copy_to(upload, *fd);
    bool failed = fchmod(*fd, 0644) != 0 || fsync(*fd) != 0 || link(beside, path) != 0;
    int  reason = errno;
    nu_arena_undefer(arena, fd_slot);
    nu_arena_undefer(arena, name_slot);
    close(*fd);
    unlink(beside);
    if (failed)
        nu_raise(NU_SYSTEM_ERROR, "cannot save a file as \"%s\": %s", path, strerror(reason));
}

struct save {
    const nu_upload *upload;
    const char      *path;
};

static void save_now(void *arg)
{
    const struct save *save = arg;
    const nu_upload   *upload = save->upload;
    /* On the same file system the nameless file gets its name without a copy. */
    if (upload->fd >= 0 && fsync(upload->fd) == 0 &&
        linkat(AT_FDCWD, upload->path, AT_FDCWD, save->path, AT_SYMLINK_FOLLOW) == 0)
        return;
    save_copy(upload, save->path);
}

void nu_upload_save(nu_upload *upload, const char *path)
{
    struct save save = {upload, path};
    nu_offload(save_now, &save); /* waits for the disk */
}
