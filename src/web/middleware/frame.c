#include "web/internal.h"

static nu_response *forbid_frames(nu_request *request, nu_response *response)
{
    (void)request;
    nu_response_default_header(response, "X-Frame-Options", nu_settings_current()->frame_options);
    return response;
}

const nu_middleware nu_frame_middleware = {.name = "frame", .out = forbid_frames};
