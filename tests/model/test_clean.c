/* Whole rows: fields, uniqueness, constraints, and how they say what is wrong. */
#include "blog.h"

struct room {
    nu_row       row;
    const char  *code;
    const char  *name;
    nu_date      opened;
    nu_datetime  seen;
    nu_decimal   price;
    int16_t      seats;
    bool         active;
    nu_maybe_int least, most;
    nu_ref(room) next;
    const char *secret;
};

extern const nu_model room_model;

static const nu_expression *is_active(void)
{
    return nu_q("active", true);
}

static const nu_expression *in_order(void)
{
    return nu_or(nu_q("most__isnull", true), nu_q("most__gte", nu_f("least")));
}

static const nu_expression *not_itself(void)
{
    return nu_not(nu_q("name", nu_f("code")));
}

static const nu_expression *odd(void)
{
    return nu_q("name__iregex", "x");
}

static void room_clean(struct room *room)
{
    if (room->seats == 13)
        nu_row_refuse("seats", "unlucky", "%d seats bring bad luck.", room->seats);
    if (room->seats == 14)
        nu_raise(NU_VALIDATION_ERROR, "Nearly.");
}

static const nu_field room_fields[] = {
    NU_CHAR(room, code, .max_length = 5, .unique_for_month = "opened",
            .validators = NU_VALIDATORS(NU_PATTERN("^[A-Z]", "Begin with a capital."))),
    NU_CHAR(room, name, .max_length = 30, .verbose_name = "given name"),
    NU_DATE(room, opened, .null = true, .blank = true),
    NU_DATETIME(room, seen, .auto_now = true),
    NU_DECIMAL(room, price, .max_digits = 4, .decimal_places = 2, .null = true, .blank = true),
    NU_POSITIVE_SMALL_INT(room, seats, .validators = NU_VALIDATORS(NU_MAX_VALUE(50))),
    NU_BOOL(room, active),
    NU_INT(room, least, .null = true, .blank = true),
    NU_INT(room, most, .null = true, .blank = true),
    NU_FOREIGN(room, next, .to = &room_model, .null = true, .blank = true,
               .on_delete = NU_SET_NULL),
    NU_CHAR(room, secret, .max_length = 5, .unique = true, .null = true, .blank = true,
            .messages = NU_MESSAGES({"unique", NU_CONST_TEXT("Not that secret.")})),
    {0},
};
const nu_model room_model = {
    NU_MODEL_OF(room, "Room"),
    .fields = room_fields,
    .clean = room_clean,
    .constraints = NU_CONSTRAINTS(
        {.name = "%(class)s_active_name", .fields = NU_STRS("name"), .condition = is_active},
        {.name = "room_in_order", .condition = in_order},
        {.name = "room_self",
         .condition = not_itself,
         .message = "Name it otherwise.",
         .code = "same"},
        {.name = "room_odd", .condition = odd}),
};

static void room_open(void)
{
    nu_database *db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_models_clear();
    nu_models_add("house", (const nu_model *[]){&room_model, NULL});
    nu_models_ready();
    blog_tables(db);
}

/* "field:code,code field:…" of what is wrong with the row; "" for nothing. */
static const char *wrong_with(struct room *room)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    NU_TRY {
        nu_row_full_clean(&room->row);
    }
    NU_CATCH (error) {
        const nu_dict *codes = error->codes;
        for (nu_entry *entry = NULL; (entry = nu_dict_next(codes, entry));) {
            nu_builder_printf(&out, "%s%s:", out.length > 0 ? " " : "", entry->key.text);
            for (uint32_t i = 0; i < entry->value.list->count; i++)
                nu_builder_printf(&out, "%s%s", i > 0 ? "," : "",
                                  nu_text(entry->value.list->items[i]));
        }
    }
    return nu_builder_text(&out);
}

#define ROOM(...) nu_new(room, "code", "A1", "name", "Hall", "seats", 5, ##__VA_ARGS__)

TEST(fields_say_what_is_wrong_with_them)
{
    room_open();
    CHECK_TEXT(wrong_with(ROOM()), "");
    CHECK_TEXT(wrong_with(nu_new(room, "code", "aaaaaa")), "code:invalid,max_length name:blank");
    CHECK_TEXT(wrong_with(ROOM("seats", 60)), "seats:max_value");
    CHECK_TEXT(wrong_with(ROOM("seats", -60)), "seats:min_value");
    CHECK_TEXT(wrong_with(ROOM("seats", 13)), "seats:unlucky");
    CHECK_TEXT(wrong_with(ROOM("seats", 14)), "__all__:invalid");
    CHECK_TEXT(wrong_with(ROOM("price", "1.234")), "price:max_decimal_places");
    CHECK_TEXT(wrong_with(ROOM("price", "123.4")), "price:max_whole_digits");
    CHECK_TEXT(wrong_with(ROOM("price", "12345")), "price:max_digits");
    CHECK_TEXT(wrong_with(ROOM("price", "0.5")), "");
    CHECK_TEXT(wrong_with(ROOM("next_id", 77)), "next:invalid");
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_row_clean_fields(&ROOM("next_id", 77)->row, NULL));
    CHECK_TEXT(nu_test_error()->fact, "next: room instance with id 77 does not exist.");
    nu_row_clean_fields(&ROOM("next_id", 77)->row, NU_STRS("next"));
    blog_close();
}

TEST(what_must_be_unique_is_looked_up)
{
    room_open();
    nu_date      day = nu_date_of(2026, 3, 5);
    struct room *hall = ROOM("active", true, "opened", day, "secret", "abc");
    nu_save(hall);
    CHECK_TEXT(wrong_with(hall), "");
    CHECK_TEXT(wrong_with(ROOM("secret", "abc")), "secret:unique");
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_row_validate_unique(&ROOM("secret", "abc")->row, NULL));
    CHECK_TEXT(nu_test_error()->fact, "secret: Not that secret.");
    nu_row_validate_unique(&ROOM("secret", "abc")->row, NU_STRS("secret"));
    CHECK_TEXT(wrong_with(ROOM("opened", nu_date_of(2025, 3, 1))), "code:unique_for_date");
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_row_validate_unique(&ROOM("opened", day)->row, NULL));
    CHECK_TEXT(nu_test_error()->fact, "code: Code must be unique for Opened month.");
    CHECK_TEXT(wrong_with(ROOM("opened", nu_date_of(2026, 4, 5))), "");
    CHECK_TEXT(wrong_with(ROOM("id", hall->row.id)), "id:unique");
    blog_close();
}

TEST(constraints_are_judged_by_the_row)
{
    room_open();
    nu_save(ROOM("active", true));
    CHECK_TEXT(wrong_with(ROOM("active", true)), "__all__:invalid");
    CHECK_RAISES(NU_VALIDATION_ERROR,
                 nu_row_validate_constraints(&ROOM("active", true)->row, NULL));
    CHECK_TEXT(nu_test_error()->fact, "__all__: Constraint “room_active_name” is violated.");
    nu_row_validate_constraints(&ROOM("active", true)->row, NU_STRS("name"));
    CHECK_TEXT(wrong_with(ROOM("active", false)), "");
    CHECK_TEXT(wrong_with(ROOM("least", 5, "most", 4)), "__all__:invalid");
    CHECK_TEXT(wrong_with(ROOM("least", 5, "most", 5)), "");
    CHECK_TEXT(wrong_with(ROOM("most", 5)), "");
    CHECK_TEXT(wrong_with(ROOM("name", "A1")), "__all__:same");
    blog_close();
}
