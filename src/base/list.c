#include "nuages/value.h"

#include "base/internal.h"

nu_list *nu_list_new(void)
{
    nu_arena *arena = nu_arena_current();
    nu_list  *list = nu_arena_alloc(arena, sizeof *list);
    *list = (nu_list){.arena = arena};
    return list;
}

static NU_COLD void grow(nu_list *list)
{
    if (list->capacity > UINT32_MAX / 2)
        nu__raise_out_of_memory();
    uint32_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
    list->items = nu_arena_grow(list->arena, list->items, list->count * sizeof *list->items,
                                capacity * sizeof *list->items);
    list->capacity = capacity;
}

void nu_list_push(nu_list *list, nu_value value)
{
    if (list->count == list->capacity)
        grow(list);
    list->items[list->count++] = value;
}

nu_list *nu_list_of_(const nu_value *items, size_t count)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < count; i++)
        nu_list_push(list, items[i]);
    return list;
}

bool nu_list_at(const nu_list *list, int64_t index, nu_value *out)
{
    if (index < 0)
        index += list->count;
    if (index < 0 || index >= list->count)
        return false;
    *out = list->items[index];
    return true;
}
