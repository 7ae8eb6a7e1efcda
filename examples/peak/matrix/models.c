#include "matrix.h"

/* ---- the matrix ---------------------------------------------------------------------------------- */

static const nu_field level_fields[] = {
    NU_INT(level, number, .unique = true),
    NU_CHAR(level, name, .max_length = 40),
    NU_SLUG(level, slug, .unique = true),
    NU_CHAR(level, place, .max_length = 40),
    NU_INT(level, elevation),
    NU_CHAR(level, summary, .max_length = 200),
    NU_TEXT(level, description),
    {0},
};

static const char *level_text(const struct level *level)
{
    return level->name;
}

const nu_model level_model = {
    NU_MODEL_OF(level, "Level"),
    .fields = level_fields,
    .text = level_text,
    .ordering = NU_STRS("number"),
};

static const nu_field area_fields[] = {
    NU_FOREIGN(area, level, .to = &level_model, .on_delete = NU_CASCADE, .related_name = "areas"),
    NU_INT(area, position),
    NU_CHAR(area, name, .max_length = 80),
    NU_SLUG(area, slug, .unique = true),
    NU_CHAR(area, summary, .max_length = 240),
    NU_TEXT(area, learn_next),
    {0},
};

static const char *area_text(const struct area *area)
{
    return area->name;
}

const nu_model area_model = {
    NU_MODEL_OF(area, "Area"),
    .fields = area_fields,
    .text = area_text,
    .ordering = NU_STRS("level__number", "position"),
};

static const nu_field question_fields[] = {
    NU_FOREIGN(question, area, .to = &area_model, .on_delete = NU_CASCADE, .related_name = "questions"),
    NU_INT(question, position),
    NU_CHAR(question, title, .max_length = 80),
    NU_SLUG(question, slug, .unique = true),
    NU_CHAR(question, text, .max_length = 300),
    NU_TEXT(question, explanation),
    NU_TEXT(question, example, .blank = true),
    NU_TEXT(question, learn_next),
    {0},
};

static const char *question_text(const struct question *question)
{
    return question->title;
}

const nu_model question_model = {
    NU_MODEL_OF(question, "Question"),
    .fields = question_fields,
    .text = question_text,
    .ordering = NU_STRS("area__level__number", "area__position", "position"),
};

/* ---- what visitors answer ------------------------------------------------------------------------ */

static const nu_field assessment_fields[] = {
    NU_CHAR(assessment, visitor, .max_length = 32, .db_index = true),
    NU_DATETIME(assessment, started, .auto_now_add = true),
    NU_DATETIME(assessment, finished, .null = true, .blank = true),
    {0},
};

const nu_model assessment_model = {
    NU_MODEL_OF(assessment, "Assessment"),
    .fields = assessment_fields,
    .ordering = NU_STRS("-started", "-id"),
};

static const nu_field answer_fields[] = {
    NU_FOREIGN(answer, assessment, .to = &assessment_model, .on_delete = NU_CASCADE, .related_name = "answers"),
    NU_FOREIGN(answer, question, .to = &question_model, .on_delete = NU_CASCADE, .related_name = "answers"),
    NU_SMALL_INT(answer, rating),
    NU_TEXT(answer, note, .blank = true),
    NU_DATETIME(answer, saved, .auto_now = true),
    {0},
};

const nu_model answer_model = {
    NU_MODEL_OF(answer, "Answer"),
    .fields = answer_fields,
    .unique_together = NU_TOGETHER(NU_STRS("assessment", "question")),
};
