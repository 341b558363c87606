// Both ways of making the canonical form give the same for every text: the same bytes, or the same
// error at the same place.
#include "stix/internal/canonical_quick.h"

#include "base/limits.h"
#include "stix/envelope.h"
#include "stix/internal/canonical_twins.h"
#include "stix/internal/check_samples.h"
#include "stix/testing/files.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

namespace entente::stix::internal {
namespace {

constexpr std::uint64_t seed = 20250611;

/// Makes JSON texts by chance: objects whose names begin alike, stand in any order and have any
/// characters, with every way to write a string or a number, and white space anywhere.
class Texts {
  public:
    /// None that the quick reader leaves to the strict one.
    bool plain_names = true;

    [[nodiscard]] std::string object() {
        out_.clear();
        spaced_ = one_in(2);
        left_ = below(50);
        space();
        members();
        space();
        return out_;
    }

    [[nodiscard]] std::size_t below(std::size_t n) { return random_() % n; }

    [[nodiscard]] bool one_in(std::size_t n) { return below(n) == 0; }

  private:
    template <std::size_t n>
    std::string_view any_of(const std::array<std::string_view, n>& all) {
        return all[below(n)];
    }

    void space() {
        if (!spaced_ || one_in(2)) return;
        // Runs of more than 64, which is how many bytes are indexed at once.
        for (std::size_t n = one_in(40) ? below(140) : below(3); n > 0; --n)
            out_ += " \n\r\t"[below(4)];
    }

    void value() {
        static constexpr std::array<std::string_view, 27> scalars = {
            "true",
            "false",
            "null",
            "0",
            "-0",
            "1",
            "-1",
            "1.0",
            "1.5",
            "1e5",
            "1E+5",
            "1e-7",
            "0.0",
            "-0.0",
            "1e20",
            "1e21",
            "4.50",
            "2e-3",
            "1e300",
            "5e-324",
            "1e-400",
            "100000000000000",
            "1000000000000000",
            "9007199254740993",
            "-12345678901234567890",
            "333333333.33333329",
            "123456789.123456789"};
        left_ -= left_ > 0 ? 1 : 0;
        const std::size_t kind = below(left_ == 0 ? 6 : 9);
        if (kind < 2) {
            out_ += any_of(scalars);
        } else if (kind < 6) {
            string(one_in(3));
        } else if (kind == 6) {
            list();
        } else {
            members();
        }
    }

    void list() {
        out_ += '[';
        space();
        for (std::size_t i = 0, n = below(5); i < n; ++i) {
            if (i > 0) {
                out_ += ',';
                space();
            }
            value();
            space();
        }
        out_ += ']';
    }

    void members() {
        out_ += '{';
        space();
        for (std::size_t i = 0, n = below(one_in(6) ? 40 : 7); i < n; ++i) {
            if (i > 0) {
                out_ += ',';
                space();
            }
            name(i);
            space();
            out_ += ':';
            space();
            value();
            space();
        }
        out_ += '}';
    }

    void name(std::size_t i) {
        static constexpr std::array<std::string_view, 14> beginnings = {
            "",
            "",
            "x_mitre_",
            "x_mitre_attack_",
            "é",
            "\uE000",
            "\uFFFF",
            "😀",
            "abcdefg\uE000",
            "abcdefg😀",
            "x_mitre_x_mitre_x_mitre_",
            "abcdefghabcdefg\uFB33",
            "abcdefghabcdefg\U00010000",
            "\x7f"};
        static constexpr std::array<std::string_view, 8> ends = {
            "", "a", "b", "id", "\uE000", "😀", "\\u0061", "\\n"};
        out_ += '"';
        out_ += any_of(beginnings);
        // Rarely twice.
        if (!one_in(60)) out_ += std::to_string(i * 7919 % 97);
        out_ += ends[below(plain_names ? 6 : 8)];
        out_ += '"';
    }

    void string(bool escaped) {
        static constexpr std::array<std::string_view, 8> plain = {
            "",
            "a",
            "indicator--0042a9f5-f053-4769-b3ef-9ad018dfa298",
            "é",
            "😀",
            "\x7f",
            " { [ , : ",
            "] } "};
        static constexpr std::array<std::string_view, 14> escapes = {
            "\\n",
            "\\\"",
            "\\\\",
            "\\t",
            "\\r",
            "\\b",
            "\\f",
            "\\/",
            "\\u0041",
            "\\u000a",
            "\\u001F",
            "\\u20ac",
            "\\ud83d\\ude00",
            "\\\\\\\""};
        out_ += '"';
        for (std::size_t n = below(6); n > 0; --n) {
            out_ += any_of(plain);
            if (escaped) out_ += any_of(escapes);
        }
        if (one_in(10)) out_.append(below(200), 'x');
        out_ += '"';
    }

