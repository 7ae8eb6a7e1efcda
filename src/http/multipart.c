/* The parser pulls the body through one window and hands pieces on as they come, so that a file of any
 * size needs no more memory than the window:
 *
 *      preamble   --B CRLF   headers CRLF CRLF  content  CRLF --B CRLF   …   CRLF --B-- epilogue
 *
 * A delimiter is a line of its own: "--B" after a line break or at the very start, followed by "--"
 * or by blanks and a line break. Bytes that could still become one wait in the window. */
#include "http/multipart.h"

#include "http/decode.h"
#include "http/params.h"
#include "http/upload.h"
#include "nuages/crypto.h"

#include <string.h>

#define WINDOW       ((size_t)64 << 10)
#define HEADER_MAX   1024 /* as in Django: a part with more is passed over */
#define BOUNDARY_MAX 200

struct parser {
    nu_request *req;
    char       *window;
    size_t      start, end;                  /* of the bytes not used yet */
    bool        eof;                         /* nothing comes after the window */
    bool        ended;                       /* the last delimiter was seen */
    char        delimiter[BOUNDARY_MAX + 4]; /* "\n--B" */
    size_t      delimiter_length;
    int64_t     field_bytes; /* of all fields, counted as a query string would */
    int64_t     file_memory; /* of all files in memory */
    int         fields, files;
};

/* What the headers of a part say. */
struct part {
    const char *name;         /* NULL: the part is passed over */
    const char *filename;     /* NULL: a field */
    const char *content_type; /* "" if none was sent */
    const char *charset;
    bool        base64;
};

/* ---- the window ----------------------------------------------------------------------------------- */

/* Gets more bytes; false if there are none or no room. */
static bool fill(struct parser *p)
{
    if (p->start > 0) {
        memmove(p->window, p->window + p->start, p->end - p->start);
        p->end -= p->start;
        p->start = 0;
    }
    if (p->eof || p->end == WINDOW)
        return false;
    size_t count = nu_request_read(p->req, p->window + p->end, WINDOW - p->end);
    p->eof = count == 0;
    p->end += count;
    return count > 0;
}

enum verdict { IS_DATA, IS_NEXT, IS_LAST, NEEDS_MORE };

/* What the bytes behind a possible delimiter make of it; *length is what belongs to it. */
static enum verdict judge(const struct parser *p, size_t at, size_t *length)
{
    const char *window = p->window;
    size_t      from = at;
    if (at + 2 <= p->end && window[at] == '-' && window[at + 1] == '-') {
        *length = 2;
        return IS_LAST;
    }
    if (at + 1 == p->end && window[at] == '-' && !p->eof)
        return NEEDS_MORE;
    while (at < p->end && (window[at] == ' ' || window[at] == '\t'))
        at++;
    size_t feed = at < p->end && window[at] == '\r';
    if (at + feed < p->end) {
        *length = at + feed + 1 - from;
        return window[at + feed] == '\n' ? IS_NEXT : IS_DATA;
    }
    /* At the end of the window it is open which one it is; at the end of the body it is over. */
    *length = p->end - from;
    return p->eof ? IS_LAST : NEEDS_MORE;
}

/* Looks for a delimiter in the window from `from` on. Found: true, *at is where the content before it
 * ends and *after where the next part starts. Not found: false, and the bytes before *at are
 * content for certain. */
static bool find_delimiter(struct parser *p, size_t from, size_t *at, size_t *after)
{
    while (from < p->end) {
        char *hit = memmem(p->window + from, p->end - from, p->delimiter, p->delimiter_length);
        if (hit == NULL)
            break;
        size_t       place = (size_t)(hit - p->window), tail = place + p->delimiter_length, length;
        enum verdict verdict = judge(p, tail, &length);
        *at = place > p->start && p->window[place - 1] == '\r' ? place - 1 : place;
        if (verdict == NEEDS_MORE)
            return false;
        if (verdict != IS_DATA) {
            p->ended = verdict == IS_LAST;
            *after = tail + length;
            return true;
        }
        from = place + 1;
    }
    /* The last bytes may be the start of a delimiter and the "\r" before it. */
    size_t open = p->eof ? 0 : p->delimiter_length;
    *at = p->end - p->start > open ? p->end - open : p->start;
    return false;
}

/* The next piece of the part's content; false at its end. The piece lives until the next call. */
static bool next_piece(struct parser *p, const char **piece, size_t *length)
{
    for (;;) {
        size_t at, after;
        bool   found = find_delimiter(p, p->start, &at, &after);
        *piece = p->window + p->start;
        *length = at - p->start;
        if (found) {
            p->start = after;
            return false;
        }
        if (*length > 0 || p->eof) {
            p->start = at;
            p->ended |= p->eof && at == p->end;
            return !p->ended;
        }
        if (!fill(p) && !p->eof)
            nu_raise(NU_BAD_REQUEST, "the form's boundary is followed by too many blanks");
    }
}

