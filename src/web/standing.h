/* Fields that the settings add to every response: made and checked once, when the settings are. */
#pragma once

#include "nuages/response.h"
#include "nuages/settings.h"

typedef enum nu_standing {
    NU_STANDING_NO_SNIFF,
    NU_STANDING_REFERRER,
    NU_STANDING_OPENER,
    NU_STANDING_FRAME,
    NU_STANDING_COUNT,
} nu_standing;

/* A value with a line break raises ValueError; an empty one leaves its field out. */
void nu__standing_setup(const nu_settings *settings);
/* Adds the field unless the response has it, or the settings leave it out. */
void nu__standing_add(nu_response *response, nu_standing which);
