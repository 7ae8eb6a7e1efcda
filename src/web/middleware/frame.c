#include "web/internal.h"

static nu_response *forbid_frames(nu_request *request, nu_response *response)
{
    (void)request;
    const char *options = nu_settings_current()->frame_options;
    if (*options != '\0')
        nu_response_default_header_at(response, NU_HEADER_X_FRAME_OPTIONS, options);
    return response;
}

const nu_middleware nu_frame_middleware = {.name = "frame", .out = forbid_frames};
