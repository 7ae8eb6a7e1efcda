/* The app "matrix": levels, areas and questions, and what visitors answer.
 *
 *      Level ─< Area ─< Question ─< Answer >─ Assessment
 */
#pragma once

#include <nuages.h>

struct level {
    nu_row      row;
    int32_t     number; /* 1 (Beginner) … 5 (Master) */
    const char *name;
    const char *slug;
    const char *place; /* where on the mountain it is */
    int32_t     elevation; /* metres */
    const char *summary;
    const char *description;
};

struct area {
    nu_row        row;
    nu_ref(level) level;
    int32_t       position;
    const char   *name;
    const char   *slug;
    const char   *summary;
    const char   *learn_next;
};

struct question {
    nu_row       row;
    nu_ref(area) area;
    int32_t      position;
    const char  *title;
    const char  *slug;
    const char  *text;
    const char  *explanation;
    const char  *example;
    const char  *learn_next;
};

/* One pass of a visitor through the questions. */
struct assessment {
    nu_row      row;
    const char *visitor; /* random, kept in the session */
    nu_datetime started;
    nu_datetime finished; /* unset while it is open */
};

struct answer {
    nu_row             row;
    nu_ref(assessment) assessment;
    nu_ref(question)   question;
    int16_t            rating; /* 0 never heard of it … 4 could teach it */
    const char        *note;
    nu_datetime        saved;
};

extern const nu_model level_model, area_model, question_model, assessment_model, answer_model;

extern const nu_app              matrix;
extern const nu_route            matrix_urls[];
extern const nu_migration *const matrix_migrations[];
