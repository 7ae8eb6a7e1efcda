#include "nuages/command.h"
#include "nuages/migration.h"
#include "nuages/session.h"

#include "session_row.h"

extern const nu_migration *const sessions_migrations[];

static void run_clearsessions(const nu_command_call *call)
{
    int64_t count = nu_session_clear_expired();
    if (call->verbosity > 0)
        nu_say("%lld ended %s deleted.", (long long)count, count == 1 ? "session" : "sessions");
}

static const nu_command clearsessions = {
    .name = "clearsessions",
    .help = "Deletes sessions that have ended; for cron.",
    .run = run_clearsessions,
};

const nu_app nu_sessions_app = {
    .label = "sessions",
    .name = "Sessions",
    .models = NU_MODELS(&session_row_model),
    .migrations = sessions_migrations,
    .commands = NU_COMMANDS(&clearsessions),
};
