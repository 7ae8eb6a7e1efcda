/* Models whose primary key is of several fields, on both databases: table, rows, lookups, deletion,
 * and what cannot be. */
#include <string.h>

#include "helper.h"
#include "nuages/expression.h"
#include "nuages/query.h"

struct tenant {
    nu_row      row;
    const char *name;
};
struct note {
    nu_row row;
    nu_ref(tenant) tenant;
    int64_t     number;
    const char *text;
    nu_ref(person) writer;
};
struct person {
    nu_row      row;
    const char *name;
};
extern const nu_model tenant_model, note_model, person_model;

static const nu_field tenant_fields[] = {NU_CHAR(tenant, name, .max_length = 20), {0}};
const nu_model        tenant_model = {NU_MODEL_OF(tenant, "Tenant"), .fields = tenant_fields};

static const nu_field person_fields[] = {NU_CHAR(person, name, .max_length = 20), {0}};
const nu_model        person_model = {NU_MODEL_OF(person, "Person"), .fields = person_fields};

static const nu_field note_fields[] = {
    NU_FOREIGN(note, tenant, .to = &tenant_model, .on_delete = NU_CASCADE, .related_name = "notes"),
    NU_INT(note, number),
    NU_CHAR(note, text, .max_length = 20, .blank = true),
    NU_FOREIGN(note, writer, .to = &person_model, .on_delete = NU_SET_NULL, .null = true,
               .blank = true),
    {0},
};
const nu_model note_model = {NU_MODEL_OF(note, "Note"), .fields = note_fields,
                             .primary_key = NU_STRS("tenant", "number")};

static const nu_model *const models[] = {&tenant_model, &note_model, &person_model, NULL};

static const char *texts(nu_query *query)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    NU_EACH (note, note, query)
        nu_builder_puts(&out, note->text);
    return nu_builder_text(&out);
}

static nu_value pair(int64_t tenant, int64_t number)
{
    return nu_value_list(nu_list_of(tenant, number));
}

static bool fill(bool postgres)
{
    nu_database *db = empty_database_on(postgres);
    if (db == NULL)
        return false;
    make_tables(db, "app", models);
    struct tenant *a = nu_create(tenant, "name", "a"), *b = nu_create(tenant, "name", "b");
    struct person *ada = nu_create(person, "name", "Ada");
    nu_create(note, "tenant", a, "number", 1, "text", "p", "writer", ada);
    nu_create(note, "tenant", a, "number", 2, "text", "q");
    nu_create(note, "tenant", b, "number", 1, "text", "r", "writer", ada);
    nu_create(note, "tenant", b, "number", 2, "text", "s");
    return true;
}

