#include "nuages/i18n.h"
#include "nuages/test.h"

#include <string.h>

/* ---- .mo files made on the spot ---------------------------------------------------------------- */

typedef struct entry {
    const char *id, *text;
    size_t      id_length, text_length;
} entry;

#define ENTRY(id, text)                                                                            \
    {                                                                                              \
        id, text, sizeof(id) - 1, sizeof(text) - 1                                                 \
    }

#define HEADER                                                                                     \
    "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=3; plural=n==1 ? 0 : n==2 ? " \
    "1 : 2;\n"

static void put_word(nu_builder *out, uint32_t word, bool swapped)
{
    if (swapped)
        word = __builtin_bswap32(word);
    nu_builder_add(out, &word, sizeof word);
}

static nu_value make_mo(const entry *entries, uint32_t count, bool swapped)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 256);
    uint32_t at = 28 + count * 16;
    put_word(&out, 0x950412de, swapped);
    put_word(&out, 0, swapped);
    put_word(&out, count, swapped);
    put_word(&out, 28, swapped);
    put_word(&out, 28 + count * 8, swapped);
    put_word(&out, 0, swapped);
    put_word(&out, 0, swapped);
    for (int texts = 0; texts < 2; texts++)
        for (uint32_t i = 0; i < count; i++) {
            uint32_t length = (uint32_t)(texts ? entries[i].text_length : entries[i].id_length);
            put_word(&out, length, swapped);
            put_word(&out, at, swapped);
            at += length + 1;
        }
    for (uint32_t i = 0; i < count; i++)
        nu_builder_add(&out, entries[i].id, entries[i].id_length + 1);
    for (uint32_t i = 0; i < count; i++)
        nu_builder_add(&out, entries[i].text, entries[i].text_length + 1);
    return nu_value_bytes(nu_builder_text(&out), out.length);
}

static const entry entries[] = {
    ENTRY("", HEADER),
    ENTRY("Page not found", "Seite nicht gefunden"),
    ENTRY("month name\004May", "Mai"),
    ENTRY("one file\0%d files", "eine Datei\0zwei Dateien\0%d Dateien"),
    ENTRY("empty", ""),
};

static nu_locales *german(bool swapped)
{
    nu_locales *locales = nu_locales_new(nu_arena_current(), NULL);
    nu_value    mo = make_mo(entries, NU_COUNT(entries), swapped);
    nu_catalogue_read(nu_locales_catalogue(locales, "de"), "de.mo", mo.bytes, mo.length);
    return locales;
}

TEST(mo_files_of_both_byte_orders_are_read)
{
    for (int swapped = 0; swapped < 2; swapped++) {
        nu_locales_use(german(swapped));
        nu_language_activate("de-at");
        CHECK_TEXT(nu_gettext("Page not found"), "Seite nicht gefunden");
        CHECK_TEXT(nu_gettext("Another"), "Another");
        CHECK_TEXT(nu_gettext("empty"), "empty");
        CHECK_TEXT(nu_gettext("May"), "May");
        CHECK_TEXT(nu_pgettext("month name", "May"), "Mai");
        CHECK_TEXT(nu_pgettext("verb", "May"), "May");
        CHECK_TEXT(nu_ngettext("one file", "%d files", 1), "eine Datei");
        CHECK_TEXT(nu_ngettext("one file", "%d files", 2), "zwei Dateien");
        CHECK_TEXT(nu_ngettext("one file", "%d files", 7), "%d Dateien");
        CHECK_TEXT(nu_ngettext("one dog", "%d dogs", 7), "%d dogs");
        CHECK_TEXT(nu_gettext(""), "");
        nu_language_activate(NULL);
        CHECK_TEXT(nu_gettext("Page not found"), "Page not found");
        nu_locales_use(NULL);
    }
}

TEST(mo_files_cut_anywhere_are_refused)
{
    nu_value      mo = make_mo(entries, NU_COUNT(entries), false);
    nu_locales   *locales = nu_locales_new(nu_arena_current(), NULL);
    nu_catalogue *catalogue = nu_locales_catalogue(locales, "de");
    for (size_t length = 0; length < mo.length; length++) {
        /* A copy of exactly this size, so that the sanitizer sees a step outside. */
        const char *part = nu_arena_copy(nu_arena_current(), mo.bytes, length);
        CHECK_RAISES(NU_SYNTAX_ERROR, nu_catalogue_read(catalogue, "cut.mo", part, length));
    }
}

