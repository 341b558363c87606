#pragma once
// For tests: makes sound objects of any type out of the tables, by chance, from a seed.
#include "stix/internal/formats.h"
#include "stix/internal/table.h"
#include "stix/internal/vocabularies.h"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace entente::stix::internal {

namespace json = boost::json;

/// Strings that a format takes, and some that it does not.
struct FormatSamples {
    const Format* format;
    std::vector<std::string_view> right;
    std::vector<std::string_view> wrong;
};

inline const std::vector<FormatSamples>& format_samples() {
    static const std::vector<FormatSamples> all = {
        {&formats::language, {"en", "de-CH", "zh-Hans-CN"}, {"", "e", "english language", "en_US"}},
        {&formats::cpe,
         {"cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*",
          "cpe:2.3:o:linux:linux_kernel:-:*:*:*:*:*:*:*"},
         {"", "cpe:/a:microsoft:word:2000", "cpe:2.3:a:microsoft"}},
        {&formats::url,
         {"https://example.com/a?b=c#d", "ftp://198.51.100.7/x", "http://[2001:db8::1]:8080/"},
         {"", "example.com", "http://example.com/a b"}},
        {&formats::domain_name,
         {"example.com", "xn--bcher-kva.example", "a.b.c.example"},
         {"", "exa mple.com", "-a.example", "a..b"}},
        {&formats::email_address,
         {"jane.smith@example.com", "a+b@mail.example"},
         {"", "jane", "Jane Smith <jane@example.com>"}},
        {&formats::ipv4,
         {"198.51.100.7", "198.51.100.0/24", "0.0.0.0/0"},
         {"", "198.51.100.256", "1.2.3", "1.2.3.4/33"}},
        {&formats::ipv6,
         {"2001:db8::1", "2001:db8::/32", "::"},
         {"", "2001:db8", "::/129", "198.51.100.7"}},
        {&formats::mac_address,
         {"d2:fb:49:24:37:18"},
         {"", "D2:FB:49:24:37:18", "d2-fb-49-24-37-18", "d2:fb:49:24:37"}},
        {&formats::relationship_type, {"related-to"}, {"", "related_to", "Uses"}},
        {&formats::registry_key, {"HKEY_LOCAL_MACHINE\\System\\Foo"}, {"HKLM\\System\\Foo"}},
        {&formats::binary,
         {"VBORw0KGgoAAAANSUhEUgAAADI==", "AAECAw==", "Zm9v"},
         {"Zg", "Z m9v", "****"}},
        {&formats::hex, {"00", "ffd8ff", "0a1b2c"}, {"0", "FF", "zz"}},
    };
    return all;
}

class Samples {
  public:
    Samples(const Table& table, std::uint64_t seed) : table_(table), random_(seed) {}

    /// How likely an optional property is there.
    double fullness = 0.5;

    /// Deprecated properties too. They are recommended against.
    bool deprecated = false;

    /// A sound object of the type, with granular markings if asked for.
    json::object object(const Structure& type, bool granular = false) {
        top_ = &type;
        json::object out = structure(type, 0);
        out["type"] = type.name;
        if (type.find("spec_version") != nullptr && out.contains("spec_version"))
            out["spec_version"] = "2.1";
        out["id"] = std::string(type.name) + "--" + uuid(version_for(type, out));
        out.erase("granular_markings");
        if (granular && type.find("granular_markings") != nullptr)
            out["granular_markings"] = granular_markings(out);
        return out;
    }

    std::string uuid(char version = '4') {
        static constexpr std::string_view digits = "0123456789abcdef";
        std::string out = "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx";
        for (char& c : out) {
            if (c == 'x') c = digits[below(16)];
        }
        out[14] = version;
        return out;
    }

    std::size_t below(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
    }

    bool chance(double p) { return std::uniform_real_distribution<double>(0, 1)(random_) < p; }

    template <class List>
    const auto& one_of(const List& list) {
        return list[below(std::size(list))];
    }

    /// A sound value of the column; of a list, the list.
    json::value value(const Column& column, std::size_t depth) {
        if (!column.row->list) return single(column, depth);
        json::array out;
        for (std::size_t i = 0, n = 1 + below(3); i < n; ++i)
            out.push_back(single(column, depth));
        return out;
    }

