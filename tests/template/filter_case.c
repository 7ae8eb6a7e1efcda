#include "filter_case.h"

#include <string.h>

#include "nuages/json.h"
#include "nuages/test.h"

static const char *render(const char *load, nu_value value, const char *filters)
{
    nu_engine  *engine = nu_engine_new(&(nu_engine_options){0});
    const char *loads = load == NULL ? "" : nu_fmt("{%% load %s %%}", load);
    const char *text = nu_fmt("%s{{ v|%s }}", loads, filters);
    return nu_text(nu_template_render(nu_template_from(engine, text), nu_dict_of("v", value)));
}

void check_filters(const char *load, const filter_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const filter_case *c = &cases[i];
        const char        *got = render(load, nu_json_parse(c->json, strlen(c->json)), c->filters);
        if (strcmp(got, c->text) != 0)
            FAIL("%s|%s writes '%s', expected '%s'", c->json, c->filters, got, c->text);
    }
}

const char *filter_value(nu_value value, const char *filters)
{
    return render(NULL, value, filters);
}
