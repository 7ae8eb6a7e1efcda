/* Forms with files: no input may upset the parser, and it sees the same parts however the body is cut
 * into pieces on its way. The first byte chooses the size of the pieces. */
#include <stdlib.h>
#include <string.h>

#include "http/internal.h"

struct client {
    const uint8_t *bytes;
    size_t         length, at, step;
};

static size_t send_piece(void *self, void *into, size_t room)
{
    struct client *client = self;
    size_t         left = client->length - client->at;
    size_t         count = left < client->step ? left : client->step;
    count = count < room ? count : room;
    memcpy(into, client->bytes + client->at, count);
    client->at += count;
    return count;
}

static void add_files(nu_builder *out, nu_params *files)
{
    for (nu_entry *e = NULL; (e = nu_dict_next(nu_params_dict(files), e)) != NULL;) {
        for (uint32_t i = 0; i < e->value.list->count; i++) {
            const nu_upload *upload = nu_upload_of(e->value.list->items[i]);
            size_t           length;
            const char      *content = nu_upload_content(upload, (size_t)1 << 30, &length);
            nu_builder_printf(out, "\n%s %s %s ", e->key.text, nu_upload_name(upload),
                              nu_upload_content_type(upload));
            nu_builder_add(out, content, length);
        }
    }
}

static const nu_http_options options = {.max_fields = 20, .max_files = 5, .max_file_memory = 5000};

/* All that the form holds as one text; its error, if it is refused. */
static nu_value parts_of(struct client *client)
{
    nu_request *req = nu_request_new("POST", "/", &options);
    nu_request_set_header(req, "Content-Type", "multipart/form-data; boundary=AaB");
    req->read = send_piece;
    req->read_self = client;
    nu_builder out;
    nu_builder_init(&out, NULL, 256);
    NU_TRY {
        nu_builder_puts(&out, nu_text(nu_value_dict(nu_params_dict(nu_request_form(req)))));
        add_files(&out, nu_request_files(req));
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_BAD_REQUEST) && !nu_error_is(error, NU_TOO_LARGE))
            abort();
        return nu_value_text(error->fact);
    }
    return nu_builder_value(&out);
}

static void check(const uint8_t *bytes, size_t size)
{
    size_t        step = size > 0 ? (size_t)bytes[0] + 1 : 1;
    size_t        skip = size > 0;
    struct client whole = {bytes + skip, size - skip, 0, size + 1};
    struct client pieces = {bytes + skip, size - skip, 0, step};
    if (!nu_equal(parts_of(&whole), parts_of(&pieces)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    nu_arena *arena = nu_arena_new(NULL, "fuzz"), *before = nu_arena_enter(arena);
    check(bytes, size);
    nu_arena_enter(before);
    nu_arena_free(arena);
    return 0;
}
