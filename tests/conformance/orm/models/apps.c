/* The apps in the order of the settings. */
#include "models.h"

const nu_app *const orm_apps[] = {&nu_contenttypes_app, &nu_auth_app, &admin_app,
                                  &sessions_app,        &blog_app,    &shop_app,
                                  &social_app,          &library_app, NULL};
