#include "cli/validate_read.h"

#include "base/limits.h"
#include "cli/stop.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace entente::cli {
namespace {

namespace fs = std::filesystem;
using stix::Finding;
using stix::Level;

class ReadInputs : public ::testing::Test {
  protected:
    ReadInputs()
        : folder_(fs::path(::testing::TempDir()) / ("validate" + std::to_string(::getpid()))),
          progress_(stderr, Progress::Mode::silent, clock_, "checking"),
          ignored_(*Ignored::read({})),
          report_({}, ignored_) {
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }

    ~ReadInputs() override { fs::remove_all(folder_); }

    std::string write(const std::string& name, std::string_view text) {
        const fs::path path = folder_ / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
        return path.string();
    }

    [[nodiscard]] std::vector<std::string> names(const std::vector<std::string>& words) const {
        std::vector<std::string> names;
        const auto inputs = find_inputs(words);
        EXPECT_TRUE(inputs) << inputs.error().detail;
        if (!inputs) return names;
        for (const ValidateInput& input : *inputs) {
            const std::string name =
                input.path == "-" ? "-" : fs::path(input.path).lexically_relative(folder_).string();
            names.push_back(name + (input.problem.empty() ? "" : "!"));
        }
        return names;
    }

    /// "must S1 at line 3, byte 17: /pointer" of what is found in the files.
    const boost::json::object& read(const std::vector<std::string>& files) {
        const auto inputs = *find_inputs(files);
        for (const ValidateInput& input : inputs)
            report_.add_input(input.path);
        Reading reading(inputs, progress_);
        Judge judge({}, check(), report_, random_);
        read_objects(inputs, reading, judge, report_);
        document_ = report_.document(reading.bytes(), 1);
        return document_;
    }

    [[nodiscard]] CheckObject check() {
        return [this](std::string_view text, const stix::CheckOptions&)
                   -> const std::vector<Finding>& {
            findings_.clear();
            if (text.find("bad") != std::string_view::npos) {
                findings_.push_back({Level::must, 0, "S33", "/bad", "bad"});
            }
            return findings_;
        };
    }

    struct Answer {
        std::uint64_t line;
        std::uint64_t byte;
        std::string text;
        std::size_t findings;
        bool operator==(const Answer&) const = default;
    };

    std::vector<Answer> lines(const std::string& text) {
        const auto inputs = *find_inputs({write("lines.jsonl", text)});
        report_.add_input("lines.jsonl");
        Reading reading(inputs, progress_);
        LineJudge judge(stix::Spec::as_stated, check(), random_);
        std::vector<Answer> answers;
        read_lines(
            inputs,
            reading,
            judge,
            report_,
            [&](const LineAnswer& answer) {
                answers.push_back(
                    {answer.at.line,
                     answer.at.byte,
                     std::string(answer.text.substr(0, 50)),
                     answer.findings.size()}
                );
            },
            [] {}
        );
        return answers;
    }

    FakeClock clock_{Micros{0}};
    SeededRandom random_{2};
    fs::path folder_;
    Progress progress_;
    Ignored ignored_;
    Report report_;
    std::vector<Finding> findings_;
    boost::json::object document_;
};

TEST_F(ReadInputs, AFolderStandsForTheFilesInIt) {
    for (const char* name :
         {"b.json",
          "a.jsonl",
          "c.stix",
          "d.stix2",
          "e.json.gz",
          "f.stix2.xz",
          "g.jsonl.zst",
          "no.txt",
          "no.gz",
          ".json",
          "json",
          "sub/deep/x.json",
          "sub/y.JSON"}) {
        write(name, "{}");
    }
    fs::create_directory_symlink(folder_, folder_ / "sub" / "loop");
    const std::vector<std::string> expected{
        "a.jsonl",
        "b.json",
        "c.stix",
        "d.stix2",
        "e.json.gz",
        "f.stix2.xz",
        "g.jsonl.zst",
        "sub/deep/x.json"};
    EXPECT_EQ(names({folder_.string()}), expected);
    EXPECT_EQ(names({folder_.string() + "/"}), expected);
    // Named by itself a file may be called anything.
    EXPECT_EQ(
        names({(folder_ / "no.txt").string(), "-"}), (std::vector<std::string>{"no.txt", "-"})
    );
}

TEST_F(ReadInputs, APatternStandsForTheFilesThatItFits) {
    write("a1.json", "{}");
    write("a2.txt", "{}");
    write("sub/x.json", "{}");
    write("[b].json", "{}");
    EXPECT_EQ(names({(folder_ / "a*").string()}), (std::vector<std::string>{"a1.json", "a2.txt"}));
    EXPECT_EQ(names({(folder_ / "s?b").string()}), (std::vector<std::string>{"sub/x.json"}));
    EXPECT_EQ(names({(folder_ / "[b].json").string()}), (std::vector<std::string>{"[b].json"}));
    EXPECT_EQ(names({(folder_ / "z*").string()}), (std::vector<std::string>{"z*!"}));
}

TEST_F(ReadInputs, WhatIsNotThereIsSaid) {
    fs::create_directory(folder_ / "empty");
    EXPECT_EQ(
        names({(folder_ / "none.json").string(), (folder_ / "empty").string()}),
        (std::vector<std::string>{"none.json!", "empty!"})
    );
    const auto twice = find_inputs({"-", "x", "-"});
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, Errc::invalid_argument);
}

