/* Making a superuser and setting a password from the command line. Answers are lines of standard input; on a
 * terminal it is asked for them, and passwords are not shown. */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "nuages/auth.h"
#include "nuages/text.h"

enum { LONGEST_ANSWER = 1024, MOST_TRIES = 3 };

/* ---- asking ------------------------------------------------------------------------------------ */

static bool is_terminal(void)
{
    return isatty(STDIN_FILENO) != 0;
}

/* A line of standard input without its end. Raises CommandError when there is none. */
static const char *read_line(void)
{
    char line[LONGEST_ANSWER];
    if (fgets(line, sizeof line, stdin) == NULL)
        nu_raise(NU_COMMAND_ERROR, "standard input ended before everything was answered");
    return nu_fmt("%.*s", (int)strcspn(line, "\r\n"), line);
}

static const char *ask(const char *question)
{
    if (is_terminal()) {
        printf("%s: ", question);
        fflush(stdout);
    }
    return read_line();
}

/* The same with the terminal's echo off. */
static const char *ask_secretly(const char *question)
{
    struct termios before, silent;
    if (!is_terminal() || tcgetattr(STDIN_FILENO, &before) != 0)
        return read_line();
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    char line[LONGEST_ANSWER];
    printf("%s: ", question);
    fflush(stdout);
    bool read = fgets(line, sizeof line, stdin) != NULL;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    putchar('\n');
    if (!read)
        nu_raise(NU_COMMAND_ERROR, "no password was given");
    return nu_fmt("%.*s", (int)strcspn(line, "\r\n"), line);
}

/* A password; on a terminal it is typed twice, and three differences are enough. */
static const char *ask_password(void)
{
    for (int tries = 0; tries < MOST_TRIES; tries++) {
        const char *password = ask_secretly("Password");
        bool same = !is_terminal() || strcmp(password, ask_secretly("Password (again)")) == 0;
        if (*password == '\0')
            nu_complain("A password cannot be empty.");
        else if (!same)
            nu_complain("The passwords are not the same.");
        else
            return password;
        if (!is_terminal())
            break;
    }
    nu_raise(NU_COMMAND_ERROR, "no password was given");
}

/* ---- createsuperuser ----------------------------------------------------------------------------- */

/* The option, or NU_SUPERUSER_… or Django's variable of the environment; NULL if there is none. */
static const char *given(const nu_command_call *call, const char *option, const char *variable)
{
    const char *text = option != NULL ? nu_option(call, option) : NULL;
    if (text == NULL)
        text = getenv(nu_fmt("NU_SUPERUSER_%s", variable));
    if (text == NULL)
        text = getenv(nu_fmt("DJANGO_SUPERUSER_%s", variable));
    return text;
}

/* Raises CommandError with the first sentence about the row. */
static NU_WAITS void check_user(struct nu_user *user)
{
    NU_TRY {
        nu_row_full_clean_except(&user->row, NU_STRS("password"));
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALIDATION_ERROR))
            nu_reraise(error);
        nu_entry *first = nu_dict_next(error->data, NULL);
        nu_raise(NU_COMMAND_ERROR, "%s: %s", first->key.text, nu_text(first->value.list->items[0]));
    }
}

static NU_WAITS void run_createsuperuser(const nu_command_call *call)
{
    bool        asks = !nu_option_flag(call, "no-input");
    const char *username = given(call, "username", "USERNAME");
    const char *email = given(call, "email", "EMAIL");
    const char *password = given(call, NULL, "PASSWORD");
    if (username == NULL && !asks)
        nu_raise(NU_COMMAND_ERROR, "--username is needed with --no-input");
    if (username == NULL)
        username = ask("Username");
    if (email == NULL)
        email = asks ? ask("Email address") : "";
    struct nu_user *user = nu_new(nu_user, "username", nu_user_normalize_name(username), "email",
                                  nu_user_normalize_email(email));
    check_user(user);
    if (password == NULL && asks)
        password = ask_password();
    nu_user_create_superuser(username, email, password);
    if (call->verbosity > 0)
        nu_say("Superuser \"%s\" was created.", user->username);
    if (password == NULL && call->verbosity > 0)
        nu_say("It has no password yet: ./manage changepassword %s", user->username);
}

static const nu_option_def createsuperuser_options[] = {
    {.name = "username", .value = "NAME", .help = "the name to log in with"},
    {.name = "email", .value = "ADDRESS", .help = "may be empty"},
    {.name = "no-input", .help = "asks nothing; the password is NU_SUPERUSER_PASSWORD, or none"},
    {.name = NULL},
};

const nu_command nu__createsuperuser = {
    .name = "createsuperuser",
    .help = "Makes a user who may do everything.\n"
            "What is not given is asked for. NU_SUPERUSER_USERNAME, NU_SUPERUSER_EMAIL and "
            "NU_SUPERUSER_PASSWORD in the environment, or Django's DJANGO_SUPERUSER_…, answer too.",
    .options = createsuperuser_options,
    .run = run_createsuperuser,
};

/* ---- changepassword ------------------------------------------------------------------------------ */

static NU_WAITS void run_changepassword(const nu_command_call *call)
{
    const char     *name = nu_argument(call, 0);
    struct nu_user *user = nu_find(nu_user, "username", name);
    if (user == NULL)
        nu_raise(NU_COMMAND_ERROR, "there is no user \"%s\"", name);
    nu_user_set_password(user, ask_password());
    nu_save_fields(user, "password");
    if (call->verbosity > 0)
        nu_say("The password of \"%s\" was changed.", name);
}

const nu_command nu__changepassword = {
    .name = "changepassword",
    .help = "Sets the password of a user; it is read from standard input, or asked for twice.",
    .arguments = "USERNAME",
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_changepassword,
};
