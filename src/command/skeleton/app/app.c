#include "{{ name }}.h"

const nu_app {{ name }} = {
    .label = "{{ name }}", NU_APP_HERE,
    .models = NU_MODELS(NULL), /* NU_MODELS(&article_model) */
    .migrations = {{ name }}_migrations,
};
