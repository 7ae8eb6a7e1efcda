/* The app "library": what inherits, and what has unusual names. */
#include "models.h"

/* Two abstract models: members and fields by macros. */
#define TIME_STAMPED_MEMBERS                                                                       \
    nu_datetime created;                                                                           \
    nu_datetime updated
#define TIME_STAMPED_FIELDS(model)                                                                 \
    NU_DATETIME(model, created, .auto_now_add = true), NU_DATETIME(model, updated, .auto_now = true)

#define PUBLICATION_MEMBERS                                                                        \
    TIME_STAMPED_MEMBERS;                                                                          \
    const char  *title;                                                                            \
    nu_maybe_int pages;                                                                            \
    nu_ref(person) writer
#define PUBLICATION_FIELDS(model)                                                                  \
    TIME_STAMPED_FIELDS(model), NU_CHAR(model, title, .max_length = 120),                          \
        NU_POSITIVE_SMALL_INT(model, pages, .null = true),                                         \
        NU_FOREIGN(model, writer, .to = &person_model, .on_delete = NU_CASCADE, .null = true,      \
                   .related_name = "%(class)s_set_written",                                        \
                   .related_query_name = "%(app_label)s_%(class)s"),                               \
        NU_MANY(model, "readers", .to = &person_model, .blank = true,                              \
                .related_name = "%(class)s_read")

struct place {
    nu_row row;
    TIME_STAMPED_MEMBERS;
    const char *name;
    const char *address;
    nu_decimal  latitude;
    nu_decimal  longitude;
    nu_date     opened;
};

struct restaurant {
    NU_PARENT(place);
    bool         serves_hot_dogs;
    bool         serves_pizza;
    nu_maybe_int stars;
};

struct italian_restaurant {
    NU_PARENT(restaurant);
    bool        serves_gnocchi;
    const char *region;
};

struct bar {
    NU_PARENT(place);
    int64_t beers;
    nu_time happy_hour;
};

struct famous_place {
    NU_PARENT(place);
};

struct hot_dog_stand {
    NU_PARENT(restaurant);
};

struct supplier {
    nu_row      row;
    const char *name;
    nu_ref(place) base;
};

struct waiter {
    nu_row row;
    nu_ref(restaurant) restaurant;
    const char *name;
    nu_time     shift_start;
};

struct person {
    nu_row      row;
    const char *first_name;
    const char *last_name;
    nu_date     born;
};

struct book {
    nu_row row;
    PUBLICATION_MEMBERS;
    const char *isbn;
    nu_decimal  price;
};

struct magazine {
    nu_row row;
    PUBLICATION_MEMBERS;
    int64_t issue;
};

struct chapter {
    nu_row row;
    nu_ref(book) book;
    const char *heading;
};

struct loan {
    nu_row row;
    nu_ref_text(book) book;
    nu_ref(person) reader;
    nu_date    taken;
    nu_date    returned;
    nu_decimal fine;
};

static const nu_model person_model, book_model, restaurant_model;

/* ---- places ---------------------------------------------------------------------------------- */

static const nu_field place_fields[] = {
    TIME_STAMPED_FIELDS(place),
    NU_CHAR(place, name, .max_length = 80, .db_index = true),
    NU_CHAR(place, address, .max_length = 120, .blank = true),
    NU_DECIMAL(place, latitude, .max_digits = 9, .decimal_places = 6, .null = true, .blank = true),
    NU_DECIMAL(place, longitude, .max_digits = 9, .decimal_places = 6, .null = true, .blank = true),
    NU_DATE(place, opened, .null = true, .blank = true),
    {0},
};
static const nu_model place_model = {
    NU_MODEL_OF(place, "Place"),
    .fields = place_fields,
    .id_type = &nu_field_auto,
    .ordering = NU_STRS("name", "id"),
};

static const nu_field restaurant_fields[] = {
    NU_BOOL(restaurant, serves_hot_dogs, .default_value = NU_CONST_BOOL(false)),
    NU_BOOL(restaurant, serves_pizza, .default_value = NU_CONST_BOOL(false)),
    NU_POSITIVE_SMALL_INT(restaurant, stars, .null = true, .blank = true),
    {0},
};
static const nu_model restaurant_model = {
    NU_MODEL_OF(restaurant, "Restaurant"),
    .fields = restaurant_fields,
    .parent = &place_model,
    .ordering = NU_STRS("created"),
};

static const nu_field italian_restaurant_fields[] = {
    NU_BOOL(italian_restaurant, serves_gnocchi, .default_value = NU_CONST_BOOL(false)),
    NU_CHAR(italian_restaurant, region, .max_length = 30, .blank = true),
    {0},
};
static const nu_model italian_restaurant_model = {
    NU_MODEL_OF(italian_restaurant, "ItalianRestaurant"),
    .fields = italian_restaurant_fields,
    .parent = &restaurant_model,
    .ordering = NU_STRS("created"),
};

static const nu_field bar_fields[] = {
    NU_PARENT_LINK("place", .related_name = "as_bar"),
    NU_INT(bar, beers, .default_value = NU_CONST_INT(0)),
    NU_TIME(bar, happy_hour, .null = true),
    {0},
};
static const nu_model bar_model = {
    NU_MODEL_OF(bar, "Bar"),
    .fields = bar_fields,
    .parent = &place_model,
    .db_table = "library_pub",
    .ordering = NU_STRS("-beers", "place_id"),
};

