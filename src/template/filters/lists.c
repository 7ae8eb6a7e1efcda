/* Filters for lists and whatever else has items. */
#include <string.h>

#include "nuages/random.h"
#include "template/filters/filters.h"

static nu_list *items_of(nu_value value)
{
    nu_list *items = nu__value_items(value);
    if (items == NULL)
        nu_raise(NU_VALUE_ERROR, "%s has no items", nu__python_type(value));
    return items;
}

/* ---- one item --------------------------------------------------------------------------------- */

/* value[index] for a sequence: false when it is too short; raises for what is none. */
static bool item_at(nu_value value, int64_t index, nu_value *out)
{
    if (value.type == NU_DICT) {
        nu_value *found = nu_dict_find_value(value.dict, nu_value_int(index));
        if (found == NULL)
            nu_raise(NU_VALUE_ERROR, "the dict has no key %lld", (long long)index);
        *out = *found;
        return true;
    }
    if (value.type == NU_OBJECT && index >= 0) { /* without reading all of a query */
        const nu_object *object = value.object;
        if (object->class->at != NULL)
            return object->class->at(value.object, index, out);
    }
    return nu_list_at(items_of(value), index, out);
}

static nu_value filter_first(const nu_filter_call *call)
{
    nu_value item;
    return item_at(call->input, 0, &item) ? item : nu__empty();
}

static nu_value filter_last(const nu_filter_call *call)
{
    nu_value item;
    return item_at(call->input, -1, &item) ? item : nu__empty();
}

static nu_value filter_random(const nu_filter_call *call)
{
    nu_list *items = items_of(call->input);
    if (call->input.type == NU_DICT)
        nu_raise(NU_VALUE_ERROR, "a dict has no random item");
    if (items->count == 0)
        return nu__empty();
    return items->items[nu_random_below(items->count)];
}

static nu_value filter_length(const nu_filter_call *call)
{
    int64_t length;
    return nu_value_int(nu__value_length(call->input, &length) ? length : 0);
}

/* ---- slice ------------------------------------------------------------------------------------ */

typedef struct slice {
    bool    has[3]; /* start, stop, step */
    int64_t part[3];
} slice;

/* "1:3", ":-1", "::2", "3" (up to 3); false if it is none. */
static bool read_slice(const char *text, slice *out)
{
    *out = (slice){0};
    int count = 0;
    for (;;) {
        size_t length = strcspn(text, ":");
        if (count == 3)
            return false;
        if (length > 0) {
            if (!nu__python_int64(nu_value_text_copy(text, length), &out->part[count]))
                return false;
            out->has[count] = true;
        }
        count++;
        if (text[length] == '\0')
            break;
        text += length + 1;
    }
    if (count == 1) { /* a single number is where to stop */
        out->has[1] = out->has[0];
        out->part[1] = out->part[0];
        out->has[0] = false;
    }
    return !(out->has[2] && out->part[2] == 0);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* Where a bound lies in a sequence of `count`; negative ones count from the end. */
static int64_t bound(const slice *s, int which, int64_t count, int64_t fallback, int64_t low,
                     int64_t high)
{
    if (!s->has[which])
        return fallback;
    int64_t at = s->part[which];
    return clamp(at < 0 ? (at < -count ? low : at + count) : at, low, high);
}

static nu_list *take_slice(const nu_list *items, const slice *s)
{
    int64_t  count = items->count;
    int64_t  step = s->has[2] ? s->part[2] : 1;
    nu_list *list = nu_list_new();
    if (step > 0) {
        int64_t stop = bound(s, 1, count, count, 0, count);
        for (int64_t i = bound(s, 0, count, 0, 0, count); i < stop; i += clamp(step, 1, count + 1))
            nu_list_push(list, items->items[i]);
    } else {
        int64_t stop = bound(s, 1, count, -1, -1, count - 1);
        for (int64_t i = bound(s, 0, count, count - 1, -1, count - 1); i > stop;
             i += clamp(step, -count - 1, -1))
            nu_list_push(list, items->items[i]);
    }
    return list;
}

static nu_value joined_text(const nu_list *parts)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    for (uint32_t i = 0; i < parts->count; i++)
        nu_builder_add(&out, parts->items[i].text, parts->items[i].length);
    return nu_builder_value(&out);
}

