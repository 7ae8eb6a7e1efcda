/* pprint: a value in Python's notation, broken into lines of 80 columns as Python's pprint does. */
#include <string.h>

#include "base/internal.h"
#include "template/filters/filters.h"

enum { LINE_WIDTH = 80 };

static nu_value notation_of(nu_value value)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    nu__repr_add(&out, value);
    return nu_builder_value(&out);
}

/* Entries in the order of their keys where those have one. */
static nu_list *sorted_keys(const nu_dict *dict)
{
    nu_list *keys = nu_list_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(dict, entry)) != NULL;) {
        nu_list_push(keys, entry->key);
        for (uint32_t i = keys->count - 1; i > 0; i--) {
            int order;
            if (!nu_compare_try(keys->items[i - 1], keys->items[i], &order) || order <= 0)
                break;
            nu_value swap = keys->items[i];
            keys->items[i] = keys->items[i - 1];
            keys->items[i - 1] = swap;
        }
    }
    return keys;
}

/* `indent`: the column at which the value begins; `behind`: what must still fit in its line. */
static void put_pretty(nu_builder *out, nu_value value, size_t indent, size_t behind);

static void put_line_break(nu_builder *out, size_t indent)
{
    nu_builder_putc(out, '\n');
    memset(nu_builder_room(out, indent), ' ', indent);
    out->length += indent;
}

static void put_list(nu_builder *out, nu_value value, size_t indent, size_t behind)
{
    bool tuple = (value.flags & NU_TUPLE) != 0;
    nu_builder_putc(out, tuple ? '(' : '[');
    for (uint32_t i = 0; i < value.list->count; i++) {
        bool last = i + 1 == value.list->count;
        put_pretty(out, value.list->items[i], indent + 1, last ? behind + 1 : 1);
        if (last && !(tuple && i == 0))
            break;
        nu_builder_putc(out, ',');
        if (!last)
            put_line_break(out, indent + 1);
    }
    nu_builder_putc(out, tuple ? ')' : ']');
}

static void put_dict(nu_builder *out, nu_value value, size_t indent, size_t behind, bool wide)
{
    nu_list *keys = sorted_keys(value.dict);
    nu_builder_putc(out, '{');
    for (uint32_t i = 0; i < keys->count; i++) {
        nu_value  key = notation_of(keys->items[i]);
        nu_value *item = nu_dict_find_value(value.dict, keys->items[i]);
        bool      last = i + 1 == keys->count;
        nu_builder_add(out, key.text, key.length);
        nu_builder_puts(out, ": ");
        size_t column = indent + 3 + nu_utf8_count(key.text, key.length);
        put_pretty(out, *item, column, last ? behind + 1 : 1);
        if (last)
            break;
        nu_builder_putc(out, ',');
        if (wide)
            put_line_break(out, indent + 1);
        else
            nu_builder_putc(out, ' ');
    }
    nu_builder_putc(out, '}');
}

static void put_pretty(nu_builder *out, nu_value value, size_t indent, size_t behind)
{
    nu_check_stack();
    nu_value plain = notation_of(value);
    bool     wide = indent + nu_utf8_count(plain.text, plain.length) + behind > LINE_WIDTH;
    if (value.type == NU_DICT && nu_dict_count(value.dict) > 0)
        put_dict(out, value, indent, behind, wide);
    else if (value.type == NU_LIST && value.list->count > 0 && wide)
        put_list(out, value, indent, behind);
    else
        nu_builder_add(out, plain.text, plain.length);
}

nu_value nu__filter_pprint(const nu_filter_call *call)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 128);
    put_pretty(&out, call->input, 0, 0);
    return nu_builder_value(&out);
}
