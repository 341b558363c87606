// The quick ways of checking against the plain ones: both must find the same in any object.
// ENTENTE_PROPERTY_CASES sets how many of each type, ENTENTE_SEED the first seed.
#include "stix/internal/check_object.h"
#include "stix/internal/check_samples.h"
#include "stix/object.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace entente::stix::internal {
namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string told(const std::vector<Finding>& findings) {
    std::string out;
    for (const Finding& f : findings) {
        out += f.level == Level::must ? "MUST " : "SHOULD ";
        out += std::to_string(f.code) + " " + std::string(f.rule) + " " + f.pointer + ": ";
        out += f.message + "\n";
    }
    return out;
}

/// Changes a thing or two of an object, mostly to what is nearly right.
class Spoiler {
  public:
    explicit Spoiler(Samples& samples) : samples_(samples) {}

    void spoil(json::object& object) {
        values_.clear();
        objects_ = {&object};
        gather(object);
        switch (samples_.below(8)) {
            case 0: {
                json::object& some = *objects_[samples_.below(objects_.size())];
                if (some.empty()) return;
                const auto at =
                    some.begin() + static_cast<std::ptrdiff_t>(samples_.below(some.size()));
                some.erase(at);
                return;
            }
            case 1:
                (*objects_[samples_.below(objects_.size())])[samples_.one_of(names)] = "x";
                return;
            default:
                if (!values_.empty()) change(*values_[samples_.below(values_.size())]);
        }
    }

  private:
    static constexpr std::array<std::string_view, 12> names = {
        "confidence",
        "created",
        "name",
        "typ",
        "types",
        "a",
        "x_foo",
        "labels",
        "lang",
        "valid_from",
        "valid_until",
        "revoked"};
    static constexpr std::array<std::string_view, 30> others = {
        R"("")",
        "[]",
        "{}",
        "null",
        "true",
        "false",
        "0",
        "7",
        "100",
        "101",
        "-1",
        "1.5",
        "9999",
        "10000",
        "1e3",
        "1e400",
        R"([""])",
        R"(["a",1])",
        R"([["a"]])",
        R"("a\\b")",
        R"(["a\"b"])",
        R"("stix")",
        R"("2016-02-30T00:00:00.000Z")",
        R"("2016-02-29T23:59:60Z")",
        R"("2016-12-31T23:59:60.000Z")",
        R"("2016-01-20T12:31:12.12Z")",
        R"("2016-01-20T12:31:12.Z")",
        R"("marking-definition--00000000-0000-0000-0000-000000000000")",
        R"(["marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"])",
        R"("indicator--613f2e26-407d-58c7-8eca-b8e91df99dc9")"};
    static constexpr std::array<std::string_view, 24> pieces = {
        "0", "9", "a",  "f",  "g", "A", "Z", "T", "-", ":",    ".",        "/",
        " ", "_", "\"", "\\", ",", "[", "]", "{", "}", "\x7f", "\xc3\xa9", "z"};

    void gather(json::value& value) {
        values_.push_back(&value);
        if (value.is_object()) {
            objects_.push_back(&value.as_object());
            gather(value.as_object());
        } else if (value.is_array()) {
            for (json::value& element : value.as_array())
                gather(element);
        }
    }

    void gather(json::object& object) {
        for (auto& member : object)
            gather(member.value());
    }

    void change(json::value& value) {
        if (!value.is_string() || value.as_string().empty() || samples_.chance(0.3)) {
            boost::json::error_code bad;
            const json::value other = json::parse(samples_.one_of(others), bad);
            if (!bad) value = other;
            return;
        }
        std::string text(value.as_string());
        const std::size_t at = samples_.below(text.size());
        // A whole character, so that the text stays UTF-8.
        if ((static_cast<unsigned char>(text[at]) & 0x80U) != 0) return;
        const std::string_view piece = samples_.one_of(pieces);
        switch (samples_.below(3)) {
            case 0:
                text.erase(at, 1);
                break;
            case 1:
                text.insert(at, piece);
                break;
            default:
                text.replace(at, 1, piece);
        }
        value = text;
    }

    Samples& samples_;
    std::vector<json::value*> values_;
    std::vector<json::object*> objects_;
};

class Twins {
  public:
    Twins() { plain_.plainly = true; }

    void compare(const std::string& canonical, const std::string& text, CheckOptions options) {
        plain_.run(canonical, options);
        const std::string expected = told(plain_.findings.all());
        quick_.run(canonical, options);
        ASSERT_EQ(told(quick_.findings.all()), expected) << canonical;
        ASSERT_EQ(told(checker_.check(text, options)), expected) << text;
    }

  private:
    Check plain_;
    Check quick_;
    Checker checker_;
};

