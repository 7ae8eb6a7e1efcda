/* Whether a result is the one that a case expects. */
#include <math.h>
#include <string.h>

#include "nuages/text.h"

#include "orm.h"

static bool close_enough(double a, double b)
{
    return a == b || fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b)) || (isnan(a) && isnan(b));
}

/* Two {"decimal": text}: by value where they were computed from floats, else by their text. */
static bool decimals_equal(nu_value a, nu_value b, bool floating)
{
    if (!nu_is_text(a) || !nu_is_text(b))
        return false;
    if (strcmp(a.text, b.text) == 0)
        return true;
    double x, y;
    return floating && nu_float_try(a, &x) && nu_float_try(b, &y) && close_enough(x, y);
}

/* Python's attributes keep what was assigned to them – a text for a decimal, a moment without a zone –
 * until they are read anew; our members have a type from the beginning. The same value will do. */
static bool same_attribute(nu_value got, nu_value wanted, bool floating)
{
    const nu_value *decimal = got.type == NU_DICT ? nu_dict_find(got.dict, "decimal") : NULL;
    const nu_value *moment = got.type == NU_DICT ? nu_dict_find(got.dict, "datetime") : NULL;
    const nu_value *naive = wanted.type == NU_DICT ? nu_dict_find(wanted.dict, "datetime") : NULL;
    if (orm_equal(got, wanted, false, floating))
        return true;
    if (decimal != NULL && wanted.type != NU_DICT)
        return decimals_equal(*decimal, nu_value_str(wanted), true);
    if (moment != NULL && naive != NULL)
        return strcmp(moment->text, nu_fmt("%s+00:00", naive->text)) == 0;
    if (got.type == NU_FLOAT || wanted.type == NU_FLOAT)
        return decimals_equal(nu_value_str(got), nu_value_str(wanted), true);
    return wanted.type == NU_TEXT && got.type != NU_DICT && got.type != NU_LIST &&
           nu_equal(nu_value_str(got), wanted);
}

static bool attributes_equal(const nu_dict *a, const nu_dict *b, bool floating)
{
    if (nu_dict_count(a) != nu_dict_count(b))
        return false;
    for (nu_entry *entry = NULL; (entry = nu_dict_next(a, entry)) != NULL;) {
        const nu_value *other = nu_dict_find_value(b, entry->key);
        if (other == NULL || !same_attribute(entry->value, *other, floating))
            return false;
    }
    return true;
}

static bool lists_equal(const nu_list *a, const nu_list *b, bool floating)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!orm_equal(a->items[i], b->items[i], false, floating))
            return false;
    return true;
}

static bool multisets_equal(const nu_list *a, const nu_list *b, bool floating)
{
    if (a->count != b->count)
        return false;
    bool *taken = nu_alloc(b->count + 1);
    for (uint32_t i = 0; i < a->count; i++) {
        uint32_t j = 0;
        while (j < b->count && (taken[j] || !orm_equal(a->items[i], b->items[j], false, floating)))
            j++;
        if (j == b->count)
            return false;
        taken[j] = true;
    }
    return true;
}

static bool dicts_equal(const nu_dict *a, const nu_dict *b, bool floating)
{
    if (nu_dict_count(a) != nu_dict_count(b))
        return false;
    for (nu_entry *entry = NULL; (entry = nu_dict_next(a, entry)) != NULL;) {
        const nu_value *other = nu_dict_find_value(b, entry->key);
        if (other == NULL)
            return false;
        bool dicts = entry->value.type == NU_DICT && other->type == NU_DICT;
        if (strcmp(entry->key.text, "decimal") == 0
                ? !decimals_equal(entry->value, *other, floating)
            : strcmp(entry->key.text, "show") == 0 && dicts
                ? !attributes_equal(entry->value.dict, other->dict, floating)
                : !orm_equal(entry->value, *other, false, floating))
            return false;
    }
    return true;
}

bool orm_equal(nu_value got, nu_value wanted, bool any_order, bool floating)
{
    if (got.type != wanted.type)
        return false;
    switch (got.type) {
    case NU_FLOAT: return close_enough(got.number, wanted.number);
    case NU_LIST:
        return any_order ? multisets_equal(got.list, wanted.list, floating)
                         : lists_equal(got.list, wanted.list, floating);
    case NU_DICT: return dicts_equal(got.dict, wanted.dict, floating);
    default: return nu_equal(got, wanted);
    }
}

/* ---- errors ---------------------------------------------------------------------------------- */

static bool among(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* Ours is one kind where Python has several classes. */
static bool types_fit(const char *got, const char *wanted)
{
    static const char *const misuse[] = {
        "AssertionError",     "AttributeError",       "TypeError",        "ValueError",
        "IndexError",         "OverflowError",        "InvalidOperation", "NotImplementedError",
        "AmbiguousTimeError", "NonExistentTimeError", "KeyError",         NULL};
    static const char *const refused[] = {"ValueError", "FieldError", "FieldDoesNotExist",
                                          "ValidationError", NULL};
    if (strcmp(got, wanted) == 0)
        return true;
    return among(wanted, misuse) && among(got, refused);
}

bool orm_error_fits(nu_value got, nu_value wanted)
{
    if (!types_fit(nu_text(nu_dict_get(got.dict, "type")),
                   nu_text(nu_dict_get(wanted.dict, "type"))))
        return false;
    static const char *const details[] = {"model", "objects", "message_dict", "codes", "messages"};
    for (size_t i = 0; i < NU_COUNT(details); i++) {
        const nu_value *detail = nu_dict_find(wanted.dict, details[i]);
        bool            any_order = strcmp(details[i], "objects") == 0;
        if (detail != NULL &&
            !orm_equal(nu_dict_get(got.dict, details[i]), *detail, any_order, false))
            return false;
    }
    return true;
}

const char *orm_lock_clause(const char *sql)
{
    const char *at = strstr(sql, " FOR ");
    for (const char *next; at != NULL && (next = strstr(at + 1, " FOR ")) != NULL;)
        at = next;
    return at != NULL && strstr(at, "UPDATE") != NULL ? nu_arena_text(nu_arena_current(), at + 1)
                                                      : "";
}
