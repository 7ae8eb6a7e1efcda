#include "nuages/test.h"

#include <string.h>

#include "nuages/random.h"

TEST(a_dict_keeps_the_order_of_insertion)
{
    nu_dict *dict = nu_dict_new();
    for (int i = 0; i < 1000; i++)
        nu_dict_set(dict, nu_fmt("key %d", i), i);
    CHECK_EQ(nu_dict_count(dict), 1000);
    int i = 0;
    for (nu_entry *entry = NULL; (entry = nu_dict_next(dict, entry)) != NULL; i++) {
        CHECK_TEXT(entry->key.text, nu_fmt("key %d", i));
        CHECK_EQ(entry->value, i);
    }
    CHECK_EQ(i, 1000);
    for (i = 0; i < 1000; i++)
        CHECK_EQ(nu_dict_get(dict, nu_fmt("key %d", i)), i);
    CHECK(nu_dict_find(dict, "key 1000") == NULL);
    CHECK(nu_is_null(nu_dict_get(dict, "")));
}

TEST(setting_a_key_again_keeps_its_place)
{
    nu_dict *dict = nu_dict_of("a", 1, "b", 2);
    nu_dict_set(dict, "a", "new");
    CHECK_TEXT(nu_text(NU_V(dict)), "{'a': 'new', 'b': 2}");
}

TEST(keys_with_a_nul_inside_are_whole_keys)
{
    nu_dict *dict = nu_dict_new();
    nu_dict_put(dict, nu_value_text_n("a\0b", 3), NU_V(1));
    CHECK(nu_dict_find(dict, "a") == NULL);
    CHECK_EQ(*nu_dict_find_n(dict, "a\0b", 3), 1);
}

TEST(equal_numbers_are_one_key)
{
    for (int more = 0; more < 20; more += 19) {
        nu_dict *dict = nu_dict_new();
        for (int i = 0; i < more; i++)
            nu_dict_put(dict, NU_V(100 + i), NU_V(i));
        nu_dict_put(dict, NU_V(1), NU_V("int"));
        CHECK_EQ(*nu_dict_find_value(dict, NU_V(1.0)), "int");
        CHECK_EQ(*nu_dict_find_value(dict, NU_V(true)), "int");
        CHECK_EQ(*nu_dict_find_value(dict, NU_V(nu_decimal_get("1.00"))), "int");
        CHECK(nu_dict_find_value(dict, NU_V("1")) == NULL);
        nu_dict_put(dict, NU_V(0.5), NU_V("half"));
        CHECK_EQ(*nu_dict_find_value(dict, NU_V(nu_decimal_get("0.50"))), "half");
        nu_dict_put(dict, NU_V(nu_date_of(2026, 1, 1)), NU_V("date"));
        CHECK_EQ(*nu_dict_find_value(dict, NU_V(nu_date_of(2026, 1, 1))), "date");
        nu_value tuple = NU_V(nu_list_of(1, "a"));
        tuple.flags = NU_TUPLE;
        nu_dict_put(dict, tuple, NU_V("tuple"));
        CHECK_EQ(*nu_dict_find_value(dict, tuple), "tuple");
    }
}

TEST(lists_and_dicts_are_no_keys)
{
    CHECK_RAISES(NU_VALUE_ERROR, nu_dict_put(nu_dict_new(), NU_V(nu_list_new()), NU_V(1)));
    CHECK_TEXT(nu_test_error()->fact, "a list cannot be the key of a dict");
    CHECK_RAISES(NU_VALUE_ERROR, nu_dict_put(nu_dict_new(), NU_V(nu_dict_new()), NU_V(1)));
}

/* Against a plain array of flags, with all the gaps and rebuilds that come along. */
TEST(removed_keys_are_gone_and_can_come_back)
{
    enum { KEYS = 60 };
    nu_dict *dict = nu_dict_new();
    bool     there[KEYS] = {false};
    unsigned count = 0;
    for (int step = 0; step < 5000; step++) {
        size_t      key = nu_random_below(KEYS);
        const char *name = nu_fmt("%zu", key);
        if (nu_random_below(2)) {
            count += !there[key];
            there[key] = true;
            nu_dict_set(dict, name, step);
        } else {
            CHECK_EQ(nu_dict_remove(dict, name), there[key]);
            count -= there[key];
            there[key] = false;
        }
        CHECK_EQ(nu_dict_count(dict), count);
        CHECK_EQ(nu_dict_find(dict, name) != NULL, there[key]);
    }
    unsigned seen = 0;
    for (nu_entry *entry = NULL; (entry = nu_dict_next(dict, entry)) != NULL; seen++)
        CHECK(there[nu_int(entry->key)]);
    CHECK_EQ(seen, count);
}

TEST(lists_grow_and_count_from_both_ends)
{
    nu_list *list = nu_list_new();
    nu_value item;
    CHECK(!nu_list_at(list, 0, &item));
    CHECK(!nu_list_at(list, -1, &item));
    for (int i = 0; i < 1000; i++)
        nu_list_add(list, i);
    CHECK_EQ(list->count, 1000);
    CHECK(nu_list_at(list, 0, &item) && item.integer == 0);
    CHECK(nu_list_at(list, -1, &item) && item.integer == 999);
    CHECK(nu_list_at(list, -1000, &item) && item.integer == 0);
    CHECK(!nu_list_at(list, 1000, &item));
    CHECK(!nu_list_at(list, -1001, &item));
    CHECK(!nu_list_at(list, INT64_MIN, &item));
    const char *words[] = {"a", "b", NULL};
    CHECK_EQ(NU_V((const char *const *)words), nu_list_of("a", "b"));
    CHECK_EQ(nu_list_of(1, "two", nu_null())->count, 3);
}
