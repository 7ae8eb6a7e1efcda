/* The app "shop": products, orders and what becomes of them. */
#include "nuages/random.h"

#include "models.h"

struct category {
    nu_row      row;
    const char *name;
    const char *slug;
    nu_ref(category) parent;
    int64_t position;
};

struct product {
    nu_row      row;
    nu_uuid     sku;
    const char *code;
    const char *name;
    const char *description;
    nu_ref(category) category;
    nu_decimal     price;
    nu_decimal     cost;
    nu_maybe_float weight;
    int64_t        stock;
    nu_maybe_int   barcode;
    int64_t        sold;
    nu_duration    warranty;
    bool           active;
    nu_date        available_from;
    nu_time        pickup_from;
    nu_value       attributes;
    const char    *image;
    nu_bytes       thumbnail;
};

struct customer {
    nu_row row;
    nu_ref(nu_user) user;
    const char *phone;
    const char *address;
    const char *city;
    nu_decimal  credit;
    bool        vip;
    nu_ref(customer) referred_by;
};

struct coupon {
    nu_row      row;
    const char *code;
    int64_t     percent;
    nu_date     expires;
};

struct order {
    nu_row row;
    nu_ref(customer) customer;
    nu_ref_text(coupon) coupon;
    int64_t     status;
    nu_datetime placed;
    nu_datetime shipped;
    nu_decimal  total;
    double      discount;
    const char *note;
};

struct shipment {
    nu_row row;
    nu_ref(order) order;
    const char *carrier;
    const char *tracking;
    nu_decimal  weight;
    nu_datetime sent;
};

struct order_item {
    nu_row row;
    nu_ref(order) order;
    nu_ref(product) product;
    nu_ref(shipment) shipment;
    int64_t    quantity;
    nu_decimal unit_price;
    bool       gift;
};

struct review {
    nu_row row;
    nu_ref(product) product;
    nu_ref(customer) customer;
    int64_t     stars;
    const char *text;
    nu_datetime created;
};

struct invoice {
    nu_row  row;
    nu_uuid id;
    nu_ref(order) order;
    const char   *number;
    nu_datetime   issued;
    nu_date       due;
    nu_decimal    amount;
    nu_maybe_bool paid;
    nu_duration   terms;
    nu_ref_uuid(invoice) replaces;
};

static const nu_model category_model, product_model, customer_model, coupon_model, order_model,
    shipment_model, order_item_model, review_model, invoice_model;

static nu_value new_uuid(void)
{
    return NU_V(nu_uuid4());
}

/* ---- the catalogue --------------------------------------------------------------------------- */

static const nu_field category_fields[] = {
    NU_CHAR(category, name, .max_length = 60),
    NU_SLUG(category, slug, .unique = true),
    NU_FOREIGN(category, parent, .to = &category_model, .on_delete = NU_CASCADE, .null = true,
               .blank = true, .related_name = "children"),
    NU_INT(category, position, .default_value = NU_CONST_INT(0)),
    {0},
};
static const nu_model category_model = {
    NU_MODEL_OF(category, "Category"),
    .fields = category_fields,
    .ordering = NU_STRS("position", "id"),
    .verbose_name_plural = "categories",
};

static const nu_expression *is_active(void)
{
    return nu_q("active", true);
}

static const nu_expression *price_is_not_negative(void)
{
    return nu_q("price__gte", 0);
}

