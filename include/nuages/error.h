/* Raise and catch: what Django does with exceptions.
 *
 *      NU_TRY {
 *          article = nu_get(article, "slug", slug);
 *      } NU_CATCH (error) {
 *          if (!nu_error_is(error, NU_NOT_FOUND))
 *              nu_reraise(error);
 *          article = NULL;
 *      }
 *
 * Catching is for borders (request, atomic block, task, foreign library, test); elsewhere an error
 * is let through. An uncaught error in a view becomes the response of its kind.
 *
 * TRAP: a local that is changed inside NU_TRY and read after a raise must be `volatile` or live in
 * the arena; the compiler may keep the old value otherwise (C17 7.13.2.1). `return` inside NU_TRY
 * or NU_CATCH is fine; `break` and `continue` leave only the block. Never raise through the frames
 * of a foreign library (qsort, SQLite, OpenSSL callbacks). */
#pragma once

#include <setjmp.h>

#include "nuages/arena.h"

/* A kind of error. Kinds form a tree by `parent`; an application may define its own as a const
 * struct. `status` is the HTTP status an uncaught error of this kind becomes; 0 takes the parent's. */
typedef struct nu_kind nu_kind;
struct nu_kind {
    const char    *name; /* "NotFound" */
    const nu_kind *parent;
    int            status;
};

#define NU_KIND_LIST(X)                                                                       \
    X(NU_ERROR, error, "Error", NULL, 500)                                                    \
    /* what the client asked for */                                                           \
    X(NU_BAD_REQUEST, bad_request, "BadRequest", NU_ERROR, 400)                               \
    X(NU_SUSPICIOUS, suspicious, "SuspiciousOperation", NU_BAD_REQUEST, 400)                  \
    X(NU_PERMISSION_DENIED, permission_denied, "PermissionDenied", NU_ERROR, 403)             \
    X(NU_NOT_FOUND, not_found, "NotFound", NU_ERROR, 404)                                     \
    X(NU_METHOD_NOT_ALLOWED, method_not_allowed, "MethodNotAllowed", NU_ERROR, 405)           \
    X(NU_TOO_LARGE, too_large, "TooLarge", NU_ERROR, 413)                                     \
    X(NU_UNSUPPORTED_MEDIA, unsupported_media, "UnsupportedMediaType", NU_ERROR, 415)          \
    X(NU_UNAVAILABLE, unavailable, "Unavailable", NU_ERROR, 503)                              \
    X(NU_CANCELLED, cancelled, "Cancelled", NU_ERROR, 499)                                    \
    /* data */                                                                                \
    X(NU_VALUE_ERROR, value_error, "ValueError", NU_ERROR, 500)                               \
    X(NU_VALIDATION_ERROR, validation_error, "ValidationError", NU_VALUE_ERROR, 400)          \
    X(NU_SYNTAX_ERROR, syntax_error, "SyntaxError", NU_VALUE_ERROR, 500)                      \
    X(NU_OBJECT_NOT_FOUND, object_not_found, "ObjectDoesNotExist", NU_NOT_FOUND, 404)         \
    X(NU_MULTIPLE_OBJECTS, multiple_objects, "MultipleObjectsReturned", NU_ERROR, 500)        \
    /* the program */                                                                         \
    X(NU_FIELD_ERROR, field_error, "FieldError", NU_ERROR, 500)                               \
    X(NU_FIELD_NOT_FOUND, field_not_found, "FieldDoesNotExist", NU_FIELD_ERROR, 500)          \
    X(NU_CONFIG_ERROR, config_error, "ImproperlyConfigured", NU_ERROR, 500)                   \
    X(NU_NO_REVERSE_MATCH, no_reverse_match, "NoReverseMatch", NU_ERROR, 500)                 \
    X(NU_TEMPLATE_SYNTAX, template_syntax, "TemplateSyntaxError", NU_SYNTAX_ERROR, 500)       \
    X(NU_TEMPLATE_MISSING, template_missing, "TemplateDoesNotExist", NU_ERROR, 500)           \
    X(NU_COMMAND_ERROR, command_error, "CommandError", NU_ERROR, 500)                         \
    X(NU_ASSERTION, assertion, "AssertionError", NU_ERROR, 500)                               \
    /* the system */                                                                          \
    X(NU_SYSTEM_ERROR, system_error, "SystemError", NU_ERROR, 500)                            \
    X(NU_OUT_OF_MEMORY, out_of_memory, "OutOfMemory", NU_SYSTEM_ERROR, 503)                   \
    X(NU_TIMEOUT, timeout, "Timeout", NU_SYSTEM_ERROR, 503)                                   \
    /* databases, after Django's django.db.utils */                                           \
    X(NU_DATABASE_ERROR, database_error, "DatabaseError", NU_ERROR, 500)                      \
    X(NU_OPERATIONAL_ERROR, operational_error, "OperationalError", NU_DATABASE_ERROR, 503)    \
    X(NU_PROGRAMMING_ERROR, programming_error, "ProgrammingError", NU_DATABASE_ERROR, 500)    \
    X(NU_NOT_SUPPORTED, not_supported, "NotSupportedError", NU_DATABASE_ERROR, 500)           \
    X(NU_DATA_ERROR, data_error, "DataError", NU_DATABASE_ERROR, 500)                         \
    X(NU_INTEGRITY_ERROR, integrity_error, "IntegrityError", NU_DATABASE_ERROR, 500)          \
    X(NU_PROTECTED_ERROR, protected_error, "ProtectedError", NU_INTEGRITY_ERROR, 500)         \
    X(NU_RESTRICTED_ERROR, restricted_error, "RestrictedError", NU_INTEGRITY_ERROR, 500)      \
    X(NU_TRANSACTION_ERROR, transaction_error, "TransactionManagementError", NU_DATABASE_ERROR, 500)

