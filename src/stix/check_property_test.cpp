// Objects made from the tables by chance: sound ones are found sound; with exactly one thing
// broken, exactly that is found, at its pointer. ENTENTE_PROPERTY_CASES sets how many of each type,
// ENTENTE_SEED the first seed.
#include "stix/check.h"
#include "stix/internal/check_samples.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace entente::stix {
namespace {

using namespace internal;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

constexpr CheckOptions musts{Spec::v21, false};

std::string told(const std::vector<Finding>& findings) {
    std::string out;
    for (const Finding& f : findings) {
        out.append(f.level == Level::must ? "MUST " : "SHOULD ")
            .append(std::to_string(f.code))
            .append(" ")
            .append(f.rule);
        out.append(" ").append(f.pointer).append(": ").append(f.message).append("\n");
    }
    return out;
}

/// One thing done to an object, and what must be found.
struct Break {
    std::string what;
    json::object object;
    std::string pointer;
};

json::value& at(json::object& object, std::string_view pointer) {
    // Through a value, which boost looks into by pointer.
    json::value* here = nullptr;
    std::size_t from = 1;
    for (;;) {
        const std::size_t slash = pointer.find('/', from);
        const std::string_view step =
            pointer.substr(from, slash == std::string_view::npos ? slash : slash - from);
        if (here == nullptr) {
            here = &object.at(step);
        } else if (here->is_array()) {
            here = &here->as_array().at(std::strtoull(std::string(step).c_str(), nullptr, 10));
        } else {
            here = &here->as_object().at(step);
        }
        if (slash == std::string_view::npos) return *here;
        from = slash + 1;
    }
}

/// All ways to break one object of a type.
class Breaker {
  public:
    Breaker(Samples& samples, const json::object& sound, const Structure& type)
        : samples_(samples),
          sound_(sound),
          type_(type) {}

    std::vector<Break> all() {
        structure(type_, sound_, "");
        return std::move(breaks_);
    }

  private:
    void set(
        const std::string& what,
        const std::string& pointer,
        json::value value,
        const std::string& found_at
    ) {
        json::object broken = sound_;
        at(broken, pointer) = std::move(value);
        breaks_.push_back({what + " at " + pointer, std::move(broken), found_at});
    }

    void set(const std::string& what, const std::string& pointer, json::value value) {
        set(what, pointer, std::move(value), pointer);
    }

    json::object& object_at(json::object& broken, const std::string& pointer) {
        return pointer.empty() ? broken : at(broken, pointer).as_object();
    }

    void add(
        const std::string& what,
        const std::string& pointer,
        const std::string& name,
        json::value value,
        const std::string& found_at
    ) {
        json::object broken = sound_;
        object_at(broken, pointer)[name] = std::move(value);
        breaks_.push_back({what + " in " + pointer, std::move(broken), found_at});
    }

    void structure(const Structure& s, const json::object& here, const std::string& pointer) {
        for (const char* reserved : {"severity", "username", "phone_number", "action"})
            add("reserved name", pointer, reserved, "x", pointer + "/" + reserved);
        for (const char* name : {"ab", "Upper_case", "with-hyphen", "1digit"})
            add("wrong name", pointer, name, "x", pointer + "/" + name);
        add("null", pointer, "x_example_com_null", nullptr, pointer + "/x_example_com_null");
        add("empty list",
            pointer,
            "x_example_com_list",
            json::array{},
            pointer + "/x_example_com_list");
        add("no base64", pointer, "x_example_com_bin", "*", pointer + "/x_example_com_bin");
        add("no hex", pointer, "x_example_com_hex", "xyz", pointer + "/x_example_com_hex");
        for (std::size_t i = 0; i < s.columns.size(); ++i) {
            const Column& c = s.columns[i];
            if (!here.contains(c.name)) continue;
            const std::string there = pointer + "/" + std::string(c.name);
            if ((s.required >> i & 1U) != 0) {
                json::object broken = sound_;
                object_at(broken, pointer).erase(c.name);
                breaks_.push_back({"missing " + there, std::move(broken), there});
            }
            column(c, here.at(c.name), there);
        }
    }

    void column(const Column& c, const json::value& value, const std::string& pointer) {
        if (c.row->list) {
            set("empty list", pointer, json::array{});
            set("no list", pointer, value.as_array().at(0));
            single(c, value.as_array().at(0), pointer + "/0");
        } else {
            set("a list", pointer, json::array{value});
            single(c, value, pointer);
        }
        set("null", pointer, nullptr);
    }

