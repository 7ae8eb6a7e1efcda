#include "nuages/embed.h"

#include <string.h>

const nu_embedded *nu_embedded_find(const nu_embedded *table, const char *name)
{
    for (; table != NULL && table->name != NULL; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}