#define X(symbol, word, text, parent, status) extern NU_PUBLIC const nu_kind nu_kind_##word;
NU_KIND_LIST(X)
#undef X
#define NU_ERROR              (&nu_kind_error)
#define NU_BAD_REQUEST        (&nu_kind_bad_request)
#define NU_SUSPICIOUS         (&nu_kind_suspicious)
#define NU_PERMISSION_DENIED  (&nu_kind_permission_denied)
#define NU_NOT_FOUND          (&nu_kind_not_found)
#define NU_METHOD_NOT_ALLOWED (&nu_kind_method_not_allowed)
#define NU_TOO_LARGE          (&nu_kind_too_large)
#define NU_UNSUPPORTED_MEDIA  (&nu_kind_unsupported_media)
#define NU_UNAVAILABLE        (&nu_kind_unavailable)
#define NU_CANCELLED          (&nu_kind_cancelled)
#define NU_VALUE_ERROR        (&nu_kind_value_error)
#define NU_VALIDATION_ERROR   (&nu_kind_validation_error)
#define NU_SYNTAX_ERROR       (&nu_kind_syntax_error)
#define NU_OBJECT_NOT_FOUND   (&nu_kind_object_not_found)
#define NU_MULTIPLE_OBJECTS   (&nu_kind_multiple_objects)
#define NU_FIELD_ERROR        (&nu_kind_field_error)
#define NU_FIELD_NOT_FOUND    (&nu_kind_field_not_found)
#define NU_CONFIG_ERROR       (&nu_kind_config_error)
#define NU_NO_REVERSE_MATCH   (&nu_kind_no_reverse_match)
#define NU_TEMPLATE_SYNTAX    (&nu_kind_template_syntax)
#define NU_TEMPLATE_MISSING   (&nu_kind_template_missing)
#define NU_COMMAND_ERROR      (&nu_kind_command_error)
#define NU_ASSERTION          (&nu_kind_assertion)
#define NU_SYSTEM_ERROR       (&nu_kind_system_error)
#define NU_OUT_OF_MEMORY      (&nu_kind_out_of_memory)
#define NU_TIMEOUT            (&nu_kind_timeout)
#define NU_DATABASE_ERROR     (&nu_kind_database_error)
#define NU_OPERATIONAL_ERROR  (&nu_kind_operational_error)
#define NU_PROGRAMMING_ERROR  (&nu_kind_programming_error)
#define NU_DATA_ERROR         (&nu_kind_data_error)
#define NU_INTEGRITY_ERROR    (&nu_kind_integrity_error)
#define NU_PROTECTED_ERROR    (&nu_kind_protected_error)
#define NU_RESTRICTED_ERROR   (&nu_kind_restricted_error)
#define NU_NOT_SUPPORTED      (&nu_kind_not_supported)
#define NU_TRANSACTION_ERROR  (&nu_kind_transaction_error)

/* Where an error points outside the C code: a template, a fixture, a request. */
typedef struct nu_place {
    const char *file;    /* "blog/list.html"; NULL: none */
    int         line;    /* from 1; 0: unknown */
    int         column;  /* from 1; 0: unknown */
    const char *excerpt; /* the line itself, NULL: none */
} nu_place;

#define NU_STACK_DEPTH 48

