// The C and C++ engines of Debian on the pages of this folder, for bench/template_bench.py: fortunes and the
// table, whose variables are set beforehand, so that what is measured is rendering alone. They have no
// inheritance. Prints a line for each page: engine, page, microseconds of CPU a rendering, bytes.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include <ClearSilver.h>
#include <ctemplate/template.h>

#include "fortunes.h"

namespace {

constexpr int kRows = 1000, kCells = 10;

double CpuMicroseconds()
{
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

template <typename Render>
void Report(const char *engine, const char *page, int times, Render render)
{
    std::string out;
    render(&out);
    const size_t bytes = out.size();
    const double since = CpuMicroseconds();
    for (int i = 0; i < times; i++) {
        out.clear();
        render(&out);
    }
    std::printf("%s %s %.2f %zu\n", engine, page, (CpuMicroseconds() - since) / times, bytes);
}

std::string Cell(int row, int cell)
{
    return "cell " + std::to_string(row) + " & " + std::to_string(cell);
}

// ---- ctemplate

void Ctemplate()
{
    using ctemplate::Template;
    using ctemplate::TemplateDictionary;
    Template *page = Template::StringToTemplate(
        "<!DOCTYPE html>\n<html>\n<head><title>Fortunes</title></head>\n<body>\n<table>\n"
        "<tr><th>id</th><th>message</th></tr>\n"
        "{{#F}}<tr><td>{{ID}}</td><td>{{MESSAGE:h}}</td></tr>\n{{/F}}</table>\n</body>\n</html>\n",
        ctemplate::DO_NOT_STRIP);
    TemplateDictionary rows("fortunes");
    int                id = 0;
    for (const char *fortune : fortunes) {
        TemplateDictionary *row = rows.AddSectionDictionary("F");
        row->SetIntValue("ID", ++id);
        row->SetValue("MESSAGE", fortune);
    }
    Report("ctemplate", "fortunes", 20000, [&](std::string *out) { page->Expand(out, &rows); });

    page = Template::StringToTemplate(
        "<table>\n{{#ROW}}<tr>{{#CELL}}<td>{{TEXT:h}}</td>{{/CELL}}</tr>\n{{/ROW}}</table>\n", ctemplate::DO_NOT_STRIP);
    TemplateDictionary table("table");
    for (int i = 0; i < kRows; i++) {
        TemplateDictionary *row = table.AddSectionDictionary("ROW");
        for (int j = 0; j < kCells; j++)
            row->AddSectionDictionary("CELL")->SetValue("TEXT", Cell(i, j));
    }
    Report("ctemplate", "table", 50, [&](std::string *out) { page->Expand(out, &table); });
}

// ---- ClearSilver

void Must(NEOERR *error)
{
    if (error == STATUS_OK)
        return;
    nerr_log_error(error);
    std::exit(1);
}

NEOERR *Append(void *out, char *text)
{
    static_cast<std::string *>(out)->append(text);
    return STATUS_OK;
}

NEOERR *Escape(const char *text, char **out)
{
    return html_escape_alloc(text, std::strlen(text), out);
}

CSPARSE *Parse(HDF *variables, const char *text)
{
    CSPARSE *page;
    Must(cs_init(&page, variables));
    Must(cs_register_strfunc(page, const_cast<char *>("html_escape"), Escape));
    Must(cs_parse_string(page, strdup(text), std::strlen(text)));
    return page;
}

void Set(HDF *variables, const std::string &name, const std::string &value)
{
    Must(hdf_set_value(variables, name.c_str(), value.c_str()));
}

void ClearSilver()
{
    HDF *variables;
    Must(hdf_init(&variables));
    int id = 0;
    for (const char *fortune : fortunes) {
        const std::string row = "F." + std::to_string(id++);
        Set(variables, row + ".id", std::to_string(id));
        Set(variables, row + ".message", fortune);
    }
    for (int i = 0; i < kRows; i++)
        for (int j = 0; j < kCells; j++)
            Set(variables, "T." + std::to_string(i) + "." + std::to_string(j), Cell(i, j));

    CSPARSE *page = Parse(
        variables, "<!DOCTYPE html>\n<html>\n<head><title>Fortunes</title></head>\n<body>\n<table>\n"
                   "<tr><th>id</th><th>message</th></tr>\n"
                   "<?cs each:f = F ?><tr><td><?cs var:f.id ?></td><td><?cs var:html_escape(f.message) ?></td></tr>\n"
                   "<?cs /each ?></table>\n</body>\n</html>\n");
    Report("ClearSilver", "fortunes", 10000, [&](std::string *out) { Must(cs_render(page, out, Append)); });
    page = Parse(variables, "<table>\n<?cs each:row = T ?><tr><?cs each:cell = row ?><td><?cs var:html_escape(cell) ?></td>"
                            "<?cs /each ?></tr>\n<?cs /each ?></table>\n");
    Report("ClearSilver", "table", 30, [&](std::string *out) { Must(cs_render(page, out, Append)); });
}

} // namespace

int main()
{
    Ctemplate();
    ClearSilver();
    return 0;
}
