/* What the database makes out itself, on both databases: generated columns, defaults, and what deleted
 * rows do to those that refer to them. */
#include <string.h>

#include "helper.h"
#include "nuages/expression.h"
#include "nuages/function.h"
#include "nuages/query.h"

struct item {
    nu_row       row;
    const char  *name, *status;
    int64_t      price, pieces, total;
    const char  *shout;
    nu_datetime  made;
    nu_maybe_int rank;
    int64_t      both;
};
extern const nu_model item_model;

static const nu_expression *new_status(void)
{
    return nu_const("new");
}

static const nu_expression *ten(void)
{
    return nu_const(10);
}

static const nu_expression *now(void)
{
    return nu_fn("Now");
}

static const nu_expression *total(void)
{
    return nu_mul(nu_f("price"), nu_f("pieces"));
}

static const nu_expression *shout(void)
{
    return nu_upper_of("name");
}

static const nu_field item_fields[] = {
    NU_CHAR(item, name, .max_length = 20),
    NU_CHAR(item, status, .max_length = 20, .db_default = new_status),
    NU_INT(item, price, .db_default = ten),
    NU_INT(item, pieces, .default_value = NU_CONST_INT(2)),
    NU_INT(item, total, .generated = total),
    NU_CHAR(item, shout, .max_length = 20, .generated = shout),
    NU_DATETIME(item, made, .db_default = now),
    NU_INT(item, rank, .null = true, .db_default = ten),
    NU_INT(item, both, .default_value = NU_CONST_INT(3), .db_default = ten),
    {0},
};
const nu_model item_model = {NU_MODEL_OF(item, "Item"), .fields = item_fields};

static const nu_model *const items[] = {&item_model, NULL};

static void computed(bool postgres)
{
    nu_database *db = empty_database_on(postgres);
    if (db == NULL)
        return;
    make_tables(db, "app", items);
    uint64_t     before = nu_query_count();
    struct item *item = nu_create(item, "name", "tea");
    CHECK_EQ(nu_query_count() - before, 1);
    CHECK_TEXT(item->status, "new");
    CHECK_EQ(item->row.id, 1);
    CHECK_EQ(item->price, 10);
    CHECK_EQ(item->total, 20);
    CHECK_TEXT(item->shout, "TEA");
    CHECK(item->made.set && nu_now().us - item->made.us < 60 * (int64_t)1000000);
    CHECK(item->rank.set && item->rank.value == 10);
    CHECK_EQ(item->both, 3);
    item->pieces = 5;
    item->price = 0; /* an UPDATE writes what is there */
    item->name = "coffee";
    nu_save(item);
    CHECK_EQ(item->total, 0);
    CHECK_TEXT(item->shout, "COFFEE");
    item->price = 7;
    nu_save_fields(item, "price");
    CHECK_EQ(item->total, 35);
    item->total = 99; /* written nowhere */
    nu_save(item);
    CHECK_EQ(item->total, 35);
    nu_refresh(item);
    CHECK_EQ(item->total, 35);

    struct item *free =
        nu_create(item, "name", "water", "price", 0, "status", "", "rank", nu_null());
    CHECK_EQ(free->price, 0);
    CHECK_TEXT(free->status, "");
    CHECK(!free->rank.set);
    struct item *plain = nu_new(item, "name", "milk");
    plain->price = 4;
    nu_save(plain);
    CHECK_EQ(plain->total, 8);

    nu_row *rows[] = {&nu_new(item, "name", "a")->row, &nu_new(item, "name", "b", "price", 0)->row,
                      &nu_new(item, "name", "c", "price", 3)->row, NULL};
    before = nu_query_count();
    nu_bulk_create(rows);
    CHECK_EQ(nu_query_count() - before, 1);
    for (size_t i = 0; i < 3; i++) {
        const struct item *made = (const struct item *)rows[i];
        CHECK_EQ(made->row.id, (int64_t)(4 + i));
        CHECK_EQ(made->price, i == 0 ? 10 : i == 1 ? 0 : 3);
        CHECK_EQ(made->total, made->price * 2);
        CHECK_TEXT(made->status, "new");
    }
    CHECK_EQ(nu_count(nu_filter(nu_all(item), "total__gt", 10)), 2);
    CHECK_EQ(nu_update(nu_filter(nu_all(item), "name", "a"), "price", 1), 1);
    CHECK_EQ(nu_get(item, "name", "a")->total, 2);
    CHECK_RAISES(NU_FIELD_ERROR, nu_update(nu_all(item), "total", 1));
    CHECK_RAISES(NU_VALUE_ERROR, nu_save_fields(item, "total"));
    nu_row_full_clean(&nu_new(item, "name", "x")->row);
    struct item *part = nu_first(item, nu_only(nu_all(item), "name"));
    part->name = "cocoa";
    nu_save(part);
    CHECK_TEXT(part->shout, "COCOA");
}

