/* The models that the cases are about, as models.json describes them: one file an app. */
#pragma once

#include "nuages/app.h"
#include "nuages/auth.h"
#include "nuages/model.h"
#include "nuages/query.h"

struct author;
struct article;
struct category;
struct comment;
struct coupon;
struct customer;
struct invoice;
struct order;
struct person;
struct book;
struct place;
struct product;
struct profile;
struct restaurant;
struct shipment;

extern const nu_app admin_app, sessions_app, blog_app, shop_app, social_app, library_app;

/* Those that another app's models refer to. */
extern const nu_model like_model;

/* A manager beside the default one: a function of queries. */
typedef struct orm_manager_def {
    const nu_model *model;
    const char     *name;
    nu_query *(*of)(nu_query *all);
} orm_manager_def;
/* Of the app "blog"; ended by {0}. */
extern const orm_manager_def blog_managers[];

/* All apps, in the order of the settings they were taken from; NULL-ended. */
extern const nu_app *const orm_apps[];