    json::value reference(const Column& column) {
        std::vector<std::string> types;
        for (const auto& s : table_.all()) {
            if (s->kind != Class::part && s->kind != Class::observable &&
                (s->bit & column.targets) != 0)
                types.emplace_back(s->name);
        }
        if ((column.targets & custom_types) != 0) types.emplace_back("x-example-com-thing");
        return json::value(one_of(types) + "--" + uuid());
    }

    std::string time() {
        const std::size_t day = 1 + below(28);
        const std::size_t year = 1990 + below(40);
        static constexpr std::array<std::string_view, 4> fractions = {
            ".000", ".123", ".123456", ".123456789012"};
        return std::to_string(year) + "-" + two(1 + below(12)) + "-" + two(day) + "T" +
               two(below(24)) + ":" + two(below(60)) + ":" + two(below(60)) +
               std::string(one_of(fractions)) + "Z";
    }

  private:
    static std::string two(std::size_t n) { return (n < 10 ? "0" : "") + std::to_string(n); }

    json::object structure(const Structure& s, std::size_t depth) {
        json::object out;
        for (std::size_t i = 0; i < s.columns.size(); ++i) {
            const Column& c = s.columns[i];
            const bool required = (s.required >> i & 1U) != 0;
            if (c.name == "granular_markings" || (c.row->deprecated && !deprecated)) continue;
            if (required || chance(depth > 2 ? fullness / 2 : fullness))
                out[c.name] = value(c, depth + 1);
        }
        // Ties may pull at each other; a few rounds settle them.
        for (int round = 0; round < 4; ++round) {
            for (const ResolvedTie& tie : s.ties)
                mend(s, tie, out, depth);
        }
        return out;
    }

    const Column& column(const Structure& s, const ResolvedTie& tie, std::size_t i) {
        return s.columns[tie.columns[i]];
    }

    void add(
        const Structure& s,
        const ResolvedTie& tie,
        std::size_t i,
        json::object& out,
        std::size_t depth
    ) {
        const Column& c = column(s, tie, i);
        if (!out.contains(c.name)) out[c.name] = value(c, depth + 1);
    }

    /// Makes the object keep the tie.
    void mend(const Structure& s, const ResolvedTie& tie, json::object& out, std::size_t depth) {
        std::vector<std::size_t> there;
        for (std::size_t i = 0; i < tie.columns.size(); ++i) {
            if (tie.columns[i] < 64 && out.contains(column(s, tie, i).name)) there.push_back(i);
        }
        const auto name = [&](std::size_t i) { return column(s, tie, i).name; };
        switch (tie.row->tie) {
            case Tie::not_before:
            case Tie::after:
                if (there.size() == 2) {
                    out[name(0)] = "2001-02-03T04:05:06.789Z";
                    out[name(1)] = tie.row->tie == Tie::after || chance(0.5)
                                       ? "2001-02-03T04:05:06.7891Z"
                                       : "2001-02-03T04:05:06.7890Z";
                }
                break;
            case Tie::at_least_one:
                if (there.empty()) add(s, tie, below(tie.columns.size()), out, depth);
                break;
            case Tie::exactly_one:
                if (there.empty()) {
                    std::size_t i = below(tie.columns.size());
                    while (column(s, tie, i).row->deprecated && !deprecated)
                        i = below(tie.columns.size());
                    add(s, tie, i, out, depth);
                } else {
                    const std::size_t kept = one_of(there);
                    for (const std::size_t i : there) {
                        if (i != kept) out.erase(name(i));
                    }
                }
                break;
            case Tie::together:
                if (!there.empty()) {
                    for (std::size_t i = 0; i < tie.columns.size(); ++i)
                        add(s, tie, i, out, depth);
                }
                break;
            case Tie::needs:
                if (there.size() == 1 && there[0] == 0) add(s, tie, 1, out, depth);
                break;
            case Tie::some_own: {
                std::vector<const Column*> own;
                bool has = false;
                for (std::size_t i = 0; i < s.columns.size(); ++i) {
                    if ((s.own >> i & 1U) == 0) continue;
                    has = has || out.contains(s.columns[i].name);
                    if (!s.columns[i].row->deprecated) own.push_back(&s.columns[i]);
                }
                const Column* const c = one_of(own);
                if (!has) out[c->name] = value(*c, depth + 1);
                break;
            }
            case Tie::check:
                mend_special(s, tie, out, depth);
                break;
        }
    }

