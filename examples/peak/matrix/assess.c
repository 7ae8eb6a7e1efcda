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

static const nu_choice rating_choices[] = {
    NU_CHOICE_INT(0, "Never heard of it"), NU_CHOICE_INT(1, "Heard of it"), NU_CHOICE_INT(2, "Used it with help"),
    NU_CHOICE_INT(3, "Use it on my own"),  NU_CHOICE_INT(4, "Could teach it"), {.label = NULL},
};

/* One question's part of the page. */
static const nu_form_field answer_fields[] = {
    NU_FORM_CHOICE_INT("rating", .choices = rating_choices,
                       .messages = NU_ATTRS({"required", NU_CONST_TEXT("Choose one of the five, so that this question counts.")})),
    NU_FORM_TEXT("note", .optional = true, .max_length = LONGEST_NOTE),
    {0},
};
static const nu_form_def answer_form = {.fields = answer_fields};

/* A question of the area with what was saved or sent for it. */
struct entry {
    struct question *question;
    struct answer   *answer; /* NULL: none saved yet */
    nu_form         *form;
};

/* The questions of the area with their saved answers. `data` NULL: nothing was sent. */
static struct entry *load_entries(const struct assessment *open, const struct area *area, nu_params *data, size_t *count)
{
    nu_query *questions = nu_order_by(nu_filter(nu_all(question), "area", area->row.id), "position");
    nu_query *answers = nu_filter(nu_all(answer), "assessment", open->row.id, "question__area", area->row.id);
    struct entry *entries = nu_alloc((size_t)(nu_query_list(questions)->count + 1) * sizeof *entries);
    *count = 0;
    NU_EACH (question, row, questions) {
        struct entry *entry = &entries[(*count)++];
        entry->question = row;
        NU_EACH (answer, saved, answers)
            if (saved->question.id == row->row.id)
                entry->answer = saved;
        entry->form = nu_form_new(&answer_form, .data = data, .prefix = nu_fmt("q%lld", (long long)row->row.id));
    }
    return entries;
}

/* Saves what was sent validly; returns how many questions still need something. */
static int save_entries(const struct assessment *open, struct entry *entries, size_t count)
{
    int wrong = 0;
    NU_ATOMIC {
        for (size_t i = 0; i < count; i++) {
            struct entry *entry = &entries[i];
            if (!nu_form_is_valid(entry->form)) {
                wrong++;
                continue;
            }
            bool created;
            nu_update_or_create(answer,
                                nu_defaults("rating", nu_form_value(entry->form, "rating"), "note",
                                            nu_form_value(entry->form, "note")),
                                &created, "assessment", open, "question", entry->question);
        }
    }
    return wrong;
}

static const char *error_of(const struct entry *entry)
{
    if (!nu_form_is_bound(entry->form))
        return NULL;
    const char *error = nu_form_error_of(entry->form, "rating");
    return error != NULL ? error : nu_form_error_of(entry->form, "note");
}

/* What the page shows: what was sent, if something was, else what is saved. */
static nu_list *entries_shown(const struct entry *entries, size_t count, const nu_params *data)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < count; i++) {
        const struct entry *entry = &entries[i];
        const char *prefix = nu_fmt("q%lld", (long long)entry->question->row.id);
        nu_value    rating = entry->answer != NULL ? nu_value_int(entry->answer->rating) : nu_null();
        nu_value    note = NU_V(entry->answer != NULL ? entry->answer->note : "");
        int64_t     sent;
        if (data != NULL) {
            nu_value value = nu_params_value(data, nu_fmt("%s-rating", prefix));
            rating = nu_int_try(value, &sent) ? nu_value_int(sent) : nu_null();
            note = nu_params_value(data, nu_fmt("%s-note", prefix));
        }
        nu_list_add(list, nu_dict_of("question", entry->question, "prefix", prefix, "rating", rating, "note", note,
                                     "error", error_of(entry)));
    }
    return list;
}

static nu_value neighbour_shown(const struct board *board, const struct board_area *area)
{
    if (area < board->areas || area >= board->areas + board->area_count)
        return nu_null();
    return NU_V(nu_dict_of("slug", area->row->slug, "name", area->row->name));
}

/* Where to go once an area is complete. */
static nu_response *go_on(struct assessment *open, const char *slug)
{
    struct board            *board = board_new(open);
    const struct board_area *next = board_area(board, slug) + 1;
    if (next < board->areas + board->area_count)
        return nu_redirect_to(nu_fmt("%s?saved=1", nu_reverse("matrix:assess", "slug", next->row->slug)));
    return board_first_open(board) == NULL ? finish(open) : nu_redirect("matrix:assessment");
}

nu_response *assess_area(nu_request *request)
{
    struct assessment *open = open_assessment(request);
    if (open == NULL)
        return nu_redirect("matrix:assessment");
    struct area  *area = nu_one_or_404(
        area, nu_filter(nu_select_related(nu_all(area), "level"), "slug", nu_arg(request, "slug")));
    nu_params    *data = nu_request_is(request, "POST") ? nu_request_form(request) : NULL;
    size_t        count;
    struct entry *entries = load_entries(open, area, data, &count);
    int           errors = 0;
    if (data != NULL) {
        errors = save_entries(open, entries, count);
        const char *action = nu_params_get(data, "action");
        if (action != NULL && strcmp(action, "later") == 0)
            return nu_redirect("matrix:assessment");
        if (errors == 0)
            return go_on(open, area->slug);
    }
    struct board            *board = board_new(open);
    const struct board_area *here = board_area(board, area->slug);
    nu_response *page = nu_render(
        request, "matrix/assess.html", "level", nu_related(area, level), "area", area, "items",
        entries_shown(entries, count, data), "choices", choices_shown(), "errors", errors, "position",
        here - board->areas + 1, "areas_total", board->area_count, "percent",
        percent(board->questions > 0 ? (double)board->answered / board->questions : 0), "previous",
        neighbour_shown(board, here - 1), "next", neighbour_shown(board, here + 1), "saved",
        nu_request_get(request, "saved") != NULL);
    if (errors > 0)
        nu_response_set_status(page, 422);
    return page;
}
