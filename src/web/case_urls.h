/* {% url %} for rendering described by data alone (template/case.h).
 *
 * Routes are JSON: [{"route": "<int:id>/", "name": "detail"}, {"route": "blog/", "include": […],
 * "app_name": "blog", "namespace": "news"}]. */
#pragma once

#include "template/case.h"

extern const nu_case_urls nu__case_urls;
