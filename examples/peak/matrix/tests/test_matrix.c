#include <nuages/client.h>
#include <string.h>

#include "matrix/board.h"
#include "matrix/views.h"

static void load_matrix(void)
{
    nu_call_command("loaddata", NU_STRS("matrix", "--verbosity=0"));
}

/* Rates every question of an assessment alike. */
static struct assessment *rated(const char *visitor, int rating)
{
    struct assessment *assessment = nu_create(assessment, "visitor", visitor);
    NU_EACH (question, question, nu_all(question))
        nu_create(answer, "assessment", assessment, "question", question, "rating", rating);
    return assessment;
}

TEST(the_fixture_covers_the_matrix)
{
    static const int least[] = {10, 19, 17, 8, 10};
    load_matrix();
    CHECK_EQ(nu_count(nu_all(level)), 5);
    CHECK_EQ(nu_count(nu_all(area)), 25);
    NU_EACH (level, level, nu_all(level))
        CHECK(nu_count(nu_filter(nu_all(question), "area__level", level)) >= least[level->number - 1]);
    CHECK_EQ(nu_count(nu_filter(nu_all(question), "explanation", "")), 0);
    CHECK_EQ(nu_count(nu_filter(nu_all(question), "learn_next", "")), 0);
}

TEST(loading_the_fixture_again_changes_nothing)
{
    load_matrix();
    int64_t before = nu_count(nu_all(question));
    load_matrix();
    CHECK_EQ(nu_count(nu_all(question)), before);
}

TEST(an_area_is_the_mean_of_its_questions)
{
    load_matrix();
    struct board *board = board_new(rated("v", 3));
    for (size_t i = 0; i < board->area_count; i++)
        CHECK_EQ(percent(board->areas[i].score), 75);
    CHECK_EQ(percent(board_score(board)), 75);
    CHECK_TEXT(board_level_reached(board)->slug, "master");
    CHECK(board_next_level(board) == NULL);
}

TEST(a_level_needs_every_area_of_it_and_below)
{
    load_matrix();
    struct assessment *assessment = rated("v", 4);
    struct question   *weak = nu_first(question, nu_filter(nu_all(question), "area__level__slug", "intermediate"));
    nu_update(nu_filter(nu_all(answer), "question__area", weak->area.id), "rating", 1);
    struct board *board = board_new(assessment);
    CHECK_TEXT(board_level_reached(board)->slug, "beginner");
    CHECK_TEXT(board_next_level(board)->slug, "intermediate");
}

TEST(nothing_rated_reaches_nothing)
{
    load_matrix();
    struct board *board = board_new(nu_create(assessment, "visitor", "v"));
    CHECK(board_level_reached(board) == NULL);
    CHECK_EQ(percent(board_score(board)), 0);
    CHECK_EQ(board->answered, 0);
}

TEST(the_board_costs_four_queries)
{
    load_matrix();
    struct assessment *assessment = rated("v", 2);
    CHECK_QUERIES(4) {
        board_new(assessment);
    }
}

/* ---- pages ----------------------------------------------------------------------------------------- */

TEST(every_page_answers)
{
    static const char *const pages[] = {"/", "/about/", "/assessment/", "/results/", "/api/matrix/", "/api/results/"};
    load_matrix();
    nu_client *client = nu_client_new();
    for (size_t i = 0; i < NU_COUNT(pages); i++)
        CHECK_STATUS(nu_client_get(client, pages[i]), 200);
    NU_EACH (level, level, nu_all(level))
        CHECK_STATUS(nu_client_get(client, nu_reverse("matrix:level", "slug", level->slug)), 200);
    NU_EACH (question, question, nu_all(question))
        CHECK_STATUS(nu_client_get(client, nu_reverse("matrix:question", "slug", question->slug)), 200);
}

TEST(an_unknown_level_or_question_is_a_404)
{
    load_matrix();
    nu_client *client = nu_client_new();
    CHECK_STATUS(nu_client_get(client, "/levels/wizard/"), 404);
    CHECK_STATUS(nu_client_get(client, "/questions/nothing/"), 404);
    CHECK_STATUS(nu_client_get(client, "/results/1/"), 404);
}

/* A client with an open assessment, and the first area's address. */
static const char *start(nu_client *client)
{
    load_matrix();
    return nu_response_header(nu_client_post(client, "/assessment/start/"), "Location");
}

static const char *field(const struct question *question, const char *name)
{
    return nu_fmt("q%lld-%s", (long long)question->row.id, name);
}

TEST(an_area_is_saved_as_far_as_it_is_answered)
{
    nu_client       *client = nu_client_new();
    const char      *address = start(client);
    struct question *first = nu_first(question, nu_order_by(nu_all(question), "area__level__number", "area__position", "position"));
    nu_response     *page = nu_client_post(client, address, field(first, "rating"), 3, field(first, "note"), "<b>mine</b>",
                                           "action", "continue");
    CHECK_STATUS(page, 422);
    CHECK_CONTAINS(nu_client_text(page), "so that this question counts");
    CHECK_CONTAINS(nu_client_text(page), "&lt;b&gt;mine&lt;/b&gt;");
    struct answer *saved = nu_get(answer, "question", first);
    CHECK_EQ(saved->rating, 3);
    CHECK_TEXT(saved->note, "<b>mine</b>");
}

