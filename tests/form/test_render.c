/* Forms as HTML: elements, layouts, errors, what a template can ask a field. */
#include <string.h>

#include "nuages/form.h"
#include "nuages/test.h"

/* An attribute of an attribute: get(form, "name.errors.0"). */
static nu_value get(nu_form *form, const char *path)
{
    nu_value       value = NU_V(form);
    const nu_list *parts = nu_split(path, '.');
    for (uint32_t i = 0; i < parts->count; i++) {
        const char *key = parts->items[i].text;
        nu_value    next = nu_null();
        if (value.type == NU_DICT) {
            next = nu_dict_get(value.dict, key);
        } else if (value.type == NU_LIST) {
            CHECK(nu_list_at(value.list, nu_int(NU_V(key)), &next));
        } else {
            const nu_class *class = ((nu_object *)value.object)->class;
            if (key[0] >= '0' && key[0] <= '9')
                CHECK(class->at(value.object, nu_int(NU_V(key)), &next));
            else if (!class->get(value.object, key, strlen(key), &next))
                FAIL("%s has no %s", class->name, key);
        }
        value = next;
    }
    return value;
}

static const char *html(nu_form *form, const char *path)
{
    nu_value text = nu_value_str(get(form, path));
    CHECK(text.flags & NU_SAFE);
    return text.text;
}

/* ---- elements -------------------------------------------------------------------------------------------- */

static const nu_choice sizes[] = {
    NU_CHOICE("", "Choose <one>"),
    NU_CHOICE("s", "Small & fine"),
    {.label = "\"Large\"", .group = NU_CHOICES(NU_CHOICE("l", "L"), NU_CHOICE_INT(2, "XL"))},
    {.label = NULL},
};
static const nu_choice letters[] = {NU_CHOICE("a", "A"), NU_CHOICE("b", "B"), {.label = NULL}};

static const nu_form_field elements[] = {
    NU_FORM_CHAR("text", .max_length = 9, .min_length = 2,
                 .attrs = NU_ATTRS({"class", NU_CONST_TEXT("a\"b")},
                                   {"autofocus", NU_CONST_BOOL(1)}, {"x", NU_CONST_BOOL(0)})),
    NU_FORM_TEXT("area", .optional = true, .attrs = NU_ATTRS({"rows", NU_CONST_INT(4)})),
    NU_FORM_PASSWORD("secret"),
    NU_FORM_EMAIL("mail", .disabled = true),
    NU_FORM_INT("int", .min_value = NU_CONST_INT(1), .max_value = NU_CONST_INT(9)),
    NU_FORM_FLOAT("float"),
    NU_FORM_DECIMAL("price", .max_digits = 6, .decimal_places = 2),
    NU_FORM_BOOL("box", .optional = true),
    NU_FORM_DATE("day"),
    NU_FORM_CHOICE("size", .choices = sizes),
    NU_FORM_CHOICE("letter", .choices = letters),
    NU_FORM_CHOICE("radio", .choices = letters, .widget = &nu_widget_radio),
    NU_FORM_CHOICES("many", .choices = letters),
    NU_FORM_CHOICES("boxes", .choices = sizes, .widget = &nu_widget_checkbox_multiple),
    NU_FORM_FILE("file"),
    NU_FORM_HIDDEN("key"),
    NU_FORM_JSON("json"),
    NU_FORM_UUID("uuid", .attrs = NU_ATTRS({"id", NU_CONST_TEXT("mine")})),
    {0},
};
static const nu_form_def element_form = {.fields = elements};

