/* The views, by file. */
#pragma once

#include "board.h"
#include "shown.h"
#include "visitor.h"

/* pages.c: the matrix itself */
nu_response *home(nu_request *request);
nu_response *about(nu_request *request);
nu_response *level_page(nu_request *request);
nu_response *question_page(nu_request *request);

/* assess.c: answering */
nu_response *assessment_overview(nu_request *request);
nu_response *assessment_start(nu_request *request);
nu_response *assessment_finish(nu_request *request);
nu_response *assess_area(nu_request *request);

/* results.c: what came out */
nu_response *history(nu_request *request);
nu_response *result_page(nu_request *request);

/* export.c: the same for machines */
nu_response *result_csv(nu_request *request);
nu_response *api_matrix(nu_request *request);
nu_response *api_results(nu_request *request);
nu_response *api_result(nu_request *request);

/* The visitor's finished assessment named in the URL; raises NotFound. */
NU_WAITS struct assessment *result_of_url(nu_request *request);

/* charts.c: geometry for the SVG templates */
nu_dict *radar_chart(const struct board *board);
/* `boards`: oldest first, two at least. */
nu_dict *line_chart(struct board *const *boards, size_t count);