static const nu_field product_fields[] = {
    NU_UUID(product, sku, .unique = true, .default_fn = new_uuid, .not_editable = true),
    NU_CHAR(product, code, .max_length = 12,
            .validators = NU_VALIDATORS(NU_PATTERN("^[A-Z]{2}-\\d+$", NULL))),
    NU_CHAR(product, name, .max_length = 120),
    NU_TEXT(product, description, .blank = true),
    NU_FOREIGN(product, category, .to = &category_model, .on_delete = NU_PROTECT,
               .related_name = "products"),
    NU_DECIMAL(product, price, .max_digits = 10, .decimal_places = 2,
               .validators = NU_VALIDATORS(NU_MIN_VALUE(0))),
    NU_DECIMAL(product, cost, .max_digits = 12, .decimal_places = 4, .null = true, .blank = true),
    NU_FLOAT(product, weight, .null = true, .blank = true),
    NU_INT(product, stock, .default_value = NU_CONST_INT(0)),
    NU_BIG_INT(product, barcode, .null = true, .blank = true),
    NU_POSITIVE_BIG_INT(product, sold, .default_value = NU_CONST_INT(0)),
    NU_DURATION(product, warranty, .null = true, .blank = true),
    NU_BOOL(product, active, .default_value = NU_CONST_BOOL(true)),
    NU_DATE(product, available_from, .null = true, .blank = true),
    NU_TIME(product, pickup_from, .null = true, .blank = true),
    NU_JSON(product, attributes, .null = true, .blank = true),
    NU_FILE(product, image, .blank = true, .upload_to = "products/"),
    NU_BINARY(product, thumbnail, .null = true),
    NU_MANY(product, "similar", .to = &product_model, .blank = true),
    {0},
};
static const nu_model product_model = {
    NU_MODEL_OF(product, "Product"),
    .fields = product_fields,
    .ordering = NU_STRS("id"),
    .indexes = NU_INDEXES(
        {.name = "shop_produc_price_9fda76_idx", .fields = NU_STRS("price", "stock")},
        {.name = "shop_product_active_stock", .fields = NU_STRS("stock"), .condition = is_active}),
    .constraints = NU_CONSTRAINTS(
        {.name = "shop_product_price_gte_0", .condition = price_is_not_negative},
        {.name = "shop_product_category_code", .fields = NU_STRS("category", "code")},
        {.name = "shop_product_active_name", .fields = NU_STRS("name"), .condition = is_active}),
};

/* ---- customers and orders -------------------------------------------------------------------- */

static const nu_field customer_fields[] = {
    NU_ONE_TO_ONE(customer, user, .to = &nu_user_model, .on_delete = NU_CASCADE,
                  .related_name = "customer"),
    NU_CHAR(customer, phone, .max_length = 20, .unique = true, .null = true, .blank = true),
    NU_TEXT(customer, address, .blank = true),
    NU_CHAR(customer, city, .max_length = 40, .blank = true),
    NU_DECIMAL(customer, credit, .max_digits = 8, .decimal_places = 2,
               .default_value = NU_CONST_INT(0)),
    NU_BOOL(customer, vip, .default_value = NU_CONST_BOOL(false)),
    NU_FOREIGN(customer, referred_by, .to = &customer_model, .on_delete = NU_DO_NOTHING,
               .null = true, .blank = true, .related_name = "referrals"),
    {0},
};
static const nu_model customer_model = {NU_MODEL_OF(customer, "Customer"),
                                        .fields = customer_fields};

static const nu_field coupon_fields[] = {
    NU_CHAR(coupon, code, .max_length = 16, .primary_key = true),
    NU_POSITIVE_SMALL_INT(coupon, percent,
                          .validators = NU_VALIDATORS(NU_MIN_VALUE(1), NU_MAX_VALUE(90))),
    NU_DATE(coupon, expires, .null = true, .blank = true),
    {0},
};
static const nu_model coupon_model = {NU_MODEL_OF(coupon, "Coupon"), .fields = coupon_fields,
                                      .ordering = NU_STRS("code")};

static const nu_expression *shipped_after_placed(void)
{
    return nu_or(nu_q("shipped__isnull", true), nu_q("shipped__gte", nu_f("placed")));
}

static const nu_field order_fields[] = {
    NU_FOREIGN(order, customer, .to = &customer_model, .on_delete = NU_CASCADE,
               .related_name = "orders"),
    NU_FOREIGN(order, coupon, .to = &coupon_model, .on_delete = NU_SET_DEFAULT, .null = true,
               .blank = true, .default_value = NU_CONST_TEXT("NONE"), .db_column = "coupon_code",
               .related_name = "orders"),
    NU_INT(order, status, .default_value = NU_CONST_INT(1),
           .choices = NU_CHOICES(NU_CHOICE_INT(1, "New"), NU_CHOICE_INT(2, "Paid"),
                                 NU_CHOICE_INT(3, "Shipped"), NU_CHOICE_INT(9, "Cancelled"))),
    NU_DATETIME(order, placed, .db_index = true),
    NU_DATETIME(order, shipped, .null = true, .blank = true),
    NU_DECIMAL(order, total, .max_digits = 12, .decimal_places = 2,
               .default_value = NU_CONST_INT(0)),
    NU_FLOAT(order, discount, .default_value = NU_CONST_INT(0)),
    NU_TEXT(order, note, .null = true, .blank = true),
    NU_MANY(order, "products", .to = &product_model, .through = &order_item_model,
            .related_name = "orders"),
    {0},
};
static const nu_model order_model = {
    NU_MODEL_OF(order, "Order"),
    .fields = order_fields,
    .get_latest_by = "placed",
    .constraints = NU_CONSTRAINTS(
        {.name = "shop_order_shipped_after_placed", .condition = shipped_after_placed}),
};

