#include "db/inspect.h"

#include <stdlib.h>
#include <string.h>

static int measure(const char *text)
{
    long value = strtol(text, NULL, 10);
    return value > 0 && value < 1000000000 ? (int)value : 0;
}

/* "varchar(40)", "numeric(8, 2)" */
static void take_measures(nu_db_column_type *kind, const char *type)
{
    const char *first = strchr(type, '('), *second = first != NULL ? strchr(first, ',') : NULL;
    if (kind->type == NU_DB_CHAR) {
        kind->length = first != NULL ? measure(first + 1) : 0;
        if (kind->length == 0)
            kind->type = NU_DB_TEXT;
    } else if (kind->type == NU_DB_DECIMAL) {
        kind->digits = first != NULL ? measure(first + 1) : 0;
        kind->places = second != NULL ? measure(second + 1) : 0;
    }
}

void nu__db_take_kind(nu_db_column_info *column, const char *bare, const nu__db_type_name *types,
                      size_t count)
{
    column->kind = (nu_db_column_type){.type = NU_DB_TEXT};
    column->guessed = true;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(types[i].name, bare) != 0)
            continue;
        column->kind.type = types[i].type;
        column->guessed = false;
        take_measures(&column->kind, column->type);
        return;
    }
}

const char *const *nu__db_names_of(const nu_list *list)
{
    const char **names = nu_alloc((list->count + 1u) * sizeof *names);
    for (uint32_t i = 0; i < list->count; i++)
        names[i] = nu_text(list->items[i]);
    names[list->count] = NULL;
    return names;
}
