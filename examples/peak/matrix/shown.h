/* The board as dicts, for templates and JSON. */
#pragma once

#include "board.h"

/* The five ratings: value, short, label. */
nu_list    *choices_shown(void);
const char *rating_label(int rating);

nu_dict *area_shown(const struct board *board, const struct board_area *area);
nu_dict *level_shown(const struct board *board, const struct level *level);
nu_list *levels_shown(const struct board *board);
/* percent, answered, total, started of an open assessment; null for NULL or a finished one. */
NU_WAITS nu_value open_shown(const struct assessment *open, int questions);
/* id, finished, score, level_name of a finished one; null unless it is. */
nu_value finished_shown(const struct board *board);