static const nu_field shipment_fields[] = {
    NU_FOREIGN(shipment, order, .to = &order_model, .on_delete = NU_CASCADE,
               .related_name = "shipments"),
    NU_CHAR(shipment, carrier, .max_length = 30),
    NU_CHAR(shipment, tracking, .max_length = 40, .unique = true),
    NU_DECIMAL(shipment, weight, .max_digits = 7, .decimal_places = 3, .null = true),
    NU_DATETIME(shipment, sent),
    {0},
};
static const nu_model shipment_model = {NU_MODEL_OF(shipment, "Shipment"),
                                        .fields = shipment_fields};

static const nu_expression *quantity_is_positive(void)
{
    return nu_q("quantity__gt", 0);
}

static const nu_field order_item_fields[] = {
    NU_FOREIGN(order_item, order, .to = &order_model, .on_delete = NU_CASCADE,
               .related_name = "items"),
    NU_FOREIGN(order_item, product, .to = &product_model, .on_delete = NU_PROTECT,
               .related_name = "items"),
    NU_FOREIGN(order_item, shipment, .to = &shipment_model, .on_delete = NU_RESTRICT, .null = true,
               .blank = true, .related_name = "items"),
    NU_POSITIVE_INT(order_item, quantity, .default_value = NU_CONST_INT(1)),
    NU_DECIMAL(order_item, unit_price, .max_digits = 10, .decimal_places = 2),
    NU_BOOL(order_item, gift, .default_value = NU_CONST_BOOL(false)),
    {0},
};
static const nu_model order_item_model = {
    NU_MODEL_OF(order_item, "OrderItem"),
    .fields = order_item_fields,
    .ordering = NU_STRS("order", "id"),
    .unique_together = NU_TOGETHER(NU_STRS("order", "product")),
    .indexes = NU_INDEXES(
        {.name = "shop_orderi_product_9a5c18_idx", .fields = NU_STRS("product", "-quantity")}),
    .constraints =
        NU_CONSTRAINTS({.name = "orderitem_quantity_positive", .condition = quantity_is_positive}),
};

/* ---- what comes after ------------------------------------------------------------------------ */

static const nu_field review_fields[] = {
    NU_FOREIGN(review, product, .to = &product_model, .on_delete = NU_CASCADE,
               .related_name = "reviews", .related_query_name = "review"),
    NU_FOREIGN(review, customer, .to = &customer_model, .on_delete = NU_SET_VALUE, .null = true,
               .related_name = "reviews"),
    NU_POSITIVE_SMALL_INT(review, stars,
                          .validators = NU_VALIDATORS(NU_MIN_VALUE(1), NU_MAX_VALUE(5))),
    NU_TEXT(review, text, .blank = true),
    NU_DATETIME(review, created, .auto_now_add = true),
    {0},
};
static const nu_model review_model = {
    NU_MODEL_OF(review, "Review"),
    .fields = review_fields,
    .unique_together = NU_TOGETHER(NU_STRS("product", "customer")),
    .order_with_respect_to = "product",
};

static const nu_field invoice_fields[] = {
    NU_UUID(invoice, id, .primary_key = true, .default_fn = new_uuid, .not_editable = true),
    NU_ONE_TO_ONE(invoice, order, .to = &order_model, .on_delete = NU_CASCADE,
                  .related_name = "invoice"),
    NU_CHAR(invoice, number, .max_length = 20, .unique = true),
    NU_DATETIME(invoice, issued),
    NU_DATE(invoice, due),
    NU_DECIMAL(invoice, amount, .max_digits = 12, .decimal_places = 2),
    NU_BOOL(invoice, paid, .null = true),
    NU_DURATION(invoice, terms),
    NU_FOREIGN(invoice, replaces, .to = &invoice_model, .on_delete = NU_SET_NULL, .null = true,
               .blank = true, .related_name = "+"),
    {0},
};
static const nu_model invoice_model = {NU_MODEL_OF(invoice, "Invoice"), .fields = invoice_fields};

const nu_app shop_app = {.label = "shop",
                         .models = NU_MODELS(&category_model, &product_model, &customer_model,
                                             &coupon_model, &order_model, &shipment_model,
                                             &order_item_model, &review_model, &invoice_model)};
