/* Cleaning: what each kind of field makes of what is sent, the order of the steps, who reports what. */
#include <string.h>

#include "nuages/i18n.h"
#include "nuages/test.h"
#include "nuages/form.h"
#include "nuages/upload.h"

/* ---- the kinds, a table ---------------------------------------------------------------------------- */

static const nu_choice colours[] = {
    NU_CHOICE("r", "Red"),
    {.label = "Dark", .group = NU_CHOICES(NU_CHOICE("n", "Navy"), NU_CHOICE("b", "Black"))},
    {.label = NULL},
};
static const nu_choice numbers[] = {
    NU_CHOICE_INT(1, "one"), NU_CHOICE_INT(2, "two"), {.label = NULL}};

static const nu_form_field kinds[] = {
    NU_FORM_CHAR("char"),
    NU_FORM_CHAR("short", .max_length = 3),
    NU_FORM_CHAR("long", .min_length = 3),
    NU_FORM_CHAR("raw", .keep_space = true),
    NU_FORM_EMAIL("email"),
    NU_FORM_URL("url"),
    NU_FORM_SLUG("slug"),
    NU_FORM_UUID("uuid"),
    NU_FORM_FIELD("ip", nu_form_ip),
    NU_FORM_REGEX("regex", .pattern = "^[a-c]+$"),
    NU_FORM_JSON("json"),
    NU_FORM_INT("int"),
    NU_FORM_INT("small", .min_value = NU_CONST_INT(3), .max_value = NU_CONST_INT(9)),
    NU_FORM_INT("step", .step_size = NU_CONST_INT(4), .min_value = NU_CONST_INT(1)),
    NU_FORM_FLOAT("float"),
    NU_FORM_DECIMAL("decimal", .max_digits = 5, .decimal_places = 2),
    NU_FORM_DECIMAL("any_decimal"),
    NU_FORM_DECIMAL("quarters", .step_size = NU_CONST_FLOAT(0.25)),
    NU_FORM_BOOL("bool"),
    NU_FORM_BOOL("maybe", .optional = true),
    NU_FORM_DATE("date"),
    NU_FORM_TIME("time"),
    NU_FORM_DATETIME("datetime"),
    NU_FORM_DURATION("duration"),
    NU_FORM_CHOICE("choice", .choices = colours),
    NU_FORM_CHOICE_INT("typed", .choices = numbers),
    NU_FORM_INT("optional_int", .optional = true),
    NU_FORM_CHAR("optional_char", .optional = true),
    {0},
};

static const char long_text[] =
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/* `expect`: the cleaned value as Python's str(), or "!" and the codes of the errors. NULL is sent as
 * nothing at all. */
