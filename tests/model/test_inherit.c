/* Models made from others: parents with tables of their own, proxies, default managers, rows in an
 * order of their own. */
#include "blog.h"

struct place {
    nu_row      row;
    const char *name;
    const char *city;
};

struct restaurant {
    NU_PARENT(place);
    bool         pizza;
    nu_maybe_int stars;
};

struct trattoria {
    NU_PARENT(restaurant);
    const char *region;
};

struct bar {
    NU_PARENT(place);
    int32_t beers;
};

struct good_restaurant {
    NU_PARENT(restaurant);
};

struct waiter {
    nu_row row;
    nu_ref(restaurant) restaurant;
    nu_ref(place) lives;
    const char *name;
};

struct guest {
    nu_row      row;
    const char *name;
};

struct course {
    nu_row row;
    nu_ref(restaurant) restaurant;
    const char *dish;
};

extern const nu_model place_model, restaurant_model, trattoria_model, bar_model,
    good_restaurant_model, waiter_model, guest_model, course_model;

static const char *place_text(const struct place *place)
{
    return place->name;
}

static nu_value place_shout(const struct place *place)
{
    return nu_value_text(nu_fmt("%s!", place->name));
}

static nu_query *only_good(nu_query *all)
{
    return nu_filter(all, "stars__gte", 2);
}

static const nu_field place_fields[] = {
    NU_CHAR(place, name, .max_length = 50),
    NU_CHAR(place, city, .max_length = 50, .blank = true),
    NU_MANY(place, "guests", .to = &guest_model, .related_name = "%(class)s_of", .blank = true),
    {0},
};
static const nu_property place_properties[] = {NU_PROPERTY(place, shout, place_shout), {0}};
const nu_model           place_model = {NU_MODEL_OF(place, "Place"),    .fields = place_fields,
                                        .properties = place_properties, .text = place_text,
                                        .ordering = NU_STRS("name"),    .get_latest_by = "name"};

static const nu_field restaurant_fields[] = {
    NU_BOOL(restaurant, pizza),
    NU_SMALL_INT(restaurant, stars, .null = true),
    {0},
};
const nu_model restaurant_model = {NU_MODEL_OF(restaurant, "Restaurant"), .parent = &place_model,
                                   .fields = restaurant_fields};

static const nu_field trattoria_fields[] = {
    NU_CHAR(trattoria, region, .max_length = 20),
    {0},
};
const nu_model trattoria_model = {NU_MODEL_OF(trattoria, "Trattoria"), .parent = &restaurant_model,
                                  .fields = trattoria_fields};

static const nu_field bar_fields[] = {
    NU_PARENT_LINK("spot", .related_name = "as_bar", .db_column = "place"),
    NU_INT(bar, beers),
    {0},
};
const nu_model bar_model = {NU_MODEL_OF(bar, "Bar"), .parent = &place_model, .fields = bar_fields,
                            .ordering = NU_STRS("-beers")};

const nu_model good_restaurant_model = {NU_MODEL_OF(good_restaurant, "GoodRestaurant"),
                                        .proxy_of = &restaurant_model, .objects = only_good};

static const nu_field waiter_fields[] = {
    NU_FOREIGN(waiter, restaurant, .to = &restaurant_model, .on_delete = NU_CASCADE),
    NU_FOREIGN(waiter, lives, .to = &place_model, .null = true, .on_delete = NU_SET_NULL,
               .related_name = "tenants"),
    NU_CHAR(waiter, name, .max_length = 20),
    {0},
};
const nu_model waiter_model = {NU_MODEL_OF(waiter, "Waiter"), .fields = waiter_fields,
                               .ordering = NU_STRS("id")};

static const nu_field guest_fields[] = {NU_CHAR(guest, name, .max_length = 20), {0}};
const nu_model        guest_model = {NU_MODEL_OF(guest, "Guest"), .fields = guest_fields};

static const nu_field course_fields[] = {
    NU_FOREIGN(course, restaurant, .to = &restaurant_model, .on_delete = NU_CASCADE,
               .related_name = "menu"),
    NU_CHAR(course, dish, .max_length = 20),
    {0},
};
const nu_model course_model = {NU_MODEL_OF(course, "Course"), .fields = course_fields,
                               .order_with_respect_to = "restaurant"};