    /// What functions want, by the properties that they look at.
    void mend_special(
        const Structure& s, const ResolvedTie& tie, json::object& out, std::size_t depth
    ) {
        const std::string_view names = tie.row->properties;
        const auto need = [&](std::string_view name) {
            if (!out.contains(name)) out[name] = value(*s.find(name), depth + 1);
        };
        if (names == "source_name external_id") {
            out["source_name"] = "Example";
            if (out.contains("external_id")) out["external_id"] = "EX-17";
        } else if (names == "url hashes") {
            if (out.contains("url")) need("hashes");
        } else if (names == "pattern pattern_type pattern_version") {
            const bool is_stix = chance(0.7);
            out["pattern_type"] = is_stix ? "stix" : "sigma";
            out["pattern"] = is_stix
                                 ? "[ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [file:size > 5]"
                                 : "title: any text";
            out.erase("pattern_version");
        } else if (names == "is_family name") {
            if (out["is_family"].as_bool()) need("name");
        } else if (names == "object_refs" && out.contains("object_refs")) {
            out["object_refs"].as_array().push_back(json::value("file--" + uuid('5')));
        } else if (names == "extension_types extension_properties") {
            out["extension_types"] = json::array{"new-sdo"};
            out.erase("extension_properties");
            if (chance(0.5)) {
                out["extension_types"] = json::array{"toplevel-property-extension", "new-sco"};
                out["extension_properties"] = json::array{"rank", "example_rank"};
            }
        } else if (names == "definition_type definition extensions") {
            out["definition_type"] = "statement";
            out["definition"] = json::object{{"statement", "Copyright Example"}};
        } else if (names == "is_multipart body body_multipart") {
            out.erase(out["is_multipart"].as_bool() ? "body" : "body_multipart");
        } else if (names == "is_active end") {
            if (out.contains("is_active") && out["is_active"].as_bool()) out.erase("end");
        } else if (names == "name description") {
            need("name");
            need("description");
        } else if (names == "description" || names == "src_port dst_port") {
            for (std::size_t i = 0; i < tie.columns.size(); ++i)
                need(column(s, tie, i).name);
        } else if (names == "product") {
            out["product"] = "example-scanner";
        } else if (names == "priority" && out.contains("priority")) {
            out["priority"] = "HIGH_PRIORITY_CLASS";
        } else if (names == "kill_chain_name phase_name") {
            out["kill_chain_name"] = "example-chain";
            out["phase_name"] = "first-phase";
        } else if (names == "relationship_type source_ref target_ref") {
            out["relationship_type"] = "related-to";
        }
    }

    char version_for(const Structure& type, const json::object& out) {
        if (type.kind != Class::sco) return '4';
        for (const ResolvedTie& tie : type.ties) {
            if (!tie.row->properties.starts_with("id") || tie.row->tie != Tie::check) continue;
            for (std::size_t i = 1; i < tie.columns.size(); ++i) {
                if (out.contains(column(type, tie, i).name)) return '5';
            }
        }
        return '4';
    }

    json::value granular_markings(const json::object& out) {
        json::array selectors;
        for (const auto& [name, v] : out) {
            selectors.push_back(json::value(name));
            if (v.is_array()) selectors.push_back(json::value(std::string(name) + ".[0]"));
        }
        json::array all;
        all.push_back(json::object{
            {"selectors", selectors}, {"marking_ref", "marking-definition--" + uuid()}});
        all.push_back(json::object{{"selectors", json::array{"type"}}, {"lang", "fr"}});
        return all;
    }

    json::value text() {
        static constexpr std::array<std::string_view, 6> texts = {
            "Example",
            "",
            "\xC3\x84pfel \"and\" \\ pears\n",
            "\xF0\x9F\x8D\x8E",
            "x",
            "a longer text, of more than sixteen bytes, with a comma: {[,]}"};
        return json::value(one_of(texts));
    }

    json::value vocabulary_value(Vocabulary id) {
        switch (id) {
            case Vocabulary::character_set:
                return "UTF-8";
            case Vocabulary::media_type:
                return "application/pdf";
            case Vocabulary::service_name:
                return chance(0.5) ? "tcp" : "http";
            case Vocabulary::country:
                return "CH";
            default:
                return json::value(one_of(vocabulary(id).values));
        }
    }

