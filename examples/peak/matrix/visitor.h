/* Who is asking: visitors are known by a random name in their session until accounts arrive. */
#pragma once

#include "matrix.h"

/* The visitor's name; a new visitor gets one when `create` is set, else NULL. */
const char *visitor_name(nu_request *request, bool create);

/* The visitor's assessments; no rows for somebody new. */
nu_query *visitor_assessments(nu_request *request);

/* The one that is not finished; NULL if there is none. */
struct assessment *open_assessment(nu_request *request);

/* The newest finished one, else the open one, else NULL. */
struct assessment *latest_assessment(nu_request *request);
