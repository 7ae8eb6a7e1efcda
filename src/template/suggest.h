/* What the writer of a template may have meant: a sentence for the hint of an error, in the current arena, or
 * NULL. */
#pragma once

#include "template/parser.h"

/* For a tag that is not known here: the library that brings it, else the nearest tag; `until` (NULL-ended, or
 * NULL) are the tags that may end the present body. */
const char *nu__suggest_tag(const nu_parser *parser, nu_word word, const char *const *until);
/* The same for a filter. */
const char *nu__suggest_filter(const nu_parser *parser, nu_word word);
/* The nearest library. */
const char *nu__suggest_library(const nu_parser *parser, nu_word word);
/* The nearest tag or filter of a library. */
const char *nu__suggest_member(const nu_template_library *library, nu_word word);
