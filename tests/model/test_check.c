/* Models that cannot be, each with the id that Django's check has for it, and those that are only odd. */
#include <string.h>

#include "blog.h"
#include "nuages/expression.h"

struct gadget {
    nu_row      row;
    const char *name, *file;
    int64_t     id, count;
    nu_decimal  price;
    nu_datetime made;
    nu_bytes    bytes;
    nu_ref(gadget) other, third;
    const char *name_;
};

static const nu_expression *of_field(void)
{
    return nu_f("count");
}

static const nu_expression *seven(void)
{
    return nu_const(7);
}

static nu_value gadget_name(struct gadget *gadget)
{
    return NU_V(gadget->name);
}

struct pair {
    nu_row row;
    nu_ref(gadget) a, b, c;
    nu_ref(owner) owner;
};
struct owner {
    nu_row      row;
    const char *name;
};
extern const nu_model pair_model, owner_model;
#define TO(member, ...)                                                                            \
    NU_FOREIGN(pair, member, .to_name = "shop.Gadget", .on_delete = NU_CASCADE, .related_name = "+")
static const nu_field pair_fields[] = {
    TO(a),
    TO(b),
    TO(c),
    NU_FOREIGN(pair, owner, .to = &owner_model, .on_delete = NU_CASCADE, .related_name = "+"),
    {0}};
const nu_model        pair_model = {NU_MODEL_OF(pair, "Pair"), .fields = pair_fields};
static const nu_field owner_fields[] = {NU_CHAR(owner, name, .max_length = 5), {0}};
const nu_model        owner_model = {NU_MODEL_OF(owner, "Owner"), .fields = owner_fields};

static void ready(const nu_model *model)
{
    bool            alone = strcmp(model->name, "Gadget") != 0; /* the others refer to it */
    const nu_model *models[] = {model, alone ? NULL : &owner_model, &pair_model, NULL};
    nu_models_clear();
    nu_models_add("shop", models);
    nu_models_ready();
}

static nu_model *keep(nu_model model)
{
    nu_model *kept = nu_alloc(sizeof *kept);
    *kept = model;
    kept->class = owner_model.class;
    if (kept->name == NULL)
        kept->name = "Gadget";
    kept->size = sizeof(struct gadget);
    kept->state = nu_alloc(sizeof *kept->state);
    return kept;
}

/* The id of what is wrong with a model of these fields and options; "" if nothing is. */
static const char *wrong(nu_model model)
{
    const char *volatile id = "";
    NU_TRY {
        ready(keep(model));
    }
    NU_CATCH (error) {
        id = error->code != NULL ? error->code : error->fact;
        const char *told = error->detail != NULL ? error->detail : error->fact;
        CHECK(error->code == NULL || strstr(told, error->code) != NULL);
    }
    nu_models_clear();
    return id;
}

#define WRONG(id, ...)                                                                             \
    CHECK_TEXT(wrong((nu_model){.fields = (const nu_field[]){__VA_ARGS__, {0}}}), id)
#define SELF .to_name = "shop.Gadget"

TEST(fields_that_cannot_be)
{
    WRONG("", NU_TEXT(gadget, name));
    WRONG("fields.E001", NU_TEXT(gadget, name_));
    WRONG("fields.E002", {.name = "a__b", .type = &nu_field_text});
    WRONG("fields.E003", {.name = "pk", .type = &nu_field_text});
    WRONG("models.E004", NU_INT(gadget, id), NU_INT(gadget, count, .primary_key = true));
    WRONG("fields.E007", NU_CHAR(gadget, name, .max_length = 3, .primary_key = true, .null = true));
    WRONG("fields.E009",
          NU_CHAR(gadget, name, .max_length = 3, .choices = NU_CHOICES(NU_CHOICE("abcd", "Long"))));
    WRONG("fields.E012", NU_INT(gadget, count, .db_default = of_field));
    WRONG("fields.E120", NU_CHAR(gadget, name));
    WRONG("fields.E121", NU_CHAR(gadget, name, .max_length = -1));
    WRONG("fields.E131", NU_DECIMAL(gadget, price, .max_digits = 3, .decimal_places = -1));
    WRONG("fields.E132", NU_DECIMAL(gadget, price));
    WRONG("fields.E133", NU_DECIMAL(gadget, price, .max_digits = -1));
    WRONG("fields.E134", NU_DECIMAL(gadget, price, .max_digits = 2, .decimal_places = 3));
    WRONG("fields.W122", NU_INT(gadget, count, .max_length = 3));
    WRONG("fields.E140", NU_FILE_PATH(gadget, file, .path = "/", .no_files = true));
    WRONG("fields.E150", NU_IP(gadget, name, .blank = true));
    WRONG("fields.E160", NU_DATETIME(gadget, made, .auto_now = true, .auto_now_add = true));
    WRONG("fields.E170", NU_BINARY(gadget, bytes, .default_value = NU_CONST_TEXT("x")));
    WRONG("fields.E201", NU_FILE(gadget, file, .primary_key = true));
    WRONG("fields.E202", NU_FILE(gadget, file, .upload_to = "/tmp"));
    CHECK_CONTAINS(
        wrong((nu_model){.fields = (const nu_field[]){NU_INT(gadget, count, .generated = seven,
                                                             .db_default = seven),
                                                      {0}}}),
        "neither a default nor a clock");
    CHECK_CONTAINS(
        wrong((nu_model){
            .fields = (const nu_field[]){NU_TEXT(gadget, name, .unique_for_date = "made"), {0}}}),
        "is no date of the model");
    CHECK_CONTAINS(
        wrong((nu_model){
            .fields = (const nu_field[]){NU_IMAGE(gadget, file, .width_field = "name"), {0}}}),
        "no field for a whole number");
}

