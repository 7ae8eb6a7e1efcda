/* Words of tags that are more than expressions: key=value, relative template names. */
#include <string.h>

#include "template/parser.h"

bool nu__split_keyword(nu_word word, nu_word *key, nu_word *value)
{
    uint32_t length = (uint32_t)nu__name_length(word.text, word.text + word.length, false);
    if (length == 0 || length + 1 >= word.length || word.text[length] != '=')
        return false;
    *key = (nu_word){.text = word.text, .length = length};
    *value = (nu_word){.text = word.text + length + 1, .length = word.length - length - 1};
    return true;
}

void nu__add_keyword(nu_parser *parser, nu_keywords *keywords, nu_word key, nu_word value)
{
    nu_name  name = nu__parse_name(parser, key);
    uint32_t i = 0;
    while (i < keywords->count && !nu__name_equal(&keywords->names[i], &name))
        i++;
    keywords->names[i] = name;
    keywords->values[i] = nu__parse_expression(parser, value);
    keywords->count += i == keywords->count;
}

/* "value as key and value as key" */
static void parse_legacy(nu_parser *parser, const nu_tag *tag, size_t *at, nu_keywords *out)
{
    while (nu__tag_word_is(tag, *at + 1, "as") && *at + 2 < tag->words.count) {
        nu__add_keyword(parser, out, tag->words.items[*at + 2], tag->words.items[*at]);
        *at += 3;
        if (!nu__tag_word_is(tag, *at, "and"))
            return;
        ++*at;
    }
}

nu_keywords nu__parse_keywords(nu_parser *parser, const nu_tag *tag, size_t *at, bool legacy)
{
    size_t      most = tag->words.count > *at ? tag->words.count - *at : 0;
    nu_keywords keywords = {
        .names = nu_arena_array(parser->arena, most, sizeof *keywords.names),
        .values = nu_arena_array(parser->arena, most, sizeof(nu_expression *)),
    };
    nu_word key, value;
    if (legacy && !nu__split_keyword(nu__tag_word(tag, *at), &key, &value))
        parse_legacy(parser, tag, at, &keywords);
    else
        for (; nu__split_keyword(nu__tag_word(tag, *at), &key, &value); ++*at)
            nu__add_keyword(parser, &keywords, key, value);
    return keywords;
}

const char *nu__words_repr(nu_parser *parser, nu_words words)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < words.count; i++)
        nu_list_add(list, nu__parse_text(parser, words.items[i]));
    return nu_text(nu_repr(nu_value_list(list)));
}

void nu__require_as(nu_parser *parser, const nu_tag *tag, size_t count)
{
    if (tag->words.count != count || !nu__tag_word_is(tag, count - 2, "as"))
        nu__syntax_error(parser, "'%.*s' requires 'as variable' (got %s)",
                         (int)tag->words.items[0].length, tag->words.items[0].text,
                         nu__words_repr(parser, tag->words));
}

const char *nu__quoted(const char *text)
{
    return nu_text(nu_repr(nu_value_text(text)));
}

/* ---- relative names ---------------------------------------------------------------------------------- */

/* Joins folder and name and takes out "." and ".."; leading ".." stay. */
static char *join(const char *folder, size_t folder_length, const char *name)
{
    char *path = nu_alloc(folder_length + strlen(name) + 2);
    memcpy(path, folder, folder_length);
    size_t length = folder_length;
    for (const char *part = name, *end; *part; part = *end ? end + 1 : end) {
        end = strchrnul(part, '/');
        size_t size = (size_t)(end - part);
        bool   up = size == 2 && part[0] == '.' && part[1] == '.';
        bool   above = length >= 2 && memcmp(path + length - 2, "..", 2) == 0;
        if (size == 0 || (size == 1 && part[0] == '.'))
            continue;
        if (up && length > 0 && !above) {
            const char *slash = memrchr(path, '/', length);
            length = slash ? (size_t)(slash - path) : 0;
            continue;
        }
        if (length > 0)
            path[length++] = '/';
        memcpy(path + length, part, size);
        length += size;
    }
    path[length] = '\0';
    return path;
}

const char *nu__relative_name(const char *current, const char *name, const char *shown,
                              bool recursion)
{
    if (!nu_starts_with(name, "./") && !nu_starts_with(name, "../"))
        return NULL;
    if (!current)
        nu_raise(NU_TEMPLATE_SYNTAX,
                 "The relative path %s cannot be evaluated due to an unknown "
                 "template origin.",
                 shown);
    const char *slash = strrchr(current, '/');
    const char *path = join(current, slash ? (size_t)(slash - current) : 0, name);
    if (nu_starts_with(path, "../"))
        nu_raise(NU_TEMPLATE_SYNTAX,
                 "The relative path '%s' points outside the file hierarchy "
                 "that template '%s' is in.",
                 shown, current);
    if (!recursion && strcmp(path, current) == 0)
        nu_raise(NU_TEMPLATE_SYNTAX,
                 "The relative path '%s' was translated to template name '%s', "
                 "the same template in which the tag appears.",
                 shown, current);
    return path;
}

const char *nu__relative_word(nu_parser *parser, nu_word word, bool recursion)
{
    if (word.length < 2 || nu__quoted_length(word.text, word.text + word.length) != word.length)
        return NULL;
    const char *inner = nu_arena_copy(nu_arena_current(), word.text + 1, word.length - 2);
    const char *shown = nu_arena_copy(nu_arena_current(), word.text, word.length);
    return nu_arena_text(parser->arena,
                         nu__relative_name(parser->tree->name, inner, shown, recursion));
}
