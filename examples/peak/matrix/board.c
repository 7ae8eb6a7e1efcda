#include "board.h"

#include <math.h>
#include <string.h>

/* ---- loading --------------------------------------------------------------------------------------- */

static void load_levels(struct board *board)
{
    nu_query *all = nu_order_by(nu_all(level), "number");
    board->level_count = (size_t)nu_query_list(all)->count;
    board->levels = nu_alloc((board->level_count + 1) * sizeof *board->levels);
    size_t i = 0;
    NU_EACH (level, row, all)
        board->levels[i++] = row;
}

static void load_areas(struct board *board)
{
    nu_query *all = nu_order_by(nu_all(area), "level__number", "position");
    board->area_count = (size_t)nu_query_list(all)->count;
    board->areas = nu_alloc((board->area_count + 1) * sizeof *board->areas);
    size_t i = 0;
    NU_EACH (area, row, all) {
        struct board_area *entry = &board->areas[i++];
        entry->row = row;
        for (size_t l = 0; l < board->level_count; l++)
            if (board->levels[l]->row.id == row->level.id)
                entry->level = board->levels[l];
    }
}

static struct board_area *area_by_id(const struct board *board, int64_t id)
{
    for (size_t i = 0; i < board->area_count; i++)
        if (board->areas[i].row->row.id == id)
            return &board->areas[i];
    return NULL;
}

static void load_questions(struct board *board)
{
    nu_query *all = nu_order_by(nu_only(nu_all(question), "area", "position", "title", "slug"),
                                "area__level__number", "area__position", "position");
    NU_EACH (question, row, all)
        area_by_id(board, row->area.id)->count++;
    for (size_t i = 0; i < board->area_count; i++) {
        board->areas[i].items = nu_alloc((board->areas[i].count + 1) * sizeof(struct item));
        board->areas[i].count = 0;
    }
    NU_EACH (question, row, all) {
        struct board_area *entry = area_by_id(board, row->area.id);
        entry->items[entry->count++].question = row;
        board->questions++;
    }
}

/* The area with the question of that id, and its place among the area's questions. */
static struct board_area *area_with_question(const struct board *board, int64_t id, size_t *at)
{
    for (size_t i = 0; i < board->area_count; i++)
        for (*at = 0; *at < board->areas[i].count; (*at)++)
            if (board->areas[i].items[*at].question->row.id == id)
                return &board->areas[i];
    return NULL;
}

static void load_answers(struct board *board)
{
    NU_EACH (answer, row, nu_filter(nu_all(answer), "assessment", board->assessment->row.id)) {
        size_t             at;
        struct board_area *area = area_with_question(board, row->question.id, &at);
        if (area == NULL) /* the question came after the board was read */
            continue;
        area->items[at].answer = row;
        area->answered++;
        area->score += row->rating;
        board->answered++;
    }
}

struct board *board_new(const struct assessment *assessment)
{
    struct board *board = nu_alloc(sizeof *board);
    board->assessment = assessment;
    load_levels(board);
    load_areas(board);
    load_questions(board);
    if (assessment != NULL)
        load_answers(board);
    for (size_t i = 0; i < board->area_count; i++)
        if (board->areas[i].count > 0)
            board->areas[i].score /= 4.0 * (double)board->areas[i].count;
    return board;
}

/* ---- scores ------------------------------------------------------------------------------------------ */

int percent(double share)
{
    return (int)lround(share * 100);
}

double board_score(const struct board *board)
{
    double sum = 0;
    for (size_t i = 0; i < board->area_count; i++)
        sum += board->areas[i].score;
    return board->area_count > 0 ? sum / (double)board->area_count : 0;
}

double board_level_score(const struct board *board, const struct level *level)
{
    double sum = 0;
    int    count = 0;
    for (size_t i = 0; i < board->area_count; i++)
        if (board->areas[i].level == level) {
            sum += board->areas[i].score;
            count++;
        }
    return count > 0 ? sum / count : 0;
}

static bool all_areas_reached(const struct board *board, const struct level *level)
{
    for (size_t i = 0; i < board->area_count; i++)
        if (board->areas[i].level == level && board->areas[i].score < REACHED)
            return false;
    return true;
}

struct level *board_next_level(const struct board *board)
{
    for (size_t i = 0; i < board->level_count; i++)
        if (!all_areas_reached(board, board->levels[i]))
            return board->levels[i];
    return NULL;
}

struct level *board_level_reached(const struct board *board)
{
    struct level *reached = NULL;
    for (size_t i = 0; i < board->level_count && all_areas_reached(board, board->levels[i]); i++)
        reached = board->levels[i];
    return reached;
}

bool area_is_complete(const struct board_area *area)
{
    return area->answered == (int)area->count;
}

const struct board_area *board_first_open(const struct board *board)
{
    for (size_t i = 0; i < board->area_count; i++)
        if (!area_is_complete(&board->areas[i]))
            return &board->areas[i];
    return NULL;
}

struct board_area *board_area(const struct board *board, const char *slug)
{
    for (size_t i = 0; i < board->area_count; i++)
        if (strcmp(board->areas[i].row->slug, slug) == 0)
            return &board->areas[i];
    nu_raise(NU_NOT_FOUND, "there is no area \"%s\"", slug);
}
