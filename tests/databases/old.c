/* An app whose models are what inspectdb printed, and a command that reads all rows through them:
 * ./manage readall prints a line a table, "rows columns table". */
#include <nuages.h>

extern const nu_model *const inspected_models[];

/* Counted by the database and read one by one; every field is looked at. */
static void read_model(const nu_model *model)
{
    nu_query               *all = nu_query_all(model);
    nu_row                **rows = nu_query_rows(all);
    const nu_column *const *columns = nu_model_columns(model);
    int64_t                 count = 0, column_count = 0;
    for (; rows[count] != NULL; count++)
        for (column_count = 0; columns[column_count] != NULL; column_count++)
            nu_row_value(rows[count], columns[column_count]);
    for (column_count = 0; columns[column_count] != NULL; column_count++)
        continue;
    if (count != nu_count(nu_query_all(model)))
        nu_raise(NU_COMMAND_ERROR, "%s: %lld rows were read", model->name, (long long)count);
    nu_say("%lld %lld %s", (long long)count, (long long)column_count, nu_model_table(model));
}

static void readall(const nu_command_call *call)
{
    (void)call;
    for (size_t i = 0; inspected_models[i] != NULL; i++)
        read_model(inspected_models[i]);
}

static const nu_command readall_command = {
    .name = "readall", .help = "Reads all rows.", .run = readall};

const nu_app old = {
    .label = "old",
    .models = inspected_models,
    .commands = NU_COMMANDS(&readall_command),
};