/* The child before its parent: the order of models does not matter. */
static const nu_model *const town_models[] = {
    &good_restaurant_model, &trattoria_model, &restaurant_model, &place_model, &bar_model,
    &waiter_model,          &guest_model,     &course_model,     NULL,
};

static void town_open(void)
{
    nu_database *db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_models_clear();
    nu_models_add("town", town_models);
    nu_models_ready();
    blog_tables(db);
}

static void town_fill(void)
{
    town_open();
    nu_create(place, "name", "Park", "city", "Rome");
    nu_create(restaurant, "name", "Diner", "city", "York", "pizza", true, "stars", 1);
    nu_create(trattoria, "name", "Nonna", "city", "Rome", "pizza", true, "stars", 3, "region",
              "Lazio");
    nu_create(bar, "name", "Hop", "city", "York", "beers", 7);
}

TEST(a_child_has_its_parents_fields)
{
    town_open();
    CHECK_TEXT(nu_model_table(&trattoria_model), "town_trattoria");
    CHECK_TEXT(nu_model_primary_key(&trattoria_model)->column, "restaurant_ptr_id");
    CHECK_TEXT(nu_model_primary_key(&restaurant_model)->name, "place_ptr");
    CHECK_TEXT(nu_model_primary_key(&bar_model)->column, "place");
    CHECK_EQ(nu_model_primary_key(&bar_model)->db_type.type, NU_DB_BIG_INT);
    CHECK_TEXT(nu_model_ordering(&trattoria_model)[0], "name");
    CHECK_TEXT(nu_model_get_latest_by(&trattoria_model), "name");
    CHECK(nu_model_columns(&trattoria_model)[0] == nu_model_columns(&place_model)[0]);
    CHECK_TEXT(nu_model_own_columns(&trattoria_model)[1]->name, "region");
    CHECK(nu_model_is_a(&trattoria_model, &place_model));
    CHECK(!nu_model_is_a(&place_model, &trattoria_model));
    struct trattoria *t = nu_new(trattoria, "name", "Nonna", "stars", 3, "region", "Lazio");
    CHECK_TEXT(t->restaurant.place.name, "Nonna");
    CHECK_EQ(t->restaurant.stars.value, 3);
    CHECK_TEXT(nu_text(nu_row_get(&t->row, "shout")), "Nonna!");
    CHECK_TEXT(nu_text(nu_value_object(t)), "Nonna");
    blog_close();
}

TEST(rows_lie_in_all_their_tables)
{
    town_fill();
    CHECK_EQ(nu_count(nu_all(place)), 4);
    CHECK_EQ(nu_count(nu_all(restaurant)), 2);
    CHECK_EQ(nu_count(nu_all(trattoria)), 1);
    struct trattoria *t = nu_get(trattoria, "city", "Rome");
    CHECK_EQ(t->row.id, 3);
    CHECK_TEXT(t->restaurant.place.name, "Nonna");
    CHECK(t->restaurant.pizza);
    CHECK_TEXT(t->region, "Lazio");
    CHECK_TEXT(texts_of(nu_flat(nu_all(restaurant), "name")), "Diner,Nonna");
    CHECK_TEXT(
        texts_of(nu_flat(nu_filter(nu_all(trattoria), "restaurant_ptr__place_ptr__city", "Rome"),
                         "place_ptr__name")),
        "Nonna");
    CHECK_TEXT(texts_of(nu_values_list(nu_filter(nu_all(trattoria), "id", 3), "pk", "place_ptr_id",
                                       "stars")),
               "(3, 3, 3)");
    CHECK_TEXT(texts_of(nu_all(bar)), "Hop");
    CHECK_EQ(nu_count(nu_filter(nu_all(restaurant), "pizza", true, "city", "York")), 1);
    blog_close();
}