static void lookups(bool postgres)
{
    if (!fill(postgres))
        return;
    nu_query *all = nu_order_by(nu_all(note), "pk");
    CHECK_TEXT(texts(all), "pqrs");
    CHECK_TEXT(texts(nu_order_by(nu_all(note), "-pk")), "srqp");
    CHECK_TEXT(nu_get(note, "pk", pair(1, 2))->text, "q");
    CHECK(nu_find(note, "pk", pair(3, 2)) == NULL);
    nu_value some = nu_value_list(nu_list_of(pair(1, 2), pair(2, 1), pair(9, 9)));
    CHECK_TEXT(texts(nu_filter(all, "pk__in", some)), "qr");
    CHECK_TEXT(texts(nu_exclude(all, "pk__in", some)), "ps");
    CHECK_TEXT(texts(nu_exclude(all, "pk", pair(1, 1))), "qrs");
    CHECK_TEXT(texts(nu_filter(all, "pk__gt", pair(1, 2))), "rs");
    CHECK_TEXT(texts(nu_filter(all, "pk__lte", pair(1, 2))), "pq");
    CHECK_TEXT(texts(nu_filter(all, "pk__in", nu_filter(nu_all(note), "number", 2))), "qs");
    CHECK_TEXT(texts(nu_filter(all, "pk__in", nu_flat(nu_filter(nu_all(note), "number", 1), "pk"))),
               "pr");
    CHECK_TEXT(
        texts(nu_where(all, nu_has(nu_filter(nu_all(note), "pk", nu_outer("pk"), "text", "r")))),
        "r");
    CHECK_TEXT(texts(nu_filter(all, "pk", nu_get(note, "text", "s"))), "s");
    CHECK_TEXT(nu_text(nu_value_list(nu_query_list(nu_flat(all, "pk")))),
               "[(1, 1), (1, 2), (2, 1), (2, 2)]");
    nu_query *lists = nu_values_list(nu_slice(all, 1, 2), "text", "pk", "number");
    CHECK_TEXT(nu_text(nu_value_list(nu_query_list(lists))), "[('q', (1, 2), 2)]");
    nu_list *dicts = nu_query_list(nu_values(nu_slice(all, 0, 1), "pk", "text"));
    CHECK_TEXT(nu_text(nu_value_list(dicts)), "[{'pk': (1, 1), 'text': 'p'}]");
    nu_dict *bulk = nu_in_bulk(all, nu_list_of(pair(2, 2)), NULL);
    nu_value key = nu_row_key(&nu_get(note, "text", "s")->row);
    CHECK(nu_dict_find_value(bulk, key) != NULL && nu_dict_count(bulk) == 1);
    CHECK_EQ(nu_count(nu_filter(nu_all(tenant), "notes", nu_get(note, "text", "q"))), 1);
    CHECK_EQ(nu_count(nu_distinct(nu_filter(nu_all(tenant), "notes__pk__in", some))), 2);
    CHECK_EQ(nu_count(nu_filter(nu_all(person), "note__isnull", true)), 0);
    nu_query *counted = nu_annotate(all, "n", nu_count_of("writer"));
    CHECK_EQ(nu_row_get(nu_query_rows(nu_filter(counted, "n", 1))[1], "n"), 1);
    NU_EACH (note, note, nu_select_related(nu_all(note), "writer"))
        CHECK_EQ(note->writer.row != NULL, note->number == 1);
    NU_EACH (tenant, tenant, nu_prefetch_related(nu_all(tenant), "notes"))
        CHECK_EQ(nu_count(nu_related_set(tenant, "notes")), 2);
    CHECK_TEXT(nu_first(note, nu_all(note))->text, "p");
    NU_EACH (note, note, nu_only(nu_all(note), "text"))
        CHECK(note->number > 0 && note->tenant.id > 0);
}

TEST(keys_of_several_fields_are_looked_up_as_lists)
{
    lookups(false);
}

TEST(keys_of_several_fields_are_looked_up_as_lists_on_postgres)
{
    lookups(true);
}

static void writing(bool postgres)
{
    if (!fill(postgres))
        return;
    struct note *note = nu_get(note, "pk", pair(1, 2));
    CHECK_TEXT(nu_text(nu_row_key(&note->row)), "(1, 2)");
    CHECK_TEXT(nu_text(NU_V(note)), "Note object ((1, 2))");
    CHECK(nu_equal(NU_V(note), NU_V(nu_get(note, "text", "q"))));
    note->text = "Q";
    uint64_t before = nu_query_count();
    nu_save(note);
    CHECK_EQ(nu_query_count() - before, 1);
    nu_save_fields(note, "text");
    note->text = "x";
    nu_refresh(note);
    CHECK_TEXT(note->text, "Q");
    CHECK_EQ(nu_count(nu_all(note)), 4);
    struct note *fresh = nu_new(note, "pk", pair(1, 3), "text", "t");
    CHECK_EQ(fresh->number, 3);
    before = nu_query_count();
    nu_save(fresh); /* it may be there, so UPDATE comes first */
    CHECK_EQ(nu_query_count() - before, 2);
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_create(note, "pk", pair(1, 3)));
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_row_full_clean(&nu_new(note, "pk", pair(1, 3))->row));
    nu_row_full_clean(&fresh->row);
    CHECK_RAISES(NU_VALUE_ERROR, nu_create(note, "number", 4));
    CHECK_RAISES(NU_VALUE_ERROR, nu_save_fields(fresh, "number"));
    nu_row *rows[] = {&nu_new(note, "pk", pair(1, 4), "text", "u")->row,
                      &nu_new(note, "pk", pair(1, 5), "text", "v")->row, NULL};
    nu_bulk_create(rows);
    ((struct note *)rows[0])->text = "U";
    ((struct note *)rows[1])->text = "V";
    CHECK_EQ(nu_bulk_update_(rows, 2, 0, NU_STRS("text")), 2);
    CHECK_TEXT(texts(nu_order_by(nu_filter(nu_all(note), "tenant", 1), "pk")), "pQtUV");
    bool created;
    nu_get_or_create(note, NU_PAIRS(), &created, "pk", pair(1, 5));
    CHECK(!created);
    CHECK_EQ(nu_update(nu_filter(nu_all(note), "writer__name", "Ada"), "text", "ada"), 2);
    CHECK_EQ(nu_delete_all(nu_filter(nu_all(note), "writer__name", "Ada", "tenant", 2)), 1);
    CHECK_EQ(nu_delete(rows[1] != NULL ? (struct note *)rows[1] : NULL), 1);
    CHECK_EQ(nu_delete(nu_get(tenant, "name", "a")), 5);
    CHECK_TEXT(texts(nu_all(note)), "s");
}

