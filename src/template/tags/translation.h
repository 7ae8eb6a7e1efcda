/* What translate.c and blocktranslate.c share. */
#pragma once

#include "template/parser.h"

nu_node *nu__parse_blocktranslate(nu_parser *parser, const nu_tag *tag);

/* `text` with every `from` replaced; safe text stays safe. */
nu_value nu__replace_text(nu_value text, const char *from, const char *to);
