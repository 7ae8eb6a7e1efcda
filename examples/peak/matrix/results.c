#include <stdlib.h>

#include "views.h"

enum { MOST_GAPS = 5, MOST_STRENGTHS = 3, MOST_WEAKEST = 2 };

struct assessment *result_of_url(nu_request *request)
{
    return nu_one_or_404(assessment, nu_filter(visitor_assessments(request), "id", nu_arg_int(request, "id"),
                                               "finished__isnull", false));
}

/* ---- gaps and strengths ------------------------------------------------------------------------------ */

static int by_rating(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    int left = x->answer != NULL ? x->answer->rating : 0, right = y->answer != NULL ? y->answer->rating : 0;
    return left - right;
}

static nu_list *weakest_shown(const struct board_area *area)
{
    struct item *items = nu_alloc((area->count + 1) * sizeof *items);
    for (size_t i = 0; i < area->count; i++)
        items[i] = area->items[i];
    qsort(items, area->count, sizeof *items, by_rating);
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < area->count && i < MOST_WEAKEST; i++) {
        struct question *question = items[i].question;
        int              rating = items[i].answer != NULL ? items[i].answer->rating : 0;
        if (rating >= 3)
            break;
        nu_list_add(list, nu_dict_of("title", question->title, "slug", question->slug, "label", rating_label(rating),
                                     "learn_next", nu_row_get(&question->row, "learn_next")));
    }
    return list;
}

/* Areas sorted for the lists below; the order of the matrix decides between equals. */
struct ranked {
    const struct board_area *area;
    double                   rank; /* the higher, the earlier */
    size_t                   place;
};

static int by_rank(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank > y->rank ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static struct ranked *ranked_areas(const struct board *board, bool gaps, size_t *count)
{
    const struct level *next = board_next_level(board);
    struct ranked      *list = nu_alloc((board->area_count + 1) * sizeof *list);
    *count = 0;
    for (size_t i = 0; i < board->area_count; i++) {
        const struct board_area *area = &board->areas[i];
        if ((area->score < REACHED) != gaps)
            continue;
        /* Gaps of the next level come before all others. */
        double rank = gaps ? REACHED - area->score + (area->level == next ? 1 : 0) : area->score;
        list[(*count)++] = (struct ranked){area, rank, i};
    }
    qsort(list, *count, sizeof *list, by_rank);
    return list;
}

static nu_list *gaps_shown(const struct board *board)
{
    size_t         count;
    struct ranked *areas = ranked_areas(board, true, &count);
    nu_list       *list = nu_list_new();
    for (size_t i = 0; i < count && i < MOST_GAPS; i++) {
        const struct board_area *area = areas[i].area;
        nu_dict                 *dict = area_shown(board, area);
        nu_dict_set(dict, "level_name", area->level->name);
        nu_dict_set(dict, "level_slug", area->level->slug);
        nu_dict_set(dict, "missing", percent(REACHED) - percent(area->score));
        nu_dict_set(dict, "weakest", weakest_shown(area));
        nu_list_add(list, dict);
    }
    return list;
}

static nu_list *strengths_shown(const struct board *board)
{
    size_t         count;
    struct ranked *areas = ranked_areas(board, false, &count);
    nu_list       *list = nu_list_new();
    for (size_t i = 0; i < count && i < MOST_STRENGTHS; i++) {
        nu_dict *dict = area_shown(board, areas[i].area);
        nu_dict_set(dict, "level_name", areas[i].area->level->name);
        nu_list_add(list, dict);
    }
    return list;
}

static nu_list *notes_shown(const struct board *board)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < board->area_count; i++)
        for (size_t n = 0; n < board->areas[i].count; n++) {
            const struct item *item = &board->areas[i].items[n];
            if (item->answer != NULL && item->answer->note != NULL && item->answer->note[0] != '\0')
                nu_list_add(list, nu_dict_of("title", item->question->title, "slug", item->question->slug, "note",
                                             item->answer->note));
        }
    return list;
}

/* ---- one result ---------------------------------------------------------------------------------------- */

static struct board *board_before(nu_request *request, const struct assessment *result)
{
    nu_query *earlier = nu_filter(visitor_assessments(request), "finished__lt", result->finished);
    struct assessment *previous = nu_first(assessment, nu_order_by(earlier, "-finished", "-id"));
    return previous != NULL ? board_new(previous) : NULL;
}

static nu_value level_or_null(const struct board *board, const struct level *level)
{
    return level != NULL ? NU_V(level_shown(board, level)) : nu_null();
}

nu_response *result_page(nu_request *request)
{
    struct assessment *result = result_of_url(request);
    struct board      *board = board_new(result);
    struct board      *before = board_before(request, result);
    nu_value change = nu_null();
    if (before != NULL)
        change = NU_V(percent(board_score(board)) - percent(board_score(before)));
    return nu_render(request, "matrix/result.html", "result", finished_shown(board), "level",
                     level_or_null(board, board_level_reached(board)), "next_level",
                     level_or_null(board, board_next_level(board)), "levels", levels_shown(board), "previous",
                     before != NULL ? finished_shown(before) : nu_null(), "change", change, "radar",
                     radar_chart(board), "gaps", gaps_shown(board), "strengths", strengths_shown(board), "notes",
                     notes_shown(board));
}

/* ---- all results ------------------------------------------------------------------------------------------ */

nu_response *history(nu_request *request)
{
    nu_query *finished = nu_order_by(nu_filter(visitor_assessments(request), "finished__isnull", false), "finished", "id");
    size_t         count = 0;
    struct board **boards = nu_alloc((size_t)(nu_query_list(finished)->count + 1) * sizeof *boards);
    NU_EACH (assessment, row, finished)
        boards[count++] = board_new(row);
    nu_list *results = nu_list_new();
    for (size_t i = count; i-- > 0;) {
        nu_value shown = finished_shown(boards[i]);
        nu_value change = nu_null();
        if (i > 0)
            change = NU_V(percent(board_score(boards[i])) - percent(board_score(boards[i - 1])));
        nu_dict_set(shown.dict, "change", change);
        nu_list_push(results, shown);
    }
    struct board *empty = board_new(NULL);
    return nu_render(request, "matrix/history.html", "results", results, "chart",
                     count > 1 ? NU_V(line_chart(boards, count)) : nu_null(), "open",
                     open_shown(open_assessment(request), empty->questions));
}
