#pragma once

#include "nuages/request.h"
#include "nuages/response.h"

/* The answer for a path below /ws; NULL if it is none. */
nu_response *live_websocket(nu_request *request);
/* The same for a path below /events. */
nu_response *live_events(nu_request *request);
