#include "nuages/header.h"

#include "base/ascii.h"
#include "http/decode.h"
#include "http/internal.h"
#include "nuages/uri.h"

#include <string.h>
#include <strings.h>

/* ---- names and their numbers ---------------------------------------------------------------------- */

static const struct {
    const char *name;
    size_t      length;
} known[NU_HEADER_COUNT] = {[NU_HEADER_OTHER] = {"", 0},
#define X(symbol, name) [NU_HEADER_##symbol] = {name, sizeof name - 1},
                            NU_HEADER_LIST(X)
#undef X
};

/* A perfect hash: no two known names share a slot, so that one comparison decides. The factors were
 * found by trying; test_header shows whether they still do after a name was added. */
#define SLOTS 128

static unsigned slot_of(const char *name, size_t length)
{
    unsigned first = (uint8_t)name[0] | 0x20u, middle = (uint8_t)name[length / 2] | 0x20u;
    unsigned near_last = (uint8_t)name[length - 2] | 0x20u;
    return ((unsigned)length * 117 + first * 252 + near_last * 221 + middle * 133) % SLOTS;
}

/* clang-format off */
static const uint8_t slots[SLOTS] = {
    [0] = NU_HEADER_IF_UNMODIFIED_SINCE,    [1] = NU_HEADER_X_CONTENT_TYPE_OPTIONS,
    [3] = NU_HEADER_CONTENT_DISPOSITION,    [8] = NU_HEADER_X_FORWARDED_FOR,
    [15] = NU_HEADER_LOCATION,              [17] = NU_HEADER_WWW_AUTHENTICATE,
    [18] = NU_HEADER_RANGE,                 [20] = NU_HEADER_CONTENT_RANGE,
    [21] = NU_HEADER_REFERER,               [22] = NU_HEADER_SET_COOKIE,
    [25] = NU_HEADER_USER_AGENT,            [26] = NU_HEADER_EXPECT,
    [27] = NU_HEADER_FORWARDED,             [29] = NU_HEADER_LAST_MODIFIED,
    [32] = NU_HEADER_VARY,                  [33] = NU_HEADER_TRAILER,
    [37] = NU_HEADER_IF_MODIFIED_SINCE,     [39] = NU_HEADER_CACHE_CONTROL,
    [41] = NU_HEADER_KEEP_ALIVE,            [42] = NU_HEADER_ORIGIN,
    [43] = NU_HEADER_X_FORWARDED_HOST,      [44] = NU_HEADER_DATE,
    [51] = NU_HEADER_CONTENT_ENCODING,      [52] = NU_HEADER_ALLOW,
    [55] = NU_HEADER_TE,                    [58] = NU_HEADER_HOST,
    [61] = NU_HEADER_IF_NONE_MATCH,         [68] = NU_HEADER_REFERRER_POLICY,
    [70] = NU_HEADER_ACCEPT_ENCODING,       [72] = NU_HEADER_CONNECTION,
    [73] = NU_HEADER_AGE,                   [75] = NU_HEADER_CONTENT_LANGUAGE,
    [76] = NU_HEADER_TRANSFER_ENCODING,     [77] = NU_HEADER_AUTHORIZATION,
    [78] = NU_HEADER_X_FORWARDED_PORT,      [81] = NU_HEADER_RETRY_AFTER,
    [82] = NU_HEADER_X_FRAME_OPTIONS,       [84] = NU_HEADER_IF_RANGE,
    [85] = NU_HEADER_SEC_WEBSOCKET_KEY,     [86] = NU_HEADER_X_CSRFTOKEN,
    [88] = NU_HEADER_X_REQUESTED_WITH,      [93] = NU_HEADER_EXPIRES,
    [94] = NU_HEADER_ACCEPT_LANGUAGE,       [95] = NU_HEADER_CONTENT_LENGTH,
    [96] = NU_HEADER_IF_MATCH,              [98] = NU_HEADER_ETAG,
    [99] = NU_HEADER_ACCEPT,                [100] = NU_HEADER_CONTENT_TYPE,
    [109] = NU_HEADER_UPGRADE,              [110] = NU_HEADER_COOKIE,
    [113] = NU_HEADER_SERVER,               [117] = NU_HEADER_STRICT_TRANSPORT_SECURITY,
    [120] = NU_HEADER_CROSS_ORIGIN_OPENER_POLICY,
    [125] = NU_HEADER_X_FORWARDED_PROTO,    [127] = NU_HEADER_ACCEPT_RANGES,
};
/* clang-format on */

nu_header_id nu_header_id_of(const char *name, size_t length)
{
    if (length < 2)
        return NU_HEADER_OTHER;
    nu_header_id id = slots[slot_of(name, length)];
    bool same = known[id].length == length && strncasecmp(known[id].name, name, length) == 0;
    return same ? id : NU_HEADER_OTHER;
}

const char *nu_header_id_name(nu_header_id id)
{
    return known[id].name;
}