TEST(a_parent_finds_its_child)
{
    town_fill();
    CHECK_TEXT(texts_of(nu_filter(nu_all(place), "restaurant__isnull", true)), "Hop,Park");
    CHECK_TEXT(texts_of(nu_filter(nu_all(place), "restaurant__trattoria__region", "Lazio")),
               "Nonna");
    CHECK_TEXT(texts_of(nu_filter(nu_all(place), "as_bar__beers__gt", 3)), "Hop");
    struct place *nonna = nu_get(place, "name", "Nonna");
    nu_row       *r = nu_row_of(nu_row_get(&nonna->row, "restaurant"));
    CHECK(nu_row_model(r) == &restaurant_model);
    CHECK_TEXT(((struct restaurant *)(void *)r)->place.name, "Nonna");
    nu_row *t = nu_row_of(nu_row_get(r, "trattoria"));
    CHECK_TEXT(nu_text(nu_row_get(t, "region")), "Lazio");
    nu_row *up = nu_row_of(nu_row_get(t, "restaurant_ptr"));
    CHECK(nu_row_model(up) == &restaurant_model);
    CHECK_TEXT(nu_text(nu_row_get(nu_row_of(nu_row_get(up, "place_ptr")), "city")), "Rome");
    CHECK_RAISES(NU_FIELD_ERROR, nu_filter(nu_all(restaurant), "restaurant__stars", 1));
    blog_close();
}

TEST(saving_writes_each_table)
{
    town_fill();
    struct trattoria *t = nu_get(trattoria, "pk", 3);
    t->restaurant.place.name = "Mamma";
    t->restaurant.stars.value = 2;
    t->region = "Umbria";
    nu_save(t);
    t = nu_get(trattoria, "pk", 3);
    CHECK_TEXT(t->restaurant.place.name, "Mamma");
    CHECK_EQ(t->restaurant.stars.value, 2);
    CHECK_TEXT(t->region, "Umbria");
    CHECK_EQ(nu_count(nu_all(place)), 4);
    t->restaurant.place.city = "Assisi";
    t->region = "not saved";
    nu_save_fields(t, "city");
    nu_refresh(t);
    CHECK_TEXT(t->restaurant.place.city, "Assisi");
    CHECK_TEXT(t->region, "Umbria");
    CHECK_EQ(nu_update(nu_filter(nu_all(trattoria), "region", "Umbria"), "name", "Zia", "stars", 1,
                       "region", "Molise"),
             1);
    nu_refresh(t);
    CHECK_TEXT(t->restaurant.place.name, "Zia");
    CHECK_EQ(t->restaurant.stars.value, 1);
    CHECK_TEXT(t->region, "Molise");
    /* A place that is there becomes a bar. */
    struct bar *bar = nu_new(bar, "name", "Park", "city", "Rome", "beers", 1);
    bar->row.id = 1;
    nu_save(bar);
    CHECK_EQ(nu_count(nu_all(place)), 4);
    CHECK_EQ(nu_count(nu_all(bar)), 2);
    blog_close();
}

TEST(a_raw_row_is_written_into_its_own_table_only)
{
    town_open();
    struct place *place = nu_create(place, "name", "Luigi", "city", "Rome");
    nu_row       *row = nu_row_new(&restaurant_model);
    nu_row_set_key(row, nu_value_int(place->row.id));
    nu_row_set(row, "stars", NU_V(2));
    nu_row_save_with(row, &(nu_save_options){.raw = true});
    struct restaurant *again = nu_get(restaurant, "pk", place->row.id);
    CHECK_EQ(again->stars.value, 2);
    CHECK_TEXT(again->place.name, "Luigi");
    blog_close();
}