TEST(nonsense_ratings_are_refused_and_nothing_is_saved)
{
    static const char *const wrong[] = {"5", "-1", "four", "", "1e1", "99999999999999999999"};
    nu_client       *client = nu_client_new();
    const char      *address = start(client);
    struct question *first = nu_first(question, nu_order_by(nu_all(question), "area__level__number", "area__position", "position"));
    for (size_t i = 0; i < NU_COUNT(wrong); i++)
        CHECK_STATUS(nu_client_post(client, address, field(first, "rating"), wrong[i], "action", "continue"), 422);
    CHECK_EQ(nu_count(nu_all(answer)), 0);
}

TEST(a_page_goes_on_behind_a_nul_that_was_sent)
{
    nu_client       *client = nu_client_new();
    const char      *address = start(client);
    struct question *first = nu_first(question, nu_order_by(nu_all(question), "area__level__number", "area__position", "position"));
    const char      *form = nu_fmt("%s=a%%00b", field(first, "note"));
    nu_response     *page = nu_client_send(client, "POST", address, "application/x-www-form-urlencoded", form, strlen(form));
    size_t           length;
    const char      *body = nu_response_body(page, &length);
    CHECK_STATUS(page, 422);
    CHECK(strlen(body) < length);
    CHECK_CONTAINS(body + strlen(body) + 1, "</html>");
    CHECK_EQ(nu_count(nu_all(answer)), 0);
}

TEST(an_overlong_note_is_refused)
{
    nu_client       *client = nu_client_new();
    const char      *address = start(client);
    struct question *first = nu_first(question, nu_order_by(nu_all(question), "area__level__number", "area__position", "position"));
    char            *note = nu_alloc(1002);
    memset(note, 'x', 1001);
    CHECK_STATUS(nu_client_post(client, address, field(first, "rating"), 2, field(first, "note"), note), 422);
    CHECK_EQ(nu_count(nu_all(answer)), 0);
}

TEST(an_assessment_goes_from_start_to_result)
{
    nu_client   *client = nu_client_new();
    nu_response *page = nu_client_post(client, "/assessment/start/");
    load_matrix();
    NU_EACH (area, area, nu_all(area)) {
        nu_params *form = nu_params_new();
        NU_EACH (question, question, nu_filter(nu_all(question), "area", area))
            nu_params_set(form, field(question, "rating"), NU_V("4"));
        nu_params_set(form, "action", NU_V("continue"));
        const char *body = nu_params_encode(form, NULL);
        page = nu_client_send(client, "POST", nu_reverse("matrix:assess", "slug", area->slug),
                              "application/x-www-form-urlencoded", body, strlen(body));
        CHECK_STATUS(page, 302);
    }
    struct assessment *done = nu_get(assessment, "finished__isnull", false);
    CHECK_REDIRECTS(page, nu_reverse("matrix:result", "id", done->row.id));
    page = nu_client_follow(client, page);
    CHECK_STATUS(page, 200);
    CHECK_CONTAINS(nu_client_text(page), "radar-shape");
    CHECK_EQ(nu_dict_get(nu_client_json(nu_client_get(client, nu_reverse("matrix:api_result", "id", done->row.id))).dict, "score"), 100);
    /* Nobody else may see it. */
    CHECK_STATUS(nu_client_get(nu_client_new(), nu_reverse("matrix:result", "id", done->row.id)), 404);
}

TEST(starting_again_forgets_the_open_one)
{
    nu_client *client = nu_client_new();
    start(client);
    nu_client_post(client, "/assessment/start/");
    CHECK_EQ(nu_count(nu_all(assessment)), 1);
    int64_t first = nu_get(assessment, "finished__isnull", true)->row.id;
    nu_client_post(client, "/assessment/start/", "again", 1);
    CHECK_NE(nu_get(assessment, "finished__isnull", true)->row.id, first);
}

TEST(an_empty_assessment_cannot_be_finished)
{
    nu_client *client = nu_client_new();
    start(client);
    CHECK_REDIRECTS(nu_client_post(client, "/assessment/finish/"), "/assessment/");
    CHECK_EQ(nu_count(nu_filter(nu_all(assessment), "finished__isnull", false)), 0);
}

TEST(csv_is_quoted_and_harmless_to_spreadsheets)
{
    nu_client *client = nu_client_new();
    start(client);
    struct assessment *assessment = nu_get(assessment, "finished__isnull", true);
    struct question   *first = nu_first(question, nu_order_by(nu_all(question), "area__level__number", "area__position", "position"));
    nu_create(answer, "assessment", assessment, "question", first, "rating", 2, "note", "=1+1 \"x\"");
    nu_client_post(client, "/assessment/finish/");
    nu_response *csv = nu_client_get(client, nu_reverse("matrix:result_csv", "id", assessment->row.id));
    CHECK_STATUS(csv, 200);
    CHECK_TEXT(nu_response_header(csv, "Content-Type"), "text/csv; charset=utf-8");
    CHECK_CONTAINS(nu_client_text(csv), "level,area,question,rating,note\r\n");
    CHECK_CONTAINS(nu_client_text(csv), ",2,\"'=1+1 \"\"x\"\"\"\r\n");
}

TEST(the_history_draws_a_line_from_two_results_on)
{
    nu_client *client = nu_client_new();
    start(client);
    struct assessment *open = nu_get(assessment, "finished__isnull", true);
    for (int i = 0; i < 3; i++) {
        struct assessment *done = rated(open->visitor, i + 1);
        done->finished = nu_datetime_at(1700000000 + i * 86400);
        nu_save(done);
    }
    const char *page = nu_client_text(nu_client_get(client, "/results/"));
    CHECK_CONTAINS(page, "<svg");
    CHECK_CONTAINS(page, "75");
}
