/* The name of an uploaded file comes from the client: only its last part is kept, and only what can be
 * seen of that. */
#include "nuages/upload.h"

#include <string.h>

#define NAME_MAX_LENGTH 255

/* Of HTML's named characters those that can hide a folder, a dot or a line break in a name, and the
 * everyday ones. Others stay as they were sent. */
static const struct {
    const char *name;
    uint32_t    code;
} entities[] = {
    {"amp", '&'},       {"AMP", '&'},      {"lt", '<'},       {"LT", '<'},       {"gt", '>'},
    {"GT", '>'},        {"quot", '"'},     {"QUOT", '"'},     {"apos", '\''},    {"sol", '/'},
    {"bsol", '\\'},     {"period", '.'},   {"colon", ':'},    {"NewLine", '\n'}, {"Tab", '\t'},
    {"nbsp", 0xA0},     {"lowbar", '_'},   {"UnderBar", '_'}, {"percnt", '%'},   {"num", '#'},
    {"hellip", 0x2026}, {"ndash", 0x2013}, {"mdash", 0x2014},
};

/* "#38" or "#x26" without the ampersand; 0 if it is none. *length is what was read. */
static uint32_t numeric(const char *at, size_t *length)
{
    bool        hex = at[1] == 'x' || at[1] == 'X';
    const char *digits = at + 1 + hex;
    size_t      count = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
    if (count == 0)
        return 0;
    *length = 1 + hex + count;
    uint32_t code = 0;
    for (size_t i = 0; i < count && code <= 0x10FFFF; i++) {
        uint32_t digit = digits[i] <= '9' ? digits[i] - '0' : (digits[i] | 0x20) - 'a' + 10;
        code = code * (hex ? 16 : 10) + digit;
    }
    bool valid = code != 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
    return valid ? code : 0xFFFD;
}

/* The character that the reference behind an ampersand stands for; 0 if it is none. */
static uint32_t reference(const char *at, size_t *length)
{
    if (*at == '#') {
        uint32_t code = numeric(at, length);
        *length += code != 0 && at[*length] == ';';
        return code;
    }
    for (size_t i = 0; i < NU_COUNT(entities); i++) {
        size_t size = strlen(entities[i].name);
        if (strncmp(at, entities[i].name, size) == 0 && at[size] == ';') {
            *length = size + 1;
            return entities[i].code;
        }
    }
    return 0;
}

static const char *unescaped(const char *name)
{
    nu_builder out;
    nu_builder_init(&out, NULL, strlen(name) + 1);
    while (*name != '\0') {
        size_t   length = 0;
        uint32_t code = *name == '&' ? reference(name + 1, &length) : 0;
        if (code == 0) {
            nu_builder_putc(&out, *name++);
            continue;
        }
        char bytes[4];
        nu_builder_add(&out, bytes, nu_utf8_put(bytes, code));
        name += length + 1;
    }
    return nu_builder_text(&out);
}

static const char *last_part(const char *path)
{
    for (const char *c = path; *c != '\0'; c++) {
        if (*c == '/' || *c == '\\')
            path = c + 1;
    }
    return path;
}

/* Control, format, private and space characters other than the plain space. */
static bool is_hidden(uint32_t code)
{
    static const struct {
        uint32_t from, to;
    } ranges[] = {
        {0, 0x1F},        {0x7F, 0xA0},       {0xAD, 0xAD},        {0x600, 0x605},
        {0x61C, 0x61C},   {0x6DD, 0x6DD},     {0x70F, 0x70F},      {0x1680, 0x1680},
        {0x180E, 0x180E}, {0x2000, 0x200F},   {0x2028, 0x202F},    {0x205F, 0x206F},
        {0x3000, 0x3000}, {0xD800, 0xF8FF},   {0xFEFF, 0xFEFF},    {0xFFF0, 0xFFFB},
        {0xFFFE, 0xFFFF}, {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF},
    };
    for (size_t i = 0; i < NU_COUNT(ranges); i++) {
        if (code >= ranges[i].from && code <= ranges[i].to)
            return true;
    }
    return false;
}

static const char *visible(const char *name)
{
    nu_builder out;
    nu_builder_init(&out, NULL, strlen(name) + 1);
    for (const char *at = name, *end = name + strlen(name); at < end;) {
        const char *from = at;
        if (!is_hidden(nu_utf8_next(&at, end)))
            nu_builder_add(&out, from, (size_t)(at - from));
    }
    return nu_builder_text(&out);
}

/* File systems take 255 bytes; Django counts characters, and so do we, keeping the ending. */
static const char *shortened(const char *name)
{
    size_t length = strlen(name), count = nu_utf8_count(name, length);
    if (count <= NAME_MAX_LENGTH)
        return name;
    const char *dot = strrchr(name, '.');
    if (dot == NULL || dot == name)
        dot = name + length;
    size_t ending = nu_utf8_count(dot, strlen(dot));
    if (ending > NAME_MAX_LENGTH)
        ending = NAME_MAX_LENGTH;
    size_t stem = nu_utf8_offset(name, length, NAME_MAX_LENGTH - ending);
    return nu_fmt("%.*s%.*s", (int)stem, name, (int)nu_utf8_offset(dot, strlen(dot), ending), dot);
}

const char *nu_upload_safe_name(const char *sent)
{
    const char *name = visible(last_part(unescaped(sent)));
    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return NULL;
    return shortened(name);
}