static nu_value filter_slice(const nu_filter_call *call)
{
    slice s;
    if (call->input.type == NU_DICT || !read_slice(nu_text(call->arg), &s))
        return call->input;
    nu_list *items = nu__value_items(call->input);
    if (items == NULL)
        return call->input;
    nu_list *part = take_slice(items, &s);
    if (call->input.type == NU_TEXT)
        return joined_text(part);
    nu_value value = nu_value_list(part);
    value.flags = call->input.type == NU_LIST ? call->input.flags : 0;
    return value;
}

/* ---- join ------------------------------------------------------------------------------------- */

static void put_item(nu_builder *out, const nu_filter_call *call, nu_value item)
{
    nu_value text = call->autoescape ? nu__escaped(item) : item;
    nu_builder_add(out, text.text, text.length);
}

/* Without escaping Python joins nothing but text. */
static bool can_join(const nu_filter_call *call, const nu_list *items)
{
    if (call->autoescape)
        return true;
    for (uint32_t i = 0; i < items->count; i++)
        if (items->items[i].type != NU_TEXT)
            return false;
    return call->arg.type == NU_TEXT;
}

static nu_value filter_join(const nu_filter_call *call)
{
    nu_list *items = nu__value_items(call->input);
    if (items == NULL || !can_join(call, items))
        return call->input;
    nu_builder out;
    nu_builder_init(&out, NULL, 128);
    for (uint32_t i = 0; i < items->count; i++) {
        if (i > 0)
            put_item(&out, call, call->arg);
        put_item(&out, call, items->items[i]);
        nu__check_made(call->render, out.length);
    }
    return nu__safe_text(&out);
}

/* ---- dictsort --------------------------------------------------------------------------------- */

typedef struct keyed {
    nu_value key, item;
} keyed;

/* A dotted path of keys and attributes. Indexes are none: Python refuses text as one. */
static bool key_by_path(nu_value item, const char *path, nu_value *out)
{
    for (;;) {
        size_t length = strcspn(path, ".");
        if (item.type == NU_LIST || item.type == NU_TEXT ||
            !nu__value_member(item, path, length, &item))
            return false;
        if (path[length] == '\0')
            break;
        path += length + 1;
    }
    *out = item;
    return true;
}

/* item[arg] for an argument that is a number; false where Python raises TypeError. */
static bool key_by_index(nu_value item, nu_value arg, nu_value *out)
{
    if (item.type == NU_DICT) {
        nu_value *found = nu_dict_find_value(item.dict, arg);
        if (found == NULL)
            nu_raise(NU_VALUE_ERROR, "an item has no key %s", nu_text(arg));
        *out = *found;
        return true;
    }
    if (arg.type != NU_INT || (item.type != NU_LIST && item.type != NU_TEXT))
        return false;
    if (!nu_list_at(items_of(item), arg.integer, out))
        nu_raise(NU_VALUE_ERROR, "list index out of range");
    return true;
}

/* The key of every item; false if one has none. */
static bool read_keys(const nu_list *items, nu_value arg, keyed *out)
{
    double number;
    bool   by_index = nu__python_float(arg, &number);
    if (!by_index) {
        const char *path = nu__filter_text(arg);
        if (path[0] == '_' || strstr(path, "._") != NULL)
            return false;
    }
    for (uint32_t i = 0; i < items->count; i++) {
        nu_value item = items->items[i];
        out[i].item = item;
        if (!(by_index ? key_by_index(item, arg, &out[i].key)
                       : key_by_path(item, arg.text, &out[i].key)))
            return false;
    }
    return true;
}

/* Merges the sorted halves of `from` into `to`: stable, and it may stop where two keys have no order,
 * which qsort() cannot. */
