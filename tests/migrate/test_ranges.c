/* Range fields, on PostgreSQL (scripts/postgres run). */
#include <string.h>

#include "helper.h"
#include "model/native.h"
#include "nuages/postgres.h"
#include "nuages/query.h"

struct stay {
    nu_row                row;
    const char           *name;
    int64_t               age;
    double                weight;
    nu_date               day;
    nu_datetime           at;
    const nu_value_range *ages, *bigs, *prices, *nights, *span;
};
extern const nu_model stay_model;

static const nu_field stay_fields[] = {
    NU_CHAR(stay, name, .max_length = 10),
    NU_SMALL_INT(stay, age, .default_value = NU_CONST_INT(7)),
    NU_FLOAT(stay, weight, .default_value = NU_CONST_FLOAT(1.5)),
    NU_DATE(stay, day, .null = true),
    NU_DATETIME(stay, at, .null = true),
    NU_INT_RANGE(stay, ages, .null = true, .blank = true),
    NU_BIG_INT_RANGE(stay, bigs, .null = true, .blank = true),
    NU_DECIMAL_RANGE(stay, prices, .null = true, .blank = true),
    NU_DATE_RANGE(stay, nights, .null = true, .blank = true),
    NU_DATETIME_RANGE(stay, span, .null = true, .blank = true),
    {0},
};
const nu_model               stay_model = {NU_MODEL_OF(stay, "Stay"), .fields = stay_fields,
                                           .ordering = NU_STRS("id")};
static const nu_model *const models[] = {&stay_model, NULL};

static nu_database *stays(void)
{
    nu_database *db = empty_database_on(true);
    if (db == NULL)
        return NULL;
    make_tables(db, "app", models);
    nu_create(
        stay, "name", "a", "ages", nu_range_of(0, 10), "bigs",
        nu_range_of(INT64_C(5000000000), nu_null()), "prices",
        nu_range_with(nu_decimal_get("1.50"), nu_decimal_get("2.25"), "(]"), "nights",
        nu_range_of(nu_date_of(2026, 8, 1), nu_date_of(2026, 8, 9)), "span",
        nu_range_of(nu_datetime_of(2026, 8, 1, 12, 0, 0), nu_datetime_of(2026, 8, 9, 10, 30, 0)),
        "day", nu_date_of(2026, 8, 3), "at", nu_datetime_of(2026, 8, 9, 10, 30, 0));
    nu_create(stay, "name", "b", "ages", nu_list_of(10, nu_null()), "nights", nu_range_empty());
    nu_create(stay, "name", "c");
    return db;
}

static const char *names(const nu_query *query)
{
    return nu_text(nu_value_list(nu_query_list(nu_flat(query, "name"))));
}

#define FOUND(lookup, value) names(nu_filter(nu_all(stay), lookup, value))

TEST(ranges_come_back_as_they_went)
{
    nu_database *db = stays();
    if (db == NULL)
        return;
    CHECK_TEXT(values_of(db, "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE "
                             "attrelid = 'app_stay'::regclass AND attnum > 6 ORDER BY attnum"),
               "int4range int8range numrange daterange tstzrange");
    struct stay *a = nu_get(stay, "id", 1);
    CHECK_TEXT(nu_text(NU_V(a->ages)), "[0, 10)");
    CHECK_TEXT(nu_text(NU_V(a->bigs)), "[5000000000, None)");
    CHECK_TEXT(nu_text(NU_V(a->prices)), "(1.50, 2.25]");
    CHECK_TEXT(nu_text(NU_V(a->nights)), "[2026-08-01, 2026-08-09)");
    CHECK_TEXT(nu_text(NU_V(a->span)), "[2026-08-01 12:00:00+00:00, 2026-08-09 10:30:00+00:00)");
    CHECK_EQ(a->nights->upper, nu_date_of(2026, 8, 9));
    CHECK(nu_get(stay, "id", 2)->nights->empty);
    CHECK(nu_get(stay, "id", 3)->ages == NULL);
    CHECK_TEXT(nu_text(nu_value_list(nu_query_list(nu_flat(nu_all(stay), "ages")))),
               "[<range: [0, 10)>, <range: [10, None)>, None]");
    a->ages = nu_range_with(1, 3, "[]");
    nu_save(a);
    nu_row_refresh(&a->row);
    CHECK_TEXT(nu_text(NU_V(a->ages)), "[1, 4)");
    nu_row_full_clean(&a->row);
    CHECK_RAISES(NU_DATA_ERROR, nu_create(stay, "ages", nu_range_of(5, 1)));
    CHECK_RAISES(NU_VALUE_ERROR, nu_create(stay, "ages", nu_list_of(1, "x")));
    CHECK_RAISES(NU_VALUE_ERROR, nu_create(stay, "ages", 5));
    CHECK_RAISES(NU_VALUE_ERROR, nu_range_with(1, 2, "[["));
}