void compare_all(const Table& table, Spec spec) {
    const std::uint64_t cases = number_from("ENTENTE_PROPERTY_CASES", 300);
    const std::uint64_t seed = number_from("ENTENTE_SEED", std::random_device{}() & 0xffffffU);
    Twins twins;
    for (std::uint64_t i = 0; i < cases; ++i) {
        Samples samples(table, seed + i);
        samples.fullness = static_cast<double>(i % 11) / 10;
        samples.deprecated = i % 5 == 0;
        Spoiler spoiler(samples);
        for (const auto& type : table.all()) {
            if (table.object(type->name) != type.get()) continue;
            json::object object = samples.object(*type, i % 3 == 0);
            for (std::size_t left = samples.below(4); left > 0; --left)
                spoiler.spoil(object);
            const std::string text = json::serialize(object);
            const auto canonical = canonical_json(text);
            if (!canonical) continue;
            twins.compare(*canonical, text, {spec, samples.chance(0.7)});
            if (testing::Test::HasFatalFailure()) {
                FAIL() << "ENTENTE_SEED=" << seed << " ENTENTE_PROPERTY_CASES=" << i + 1
                       << " repeats it";
            }
        }
    }
}

TEST(CheckGlance, FindsWhatThePlainCheckFindsIn21) {
    compare_all(table_21(), Spec::as_stated);
}

TEST(CheckGlance, FindsWhatThePlainCheckFindsWhenReadAs20) {
    compare_all(table_21(), Spec::v20);
}

/// In 2.0's container a reference is a key of it, even where it looks like an identifier (V7).
TEST(CheckGlance, LooksIntoReferencesInContainers) {
    const std::string reference = "directory--613f2e26-407d-48c7-9eca-b8e91df99dc9";
    const std::string text =
        R"({"created":"2016-01-20T12:31:12.000Z","first_observed":"2016-01-20T12:31:12Z",)"
        R"("id":"observed-data--613f2e26-407d-48c7-9eca-b8e91df99dc9",)"
        R"("last_observed":"2016-01-20T12:31:12Z","modified":"2016-01-20T12:31:12.000Z",)"
        R"("number_observed":1,"objects":{"0":{"name":"a","parent_directory_ref":")" +
        reference + R"(","type":"file"}},"type":"observed-data"})";
    Check check;
    check.run(text, {Spec::v20, false});
    ASSERT_EQ(check.findings.size(), 1U) << told(check.findings.all());
    EXPECT_EQ(check.findings.all()[0].rule, "V7");
    EXPECT_EQ(check.findings.all()[0].pointer, "/objects/0/parent_directory_ref");
}

/// As it stands in the text the second name is a sound one; without its escape a backslash quotes a
/// colon, and it has one component less.
TEST(CheckGlance, LooksIntoStringsWithEscapes) {
    const auto software = [](const std::string& product) {
        return R"({"cpe":"cpe:2.3:a:microsoft:)" + product +
               R"(:2000:*:*:*:*:*:*:*","id":"software--613f2e26-407d-58c7-9eca-b8e91df99dc9",)"
               R"("name":"Word","spec_version":"2.1","type":"software"})";
    };
    Check check;
    check.run(software(R"(word\\\\)"), {Spec::v21, false});
    EXPECT_EQ(told(check.findings.all()), "");
    check.run(software(R"(word\\)"), {Spec::v21, false});
    ASSERT_EQ(check.findings.size(), 1U) << told(check.findings.all());
    EXPECT_EQ(check.findings.all()[0].pointer, "/cpe");
}

/// The one mark that was looked for, byte by byte.
const char* closing_quote_plainly(const char* at, const char* end, bool& escaped) {
    for (; at != end && *at != '"'; ++at) {
        if (*at != '\\') continue;
        escaped = true;
        if (++at == end) break;
    }
    return at;
}

TEST(CheckGlance, MarksFindEveryQuoteOfAText) {
    std::mt19937_64 random(5);
    Marks marks;
    for (std::size_t size = 0; size < 400; ++size) {
        // Backslashes and quotes at random, few in some texts and many in others.
        std::string text(size, 'a');
        const std::size_t rarity = 2 + size % 97;
        for (char& c : text) {
            if (random() % rarity == 0) c = random() % 3 == 0 ? '\\' : '"';
        }
        marks.find(text);
        const char* const end = text.data() + size;
        for (const char* at = text.data(); at <= end; ++at) {
            bool escaped = false;
            bool expected_escaped = false;
            const char* const expected = closing_quote_plainly(at, end, expected_escaped);
            ASSERT_EQ(marks.closing_quote(at, escaped) - at, expected - at) << text;
            ASSERT_EQ(escaped, expected_escaped) << text;
        }
    }
}

TEST(CheckGlance, EqualTextsAreThoseWithTheSameBytes) {
    const std::string text = "0123456789abcdefghijklmnopqrstuvwxyz";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        const std::string same = text.substr(0, size);
        EXPECT_TRUE(same_text(std::string_view(text).substr(0, size), same));
        EXPECT_FALSE(same_text(std::string_view(text).substr(0, size), same + "0"));
        for (std::size_t i = 0; i < size; ++i) {
            std::string other = same;
            other[i] = 'X';
            EXPECT_FALSE(same_text(other, same)) << size << " " << i;
        }
    }
}

}  // namespace
}  // namespace entente::stix::internal
