/* Lists of cases: an id a line, and behind it the database, if it is about that one only, or the
 * reason. */
#include <stdlib.h>
#include <string.h>

#include "nuages/file.h"
#include "nuages/text.h"

#include "orm.h"

enum { MAX_LIST = 1 << 20 };

/* Where a case may differ. */
static const char *const vendors[] = {"sqlite", "postgresql"};

nu_dict *orm_list_read(const char *path)
{
    nu_dict *ids = nu_dict_new();
    nu_list *lines = nu_split(nu_file_read(path, MAX_LIST).text, '\n');
    for (uint32_t i = 0; i < lines->count; i++) {
        const char *line = lines->items[i].text;
        size_t      length = strcspn(line, " \t");
        const char *rest = line + length + strspn(line + length, " \t");
        if (length > 0 && line[0] != '#')
            nu_dict_set(ids, nu_fmt("%.*s", (int)length, line),
                        nu_fmt("%.*s", (int)strcspn(rest, " \t"), rest));
    }
    return ids;
}

bool orm_list_has(const nu_dict *ids, const char *id, const char *vendor)
{
    const nu_value *second = nu_dict_find(ids, id);
    if (second == NULL)
        return false;
    bool about_one = false;
    for (size_t i = 0; i < NU_COUNT(vendors); i++)
        about_one = about_one || strcmp(second->text, vendors[i]) == 0;
    return !about_one || strcmp(second->text, vendor) == 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const nu_value *)a)->text, ((const nu_value *)b)->text);
}

/* The names in either, in order. */
static nu_list *names_of(const nu_dict *a, const nu_dict *b)
{
    nu_list *names = nu_list_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(a, entry)) != NULL;)
        nu_list_push(names, entry->key);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(b, entry)) != NULL;)
        if (nu_dict_find(a, entry->key.text) == NULL)
            nu_list_push(names, entry->key);
    if (names->count > 1)
        qsort(names->items, names->count, sizeof *names->items, by_text);
    return names;
}

void orm_list_write(const char *path, const nu_dict *ids, const nu_dict *failed, const char *vendor)
{
    nu_list   *names = names_of(failed, ids);
    nu_builder text;
    nu_builder_init(&text, NULL, 4096);
    for (uint32_t i = 0; i < names->count; i++) {
        const char     *id = names->items[i].text, *only = NULL;
        const nu_value *ran = nu_dict_find(failed, id);
        size_t          count = 0;
        for (size_t j = 0; j < NU_COUNT(vendors); j++) {
            bool here = ran != NULL && strcmp(vendors[j], vendor) == 0;
            if (here ? nu_truth(*ran) : orm_list_has(ids, id, vendors[j])) {
                only = vendors[j];
                count++;
            }
        }
        if (count > 0)
            nu_builder_printf(&text, count == 1 ? "%s %s\n" : "%s\n", id, only);
    }
    nu_file_write(path, nu_builder_text(&text), text.length);
}