    std::mt19937_64 random_{seed};
    std::string out_;
    bool spaced_ = false;
    std::size_t left_ = 0;  // values until there are no more objects and lists
};

/// One to three changes of single bytes or short stretches.
std::string damaged(std::string text, Texts& texts) {
    static constexpr std::array<std::string_view, 33> spice = {
        "{",
        "}",
        "[",
        "]",
        "\"",
        ",",
        ":",
        "\\",
        "0",
        "-",
        "e",
        ".",
        "t",
        "nul",
        " ",
        "\n",
        "\t",
        "\\u",
        "\\ud800",
        "\\udc00",
        "\\\"",
        "\"\"",
        "{}",
        "[]",
        "\xC3",
        "\x80",
        "\xED\xA0\x80",
        "\xF4\x90\x80\x80",
        "\xEF\xBB\xBF",
        "\x01",
        "\x0C",
        "\x1A",
        "\x7F"};
    for (std::size_t changes = texts.below(3) + 1; changes > 0 && !text.empty(); --changes) {
        const std::size_t at = texts.below(text.size());
        switch (texts.below(6)) {
            case 0:
                text[at] = static_cast<char>(texts.below(256));
                break;
            case 1:
                text.erase(at, texts.below(4));
                break;
            case 2:
                text.resize(at);
                break;
            case 3:
                // A stretch of it once more: names stand twice, brackets do not match.
                text.insert(texts.below(text.size()), text.substr(at, texts.below(40)));
                break;
            default:
                text.insert(at, spice[texts.below(spice.size())]);
        }
    }
    return text;
}

/// Runs with each kind of machine that simdjson knows and this one is.
template <class Test>
void on_each_machine(const Test& test) {
    const simdjson::implementation* const before = simdjson::get_active_implementation();
    for (const simdjson::implementation* const machine :
         simdjson::get_available_implementations()) {
        if (!machine->supported_by_runtime_system()) continue;
        SCOPED_TRACE(machine->name());
        simdjson::get_active_implementation() = machine;
        test(machine->name() != "fallback");
    }
    simdjson::get_active_implementation() = before;
}

TEST(QuickCanonical, GivesWhatTheStrictReaderGivesForTextsMadeByChance) {
    on_each_machine([](bool quick) {
        Texts texts;
        CanonicalTwins twins;
        Canonical strict;
        std::size_t right = 0;
        for (int round = 0; round < 4'000; ++round) {
            const std::string text = texts.object();
            ASSERT_EQ(twins.difference(text), "") << text << "\nround " << round;
            right += strict.read_strictly(text).has_value() ? 1 : 0;
        }
        // Each right one; or else this compares the strict reader with itself.
        EXPECT_EQ(twins.quick_texts(), quick ? right : 0U);
        EXPECT_GT(right, 2'000U);
        EXPECT_LT(right, 4'000U);  // names stand twice in some
    });
}

TEST(QuickCanonical, GivesWhatTheStrictReaderGivesForNamesWithEscapes) {
    Texts texts;
    texts.plain_names = false;
    CanonicalTwins twins;
    for (int round = 0; round < 3'000; ++round) {
        const std::string text = texts.object();
        ASSERT_EQ(twins.difference(text), "") << text << "\nround " << round;
    }
    EXPECT_GT(twins.quick_texts(), 300U);
    EXPECT_LT(twins.quick_texts(), 2'700U);
}

TEST(QuickCanonical, GivesWhatTheStrictReaderGivesForDamagedTexts) {
    on_each_machine([](bool quick) {
        Texts texts;
        CanonicalTwins twins;
        for (int round = 0; round < 8'000; ++round) {
            const std::string text = damaged(texts.object(), texts);
            ASSERT_EQ(twins.difference(text), "") << text << "\nround " << round;
        }
        EXPECT_GE(twins.quick_texts(), quick ? 800U : 0U);
        EXPECT_LT(twins.quick_texts(), 7'000U);
    });
}

TEST(QuickCanonical, GivesWhatTheStrictReaderGivesForEveryCutAndEveryByteOfOneText) {
    const std::string good =
        R"({"b":[1,-2.5e3,true,{"z":"\u00e9\\","y":{}}],"a" :"é😀\"/", "aé":null,"ab":[ ]} )";
    CanonicalTwins twins;
    // Beginnings at every place of a block of 64 bytes.
    for (std::size_t shift = 0; shift < 64; ++shift) {
        const std::string text = std::string(shift, ' ') + good;
        ASSERT_EQ(twins.difference(text), "");
        for (std::size_t size = 0; size < text.size(); ++size)
            ASSERT_EQ(twins.difference(text.substr(0, size)), "") << text.substr(0, size);
    }
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string text = good;
            text[at] = static_cast<char>(byte);
            ASSERT_EQ(twins.difference(text), "") << text;
            text = good;
            text.insert(at, 1, static_cast<char>(byte));
            ASSERT_EQ(twins.difference(text), "") << text;
        }
    }
}

TEST(QuickCanonical, TakesEveryTypeOfObject) {
    for (const Table* const table : {&table_21(), &table_20()}) {
        Samples samples(*table, seed);
        CanonicalTwins twins;
        for (const Structure* const type : object_types(*table)) {
            for (int i = 0; i < 10; ++i) {
                const std::string text = json::serialize(samples.object(*type));
                ASSERT_EQ(twins.difference(text), "") << text;
            }
        }
        EXPECT_EQ(twins.quick_texts(), twins.texts());
    }
}

TEST(QuickCanonical, LeavesWhatItIsNotSureOf) {
    using namespace std::string_view_literals;
    QuickCanonical quick;
    std::vector<Property> properties;
    CanonicalTwins twins;
    for (const std::string_view text : {
             ""sv,
             "[]"sv,
             "\"x\""sv,
             "1"sv,
             "{"sv,
             "{}{}"sv,
             "{} x"sv,
             "{\"a\":1,\"a\":1}"sv,
             "{\"abcdefghabcdefgh1\":1,\"abcdefghabcdefgh1\":1}"sv,
             "{\"b\":{\"a\":1,\"b\":2,\"a\":3},\"a\":1}"sv,
             "{\"\":1,\"\":2}"sv,
             "{\"\\u0061\":1,\"a\":1}"sv,
             "{\"\\u0061\":1}"sv,
             "{\"a\":\"\\ud800\"}"sv,
             "{\"a\":\"\\udc00\\ud800\"}"sv,
             "{\"a\":\"\\ud800\\u0041\"}"sv,
             "{\"a\":\"\\x\"}"sv,
             "{\"a\":\"\\u12\"}"sv,
             "{\"a\":\\\"b\"}"sv,
             "{\\\"a\":1}"sv,
             "{\"a\"\\\"b\":1}"sv,
             "{\"a\":\"\x01\"}"sv,
             "{\"a\":\"\xFF\"}"sv,
             "{\"a\":\"\xED\xA0\x80\"}"sv,
             "{\"a\":\"\xC0\x80\"}"sv,
             "{\"\xFF\":1}"sv,
             "\xEF\xBB\xBF{}"sv,
             "{\"a\":1\0}"sv,
             "{\"a\":1}\0"sv,
             "{\"a\":1\x0C}"sv,
             "{\"a\":1\x0C\"b\":2}"sv,
             "{\"a\"\x1A\"b\"}"sv,
             "{\"a\":01}"sv,
             "{\"a\":1.}"sv,
             "{\"a\":+1}"sv,
             "{\"a\":1e999}"sv,
             "{\"a\":truer}"sv,
             "{\"a\":tru}"sv,
             "{\"a\":true false}"sv,
             "{\"a\":\"b\"\"c\"}"sv,
             "{\"a\":1\"c\"}"sv,
             "{\"a\":\"b\"1}"sv,
             "{\"a\":[1,]}"sv,
             "{\"a\":[,1]}"sv,
             "{\"a\":[1}"sv,
             "{\"a\":{]}"sv,
             "{\"a\":1,}"sv,
             "{,\"a\":1}"sv,
             "{\"a\":}"sv,
             "{\"a\"}"sv,
             "{\"a\",1}"sv,
             "{a:1}"sv,
             "{1:1}"sv,
         }) {
        EXPECT_FALSE(quick.read(text, properties)) << text;
        EXPECT_EQ(twins.difference(text), "") << text;
    }
    EXPECT_TRUE(quick.read("{\"a\":1}", properties));
}

TEST(QuickCanonical, NestsAsDeeplyAsTheStrictReader) {
    CanonicalTwins twins;
    for (const std::size_t depth : {1U, 62U, 63U, 64U, 65U, 66U, 200U}) {
        std::string lists = "{\"a\":";
        std::string objects;
        std::string wrong_order;
        for (std::size_t i = 0; i < depth; ++i) {
            lists += '[';
            objects += "{\"a\":";
            wrong_order += "{\"b\":";
        }
        objects += "1";
        wrong_order += "[1.0]";
        for (std::size_t i = 0; i < depth; ++i) {
            lists += ']';
            objects += '}';
            wrong_order += ", \"a\":0}";
        }
        const std::size_t before = twins.quick_texts();
        EXPECT_EQ(twins.difference(lists + "}"), "") << depth;
        EXPECT_EQ(twins.difference(objects), "") << depth;
        EXPECT_EQ(twins.difference(wrong_order), "") << depth;
        EXPECT_EQ(twins.quick_texts() - before, depth < 64 ? 3U : depth == 64 ? 1U : 0U) << depth;
    }
}

TEST(QuickCanonical, LeavesToTheStrictReaderWhatGrowsBeyondItsRoom) {
    std::size_t texts = 0;
    std::size_t quick_texts = 0;
    // A new reader each time: it keeps the room that a larger text needed.
    const auto look = [&](const std::string& text) {
        CanonicalTwins twins;
        ASSERT_EQ(twins.difference(text), "") << text;
        texts += twins.texts();
        quick_texts += twins.quick_texts();
    };
    // 1e20 is 21 bytes in the canonical form. Its room ends at every place once.
    for (std::size_t numbers = 1; numbers < 40; ++numbers) {
        for (std::size_t rest = 0; rest < 24; ++rest) {
            std::string list = "\"" + std::string(rest, 'x') + "\"";
            std::string object = "\"a\":" + list;
            for (std::size_t i = 0; i < numbers; ++i) {
                list += ",1e20";
                object += ",\"b" + std::to_string(i) + "\":1e20";
            }
            look("{\"a\":[" + list + "]}");
            look("{\"a\":[" + list + ",\"" + std::string(24, 'y') + "\"]}");
            look("{\"b\":{" + object + "},\"a\":[" + list + "]}");
            look("{\"c\":[{\"d\":[" + list + "]},{},[],\"y\"]}");
        }
    }
    EXPECT_GT(quick_texts, 100U);
    EXPECT_LT(quick_texts, texts - 200U);
}

TEST(QuickCanonical, LeavesLargeTextsToTheStrictReader) {
    CanonicalTwins twins;
    const std::size_t large = 256U << 10U;
    for (const std::size_t bytes : {large - 100, large - 1, large, large + 1, 4 * large}) {
        const std::string end = "\",\"a\": \"\\u000A\"}";
        std::string text = "{\"b\":\"";
        text.append(bytes - text.size() - end.size(), 'x').append(end);
        EXPECT_EQ(twins.difference(text), "") << bytes;
    }
    EXPECT_EQ(twins.quick_texts(), 3U);
    std::string many = "{";
    for (std::size_t i = limits::json_properties_max + 2; i > 0; --i)
        many += "\"" + std::to_string(i) + "\":0,";
    EXPECT_EQ(twins.difference(many + "\"x\":1}"), "");
}

/// Each object that a file holds, the file as one text, and each of them damaged.
class Files {
  public:
    void read(const std::filesystem::path& path) {
        std::string text;
        const auto read = read_test_file(path, [&](std::string_view bytes) -> Result<bool> {
            text += bytes;
            return text.size() < bytes_max;
        });
        ASSERT_TRUE(read) << path;
        ASSERT_EQ(twins_.difference(text), "") << path;
        Cutter cutter([this](std::string_view object, std::size_t) -> Result<void> {
            look_at(object);
            return {};
        });
        // What is no STIX has been looked at as a whole.
        (void)cutter.feed(text);
    }

