/* What makemigrations writes is C that compiles without a warning and says the same. */
#include "helper.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nuages/file.h"

/* Every kind of field, and texts that try to leave their quotes. */
static const nu_field all_fields[] = {
    NU_COLUMN("id", big_auto, .primary_key = true, .verbose_name = "ID"),
    NU_COLUMN("c", char, .max_length = 20,
              .default_value = NU_CONST_TEXT("a\"b\\c\n\t?\?=%s\x01 ä"),
              .help_text = "*/ // \"quoted\" ?\?/", .verbose_name = "it's"),
    NU_COLUMN("t", text, .blank = true, .null = true, .default_null = true),
    NU_COLUMN("s", slug, .unique = true),
    NU_COLUMN("i", int, .default_value = NU_CONST_INT(-9223372036854775807), .db_index = true,
              .db_column = "int"),
    NU_COLUMN("least", big_int, .default_value = NU_CONST_INT(INT64_MIN)),
    NU_COLUMN("f", float, .default_value = NU_CONST_FLOAT(0.1)),
    NU_COLUMN("d", decimal, .max_digits = 9, .decimal_places = 2,
              .default_value = NU_CONST_TEXT("1.50")),
    NU_COLUMN("b", bool, .default_value = NU_CONST_BOOL(true), .not_editable = true),
    NU_COLUMN("at", datetime, .auto_now_add = true),
    NU_COLUMN("day", date, .auto_now = true),
    NU_COLUMN("kind", char, .max_length = 1,
              .choices = NU_CHOICES(NU_CHOICE("a", "A \"first\""),
                                    {.label = "More", .group = NU_CHOICES(NU_CHOICE("b", "B"))})),
    NU_COLUMN("u", uuid),
    NU_COLUMN("j", json),
    NU_COLUMN("raw", binary),
    NU_COLUMN("ip", ip, .null = true),
    NU_COLUMN("file", file, .upload_to = "up/", .max_length = 100),
    NU_COLUMN("self", foreign, .to_name = "shop.All", .on_delete = NU_PROTECT, .related_name = "+",
              .null = true),
    NU_COLUMN("one", one_to_one, .to_name = "shop.All", .on_delete = NU_SET_NULL, .null = true,
              .no_constraint = true),
    NU_COLUMN("many", many_to_many, .to_name = "shop.All", .asymmetrical = true,
              .db_table = "between"),
    NU_COLUMN("by", many_to_many, .to_name = "shop.All", .through_name = "shop.Between"),
    {0},
};
static const nu_operation create[] = {
    NU_CREATE_MODEL("All", all_fields, .db_table = "every \"thing\"",
                    .ordering = NU_STRS("-c", "i"),
                    .unique_together = NU_TOGETHER(NU_STRS("c", "i"), NU_STRS("s")),
                    .indexes = NU_INDEXES({.name = "x", .fields = NU_STRS("i", "-f")}),
                    .constraints = NU_CONSTRAINTS({.name = "one", .fields = NU_STRS("b")}),
                    .permissions = NU_STRS("see", "Can see"), .verbose_name = "all"),
    {0},
};

static nu_value eight(const nu__model *model, const nu_field *field, bool added)
{
    (void)model, (void)field, (void)added;
    return nu_value_int(8);
}

static const nu__questions questions = {.one_off_default = eight};

static void run(const char *command)
{
    if (system(command) != 0)
        FAIL("this failed: %s", command);
}

/* Compiles a migration, loads it, and gives the operations it holds. */
static const nu_migration *compile(const nu__draft *draft)
{
    char *folder = nu_fmt("/tmp/nuages-writer-XXXXXX");
    if (mkdtemp(folder) == NULL)
        FAIL("cannot make %s", folder);
    const char *source = nu__migration_source(draft);
    nu_file_write(nu_fmt("%s/m.c", folder), source, strlen(source));
    run(nu_fmt("cc -std=gnu17 -Wall -Wextra -Werror -Wno-missing-field-initializers -fPIC -shared "
               "-I%s/../../include "
               "-o %s/m.so %s/m.c",
               NU_TEST_DATA, folder, folder));
    void *library = dlopen(nu_fmt("%s/m.so", folder), RTLD_NOW | RTLD_LOCAL);
    run(nu_fmt("rm -r %s", folder));
    if (library == NULL)
        FAIL("%s", dlerror());
    return dlsym(library, nu_fmt("%s_%s", draft->app, draft->name));
}

