/* Kinds of fields of one's own, and what options of fields do to tables and rows, on both databases. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper.h"
#include "nuages/expression.h"
#include "nuages/query.h"

/* ---- a kind of one's own: "#ff8800", kept as a number ------------------------------------------ */

static bool clean_colour(const nu_field *field, nu_value value, nu_value *out)
{
    (void)field;
    if (value.type != NU_TEXT || value.length != 7 || value.text[0] != '#' ||
        strspn(value.text + 1, "0123456789abcdef") != 6)
        return false;
    *out = value;
    return true;
}

static nu_value store_colour(const nu_field *field, nu_value value)
{
    (void)field;
    return nu_value_int(strtol(value.text + 1, NULL, 16));
}

static nu_value load_colour(const nu_field *field, nu_value value)
{
    (void)field;
    return nu_value_text(nu_fmt("#%06llx", (unsigned long long)value.integer));
}

static const char *colour_type(const nu_field *field, const char *database)
{
    (void)field;
    return strcmp(database, "postgresql") == 0 ? "numeric(8, 0)" : NULL;
}

const nu_field_type colour_field = {
    .name = "ColourField",
    .symbol = "colour_field",
    .db = NU_DB_INT,
    .clean = clean_colour,
    .store = store_colour,
    .load = load_colour,
    .column_type = colour_type,
    .expects = "a colour such as #ff8800",
};

static const nu_lookup_type darker = {.name = "darker", .sql = "{1} < {2}"};

/* ---- the models -------------------------------------------------------------------------------- */

struct paint {
    nu_row      row;
    const char *colour, *name, *address, *label;
    nu_uuid     serial;
    int64_t     grade;
};
struct coat {
    nu_row row;
    nu_ref(paint) paint;
};
extern const nu_model paint_model, coat_model;

static const nu_choice usual_grades[] = {
    NU_CHOICE_INT(1, "thin"), NU_CHOICE_INT(2, "thick"), {.label = NULL}};
static const nu_choice all_grades[] = {
    {.label = "usual", .group = usual_grades}, NU_CHOICE_INT(9, "sticky"), {.label = NULL}};

static const nu_choice *grades(void)
{
    return all_grades;
}

static const nu_expression *thick(void)
{
    return nu_q("grade", 2);
}

static const nu_field paint_fields[] = {
    NU_FIELD(&colour_field, paint, colour, .unique = true),
    NU_SLUG(paint, name, .allow_unicode = true, .max_length = 20),
    NU_IP(paint, address, .protocol = "IPv4", .unpack_ipv4 = true, .null = true, .blank = true),
    NU_CHAR(paint, label, .max_length = 20, .blank = true),
    NU_UUID(paint, serial, .default_fn = nu_uuid7_default),
    NU_INT(paint, grade, .choices_fn = grades, .default_value = NU_CONST_INT(1)),
    {0},
};
const nu_model paint_model = {NU_MODEL_OF(paint, "Paint"), .fields = paint_fields};

static const nu_field coat_fields[] = {
    NU_FOREIGN(coat, paint, .to = &paint_model, .on_delete = NU_CASCADE, .limit_choices_to = thick),
    {0},
};
const nu_model coat_model = {NU_MODEL_OF(coat, "Coat"), .fields = coat_fields};

static const nu_model *const models[] = {&paint_model, &coat_model, NULL};

static void kinds(bool postgres)
{
    nu_database *db = empty_database_on(postgres);
    if (db == NULL)
        return;
    const char *source = make_tables(db, "app", models);
    CHECK(strstr(source, "extern const nu_field_type colour_field;") != NULL);
    CHECK(strstr(source, "NU_COLUMN_OF(\"colour\", &colour_field, .unique = true)") != NULL);
    nu_register_lookup(&colour_field, &darker);
    struct paint *red =
        nu_create(paint, "colour", "#ff0000", "name", "été", "address", "127.0.0.1");
    nu_create(paint, "colour", "#000001", "grade", 2);
    CHECK(red->serial.set);
    CHECK_TEXT(nu_get(paint, "colour", "#ff0000")->colour, "#ff0000");
    CHECK_TEXT(
        nu_text(nu_sql_value(db, "SELECT CAST(colour AS integer) FROM app_paint WHERE id = 2")),
        "1");
    CHECK_EQ(nu_count(nu_filter(nu_all(paint), "colour__darker", "#00ffff")), 1);
    CHECK_EQ(nu_count(nu_filter(nu_all(paint), "colour__in", nu_list_of("#ff0000", "#00ff00"))), 1);
    CHECK_EQ(nu_count(nu_filter(nu_all(paint), "colour__gt", "#000001")), 1);
    CHECK_TEXT(nu_text(nu_value_list(
                   nu_query_list(nu_order_by(nu_flat(nu_all(paint), "colour"), "colour")))),
               "['#000001', '#ff0000']");
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(paint), "colour", "red"));
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_create(paint, "colour", "#ff0000"));
    nu_unregister_lookup(&colour_field, &darker);

    CHECK_TEXT(nu_text(nu_row_get(&red->row, "get_grade_display")), "thin");
    nu_row_full_clean(&red->row);
    red->grade = 3;
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_row_full_clean(&red->row));
    red->grade = 9;
    red->name = "no space";
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_row_full_clean(&red->row));
    red->name = "ok";
    red->address = "::1";
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_row_full_clean(&red->row));
    red->address = "::ffff:192.0.2.1";
    nu_row_full_clean(&red->row);
    CHECK_TEXT(red->address, "192.0.2.1");
    struct coat *coat = nu_new(coat, "paint", red);
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_row_full_clean(&coat->row));
    coat = nu_new(coat, "paint_id", 2);
    nu_row_full_clean(&coat->row);
}

