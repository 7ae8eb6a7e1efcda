/* The values of the cases. */
#include <stdlib.h>
#include <string.h>

#include "nuages/crypto.h"
#include "nuages/random.h"
#include "nuages/upload.h"
#include "web.h"

const char *nu__web_text(const nu_dict *line, const char *key, const char *fallback)
{
    nu_value value = nu_dict_get(line, key);
    return nu_is_null(value) ? fallback : nu_text(value);
}

bool nu__web_flag(const nu_dict *line, const char *key)
{
    return nu_truth(nu_dict_get(line, key));
}

int64_t nu__web_int(const nu_dict *line, const char *key, int64_t fallback)
{
    nu_value value = nu_dict_get(line, key);
    return nu_is_null(value) ? fallback : nu_int(value);
}

nu_dict *nu__web_dict(const nu_dict *line, const char *key)
{
    nu_value value = nu_dict_get(line, key);
    return value.type == NU_DICT ? value.dict : nu_dict_new();
}

nu_list *nu__web_list(const nu_dict *line, const char *key)
{
    nu_value value = nu_dict_get(line, key);
    return value.type == NU_LIST ? value.list : nu_list_new();
}

const char *const *nu__web_texts(const nu_dict *line, const char *key)
{
    nu_value value = nu_dict_get(line, key);
    if (value.type != NU_LIST)
        return NULL;
    const char **texts = nu_arena_array(nu_arena_current(), value.list->count + 1, sizeof *texts);
    for (uint32_t i = 0; i < value.list->count; i++)
        texts[i] = value.list->items[i].text;
    return texts;
}

/* ---- values that JSON lacks ----------------------------------------------------------------------------- */

static nu_value from_base64(nu_value text)
{
    uint8_t *bytes;
    size_t   length;
    if (!nu_base64_decode(text.text, text.length, NU_BASE64, &bytes, &length))
        nu_raise(NU_VALUE_ERROR, "bad base64 in a case");
    return nu_value_bytes(bytes, length);
}

static nu_value repeated(nu_value pieces)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 1024);
    for (uint32_t i = 0; i < pieces.list->count; i++) {
        const nu_list *piece = pieces.list->items[i].list;
        nu_value       bytes = from_base64(piece->items[0]);
        for (int64_t n = nu_int(piece->items[1]); n > 0; n--)
            nu_builder_add(&out, bytes.bytes, bytes.length);
    }
    nu_value text = nu_builder_value(&out);
    return nu_value_bytes(text.text, text.length);
}

static nu_value datetime_of(nu_value text)
{
    nu_datetime moment;
    if (!nu_datetime_try(text.text, text.length, &moment))
        nu_raise(NU_VALUE_ERROR, "bad datetime in a case");
    return nu_value_datetime(moment);
}

static nu_value date_of(nu_value text)
{
    nu_date date;
    if (!nu_date_try(text.text, text.length, &date))
        nu_raise(NU_VALUE_ERROR, "bad date in a case");
    return nu_value_date(date);
}

static nu_value time_of(nu_value text)
{
    nu_time time;
    if (!nu_time_try(text.text, text.length, &time))
        nu_raise(NU_VALUE_ERROR, "bad time in a case");
    return nu_value_time(time);
}

static nu_value uuid_of(nu_value text)
{
    nu_uuid uuid;
    if (!nu_uuid_try(text.text, text.length, &uuid))
        nu_raise(NU_VALUE_ERROR, "bad uuid in a case");
    return nu_value_uuid(uuid);
}

static nu_value duration_of(nu_value us)
{
    int64_t number;
    return nu_int_try(us, &number) ? nu_value_duration(nu_duration_of(number)) : us; /* beyond ours */
}

/* Beyond JSON's safe range, and at times beyond 64 bits. */
static nu_value int_of(nu_value text)
{
    int64_t number;
    return nu_parse_int(text.text, text.length, &number)
               ? nu_value_int(number)
               : nu_value_decimal(nu_decimal_get(text.text));
}

static nu_value decimal_of(nu_value text)
{
    return nu_value_decimal(nu_decimal_get(text.text));
}

static nu_value float_of(nu_value text)
{
    return nu_value_float(strtod(nu_text(text), NULL));
}

static nu_value safe_of(nu_value text)
{
    return nu_value_safe(text.text);
}

static nu_value upload_of(nu_value file)
{
    nu_value bytes = from_base64(nu_dict_get(file.dict, "b64"));
    return NU_V(nu_upload_new(nu__web_text(file.dict, "name", ""), nu__web_text(file.dict, "content_type", ""),
                              bytes.bytes, bytes.length));
}

static const struct {
    const char *key;
    nu_value (*decode)(nu_value value);
} forms[] = {
    {"$b64", from_base64},
    {"$repeat", repeated},
    {"$datetime", datetime_of},
    {"$date", date_of},
    {"$time", time_of},
    {"$uuid", uuid_of},
    {"$duration_us", duration_of},
    {"$decimal", decimal_of},
    {"$int", int_of},
    {"$float", float_of},
    {"$safe", safe_of},
    {"$file", upload_of},
};

static nu_value decode_dict(const nu_dict *dict)
{
    nu_entry *only = nu_dict_count(dict) == 1 ? nu_dict_next(dict, NULL) : NULL;
    for (size_t i = 0; only != NULL && i < NU_COUNT(forms); i++) {
        if (strcmp(only->key.text, forms[i].key) == 0)
            return forms[i].decode(only->value);
    }
    nu_dict *decoded = nu_dict_new();
    for (nu_entry *e = NULL; (e = nu_dict_next(dict, e)) != NULL;)
        nu_dict_put(decoded, e->key, nu__web_decode(e->value));
    return nu_value_dict(decoded);
}

nu_value nu__web_decode(nu_value value)
{
    if (value.type == NU_DICT)
        return decode_dict(value.dict);
    if (value.type != NU_LIST)
        return value;
    nu_list *decoded = nu_list_new();
    for (uint32_t i = 0; i < value.list->count; i++)
        nu_list_push(decoded, nu__web_decode(value.list->items[i]));
    return nu_value_list(decoded);
}

nu_value nu__web_content(nu_value content)
{
    bool   is_text = content.type == NU_TEXT;
    size_t length = is_text ? nu_utf8_count(content.text, content.length) : content.length;
    if (length < 2000)
        return content;
    uint8_t digest[NU_DIGEST_MAX];
    nu_hash(NU_SHA1, content.text, content.length, digest);
    nu_dict *dict = nu_dict_of("$sha1", nu_hex(digest, nu_digest_size(NU_SHA1)));
    if (is_text)
        nu_dict_set(dict, "length", (int64_t)length);
    return nu_value_dict(dict);
}

nu_value nu__web_sorted(nu_value pairs)
{
    nu_list *sorted = nu_list_new();
    for (uint32_t i = 0; i < pairs.list->count; i++) {
        nu_list_push(sorted, pairs.list->items[i]);
        for (uint32_t at = sorted->count - 1; at > 0; at--) {
            nu_value *here = &sorted->items[at], *before = here - 1, moved = *here;
            int       order;
            nu_value  a = here->type == NU_LIST ? here->list->items[0] : *here;
            nu_value  b = before->type == NU_LIST ? before->list->items[0] : *before;
            if (!nu_compare_try(a, b, &order) || order >= 0)
                break;
            *here = *before;
            *before = moved;
        }
    }
    return nu_value_list(sorted);
}
