/* The development page: the error, the C stack with its source, the request and the settings. What
 * looks like a secret is shown as asterisks. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "nuages/file.h"
#include "nuages/text.h"

#include "base/backtrace.h"
#include "web/pages.h"

enum { LINES_AROUND = 4, LARGEST_SOURCE = 4 << 20 };

/* ---- the stack ------------------------------------------------------------------------------- */

/* Lines around `wanted` of a source file, as dicts; empty if the file is not at hand. */
static nu_list *source_lines(const char *path, int wanted)
{
    nu_list *lines = nu_list_new();
    nu_value file;
    if (path == NULL || wanted <= 0 || !nu_file_try(path, LARGEST_SOURCE, &file))
        return lines;
    const char *at = (const char *)file.bytes;
    for (int number = 1; *at != '\0' && number <= wanted + LINES_AROUND; number++) {
        size_t length = strcspn(at, "\n");
        if (number >= wanted - LINES_AROUND && nu_utf8_valid(at, length))
            nu_list_add(lines, nu_dict_of("number", number, "text", nu_value_text_copy(at, length),
                                          "current", number == wanted));
        at += length + (at[length] == '\n');
    }
    return lines;
}

/* True for the framework's own functions, which are folded away on the page. */
static bool is_framework(const nu_stack_line *line)
{
    const char *file = line->file != NULL ? line->file : "";
    return line->file == NULL || strstr(file, "/src/web/") != NULL ||
           strstr(file, "/src/base/") != NULL || strstr(file, "/src/runtime/") != NULL ||
           strstr(file, "/src/server/") != NULL || strstr(file, "/src/http/") != NULL ||
           strstr(file, "/src/template/") != NULL || strstr(file, "/src/model/") != NULL ||
           strstr(file, "/src/db/") != NULL;
}

static bool add_frame(void *arg, const nu_stack_line *line)
{
    nu_list *frames = arg;
    if (line->function == NULL)
        return true;
    nu_list_add(frames, nu_dict_of("function", line->function, "file", line->file, "line",
                                   line->line, "framework", is_framework(line), "source",
                                   source_lines(line->file, line->line)));
    return true;
}

static nu_list *frames_of(const nu_error *error)
{
    nu_list *frames = nu_list_new();
    for (int i = 0; i < error->depth; i++)
        nu__stack_resolve(error->stack[i], add_frame, frames);
    if (frames->count == 0) /* raised by a kind that keeps no stack */
        nu_list_add(frames, nu_dict_of("function", error->function, "file", error->file, "line",
                                       error->line, "framework", false, "source",
                                       source_lines(error->file, error->line)));
    return frames;
}

/* ---- the request ----------------------------------------------------------------------------- */

static bool is_secret(const char *name)
{
    static const char *const words[] = {"key",  "secret",    "token",  "pass",
                                        "auth", "signature", "cookie", "session"};
    for (size_t i = 0; i < NU_COUNT(words); i++)
        if (strcasestr(name, words[i]) != NULL)
            return true;
    return false;
}

static void add_pair(nu_list *list, const char *name, nu_value value)
{
    nu_list_add(list, nu_list_of(name, is_secret(name) ? NU_V("********") : value));
}

static nu_list *params_shown(const nu_params *params)
{
    nu_list *list = nu_list_new();
    nu_dict *dict = nu_params_dict(params);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(dict, entry)) != NULL;)
        add_pair(list, entry->key.text, nu_params_value(params, entry->key.text));
    return list;
}

static nu_list *cookies_shown(nu_request *request)
{
    nu_list *list = nu_list_new();
    nu_dict *cookies = nu_request_cookies(request);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(cookies, entry)) != NULL;)
        add_pair(list, entry->key.text,
                 is_secret(entry->key.text) || strlen(entry->value.text) > 20 ? NU_V("********")
                                                                              : entry->value);
    return list;
}

static nu_list *headers_shown(const nu_request *request)
{
    nu_list          *list = nu_list_new();
    const nu_headers *headers = nu_request_headers(request);
    for (uint32_t i = 0; i < headers->count; i++)
        add_pair(list, headers->items[i].name, NU_V(headers->items[i].value));
    return list;
}

/* The posted form, where it was read before the error. Reading it now might wait or fail. */
static nu_list *form_shown(nu_request *request)
{
    nu_list *list = nu_list_new();
    NU_TRY {
        list = params_shown(nu_request_form(request));
    }
    NU_CATCH (error) {
        (void)error; /* the body itself may be what is wrong */
    }
    return list;
}

/* ---- the page -------------------------------------------------------------------------------- */

static nu_value place_of(const nu_place *place)
{
    if (place->file == NULL)
        return nu_null();
    return NU_V(nu_dict_of("file", place->file, "line", place->line, "column", place->column,
                           "excerpt", place->excerpt));
}

static nu_list *causes_of(const nu_error *error)
{
    nu_list *causes = nu_list_new();
    for (const nu_error *cause = error->cause; cause != NULL; cause = cause->cause)
        nu_list_add(causes, nu_dict_of("kind", cause->kind->name, "fact", cause->fact, "detail",
                                       cause->detail));
    return causes;
}

static void add_request(nu_dict *context, nu_request *request)
{
    const nu_match *match = nu_request_match(request);
    nu_dict_set(context, "method", nu_request_method(request));
    nu_dict_set(context, "url", nu_request_full_path(request, false));
    nu_dict_set(context, "view", match != NULL ? match->view_function : NULL);
    nu_dict_set(context, "get", params_shown(nu_request_query(request)));
    nu_dict_set(context, "post", form_shown(request));
    nu_dict_set(context, "cookies", cookies_shown(request));
    nu_dict_set(context, "headers", headers_shown(request));
}

nu_response *nu__debug_page(nu_request *request, const nu_error *error, int status)
{
    nu_dict *context = nu_dict_new();
    nu_dict_set(context, "status", status);
    nu_dict_set(context, "reason", nu_status_reason(status));
    nu_dict_set(context, "kind", error->kind->name);
    nu_dict_set(context, "fact", error->fact);
    nu_dict_set(context, "detail", error->detail);
    nu_dict_set(context, "hint", error->hint);
    nu_dict_put(context, NU_V("place"), place_of(&error->place));
    nu_dict_set(context, "causes", causes_of(error));
    if (status == 404 && nu_request_match(request) == NULL)
        nu_dict_set(context, "tried",
                    nu_urls_tried(nu__site_urls(), nu_request_path_info(request)));
    else
        nu_dict_set(context, "frames", frames_of(error));
    add_request(context, request);
    nu_dict_set(context, "settings", nu__settings_shown());
    nu_dict_set(context, "version", NU_VERSION);
    nu_response *response = nu_html(nu__own_page("debug.html", context).text);
    nu_response_set_status(response, status);
    return response;
}