    std::string dictionary_key(Vocabulary id) {
        switch (id) {
            case Vocabulary::ipfix_element:
                return "octetDeltaCount";
            case Vocabulary::http_request_header:
                return "User-Agent";
            case Vocabulary::socket_option:
                return "SO_ACCEPTCONN";
            case Vocabulary::pdf_info_key:
                return "Title";
            default:
                return "key_" + std::to_string(below(100));
        }
    }

    json::value integer(const Row& row) {
        const double from = std::max(row.least, -9007199254740991.0);
        const double to = std::min(row.most, 9007199254740991.0);
        const auto low = static_cast<std::int64_t>(from);
        const auto high = static_cast<std::int64_t>(to);
        switch (below(4)) {
            case 0:
                return low;
            case 1:
                return high;
            default:
                return std::uniform_int_distribution<std::int64_t>(
                    low, std::min(high, low + 100'000)
                )(random_);
        }
    }

    json::value dictionary(const Row& row) {
        json::object out;
        for (std::size_t i = 0, n = 1 + below(2); i < n; ++i) {
            if (row.values == Form::translation) {
                out["de"] = json::object{{"name", "Beispiel"}, {"labels", json::array{"eins", ""}}};
                continue;
            }
            json::value& v = out[dictionary_key(row.vocabulary)];
            switch (row.values) {
                case Form::integer:
                    v = 17;
                    break;
                case Form::text:
                    v = "text";
                    break;
                case Form::text_or_integer:
                    v = chance(0.5) ? json::value("text") : json::value(-5);
                    break;
                case Form::text_list:
                    v = json::array{"one", "two"};
                    break;
                default:
                    v = json::object{{"depth", json::array{1, 2.5, "x", false}}};
            }
        }
        return out;
    }

    json::value extensions(std::size_t depth) {
        json::object out;
        for (const auto& s : table_.all()) {
            if (s->kind != Class::part || s->type->extends.empty() ||
                s->type->extends != top_->name)
                continue;
            if (chance(fullness)) out[s->name] = structure(*s, depth + 1);
        }
        if (out.empty() || chance(0.2)) {
            out["extension-definition--" + uuid()] = json::object{
                {"extension_type", "property-extension"},
                {"rank", 5},
                {"toxicity_bin", "AAECAw=="}};
        }
        return out;
    }

    json::value single(const Column& c, std::size_t depth) {
        const Row& row = *c.row;
        switch (row.form) {
            case Form::any:
            case Form::text:
            case Form::type:
            case Form::identifier:
                return text();
            case Form::formatted:
                for (const FormatSamples& f : format_samples()) {
                    if (f.format == row.format) return json::value(one_of(f.right));
                }
                return "no sample of this format";
            case Form::boolean:
                return chance(0.5);
            case Form::integer:
                return integer(row);
            case Form::number:
                return chance(0.3)
                           ? json::value(0)
                           : json::value(std::uniform_real_distribution<double>(-80, 80)(random_));
            case Form::timestamp:
            case Form::timestamp_ms:
                return json::value(time());
            case Form::timestamp_s:
                return "2016-11-23T05:55:12Z";
            case Form::open:
            case Form::closed:
                return vocabulary_value(row.vocabulary);
            case Form::reference:
                return reference(c);
            case Form::version:
                return "2.1";
            case Form::hashes:
                return json::object{
                    {"SHA-256", "aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f"},
                    {"MD5", "cead3f77f6cda6ec00f57d76c9a6879f"}};
            case Form::dictionary:
                return dictionary(row);
            case Form::structure:
                return structure(*c.part, depth);
            case Form::extensions:
                return extensions(depth);
            case Form::container:
                return json::object{
                    {"0", {{"type", "file"}, {"name", "foo.zip"}, {"parent_directory_ref", "1"}}},
                    {"1", {{"type", "directory"}, {"path", "/tmp"}}}};
            case Form::object: {
                Samples inner(table_, random_());
                inner.fullness = 0.3;
                return inner.object(*table_.object("identity"));
            }
            case Form::text_or_integer:
            case Form::text_list:
            case Form::translation:
                break;
        }
        return nullptr;
    }

    const Table& table_;
    std::mt19937_64 random_;
    const Structure* top_ = nullptr;
};

/// The object types of a table, in order of their definition.
inline std::vector<const Structure*> object_types(const Table& table) {
    std::vector<const Structure*> out;
    for (const auto& s : table.all()) {
        if (s->kind != Class::part && s->kind != Class::observable) out.push_back(s.get());
    }
    return out;
}

}  // namespace entente::stix::internal
