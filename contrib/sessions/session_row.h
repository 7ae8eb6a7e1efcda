/* A row of Django's table django_session. */
#pragma once

#include "nuages/model.h"
#include "nuages/query.h"

struct session_row {
    nu_row      row;
    const char *session_key;
    const char *session_data;
    nu_datetime expire_date;
};
extern const nu_model session_row_model;
