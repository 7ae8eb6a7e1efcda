/* nu_digest(name, text), nu_reverse(text), nu_repeat(text, count) and nu_pad(text, length, fill,
 * left): what SQLite lacks of Django's functions on text. Lengths count code points. Callbacks run on
 * SQLite's frames: nothing is called here that raises. */
#include <string.h>

#include "db/sqlite/internal.h"
#include "nuages/crypto.h"

typedef struct text {
    const char *bytes;
    size_t      length;
} text;

static text text_of(sqlite3_value *value)
{
    const char *bytes = (const char *)sqlite3_value_text(value);
    return (text){bytes != NULL ? bytes : "", (size_t)sqlite3_value_bytes(value)};
}

static bool any_null(int count, sqlite3_value **args)
{
    for (int i = 0; i < count; i++) {
        if (sqlite3_value_type(args[i]) == SQLITE_NULL)
            return true;
    }
    return false;
}

static void digest(sqlite3_context *context, int count, sqlite3_value **args)
{
    static const char digits[] = "0123456789abcdef";
    nu_digest         kind;
    uint8_t           bytes[NU_DIGEST_MAX];
    char              hex[2 * NU_DIGEST_MAX];
    if (any_null(count, args))
        return;
    if (!nu_digest_try(text_of(args[0]).bytes, &kind)) {
        sqlite3_result_error(context, "unknown digest", -1);
        return;
    }
    text input = text_of(args[1]);
    nu_hash(kind, input.bytes, input.length, bytes);
    size_t size = nu_digest_size(kind);
    for (size_t i = 0; i < size; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    sqlite3_result_text(context, hex, (int)(2 * size), SQLITE_TRANSIENT);
}

/* A buffer for the result; NULL after an error was set. */
static char *room(sqlite3_context *context, uint64_t length)
{
    sqlite3 *handle = sqlite3_context_db_handle(context);
    if (length > (uint64_t)sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, -1)) {
        sqlite3_result_error_toobig(context);
        return NULL;
    }
    char *out = sqlite3_malloc64(length + 1);
    if (out == NULL)
        sqlite3_result_error_nomem(context);
    return out;
}

static void give(sqlite3_context *context, char *out, size_t length)
{
    sqlite3_result_text64(context, out, length, sqlite3_free, SQLITE_UTF8);
}

static void reverse(sqlite3_context *context, int count, sqlite3_value **args)
{
    if (any_null(count, args))
        return;
    text        input = text_of(args[0]);
    char       *out = room(context, input.length);
    const char *at = input.bytes, *end = input.bytes + input.length;
    char       *to = out + input.length;
    if (out == NULL)
        return;
    while (at < end) {
        const char *start = at;
        do
            at++;
        while (at < end && (*at & 0xc0) == 0x80);
        to -= at - start;
        memcpy(to, start, (size_t)(at - start));
    }
    give(context, out, input.length);
}

static void repeat(sqlite3_context *context, int count, sqlite3_value **args)
{
    if (any_null(count, args))
        return;
    text    input = text_of(args[0]);
    int64_t times = sqlite3_value_int64(args[1]);
    if (times < 0 || input.length == 0)
        times = 0;
    uint64_t length;
    if (__builtin_mul_overflow((uint64_t)times, (uint64_t)input.length, &length))
        length = UINT64_MAX - 1;
    char *out = room(context, length);
    if (out == NULL)
        return;
    for (int64_t i = 0; i < times; i++)
        memcpy(out + (size_t)i * input.length, input.bytes, input.length);
    give(context, out, length);
}

/* `count` code points of `fill`, over and over. */
static size_t put_fill(char *out, text fill, size_t count)
{
    size_t whole = nu_utf8_count(fill.bytes, fill.length), length = 0;
    for (; count >= whole; count -= whole) {
        memcpy(out + length, fill.bytes, fill.length);
        length += fill.length;
    }
    size_t rest = nu_utf8_offset(fill.bytes, fill.length, count);
    memcpy(out + length, fill.bytes, rest);
    return length + rest;
}

static void pad(sqlite3_context *context, int count, sqlite3_value **args)
{
    if (any_null(count, args))
        return;
    text    input = text_of(args[0]), fill = text_of(args[2]);
    int64_t wanted = sqlite3_value_int64(args[1]);
    bool    left = sqlite3_value_int(args[3]) != 0;
    int64_t have = (int64_t)nu_utf8_count(input.bytes, input.length);
    if (wanted < 0)
        wanted = 0;
    if (wanted <= have || fill.length == 0) {
        size_t kept = wanted < have ? nu_utf8_offset(input.bytes, input.length, (size_t)wanted)
                                    : input.length;
        sqlite3_result_text64(context, input.bytes, kept, SQLITE_TRANSIENT, SQLITE_UTF8);
        return;
    }
    uint64_t most;
    if (__builtin_mul_overflow((uint64_t)(wanted - have), (uint64_t)4, &most))
        most = UINT64_MAX / 2;
    char *out = room(context, most + input.length);
    if (out == NULL)
        return;
    size_t length = 0;
    if (!left) {
        memcpy(out, input.bytes, input.length);
        length = input.length;
    }
    length += put_fill(out + length, fill, (size_t)(wanted - have));
    if (left) {
        memcpy(out + length, input.bytes, input.length);
        length += input.length;
    }
    give(context, out, length);
}

int nu__sqlite_add_text_functions(sqlite3 *handle)
{
    static const struct {
        const char *name;
        int         args;
        void (*call)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        {"nu_digest", 2, digest},
        {"nu_reverse", 1, reverse},
        {"nu_repeat", 2, repeat},
        {"nu_pad", 4, pad},
    };
    int code = SQLITE_OK;
    for (size_t i = 0; code == SQLITE_OK && i < NU_COUNT(functions); i++)
        code = sqlite3_create_function_v2(handle, functions[i].name, functions[i].args,
                                          SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                          functions[i].call, NULL, NULL, NULL);
    return code;
}