TEST(damaged_mo_files_never_crash)
{
    nu_value mo = make_mo(entries, NU_COUNT(entries), false);
    for (size_t i = 0; i < mo.length; i++) {
        uint8_t *copy = (uint8_t *)nu_arena_copy(nu_arena_current(), mo.bytes, mo.length);
        copy[i] ^= 0xff;
        nu_locales *locales = nu_locales_new(nu_arena_current(), NULL);
        NU_TRY {
            nu_catalogue_read(nu_locales_catalogue(locales, "de"), "bad.mo", copy, mo.length);
        }
        NU_CATCH (error) {
            CHECK(nu_error_is(error, NU_SYNTAX_ERROR));
        }
    }
}

TEST(a_folder_of_locales_is_loaded)
{
    nu_locales *locales = nu_locales_new(nu_arena_current(), NULL);
    CHECK_EQ(nu_locales_load(locales, NU_TEST_DATA "/i18n/locale", "django"), 2u);
    CHECK_EQ(nu_locales_load(locales, NU_TEST_DATA "/i18n/locale", "other"), 0u);
    CHECK_EQ(nu_locales_load(locales, NU_TEST_DATA "/i18n/nowhere", "django"), 0u);
    nu_locales_use(locales);
    nu_language_activate("pt-br");
    CHECK_TEXT(nu_gettext("Save"), "Salvar");
    CHECK_TEXT(nu_ngettext("%d file", "%d files", 0), "%d arquivo");
    nu_language_activate("de");
    CHECK_TEXT(nu_ngettext("%d file", "%d files", 0), "%d Dateien");
    nu_language_activate(NULL);
    nu_locales_use(NULL);
}

TEST(catalogues_in_memory_know_their_plural_rule)
{
    nu_locales   *locales = nu_locales_new(nu_arena_current(), NULL);
    nu_catalogue *polish = nu_locales_catalogue(locales, "pl");
    nu_catalogue_plural(polish, "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2);");
    nu_catalogue_add(polish, NULL, "%d file", NU_STRS("%d plik", "%d pliki", "%d plików"), 3);
    nu_locales_use(locales);
    nu_language_activate("pl");
    CHECK_TEXT(nu_ngettext("%d file", "%d files", 1), "%d plik");
    CHECK_TEXT(nu_ngettext("%d file", "%d files", 3), "%d pliki");
    CHECK_TEXT(nu_ngettext("%d file", "%d files", 5), "%d plików");
    nu_language_activate(NULL);
    nu_locales_use(NULL);
}

TEST(what_a_language_lacks_comes_from_the_default_language)
{
    nu_locales *locales =
        nu_locales_new(nu_arena_current(), &(nu_locale_options){.language = "fr"});
    nu_catalogue_add(nu_locales_catalogue(locales, "fr"), NULL, "Yes", NU_STRS("Oui"), 1);
    nu_catalogue_add(nu_locales_catalogue(locales, "de"), NULL, "No", NU_STRS("Nein"), 1);
    nu_locales_use(locales);
    CHECK_TEXT(nu_language(), "fr");
    CHECK_TEXT(nu_gettext("Yes"), "Oui");
    nu_language_activate("de");
    CHECK_TEXT(nu_gettext("Yes"), "Oui");
    CHECK_TEXT(nu_gettext("No"), "Nein");
    nu_language_activate("en-gb");
    CHECK_TEXT(nu_gettext("Yes"), "Yes");
    CHECK(nu_language_is_offered("de"));
    CHECK(nu_language_is_offered("en-nz"));
    CHECK(!nu_language_is_offered("it"));
    nu_language_activate(NULL);
    nu_locales_use(NULL);
}

TEST(a_catalogue_holds_thousands_of_messages)
{
    nu_locales   *locales = nu_locales_new(nu_arena_current(), NULL);
    nu_catalogue *catalogue = nu_locales_catalogue(locales, "de");
    for (int i = 0; i < 3000; i++)
        nu_catalogue_add(catalogue, NULL, nu_fmt("message %d", i), NU_STRS(nu_fmt("Text %d", i)),
                         1);
    nu_catalogue_add(catalogue, NULL, "message 7", NU_STRS("seven"), 1);
    nu_locales_use(locales);
    nu_language_activate("de");
    for (int i = 8; i < 3000; i++)
        CHECK_TEXT(nu_gettext(nu_fmt("message %d", i)), nu_fmt("Text %d", i));
    CHECK_TEXT(nu_gettext("message 7"), "seven");
    nu_language_activate(NULL);
    nu_locales_use(NULL);
}