/* A raised error. It lives in the arena that was current when the catching NU_TRY began. */
typedef struct nu_error nu_error;
struct nu_error {
    const nu_kind  *kind;
    const char     *fact;   /* a short lower-case fact: model "Article" has no field "titel" */
    const char     *detail; /* a sentence with more, or NULL */
    const char     *hint;   /* a sentence saying what to do, or NULL */
    nu_place        place;
    const char     *file;   /* the C source that raised */
    int             line;
    const char     *function;
    const nu_error *cause;  /* the error that was being handled or wrapped, or NULL */
    const void     *data;   /* belongs to the kind: a form's errors, a database's code; or NULL */
    const char     *code;   /* of a ValidationError: "invalid", "max_length"; or NULL; static */
    const void     *codes;  /* of a row's: a nu_dict as `data` is, with codes for sentences; or NULL */
    nu_arena       *arena;  /* holds the error and its texts; `data` lives where its maker put it */
    void           *stack[NU_STACK_DEPTH]; /* return addresses, innermost first; none if status 4xx */
    int             depth;
};

/* Raises an error of `kind` with a formatted fact; does not return. */
#define nu_raise(kind, ...) nu_raise_(__FILE__, __LINE__, __func__, (kind), __VA_ARGS__)

/* Builds an error step by step, to add detail, hint, place or cause; then nu_throw raises it:
 *      nu_error *error = nu_error_new(NU_FIELD_ERROR, "model \"%s\" has no field \"%s\"", m, f);
 *      error->hint = nu_fmt("Did you mean \"%s\"?", near);
 *      nu_throw(error);                                                                          */
#define nu_error_new(kind, ...) nu_error_new_(__FILE__, __LINE__, __func__, (kind), __VA_ARGS__)
NU_PUBLIC NU_NORETURN void nu_throw(nu_error *error);

/* Raises a caught error again, keeping its stack. It moves to the arena of the NU_TRY it reaches. */
NU_PUBLIC NU_NORETURN void nu_reraise(const nu_error *error);

/* True if the error's kind is `kind` or below it. */
NU_PUBLIC bool nu_error_is(const nu_error *error, const nu_kind *kind);

/* The HTTP status an uncaught error of this kind becomes. */
NU_PUBLIC int nu_kind_status(const nu_kind *kind);

/* The whole error as text: kind, fact, place with excerpt, detail, hint, causes. With `stack` the C
 * stack with file and line follows. In the current arena. */
NU_PUBLIC NU_RETURNS_NONNULL char *nu_error_text(const nu_error *error, bool stack);

/* States what we believe of our own code; never checks what a user or a network sent. */
#define nu_assert(cond)                                                                       \
    ((cond) ? (void)0 : nu_raise(NU_ASSERTION, "assertion failed: %s", #cond))

/* Raises if less than a safe rest of this fiber's stack is left. Recursive code calls it. */
NU_PUBLIC void nu_check_stack(void);

/* ---- how NU_TRY works ---------------------------------------------------------------------- */

typedef struct nu_frame_ nu_frame_;
struct nu_frame_ {
    sigjmp_buf *env; /* apart, because clearing its 200 bytes would cost more than all the rest */
    nu_frame_ *outer;
    nu_arena  *arena;       /* current when NU_TRY began */
    const nu_error *caught; /* being handled when NU_TRY began */
    int        state;       /* 0 fresh, 1 pushed, 2 done */
};
NU_PUBLIC bool nu_frame_begin_(nu_frame_ *frame);
NU_PUBLIC void nu_frame_leave_(nu_frame_ *frame);
NU_PUBLIC const nu_error *nu_caught_(void);

#define NU_TRY_(frame, buffer, once)                                                          \
    for (sigjmp_buf buffer, *once = &buffer; once != NULL; once = NULL)                       \
        for (nu_frame_ frame __attribute__((cleanup(nu_frame_leave_))) = {.env = once};       \
             nu_frame_begin_(&frame);)                                                        \
            if (sigsetjmp(buffer, 0) == 0)
#define NU_TRY NU_TRY_(NU_UNIQUE(nu_try_), NU_UNIQUE(nu_env_), NU_UNIQUE(nu_once_))
#define NU_CATCH(error)                                                                       \
    else for (const nu_error *error = nu_caught_(); error != NULL; error = NULL)

NU_PUBLIC NU_NORETURN void nu_raise_(const char *file, int line, const char *function,
                                     const nu_kind *kind, const char *format, ...) NU_PRINTF(5, 6);
NU_PUBLIC NU_RETURNS_NONNULL nu_error *nu_error_new_(const char *file, int line,
                                                     const char *function, const nu_kind *kind,
                                                     const char *format, ...) NU_PRINTF(5, 6);
