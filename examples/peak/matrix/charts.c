/* Geometry of the charts; the templates draw it. All coordinates are texts with one decimal. */
#include <math.h>

#include "views.h"

static const char *number(double value)
{
    return nu_fmt("%.1f", value);
}

/* ---- radar ------------------------------------------------------------------------------------------- */

static const double centre = 240, radius = 168;

/* The direction of axis `at` of `count`, in radians, clockwise from the top. */
static double angle_of(double at, size_t count)
{
    return -M_PI / 2 + 2 * M_PI * at / (double)count;
}

static double x_at(double angle, double distance)
{
    return centre + distance * cos(angle);
}

static double y_at(double angle, double distance)
{
    return centre + distance * sin(angle);
}

static const char *polygon(const struct board *board, double fixed)
{
    nu_builder points;
    nu_builder_init(&points, NULL, 512);
    for (size_t i = 0; i < board->area_count; i++) {
        double angle = angle_of((double)i, board->area_count);
        double distance = radius * (fixed > 0 ? fixed : board->areas[i].score);
        nu_builder_printf(&points, "%s%.1f,%.1f", i > 0 ? " " : "", x_at(angle, distance), y_at(angle, distance));
    }
    return nu_builder_text(&points);
}

static nu_list *axes(const struct board *board)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < board->area_count; i++) {
        const struct board_area *area = &board->areas[i];
        double   angle = angle_of((double)i, board->area_count);
        nu_dict *axis = area_shown(board, area);
        nu_dict_set(axis, "x", number(x_at(angle, radius)));
        nu_dict_set(axis, "y", number(y_at(angle, radius)));
        nu_dict_set(axis, "dot_x", number(x_at(angle, radius * area->score)));
        nu_dict_set(axis, "dot_y", number(y_at(angle, radius * area->score)));
        nu_dict_set(axis, "label_x", number(x_at(angle, radius + 16)));
        nu_dict_set(axis, "label_y", number(y_at(angle, radius + 16)));
        nu_dict_set(axis, "label", nu_fmt("%d.%d", area->level->number, area->row->position));
        nu_dict_set(axis, "level", area->level->number);
        nu_list_add(list, axis);
    }
    return list;
}

static nu_dict *sector(const struct board *board, const struct level *level, size_t first, size_t last)
{
    double from = angle_of((double)first - 0.5, board->area_count);
    double to = angle_of((double)last + 0.5, board->area_count);
    double middle = (from + to) / 2;
    int    turn = (int)lround(middle * 180 / M_PI) + 90;
    if (sin(middle) > 0) /* it would stand on its head */
        turn += 180;
    return nu_dict_of("number", level->number, "name", level->name, "path",
                      nu_fmt("M240,240 L%.1f,%.1f A168,168 0 %d 1 %.1f,%.1f Z", x_at(from, radius), y_at(from, radius),
                             to - from > M_PI, x_at(to, radius), y_at(to, radius)),
                      "label_x", number(x_at(middle, radius + 46)), "label_y", number(y_at(middle, radius + 46)),
                      "rotate", turn);
}

static nu_list *sectors(const struct board *board)
{
    nu_list *list = nu_list_new();
    for (size_t first = 0; first < board->area_count;) {
        size_t last = first;
        while (last + 1 < board->area_count && board->areas[last + 1].level == board->areas[first].level)
            last++;
        nu_list_add(list, sector(board, board->areas[first].level, first, last));
        first = last + 1;
    }
    return list;
}

nu_dict *radar_chart(const struct board *board)
{
    nu_list *rings = nu_list_new();
    for (int share = 25; share <= 100; share += 25)
        nu_list_add(rings, nu_dict_of("radius", number(radius * share / 100), "percent", share));
    return nu_dict_of("points", polygon(board, 0), "target", polygon(board, REACHED), "axes", axes(board), "sectors",
                      sectors(board), "rings", rings);
}

/* ---- line ---------------------------------------------------------------------------------------------- */

static const double plot_top = 24, plot_bottom = 296, plot_left = 80, plot_right = 664;

static double y_of(int score)
{
    return plot_bottom - (plot_bottom - plot_top) * score / 100;
}

nu_dict *line_chart(struct board *const *boards, size_t count)
{
    enum { MOST_LABELS = 6 };
    nu_builder points, fill;
    nu_builder_init(&points, NULL, 256);
    nu_builder_init(&fill, NULL, 256);
    nu_list *dots = nu_list_new(), *grid = nu_list_new();
    size_t   every = (count + MOST_LABELS - 1) / MOST_LABELS;
    nu_builder_printf(&fill, "M%.1f,%.1f", plot_left, plot_bottom);
    for (size_t i = 0; i < count; i++) {
        int    score = percent(board_score(boards[i]));
        double x = plot_left + (plot_right - plot_left) * (double)i / (double)(count - 1);
        nu_builder_printf(&points, "%s%.1f,%.1f", i > 0 ? " " : "", x, y_of(score));
        nu_builder_printf(&fill, " L%.1f,%.1f", x, y_of(score));
        nu_list_add(dots, nu_dict_of("x", number(x), "y", number(y_of(score)), "score", score, "id",
                                     boards[i]->assessment->row.id, "date", boards[i]->assessment->finished,
                                     "labelled", (count - 1 - i) % every == 0));
    }
    nu_builder_printf(&fill, " L%.1f,%.1f Z", plot_right, plot_bottom);
    for (int label = 0; label <= 100; label += 25)
        nu_list_add(grid, nu_dict_of("y", number(y_of(label)), "label", label));
    return nu_dict_of("points", nu_builder_text(&points), "fill", nu_builder_text(&fill), "dots", dots, "grid", grid,
                      "target_y", number(y_of(percent(REACHED))));
}
