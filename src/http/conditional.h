#pragma once

#include "http/internal.h"

/* The entity tags of a field, quotes and W/ with them; "*" alone stands for any. What is no tag is
 * left out. */
nu_list *nu__etags_parse(const char *header);

/* True if the request has no If-Range, or it names the state that `res` shows. */
bool nu__if_range_passes(const nu_request *req, const nu_response *res);
