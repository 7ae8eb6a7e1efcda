/* The matrix with the answers of one assessment in it, and the scores that follow. */
#pragma once

#include "matrix.h"

/* From here on an area counts as reached. */
#define REACHED 0.7

struct item {
    struct question     *question;
    const struct answer *answer; /* NULL: not answered */
};

struct board_area {
    struct area  *row;
    struct level *level;
    struct item  *items;
    size_t        count;
    int           answered;
    double        score; /* 0 … 1; an unanswered question counts 0 */
};

struct board {
    const struct assessment *assessment; /* NULL: nothing is answered */
    struct level           **levels;
    size_t                   level_count;
    struct board_area       *areas; /* in the order of the matrix */
    size_t                   area_count;
    int                      questions, answered;
};

/* Three statements, and one more for the answers of `assessment`, which may be NULL. The questions
 * come without their long texts. */
NU_WAITS struct board *board_new(const struct assessment *assessment);

double board_score(const struct board *board);
double board_level_score(const struct board *board, const struct level *level);
/* The highest level that is reached together with all below it; NULL: not even the first. */
struct level *board_level_reached(const struct board *board);
/* The first that is not reached; NULL: all are. */
struct level *board_next_level(const struct board *board);
bool          area_is_complete(const struct board_area *area);
/* The area of that slug; raises NotFound. */
struct board_area *board_area(const struct board *board, const char *slug);
/* The first area with an unanswered question; NULL: none. */
const struct board_area *board_first_open(const struct board *board);
/* 0 … 100 */
int percent(double share);
