/* Static files: looked for in the settings' static_dirs, then in each app's static/ folder, then in
 * the files that the project and its apps carry in the binary. */
#include "web/internal.h"

#include <string.h>
#include <sys/stat.h>

#include "http/coding.h"

#include "nuages/file.h"
#include "nuages/text.h"
#include "nuages/uri.h"

static const char *const *folders; /* absolute, NULL-ended */

void nu__static_setup(const nu_settings *settings)
{
    const char *const *own = nu__app_folders("static");
    size_t             count = 1;
    for (size_t i = 0; own[i] != NULL; i++)
        count++;
    for (size_t i = 0; settings->static_dirs != NULL && settings->static_dirs[i] != NULL; i++)
        count++;
    const char **list = nu_alloc(count * sizeof *list);
    size_t       used = 0;
    for (size_t i = 0; settings->static_dirs != NULL && settings->static_dirs[i] != NULL; i++)
        list[used++] = nu_path_join(settings->base_dir, settings->static_dirs[i]);
    for (size_t i = 0; own[i] != NULL; i++)
        list[used++] = own[i];
    folders = list;
}

const char *nu_static_url(const char *path)
{
    return nu_fmt("%s%s", nu_settings_current()->static_url, nu_uri_from_path(path));
}

const char *nu__template_static(void *unused, const char *path)
{
    (void)unused;
    return nu_static_url(path);
}

const char *nu__static_find(const char *name)
{
    if (!nu_path_is_inside(name, strlen(name)))
        return NULL;
    for (size_t i = 0; folders[i] != NULL; i++) {
        const char *path = nu_path_join(folders[i], name);
        if (nu_file_exists(path))
            return path;
    }
    return NULL;
}

static const nu_embedded *find_embedded(const char *name)
{
    const char        *inner = nu_fmt("static/%s", name);
    const nu_embedded *own = nu_settings_current()->files;
    if (own != NULL && nu_embedded_find(own, inner) != NULL)
        return nu_embedded_find(own, inner);
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++) {
        const nu_embedded *file = nu_embedded_find((*app)->files, inner);
        if (file != NULL)
            return file;
    }
    return NULL;
}

bool nu__static_exists(const char *name)
{
    return nu__static_find(name) != NULL || find_embedded(name) != NULL;
}

static nu_response *serve_embedded(const nu_embedded *file)
{
    nu_response *response =
        nu_bytes_response(nu_content_type_of(file->name, NULL), file->bytes, file->length);
    nu_response_set_etag(response);
    return response;
}

/* ---- compressed beforehand ------------------------------------------------------------------- */

static const nu__coding codings[] = {NU__ZSTD, NU__BROTLI, NU__GZIP, NU__IDENTITY};

/* Beside a.css may lie a.css.br. One that is older than what it was made of is left alone. */
static bool has_sibling(const char *path, nu__coding coding)
{
    struct stat plain, packed;
    return stat(nu_fmt("%s%s", path, nu__coding_ending(coding)), &packed) == 0 &&
           S_ISREG(packed.st_mode) && stat(path, &plain) == 0 && packed.st_mtime >= plain.st_mtime;
}

/* Those that are there, best first, ended by NU__IDENTITY. */
static void find_siblings(const char *path, nu__coding out[NU__CODINGS])
{
    size_t count = 0;
    for (const nu__coding *coding = codings; *coding != NU__IDENTITY; coding++)
        if (has_sibling(path, *coding))
            out[count++] = *coding;
    out[count] = NU__IDENTITY;
}

/* Time and size, as nginx makes them; each form of the content has a tag of its own. */
static void tag_file(nu_response *response, nu__coding coding)
{
    struct stat status;
    if (fstat(response->fd, &status) != 0)
        return;
    const char *ending = coding == NU__IDENTITY ? "" : nu_fmt("-%s", nu__coding_name(coding));
    nu_response_set_header(response, "ETag",
                           nu_fmt("\"%llx-%llx%s\"", (unsigned long long)status.st_mtime,
                                  (unsigned long long)status.st_size, ending));
}

static nu_response *serve_file(nu_request *request, const char *path)
{
    nu__coding siblings[NU__CODINGS];
    find_siblings(path, siblings);
    nu__coding   coding = nu__coding_choose_stored(request, siblings);
    nu_response *response = NULL;
    if (coding == NU__IDENTITY) {
        response = nu_file(path);
    } else {
        response = nu_file(nu_fmt("%s%s", path, nu__coding_ending(coding)),
                           .content_type = nu_content_type_of(path, NULL),
                           .filename = strrchr(path, '/') + 1);
        nu_response_set_header(response, "Content-Encoding", nu__coding_name(coding));
    }
    if (siblings[0] != NU__IDENTITY)
        nu_response_vary(response, "Accept-Encoding");
    tag_file(response, coding);
    return response;
}

/* ---- answering ------------------------------------------------------------------------------- */

static nu_response *serve(nu_request *request, const char *name)
{
    const char        *path = nu__static_find(name);
    const nu_embedded *file = path == NULL ? find_embedded(name) : NULL;
    if (path == NULL && file == NULL)
        nu_raise(NU_NOT_FOUND, "no static file \"%s\"", name);
    nu_response *response = path != NULL ? serve_file(request, path) : serve_embedded(file);
    /* The name does not change with the content, so a browser has to ask; a 304 is the usual
     * answer. */
    nu_response_default_header(response, "Cache-Control",
                               nu_settings_current()->debug ? "no-cache" : "max-age=60");
    return nu_range(request, nu_conditional(request, response));
}

static nu_response *serve_static(nu_request *request)
{
    const char *prefix = nu_settings_current()->static_url;
    const char *path = nu_request_path(request);
    if (!nu_starts_with(path, prefix))
        return NULL;
    nu_require_methods(request, "GET", "HEAD");
    return serve(request, path + strlen(prefix));
}

const nu_middleware nu_static_middleware = {.name = "static", .in = serve_static};
