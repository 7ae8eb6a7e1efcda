#include "url/internal.h"

#include "nuages/random.h"

#include <string.h>

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_slug(uint8_t byte)
{
    uint8_t letter = byte | 0x20;
    return (letter >= 'a' && letter <= 'z') || is_digit(byte) || byte == '-' || byte == '_';
}

static bool is_no_slash(uint8_t byte)
{
    return byte != '/';
}

static bool is_no_newline(uint8_t byte)
{
    return byte != '\n';
}

static bool is_uuid(const char *text)
{
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = is_digit((uint8_t)text[i]) || (text[i] >= 'a' && text[i] <= 'f');
        if (dash ? text[i] != '-' : !hex)
            return false;
    }
    return true;
}

/* A number beyond 64 bits matches no route: no view could take it. */
static bool int_value(const char *text, size_t length, nu_value *out)
{
    int64_t number;
    if (!nu_parse_int(text, length, &number))
        return false;
    *out = nu_value_int(number);
    return true;
}

static bool uuid_value(const char *text, size_t length, nu_value *out)
{
    nu_uuid uuid;
    if (!nu_uuid_try(text, length, &uuid))
        return false;
    *out = nu_value_uuid(uuid);
    return true;
}

static const nu__builtin builtins[] = {
    {{"int", "[0-9]+", int_value, NULL}, is_digit, 0, NULL},
    {{"path", ".+", NULL, NULL}, is_no_newline, 0, NULL},
    {{"slug", "[-a-zA-Z0-9_]+", NULL, NULL}, is_slug, 0, NULL},
    {{"str", "[^/]+", NULL, NULL}, is_no_slash, 0, NULL},
    {{"uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", uuid_value, NULL},
     NULL,
     36,
     is_uuid},
};

const nu_converter *nu__converter_find(const nu__scope *scope, const char *name,
                                       const nu__builtin **builtin)
{
    *builtin = NULL;
    for (; scope != NULL; scope = scope->outer) {
        for (const nu_converter *const *own = scope->converters; *own != NULL; own++) {
            if (strcmp((*own)->name, name) == 0)
                return *own;
        }
    }
    for (size_t i = 0; i < NU_COUNT(builtins); i++) {
        if (strcmp(builtins[i].converter.name, name) == 0) {
            *builtin = &builtins[i];
            return &builtins[i].converter;
        }
    }
    return NULL;
}

const char *const *nu__converter_names(const nu__scope *scope)
{
    size_t count = NU_COUNT(builtins), at = 0;
    for (const nu__scope *s = scope; s != NULL; s = s->outer) {
        for (const nu_converter *const *own = s->converters; *own != NULL; own++)
            count++;
    }
    const char **names = nu_arena_array(nu_arena_current(), count + 1, sizeof *names);
    for (; scope != NULL; scope = scope->outer) {
        for (const nu_converter *const *own = scope->converters; *own != NULL; own++)
            names[at++] = (*own)->name;
    }
    for (size_t i = 0; i < NU_COUNT(builtins); i++)
        names[at++] = builtins[i].converter.name;
    return names;
}
