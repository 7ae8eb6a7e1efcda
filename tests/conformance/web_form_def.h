/* Fields and forms as the cases describe them, made into ours. */
#pragma once

#include "nuages/form.h"
#include "web.h"

/* {type, options, widget}; raises Uncovered for what we do not have. */
nu_form_field nu__web_field(const nu_dict *described, const char *name);
/* The widget of {type, attrs, options} or of a mere name, with the choices and attributes it brings. */
nu_form_field nu__web_widget(nu_value described);
/* The form of the line, bound to its data, with its rules. */
nu_form *nu__web_form(const nu_dict *line);
/* A list of pairs; NULL if the member is missing. */
nu_params *nu__web_params(const nu_dict *line, const char *key);
/* Sets time zone and language as the line says, until nu__web_settings_end. */
void nu__web_settings(const nu_dict *line);
void nu__web_settings_end(void);

/* A case with something we do not have. */
#define nu__web_refuse(...) nu_raise(&nu__web_uncovered, __VA_ARGS__)