static void skip_part(struct parser *p)
{
    const char *piece;
    size_t      length;
    while (next_piece(p, &piece, &length))
        continue;
}

/* ---- the headers of a part ------------------------------------------------------------------------- */

/* Makes the whole head of the part stand in the window; its length, or 0 if it has none. A part that ends
 * with its head has none either. */
static size_t head_length(struct parser *p)
{
    size_t at, after;
    while (p->end - p->start < HEADER_MAX + p->delimiter_length && fill(p))
        continue;
    size_t      room = p->end - p->start;
    const char *head = p->window + p->start;
    const char *blank = memmem(head, room < HEADER_MAX ? room : HEADER_MAX, "\r\n\r\n", 4);
    if (blank == NULL)
        return 0;
    bool was_ended = p->ended;
    bool cut = find_delimiter(p, p->start, &at, &after) && p->window + at <= blank + 2;
    p->ended = was_ended;
    return cut ? 0 : (size_t)(blank - head) + 4;
}

static void read_disposition(struct part *part, const nu_dict *params)
{
    const nu_value *name = nu_dict_find(params, "name");
    const nu_value *filename = nu_dict_find(params, "filename");
    if (name != NULL) {
        nu_value stripped = nu__strip(nu__utf8_replace(name->text, name->length));
        part->name = nu_arena_copy(nu_arena_current(), stripped.text, stripped.length);
    }
    if (filename != NULL && filename->length > 0)
        part->filename = nu__utf8_replace(filename->text, filename->length).text;
}

static void read_field(struct part *part, const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length);
    if (colon == NULL || memchr(line, '\0', length) != NULL)
        return;
    nu_dict    *params;
    const char *rest =
        nu_arena_copy(nu_arena_current(), colon + 1, length - (size_t)(colon + 1 - line));
    const char *value = nu_header_params(rest, &params);
    const char *name = line, *name_end = colon;
    nu__trim(&name, &name_end);
    size_t size = (size_t)(name_end - name);
    if (nu_equal_ascii_nocase(name, size, "content-disposition", 19)) {
        read_disposition(part, params);
    } else if (nu_equal_ascii_nocase(name, size, "content-type", 12)) {
        const nu_value *charset = nu_dict_find(params, "charset");
        part->content_type = value;
        part->charset = charset != NULL ? charset->text : NULL;
    } else if (nu_equal_ascii_nocase(name, size, "content-transfer-encoding", 25)) {
        part->base64 = strcmp(value, "base64") == 0;
    }
}

static struct part read_head(struct parser *p)
{
    struct part part = {.content_type = ""};
    size_t      length = head_length(p);
    const char *at = p->window + p->start, *end = at + length;
    while (at < end) {
        const char *stop = memmem(at, (size_t)(end - at), "\r\n", 2);
        read_field(&part, at, (size_t)(stop - at));
        at = stop + 2;
    }
    p->start += length;
    return part;
}

/* ---- fields and files -------------------------------------------------------------------------------- */

static void count_field_bytes(struct parser *p, size_t more)
{
    int64_t limit = nu__max_body(p->req->options);
    p->field_bytes += (int64_t)more;
    if (limit >= 0 && p->field_bytes > limit)
        nu_raise(NU_TOO_LARGE, "the form holds more than %lld bytes", (long long)limit);
}

static nu_value without_blanks(const char *text, size_t length)
{
    char  *kept = nu_arena_alloc(nu_arena_current(), length + 1);
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        kept[count] = text[i];
        count += text[i] != ' ' && (text[i] < '\t' || text[i] > '\r');
    }
    kept[count] = '\0';
    return nu_value_text_n(kept, count);
}

/* Base64 that cannot be read stays as it was sent, as in Django. */
static nu_value field_text(const struct part *part, const char *bytes, size_t length)
{
    uint8_t *decoded;
    size_t   size;
    nu_value digits = part->base64 ? without_blanks(bytes, length) : nu_null();
    if (part->base64 && nu_base64_decode(digits.text, digits.length, NU_BASE64, &decoded, &size))
        return nu__utf8_replace((const char *)decoded, size);
    return nu__utf8_replace(bytes, length);
}

/* Parts without a name count too: each leaves its head in memory. */
static void count_field(struct parser *p)
{
    int max_fields = nu__max_fields(p->req->options);
    if (max_fields >= 0 && ++p->fields > max_fields)
        nu_raise(NU_SUSPICIOUS, "the form has more than %d fields", max_fields);
}

static void skip_nameless(struct parser *p)
{
    count_field(p);
    skip_part(p);
}

