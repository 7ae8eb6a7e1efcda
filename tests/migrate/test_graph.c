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
    CHECK_CONTAINS(nu_test_error()->fact, "in a circle");
    CHECK_RAISES(NU_VALUE_ERROR, GRAPH(MIGRATION("a", "0001", nothing, {"a", "0001"})));
}

TEST(a_need_that_does_not_exist_is_named)
{
    CHECK_RAISES(NU_VALUE_ERROR, GRAPH(MIGRATION("a", "0002", nothing, {"b", "0007_gone"})));
    CHECK_TEXT(nu_test_error()->fact,
               "migration a.0002 depends on b.0007_gone, which does not exist");
    CHECK_CONTAINS(nu_test_error()->hint, "\"b\" among the apps");
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