static const nu_model famous_place_model = {
    NU_MODEL_OF(famous_place, "FamousPlace"),
    .proxy_of = &place_model,
    .ordering = NU_STRS("-name", "-id"),
};

static nu_query *with_hot_dogs(nu_query *all)
{
    return nu_filter(all, "serves_hot_dogs", true);
}

static const nu_model hot_dog_stand_model = {
    NU_MODEL_OF(hot_dog_stand, "HotDogStand"),
    .proxy_of = &restaurant_model,
    .objects = with_hot_dogs,
};

static const nu_field supplier_fields[] = {
    NU_CHAR(supplier, name, .max_length = 60),
    NU_FOREIGN(supplier, base, .to = &place_model, .on_delete = NU_CASCADE, .null = true,
               .related_name = "local_suppliers"),
    NU_MANY(supplier, "customers", .to = &restaurant_model, .blank = true,
            .related_name = "suppliers"),
    {0},
};
static const nu_model supplier_model = {
    NU_MODEL_OF(supplier, "Supplier"),
    .fields = supplier_fields,
    .id_type = &nu_field_auto,
    .ordering = NU_STRS("name", "pk"),
};

static const nu_field waiter_fields[] = {
    NU_FOREIGN(waiter, restaurant, .to = &restaurant_model, .on_delete = NU_CASCADE),
    NU_CHAR(waiter, name, .max_length = 40),
    NU_TIME(waiter, shift_start, .null = true),
    {0},
};
static const nu_model waiter_model = {
    NU_MODEL_OF(waiter, "Waiter"),
    .fields = waiter_fields,
    .id_type = &nu_field_auto,
};

/* ---- publications ---------------------------------------------------------------------------- */

static const nu_field person_fields[] = {
    NU_CHAR(person, first_name, .max_length = 30),
    NU_CHAR(person, last_name, .max_length = 30),
    NU_DATE(person, born, .null = true),
    {0},
};
static const nu_model person_model = {
    NU_MODEL_OF(person, "Person"),
    .fields = person_fields,
    .id_type = &nu_field_auto,
    .ordering = NU_STRS("last_name", "first_name"),
    .unique_together = NU_TOGETHER(NU_STRS("first_name", "last_name")),
};

static const nu_expression *has_pages(void)
{
    return nu_or(nu_q("pages__gt", 0), nu_q("pages__isnull", true));
}

static const nu_field book_fields[] = {
    PUBLICATION_FIELDS(book),
    NU_CHAR(book, isbn, .max_length = 13, .unique = true),
    NU_DECIMAL(book, price, .max_digits = 6, .decimal_places = 2, .null = true),
    {0},
};
static const nu_model book_model = {
    NU_MODEL_OF(book, "Book"),
    .fields = book_fields,
    .id_type = &nu_field_auto,
    .ordering = NU_STRS("title", "pk"),
    .indexes = NU_INDEXES({.name = "", .fields = NU_STRS("title")}),
    .constraints =
        NU_CONSTRAINTS({.name = "%(app_label)s_%(class)s_pages", .condition = has_pages}),
};

static const nu_field magazine_fields[] = {
    PUBLICATION_FIELDS(magazine),
    NU_SMALL_INT(magazine, issue),
    {0},
};
static const nu_model magazine_model = {
    NU_MODEL_OF(magazine, "Magazine"),
    .fields = magazine_fields,
    .id_type = &nu_field_auto,
    .ordering = NU_STRS("-issue", "title", "id"),
    .unique_together = NU_TOGETHER(NU_STRS("title", "issue")),
    .indexes = NU_INDEXES({.name = "", .fields = NU_STRS("title")}),
    .constraints =
        NU_CONSTRAINTS({.name = "%(app_label)s_%(class)s_pages", .condition = has_pages}),
};

static const nu_field chapter_fields[] = {
    NU_FOREIGN(chapter, book, .to = &book_model, .on_delete = NU_CASCADE,
               .related_name = "chapters"),
    NU_CHAR(chapter, heading, .max_length = 60),
    {0},
};
static const nu_model chapter_model = {
    NU_MODEL_OF(chapter, "Chapter"),
    .fields = chapter_fields,
    .id_type = &nu_field_auto,
    .order_with_respect_to = "book",
};

static const nu_field loan_fields[] = {
    NU_FOREIGN(loan, book, .to = &book_model, .to_field = "isbn", .on_delete = NU_CASCADE,
               .db_column = "book_isbn", .related_name = "loans"),
    NU_FOREIGN(loan, reader, .to = &person_model, .on_delete = NU_CASCADE, .no_constraint = true,
               .related_name = "loans"),
    NU_DATE(loan, taken, .db_column = "Taken On"),
    NU_DATE(loan, returned, .null = true, .db_column = "Returned"),
    NU_DECIMAL(loan, fine, .max_digits = 5, .decimal_places = 1, .default_value = NU_CONST_INT(0)),
    {0},
};
static const nu_model loan_model = {
    NU_MODEL_OF(loan, "Loan"),           .fields = loan_fields,
    .id_type = &nu_field_small_auto,     .db_table = "lib loan table",
    .ordering = NU_STRS("-taken", "id"), .verbose_name = "borrowing",
};

const nu_app library_app = {
    .label = "library",
    .models = NU_MODELS(&place_model, &restaurant_model, &italian_restaurant_model, &bar_model,
                        &supplier_model, &waiter_model, &famous_place_model, &hot_dog_stand_model,
                        &person_model, &book_model, &magazine_model, &chapter_model, &loan_model)};
