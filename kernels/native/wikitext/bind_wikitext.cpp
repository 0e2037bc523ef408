#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unordered_map.h>
#include <nanobind/stl/vector.h>

#include <stdexcept>
#include <tuple>

#include "bindings.hpp"
#include "wikitext.hpp"

namespace kernels {
namespace {

using wikitext::Prefix;
using wikitext::Renderer;
using wikitext::Rule;
using wikitext::Site;
using Words = std::vector<std::string>;
using Table = std::unordered_map<std::string, std::string>;

Prefix to_prefix(const std::string& kind) {
  if (kind == "file") return Prefix::file;
  if (kind == "category") return Prefix::category;
  if (kind == "language") return Prefix::language;
  if (kind == "interwiki") return Prefix::interwiki;
  throw std::invalid_argument("no such kind of prefix: " + kind);
}

void set_templates(Site& site, const Table& patterns) {
  for (const auto& [name, pattern] : patterns) {
    // "lang-*" names every template that begins so.
    const bool stem = name.ends_with("-*");
    auto& table = stem ? site.template_stems : site.templates;
    table.insert_or_assign(wikitext::normal_name(stem ? name.substr(0, name.size() - 1) : name), Rule::parse(pattern));
  }
}

wikitext::NameSet to_names(const Words& words) { return {words.begin(), words.end()}; }

template <class Value>
Value take(const nb::dict& fields, const char* name) {
  if (!fields.contains(name)) throw std::invalid_argument(std::string("the site has no ") + name);
  return nb::cast<Value>(fields[name]);
}

Site to_site(const nb::dict& fields) {
  Site site;
  set_templates(site, take<Table>(fields, "templates"));
  for (const auto& [name, kind] : take<Table>(fields, "prefixes"))
    site.prefixes.emplace(wikitext::normal_name(name), to_prefix(kind));
  for (const auto& [code, name] : take<Table>(fields, "countries")) site.countries.emplace(code, name);
  for (const auto& [name, english] : take<Table>(fields, "functions")) site.functions.emplace(name, english);
  for (const std::string& name : take<Words>(fields, "template_prefixes"))
    site.template_prefixes.insert(wikitext::normal_name(name));
  for (const std::string& name : take<Words>(fields, "end_sections")) site.end_sections.insert(wikitext::lower(name));
  for (const std::string& name : take<Words>(fields, "switches")) site.switches.insert(wikitext::lower(name));
  for (const auto& [name, text] : take<Table>(fields, "entities")) site.entities.emplace(name, text);
  using UnitRow = std::tuple<std::string, std::string, std::string, std::string, double, double, std::string, std::string>;
  for (const auto& [code, symbol, name, plural, scale, offset, kind, target] : take<std::vector<UnitRow>>(fields, "units"))
    site.units.insert_or_assign(code, wikitext::Unit{symbol, name, plural, scale, offset, kind, target});
  site.numbers = {take<std::string>(fields, "group"), take<std::string>(fields, "decimal"),
                  take<int>(fields, "grouped_from")};
  site.months = take<Words>(fields, "months");
  site.date = take<std::string>(fields, "date");
  site.variants = take<bool>(fields, "variants");
  site.space_before_marks = take<bool>(fields, "space_before_marks");
  site.list_markers = take<bool>(fields, "list_markers");
  site.render_templates = take<bool>(fields, "render_templates");
  site.category_names = take<bool>(fields, "category_names");
  return site;
}

nb::tuple render(const Renderer& renderer, nb::handle pages, nb::handle titles) {
  const ArrowInput page_input(pages), title_input(titles);
  wikitext::Pages result;
  {
    nb::gil_scoped_release release;
    result = render_pages(renderer, page_input.column(), title_input.column());
  }
  return nb::make_tuple(to_numpy(std::move(result.text)), to_numpy(std::move(result.disambiguation)));
}

}  // namespace

void register_wikitext(nb::module_& m) {
  nb::class_<Renderer>(m, "WikitextRenderer")
      .def("__init__", [](Renderer* self, const nb::dict& site) { new (self) Renderer(to_site(site)); }, nb::arg("site"))
      .def("render", render, nb::arg("pages"), nb::arg("titles"));
}

}  // namespace kernels
