/* Cases of templates: text or error. */
#include <string.h>

#include "conformance.h"
#include "web/case_urls.h"

static const char *text_of(const nu_dict *dict, const char *key)
{
    nu_value value = nu_dict_get(dict, key);
    return nu_is_null(value) ? NULL : nu_text(value);
}

/* ---- outcomes -------------------------------------------------------------------------------------------- */

/* Errors of the template language are told apart by type and message; of others it only matters that
 * there is one. */
static bool is_template_error(const char *type)
{
    return strcmp(type, "TemplateSyntaxError") == 0 || strcmp(type, "TemplateDoesNotExist") == 0 ||
           strcmp(type, "NoReverseMatch") == 0;
}

static bool check_error(const nu_error *error, const nu_dict *given, const char **got,
                        const char **wanted)
{
    *got = nu_fmt("%s: %s", error->kind->name, error->fact);
    nu_value expected = nu_dict_get(given, "error");
    if (expected.type != NU_DICT) {
        *wanted = nu_text(nu_repr(nu_dict_get(given, "expect")));
        return false;
    }
    const char *type = text_of(expected.dict, "type");
    *wanted = nu_fmt("%s: %s", type, text_of(expected.dict, "message"));
    return !is_template_error(type) || strcmp(*got, *wanted) == 0;
}

bool conformance_template(nu_value json, const char **got, const char **wanted)
{
    NU_TRY {
        nu_value text = nu__case_render(json, &nu__case_urls);
        nu_value expected = nu_dict_get(json.dict, "expect");
        *got = nu_text(nu_repr(text));
        *wanted =
            nu_text(nu_repr(nu_is_null(expected) ? nu_dict_get(json.dict, "error") : expected));
        return expected.type == NU_TEXT && nu_equal(text, expected);
    }
    NU_CATCH (error) {
        return check_error(error, json.dict, got, wanted);
    }
    return false;
}