TEST(kinds_of_fields_of_ones_own)
{
    kinds(false);
}

TEST(kinds_of_fields_of_ones_own_on_postgres)
{
    kinds(true);
}

/* ---- collations -------------------------------------------------------------------------------- */

struct word {
    nu_row      row;
    const char *text;
};
extern const nu_model word_model;
static nu_field       word_fields[] = {NU_CHAR(word, text, .max_length = 20, .unique = true), {0}};
const nu_model        word_model = {NU_MODEL_OF(word, "Word"), .fields = word_fields};

static const nu_model *const words[] = {&word_model, NULL};

TEST(a_text_may_have_a_collation)
{
    word_fields[0].db_collation = "nocase";
    const char *source = make_tables(empty_database_on(false), "app", words);
    CHECK(strstr(source, ".db_collation = \"nocase\"") != NULL);
    nu_create(word, "text", "Tea");
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_create(word, "text", "tea"));
}

TEST(a_text_may_have_a_collation_on_postgres)
{
    nu_database *db = empty_database_on(true);
    if (db == NULL)
        return;
    word_fields[0].db_collation = "C";
    make_tables(db, "app", words);
    CHECK_TEXT(values_of(db, "SELECT collation_name FROM information_schema.columns WHERE "
                             "table_name = 'app_word' AND column_name = 'text'"),
               "C");
}

/* ---- file paths -------------------------------------------------------------------------------- */

static const char *choices_of(const nu_field *field)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    for (const nu_choice *choice = nu_file_path_choices(field); choice->label != NULL; choice++)
        nu_builder_printf(&out, "%s ", choice->label);
    return nu_builder_text(&out);
}

TEST(files_of_a_folder_are_choices)
{
    char folder[] = "/tmp/nuages-paths-XXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    const char *names[] = {"b.txt", "a.md", "in/c.txt"};
    mkdir(nu_fmt("%s/in", folder), 0700);
    for (size_t i = 0; i < NU_COUNT(names); i++)
        fclose(fopen(nu_fmt("%s/%s", folder, names[i]), "w"));
    CHECK_EQ(symlink(folder, nu_fmt("%s/in/round", folder)), 0);
    nu_field field = {.name = "file", .type = &nu_field_file_path, .path = folder};
    CHECK_TEXT(choices_of(&field), "a.md b.txt ");
    field.recursive = true;
    field.match = "[.]txt$";
    CHECK_TEXT(choices_of(&field), "b.txt in/c.txt ");
    field.match = NULL;
    field.no_files = field.allow_folders = true;
    CHECK_TEXT(choices_of(&field), "in in/round ");
    unlink(nu_fmt("%s/in/round", folder));
    for (size_t i = 0; i < NU_COUNT(names); i++)
        unlink(nu_fmt("%s/%s", folder, names[i]));
    rmdir(nu_fmt("%s/in", folder));
    rmdir(folder);
    CHECK_RAISES(NU_SYSTEM_ERROR, nu_file_path_choices(&field));
}

/* ---- children ------------------------------------------------------------------------------------ */

struct house {
    nu_row  row;
    int64_t rooms;
};
struct hotel {
    NU_PARENT(house);
    int64_t beds;
};
extern const nu_model house_model, hotel_model;
static const nu_field house_fields[] = {NU_INT(house, rooms), {0}};
const nu_model        house_model = {NU_MODEL_OF(house, "House"), .fields = house_fields};

static const nu_expression *some_beds(void)
{
    return nu_q("beds__gt", 0);
}
static const nu_field hotel_fields[] = {NU_INT(hotel, beds), {0}};
const nu_model        hotel_model = {
           NU_MODEL_OF(hotel, "Hotel"),
           .parent = &house_model,
           .fields = hotel_fields,
           .constraints = NU_CONSTRAINTS({.name = "some_beds", .condition = some_beds}),
};
static const nu_model *const houses[] = {&house_model, &hotel_model, NULL};

TEST(a_model_made_from_another_may_have_a_check)
{
    make_tables(empty_database_on(false), "app", houses);
    nu_create(hotel, "rooms", 3, "beds", 1);
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_create(hotel, "rooms", 3, "beds", 0));
}
