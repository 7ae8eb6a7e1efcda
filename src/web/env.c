#include "web/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nuages/file.h"
#include "nuages/text.h"

/* ---- the file .env --------------------------------------------------------------------------- */

static bool is_name(const char *name)
{
    if (!(*name == '_' || (*name >= 'A' && *name <= 'Z') || (*name >= 'a' && *name <= 'z')))
        return false;
    for (; *name; name++)
        if (!(*name == '_' || (*name >= 'A' && *name <= 'Z') || (*name >= 'a' && *name <= 'z') ||
              (*name >= '0' && *name <= '9')))
            return false;
    return true;
}

static char *trim(char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        text[--length] = '\0';
    return text;
}

/* Takes one pair of enclosing quotes off; false if a quote is not closed. */
static bool unquote(char **text)
{
    char quote = **text;
    if (quote != '"' && quote != '\'')
        return true;
    size_t length = strlen(*text);
    if (length < 2 || (*text)[length - 1] != quote)
        return false;
    (*text)[length - 1] = '\0';
    (*text)++;
    return true;
}

/* Sets a variable that nobody has set, and notes its name. */
static void set_variable(nu_builder *loaded, const char *name, const char *value)
{
    if (getenv(name) != NULL)
        return;
    setenv(name, value, 1);
    nu_builder_printf(loaded, "%s ", name);
}

static void load_line(nu_builder *loaded, const char *path, int number, char *line)
{
    char       *name = trim(line);
    const char *excerpt = nu_arena_text(nu_arena_current(), name);
    if (*name == '\0' || *name == '#')
        return;
    if (strncmp(name, "export ", 7) == 0)
        name = trim(name + 7);
    char *equals = strchr(name, '=');
    if (equals != NULL)
        *equals = '\0';
    char *value = equals ? trim(equals + 1) : NULL;
    name = trim(name);
    if (value == NULL || !is_name(name) || !unquote(&value)) {
        nu_error *error = nu_error_new(NU_CONFIG_ERROR, "malformed line in \"%s\"", path);
        error->place = (nu_place){.file = path, .line = number, .excerpt = excerpt};
        error->hint = "Write NAME=value, with the value in quotes if it has blanks at its ends.";
        nu_throw(error);
    }
    set_variable(loaded, name, value);
}

/* A server that takes its own place on SIGHUP hands its environment on. What came from the file
 * must not look there as if it had been set from outside, or a changed file would change
 * nothing. */
static const char loaded_names[] = "NU_DOTENV";

static void forget_loaded(void)
{
    const char *names = getenv(loaded_names);
    nu_list    *list = names != NULL ? nu_split(names, ' ') : nu_list_new();
    for (uint32_t i = 0; i < list->count; i++)
        if (is_name(list->items[i].text))
            unsetenv(list->items[i].text);
    unsetenv(loaded_names);
}

void nu__env_load(const char *path)
{
    forget_loaded();
    nu_value file;
    if (!nu_file_try(path, 1 << 20, &file)) {
        if (errno == ENOENT)
            return;
        nu_raise(NU_CONFIG_ERROR, "cannot read \"%s\": %s", path, strerror(errno));
    }
    nu_builder loaded;
    nu_builder_init(&loaded, NULL, 128);
    char *line = (char *)(uintptr_t)file.bytes; /* ours alone: nu_file_try made it */
    for (int number = 1; line != NULL; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        load_line(&loaded, path, number, line);
        line = end;
    }
    setenv(loaded_names, nu_builder_text(&loaded), 1);
}

/* ---- variables ------------------------------------------------------------------------------- */

const char *nu_env_or(const char *name, const char *fallback)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : fallback;
}

const char *nu_env(const char *name)
{
    const char *value = nu_env_or(name, NULL);
    if (value == NULL) {
        nu_error *error = nu_error_new(NU_CONFIG_ERROR, "the setting \"%s\" is missing", name);
        error->hint =
            nu_fmt("Set %s in the environment or in the file .env beside the program.", name);
        nu_throw(error);
    }
    return value;
}

static NU_NORETURN void raise_bad_value(const char *name, const char *value, const char *wanted)
{
    nu_error *error = nu_error_new(NU_CONFIG_ERROR, "the setting \"%s\" is \"%s\"", name, value);
    error->hint = nu_fmt("Write %s.", wanted);
    nu_throw(error);
}

static bool is_one_of(const char *value, const char *const *words)
{
    for (; *words != NULL; words++)
        if (nu_equal_ascii_nocase(value, strlen(value), *words, strlen(*words)))
            return true;
    return false;
}

bool nu_env_bool(const char *name, bool fallback)
{
    const char *value = nu_env_or(name, NULL);
    if (value == NULL)
        return fallback;
    if (is_one_of(value, NU_STRS("1", "true", "yes", "on")))
        return true;
    if (is_one_of(value, NU_STRS("0", "false", "no", "off")))
        return false;
    raise_bad_value(name, value, "1 or 0, true or false, yes or no, on or off");
}

int64_t nu_env_int(const char *name, int64_t fallback)
{
    const char *value = nu_env_or(name, NULL);
    int64_t     number;
    if (value == NULL)
        return fallback;
    if (!nu_parse_int(value, strlen(value), &number))
        raise_bad_value(name, value, "a whole number");
    return number;
}

const char *const *nu_env_list(const char *name)
{
    const char *value = nu_env_or(name, NULL);
    if (value == NULL)
        return NULL;
    nu_list     *parts = nu_split(value, ',');
    const char **list = nu_alloc((parts->count + 1) * sizeof *list);
    size_t       count = 0;
    for (uint32_t i = 0; i < parts->count; i++) {
        char *part =
            trim(nu_arena_copy(nu_arena_current(), parts->items[i].text, parts->items[i].length));
        if (*part != '\0')
            list[count++] = part;
    }
    return list;
}