TEST(ranges_are_compared)
{
    if (stays() == NULL)
        return;
    CHECK_TEXT(FOUND("ages", nu_range_of(0, 10)), "['a']");
    CHECK_TEXT(FOUND("ages__contains", 4), "['a']");
    CHECK_TEXT(FOUND("ages__contains", nu_range_of(2, 5)), "['a']");
    CHECK_TEXT(FOUND("bigs__contains", INT64_C(5000000001)), "['a']");
    CHECK_TEXT(FOUND("bigs__contains", 1), "[]");
    CHECK_TEXT(FOUND("nights__contains", nu_date_of(2026, 8, 8)), "['a']");
    CHECK_TEXT(FOUND("span__contains", nu_datetime_of(2026, 8, 9, 10, 30, 0)), "[]");
    CHECK_TEXT(FOUND("nights__contains", nu_f("day")), "['a']");
    CHECK_TEXT(FOUND("ages__contained_by", nu_list_of(0, 20)), "['a']");
    CHECK_TEXT(FOUND("ages__overlap", nu_range_of(9, 12)), "['a', 'b']");
    CHECK_TEXT(FOUND("ages__fully_lt", nu_range_of(10, 12)), "['a']");
    CHECK_TEXT(FOUND("ages__fully_gt", nu_range_of(1, 3)), "['b']");
    CHECK_TEXT(FOUND("ages__not_lt", nu_range_of(5, 30)), "['b']");
    CHECK_TEXT(FOUND("ages__not_gt", nu_range_of(5, 30)), "['a']");
    CHECK_TEXT(FOUND("ages__adjacent_to", nu_range_of(-5, 0)), "['a']");
    CHECK_TEXT(FOUND("ages__adjacent_to", nu_f("ages")), "[]");
    CHECK_TEXT(FOUND("ages__startswith", 10), "['b']");
    CHECK_TEXT(FOUND("ages__startswith__lt", 10), "['a']");
    CHECK_TEXT(FOUND("ages__endswith__isnull", true), "['b', 'c']");
    CHECK_TEXT(FOUND("nights__startswith__year", 2026), "['a']");
    CHECK_TEXT(FOUND("nights__isempty", true), "['b']");
    CHECK_TEXT(FOUND("ages__upper_inf", true), "['b']");
    CHECK_TEXT(FOUND("ages__lower_inc", false), "[]");
    CHECK_TEXT(FOUND("prices__upper_inc", true), "['a']");
    CHECK_TEXT(FOUND("ages__lt", nu_range_of(5, 6)), "['a']");
    CHECK_TEXT(FOUND("ages__in", nu_list_of(nu_range_of(0, 10), nu_range_of(1, 2))), "['a']");
    CHECK_TEXT(names(nu_exclude(nu_all(stay), "ages__contains", 4)), "['b', 'c']");
    CHECK_TEXT(FOUND("age__contained_by", nu_range_of(7, 8)), "['a', 'b', 'c']");
    CHECK_TEXT(FOUND("id__contained_by", nu_range_of(2, 3)), "['b']");
    CHECK_TEXT(FOUND("weight__contained_by", nu_list_of("1.4", "1.6")), "['a', 'b', 'c']");
    CHECK_TEXT(FOUND("day__contained_by", nu_list_of("2026-08-03", "2026-08-04")), "['a']");
    CHECK_TEXT(
        FOUND("at__contained_by", nu_range_of(nu_datetime_of(2026, 1, 1, 0, 0, 0), nu_null())),
        "['a']");
    CHECK_TEXT(FOUND("day__contained_by", nu_f("nights")), "['a']");
    CHECK_RAISES(NU_FIELD_ERROR, nu_filter(nu_all(stay), "ages__icontains", 1));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(stay), "ages__overlap", 1));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(stay), "ages__contains", "x"));
}

TEST(a_range_has_a_text_form)
{
    const nu_field       *nights = &stay_fields[8], *prices = &stay_fields[7];
    const nu_value_range *range = nu_range_of(nu_date_of(2026, 8, 1), nu_null());
    const char           *text = nu__range_text(nights, range);
    nu_value              back;
    CHECK_TEXT(text, "{\"bounds\": \"[)\", \"lower\": \"2026-08-01\", \"upper\": null}");
    CHECK(nu_field_date_range.clean(nights, nu_value_text(text), &back));
    CHECK_EQ(back, NU_V(range));
    CHECK_TEXT(nu__range_text(nights, nu_range_empty()), "{\"empty\": true}");
    CHECK(nu_field_date_range.clean(nights, NU_V("{\"empty\": true}"), &back));
    CHECK(nu_range_get(back)->empty);
    static const char *const wrong[] = {"",         "[",     "[1",
                                        "[1,2",     "1,2",   "[1,2)x",
                                        "{}x",      "[a,b)", "[\"1,2)",
                                        "[\"1\"2)", "[1;2]", "{\"bounds\": \"[\"}",
                                        "[\\",      "[1,\\", "{\"lower\": \"x\"}"};
    for (size_t i = 0; i < NU_COUNT(wrong); i++)
        CHECK(!nu_field_decimal_range.clean(prices, NU_V(wrong[i]), &back));
    CHECK(nu_field_decimal_range.clean(prices, NU_V("(\"1\",\"2.5\"]"), &back));
    CHECK_TEXT(nu_text(back), "(1, 2.5]");
    CHECK(nu_field_decimal_range.clean(prices, NU_V("(,)"), &back));
    CHECK_TEXT(nu_text(back), "(None, None)");
}