TEST(each_widget_draws_its_element)
{
    static const struct {
        const char *name, *expect;
    } cases[] = {
        {"text", "<input type=\"text\" name=\"text\" value=\"&lt;&amp;&quot;&#x27;\" "
                 "maxlength=\"9\" minlength=\"2\" "
                 "class=\"a&quot;b\" autofocus required id=\"id_text\">"},
        {"area", "<textarea name=\"area\" cols=\"40\" rows=\"4\" "
                 "id=\"id_area\">\n&lt;/textarea&gt;</textarea>"},
        {"secret", "<input type=\"password\" name=\"secret\" required id=\"id_secret\">"},
        {"mail",
         "<input type=\"email\" name=\"mail\" maxlength=\"320\" required disabled id=\"id_mail\">"},
        {"int", "<input type=\"number\" name=\"int\" value=\"5\" min=\"1\" max=\"9\" required "
                "id=\"id_int\">"},
        {"float", "<input type=\"number\" name=\"float\" step=\"any\" required id=\"id_float\">"},
        {"price", "<input type=\"number\" name=\"price\" step=\"0.01\" required id=\"id_price\">"},
        {"box", "<input type=\"checkbox\" name=\"box\" id=\"id_box\" checked>"},
        {"day", "<input type=\"text\" name=\"day\" value=\"2026-11-21\" required id=\"id_day\">"},
        {"size",
         "<select name=\"size\" required id=\"id_size\"><option value=\"\">Choose "
         "&lt;one&gt;</option>"
         "<option value=\"s\">Small &amp; fine</option><optgroup label=\"&quot;Large&quot;\">"
         "<option value=\"l\">L</option><option value=\"2\" "
         "selected>XL</option></optgroup></select>"},
        {"letter", "<select name=\"letter\" id=\"id_letter\"><option value=\"a\">A</option>"
                   "<option value=\"b\">B</option></select>"},
        {"radio",
         "<div id=\"id_radio\"><div><label for=\"id_radio_0\"><input type=\"radio\" name=\"radio\" "
         "value=\"a\" "
         "required id=\"id_radio_0\"> A</label></div><div><label for=\"id_radio_1\"><input "
         "type=\"radio\" "
         "name=\"radio\" value=\"b\" required id=\"id_radio_1\" checked> B</label></div></div>"},
        {"many", "<select name=\"many\" required id=\"id_many\" multiple><option value=\"a\" "
                 "selected>A</option>"
                 "<option value=\"b\" selected>B</option></select>"},
        {"file", "<input type=\"file\" name=\"file\" required id=\"id_file\">"},
        {"key", "<input type=\"hidden\" name=\"key\" value=\"k\" id=\"id_key\">"},
        {"json", "<textarea name=\"json\" cols=\"40\" rows=\"10\" required id=\"id_json\">\n"
                 "{&quot;a&quot;: &quot;&lt;b&gt;&quot;}</textarea>"},
        {"uuid", "<input type=\"text\" name=\"uuid\" id=\"mine\" required>"},
    };
    nu_dict *initial =
        nu_dict_of("text", "<&\"'", "area", "</textarea>", "secret", "x", "int", 5, "box", true,
                   "day", nu_date_of(2026, 11, 21), "size", 2, "radio", "b", "many",
                   nu_list_of("b", "a"), "key", "k", "json", nu_dict_of("a", "<b>"));
    nu_form *form = nu_form_new(&element_form, .initial = initial);
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(html(form, cases[i].name), cases[i].expect);
    CHECK_CONTAINS(html(form, "boxes"),
                   "<div><label>&quot;Large&quot;</label><div><label for=\"id_boxes_2_0\">");
    CHECK(strstr(html(form, "boxes"), "required") == NULL);
}