TEST(the_database_computes_columns_and_defaults)
{
    computed(false);
}

TEST(the_database_computes_columns_and_defaults_on_postgres)
{
    computed(true);
}

/* ---- not stored -------------------------------------------------------------------------------- */

struct shape {
    nu_row  row;
    int64_t side, area;
};
extern const nu_model shape_model;

static const nu_expression *area(void)
{
    return nu_mul(nu_f("side"), nu_f("side"));
}

static const nu_field shape_fields[] = {
    NU_INT(shape, side),
    NU_INT(shape, area, .generated = area, .not_stored = true),
    {0},
};
const nu_model shape_model = {NU_MODEL_OF(shape, "Shape"), .fields = shape_fields};

static const nu_model *const shapes[] = {&shape_model, NULL};

TEST(a_column_that_is_computed_when_it_is_read)
{
    make_tables(empty_database_on(false), "app", shapes);
    struct shape *shape = nu_create(shape, "side", 3);
    CHECK_EQ(shape->area, 9);
    CHECK_EQ(nu_count(nu_filter(nu_all(shape), "area", 9)), 1);
}

TEST(postgres_refuses_columns_that_are_not_stored)
{
    nu_database *db = empty_database_on(true);
    const char *volatile fact = "";
    if (db == NULL)
        return;
    NU_TRY {
        make_tables(db, "app", shapes);
    }
    NU_CATCH (error) {
        fact = nu_fmt("%s", error->fact);
    }
    CHECK(strstr(fact, ".not_stored cannot be") != NULL);
}

/* ---- what deleted rows do ---------------------------------------------------------------------- */

struct owner {
    nu_row      row;
    const char *name;
};
struct pet {
    nu_row row;
    nu_ref(owner) owner, keeper, vet;
    const char *name;
};
struct toy {
    nu_row row;
    nu_ref(pet) pet;
};
extern const nu_model owner_model, pet_model, toy_model;

static const nu_expression *first_owner(void)
{
    return nu_const(1);
}

static const nu_field owner_fields[] = {NU_CHAR(owner, name, .max_length = 20), {0}};
const nu_model        owner_model = {NU_MODEL_OF(owner, "Owner"), .fields = owner_fields};

static const nu_field pet_fields[] = {
    NU_FOREIGN(pet, owner, .to = &owner_model, .on_delete = NU_DB_CASCADE),
    NU_FOREIGN(pet, keeper, .to = &owner_model, .on_delete = NU_DB_SET_NULL, .null = true,
               .related_name = "+"),
    NU_FOREIGN(pet, vet, .to = &owner_model, .on_delete = NU_DB_SET_DEFAULT,
               .db_default = first_owner, .related_name = "+"),
    NU_CHAR(pet, name, .max_length = 20),
    {0},
};
const nu_model pet_model = {NU_MODEL_OF(pet, "Pet"), .fields = pet_fields};

static const nu_field toy_fields[] = {
    NU_FOREIGN(toy, pet, .to = &pet_model, .on_delete = NU_DB_CASCADE), {0}};
const nu_model toy_model = {NU_MODEL_OF(toy, "Toy"), .fields = toy_fields};

static const nu_model *const pets[] = {&owner_model, &pet_model, &toy_model, NULL};

static void cascades(bool postgres)
{
    nu_database *db = empty_database_on(postgres);
    if (db == NULL)
        return;
    make_tables(db, "app", pets);
    struct owner *clinic = nu_create(owner, "name", "clinic"),
                 *ada = nu_create(owner, "name", "Ada");
    struct owner *bob = nu_create(owner, "name", "Bob");
    struct pet   *cat = nu_create(pet, "name", "cat", "owner", ada);
    struct pet   *dog = nu_create(pet, "name", "dog", "owner", clinic, "keeper", bob, "vet", bob);
    nu_create(toy, "pet", cat);
    CHECK_EQ(cat->vet.id, clinic->row.id);
    uint64_t before = nu_query_count();
    CHECK_EQ(nu_delete(ada), 1); /* only what was deleted by us is counted */
    CHECK_EQ(nu_query_count() - before, 1);
    CHECK_EQ(nu_count(nu_all(pet)), 1);
    CHECK_EQ(nu_count(nu_all(toy)), 0);
    CHECK_EQ(nu_delete(bob), 1);
    nu_refresh(dog);
    CHECK_EQ(dog->keeper.id, 0);
    CHECK_EQ(dog->vet.id, clinic->row.id);
    CHECK_EQ(nu_delete_all(nu_all(owner)), 1);
    CHECK_EQ(nu_count(nu_all(pet)), 0);
}

TEST(the_database_deletes_what_refers_to_deleted_rows)
{
    cascades(false);
}

TEST(the_database_deletes_what_refers_to_deleted_rows_on_postgres)
{
    cascades(true);
}
