#include "views.h"

const nu_route matrix_urls[] = {
    NU_PATH("",                               home,                .name = "home"),
    NU_PATH("about/",                         about,               .name = "about"),
    NU_PATH("levels/<slug:slug>/",            level_page,          .name = "level"),
    NU_PATH("questions/<slug:slug>/",         question_page,       .name = "question"),
    NU_PATH("assessment/",                    assessment_overview, .name = "assessment"),
    NU_PATH("assessment/start/",              assessment_start,    .name = "start",  .methods = "POST"),
    NU_PATH("assessment/finish/",             assessment_finish,   .name = "finish", .methods = "POST"),
    NU_PATH("assessment/areas/<slug:slug>/",  assess_area,         .name = "assess", .methods = "GET POST"),
    NU_PATH("results/",                       history,             .name = "history"),
    NU_PATH("results/<int:id>/",              result_page,         .name = "result"),
    NU_PATH("results/<int:id>/result.csv",    result_csv,          .name = "result_csv"),
    NU_PATH("api/matrix/",                    api_matrix,          .name = "api_matrix",  .methods = "GET"),
    NU_PATH("api/results/",                   api_results,         .name = "api_results", .methods = "GET"),
    NU_PATH("api/results/<int:id>/",          api_result,          .name = "api_result",  .methods = "GET"),
    {0},
};
