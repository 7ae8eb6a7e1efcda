/* The assessment: one area at a time, saved with every page, so that it can be resumed at any moment. */
#include <string.h>

#include "views.h"

enum { LONGEST_NOTE = 1000 };

/* ---- overview, start, finish ----------------------------------------------------------------------- */

static int areas_done(const struct board *board)
{
    int done = 0;
    for (size_t i = 0; i < board->area_count; i++)
        done += area_is_complete(&board->areas[i]);
    return done;
}

static nu_value next_area_shown(const struct board *board)
{
    const struct board_area *next = board_first_open(board);
    if (next == NULL)
        return nu_null();
    return NU_V(nu_dict_of("slug", next->row->slug, "name", next->row->name, "level_name", next->level->name));
}

nu_response *assessment_overview(nu_request *request)
{
    struct assessment *open = open_assessment(request);
    struct board      *board = board_new(open);
    struct board      *latest = board_new(latest_assessment(request));
    nu_value           shown = open_shown(open, board->questions);
    if (!nu_is_null(shown)) {
        nu_dict_set(shown.dict, "areas_done", areas_done(board));
        nu_dict_set(shown.dict, "areas_total", board->area_count);
    }
    return nu_render(request, "matrix/assessment.html", "open", shown, "next", next_area_shown(board), "levels",
                     levels_shown(board), "questions_total", board->questions, "choices", choices_shown(), "latest",
                     finished_shown(latest));
}

static nu_response *redirect_to_area(const struct board_area *area)
{
    return area != NULL ? nu_redirect("matrix:assess", "slug", area->row->slug) : nu_redirect("matrix:assessment");
}

nu_response *assessment_start(nu_request *request)
{
    struct assessment *open = open_assessment(request);
    if (open != NULL && nu_request_post(request, "again") != NULL) {
        nu_delete(open);
        open = NULL;
    }
    if (open == NULL)
        open = nu_create(assessment, "visitor", visitor_name(request, true));
    return redirect_to_area(board_first_open(board_new(open)));
}

static nu_response *finish(struct assessment *open)
{
    open->finished = nu_now();
    nu_save_fields(open, "finished");
    return nu_redirect("matrix:result", "id", open->row.id);
}

nu_response *assessment_finish(nu_request *request)
{
    struct assessment *open = open_assessment(request);
    if (open == NULL || !nu_exists(nu_filter(nu_all(answer), "assessment", open->row.id)))
        return nu_redirect("matrix:assessment");
    return finish(open);
}

/* ---- one area --------------------------------------------------------------------------------------- */

/* What one question's part of the page was sent with. */
struct entry {
    struct question *question;
    struct answer   *answer; /* saved before; NULL: none */
    nu_form         *form;
};

static void clean_rating(nu_form *form)
{
    /* Without a rating the note has nothing to belong to; the rating's own error says so. */
    (void)form;
}
