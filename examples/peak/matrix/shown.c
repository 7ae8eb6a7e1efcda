#include "shown.h"

static const struct {
    const char *brief, *label;
} ratings[] = {
    {"never heard", "Never heard of it"},
    {"heard of it", "Heard of it"},
    {"used it", "Used it with help"},
    {"use it", "Use it on my own"},
    {"could teach", "Could teach it"},
};

nu_list *choices_shown(void)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < NU_COUNT(ratings); i++)
        nu_list_add(list, nu_dict_of("value", i, "short", ratings[i].brief, "label", ratings[i].label));
    return list;
}

const char *rating_label(int rating)
{
    return rating >= 0 && rating < (int)NU_COUNT(ratings) ? ratings[rating].label : "";
}

/* The tint of an area: none, then a step for each third or so of the way. */
static int step_of(double score)
{
    if (score <= 0)
        return 0;
    if (score < 0.35)
        return 1;
    if (score < REACHED)
        return 2;
    return score < 0.9 ? 3 : 4;
}

nu_dict *area_shown(const struct board *board, const struct board_area *area)
{
    nu_dict *dict = nu_dict_of("name", area->row->name, "slug", area->row->slug, "summary", area->row->summary,
                               "learn_next", area->row->learn_next, "total", area->count, "answered",
                               area->answered, "reached", area->score >= REACHED);
    bool known = board->assessment != NULL;
    nu_dict_set(dict, "score", known ? nu_value_int(percent(area->score)) : nu_null());
    nu_dict_set(dict, "step", area->answered > 0 ? nu_value_int(step_of(area->score)) : nu_null());
    return dict;
}

static bool is_reached(const struct board *board, const struct level *level)
{
    const struct level *highest = board_level_reached(board);
    return board->assessment != NULL && highest != NULL && level->number <= highest->number;
}

nu_dict *level_shown(const struct board *board, const struct level *level)
{
    nu_list *areas = nu_list_new();
    for (size_t i = 0; i < board->area_count; i++)
        if (board->areas[i].level == level)
            nu_list_add(areas, area_shown(board, &board->areas[i]));
    nu_dict *dict = nu_dict_of("number", level->number, "name", level->name, "slug", level->slug, "place",
                               level->place, "elevation", level->elevation, "summary", level->summary,
                               "description", level->description, "reached", is_reached(board, level), "areas", areas);
    bool known = board->assessment != NULL;
    nu_dict_set(dict, "score", known ? nu_value_int(percent(board_level_score(board, level))) : nu_null());
    return dict;
}

nu_list *levels_shown(const struct board *board)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < board->level_count; i++)
        nu_list_add(list, level_shown(board, board->levels[i]));
    return list;
}

nu_value open_shown(const struct assessment *open, int questions)
{
    if (open == NULL || open->finished.set)
        return nu_null();
    int64_t answered = nu_count(nu_filter(nu_all(answer), "assessment", open->row.id));
    double  share = questions > 0 ? (double)answered / questions : 0;
    return NU_V(nu_dict_of("percent", percent(share), "answered", answered, "total", questions, "started",
                           open->started));
}

nu_value finished_shown(const struct board *board)
{
    if (board->assessment == NULL || !board->assessment->finished.set)
        return nu_null();
    const struct level *level = board_level_reached(board);
    return NU_V(nu_dict_of("id", board->assessment->row.id, "finished", board->assessment->finished, "score",
                           percent(board_score(board)), "level_name", level != NULL ? level->name : NULL, "answered",
                           board->answered, "total", board->questions));
}