    [[nodiscard]] const CanonicalTwins& twins() const { return twins_; }

  private:
    static constexpr std::size_t bytes_max = 8U << 20U;  // of one file: all kinds, not all copies

    void look_at(std::string_view object) {
        ASSERT_EQ(twins_.difference(object), "") << object;
        if (twins_.texts() % 4 != 0) return;
        const std::string wrong = damaged(std::string(object), texts_);
        ASSERT_EQ(twins_.difference(wrong), "") << wrong;
    }

    CanonicalTwins twins_;
    Texts texts_;
};

bool is_json(const std::filesystem::path& path) {
    const std::string extension = path.extension().string();
    return extension == ".json" || extension == ".jsonl" || extension == ".stix2" ||
           path.string().ends_with(".json.xz");
}

TEST(QuickCanonical, GivesWhatTheStrictReaderGivesForTheFilesOfTheTree) {
    Files files;
    const std::filesystem::path root = ENTENTE_SOURCE_DIR;
    for (const char* const folder : {"examples", "tests"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
            if (entry.is_regular_file() && is_json(entry.path())) files.read(entry.path());
        }
    }
    EXPECT_GT(files.twins().quick_texts(), 20U);
}

TEST(QuickCanonical, GivesWhatTheStrictReaderGivesForWhatIsPublished) {
    const char* const root = std::getenv("ENTENTE_SHARED_DATA");
    if (root == nullptr)
        GTEST_SKIP() << "set ENTENTE_SHARED_DATA to the folder of the real data sets to run this";
    Files files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (entry.is_regular_file() && is_json(entry.path())) files.read(entry.path());
    }
    EXPECT_GT(files.twins().quick_texts(), 10'000U);
}

}  // namespace
}  // namespace entente::stix::internal