static const struct {
    const char *name, *sent, *expect;
} cases[] = {
    {"char", "  a b ", "a b"},
    {"char", "\u00a0\u2003x\u3000", "x"},
    {"char", "   ", "!required"},
    {"char", NULL, "!required"},
    {"char", "\xff\xfe", "!invalid"},
    {"char", "\xc0\x80", "!invalid"},
    {"optional_char", NULL, ""},
    {"optional_char", " ", ""},
    {"short", "äöü", "äöü"},
    {"short", "äöüß", "!max_length"},
    {"short", long_text, "!max_length"},
    {"long", "äö", "!min_length"},
    {"raw", " a ", " a "},
    {"raw", " ", " "},
    {"email", " a@example.com ", "a@example.com"},
    {"email", "a@b", "!invalid"},
    {"email", "a@example.com\r\nBcc: x@example.com", "!invalid"},
    {"url", "example.com/a?b", "http://example.com/a?b"},
    {"url", "HTTPS://example.com", "https://example.com"},
    {"url", "javascript:alert(1)", "!invalid"},
    {"url", "http://", "!invalid"},
    {"slug", "a-B_1", "a-B_1"},
    {"slug", "a b", "!invalid"},
    {"slug", "é", "!invalid"},
    {"uuid", "{550e8400-E29B-41d4-a716-446655440000}", "550e8400-e29b-41d4-a716-446655440000"},
    {"uuid", "550e8400", "!invalid"},
    {"ip", "192.0.2.1", "192.0.2.1"},
    {"ip", "2001:DB8:0:0::1", "2001:db8::1"},
    {"ip", "192.0.2.256", "!invalid"},
    {"ip", "2001:db8::1::2", "!invalid"},
    {"regex", "abc", "abc"},
    {"regex", "abd", "!invalid"},
    {"json", " [1, {\"a\": null}] ", "[1, {'a': None}]"},
    {"json", "{", "!invalid"},
    {"json", "\"\\u0000\"", "!invalid"},
    {"int", " 42 ", "42"},
    {"int", "+7.00", "7"},
    {"int", "٣", "3"},
    {"int", "4.5", "!invalid"},
    {"int", "1e3", "!invalid"},
    {"int", "0x10", "!invalid"},
    {"int", "--1", "!invalid"},
    {"int", "-", "!invalid"},
    {"int", ".0", "!invalid"},
    {"int", "  ", "!invalid"},
    {"int", "9223372036854775807", "9223372036854775807"},
    {"int", "9223372036854775808", "!max_value"},
    {"int", "-99999999999999999999999", "!min_value"},
    {"optional_int", "", "None"},
    {"small", "2", "!min_value"},
    {"small", "10", "!max_value"},
    {"small", "3", "3"},
    {"step", "9", "9"},
    {"step", "8", "!step_size"},
    {"quarters", "2.75", "2.75"},
    {"quarters", "-0.250", "-0.250"},
    {"quarters", "0.3", "!step_size"},
    {"quarters", "1e6144", "1E+6144"},
    {"quarters", "1e-6144", "!step_size"},
    {"float", " -1.5e2 ", "-150.0"},
    {"float", ".5", "0.5"},
    {"float", "1e400", "!invalid"},
    {"float", "nan", "!invalid"},
    {"float", "-inf", "!invalid"},
    {"float", "infinity", "!invalid"},
    {"float", "0x1p3", "!invalid"},
    {"float", "1,5", "!invalid"},
    {"decimal", "123.45", "123.45"},
    {"decimal", "1234.5", "!max_whole_digits"},
    {"decimal", "1.234", "!max_decimal_places"},
    {"decimal", "123456", "!max_digits"},
    {"decimal", "1e400000", "!max_digits"},
    {"decimal", "NaN", "!invalid"},
    {"decimal", "1.", "1"},
    {"decimal", "11111111111111111111111111111111111111", "!max_digits"},
    {"any_decimal", "11111111111111111111111111111111111111", "!max_digits"},
    {"any_decimal", "-0.10", "-0.10"},
    {"bool", "on", "True"},
    {"bool", "False", "!required"},
    {"bool", NULL, "!required"},
    {"maybe", NULL, "False"},
    {"maybe", "x", "True"},
    {"date", "2026-11-21", "2026-11-21"},
    {"date", " 11/21/2026 ", "2026-11-21"},
    {"date", "11/21/26", "2026-11-21"},
    {"date", "Nov 21, 2026", "2026-11-21"},
    {"date", "21 november 2026", "2026-11-21"},
    {"date", "2026-02-29", "!invalid"},
    {"date", "2026-11-21 x", "!invalid"},
    {"date", "0000-01-01", "!invalid"},
    {"time", "09:05", "09:05:00"},
    {"time", "09:05:01.000123", "09:05:01.000123"},
    {"time", "24:00", "!invalid"},
    {"datetime", "2026-11-21 09:05", "2026-11-21 09:05:00"},
    {"datetime", "2026-11-21", "2026-11-21 00:00:00"},
    {"datetime", "2026-11-21T09:05:00Z", "2026-11-21 09:05:00+00:00"},
    {"datetime", "2026-11-31 09:05", "!invalid"},
    {"duration", "1 02:30:00", "1 day, 2:30:00"},
    {"duration", "a lot", "!invalid"},
    {"choice", "n", "n"},
    {"choice", "x", "!invalid_choice"},
    {"choice", "Dark", "!invalid_choice"},
    {"typed", "2", "2"},
    {"typed", "2.0", "!invalid_choice"},
    {"typed", "3", "!invalid_choice"},
};

static const char *codes_of(nu_form *form, const char *name)
{
    nu_value   errors = nu_dict_get(nu_form_errors(form), name);
    nu_builder codes;
    nu_builder_init(&codes, NULL, 32);
    for (uint32_t i = 0; !nu_is_null(errors) && i < errors.list->count; i++)
        nu_builder_printf(&codes, "%s%s", i == 0 ? "!" : ",",
                          nu_text(nu_dict_get(errors.list->items[i].dict, "code")));
    return nu_builder_text(&codes);
}

static const nu_form_def kinds_form = {.fields = kinds};