/* ---- the list --------------------------------------------------------------------------------------- */

void nu_headers_init(nu_headers *headers, nu_arena *arena)
{
    memset(headers, 0, sizeof *headers);
    headers->arena = arena;
}

static bool is_named(const nu_header *header, nu_header_id id, const char *name, size_t length)
{
    if (id != NU_HEADER_OTHER)
        return header->id == id;
    return header->id == NU_HEADER_OTHER && header->name_length == length &&
           strncasecmp(header->name, name, length) == 0;
}

const nu_header *nu__headers_find(const nu_headers *headers, nu_header_id id, const char *name,
                                  size_t length)
{
    if (id != NU_HEADER_OTHER)
        return nu_headers_at(headers, id);
    for (uint32_t i = 0; i < headers->count; i++) {
        if (is_named(&headers->items[i], id, name, length))
            return &headers->items[i];
    }
    return NULL;
}

const nu_header *nu_headers_find_n(const nu_headers *headers, const char *name, size_t length)
{
    return nu__headers_find(headers, nu_header_id_of(name, length), name, length);
}

const nu_header *nu_headers_find(const nu_headers *headers, const char *name)
{
    return nu_headers_find_n(headers, name, strlen(name));
}

const char *nu_headers_value(const nu_headers *headers, const char *name)
{
    const nu_header *header = nu_headers_find(headers, name);
    return header != NULL ? header->value : NULL;
}

static void make_room(nu_headers *headers)
{
    uint32_t capacity = headers->capacity > 0 ? headers->capacity * 2 : 16;
    headers->items =
        nu_arena_grow(headers->arena, headers->items, headers->capacity * sizeof(nu_header),
                      capacity * sizeof(nu_header));
    headers->capacity = capacity;
}

void nu__headers_append(nu_headers *headers, const nu_header *field)
{
    if (headers->count == headers->capacity)
        make_room(headers);
    headers->items[headers->count++] = *field;
    nu_header_id id = field->id;
    if (id != NU_HEADER_OTHER && headers->first[id] == 0 && headers->count <= UINT16_MAX)
        headers->first[id] = (uint16_t)headers->count;
}

void nu_headers_add_borrowed(nu_headers *headers, const char *name, size_t name_length,
                             const char *value, size_t value_length)
{
    nu_header field = {
        .name = name,
        .value = value,
        .name_length = (uint32_t)name_length,
        .value_length = (uint32_t)value_length,
        .id = (uint16_t)nu_header_id_of(name, name_length),
    };
    nu__headers_append(headers, &field);
}

/* Bytes of a token (RFC 9110 5.6.2), a bit each. */
static bool is_token(const char *name, size_t length)
{
    static const uint32_t token[8] = {
        0, 0x03FF6CFA, /* ! # $ % & ' * + - . 0-9 */
        0xC7FFFFFE,    /* A-Z ^ _ */
        0x57FFFFFF,    /* ` a-z | ~ */
    };
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = (uint8_t)name[i];
        if ((token[byte / 32] >> byte % 32 & 1) == 0)
            return false;
    }
    return length > 0;
}

static void check_value(const char *name, const char *value, size_t value_length)
{
    if (memchr(value, '\n', value_length) != NULL || memchr(value, '\r', value_length) != NULL)
        nu_raise(NU_VALUE_ERROR, "the value of header \"%s\" has a line break", name);
}

static void check_field(const char *name, size_t name_length, const char *value,
                        size_t value_length)
{
    if (!is_token(name, name_length))
        nu_raise(NU_VALUE_ERROR, "\"%s\" is no name of a header", name);
    check_value(name, value, value_length);
}

void nu_headers_add(nu_headers *headers, const char *name, const char *value)
{
    size_t name_length = strlen(name), value_length = strlen(value);
    check_field(name, name_length, value, value_length);
    nu_headers_add_borrowed(headers, nu_arena_copy(headers->arena, name, name_length), name_length,
                            nu_arena_copy(headers->arena, value, value_length), value_length);
}

nu_header nu_header_of(nu_header_id id, const char *value)
{
    size_t length = strlen(value);
    check_value(known[id].name, value, length);
    return (nu_header){
        .name = known[id].name,
        .value = value,
        .name_length = (uint32_t)known[id].length,
        .value_length = (uint32_t)length,
        .id = (uint16_t)id,
    };
}

void nu_headers_default_field(nu_headers *headers, const nu_header *field)
{
    if (headers->first[field->id] == 0)
        nu__headers_append(headers, field);
}

void nu_headers_default_at(nu_headers *headers, nu_header_id id, const char *value)
{
    if (headers->first[id] != 0)
        return;
    nu_header field = nu_header_of(id, value);
    nu__headers_append(headers, &field);
}

static void index_again(nu_headers *headers)
{
    memset(headers->first, 0, sizeof headers->first);
    for (uint32_t i = 0; i < headers->count; i++) {
        uint16_t id = headers->items[i].id;
        if (id != NU_HEADER_OTHER && headers->first[id] == 0)
            headers->first[id] = (uint16_t)(i + 1);
    }
}

