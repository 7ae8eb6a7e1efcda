/* The apps in the order of the settings. */
#include "models.h"

const nu_app *const orm_apps[] = {&contenttypes_app, &auth_app,    &admin_app,
                                  &sessions_app,     &blog_app,    &shop_app,
                                  &social_app,       &library_app, NULL};