/* ---- exclusions -------------------------------------------------------------------------------- */

struct booking {
    nu_row                row;
    int64_t               room;
    bool                  cancelled;
    const nu_value_range *nights;
};
extern const nu_model booking_model;

static const nu_expression *not_cancelled(void)
{
    return nu_q("cancelled", false);
}

static const nu_expression *first_night(void)
{
    return nu_fn("Coalesce", nu_f("room"), 0);
}

static const nu_field booking_fields[] = {
    NU_INT(booking, room),
    NU_BOOL(booking, cancelled, .default_value = NU_CONST_BOOL(false)),
    NU_DATE_RANGE(booking, nights, .null = true, .blank = true),
    {0},
};
static nu_constraint booking_constraints[] = {
    {.name = "one_guest",
     .fields = NU_STRS("room", "nights"),
     .operators = NU_STRS("=", "&&"),
     .condition = not_cancelled},
    {.name = "by_expression",
     .expressions = (const nu_expression_fn[]){first_night, NULL},
     .operators = NU_STRS("<>"),
     .method = "gist",
     .deferrable = NU_DEFERRED},
    {.name = NULL},
};
const nu_model booking_model = {NU_MODEL_OF(booking, "Booking"), .fields = booking_fields,
                                .constraints = booking_constraints};
static const nu_model *const bookings[] = {&booking_model, NULL};

static const nu_operation with_gist[] = {NU_CREATE_EXTENSION("btree_gist"), {0}};

static const nu_value_range *august(int from, int to)
{
    return nu_range_of(nu_date_of(2026, 8, from), nu_date_of(2026, 8, to));
}

TEST(rows_exclude_each_other)
{
    nu_database *db = empty_database_on(true);
    if (db == NULL)
        return;
    migrate(db, GRAPH(MIGRATION("shop", "0001", with_gist)), NULL, NULL);
    const char *source = make_tables(db, "app", bookings);
    CHECK_CONTAINS(source, ".fields = NU_STRS(\"room\", \"nights\"), .condition = one_guest_where, "
                           ".operators = NU_STRS(\"=\", \"&&\")");
    CHECK_TEXT(values_of(db, "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = "
                             "'x' ORDER BY conname DESC"),
               "EXCLUDE USING gist (room WITH =, nights WITH &&) WHERE ((NOT cancelled)) EXCLUDE "
               "USING gist (COALESCE(room, 0) WITH <>) DEFERRABLE INITIALLY DEFERRED");
    nu_create(booking, "room", 1, "nights", august(1, 9));
    nu_create(booking, "room", 1, "nights", august(9, 12));
    nu_create(booking, "room", 1, "nights", august(3, 5), "cancelled", true);
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_create(booking, "room", 1, "nights", august(8, 10)));
    struct booking *late = nu_new(booking, "room", 1, "nights", august(8, 10));
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_row_full_clean(&late->row));
    late->cancelled = true;
    nu_row_full_clean(&late->row);
    late->cancelled = false;
    late->nights = NULL;
    nu_row_full_clean(&late->row);
    late->nights = august(20, 22);
    nu_row_full_clean(&late->row);
    nu_save(late);
    nu_row_full_clean(&late->row);
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_create(booking, "room", 2, "nights", august(8, 10)));
}

static void ready(void)
{
    nu_models_clear();
    nu_models_add("app", bookings);
    nu_models_ready();
}

TEST(an_exclusion_is_checked)
{
    const nu_constraint      good = booking_constraints[0];
    nu_constraint *const     changed = &booking_constraints[0];
    const char *const *const wrong[] = {NU_STRS("="), NU_STRS("=", "&&; DROP"), NU_STRS("=", "--"),
                                        NU_STRS("=", "&&", "=")};
    empty_database_on(false);
    ready();
    for (size_t i = 0; i < NU_COUNT(wrong); i++) {
        changed->operators = wrong[i];
        CHECK_RAISES(NU_CONFIG_ERROR, ready());
    }
    *changed = good;
    changed->method = "gin";
    CHECK_RAISES(NU_CONFIG_ERROR, ready());
    *changed = good;
    ready();
}