TEST(what_was_sent_is_shown_again_and_escaped)
{
    nu_params *data = nu_params_new();
    for (const nu_form_field *field = elements; field->name != NULL; field++)
        nu_params_set(data, field->name, nu_value_text_n("\"><script>\0'", 12));
    nu_form    *form = nu_form_new(&element_form, .data = data, .prefix = "p<q");
    const char *all = html(form, "as_p");
    CHECK(strstr(all, "<script>") == NULL);
    CHECK(strstr(all, "p<q") == NULL);
    data = nu_params_new();
    for (const nu_form_field *field = elements; field->name != NULL; field++)
        nu_params_set(data, field->name, NU_V("\"><script>'"));
    form = nu_form_new(&element_form, .data = data);
    static const char *const layouts[] = {"as_p", "as_div", "as_table", "as_ul", "errors"};
    for (size_t i = 0; i < NU_COUNT(layouts); i++)
        CHECK(strstr(html(form, layouts[i]), "<script>") == NULL);
    CHECK_CONTAINS(html(form, "text"), "value=\"&quot;&gt;&lt;script&gt;&#x27;\"");
    CHECK(strstr(html(form, "secret"), "value") == NULL);
}

/* ---- layouts ------------------------------------------------------------------------------------------------ */

static void clean_whole(nu_form *form)
{
    if (nu_form_is_bound(form))
        nu_form_error(form, NULL, "odd", "Something <odd>.");
}

static const nu_form_field rows[] = {
    NU_FORM_CHAR("first_name", .help_text = "As in <b>life</b>."),
    NU_FORM_HIDDEN("key"),
    NU_FORM_CHOICE("radio", .choices = letters, .widget = &nu_widget_radio, .label = "Pick one?",
                   .optional = true),
    {0},
};
static const nu_form_def row_form = {
    .fields = rows, .clean = clean_whole, .error_class = "bad", .required_class = "must"};

TEST(the_layouts_are_djangos)
{
    nu_form *form = nu_form_new(&row_form, .id = "");
    CHECK_TEXT(html(form, "as_p"),
               "<p class=\"must\">First name: <input type=\"text\" name=\"first_name\" required>"
               "<span class=\"helptext\">As in <b>life</b>.</span></p>\n"
               "<p>Pick one? <div><div><label><input type=\"radio\" name=\"radio\" value=\"a\"> "
               "A</label></div>"
               "<div><label><input type=\"radio\" name=\"radio\" value=\"b\"> B</label></div></div>"
               "<input type=\"hidden\" name=\"key\"></p>\n");
    form = nu_form_new(&row_form, .data = NULL);
    CHECK_CONTAINS(
        html(form, "as_table"),
        "<tr class=\"must\"><th><label for=\"id_first_name\" class=\"must\">First "
        "name:</label></th><td>"
        "<input type=\"text\" name=\"first_name\" required "
        "aria-describedby=\"id_first_name_helptext\" "
        "id=\"id_first_name\"><br><span class=\"helptext\" id=\"id_first_name_helptext\">");
    CHECK_CONTAINS(html(form, "as_div"),
                   "<div><fieldset><legend>Pick one?</legend><div id=\"id_radio\">");
    CHECK_CONTAINS(html(form, "as_ul"),
                   "<li class=\"must\"><label for=\"id_first_name\" class=\"must\">First name:");
    CHECK_TEXT(nu_text(NU_V(form)), nu_text(nu_form_html(form, NU_FORM_AS_DIV)));
}

TEST(errors_stand_beside_their_fields)
{
    nu_form *form =
        nu_form_new(&row_form, .data = nu_params_parse("radio=z", 7, -1), .prefix = "p");
    CHECK_TEXT(html(form, "first_name.errors"),
               "<ul class=\"errorlist\" id=\"id_p-first_name_error\"><li>This field is "
               "required.</li></ul>");
    CHECK_TEXT(html(form, "first_name"),
               "<input type=\"text\" name=\"p-first_name\" required aria-invalid=\"true\" "
               "aria-describedby=\"id_p-first_name_helptext id_p-first_name_error\" "
               "id=\"id_p-first_name\">");
    CHECK_TEXT(html(form, "non_field_errors"),
               "<ul class=\"errorlist nonfield\"><li>Something &lt;odd&gt;.</li></ul>");
    CHECK_CONTAINS(html(form, "as_p"),
                   "<ul class=\"errorlist nonfield\"><li>Something &lt;odd&gt;.</li>"
                   "<li>(Hidden field key) This field is required.</li></ul>");
    CHECK_CONTAINS(html(form, "as_div"), "<div class=\"bad must\">");
    CHECK_CONTAINS(html(form, "errors"), "<li>key<ul class=\"errorlist\" id=\"id_p-key_error\">");
    CHECK_TEXT(nu_text(get(form, "errors.key.0")), "This field is required.");
    CHECK_TEXT(nu_text(get(form, "errors.key.as_text")), "* This field is required.");
    CHECK_CONTAINS(nu_text(get(form, "errors.as_json")),
                   "\"key\": [{\"message\": \"This field is required.\", \"code\": \"required\"}]");
    CHECK(nu_truth(get(form, "errors")));
    CHECK(!nu_truth(get(form, "radio.errors")));
    CHECK_TEXT(nu_text(get(form, "radio.errors")), "");
}