TEST(every_kind_cleans_or_says_why_not)
{
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_params *data = nu_params_new();
        if (cases[i].sent != NULL)
            nu_params_set(data, cases[i].name, NU_V(cases[i].sent));
        nu_form    *form = nu_form_new(&kinds_form, .data = data);
        const char *codes = codes_of(form, cases[i].name);
        const char *got = codes[0] != '\0' ? codes : nu_text(nu_form_value(form, cases[i].name));
        if (strcmp(got, cases[i].expect) != 0)
            FAIL("field \"%s\" given \"%s\": %s, not %s", cases[i].name,
                 cases[i].sent != NULL ? cases[i].sent : "(nothing)", got, cases[i].expect);
    }
}

TEST(null_characters_are_refused_everywhere)
{
    nu_params *data = nu_params_new();
    for (const nu_form_field *field = kinds; field->name != NULL; field++)
        nu_params_set(data, field->name,
                      nu_value_text_n("1\0"
                                      "1",
                                      3));
    nu_form *form = nu_form_new(&kinds_form, .data = data);
    CHECK_TEXT(codes_of(form, "char"), "!null_characters_not_allowed");
    CHECK_TEXT(codes_of(form, "optional_char"), "!null_characters_not_allowed");
    for (const nu_form_field *field = kinds; field->name != NULL; field++)
        CHECK(field->type == &nu_form_bool || codes_of(form, field->name)[0] == '!');
}

/* ---- several values and files ------------------------------------------------------------------------- */

static const nu_form_field many[] = {
    NU_FORM_CHOICES("some", .choices = colours),
    NU_FORM_CHOICES("ints", .choices = numbers, .coerce = nu_form_to_int, .optional = true),
    NU_FORM_FILE("file", .max_length = 8),
    {0},
};
static const nu_form_def many_form = {.fields = many};

TEST(several_choices_come_as_a_list)
{
    nu_params *data = nu_params_parse("some=n&some=r&ints=2", 20, -1);
    nu_form   *form = nu_form_new(&many_form, .data = data);
    CHECK_EQ(nu_form_value(form, "some"), nu_list_of("n", "r"));
    CHECK_EQ(nu_form_value(form, "ints"), nu_list_of(2));
    form = nu_form_new(&many_form, .data = nu_params_parse("some=n&some=x", 13, -1));
    CHECK_TEXT(codes_of(form, "some"), "!invalid_choice");
    CHECK_EQ(nu_form_value(form, "ints"), nu_list_new());
    form = nu_form_new(&many_form, .data = nu_params_new());
    CHECK_TEXT(codes_of(form, "some"), "!required");
}

static nu_form *with_file(const char *name, const char *content)
{
    nu_params *files = nu_params_new();
    nu_params_set(files, "file", NU_V(nu_upload_new(name, "text/plain", content, strlen(content))));
    return nu_form_new(&many_form, .data = nu_params_new(), .files = files);
}

TEST(files_are_looked_at)
{
    CHECK_TEXT(codes_of(with_file("a.txt", "x"), "file"), "");
    CHECK(nu_upload_of(nu_form_value(with_file("a.txt", "x"), "file")) != NULL);
    CHECK_TEXT(codes_of(with_file("a.txt", ""), "file"), "!empty");
    CHECK_TEXT(codes_of(with_file("long-name.txt", "x"), "file"), "!max_length");
    nu_form *form = nu_form_new(&many_form, .data = nu_params_parse("file=a.txt", 10, -1));
    CHECK_TEXT(codes_of(form, "file"), "!required");
    nu_dict *initial = nu_dict_of("file", "old.txt");
    form = nu_form_new(&many_form, .data = nu_params_new(), .initial = initial);
    CHECK_TEXT(nu_form_text(form, "file"), "old.txt");
}

/* ---- order of the steps --------------------------------------------------------------------------------- */

static void refuse_root(const nu_validator *self, nu_value value)
{
    (void)self;
    if (strcmp(value.text, "root") == 0)
        nu_form_refuse("reserved", "This name is reserved.");
}

static nu_value clean_name(nu_form *form, nu_value name)
{
    if (strcmp(name.text, "taken") == 0)
        nu_form_error(form, "name", "taken", "The name %s is taken.", name.text);
    if (strcmp(name.text, "bad") == 0)
        nu_form_refuse("bad", "This name is bad.");
    return NU_V(nu_fmt("%s!", name.text));
}

