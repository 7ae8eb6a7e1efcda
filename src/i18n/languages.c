/* What languages are called. Facts, sorted by code. */
#include "i18n/internal.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const nu_language_info languages[] = {
    {"af", "Afrikaans", "Afrikaans", false},
    {"ar", "Arabic", "العربيّة", true},
    {"ar-dz", "Algerian Arabic", "العربية الجزائرية", true},
    {"ast", "Asturian", "asturianu", false},
    {"az", "Azerbaijani", "Azərbaycanca", true},
    {"be", "Belarusian", "беларуская", false},
    {"bg", "Bulgarian", "български", false},
    {"bn", "Bengali", "বাংলা", false},
    {"br", "Breton", "brezhoneg", false},
    {"bs", "Bosnian", "bosanski", false},
    {"ca", "Catalan", "català", false},
    {"ckb", "Central Kurdish", "کوردی", true},
    {"cs", "Czech", "česky", false},
    {"cy", "Welsh", "Cymraeg", false},
    {"da", "Danish", "dansk", false},
    {"de", "German", "Deutsch", false},
    {"dsb", "Lower Sorbian", "dolnoserbski", false},
    {"el", "Greek", "Ελληνικά", false},
    {"en", "English", "English", false},
    {"en-au", "Australian English", "Australian English", false},
    {"en-gb", "British English", "British English", false},
    {"eo", "Esperanto", "Esperanto", false},
    {"es", "Spanish", "español", false},
    {"es-ar", "Argentinian Spanish", "español de Argentina", false},
    {"es-co", "Colombian Spanish", "español de Colombia", false},
    {"es-mx", "Mexican Spanish", "español de Mexico", false},
    {"es-ni", "Nicaraguan Spanish", "español de Nicaragua", false},
    {"es-ve", "Venezuelan Spanish", "español de Venezuela", false},
    {"et", "Estonian", "eesti", false},
    {"eu", "Basque", "Basque", false},
    {"fa", "Persian", "فارسی", true},
    {"fi", "Finnish", "suomi", false},
    {"fr", "French", "français", false},
    {"fy", "Frisian", "frysk", false},
    {"ga", "Irish", "Gaeilge", false},
    {"gd", "Scottish Gaelic", "Gàidhlig", false},
    {"gl", "Galician", "galego", false},
    {"he", "Hebrew", "עברית", true},
    {"hi", "Hindi", "हिंदी", false},
    {"hr", "Croatian", "Hrvatski", false},
    {"hsb", "Upper Sorbian", "hornjoserbsce", false},
    {"hu", "Hungarian", "Magyar", false},
    {"hy", "Armenian", "հայերեն", false},
    {"ia", "Interlingua", "Interlingua", false},
    {"id", "Indonesian", "Bahasa Indonesia", false},
    {"ig", "Igbo", "Asụsụ Ìgbò", false},
    {"io", "Ido", "ido", false},
    {"is", "Icelandic", "Íslenska", false},
    {"it", "Italian", "italiano", false},
    {"ja", "Japanese", "日本語", false},
    {"ka", "Georgian", "ქართული", false},
    {"kab", "Kabyle", "taqbaylit", false},
    {"kk", "Kazakh", "Қазақ", false},
    {"km", "Khmer", "Khmer", false},
    {"kn", "Kannada", "Kannada", false},
    {"ko", "Korean", "한국어", false},
    {"ky", "Kyrgyz", "Кыргызча", false},
    {"lb", "Luxembourgish", "Lëtzebuergesch", false},
    {"lt", "Lithuanian", "Lietuviškai", false},
    {"lv", "Latvian", "latviešu", false},
    {"mk", "Macedonian", "Македонски", false},
    {"ml", "Malayalam", "മലയാളം", false},
    {"mn", "Mongolian", "Mongolian", false},
    {"mr", "Marathi", "मराठी", false},
    {"ms", "Malay", "Bahasa Melayu", false},
    {"my", "Burmese", "မြန်မာဘာသာ", false},
    {"nb", "Norwegian Bokmal", "norsk (bokmål)", false},
    {"ne", "Nepali", "नेपाली", false},
    {"nl", "Dutch", "Nederlands", false},
    {"nn", "Norwegian Nynorsk", "norsk (nynorsk)", false},
    {"no", "Norwegian", "norsk", false},
    {"os", "Ossetic", "Ирон", false},
    {"pa", "Punjabi", "Punjabi", false},
    {"pl", "Polish", "polski", false},
    {"pt", "Portuguese", "Português", false},
    {"pt-br", "Brazilian Portuguese", "Português Brasileiro", false},
    {"ro", "Romanian", "Română", false},
    {"ru", "Russian", "Русский", false},
    {"sk", "Slovak", "Slovensky", false},
    {"sl", "Slovenian", "Slovenščina", false},
    {"sq", "Albanian", "shqip", false},
    {"sr", "Serbian", "српски", false},
    {"sr-latn", "Serbian Latin", "srpski (latinica)", false},
    {"sv", "Swedish", "svenska", false},
    {"sw", "Swahili", "Kiswahili", false},
    {"ta", "Tamil", "தமிழ்", false},
    {"te", "Telugu", "తెలుగు", false},
    {"tg", "Tajik", "тоҷикӣ", false},
    {"th", "Thai", "ภาษาไทย", false},
    {"tk", "Turkmen", "Türkmençe", false},
    {"tr", "Turkish", "Türkçe", false},
    {"tt", "Tatar", "Татарча", false},
    {"udm", "Udmurt", "Удмурт", false},
    {"ug", "Uyghur", "ئۇيغۇرچە", true},
    {"uk", "Ukrainian", "Українська", false},
    {"ur", "Urdu", "اردو", true},
    {"uz", "Uzbek", "oʻzbek tili", false},
    {"vi", "Vietnamese", "Tiếng Việt", false},
    {"zh-hans", "Simplified Chinese", "简体中文", false},
    {"zh-hant", "Traditional Chinese", "繁體中文", false},
};
/* clang-format on */

static int compare_code(const void *code, const void *entry)
{
    return strcmp(code, ((const nu_language_info *)entry)->code);
}

const nu_language_info *nu_language_find(const char *code)
{
    char generic[32];
    for (;;) {
        const nu_language_info *found =
            bsearch(code, languages, NU_COUNT(languages), sizeof languages[0], compare_code);
        if (found != NULL || !nu__language_generic(code, generic, sizeof generic))
            return found;
        code = generic;
    }
}

/* The parts of a locale's name after the first: a country is written "BR", a script "Hans". */
const char *nu_locale_of_language(const char *language)
{
    char *locale = nu_fmt("%s", language);
    char *dash = strchr(locale, '-');
    for (char *at = locale; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + ('a' - 'A'));
    if (dash == NULL)
        return locale;
    *dash = '_';
    bool is_script = strcspn(dash + 1, "-") > 2;
    for (char *at = dash + 1; *at != '\0' && *at != '-'; at++)
        if (*at >= 'a' && *at <= 'z' && (!is_script || at == dash + 1))
            *at = (char)(*at - ('a' - 'A'));
    return locale;
}

const char *nu_language_of_locale(const char *locale)
{
    char *language = nu_fmt("%s", locale);
    for (char *at = language; *at != '\0'; at++)
        if (*at == '_')
            *at = '-';
        else if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + ('a' - 'A'));
    return language;
}
