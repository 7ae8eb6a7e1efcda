#include "views.h"

nu_response *home(nu_request *request)
{
    struct board      *board = board_new(latest_assessment(request));
    struct assessment *open = open_assessment(request);
    return nu_render(request, "matrix/home.html", "levels", levels_shown(board), "questions_total", board->questions,
                     "areas_total", board->area_count, "open", open_shown(open, board->questions), "latest",
                     finished_shown(board));
}

nu_response *about(nu_request *request)
{
    struct board *board = board_new(NULL);
    return nu_render(request, "matrix/about.html", "choices", choices_shown(), "levels", levels_shown(board));
}

/* ---- a level ------------------------------------------------------------------------------------------ */

static nu_list *questions_shown(const struct board_area *area)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < area->count; i++) {
        const struct question *question = area->items[i].question;
        const struct answer   *answer = area->items[i].answer;
        nu_list_add(list, nu_dict_of("title", question->title, "slug", question->slug, "rating",
                                     answer != NULL ? nu_value_int(answer->rating) : nu_null(), "label",
                                     answer != NULL ? rating_label(answer->rating) : NULL));
    }
    return list;
}

/* The level with its areas and these with their questions. */
static nu_dict *level_with_questions(const struct board *board, const struct level *level)
{
    nu_dict *shown = level_shown(board, level);
    nu_list *areas = nu_dict_get(shown, "areas").list;
    uint32_t at = 0;
    for (size_t i = 0; i < board->area_count; i++)
        if (board->areas[i].level == level)
            nu_dict_set(areas->items[at++].dict, "questions", questions_shown(&board->areas[i]));
    return shown;
}

nu_response *level_page(nu_request *request)
{
    const char   *slug = nu_arg(request, "slug");
    struct board *board = board_new(latest_assessment(request));
    size_t        at = 0;
    while (at < board->level_count && !nu_equal(NU_V(board->levels[at]->slug), NU_V(slug)))
        at++;
    if (at == board->level_count)
        nu_raise(NU_NOT_FOUND, "there is no level \"%s\"", slug);
    return nu_render(request, "matrix/level.html", "level", level_with_questions(board, board->levels[at]), "levels",
                     levels_shown(board), "previous", at > 0 ? board->levels[at - 1] : NULL, "next",
                     board->levels[at + 1]);
}

/* ---- a question ---------------------------------------------------------------------------------------- */

/* The questions around one, in the order of the matrix; NULL at the ends. */
static void find_neighbours(const struct board *board, int64_t id, struct question **previous, struct question **next)
{
    struct question *last = NULL;
    bool             found = false;
    *previous = *next = NULL;
    for (size_t i = 0; i < board->area_count; i++)
        for (size_t n = 0; n < board->areas[i].count; n++) {
            struct question *question = board->areas[i].items[n].question;
            if (found) {
                *next = question;
                return;
            }
            found = question->row.id == id;
            if (found)
                *previous = last;
            last = question;
        }
}

static nu_value answer_shown(const struct assessment *assessment, const struct question *question)
{
    struct answer *answer = NULL;
    if (assessment != NULL)
        answer = nu_find(answer, "assessment", assessment->row.id, "question", question->row.id);
    if (answer == NULL)
        return nu_null();
    return NU_V(nu_dict_of("rating", answer->rating, "label", rating_label(answer->rating), "note", answer->note,
                           "saved", answer->saved));
}

nu_response *question_page(nu_request *request)
{
    struct question *question = nu_one_or_404(
        question, nu_filter(nu_select_related(nu_all(question), "area__level"), "slug", nu_arg(request, "slug")));
    struct board    *board = board_new(NULL);
    struct area     *area = nu_related(question, area);
    struct question *previous, *next;
    find_neighbours(board, question->row.id, &previous, &next);
    nu_query *siblings = nu_order_by(nu_filter(nu_all(question), "area", area->row.id), "position");
    return nu_render(request, "matrix/question.html", "question", question, "area", area, "level",
                     nu_related(area, level), "siblings", siblings, "previous", previous, "next", next, "answer",
                     answer_shown(latest_assessment(request), question), "choices", choices_shown());
}
