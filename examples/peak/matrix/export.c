#include <string.h>

#include "views.h"

/* ---- CSV (RFC 4180) ------------------------------------------------------------------------------------ */

/* A field in quotes. One that a spreadsheet would take for a formula gets an apostrophe before it. */
static void put_field(nu_builder *csv, const char *text)
{
    nu_builder_putc(csv, '"');
    if (*text != '\0' && strchr("=+-@\t\r", *text) != NULL)
        nu_builder_putc(csv, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            nu_builder_putc(csv, '"');
        nu_builder_putc(csv, *text);
    }
    nu_builder_putc(csv, '"');
}

static void put_line(nu_builder *csv, const struct board_area *area, const struct item *item)
{
    put_field(csv, area->level->name);
    nu_builder_putc(csv, ',');
    put_field(csv, area->row->name);
    nu_builder_putc(csv, ',');
    put_field(csv, item->question->title);
    nu_builder_putc(csv, ',');
    if (item->answer != NULL)
        nu_builder_int(csv, item->answer->rating);
    nu_builder_putc(csv, ',');
    put_field(csv, item->answer != NULL && item->answer->note != NULL ? item->answer->note : "");
    nu_builder_puts(csv, "\r\n");
}

nu_response *result_csv(nu_request *request)
{
    struct board *board = board_new(result_of_url(request));
    nu_builder    csv;
    nu_builder_init(&csv, NULL, 8192);
    nu_builder_puts(&csv, "level,area,question,rating,note\r\n");
    for (size_t i = 0; i < board->area_count; i++)
        for (size_t n = 0; n < board->areas[i].count; n++)
            put_line(&csv, &board->areas[i], &board->areas[i].items[n]);
    nu_response *response = nu_bytes_response("text/csv; charset=utf-8", nu_builder_text(&csv), csv.length);
    nu_response_set_header(response, "Content-Disposition",
                           nu_content_disposition(true, nu_fmt("peak-%lld.csv", (long long)board->assessment->row.id)));
    return response;
}

/* ---- JSON --------------------------------------------------------------------------------------------------- */

static nu_list *questions_json(const struct board_area *area, bool answers)
{
    nu_list *list = nu_list_new();
    for (size_t n = 0; n < area->count; n++) {
        const struct item *item = &area->items[n];
        nu_dict           *dict = nu_dict_of("slug", item->question->slug, "title", item->question->title);
        if (answers) {
            nu_dict_set(dict, "rating", item->answer != NULL ? nu_value_int(item->answer->rating) : nu_null());
            nu_dict_set(dict, "note", item->answer != NULL ? item->answer->note : "");
        } else {
            nu_dict_set(dict, "text", nu_row_get(&item->question->row, "text"));
        }
        nu_list_add(list, dict);
    }
    return list;
}

static nu_list *areas_json(const struct board *board, const struct level *level, bool answers)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < board->area_count; i++) {
        const struct board_area *area = &board->areas[i];
        if (area->level != level)
            continue;
        nu_dict *dict = nu_dict_of("slug", area->row->slug, "name", area->row->name);
        if (answers)
            nu_dict_set(dict, "score", percent(area->score));
        else
            nu_dict_set(dict, "summary", area->row->summary);
        nu_dict_set(dict, answers ? "answers" : "questions", questions_json(area, answers));
        nu_list_add(list, dict);
    }
    return list;
}

static nu_list *levels_json(const struct board *board, bool answers)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < board->level_count; i++) {
        const struct level *level = board->levels[i];
        nu_dict *dict = nu_dict_of("number", level->number, "slug", level->slug, "name", level->name);
        if (answers)
            nu_dict_set(dict, "score", percent(board_level_score(board, level)));
        nu_dict_set(dict, "areas", areas_json(board, level, answers));
        nu_list_add(list, dict);
    }
    return list;
}

nu_response *api_matrix(nu_request *request)
{
    (void)request;
    return nu_json("levels", levels_json(board_new(NULL), false));
}

nu_response *api_results(nu_request *request)
{
    nu_list  *results = nu_list_new();
    nu_query *finished = nu_filter(visitor_assessments(request), "finished__isnull", false);
    NU_EACH (assessment, row, nu_order_by(finished, "-finished", "-id"))
        nu_list_push(results, finished_shown(board_new(row)));
    return nu_json("results", results);
}

nu_response *api_result(nu_request *request)
{
    struct board *board = board_new(result_of_url(request));
    nu_value      result = finished_shown(board);
    nu_dict_set(result.dict, "levels", levels_json(board, true));
    return nu_json_of(result);
}
