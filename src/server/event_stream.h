/* What ends all streams of events of a loop, because its worker drains. */
#pragma once

#include "runtime/loop.h"

void nu__event_streams_drain(nu_loop *loop);
