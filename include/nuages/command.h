/* Commands of ./manage, as tables (Django's BaseCommand).
 *
 *      static void greet(const nu_command_call *call)
 *      {
 *          nu_say("hello %s", nu_option(call, "name"));
 *      }
 *      const nu_command greet_command = {
 *          .name = "greet", .help = "Greets somebody.", .run = greet,
 *          .options = (const nu_option_def[]){
 *              {"name", .value = "NAME", .fallback = "world", .help = "whom to greet"},
 *              {0},
 *          },
 *      };
 *
 * A command runs in an arena of its own. Raise CommandError for a mistake of the caller: the message
 * goes to standard error and the exit status is 1; wrong usage exits with 2. */
#pragma once

#include "nuages/error.h"
#include "nuages/value.h"

typedef struct nu_option_def {
    const char *name;     /* "--name", written without the dashes */
    const char *value;    /* what follows it: "NAME"; NULL: a flag */
    const char *fallback; /* value when it is not given */
    const char *help;
    char        letter;   /* 'n' for -n; 0: none */
    bool        required;
    bool        repeats;  /* may be given several times: nu_option_texts */
} nu_option_def;

typedef struct nu_command      nu_command;
typedef struct nu_command_call nu_command_call;

/* What a command needs before it runs; each level includes the ones before. */
typedef enum nu_command_needs {
    NU_NEEDS_SITE,     /* settings, apps, models, URLs and templates are set up: the usual case */
    NU_NEEDS_SETTINGS, /* settings only */
    NU_NEEDS_NOTHING,
} nu_command_needs;

struct nu_command {
    const char          *name;
    const char          *help;      /* one line, then more if wanted */
    const char          *arguments; /* "[APP [MIGRATION]]": positional arguments; NULL: none */
    int                  min_arguments, max_arguments; /* max -1: any number */
    const nu_option_def *options;   /* ended by {0}; NULL: none of its own */
    nu_command_needs     needs;
    void (*run)(const nu_command_call *call);
};

#define NU_COMMANDS(...) ((const struct nu_command *const[]){__VA_ARGS__, NULL})

struct nu_command_call {
    const nu_command  *command;
    const char *const *arguments; /* positional, NULL-ended */
    int                count;
    nu_dict           *options;   /* by name: text, or true for a flag */
    int                verbosity; /* 0 … 3; 1 by default */
    int               *status;    /* see nu_command_exit */
};

/* The option's text or its fallback; NULL if there is neither. */
NU_PUBLIC const char *nu_option(const nu_command_call *call, const char *name);
/* All texts of an option that repeats, in order and ended by NULL. */
NU_PUBLIC NU_RETURNS_NONNULL const char *const *nu_option_texts(const nu_command_call *call,
                                                                const char            *name);
NU_PUBLIC bool        nu_option_flag(const nu_command_call *call, const char *name);
/* Raises CommandError if the text is no whole number. */
NU_PUBLIC int64_t nu_option_int(const nu_command_call *call, const char *name);
/* The argument at `index`, NULL if there are fewer. */
NU_PUBLIC const char *nu_argument(const nu_command_call *call, int index);

/* A line on standard output. */
NU_PUBLIC void nu_say(const char *format, ...) NU_PRINTF(1, 2);
/* A line on standard error. */
NU_PUBLIC void nu_complain(const char *format, ...) NU_PRINTF(1, 2);

/* Colours that are nothing where the output is no terminal (or NO_COLOR is set). */
typedef enum nu_style { NU_STYLE_PLAIN, NU_STYLE_OK, NU_STYLE_WARN, NU_STYLE_BAD, NU_STYLE_STRONG, NU_STYLE_DIM } nu_style;
NU_PUBLIC const char *nu_styled(nu_style style, const char *text);

/* Calls a command from code, as `./manage name arguments…` would; raises what it raises and
 * returns its exit status. `arguments` is NULL-ended: NU_STRS("--plan", "blog"). */
NU_PUBLIC int nu_call_command(const char *name, const char *const *arguments);

/* The exit status of the running command, when all went well but the answer is "no". */
NU_PUBLIC void nu_command_exit(const nu_command_call *call, int status);

struct nu_settings;

/* The whole main program of a site: reads .env, calls `configure`, runs the command named in argv and
 * returns the exit status. */
NU_PUBLIC int nu_main(int argc, char **argv, void (*configure)(struct nu_settings *settings));
