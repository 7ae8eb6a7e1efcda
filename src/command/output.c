#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "nuages/arena.h"
#include "nuages/command.h"

void nu_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

void nu_complain(const char *format, ...)
{
    va_list args;
    fflush(stdout);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

static bool wants_colour(void)
{
    const char *no = getenv("NO_COLOR");
    return (no == NULL || *no == '\0') && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
}

const char *nu_styled(nu_style style, const char *text)
{
    static const char *const codes[] = {
        [NU_STYLE_PLAIN] = "",   [NU_STYLE_OK] = "32",    [NU_STYLE_WARN] = "33",
        [NU_STYLE_BAD] = "31;1", [NU_STYLE_STRONG] = "1", [NU_STYLE_DIM] = "2",
    };
    if (style == NU_STYLE_PLAIN || !wants_colour())
        return text;
    return nu_fmt("\033[%sm%s\033[0m", codes[style], text);
}
