#include "shop.h"

static const nu_field maker_fields[] = {
    NU_CHAR(maker, name, .max_length = 40, .unique = true),
    {0},
};
const nu_model maker_model = {NU_MODEL_OF(maker, "Maker"), .fields = maker_fields, .ordering = NU_STRS("name")};

static const nu_expression *cheap(void)
{
    return nu_q("price__gte", 0);
}

static const nu_field pen_fields[] = {
    NU_CHAR(pen, name, .max_length = 20),
    NU_SLUG(pen, slug, .max_length = 50),
    NU_CHAR(pen, kind, .max_length = 1, .choices = NU_CHOICES(NU_CHOICE("b", "Ball"), NU_CHOICE("f", "Fountain")),
            .default_value = NU_CONST_TEXT("b")),
    NU_TEXT(pen, note, .blank = true),
    NU_DECIMAL(pen, price, .max_digits = 7, .decimal_places = 2),
    NU_POSITIVE_INT(pen, stock, .null = true),
    NU_BOOL(pen, live, .default_value = NU_CONST_BOOL(true)),
    NU_DATETIME(pen, made, .db_index = true),
    NU_DATE(pen, since, .null = true),
    NU_DURATION(pen, drying),
    NU_UUID(pen, code, .unique = true),
    NU_JSON(pen, data),
    NU_BINARY(pen, raw),
    NU_FLOAT(pen, width),
    NU_FOREIGN(pen, maker, .to = &maker_model, .on_delete = NU_CASCADE, .related_name = "pens"),
    NU_FOREIGN(pen, owner, .to = &nu_user_model, .on_delete = NU_SET_NULL, .null = true),
    NU_ONE_TO_ONE(pen, twin, .to = &pen_model, .on_delete = NU_CASCADE, .null = true),
    NU_MANY(pen, "friends", .to = &pen_model),
    NU_MANY(pen, "dealers", .to = &maker_model, .related_name = "sells"),
    /* WEIGHT FIELD */
    {0},
};
const nu_model pen_model = {
    NU_MODEL_OF(pen, "Pen"),
    .fields = pen_fields,
    .ordering = NU_STRS("-made"),
    .unique_together = NU_TOGETHER(NU_STRS("maker", "name")),
    .indexes = NU_INDEXES({.name = "pen_by_price", .fields = NU_STRS("price", "-made")}),
    .constraints = NU_CONSTRAINTS({.name = "pen_not_given_away", .condition = cheap}),
};

static const nu_field quill_fields[] = {
    NU_CHAR(quill, bird, .max_length = 20),
    {0},
};
const nu_model quill_model = {NU_MODEL_OF(quill, "Quill"), .parent = &pen_model, .fields = quill_fields};

static const nu_field refill_fields[] = {
    NU_FOREIGN(refill, pen, .to = &pen_model, .on_delete = NU_CASCADE),
    NU_CHAR(refill, ink, .max_length = 20, .db_index = true),
    NU_SMALL_INT(refill, ml, .db_column = "millilitres"),
    {0},
};
const nu_model refill_model = {NU_MODEL_OF(refill, "Refill"), .fields = refill_fields,
                               .db_table = "refills", .order_with_respect_to = "pen"};