static nu__draft *only_draft(const nu__state *from, const nu__state *to, const nu__graph *graph)
{
    size_t      count;
    nu__draft **drafts = nu__diff(from, to, graph, &questions, NULL, &count);
    CHECK_EQ((int64_t)count, 1);
    return drafts[0];
}

static void check_same(const nu__state *got, const nu__state *wanted)
{
    size_t      count;
    nu__draft **drafts = nu__diff(got, wanted, GRAPH(NULL), &questions, NULL, &count);
    if (count > 0)
        FAIL("the compiled migration says something else:\n%s", nu__migration_source(drafts[0]));
}

TEST(a_migration_that_was_written_compiles_and_says_the_same)
{
    nu__state          *to = state_after(create);
    const nu_migration *first = compile(only_draft(nu__state_new(), to, GRAPH(NULL)));
    CHECK_TEXT(first->name, "0001_initial");
    CHECK(first->initial);
    nu__state *got = state_after(first->operations);
    check_same(got, to);
    CHECK_TEXT(nu__state_find(got, "shop", "All")->fields[1].default_value.text,
               "a\"b\\c\n\t?\?=%s\x01 ä");
}

static const nu_expression *small_c(void)
{
    return nu_desc(nu_lower_of("c"));
}

static const nu_expression *i_or_not(void)
{
    return nu_or(nu_q("i__gt", 5, "c__in", nu_list_of("a", "b\"")), nu_not(nu_q("b", true)),
                 nu_q("d__lt", nu_add(nu_f("f"), 1.5)));
}

TEST(changes_that_were_written_compile_too)
{
    const nu_operation changes[] = {
        NU_ADD_FIELD("All", "stock", int),
        NU_ADD_FIELD("All", "open", bool, .default_value = NU_CONST_BOOL(true)),
        NU_ALTER_FIELD("All", "b", bool, .default_value = NU_CONST_BOOL(false)),
        NU_REMOVE_FIELD("All", "raw"),
        NU_ALTER_FIELD("All", "ip", ip, .default_value = NU_CONST_TEXT("::1")),
        NU_ALTER_OPTIONS("All", .ordering = NU_STRS("c")),
        NU_ALTER_UNIQUE_TOGETHER("All", NULL),
        NU_ALTER_TABLE("All", "other"),
        NU_ADD_INDEX("All", "later", .expressions = NU_EXPRESSIONS(small_c),
                     .condition = i_or_not, .include = NU_STRS("f"),
                     .opclasses = NU_STRS("varchar_pattern_ops")),
        NU_ADD_CONSTRAINT("All", "i_ok", .condition = i_or_not),
        NU_ADD_CONSTRAINT("All", "f once", .fields = NU_STRS("f"), .deferrable = NU_DEFERRED),
        NU_REMOVE_CONSTRAINT("All", "one"),
        NU_RENAME_INDEX("All", "x", "y"),
        {0},
    };
    nu__state *to = state_after(create);
    for (const nu_operation *o = changes; o->kind != NU_OPERATION_END; o++)
        nu__operation_apply(to, "shop", o);
    nu__graph          *graph = GRAPH(MIGRATION("shop", "0001_initial", create));
    const nu_migration *second = compile(only_draft(state_after(create), to, graph));
    CHECK_TEXT(second->depends[0].name, "0001_initial");
    nu__state *got = state_after(create);
    for (const nu_operation *o = second->operations; o->kind != NU_OPERATION_END; o++)
        nu__operation_apply(got, "shop", o);
    check_same(got, to);
}

TEST(a_default_that_has_no_literal_is_refused)
{
    const nu_field     field = NU_COLUMN("j", json, .default_value = NU_V(nu_list_of(1)));
    const nu_operation add = {
        .kind = NU_OPERATION_ADD_FIELD, .model = "All", .name = "j", .field = &field};
    nu__draft draft = {
        .app = "shop", .name = "0002", .operations = (nu_operation[]){add}, .count = 1};
    CHECK_RAISES(NU_COMMAND_ERROR, nu__migration_source(&draft));
    CHECK_CONTAINS(nu_test_error()->hint, ".default_fn");
}

TEST(the_list_of_migrations_compiles)
{
    const char *source = nu__migration_list_source("shop", NU_STRS("0001_initial", "0002_more"));
    CHECK_CONTAINS(source, "&shop_0001_initial,\n    &shop_0002_more,\n    NULL,");
}