TEST(all_that_is_wrong_is_told_at_once)
{
    const nu_field fields[] = {
        NU_CHAR(gadget, name), NU_DECIMAL(gadget, price), NU_INT(gadget, count), {0}};
    const nu_model *model = keep((nu_model){.fields = fields, .ordering = NU_STRS("nothing")});
    CHECK_RAISES(NU_CONFIG_ERROR, ready(model));
    nu_models_clear();
    CHECK_TEXT(nu_test_error()->fact, "3 mistakes in the models");
    CHECK_CONTAINS(nu_test_error()->detail, "(fields.E120)");
    CHECK_CONTAINS(nu_test_error()->detail, "(fields.E132)");
    CHECK_CONTAINS(nu_test_error()->detail, "test_check.c:");
}

TEST(permissions_that_cannot_be)
{
    static const nu_field gadget_fields[] = {NU_INT(gadget, count), {0}};
    static const char     sixty[] = "123456789012345678901234567890123456789012345678901234567890";
    const char           *far_too_long = nu_fmt("%s%s%s%s%s", sixty, sixty, sixty, sixty, sixty);
#define WRONG_PERMISSION(id, ...)                                                                  \
    CHECK_TEXT(wrong((nu_model){.fields = gadget_fields, __VA_ARGS__}), id)
    WRONG_PERMISSION("", .permissions = NU_STRS("sell_gadget", "Can sell gadget"));
    WRONG_PERMISSION("auth.E005", .permissions = NU_STRS("change_gadget", "Can change it"));
    WRONG_PERMISSION("", .default_permissions = NU_STRS("add"),
                     .permissions = NU_STRS("change_gadget", "Can change it"));
    WRONG_PERMISSION("auth.E006",
                     .permissions = NU_STRS("sell", "Can sell", "sell", "Can sell it"));
    WRONG_PERMISSION("auth.E007", .verbose_name = far_too_long);
    WRONG_PERMISSION("auth.E008", .permissions = NU_STRS("sell", far_too_long));
    WRONG_PERMISSION("auth.E012", .permissions = NU_STRS(far_too_long, "Can sell it"));
#undef WRONG_PERMISSION
}

TEST(relations_that_cannot_be)
{
    WRONG("", NU_FOREIGN(gadget, other, SELF, .on_delete = NU_CASCADE));
    WRONG("fields.E300",
          NU_FOREIGN(gadget, other, .to_name = "shop.None", .on_delete = NU_CASCADE));
    WRONG("fields.E302",
          NU_FOREIGN(gadget, other, SELF, .on_delete = NU_CASCADE, .related_name = "name"),
          NU_TEXT(gadget, name));
    WRONG("fields.E303",
          NU_FOREIGN(gadget, other, SELF, .on_delete = NU_CASCADE, .related_query_name = "name"),
          NU_TEXT(gadget, name));
    WRONG("fields.E304", NU_FOREIGN(gadget, other, SELF, .on_delete = NU_CASCADE),
          NU_FOREIGN(gadget, third, SELF, .on_delete = NU_CASCADE));
    WRONG("fields.E305", NU_FOREIGN(gadget, other, SELF, .on_delete = NU_CASCADE),
          NU_FOREIGN(gadget, third, SELF, .on_delete = NU_CASCADE, .related_name = "thirds",
                     .related_query_name = "gadget"));
    WRONG("fields.E306",
          NU_FOREIGN(gadget, other, SELF, .on_delete = NU_CASCADE, .related_name = "no name"));
    WRONG("fields.E308",
          NU_FOREIGN(gadget, other, SELF, .on_delete = NU_CASCADE, .related_name = "others_"));
    WRONG("fields.E309",
          NU_FOREIGN(gadget, other, SELF, .on_delete = NU_CASCADE, .related_name = "others__x"));
    WRONG("fields.E311",
          NU_FOREIGN(gadget, other, SELF, .on_delete = NU_CASCADE, .to_field = "name"),
          NU_TEXT(gadget, name));
    WRONG("fields.E312",
          NU_FOREIGN(gadget, other, SELF, .on_delete = NU_CASCADE, .to_field = "none"));
    WRONG("fields.E320", NU_FOREIGN(gadget, other, SELF, .on_delete = NU_SET_NULL));
    WRONG("fields.E321", NU_FOREIGN(gadget, other, SELF, .on_delete = NU_SET_DEFAULT));
    WRONG("fields.E322", NU_FOREIGN(gadget, other, SELF, .on_delete = NU_DB_SET_DEFAULT));
    WRONG("fields.E330", NU_MANY(gadget, "others", SELF, .unique = true));
    WRONG("fields.E333", NU_MANY(gadget, "others", SELF, .through = &pair_model));
    WRONG("fields.E334", NU_MANY(gadget, "others", .to = &owner_model, .through = &pair_model));
    WRONG("fields.E336", NU_MANY(gadget, "others", .to = &owner_model, .through = &owner_model));
    WRONG("", NU_MANY(gadget, "others", SELF, .through = &pair_model, .through_from = "a",
                      .through_to = "b"));
}

