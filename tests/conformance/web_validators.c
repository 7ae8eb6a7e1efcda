/* Cases of validators. Our validators have no codes of their own; forms give them Django's. */
#include <string.h>

#include "nuages/field.h"
#include "web.h"

static const struct known {
    const char *name, *code;
    void (*check)(const nu_validator *self, nu_value value);
} known[] = {
    {"email", "invalid", nu_check_email},
    {"url", "invalid", nu_check_url},
    {"slug", "invalid", nu_check_slug},
    {"ipv46", "invalid", nu_check_ip},
    {"regex", "invalid", nu_check_pattern},
    {"max_value", "max_value", nu_check_max_value},
    {"min_value", "min_value", nu_check_min_value},
    {"max_length", "max_length", nu_check_max_length},
    {"min_length", "min_length", nu_check_min_length},
};

static const struct known *find(const char *name)
{
    for (size_t i = 0; i < NU_COUNT(known); i++) {
        if (strcmp(known[i].name, name) == 0)
            return &known[i];
    }
    nu_raise(&nu__web_uncovered, "validator %s", name);
}

static bool accepts(const struct known *validator, const nu_validator *rule, nu_value value)
{
    NU_TRY {
        validator->check(rule, value);
        return true;
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALIDATION_ERROR))
            nu_reraise(error);
    }
    return false;
}

static nu_value run_validate(const nu_dict *line)
{
    const struct known      *validator = find(nu__web_text(line, "validator", ""));
    const nu_dict           *options = nu__web_dict(line, "options");
    static const char *const ours[] = {"flags", "inverse_match", "schemes", "allowlist"};
    for (size_t i = 0; i < NU_COUNT(ours); i++) {
        if (nu_dict_find(options, ours[i]) != NULL)
            nu_raise(&nu__web_uncovered, "option %s", ours[i]);
    }
    const nu_validator rule = {
        .limit = nu__web_decode(nu_dict_get(options, "limit_value")),
        .pattern = nu__web_text(options, "regex", NULL),
    };
    if (accepts(validator, &rule, nu__web_decode(nu_dict_get(line, "value"))))
        return nu_value_text("ok");
    return nu_value_dict(
        nu_dict_of("codes", nu_list_of(nu__web_text(options, "code", validator->code))));
}

/* Sentences are our own. */
static nu_value without_messages(nu_value result)
{
    return result.type == NU_DICT
               ? nu_value_dict(nu_dict_of("codes", nu_dict_get(result.dict, "codes")))
               : result;
}

const nu__web_op nu__web_validator_ops[] = {
    {"validate", run_validate, without_messages},
    {0},
};
