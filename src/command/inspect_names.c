/* Names for C and for models, out of names that a database allows. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "command/inspect.h"
#include "nuages/text.h"

/* Words that cannot be a member or tag: C's own, macros of the compilers and of the C library, tags that headers
 * declare, and what models have a meaning for. */
static const char *const reserved[] = {
    "alignas",  "alignof",  "and",          "asm",           "assert",   "auto",  "bool",
    "break",    "case",     "char",         "class",         "complex",  "const", "constexpr",
    "continue", "default",  "do",           "double",        "elif",     "else",  "enum",
    "errno",    "extern",   "false",        "float",         "for",      "goto",  "group",
    "i386",     "if",       "imaginary",    "inline",        "int",      "linux", "long",
    "noreturn", "not",      "nullptr",      "offsetof",      "option",   "or",    "passwd",
    "pk",       "register", "restrict",     "return",        "row",      "short", "signed",
    "sizeof",   "stat",     "static",       "static_assert", "stderr",   "stdin", "stdout",
    "struct",   "switch",   "thread_local", "timespec",      "timeval",  "tm",    "true",
    "typedef",  "typeof",   "union",        "unix",          "unsigned", "void",  "volatile",
    "while",
};

static bool is_reserved(const char *name)
{
    for (size_t i = 0; i < NU_COUNT(reserved); i++)
        if (strcmp(reserved[i], name) == 0)
            return true;
    return false;
}

/* Small letters, digits and single underscores, neither at the beginning nor at the end; "" if nothing is left. */
static const char *plain(const char *name)
{
    nu_builder out;
    nu_builder_init(&out, NULL, strlen(name) + 1);
    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;
        if (c < 128 && isalnum(c))
            nu_builder_putc(&out, (char)tolower(c));
        else if (out.length > 0 && out.data[out.length - 1] != '_')
            nu_builder_putc(&out, '_');
    }
    while (out.length > 0 && out.data[out.length - 1] == '_')
        out.length--;
    return nu_builder_text(&out);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static const char *tag_of(const char *table)
{
    const char *tag = plain(table);
    if (*tag == '\0' || isdigit((unsigned char)*tag) || nu_starts_with(tag, "nu_"))
        return *tag == '\0' ? "unnamed_table" : nu_fmt("table_%s", tag);
    return is_reserved(tag) ? nu_fmt("%s_table", tag) : tag;
}

/* "auth_user" as "AuthUser". */
static const char *model_of(const char *tag)
{
    nu_builder out;
    nu_builder_init(&out, NULL, strlen(tag) + 1);
    for (bool first = true; *tag != '\0'; tag++) {
        if (isalnum((unsigned char)*tag))
            nu_builder_putc(&out, first ? (char)toupper((unsigned char)*tag) : *tag);
        first = !isalpha((unsigned char)*tag);
    }
    return nu_builder_text(&out);
}

void nu__inspect_name_table(nu__inspected_table *tables, size_t index)
{
    const char *first = tag_of(tables[index].info.name), *tag = first;
    for (int number = 2;; number++) {
        const char *model = model_of(tag);
        size_t      i = 0;
        while (i < index && strcmp(tables[i].tag, tag) != 0 &&
               strcasecmp(tables[i].model, model) != 0)
            i++;
        if (i == index) {
            tables[index].tag = tag;
            tables[index].model = model;
            return;
        }
        tag = nu_fmt("%s_%d", first, number);
    }
}

/* ---- columns --------------------------------------------------------------------------------- */

static const char *attname(const nu__inspected_column *column)
{
    return column->to != NULL ? nu_fmt("%s_id", column->name) : column->name;
}

static bool is_taken(const nu__inspected_table *table, const nu__inspected_column *self,
                     const char *name)
{
    for (const nu__inspected_column *column = table->columns; column->info.name != NULL; column++)
        if (column != self && column->name != NULL &&
            (strcmp(column->name, name) == 0 || strcmp(attname(column), name) == 0))
            return true;
    return false;
}

static const char *member_of(const nu__inspected_column *column)
{
    const char *name = plain(column->info.name);
    if (column->to != NULL && nu_ends_with(name, "_id") && strlen(name) > 3)
        name = nu_fmt("%.*s", (int)strlen(name) - 3, name);
    if (*name == '\0')
        return "field";
    if (isdigit((unsigned char)*name))
        name = nu_fmt("number_%s", name);
    if (is_reserved(name) || (strcmp(name, "id") == 0 && !column->primary_key))
        name = nu_fmt("%s_field", name);
    return name;
}

static void name_column(const nu__inspected_table *table, nu__inspected_column *column)
{
    const char *first = member_of(column), *name = first;
    for (int number = 2;; number++) {
        column->name = name;
        if (!is_taken(table, column, name) && !is_taken(table, column, attname(column)))
            break;
        name = nu_fmt("%s_%d", first, number);
    }
    if (strcmp(attname(column), column->info.name) != 0 && strcmp(name, column->info.name) != 0)
        nu__inspected_note(&column->notes, "The column's name is no name of a field.");
}

/* Plain columns first: references can give way, since their names say no more than the column's. */
void nu__inspect_name_columns(nu__inspected_table *table)
{
    for (nu__inspected_column *column = table->columns; column->info.name != NULL; column++)
        if (column->to == NULL)
            name_column(table, column);
    for (nu__inspected_column *column = table->columns; column->info.name != NULL; column++)
        if (column->to != NULL)
            name_column(table, column);
}

/* ---- ways back ------------------------------------------------------------------------------- */

static bool is_way(const nu_dict *ways, const nu__inspected_table *target, const char *name)
{
    return is_taken(target, NULL, name) || strcmp(name, "id") == 0 ||
           !nu_is_null(nu_dict_get(ways, nu_fmt("%s %s", target->tag, name)));
}

static void take_way(nu_dict *ways, const nu__inspected_table *target, const char *name)
{
    nu_dict_set(ways, nu_fmt("%s %s", target->tag, name), true);
}

/* Usual is "<model>_set" for rows and "<model>" in lookups; both are the latter for a one-to-one. */
static void name_relation(nu_dict *ways, const nu__inspected_table *table,
                          nu__inspected_column *column)
{
    const nu__inspected_table *target = column->to;
    nu_builder                 key;
    nu_builder_init(&key, NULL, 32);
    for (const char *at = table->model; *at != '\0'; at++)
        nu_builder_putc(&key, (char)tolower((unsigned char)*at));
    const char *model = nu_builder_text(&key), *set = nu_fmt("%s_set", model);
    if (!is_way(ways, target, model) && !is_way(ways, target, set)) {
        take_way(ways, target, model);
        take_way(ways, target, set);
        return;
    }
    const char *own = nu_fmt("%s_%s_set", model, column->name);
    column->related_name = is_way(ways, target, own) ? "+" : own;
    take_way(ways, target, own);
}

void nu__inspect_name_relations(nu__inspected_table *tables, size_t count)
{
    nu_dict *ways = nu_dict_new();
    for (size_t i = 0; i < count; i++)
        for (nu__inspected_column *column = tables[i].columns; column->info.name != NULL; column++)
            if (column->to != NULL)
                name_relation(ways, &tables[i], column);
}