static bool merge(keyed *from, keyed *to, size_t middle, size_t count, int sign)
{
    size_t left = 0, right = middle;
    for (size_t i = 0; i < count; i++) {
        bool take_left = right == count;
        if (!take_left && left < middle) {
            int order;
            if (!nu_compare_try(from[left].key, from[right].key, &order))
                return false;
            take_left = order * sign <= 0;
        }
        to[i] = from[take_left ? left++ : right++];
    }
    return true;
}

static bool merge_sort(keyed *items, keyed *spare, size_t count, int sign)
{
    if (count < 2)
        return true;
    size_t middle = count / 2;
    if (!merge_sort(items, spare, middle, sign) ||
        !merge_sort(items + middle, spare, count - middle, sign) ||
        !merge(items, spare, middle, count, sign))
        return false;
    memcpy(items, spare, count * sizeof *items);
    return true;
}

static nu_value sorted(const nu_filter_call *call, int sign)
{
    nu_list *items = nu__value_items(call->input);
    if (items == NULL)
        return nu__empty();
    keyed *rows = nu_arena_array(nu_arena_current(), (size_t)items->count * 2 + 1, sizeof *rows);
    if (!read_keys(items, call->arg, rows) ||
        !merge_sort(rows, rows + items->count, items->count, sign))
        return nu__empty();
    nu_list *list = nu_list_new();
    for (uint32_t i = 0; i < items->count; i++)
        nu_list_push(list, rows[i].item);
    return nu_value_list(list);
}

static nu_value filter_dictsort(const nu_filter_call *call)
{
    return sorted(call, 1);
}
static nu_value filter_dictsortreversed(const nu_filter_call *call)
{
    return sorted(call, -1);
}

/* ---- unordered_list --------------------------------------------------------------------------- */

static void put_tabs(nu_builder *out, int count)
{
    while (count-- > 0)
        nu_builder_putc(out, '\t');
}

/* Each level is indented one tab more, so that depth costs its square. */
enum { NESTING_MAX = 500 };

/* A list that follows an item is what lies below it. */
static void put_unordered(nu_builder *out, const nu_list *items, int tabs, bool escape)
{
    nu_check_stack();
    if (tabs > NESTING_MAX)
        nu_raise(NU_VALUE_ERROR, "a list is nested deeper than %d levels", NESTING_MAX);
    for (uint32_t i = 0; i < items->count; i++) {
        nu_value text = escape ? nu__escaped(items->items[i]) : nu_value_str(items->items[i]);
        if (i > 0)
            nu_builder_putc(out, '\n');
        put_tabs(out, tabs);
        nu_builder_puts(out, "<li>");
        nu_builder_add(out, text.text, text.length);
        bool has_below = i + 1 < items->count && items->items[i + 1].type == NU_LIST;
        if (has_below && items->items[++i].list->count > 0) {
            nu_builder_putc(out, '\n');
            put_tabs(out, tabs);
            nu_builder_puts(out, "<ul>\n");
            put_unordered(out, items->items[i].list, tabs + 1, escape);
            nu_builder_putc(out, '\n');
            put_tabs(out, tabs);
            nu_builder_puts(out, "</ul>\n");
            put_tabs(out, tabs);
        }
        nu_builder_puts(out, "</li>");
    }
}

static nu_value filter_unordered_list(const nu_filter_call *call)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 256);
    put_unordered(&out, items_of(call->input), 1, call->autoescape);
    return nu__safe_text(&out);
}

const nu_template_filter nu__filters_lists[] = {
    {"dictsort", filter_dictsort, NU_FILTER_ARG},
    {"dictsortreversed", filter_dictsortreversed, NU_FILTER_ARG},
    {"first", filter_first, 0},
    {"join", filter_join, NU_FILTER_SAFE | NU_FILTER_ARG},
    {"last", filter_last, NU_FILTER_SAFE},
    {"length", filter_length, 0},
    {"random", filter_random, NU_FILTER_SAFE},
    {"slice", filter_slice, NU_FILTER_SAFE | NU_FILTER_ARG},
    {"unordered_list", filter_unordered_list, NU_FILTER_SAFE},
    {0},
};