bool nu_headers_remove(nu_headers *headers, const char *name)
{
    size_t       length = strlen(name);
    nu_header_id id = nu_header_id_of(name, length);
    if (id != NU_HEADER_OTHER && headers->first[id] == 0)
        return false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < headers->count; i++) {
        if (!is_named(&headers->items[i], id, name, length))
            headers->items[kept++] = headers->items[i];
    }
    bool removed = kept != headers->count;
    headers->count = kept;
    if (removed)
        index_again(headers);
    return removed;
}

/* Removes those of the name behind the first. */
static void remove_others(nu_headers *headers, const nu_header *first)
{
    nu_header kept = *first;
    size_t    place = (size_t)(first - headers->items);
    uint32_t  count = 0;
    for (uint32_t i = 0; i < headers->count; i++)
        count += is_named(&headers->items[i], kept.id, kept.name, kept.name_length);
    if (count == 1)
        return;
    nu_headers_remove(headers, kept.name);
    memmove(headers->items + place + 1, headers->items + place,
            (headers->count - place) * sizeof(nu_header));
    headers->items[place] = kept;
    headers->count++;
    index_again(headers);
}

void nu_headers_set(nu_headers *headers, const char *name, const char *value)
{
    size_t     name_length = strlen(name), value_length = strlen(value);
    nu_header *found = (nu_header *)(uintptr_t)nu_headers_find_n(headers, name, name_length);
    if (found == NULL) {
        nu_headers_add(headers, name, value);
        return;
    }
    check_field(name, name_length, value, value_length);
    found->value_length = (uint32_t)value_length;
    found->value = nu_arena_copy(headers->arena, value, value_length);
    remove_others(headers, found);
}

/* ---- parameters of a value ---------------------------------------------------------------------------- */

/* Where the parameter that starts at `at` ends: at a ";" outside quotes, or with the text. */
static const char *parameter_end(const char *at)
{
    bool quoted = false;
    for (const char *c = at; *c != '\0'; c++) {
        if (*c == '"' && (c == at || c[-1] != '\\'))
            quoted = !quoted;
        else if (*c == ';' && !quoted)
            return c;
    }
    return at + strlen(at);
}

static nu_value unquoted(const char *at, const char *end)
{
    if (end - at < 2 || *at != '"' || end[-1] != '"')
        return nu_value_text_copy(at, (size_t)(end - at));
    nu_builder text;
    nu_builder_init(&text, NULL, (size_t)(end - at));
    for (at++, end--; at < end; at++) {
        if (*at == '\\' && at + 1 < end && (at[1] == '\\' || at[1] == '"'))
            at++;
        nu_builder_putc(&text, *at);
    }
    return nu_builder_value(&text);
}

/* "utf-8'en'na%C3%AFve" (RFC 2231); text without exactly two quotes stays as it is. */
static nu_value extended(nu_value value)
{
    const char *first = memchr(value.text, '\'', value.length);
    const char *second = first != NULL ? strchr(first + 1, '\'') : NULL;
    if (second == NULL || strchr(second + 1, '\'') != NULL)
        return value;
    size_t      length;
    char       *bytes = nu_uri_unquote(second + 1, strlen(second + 1), false, &length);
    const char *charset =
        nu__lower_copy(nu_arena_current(), value.text, (size_t)(first - value.text));
    bool latin = strcmp(charset, "iso-8859-1") == 0 || strcmp(charset, "latin-1") == 0;
    return latin ? nu__latin1(bytes, length) : nu__utf8_replace(bytes, length);
}

static void add_parameter(nu_dict *params, const char *at, const char *end)
{
    const char *equals = memchr(at, '=', (size_t)(end - at));
    if (equals == NULL)
        return;
    const char *name_end = equals, *value = equals + 1;
    nu__trim(&at, &name_end);
    nu__trim(&value, &end);
    bool     star = name_end > at && name_end[-1] == '*';
    char    *name = nu__lower_copy(nu_arena_current(), at, (size_t)(name_end - at) - star);
    nu_value text = unquoted(value, end);
    nu_dict_put(params, nu_value_text(name), star ? extended(text) : text);
}

const char *nu_header_params(const char *line, nu_dict **params)
{
    nu_dict    *found = params != NULL ? nu_dict_new() : NULL;
    const char *end = parameter_end(line), *at = line, *value_end = end;
    nu__trim(&at, &value_end);
    const char *value = nu__lower_copy(nu_arena_current(), at, (size_t)(value_end - at));
    while (*end == ';') {
        at = end + 1;
        end = parameter_end(at);
        const char *from = at, *to = end;
        nu__trim(&from, &to);
        if (found != NULL)
            add_parameter(found, from, to);
    }
    if (params != NULL)
        *params = found;
    return value;
}
