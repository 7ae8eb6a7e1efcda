/* The framework's own pages, for the files of web/. */
#pragma once

#include "web/internal.h"

/* One of pages/, rendered. */
nu_value nu__own_page(const char *name, nu_dict *context);
