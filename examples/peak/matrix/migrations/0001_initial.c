#include <nuages/migration.h>

static const nu_field level_fields[] = {
    NU_COLUMN("id", big_auto, .primary_key = true, .verbose_name = "ID"),
    NU_COLUMN("number", int, .unique = true),
    NU_COLUMN("name", char, .max_length = 40),
    NU_COLUMN("slug", slug, .unique = true),
    NU_COLUMN("place", char, .max_length = 40),
    NU_COLUMN("elevation", int),
    NU_COLUMN("summary", char, .max_length = 200),
    NU_COLUMN("description", text),
    {0},
};

static const nu_field area_fields[] = {
    NU_COLUMN("id", big_auto, .primary_key = true, .verbose_name = "ID"),
    NU_COLUMN("level", foreign, .to_name = "matrix.Level", .on_delete = NU_CASCADE, .related_name = "areas"),
    NU_COLUMN("position", int),
    NU_COLUMN("name", char, .max_length = 80),
    NU_COLUMN("slug", slug, .unique = true),
    NU_COLUMN("summary", char, .max_length = 240),
    NU_COLUMN("learn_next", text),
    {0},
};

static const nu_field question_fields[] = {
    NU_COLUMN("id", big_auto, .primary_key = true, .verbose_name = "ID"),
    NU_COLUMN("area", foreign, .to_name = "matrix.Area", .on_delete = NU_CASCADE, .related_name = "questions"),
    NU_COLUMN("position", int),
    NU_COLUMN("title", char, .max_length = 80),
    NU_COLUMN("slug", slug, .unique = true),
    NU_COLUMN("text", char, .max_length = 300),
    NU_COLUMN("explanation", text),
    NU_COLUMN("example", text, .blank = true),
    NU_COLUMN("learn_next", text),
    {0},
};

static const nu_field assessment_fields[] = {
    NU_COLUMN("id", big_auto, .primary_key = true, .verbose_name = "ID"),
    NU_COLUMN("visitor", char, .max_length = 32, .db_index = true),
    NU_COLUMN("started", datetime, .auto_now_add = true),
    NU_COLUMN("finished", datetime, .null = true, .blank = true),
    {0},
};

static const nu_field answer_fields[] = {
    NU_COLUMN("id", big_auto, .primary_key = true, .verbose_name = "ID"),
    NU_COLUMN("assessment", foreign, .to_name = "matrix.Assessment", .on_delete = NU_CASCADE, .related_name = "answers"),
    NU_COLUMN("question", foreign, .to_name = "matrix.Question", .on_delete = NU_CASCADE, .related_name = "answers"),
    NU_COLUMN("rating", small_int),
    NU_COLUMN("note", text, .blank = true),
    NU_COLUMN("saved", datetime, .auto_now = true),
    {0},
};

static const nu_operation operations[] = {
    NU_CREATE_MODEL("Level", level_fields, .ordering = NU_STRS("number")),
    NU_CREATE_MODEL("Area", area_fields, .ordering = NU_STRS("level__number", "position")),
    NU_CREATE_MODEL("Question", question_fields, .ordering = NU_STRS("area__level__number", "area__position", "position")),
    NU_CREATE_MODEL("Assessment", assessment_fields, .ordering = NU_STRS("-started", "-id")),
    NU_CREATE_MODEL("Answer", answer_fields, .unique_together = NU_TOGETHER(NU_STRS("assessment", "question"))),
    {0},
};

extern const nu_migration matrix_0001_initial;
const nu_migration matrix_0001_initial = {
    .app = "matrix",
    .name = "0001_initial",
    .initial = true,
    .operations = operations,
};