static void clean_both(nu_form *form)
{
    nu_dict *cleaned = nu_form_cleaned(form);
    if (nu_equal(nu_dict_get(cleaned, "name"), NU_V("same!")))
        nu_form_error(form, NULL, "same", "<Both> are the same.");
    if (nu_equal(nu_dict_get(cleaned, "name"), NU_V("raise!")))
        nu_form_refuse("whole", "This is all wrong.");
    if (nu_equal(nu_dict_get(cleaned, "name"), NU_V("beside!")))
        nu_form_error(form, "other", "beside", "Not beside that name.");
    if (nu_form_caller(form) != NULL)
        *(int *)nu_form_caller(form) += 1;
}

static const nu_form_field step_fields[] = {
    NU_FORM_CHAR("name", .max_length = 6, .clean = clean_name,
                 .validators = NU_VALIDATORS(NU_VALIDATOR_(refuse_root),
                                             NU_PATTERN("^[a-z]+$", "Small letters.")),
                 .messages = NU_ATTRS({"required", NU_CONST_TEXT("We need a name.")})),
    NU_FORM_CHAR("other", .optional = true),
    {0},
};
static const nu_form_def step_form = {.fields = step_fields, .clean = clean_both};

static nu_form *sent_name(const char *name)
{
    nu_params *data = nu_params_new();
    nu_params_set(data, "name", NU_V(name));
    return nu_form_new(&step_form, .data = data);
}

TEST(errors_come_from_every_step)
{
    static const struct {
        const char *name, *field, *codes, *message;
    } steps[] = {
        {"", "name", "!required", "We need a name."},
        {"root", "name", "!reserved", "This name is reserved."},
        {"Abcdefgh", "name", "!invalid,max_length", NULL},
        {"taken", "name", "!taken", "The name taken is taken."},
        {"bad", "name", "!bad", "This name is bad."},
        {"same", "__all__", "!same", "<Both> are the same."},
        {"raise", "__all__", "!whole", "This is all wrong."},
        {"beside", "other", "!beside", "Not beside that name."},
    };
    for (size_t i = 0; i < NU_COUNT(steps); i++) {
        nu_form *form = sent_name(steps[i].name);
        CHECK(!nu_form_is_valid(form));
        CHECK_TEXT(codes_of(form, steps[i].field), steps[i].codes);
        CHECK_EQ(nu_dict_count(nu_form_errors(form)), 1);
        if (strcmp(steps[i].field, "__all__") != 0)
            CHECK(nu_is_null(nu_form_value(form, steps[i].field)));
        const char *field = strcmp(steps[i].field, "__all__") == 0 ? NULL : steps[i].field;
        if (steps[i].message != NULL)
            CHECK_TEXT(nu_form_error_of(form, field), steps[i].message);
    }
    nu_form *form = sent_name(" good ");
    CHECK(nu_form_is_valid(form));
    CHECK_TEXT(nu_form_text(form, "name"), "good!");
    CHECK(nu_form_error_of(form, "name") == NULL);
}

TEST(a_form_is_cleaned_once)
{
    int        times = 0;
    nu_params *data = nu_params_parse("name=a", 6, -1);
    nu_form   *form = nu_form_new(&step_form, .data = data, .data_of_caller = &times);
    CHECK(nu_form_is_valid(form) && nu_form_is_valid(form));
    nu_form_errors(form);
    CHECK_EQ(times, 1);
    nu_form_error(form, "name", "late", "Found out later.");
    CHECK(!nu_form_is_valid(form));
    CHECK(nu_is_null(nu_form_value(form, "name")));
}

TEST(an_unbound_form_is_neither_valid_nor_wrong)
{
    nu_form *form = nu_form_new(&step_form, .data = NULL);
    CHECK(!nu_form_is_bound(form));
    CHECK(!nu_form_is_valid(form));
    CHECK_EQ(nu_dict_count(nu_form_errors(form)), 0);
}

TEST(an_unknown_field_is_a_mistake)
{
    nu_form *form = sent_name("a");
    CHECK_RAISES(NU_VALUE_ERROR, nu_form_value(form, "nmae"));
    CHECK_CONTAINS(nu_test_error()->hint, "name");
    CHECK_RAISES(NU_VALUE_ERROR, nu_form_error(form, "x", "x", "x"));
}

TEST(a_form_of_a_request_is_bound_by_a_post)
{
    nu_request *get = nu_request_new("GET", "/?name=a", NULL);
    CHECK(!nu_form_is_bound(nu_form_of(get, &step_form)));
    nu_request *post = nu_request_new("POST", "/", NULL);
    nu_request_set_body(post, "application/x-www-form-urlencoded", "name=a&other=%00", 16);
    nu_form *form = nu_form_of(post, &step_form);
    CHECK(nu_form_is_bound(form));
    CHECK_TEXT(codes_of(form, "other"), "!null_characters_not_allowed");
    CHECK_TEXT(nu_form_text(form, "name"), "a!");
}

