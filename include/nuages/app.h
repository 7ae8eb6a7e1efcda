/* Apps: the parts that a site is made of (Django's AppConfig).
 *
 *      const nu_app blog = {
 *          .label = "blog", NU_APP_HERE,
 *          .models = NU_MODELS(&author_model, &tag_model, &article_model),
 *          .migrations = blog_migrations,
 *      };
 *
 * The settings list the apps of a site; their order is the order of look-up for templates, static
 * files and commands, the first match wins. */
#pragma once

#include "nuages/value.h"

/* Declared by their own headers: model.h migration.h command.h template.h embed.h */
struct nu_model;
struct nu_migration;
struct nu_command;
struct nu_template_library;
struct nu_embedded;
struct nu_check;

typedef struct nu_app {
    /* Lower-case identifier, unique in the site: starts table names, names the template folder. */
    const char *label;
    /* For people; NULL: the label with a capital. */
    const char *name;
    /* The C file that holds this table (NU_APP_HERE fills it): its folder is the app's folder, where
     * templates/, static/, locale/, fixtures/ and migrations/ are looked for. A relative path counts from
     * the project's folder. */
    const char *source;
    const struct nu_model *const            *models;     /* NU_MODELS(…) */
    const struct nu_migration *const        *migrations; /* <app>_migrations, kept by makemigrations */
    const struct nu_command *const          *commands;   /* NU_COMMANDS(…) */
    const struct nu_template_library *const *libraries;  /* tags and filters */
    const struct nu_embedded                *files;      /* templates, static files, translations in the binary */
    /* Called once, in the order of the list, when all models are resolved. */
    void (*ready)(void);
} nu_app;

#define NU_APP_HERE    .source = __FILE__
/* For settings: s->apps = NU_APPS(&nu_sessions_app, &blog); the list lives for ever. */
#define NU_APPS(...)                                                                          \
    (__extension__({                                                                          \
        static const nu_app *const nu_apps_[] = {__VA_ARGS__, NULL};                          \
        nu_apps_;                                                                             \
    }))
#define NU_MODELS(...) ((const struct nu_model *const[]){__VA_ARGS__, NULL})

/* The installed app of that label, NULL if there is none. */
NU_PUBLIC const nu_app *nu_app_find(const char *label);
/* The apps of the site, NULL-ended, in their order. */
NU_PUBLIC const nu_app *const *nu_apps(void);
/* The app's folder as an absolute path; NULL for an app without sources at hand. */
NU_PUBLIC const char *nu_app_folder(const nu_app *app);