    void single(const Column& c, const json::value& value, const std::string& pointer) {
        const Row& row = *c.row;
        if (value.is_string()) {
            set("a number", pointer, 17);
            set("a boolean", pointer, false);
            set("an object", pointer, json::object{{"key", "value"}});
        } else {
            set("a string", pointer, "text");
        }
        switch (row.form) {
            case Form::timestamp:
            case Form::timestamp_ms:
            case Form::timestamp_s:
                for (const char* wrong :
                     {"",
                      "2016-01-20",
                      "2016-01-20T12:31:12",
                      "2016-02-30T12:31:12.000Z",
                      "2016-01-20T24:00:00.000Z",
                      "2016-01-20T12:31:12.Z",
                      "2016-01-20T12:31:12.000+00:00",
                      "2016-01-20t12:31:12.000z"})
                    set("no time", pointer, wrong);
                if (row.form == Form::timestamp_ms)
                    set("coarse", pointer, "2001-02-03T04:05:06.78Z");
                if (row.form == Form::timestamp_s) set("fine", pointer, "2001-02-03T04:05:06.0Z");
                break;
            case Form::formatted:
                for (const FormatSamples& f : format_samples()) {
                    if (f.format != row.format) continue;
                    for (const std::string_view wrong : f.wrong)
                        set("wrong form", pointer, json::value(wrong));
                }
                break;
            case Form::closed:
                set("not allowed", pointer, "no-such-value");
                break;
            case Form::identifier:
                set("no id", pointer, json::value(std::string(type_.name) + "--1234"));
                set("other type", pointer, json::value("x-other--" + samples_.uuid()));
                set("upper case",
                    pointer,
                    json::value(std::string(type_.name) + "--AAAAAAAA-0000-4000-8000-000000000000")
                );
                break;
            case Form::reference:
                set("no id", pointer, "identity--1234");
                if ((c.targets & custom_types) == 0)
                    set("custom type", pointer, json::value("x-other--" + samples_.uuid()));
                set("a bundle", pointer, json::value("bundle--" + samples_.uuid()));
                break;
            case Form::version:
                set("no version", pointer, "2.2");
                break;
            case Form::integer:
                set("a fraction", pointer, 1.5);
                set("too large", pointer, 9007199254740993);
                if (row.most < 1e15) set("over", pointer, static_cast<std::int64_t>(row.most) + 1);
                if (row.least > -1e15)
                    set("under", pointer, static_cast<std::int64_t>(row.least) - 1);
                break;
            case Form::number:
                if (row.most < 1e15) set("over", pointer, row.most + 0.5);
                if (row.least > -1e15) set("under", pointer, row.least - 0.5);
                break;
            case Form::hashes:
                set("empty", pointer, json::object{});
                set("wrong length", pointer + "/SHA-256", "abc");
                set("no string", pointer + "/SHA-256", 5);
                add("short name", pointer, "ab", "abc", pointer + "/ab");
                add("blank in the name", pointer, "a b c", "abc", pointer + "/a b c");
                break;
            case Form::dictionary:
                dictionary(row, pointer);
                break;
            case Form::structure:
                structure(*c.part, value.as_object(), pointer);
                break;
            case Form::extensions:
                extensions(value.as_object(), pointer);
                break;
            default:
                break;
        }
    }

    void dictionary(const Row& row, const std::string& pointer) {
        set("empty", pointer, json::object{});
        if (row.values == Form::translation) {
            add("no language",
                pointer,
                "no language",
                json::object{{"name", "x"}},
                pointer + "/no language");
            add("no dictionary", pointer, "fr", "x", pointer + "/fr");
            add("wrong name", pointer, "fr", json::object{{"Name", "x"}}, pointer + "/fr/Name");
            return;
        }
        const json::value right = row.values == Form::integer     ? json::value(1)
                                  : row.values == Form::text_list ? json::value(json::array{"x"})
                                                                  : json::value("x");
        add("wrong key", pointer, "a.b", right, pointer + "/a.b");
        add("wrong value", pointer, "key", nullptr, pointer + "/key");
        if (row.values == Form::any)
            add("nothing in it", pointer, "key", json::array{}, pointer + "/key");
        if (row.values == Form::text_list)
            add("wrong element", pointer, "key", json::array{"x", 5}, pointer + "/key/1");
        if (row.values == Form::integer || row.values == Form::text_or_integer)
            add("a fraction", pointer, "key", 0.5, pointer + "/key");
    }