TEST(relations_reach_through_parents)
{
    town_fill();
    struct restaurant *diner = nu_get(restaurant, "name", "Diner");
    struct waiter     *w = nu_create(waiter, "restaurant", diner, "lives", diner, "name", "Al");
    struct trattoria  *t = nu_get(trattoria, "pk", 3);
    nu_create(waiter, "restaurant", t, "name", "Bo");
    CHECK_RAISES(NU_VALUE_ERROR, nu_row_set(&w->row, "restaurant", NU_V(nu_get(place, "pk", 1))));
    CHECK_TEXT(texts_of(nu_flat(nu_filter(nu_all(waiter), "restaurant__city", "Rome"), "name")),
               "Bo");
    CHECK_TEXT(texts_of(nu_flat(nu_filter(nu_all(waiter), "restaurant__place_ptr__name", "Diner"),
                                "name")),
               "Al");
    CHECK_TEXT(texts_of(nu_flat(nu_filter(nu_all(waiter), "restaurant__trattoria__isnull", false),
                                "name")),
               "Bo");
    CHECK_TEXT(texts_of(nu_filter(nu_all(restaurant), "tenants__name", "Al")), "Diner");
    CHECK_TEXT(texts_of(nu_filter(nu_all(place), "restaurant__waiter__name", "Al")), "Diner");
    CHECK_EQ(nu_count(nu_related_set(diner, "tenants")), 1);
    w = nu_one(waiter, nu_select_related(nu_filter(nu_all(waiter), "name", "Al"), "restaurant"));
    CHECK_TEXT(nu_related(w, restaurant)->place.name, "Diner");
    w = nu_get(waiter, "name", "Bo");
    CHECK_TEXT(nu_related(w, restaurant)->place.city, "Rome");
    struct guest *g = nu_create(guest, "name", "Gus");
    nu_many_add(t, "guests", g);
    CHECK_TEXT(texts_of(nu_filter(nu_all(trattoria), "guests__name", "Gus")), "Nonna");
    CHECK_TEXT(texts_of(nu_related_set(g, "place_of")), "Nonna");
    CHECK_EQ(nu_count(nu_annotate(nu_all(restaurant), "n", nu_count_of("waiter"))), 2);
    struct restaurant *counted =
        nu_one(restaurant, nu_filter(nu_annotate(nu_all(restaurant), "n", nu_count_of("waiter")),
                                     "name", "Diner"));
    CHECK_EQ(nu_row_get(&counted->row, "n").integer, 1);
    blog_close();
}

TEST(rows_go_from_all_their_tables)
{
    town_fill();
    nu_dict          *counts;
    struct trattoria *t = nu_get(trattoria, "pk", 3);
    nu_create(waiter, "restaurant", t, "name", "Bo");
    struct waiter *al =
        nu_create(waiter, "restaurant", nu_get(restaurant, "pk", 2), "lives", t, "name", "Al");
    struct guest *g = nu_create(guest, "name", "Gus");
    nu_many_add(t, "guests", g);
    CHECK_EQ(nu_row_delete_counted(&t->row, &counts), 5);
    CHECK_EQ(nu_dict_get(counts, "town.Trattoria").integer, 1);
    CHECK_EQ(nu_dict_get(counts, "town.Restaurant").integer, 1);
    CHECK_EQ(nu_dict_get(counts, "town.Place").integer, 1);
    CHECK_EQ(nu_dict_get(counts, "town.Place_guests").integer, 1);
    CHECK(t->row.id == 0);
    nu_refresh(al);
    CHECK_EQ(al->lives.id, 0);
    CHECK_EQ(nu_count(nu_all(place)), 3);
    CHECK_EQ(nu_delete_all(nu_filter(nu_all(place), "city", "York")), 5);
    CHECK_EQ(nu_count(nu_all(bar)), 0);
    CHECK_EQ(nu_count(nu_all(waiter)), 0);
    struct good_restaurant *good = nu_create(good_restaurant, "name", "New", "stars", 4);
    CHECK_EQ(nu_row_delete_counted(&good->row, &counts), 2);
    CHECK_EQ(nu_dict_get(counts, "town.GoodRestaurant").integer, 1);
    struct restaurant *old = nu_create(restaurant, "name", "Old");
    int64_t            id = old->row.id;
    CHECK_EQ(nu_row_delete_keeping_parents(&old->row, &counts), 1);
    CHECK(nu_exists(nu_filter(nu_all(place), "pk", id)));
    blog_close();
}

TEST(a_deletion_reads_parents_one_by_one_where_relations_are_read_so)
{
    uint64_t used[2];
    for (int i = 0; i < 2; i++) {
        town_fill();
        nu_query *places = nu_filter(nu_all(place), "city", "York");
        uint64_t  before = nu_query_count();
        CHECK(nu_delete_all(nu_fetch_with(places, i == 0 ? NU_FETCH_PEERS : NU_FETCH_ONE)) > 1);
        used[i] = nu_query_count() - before;
        blog_close();
    }
    CHECK(used[1] > used[0]);
}

