#pragma once

#include "shop.h"

extern const nu_command exchange_command;