TEST_F(ReadInputs, EveryFileIsReadWhateverIsWrongWithAnother) {
    const std::string good =
        write("good.json", "\n{\"objects\": [\n  {\"a\": 1},\n  {\"bad\": 2}\n]}\n");
    const std::string cut = write("cut.json", "{\"objects\": [{},\n{\"a\": ");
    const std::string wrong = write("wrong.json", "{}\n\n] {}");
    const auto& found = read({cut, "/nowhere/x.json", wrong, good});
    const auto& unreadable = found.at("unreadable").as_array();
    ASSERT_EQ(unreadable.size(), 3U);
    EXPECT_EQ(unreadable[0].at("line").to_number<int>(), 2);
    EXPECT_NE(
        std::string(unreadable[0].at("detail").as_string()).find("truncated"), std::string::npos
    );
    EXPECT_NE(
        std::string(unreadable[1].at("detail").as_string()).find("/nowhere/x.json"),
        std::string::npos
    );
    EXPECT_EQ(unreadable[2].at("line").to_number<int>(), 3);
    EXPECT_EQ(unreadable[2].at("byte").to_number<int>(), 4);
    EXPECT_EQ(found.at("objects").to_number<int>(), 3);
    const auto& example = found.at("groups").at(0).at("places").at(0).at("examples").at(0);
    EXPECT_EQ(example.at("line").to_number<int>(), 4);
    EXPECT_EQ(example.at("byte").to_number<int>(), 30);
    EXPECT_EQ(example.at("excerpt").as_string(), "{\"bad\": 2}");
}

TEST_F(ReadInputs, LinesAcrossPiecesAreNumberedRight) {
    // Objects of a prime length, so that they lie across the pieces in every way.
    std::string text = "[\n";
    std::size_t expected_line = 0;
    std::size_t expected_byte = 0;
    for (int i = 0; i < 3'000; ++i) {
        if (i == 2'777) {
            text += "{\n\n\"x\":\"" + std::string(200'000, 'x') + "\",\n";
            expected_line = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
            expected_byte = text.size();
            text += "\"bad\":1},\n";
        } else {
            text += "{\"a\":\n\"" + std::string(101, 'y') + "\"},\n";
        }
    }
    text += "{}]";
    const auto& found = read({write("big.json", text)});
    const auto& example = found.at("groups").at(0).at("places").at(0).at("examples").at(0);
    EXPECT_EQ(example.at("line").to_number<std::size_t>(), expected_line);
    EXPECT_EQ(example.at("byte").to_number<std::size_t>(), expected_byte);
    EXPECT_EQ(found.at("bytes").to_number<std::size_t>(), text.size());
}

TEST_F(ReadInputs, EveryLineHasAnAnswer) {
    EXPECT_EQ(
        lines("{\"a\":1}\n\n{\"bad\":1}\r\n  \nlast"),
        (std::vector<Answer>{
            {1, 0, "{\"a\":1}", 0},
            {2, 8, "", 1},
            {3, 9, "{\"bad\":1}\r", 1},
            {4, 20, "  ", 1},
            {5, 23, "last", 0}})
    );
}

TEST_F(ReadInputs, ALineTooLongIsSaidAndPassedOver) {
    const std::string longest = "\"" + std::string(limits::object_bytes_max - 2, 'x') + "\"";
    const auto answers = lines(longest + "\n" + longest + "y\n{}\n" + longest + "yy");
    ASSERT_EQ(answers.size(), 4U);
    EXPECT_EQ(answers[0].findings, 0U);
    EXPECT_EQ(answers[1].findings, 1U);
    EXPECT_EQ(answers[2], (Answer{3, 2 * limits::object_bytes_max + 3, "{}", 0}));
    EXPECT_EQ(answers[3].findings, 1U);
}

TEST_F(ReadInputs, AByteOrderMarkBeforeTheFirstLineIsPassedOver) {
    EXPECT_EQ(lines("\xEF\xBB\xBF{}\n{}").front().text, "{}");
}

}  // namespace
}  // namespace entente::cli
