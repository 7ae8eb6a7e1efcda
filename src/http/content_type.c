/* Content types by the ending of a file's name. */
#include "nuages/response.h"

#include <string.h>
#include <strings.h>

struct type {
    const char *ending, *type;
};

/* clang-format off */
static const struct type types[] = {
    {"7z",    "application/x-7z-compressed"},
    {"aac",   "audio/aac"},
    {"avif",  "image/avif"},
    {"avi",   "video/x-msvideo"},
    {"bin",   "application/octet-stream"},
    {"bmp",   "image/bmp"},
    {"css",   "text/css"},
    {"csv",   "text/csv"},
    {"doc",   "application/msword"},
    {"docx",  "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"eot",   "application/vnd.ms-fontobject"},
    {"epub",  "application/epub+zip"},
    {"flac",  "audio/flac"},
    {"gif",   "image/gif"},
    {"htm",   "text/html"},
    {"html",  "text/html"},
    {"ico",   "image/vnd.microsoft.icon"},
    {"ics",   "text/calendar"},
    {"jpeg",  "image/jpeg"},
    {"jpg",   "image/jpeg"},
    {"js",    "text/javascript"},
    {"json",  "application/json"},
    {"jsonld", "application/ld+json"},
    {"m4a",   "audio/mp4"},
    {"map",   "application/json"},
    {"md",    "text/markdown"},
    {"mjs",   "text/javascript"},
    {"mov",   "video/quicktime"},
    {"mp3",   "audio/mpeg"},
    {"mp4",   "video/mp4"},
    {"mpeg",  "video/mpeg"},
    {"odp",   "application/vnd.oasis.opendocument.presentation"},
    {"ods",   "application/vnd.oasis.opendocument.spreadsheet"},
    {"odt",   "application/vnd.oasis.opendocument.text"},
    {"oga",   "audio/ogg"},
    {"ogg",   "audio/ogg"},
    {"ogv",   "video/ogg"},
    {"otf",   "font/otf"},
    {"pdf",   "application/pdf"},
    {"png",   "image/png"},
    {"ppt",   "application/vnd.ms-powerpoint"},
    {"pptx",  "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"ps",    "application/postscript"},
    {"py",    "text/x-python"},
    {"rtf",   "application/rtf"},
    {"svg",   "image/svg+xml"},
    {"tar",   "application/x-tar"},
    {"tif",   "image/tiff"},
    {"tiff",  "image/tiff"},
    {"ttf",   "font/ttf"},
    {"txt",   "text/plain"},
    {"vcf",   "text/x-vcard"},
    {"vtt",   "text/vtt"},
    {"wasm",  "application/wasm"},
    {"wav",   "audio/x-wav"},
    {"weba",  "audio/webm"},
    {"webm",  "video/webm"},
    {"webmanifest", "application/manifest+json"},
    {"webp",  "image/webp"},
    {"woff",  "font/woff"},
    {"woff2", "font/woff2"},
    {"xhtml", "application/xhtml+xml"},
    {"xls",   "application/vnd.ms-excel"},
    {"xlsx",  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"xml",   "text/xml"},
    {"yaml",  "application/yaml"},
    {"yml",   "application/yaml"},
    {"zip",   "application/zip"},
};

static const struct type encodings[] = {
    {"br", "br"}, {"bz2", "bzip2"}, {"gz", "gzip"}, {"xz", "xz"},
};
/* clang-format on */

/* The value for the ending of `length` bytes; NULL if it is unknown. */
static const char *find(const struct type *table, size_t count, const char *ending, size_t length)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(table[i].ending) == length && strncasecmp(table[i].ending, ending, length) == 0)
            return table[i].type;
    }
    return NULL;
}

/* Where the last ending before `end` starts; NULL if there is none. A dot at the start of a name hides
 * the file and starts no ending. */
static const char *ending_before(const char *name, const char *end)
{
    const char *dot = memrchr(name, '.', (size_t)(end - name));
    if (dot == NULL || dot == name || dot[-1] == '/')
        return NULL;
    return memchr(dot, '/', (size_t)(end - dot)) == NULL ? dot + 1 : NULL;
}

const char *nu_content_type_of(const char *filename, const char **encoding)
{
    const char *end = filename + strlen(filename), *ending = ending_before(filename, end);
    const char *packed = NULL, *type = NULL;
    if (ending != NULL)
        packed = find(encodings, NU_COUNT(encodings), ending, (size_t)(end - ending));
    if (packed != NULL) {
        end = ending - 1;
        ending = ending_before(filename, end);
    }
    if (ending != NULL)
        type = find(types, NU_COUNT(types), ending, (size_t)(end - ending));
    if (encoding != NULL)
        *encoding = packed;
    return type != NULL ? type : "application/octet-stream";
}
