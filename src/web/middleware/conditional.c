#include "web/internal.h"

/* Only answers to GET are worth an ETag here, as in Django. */
static nu_response *answer_conditionally(nu_request *request, nu_response *response)
{
    if (!nu_request_is(request, "GET"))
        return response;
    nu_response_set_etag(response);
    return nu_conditional(request, response);
}

const nu_middleware nu_conditional_middleware = {.name = "conditional",
                                                 .out = answer_conditionally};
