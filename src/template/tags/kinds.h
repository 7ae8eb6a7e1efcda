/* The kinds of nodes and the tables of tags, each defined in the file named beside it. */
#pragma once

#include "template/parser.h"

extern const nu_node_kind nu__text_kind;     /* plain.c */
extern const nu_node_kind nu__variable_kind; /* plain.c */
extern const nu_node_kind nu__extends_kind;  /* inherit.c */
extern const nu_node_kind nu__block_kind;    /* inherit.c */

/* What every template has; a NULL-ended list of tables, each ended by {0}. tables.c */
extern const nu_template_tag *const nu__tags_builtin[];
/* What {% load %} finds beside the application's; a NULL-ended list. tables.c */
extern const nu_template_library *const nu__libraries_standard[];

extern const nu_template_tag nu__tags_flow[];    /* flow.c: if, for */
extern const nu_template_tag nu__tags_inherit[]; /* inherit.c: extends, block */
extern const nu_template_tag nu__tags_include[]; /* include.c: include, partialdef, partial */
extern const nu_template_tag nu__tags_assign[];  /* assign.c: with, firstof, regroup, widthratio */
extern const nu_template_tag nu__tags_repeat[];  /* repeat.c: cycle, resetcycle, ifchanged */
extern const nu_template_tag nu__tags_enclose[]; /* enclose.c: autoescape, filter, spaceless … */
extern const nu_template_tag nu__tags_misc[];    /* misc.c: now, lorem, templatetag, debug */
extern const nu_template_tag nu__tags_address[]; /* address.c: url, csrf_token, querystring */
extern const nu_template_tag nu__tags_load[];    /* load.c: load */
extern const nu_template_tag nu__tags_static[];  /* static.c */
extern const nu_template_tag nu__tags_cache[];   /* cache.c */
extern const nu_template_tag nu__tags_i18n[];    /* translate.c */
extern const nu_template_tag nu__tags_l10n[];    /* local.c */
extern const nu_template_tag nu__tags_tz[];      /* local.c */
