#include "web/standing.h"

#include "nuages/middleware.h"

static nu_response *forbid_frames(nu_request *request, nu_response *response)
{
    (void)request;
    nu__standing_add(response, NU_STANDING_FRAME);
    return response;
}

const nu_middleware nu_frame_middleware = {.name = "frame", .out = forbid_frames};
