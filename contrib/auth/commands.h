/* The commands of the app. */
#pragma once

#include "nuages/command.h"

extern const nu_command nu__createsuperuser, nu__changepassword;