#define WRONG_MODEL(id, ...) CHECK_TEXT(wrong((nu_model){.fields = gadget_fields, __VA_ARGS__}), id)

TEST(models_that_cannot_be)
{
    static const nu_field gadget_fields[] = {
        NU_TEXT(gadget, name),
        NU_MANY(gadget, "owners", .to = &owner_model),
        NU_FOREIGN(gadget, other, SELF, .on_delete = NU_CASCADE),
        {0}};
    static const nu_property properties[] = {NU_PROPERTY(gadget, other_id, gadget_name), {0}};
    WRONG_MODEL("");
    WRONG_MODEL("models.E012", .unique_together = NU_TOGETHER(NU_STRS("x")));
    WRONG_MODEL("models.E012", .indexes = NU_INDEXES({.name = "a", .fields = NU_STRS("-x")}));
    WRONG_MODEL("models.E013", .unique_together = NU_TOGETHER(NU_STRS("owners")));
    WRONG_MODEL("models.E015", .ordering = NU_STRS("-x"));
    WRONG_MODEL("models.E015", .ordering = NU_STRS("other__x"));
    WRONG_MODEL("", .ordering = NU_STRS("other__name", "?", "-other__pk"));
    WRONG_MODEL("models.E021", .ordering = NU_STRS("name"), .order_with_respect_to = "other");
    CHECK_TEXT(wrong((nu_model){.name = "_Gadget"}), "models.E023");
    CHECK_TEXT(wrong((nu_model){.name = "Gad__get"}), "models.E024");
    WRONG_MODEL("models.E025", .properties = properties);
    WRONG_MODEL("models.E028", .db_table = "shop_owner");
    WRONG_MODEL("models.E029", .indexes = NU_INDEXES({.name = "a", .fields = NU_STRS("name")},
                                                     {.name = "a", .fields = NU_STRS("other")}));
    WRONG_MODEL("models.E031",
                .constraints = NU_CONSTRAINTS({.name = "a", .fields = NU_STRS("name")},
                                              {.name = "a", .fields = NU_STRS("other")}));
    WRONG_MODEL("models.E033", .indexes = NU_INDEXES({.name = "1a", .fields = NU_STRS("name")}));
    WRONG_MODEL("models.E034",
                .indexes = NU_INDEXES(
                    {.name = "a_name_that_is_much_longer_than_any_database_of_ours_takes_as_a_name",
                     .fields = NU_STRS("name")}));
}

/* ---- what is only odd ---------------------------------------------------------------------------- */

static nu_builder told;

static void tell(void *arg, const char *sentence)
{
    (void)arg;
    nu_builder_printf(&told, "%s\n", sentence);
}

TEST(odd_models_are_warned_of)
{
    static const nu_field fields[] = {
        NU_TEXT(gadget, name, .db_comment = "what people call it"),
        NU_MANY(gadget, "others", .to_name = "shop.Gadget", .null = true, .related_name = "back"),
        NU_FOREIGN(gadget, other, SELF, .on_delete = NU_CASCADE, .unique = true),
        {0}};
    nu_model model = {
        NU_MODEL_OF(gadget, "Gadget"),
        .fields = fields,
        .db_comment = "things",
        .indexes =
            NU_INDEXES({.name = "a", .fields = NU_STRS("name"), .include = NU_STRS("other")}),
        .constraints =
            NU_CONSTRAINTS({.name = "b", .fields = NU_STRS("name"), .deferrable = NU_DEFERRED},
                           {.name = "c", .fields = NU_STRS("other"), .nulls_not_distinct = true}),
    };
    nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_builder_init(&told, NULL, 512);
    ready(&model);
    nu_models_warn(tell, NULL);
    static const char *const ids[] = {"fields.W163", "fields.W340", "fields.W345", "fields.W342",
                                      "models.W046", "models.W040", "models.W038", "models.W047"};
    for (size_t i = 0; i < NU_COUNT(ids); i++)
        CHECK_CONTAINS(nu_builder_text(&told), ids[i]);
    CHECK_CONTAINS(nu_builder_text(&told), "shop.Gadget.other: a unique reference");
    nu_database_close_all();
    nu_models_clear();
}