    void extensions(const json::object& value, const std::string& pointer) {
        const bool observable = type_.kind == Class::sco;
        set("empty", pointer, json::object{});
        add("no id",
            pointer,
            "extension-definition--17",
            json::object{{"extension_type", "new-sdo"}},
            pointer + "/extension-definition--17");
        const std::string id = "extension-definition--" + samples_.uuid();
        add("no content", pointer, id, "x", pointer + "/" + id);
        add("no type",
            pointer,
            id,
            json::object{{"rank", 5}},
            pointer + "/" + id + "/extension_type");
        add("wrong type",
            pointer,
            id,
            json::object{{"extension_type", "new"}},
            pointer + "/" + id + "/extension_type");
        add("wrong name",
            pointer,
            id,
            json::object{{"extension_type", "new-sro"}, {"Rank", 5}},
            pointer + "/" + id + "/Rank");
        add("no extension",
            pointer,
            observable ? "x-example-com-foo" : "x-example-com-foo-ext",
            json::object{{"foo", 1}},
            pointer + (observable ? "/x-example-com-foo" : "/x-example-com-foo-ext"));
        for (const auto& [name, inner] : value) {
            const Structure* const known = table_21().extension(type_, name);
            if (known != nullptr)
                structure(*known, inner.as_object(), pointer + "/" + std::string(name));
        }
    }

    Samples& samples_;
    const json::object& sound_;
    const Structure& type_;
    std::vector<Break> breaks_;
};

TEST(CheckProperty, SoundObjectsOfEveryTypeAreFoundSound) {
    const std::uint64_t cases = from_environment("ENTENTE_PROPERTY_CASES", 300);
    const std::uint64_t seed = from_environment("ENTENTE_SEED", std::random_device{}() & 0xffffffU);
    Checker checker;
    for (const Structure* type : object_types(table_21())) {
        for (std::uint64_t i = 0; i < cases; ++i) {
            Samples samples(table_21(), seed + i);
            samples.fullness = static_cast<double>(i % 11) / 10;
            const std::string text = json::serialize(samples.object(*type, i % 3 == 0));
            const auto& findings = checker.check(text, {Spec::v21, true});
            ASSERT_TRUE(findings.empty()) << told(findings) << text << "\nENTENTE_SEED=" << seed + i
                                          << " ENTENTE_PROPERTY_CASES=1 repeats it";
        }
    }
}

TEST(CheckProperty, DeprecatedPropertiesAreSoundButNotRecommended) {
    Checker checker;
    Samples samples(table_21(), 7);
    samples.deprecated = true;
    for (int i = 0; i < 50; ++i) {
        const json::object object = samples.object(*table_21().object("observed-data"));
        const std::string text = json::serialize(object);
        EXPECT_TRUE(checker.check(text, musts).empty()) << told(checker.check(text, musts)) << text;
        const auto& all = checker.check(text, {Spec::v21, true});
        EXPECT_EQ(all.size(), object.contains("objects") ? 1U : 0U) << told(all);
    }
}

TEST(CheckProperty, OneBrokenThingIsFoundAloneAtItsPlace) {
    const std::uint64_t cases =
        std::max<std::uint64_t>(1, from_environment("ENTENTE_PROPERTY_CASES", 300) / 30);
    const std::uint64_t seed = from_environment("ENTENTE_SEED", std::random_device{}() & 0xffffffU);
    Checker checker;
    std::size_t breaks = 0;
    std::size_t wrong = 0;
    for (const Structure* type : object_types(table_21())) {
        for (std::uint64_t i = 0; i < cases && wrong < 20; ++i) {
            Samples samples(table_21(), seed + i);
            samples.fullness = 0.8;
            const json::object sound = samples.object(*type);
            for (const Break& b : Breaker(samples, sound, *type).all()) {
                ++breaks;
                const std::string text = json::serialize(b.object);
                const auto& findings = checker.check(text, musts);
                if (findings.size() == 1 && findings[0].pointer == b.pointer &&
                    findings[0].level == Level::must)
                    continue;
                ++wrong;
                ADD_FAILURE() << type->name << ": " << b.what << "; expected one finding at "
                              << b.pointer << ", found:\n"
                              << told(findings) << text << "\nENTENTE_SEED=" << seed + i
                              << " ENTENTE_PROPERTY_CASES=1 repeats it";
                if (wrong == 20) break;
            }
        }
    }
    EXPECT_GT(breaks, 40 * cases * 20);
}

TEST(CheckProperty, EveryFormatOfTheTablesHasSamples) {
    for (const auto& s : table_21().all()) {
        for (const Column& c : s->columns) {
            if (c.row->form != Form::formatted) continue;
            const bool has = std::any_of(
                format_samples().begin(),
                format_samples().end(),
                [&c](const FormatSamples& f) {
                    return f.format == c.row->format && !f.right.empty() && !f.wrong.empty();
                }
            );
            EXPECT_TRUE(has) << s->name << " " << c.name;
        }
    }
}

}  // namespace
}  // namespace entente::stix