TEST(placeholders_are_filled)
{
    CHECK_TEXT(nu_fill("%d files", "3"), "3 files");
    CHECK_TEXT(nu_fill("%(num)d years", "3"), "3 years");
    CHECK_TEXT(nu_fill("%s KB", "1,5"), "1,5 KB");
    CHECK_TEXT(nu_fill("100%% of %s", "it"), "100% of it");
    CHECK_TEXT(nu_fill("%", "x"), "%");
    CHECK_TEXT(nu_fill("%(open", "x"), "%(open");
    CHECK_TEXT(nu_fill("", "x"), "");
}

TEST(languages_and_locales_have_each_others_names)
{
    CHECK_TEXT(nu_language_of_locale("pt_BR"), "pt-br");
    CHECK_TEXT(nu_language_of_locale("zh_Hans"), "zh-hans");
    CHECK_TEXT(nu_locale_of_language("pt-br"), "pt_BR");
    CHECK_TEXT(nu_locale_of_language("zh-hans"), "zh_Hans");
    CHECK_TEXT(nu_locale_of_language("de"), "de");
    CHECK_TEXT(nu_language_find("de-at")->name, "German");
    CHECK_TEXT(nu_language_find("ar")->name_local, "العربيّة");
    CHECK(nu_language_find("ar")->bidi);
    CHECK(nu_language_find("xx") == NULL);
}

/* ---- .po files ---------------------------------------------------------------------------------- */

static nu_locales *locales_of_po(const char *text)
{
    nu_locales *locales = nu_locales_new(nu_arena_current(), NULL);
    nu_catalogue_read_po(nu_locales_catalogue(locales, "de"), "de.po", text, strlen(text));
    nu_locales_use(locales);
    nu_language_activate("de");
    return locales;
}

TEST(a_po_file_is_read_as_msgfmt_would_compile_it)
{
    locales_of_po(
        "# comment\nmsgid \"\"\nmsgstr \"\"\n"
        "\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
        "\"Plural-Forms: nplurals=2; plural=(n > 1);\\n\"\n\n"
        "#: page.html:1\nmsgid \"Hello\"\nmsgstr \"\"\n\"Grüß \"\r\n  \"Gott\\n\\x41\\102\"\n"
        "msgctxt \"month\"\nmsgid \"May\"\nmsgstr \"Mai\"\n"
        "msgid \"file\"\nmsgid_plural \"files\"\nmsgstr[0] \"Datei\"\nmsgstr[1] \"Dateien\"\n"
        "\n#, python-format, fuzzy\nmsgid \"guess\"\nmsgstr \"geraten\"\n"
        "#~ msgid \"old\"\n#~ msgstr \"alt\"\n"
        "msgid \"later\"\nmsgstr \"\"\nmsgid \"last\"\nmsgstr \"zuletzt\"");
    CHECK_TEXT(nu_gettext("Hello"), "Grüß Gott\nAB");
    CHECK_TEXT(nu_gettext("May"), "May");
    CHECK_TEXT(nu_pgettext("month", "May"), "Mai");
    CHECK_TEXT(nu_ngettext("file", "files", 0), "Datei");
    CHECK_TEXT(nu_ngettext("file", "files", 2), "Dateien");
    CHECK_TEXT(nu_gettext("guess"), "guess");
    CHECK_TEXT(nu_gettext("old"), "old");
    CHECK_TEXT(nu_gettext("later"), "later");
    CHECK_TEXT(nu_gettext("last"), "zuletzt");
    nu_language_activate(NULL);
    nu_locales_use(NULL);
}

TEST(a_damaged_po_file_names_the_line)
{
    static const struct {
        const char *text;
        int         line;
    } cases[] = {
        {"msgid \"a\"\nmsgstr \"b", 2},
        {"msgid \"a\"\nmsgstr \"b\" c\n", 2},
        {"msgid \"a\"\n\nmsgid \"b\"\n", 3},
        {"msgid \"a\"\n", 1},
        {"msgstr \"a\"\n", 1},
        {"\"a\"\n", 1},
        {"hello\n", 1},
        {"msgid \"a\"\nmsgstr[1] \"b\"\n", 2},
        {"msgid \"a\"\nmsgstr[0", 2},
        {"msgid \"a\"\nmsgstr[] \"\"", 2},
        {"msgid \"a\"\nmsgstr[99999999999] \"\"", 2},
        {"msgid \"a\\q\"\n", 1},
        {"msgid \"a\\0\"\n", 1},
        {"msgid \"\xff\"\n", 1},
        {"msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=latin-1\\n\"\n", 2},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        CHECK_RAISES(NU_SYNTAX_ERROR, locales_of_po(cases[i].text));
        CHECK_TEXT(nu_test_error()->place.file, "de.po");
        CHECK_EQ(nu_test_error()->place.line, cases[i].line);
    }
}