static void read_text(struct parser *p, const struct part *part)
{
    count_field(p);
    nu_builder value;
    nu_builder_init(&value, NULL, 64);
    const char *piece;
    size_t      length;
    for (bool more = true; more;) {
        more = next_piece(p, &piece, &length);
        count_field_bytes(p, length);
        nu_builder_add(&value, piece, length);
    }
    count_field_bytes(p, nu_utf8_count(part->name, strlen(part->name)) + 2); /* "=" and "&" */
    const char *text = nu_builder_text(&value);
    nu__params_add(p->req->post, nu_value_text(part->name), field_text(part, text, value.length));
}

/* Digits of base64 that do not make a whole group yet. */
struct base64_rest {
    char   digits[4];
    size_t count;
};

static nu_value decode_piece(struct base64_rest *rest, const char *piece, size_t length)
{
    nu_builder digits;
    nu_builder_init(&digits, NULL, length + 8);
    nu_builder_add(&digits, rest->digits, rest->count);
    nu_value fresh = without_blanks(piece, length);
    nu_builder_add(&digits, fresh.text, fresh.length);
    rest->count = digits.length % 4;
    digits.length -= rest->count;
    memcpy(rest->digits, digits.data + digits.length, rest->count);
    uint8_t *bytes;
    size_t   size;
    if (!nu_base64_decode(digits.data, digits.length, NU_BASE64, &bytes, &size))
        nu_raise(NU_BAD_REQUEST, "a file of the form is no base64");
    return nu_value_bytes(bytes, size);
}

static void add_to_file(struct parser *p, nu_upload *upload, const char *bytes, size_t length)
{
    int64_t limit = nu__max_file_memory(p->req->options);
    bool    memory = p->req->content_length <= limit && p->file_memory + (int64_t)length <= limit;
    if (memory && !nu__upload_has_file(upload))
        p->file_memory += (int64_t)length;
    nu__upload_add(upload, bytes, length, memory);
}

/* What is decoded goes with each piece, so that a file of any size needs little memory here too. */
static void add_base64(struct parser *p, nu_upload *upload, struct base64_rest *rest,
                       const char *piece, size_t length)
{
    nu_arena *arena = nu_arena_current(), *scratch = nu_arena_new(arena, "base64");
    nu_arena_enter(scratch);
    nu_value bytes = decode_piece(rest, piece, length);
    nu_arena_enter(arena);
    add_to_file(p, upload, bytes.text, bytes.length);
    nu_arena_free(scratch);
}

static void read_file(struct parser *p, const struct part *part)
{
    int max_files = nu__max_files(p->req->options);
    if (max_files >= 0 && ++p->files > max_files)
        nu_raise(NU_SUSPICIOUS, "the form has more than %d files", max_files);
    const char *name = nu_upload_safe_name(part->filename);
    if (name == NULL) {
        skip_part(p);
        return;
    }
    nu_upload *upload =
        nu__upload_start(name, part->content_type, part->charset, p->req->options->upload_folder);
    struct base64_rest rest = {.count = 0};
    const char        *piece;
    size_t             length;
    for (bool more = true; more;) {
        more = next_piece(p, &piece, &length);
        if (part->base64)
            add_base64(p, upload, &rest, piece, length);
        else
            add_to_file(p, upload, piece, length);
    }
    if (rest.count > 0)
        nu_raise(NU_BAD_REQUEST, "a file of the form is no base64");
    nu__upload_end(upload);
    nu__params_add(p->req->files, nu_value_text(part->name), nu_value_object(upload));
}

/* ---- the whole ------------------------------------------------------------------------------------------ */

static void set_boundary(struct parser *p, const char *boundary)
{
    static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  " '()+_,-./:=?";
    size_t            length = strlen(boundary);
    if (length == 0 || length > BOUNDARY_MAX || strspn(boundary, allowed) != length ||
        boundary[length - 1] == ' ')
        nu_raise(NU_BAD_REQUEST, "the form has no valid boundary");
    memcpy(p->delimiter, "\n--", 3);
    memcpy(p->delimiter + 3, boundary, length + 1);
    p->delimiter_length = length + 3;
}

/* The first delimiter needs no line break before it: one is put there. */
static void skip_preamble(struct parser *p)
{
    p->window[0] = '\n';
    p->end = 1;
    skip_part(p);
}

void nu__multipart_parse(nu_request *req, const char *boundary)
{
    struct parser *p = nu_alloc(sizeof *p);
    p->req = req;
    set_boundary(p, boundary);
    p->window = nu_arena_alloc(nu_arena_current(), WINDOW);
    skip_preamble(p);
    while (!p->ended) {
        struct part part = read_head(p);
        if (part.name == NULL)
            skip_nameless(p);
        else if (part.filename != NULL)
            read_file(p, &part);
        else
            read_text(p, &part);
    }
}
