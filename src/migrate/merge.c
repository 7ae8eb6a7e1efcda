/* Two ends of one app become one again. */
#include <stdlib.h>
#include <string.h>

#include "migrate/internal.h"

nu__draft *nu__merge_draft(const nu__graph *graph, const char *app, const char *name)
{
    enum { LONGEST = 47 };
    const nu_migration **leaves = nu__graph_leaves(graph, app);
    size_t               count = 0;
    int                  highest = 0;
    nu_builder           joined;
    nu_builder_init(&joined, NULL, 64);
    nu_builder_puts(&joined, "merge");
    for (; leaves[count] != NULL; count++) {
        int number = atoi(leaves[count]->name);
        highest = number > highest ? number : highest;
        nu_builder_printf(&joined, "_%s", leaves[count]->name);
    }
    nu__draft *draft = nu_alloc(sizeof *draft);
    if (name == NULL)
        name = joined.length <= LONGEST ? nu_builder_text(&joined) : "merge";
    *draft = (nu__draft){.app = app,
                         .name = nu_fmt("%04d_%s", highest + 1, name),
                         .operations = nu_alloc(sizeof(nu_operation)),
                         .depends = nu_alloc((count + 1) * sizeof *draft->depends),
                         .depend_count = count};
    for (size_t i = 0; i < count; i++)
        draft->depends[i] = (nu_dependency){app, leaves[i]->name};
    return draft;
}