TEST(proxies_share_the_table)
{
    town_fill();
    CHECK_TEXT(nu_model_table(&good_restaurant_model), "town_restaurant");
    CHECK_TEXT(texts_of(nu_all(good_restaurant)), "Nonna");
    CHECK_TEXT(texts_of(nu_everything(good_restaurant)), "Diner,Nonna");
    struct good_restaurant *good = nu_get(good_restaurant, "pk", 3);
    CHECK(nu_row_model(&good->row) == &good_restaurant_model);
    CHECK(nu_equal(NU_V(good), NU_V(nu_get(restaurant, "pk", 3))));
    good->restaurant.stars.value = 5;
    nu_save(good);
    CHECK_EQ(nu_get(restaurant, "pk", 3)->stars.value, 5);
    CHECK(nu_find(good_restaurant, "pk", 2) == NULL);
    nu_refresh(good);
    nu_create(waiter, "restaurant", good, "name", "Al");
    CHECK_EQ(nu_count(nu_related_set(good, "waiter_set")), 1);
    nu_create(good_restaurant, "name", "New", "stars", 4);
    CHECK_EQ(nu_count(nu_all(restaurant)), 3);
    blog_close();
}

TEST(rows_keep_an_order_of_their_own)
{
    town_fill();
    struct restaurant *diner = nu_get(restaurant, "name", "Diner");
    struct course     *soup = nu_create(course, "restaurant", diner, "dish", "soup");
    struct course     *pie = nu_create(course, "restaurant", diner, "dish", "pie");
    nu_create(course, "restaurant", nu_get(restaurant, "pk", 3), "dish", "pasta");
    struct course *tea = nu_create(course, "restaurant", diner, "dish", "tea");
    CHECK_EQ(nu_row_get(&tea->row, "_order").integer, 2);
    CHECK_TEXT(nu_next_in_order(course, soup)->dish, "pie");
    CHECK_TEXT(nu_previous_in_order(course, tea)->dish, "pie");
    CHECK(nu_next_in_order(course, tea) == NULL);
    CHECK_TEXT(nu_text(nu_value_list(nu_row_order(&diner->row, "course"))), "[1, 2, 4]");
    nu_row_set_order(&diner->row, "course", nu_list_of(tea->row.id, soup->row.id, pie->row.id));
    CHECK_TEXT(texts_of(nu_flat(nu_related_set(diner, "menu"), "dish")), "tea,soup,pie");
    CHECK_EQ(nu_row_get(&nu_get(course, "dish", "pie")->row, "_order").integer, 2);
    CHECK_RAISES(NU_FIELD_ERROR, nu_row_order(&diner->row, "waiter"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_row_in_order(&diner->row, true));
    blog_close();
}

struct stray {
    NU_PARENT(place);
    int64_t more;
};

TEST(wrong_parents_are_told)
{
    nu_models_clear();
    const nu_model        outside = {NU_MODEL_OF(stray, "Stray"), .parent = &place_model};
    const nu_model        larger = {NU_MODEL_OF(stray, "Stray"), .proxy_of = &place_model};
    static const nu_field twice[] = {NU_INT(stray, more, .db_column = "x"), {0}};
    static nu_field       name_twice[2];
    name_twice[0] = twice[0];
    name_twice[0].name = "city";
    const nu_model clash = {NU_MODEL_OF(stray, "Stray"), .parent = &place_model,
                            .fields = name_twice};
    const nu_model unordered = {NU_MODEL_OF(stray, "Stray"), .parent = &place_model,
                                .order_with_respect_to = "name"};
    const struct {
        const nu_model *model;
        bool            with_place;
        const char     *message;
    } cases[] = {
        {&outside, false, "its parent \"Place\" belongs to no app"},
        {&larger, true, "a proxy may add no members"},
        {&clash, true, "its name clashes with a field of model \"Place\""},
        {&unordered, true, ".order_with_respect_to names \"name\", which is no reference"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_models_clear();
        nu_models_add("town", (const nu_model *[]){cases[i].model, &guest_model, NULL});
        if (cases[i].with_place)
            nu_models_add("town", (const nu_model *[]){&place_model, NULL});
        CHECK_RAISES(NU_CONFIG_ERROR, nu_models_ready());
        CHECK_CONTAINS(nu_test_error()->fact, cases[i].message);
    }
    nu_models_clear();
}
