/* The app "social": profiles, who follows whom, and likes of anything. */
#include "models.h"

struct profile {
    nu_row row;
    nu_ref(nu_user) user;
    const char *display_name;
    nu_date     birthday;
    nu_datetime last_seen;
    int64_t     karma;
    nu_value    settings;
};

struct follow {
    nu_row row;
    nu_ref(profile) from_profile;
    nu_ref(profile) to_profile;
    nu_date since;
    bool    close;
    nu_ref(profile) introduced_by;
};

struct like {
    nu_row row;
    nu_ref(profile) profile;
    nu_ref(nu_content_type) content_type;
    int64_t     object_id;
    nu_datetime created;
    int64_t     value;
};

static const nu_model profile_model, follow_model;

static const nu_field profile_fields[] = {
    NU_ONE_TO_ONE(profile, user, .to = &nu_user_model, .on_delete = NU_CASCADE, .primary_key = true,
                  .related_name = "profile"),
    NU_CHAR(profile, display_name, .max_length = 80, .blank = true),
    NU_DATE(profile, birthday, .null = true, .blank = true),
    NU_DATETIME(profile, last_seen, .null = true, .blank = true),
    NU_BIG_INT(profile, karma, .default_value = NU_CONST_INT(0)),
    NU_JSON(profile, settings, .null = true),
    NU_MANY(profile, "follows", .to = &profile_model, .through = &follow_model,
            .through_from = "from_profile", .through_to = "to_profile", .asymmetrical = true,
            .related_name = "followers"),
    NU_MANY(profile, "friends", .to = &profile_model, .blank = true,
            .db_table = "social_friendship"),
    {0},
};
static const nu_model profile_model = {NU_MODEL_OF(profile, "Profile"), .fields = profile_fields,
                                       .ordering = NU_STRS("pk")};

static const nu_expression *follows_another(void)
{
    return nu_not(nu_q("from_profile", nu_f("to_profile")));
}

static const nu_field follow_fields[] = {
    NU_FOREIGN(follow, from_profile, .to = &profile_model, .on_delete = NU_CASCADE,
               .related_name = "following_set"),
    NU_FOREIGN(follow, to_profile, .to = &profile_model, .on_delete = NU_CASCADE,
               .related_name = "follower_set"),
    NU_DATE(follow, since),
    NU_BOOL(follow, close, .default_value = NU_CONST_BOOL(false)),
    NU_FOREIGN(follow, introduced_by, .to = &profile_model, .on_delete = NU_SET_NULL, .null = true,
               .blank = true, .related_name = "introductions"),
    {0},
};
static const nu_model follow_model = {
    NU_MODEL_OF(follow, "Follow"),
    .fields = follow_fields,
    .constraints =
        NU_CONSTRAINTS({.name = "unique_follow", .fields = NU_STRS("from_profile", "to_profile")},
                       {.name = "no_self_follow", .condition = follows_another}),
};

static const nu_field like_fields[] = {
    NU_FOREIGN(like, profile, .to = &profile_model, .on_delete = NU_CASCADE,
               .related_name = "likes"),
    NU_FOREIGN(like, content_type, .to = &nu_content_type_model, .on_delete = NU_CASCADE),
    NU_POSITIVE_INT(like, object_id),
    NU_GENERIC_KEY("target"),
    NU_DATETIME(like, created),
    NU_SMALL_INT(like, value, .default_value = NU_CONST_INT(1)),
    {0},
};
const nu_model like_model = {
    NU_MODEL_OF(like, "Like"),
    .fields = like_fields,
    .ordering = NU_STRS("id"),
    .indexes = NU_INDEXES(
        {.name = "social_like_content_e3a9bd_idx", .fields = NU_STRS("content_type", "object_id")}),
};

const nu_app social_app = {.label = "social",
                           .models = NU_MODELS(&profile_model, &follow_model, &like_model)};