TEST(a_form_of_hidden_fields_only_shows_them)
{
    static const nu_form_field hidden[] = {NU_FORM_HIDDEN("key"), {0}};
    static const nu_form_def   def = {.fields = hidden};
    nu_form                   *form = nu_form_new(&def, .data = NULL);
    CHECK_TEXT(html(form, "as_div"), "<input type=\"hidden\" name=\"key\" id=\"id_key\">");
    form = nu_form_new(&def, .data = nu_params_new());
    CHECK_TEXT(
        html(form, "as_p"),
        "<ul class=\"errorlist nonfield\"><li>(Hidden field key) This field is required.</li></ul>"
        "<p><input type=\"hidden\" name=\"key\" id=\"id_key\"></p>");
}

/* ---- what a template can ask ------------------------------------------------------------------------------------ */

TEST(a_field_answers_as_in_django)
{
    nu_form *form = nu_form_new(&element_form, .initial = nu_dict_of("letter", "b", "radio", "a"),
                                .prefix = "x");
    static const struct {
        const char *path, *expect;
    } cases[] = {
        {"text.name", "text"},
        {"text.html_name", "x-text"},
        {"text.auto_id", "id_x-text"},
        {"text.id_for_label", "id_x-text"},
        {"text.label", "Text"},
        {"text.label_tag", "<label for=\"id_x-text\">Text:</label>"},
        {"text.field.required", "True"},
        {"area.field.required", "False"},
        {"text.field.max_length", "9"},
        {"text.field.widget.attrs.maxlength", "9"},
        {"text.widget_type", "text"},
        {"radio.widget_type", "radioselect"},
        {"radio.id_for_label", ""},
        {"radio.label_tag", "<label>Radio:</label>"},
        {"radio.legend_tag", "<legend>Radio:</legend>"},
        {"radio.use_fieldset", "True"},
        {"uuid.id_for_label", "mine"},
        {"key.is_hidden", "True"},
        {"letter.value", "b"},
        {"text.value", "None"},
        {"text.as_hidden", "<input type=\"hidden\" name=\"x-text\" id=\"id_x-text\">"},
        {"radio.0.tag", "<input type=\"radio\" name=\"x-radio\" value=\"a\" required "
                        "id=\"id_x-radio_0\" checked>"},
        {"radio.1.choice_label", "B"},
        {"radio.1.id_for_label", "id_x-radio_1"},
        {"radio.subwidgets.1.data.selected", "False"},
        {"letter.1.tag", "<option value=\"b\" selected>B</option>"},
        {"letter.field.choices.0.1", "A"},
        {"is_multipart", "True"},
        {"is_bound", "False"},
        {"hidden_fields.0.name", "key"},
        {"visible_fields.0.name", "text"},
        {"fields.mail.name", "mail"},
        {"0.name", "text"},
        {"prefix", "x"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(nu_text(get(form, cases[i].path)), cases[i].expect);
    CHECK_EQ(((nu_object *)(void *)form)->class->count(form), NU_COUNT(elements) - 1);
}
