#include "helper.h"

#include <string.h>

static const nu_operation nothing[] = {{0}};

static const char *order_of(const nu__graph *graph)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 64);
    for (size_t i = 0; i < graph->count; i++)
        nu_builder_printf(&text, "%s%s.%s", i > 0 ? " " : "", graph->order[i]->app,
                          graph->order[i]->name);
    return nu_builder_text(&text);
}

TEST(what_is_needed_comes_first)
{
    nu__graph *graph =
        GRAPH(MIGRATION("a", "0002", nothing, {"a", "0001"}, {"b", "0001"}),
              MIGRATION("a", "0001", nothing), MIGRATION("b", "0001", nothing, {"a", "0001"}));
    CHECK_TEXT(order_of(graph), "a.0001 b.0001 a.0002");
    CHECK_TEXT(nu__graph_leaf(graph, "a")->name, "0002");
    CHECK(nu__graph_leaf(graph, "c") == NULL);
    CHECK(nu__graph_needs(graph, graph->order[2], graph->order[0]));
    CHECK(!nu__graph_needs(graph, graph->order[0], graph->order[2]));
}

TEST(a_circle_is_named)
{
    CHECK_RAISES(NU_VALUE_ERROR, GRAPH(MIGRATION("a", "0001", nothing, {"b", "0001"}),
                                       MIGRATION("b", "0001", nothing, {"a", "0001"})));
    CHECK_TEXT(nu_test_error()->fact,
               "the migrations depend on one another in a circle: a.0001 → b.0001 → a.0001");
    CHECK_RAISES(NU_VALUE_ERROR, GRAPH(MIGRATION("a", "0001", nothing, {"a", "0001"})));
}

TEST(a_need_that_does_not_exist_is_named)
{
    CHECK_RAISES(NU_VALUE_ERROR, GRAPH(MIGRATION("a", "0002", nothing, {"b", "0007_gone"})));
    CHECK_TEXT(nu_test_error()->fact,
               "migration a.0002 depends on b.0007_gone, which does not exist");
    CHECK_CONTAINS(nu_test_error()->hint, "\"b\" among the apps");
}

TEST(a_need_that_is_nearly_right_is_guessed)
{
    CHECK_RAISES(NU_VALUE_ERROR, GRAPH(MIGRATION("b", "0001_initial", nothing),
                                       MIGRATION("a", "0001", nothing, {"b", "0001_intial"})));
    CHECK_TEXT(nu_test_error()->hint, "Did you mean \"0001_initial\"?");
}

static nu_migration *changed(const nu_migration *migration)
{
    nu_migration *copy = nu_alloc(sizeof *copy);
    *copy = *migration;
    return copy;
}

TEST(a_migration_can_push_itself_before_anothers)
{
    nu_migration *late = changed(MIGRATION("z", "0001", nothing));
    late->run_before = NU_DEPENDS({"a", "0002"});
    nu__graph *graph = GRAPH(MIGRATION("a", "0001", nothing),
                             MIGRATION("a", "0002", nothing, {"a", "0001"}), late);
    CHECK_TEXT(order_of(graph), "a.0001 z.0001 a.0002");
    CHECK(nu__graph_needs(graph, graph->order[2], late));
    late->run_before = NU_DEPENDS({"a", "0003"});
    CHECK_RAISES(NU_VALUE_ERROR, GRAPH(MIGRATION("a", "0001", nothing), late));
    CHECK_CONTAINS(nu_test_error()->fact, "z.0001 runs before a.0003, which does not exist");
}

/* a.0001 and a.0002 squashed into one; b needs the second. */
static const nu__migrate_app *squashed_apps(void)
{
    static const nu_migration *a[4], *b[2];
    static nu__migrate_app     apps[2];
    nu_migration *squashed = changed(MIGRATION("a", "0001_squashed_0002", nothing));
    squashed->replaces = NU_DEPENDS({"a", "0001"}, {"a", "0002"});
    nu_dependency *kept = nu_alloc(3 * sizeof *kept);
    kept[0] = squashed->replaces[0], kept[1] = squashed->replaces[1];
    squashed->replaces = kept;
    a[0] = squashed;
    a[1] = MIGRATION("a", "0001", nothing);
    a[2] = MIGRATION("a", "0002", nothing, {"a", "0001"});
    b[0] = MIGRATION("b", "0001", nothing, {"a", "0002"});
    apps[0] = (nu__migrate_app){.label = "a", .migrations = a};
    apps[1] = (nu__migrate_app){.label = "b", .migrations = b};
    return apps;
}

