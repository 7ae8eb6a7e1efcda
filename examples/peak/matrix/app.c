#include "matrix.h"

const nu_app matrix = {
    .label = "matrix", NU_APP_HERE,
    .name = "Competency matrix",
    .models = NU_MODELS(&level_model, &area_model, &question_model, &assessment_model, &answer_model),
    .migrations = matrix_migrations,
};
