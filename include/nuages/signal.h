/* Signals: functions that are called when something happens (Django's signals).
 *
 *      static void on_save(const nu_event *event, void *arg)
 *      {
 *          struct article *article = (void *)event->row;
 *          …
 *      }
 *      nu_signal_connect(NU_POST_SAVE, &article_model, on_save, NULL, NULL);
 *
 * Connect in the app's `ready`. Receivers are called in the order in which they were connected, in
 * the fiber and transaction of what happens; what one raises goes to who caused it. Where nobody
 * listens, a signal costs one comparison. */
#pragma once

#include "nuages/model.h"

typedef enum nu_signal_kind {
    NU_PRE_INIT,  /* a row is made or was read: `row` still without its values */
    NU_POST_INIT, /* the same, with them */
    NU_PRE_SAVE, NU_POST_SAVE,
    NU_PRE_DELETE, NU_POST_DELETE, /* also of rows that go because another does */
    NU_M2M_CHANGED,                /* model: the one between */
    NU_PRE_MIGRATE, NU_POST_MIGRATE,
    NU_REQUEST_STARTED, NU_REQUEST_FINISHED, NU_REQUEST_EXCEPTION,
    NU_SIGNALS, /* how many there are */
} nu_signal_kind;

typedef struct nu_event {
    nu_signal_kind     signal;
    const nu_model    *model; /* the sender; NULL for requests and migrations */
    nu_row            *row;
    nu_database       *database;
    bool               created;       /* post_save: by an INSERT */
    bool               raw;           /* pre_save, post_save: from a fixture; touch no other row */
    const char *const *update_fields; /* pre_save, post_save: NULL for all */
    /* m2m_changed: "pre_add", "post_add", "pre_remove", "post_remove", "pre_clear", "post_clear" */
    const char        *action;
    bool               reverse; /* changed from the side that does not declare the field */
    const nu_model    *other;   /* model of the rows added or removed */
    nu_list           *keys;    /* and their keys; NULL for clear */
    void              *request; /* nu_request * */
    const nu_error    *error;   /* request_exception */
} nu_event;

typedef void (*nu_receiver)(const nu_event *event, void *arg);

/* Calls `receiver` for the signal of that model (NULL: of all). The same receiver and model, or the
 * same dispatch id and model, are connected once. */
NU_PUBLIC void nu_signal_connect(nu_signal_kind signal, const nu_model *model, nu_receiver receiver,
                                 void *arg, const char *dispatch_id);
/* By receiver or, if it is not NULL, by dispatch id; false if it was not connected. */
NU_PUBLIC bool nu_signal_disconnect(nu_signal_kind signal, const nu_model *model, nu_receiver receiver,
                                    const char *dispatch_id);
/* True if anybody listens to the signal of that model. */
NU_PUBLIC bool nu_signal_is_heard(nu_signal_kind signal, const nu_model *model);
/* Calls the receivers. The framework does this itself; applications may for its signals too. */
NU_PUBLIC void nu_signal_send(const nu_event *event);