TEST(a_squashed_migration_stands_for_the_others_unless_a_part_of_them_is_applied)
{
    const nu__migrate_app *apps = squashed_apps();
    CHECK_TEXT(order_of(nu__graph_of(apps, 2, NULL)), "a.0001_squashed_0002 b.0001");
    nu_dict *recorded = nu_dict_new();
    nu_dict_set(recorded, "a.0001", true);
    CHECK_TEXT(order_of(nu__graph_of(apps, 2, recorded)), "a.0001 a.0002 b.0001");
    nu_dict_set(recorded, "a.0002", true);
    CHECK_TEXT(order_of(nu__graph_of(apps, 2, recorded)), "a.0001_squashed_0002 b.0001");
}

TEST(what_needs_a_squashed_migration_that_is_left_out_needs_those_it_replaces)
{
    nu__migrate_app     apps[2] = {squashed_apps()[0], squashed_apps()[1]};
    const nu_migration *b[] = {MIGRATION("b", "0001", nothing, {"a", "0001_squashed_0002"}), NULL};
    apps[1].migrations = b;
    nu_dict *recorded = nu_dict_new();
    nu_dict_set(recorded, "a.0001", true);
    CHECK_TEXT(order_of(nu__graph_of(apps, 2, recorded)), "a.0001 a.0002 b.0001");
    const nu_migration *only[] = {apps[0].migrations[0], NULL};
    apps[0].migrations = only;
    apps[1].migrations = squashed_apps()[1].migrations;
    CHECK_RAISES(NU_VALUE_ERROR, nu__graph_of(apps, 2, recorded));
    CHECK_CONTAINS(nu_test_error()->hint, "only some of those that it replaces are applied");
}

TEST(two_ends_of_an_app_are_a_conflict)
{
    CHECK_RAISES(NU_VALUE_ERROR, GRAPH(MIGRATION("a", "0001", nothing),
                                       MIGRATION("a", "0002_mine", nothing, {"a", "0001"}),
                                       MIGRATION("a", "0002_yours", nothing, {"a", "0001"})));
    CHECK_TEXT(nu_test_error()->fact,
               "the migrations 0002_mine and 0002_yours of app \"a\" are in conflict");
    CHECK_CONTAINS(nu_test_error()->hint, "Make 0002_yours depend on 0002_mine");
}

TEST(a_prefix_finds_one_migration)
{
    nu__graph *graph = GRAPH(MIGRATION("a", "0001_one", nothing),
                             MIGRATION("a", "0001_one_more", nothing, {"a", "0001_one"}));
    CHECK_TEXT(nu__graph_by_prefix(graph, "a", "0001_one")->name, "0001_one");
    CHECK_TEXT(nu__graph_by_prefix(graph, "a", "0001_one_")->name, "0001_one_more");
    CHECK_RAISES(NU_COMMAND_ERROR, nu__graph_by_prefix(graph, "a", "0001"));
    CHECK_CONTAINS(nu_test_error()->fact, "more than one");
    CHECK_RAISES(NU_COMMAND_ERROR, nu__graph_by_prefix(graph, "a", "0002"));
    CHECK_CONTAINS(nu_test_error()->fact, "no migration that begins with \"0002\"");
    CHECK_RAISES(NU_COMMAND_ERROR, nu__graph_by_prefix(graph, "a", "0001_noe"));
    CHECK_TEXT(nu_test_error()->hint, "Did you mean \"0001_one\"?");
}

/* Each migration of one app needs the latest of the other: paths double with every step. */
TEST(many_paths_are_walked_once)
{
    enum { STEPS = 200 };
    const nu_migration **list = nu_alloc((2 * STEPS + 1) * sizeof *list);
    for (size_t i = 0; i < 2 * STEPS; i++) {
        nu_migration  *migration = nu_alloc(sizeof *migration);
        nu_dependency *depends = nu_alloc(3 * sizeof *depends);
        if (i >= 2) {
            const char *before = nu_fmt("%04zu", i / 2 - 1);
            depends[0] = (nu_dependency){"a", before};
            depends[1] = (nu_dependency){"b", before};
        }
        *migration = (nu_migration){
            .app = i % 2 == 0 ? "a" : "b", .name = nu_fmt("%04zu", i / 2), .depends = depends};
        list[i] = migration;
    }
    nu__graph *graph = graph_of(list);
    CHECK_EQ((int64_t)graph->count, 2 * STEPS);
    CHECK(nu__graph_needs(graph, nu__graph_leaf(graph, "b"), nu__graph_find(graph, "a", "0000")));
}