TEST(rows_with_keys_of_several_fields_are_written)
{
    writing(false);
}

TEST(rows_with_keys_of_several_fields_are_written_on_postgres)
{
    writing(true);
}

TEST(what_a_key_of_several_fields_cannot_be)
{
    fill(false);
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(note), "pk", 1));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(note), "pk", nu_list_of(1, 2, 3)));
    CHECK_RAISES(NU_VALUE_ERROR, nu_filter(nu_all(note), "pk__in", nu_list_of(1)));
    CHECK_RAISES(NU_FIELD_ERROR, nu_filter(nu_all(note), "pk__contains", "1"));
    CHECK_RAISES(NU_FIELD_ERROR, nu_annotate(nu_all(note), "key", nu_f("pk")));
    CHECK_RAISES(NU_FIELD_ERROR, nu_annotate(nu_all(note), "n", nu_count_of("pk")));
    CHECK_RAISES(NU_FIELD_ERROR, nu_update(nu_all(note), "pk", pair(1, 1)));
    CHECK_RAISES(NU_VALUE_ERROR,
                 nu_filter(nu_all(note), "pk__in", nu_flat(nu_all(note), "number")));
}

TEST(a_key_of_several_fields_in_tables_and_migrations)
{
    nu_database *db = empty_database_on(false);
    const char  *source = make_tables(db, "app", models);
    CHECK(strstr(source, ".primary_key = NU_STRS(\"tenant\", \"number\")") != NULL);
    CHECK(strstr(schema_of(db), ", PRIMARY KEY (\"tenant_id\", \"number\"))") != NULL);
}

/* ---- models that are refused ------------------------------------------------------------------- */

static const char *refusal(nu_model model)
{
    static const nu_model *list[] = {&tenant_model, &person_model, &note_model, NULL, NULL};
    nu_model              *copy = nu_alloc(sizeof *copy);
    *copy = model;
    copy->class = note_model.class;
    copy->name = "Bad";
    copy->size = sizeof(struct note);
    copy->state = nu_alloc(sizeof *copy->state);
    list[3] = copy;
    const char *volatile fact = "";
    nu_models_clear();
    nu_models_add("app", list);
    NU_TRY {
        nu_models_ready();
    }
    NU_CATCH (error) {
        fact = nu_fmt("%s", error->fact);
    }
    nu_models_clear();
    return fact;
}

TEST(keys_of_several_fields_that_cannot_be)
{
    static const nu_field to_note[] = {
        NU_FOREIGN(note, tenant, .to = &note_model, .on_delete = NU_CASCADE), {0}};
    static const nu_field keyed[] = {
        NU_INT(note, number, .primary_key = true), NU_CHAR(note, text, .max_length = 5), {0}};
    static const nu_field many[] = {NU_INT(note, number),
                                    NU_CHAR(note, text, .max_length = 5),
                                    NU_MANY(note, "people", .to = &person_model),
                                    {0}};
    CHECK(strstr(refusal((nu_model){.fields = to_note}), "several fields: nothing can"));
    CHECK(strstr(refusal((nu_model){.fields = keyed, .primary_key = NU_STRS("number", "text")}),
                 "none may be it alone"));
    CHECK(strstr(refusal((nu_model){.fields = many, .primary_key = NU_STRS("number", "text")}),
                 "no many-to-many"));
    CHECK(strstr(refusal((nu_model){.fields = note_fields, .primary_key = NU_STRS("text")}),
                 "one field"));
    CHECK(strstr(refusal((nu_model){.fields = note_fields, .primary_key = NU_STRS("text", "text")}),
                 "twice"));
    CHECK(
        strstr(refusal((nu_model){.fields = note_fields, .primary_key = NU_STRS("text", "writer")}),
               "cannot be null"));
    CHECK(strstr(refusal((nu_model){.fields = note_fields, .primary_key = NU_STRS("text", "x")}),
                 "no field with a column"));
}
