/* Logging: lines of text or JSON on standard error, with level and request id. */
#pragma once

#include "nuages/error.h"

typedef enum nu_level { NU_LOG_DEBUG, NU_LOG_INFO, NU_LOG_WARNING, NU_LOG_ERROR, NU_LOG_OFF } nu_level;
typedef enum nu_log_form { NU_LOG_TEXT, NU_LOG_JSON } nu_log_form;

typedef struct nu_log_options {
    nu_level    level;  /* lines below it are dropped */
    nu_log_form form;
    int         fd;     /* 0: standard error */
    int         colour; /* 1 yes, -1 no, 0 only on a terminal */
} nu_log_options;

NU_PUBLIC void nu_log_setup(const nu_log_options *options);
NU_PUBLIC nu_level nu_log_level(void);

/* One line, written with one write(). `area` is the part that speaks: "server", "db". Line breaks and
 * control characters in the message are escaped, so that no client can forge a line. */
#define nu_debug(area, ...)   nu_log_(NU_LOG_DEBUG, (area), __VA_ARGS__)
#define nu_info(area, ...)    nu_log_(NU_LOG_INFO, (area), __VA_ARGS__)
#define nu_warning(area, ...) nu_log_(NU_LOG_WARNING, (area), __VA_ARGS__)
#define nu_log_error(area, ...) nu_log_(NU_LOG_ERROR, (area), __VA_ARGS__)
NU_PUBLIC void nu_log_(nu_level level, const char *area, const char *format, ...) NU_PRINTF(3, 4);

/* An error with its causes and C stack, at level error. */
NU_PUBLIC void nu_log_raised(const char *area, const nu_error *error);
