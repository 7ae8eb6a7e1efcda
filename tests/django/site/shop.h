#pragma once

#include <nuages.h>
#include <nuages/auth.h>
#include <nuages/contenttypes.h>
#include <nuages/session.h>

struct maker {
    nu_row      row;
    const char *name;
};
struct pen {
    nu_row       row;
    const char  *name, *slug, *kind, *note;
    nu_decimal   price;
    nu_maybe_int stock;
    bool         live;
    nu_datetime  made;
    nu_date      since;
    nu_duration  drying;
    nu_uuid      code;
    nu_value     data;
    nu_bytes     raw;
    double       width;
    nu_ref(maker) maker;
    nu_ref(nu_user) owner;
    nu_ref(pen) twin;
};
struct quill {
    NU_PARENT(pen);
    const char *bird;
};
struct refill {
    nu_row row;
    nu_ref(pen) pen;
    const char *ink;
    int32_t     ml;
};
extern const nu_model maker_model, pen_model, quill_model, refill_model;
extern const nu_app shop;
extern const nu_route shop_urls[];
extern const nu_migration *const shop_migrations[];
