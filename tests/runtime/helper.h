/* What the tests of runtime/ share. */
#pragma once

#include "nuages/fiber.h"
#include "nuages/log.h"
#include "nuages/test.h"
#include "nuages/time.h"
#include "runtime/fiber.h"

/* A test whose body runs in a fiber, on a loop of its own. */
#define FIBER_TEST(words)                                                                          \
    static void NU_JOIN(body_, words)(void *);                                                     \
    TEST(words)                                                                                    \
    {                                                                                              \
        nu__loop_call(NULL, NU_JOIN(body_, words), NULL);                                          \
    }                                                                                              \
    static void NU_JOIN(body_, words)(void *unused NU_UNUSED)

/* Collects words in the order in which things happen. */
typedef struct words {
    char   text[512];
    size_t length;
} words;

static inline void words_add(words *list, const char *word)
{
    for (; *word != '\0' && list->length + 1 < sizeof list->text; word++)
        list->text[list->length++] = *word;
    list->text[list->length] = '\0';
}

/* For tests of errors that are logged. */
static inline void log_quietly(bool quietly)
{
    nu_log_setup(&(nu_log_options){.level = quietly ? NU_LOG_OFF : NU_LOG_INFO});
}