/* ---- initial values, prefix, changes ------------------------------------------------------------------------ */

static const nu_choice *asked_choices(void)
{
    return numbers;
}

static const nu_form_field change_fields[] = {
    NU_FORM_CHAR("text", .optional = true, .initial = NU_CONST_TEXT("a")),
    NU_FORM_INT("number", .optional = true, .initial = NU_CONST_INT(5)),
    NU_FORM_BOOL("box", .optional = true),
    NU_FORM_CHAR("fixed", .disabled = true, .initial = NU_CONST_TEXT("kept")),
    NU_FORM_CHOICE_INT("choice", .choices_fn = asked_choices, .optional = true),
    NU_FORM_CHOICES("many", .choices = colours, .optional = true),
    {0},
};
static const nu_form_def change_form = {.fields = change_fields};

static const char *changed(const char *query, nu_dict *initial)
{
    nu_params *data = nu_params_parse(query, strlen(query), -1);
    nu_form   *form = nu_form_new(&change_form, .data = data, .initial = initial, .prefix = "p");
    nu_builder names;
    nu_builder_init(&names, NULL, 64);
    nu_list *list = nu_form_changed(form);
    for (uint32_t i = 0; i < list->count; i++)
        nu_builder_printf(&names, "%s%s", i > 0 ? " " : "", list->items[i].text);
    return nu_builder_text(&names);
}

TEST(changes_are_known)
{
    nu_dict *initial = nu_dict_of("choice", 2, "many", nu_list_of("n", "r"), "box", true);
    CHECK_TEXT(changed("p-text=a&p-number=5", NULL), "");
    CHECK_TEXT(changed("p-text= a &p-number=5.0&p-fixed=other", NULL), "");
    CHECK_TEXT(changed("p-number=x&p-box=on", NULL), "text number box");
    CHECK_TEXT(changed("text=a&number=5", NULL), "text number");
    CHECK_TEXT(changed("p-text=a&p-number=5&p-choice=2&p-many=r&p-many=n&p-box=1", initial), "");
    CHECK_TEXT(changed("p-text=a&p-number=5&p-choice=1&p-many=r", initial), "box choice many");
}

TEST(a_disabled_field_keeps_its_initial_value)
{
    nu_params *data = nu_params_parse("fixed=other&choice=1", 20, -1);
    nu_form   *form = nu_form_new(&change_form, .data = data);
    CHECK(nu_form_is_valid(form));
    CHECK_TEXT(nu_form_text(form, "fixed"), "kept");
    CHECK_EQ(nu_form_integer(form, "choice"), 1);
    CHECK_EQ(nu_form_integer(form, "number"), 0);
    CHECK(nu_form_text(form, "number") == NULL);
}

/* ---- zones --------------------------------------------------------------------------------------------------- */

TEST(a_time_that_the_clock_skips_or_shows_twice_is_refused)
{
    const nu_zone *zone = nu_zone_find("Europe/Zurich");
    if (zone == NULL)
        return;
    nu_locale_options options = {.use_tz = true, .zone = zone};
    const nu_locales *before = nu_locales_use(nu_locales_new(nu_arena_current(), &options));
    static const struct {
        const char *sent, *expect;
    } times[] = {
        {"2026-07-01 12:00", "2026-07-01 10:00:00+00:00"},
        {"2026-03-29 02:30", "!ambiguous_timezone"},
        {"2026-10-25 02:30", "!ambiguous_timezone"},
        {"2026-10-25 03:30", "2026-10-25 02:30:00+00:00"},
        {"2026-03-29 01:59", "2026-03-29 00:59:00+00:00"},
    };
    const char *wrong = NULL;
    for (size_t i = 0; i < NU_COUNT(times); i++) {
        nu_params *data = nu_params_new();
        nu_params_set(data, "datetime", NU_V(times[i].sent));
        nu_form    *form = nu_form_new(&kinds_form, .data = data);
        const char *got = codes_of(form, "datetime");
        nu_datetime moment = nu_value_as_datetime(nu_form_value(form, "datetime"));
        moment.offset = 0;
        if (got[0] == '\0')
            got = nu_text(NU_V(moment));
        if (strcmp(got, times[i].expect) != 0)
            wrong = nu_fmt("%s: %s", times[i].sent, got);
    }
    nu_locales_use(before);
    CHECK_TEXT(wrong, NULL);
}
