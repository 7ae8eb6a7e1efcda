/* django.contrib.contenttypes: what kinds of rows there are. */
#include "models.h"

const nu_app contenttypes_app = {.label = "contenttypes",
                                 .models = NU_MODELS(&nu_content_type_model)};
