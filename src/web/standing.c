#include "web/standing.h"

static nu_header fields[NU_STANDING_COUNT];

static void make(nu_standing which, nu_header_id id, const char *value)
{
    fields[which] = *value != '\0' ? nu_header_of(id, value) : (nu_header){.name = NULL};
}

void nu__standing_setup(const nu_settings *settings)
{
    make(NU_STANDING_NO_SNIFF, NU_HEADER_X_CONTENT_TYPE_OPTIONS, "nosniff");
    make(NU_STANDING_REFERRER, NU_HEADER_REFERRER_POLICY, settings->referrer_policy);
    make(NU_STANDING_OPENER, NU_HEADER_CROSS_ORIGIN_OPENER_POLICY, settings->opener_policy);
    make(NU_STANDING_FRAME, NU_HEADER_X_FRAME_OPTIONS, settings->frame_options);
}

void nu__standing_add(nu_response *response, nu_standing which)
{
    if (fields[which].name != NULL)
        nu_response_default_field(response, &fields[which]);
}
