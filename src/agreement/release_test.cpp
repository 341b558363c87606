#include "agreement/release.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace entente::agreement {
namespace {

static_assert(!std::is_copy_constructible_v<Released> && !std::is_copy_assignable_v<Released>);
static_assert(!std::is_default_constructible_v<Released>);

// Releases classes 1 and 3; class 3 in place from position 11 on.
View sample_view() {
    return {
        UserNo{1},
        CollectionNo{1},
        Terms{},
        {false, true, false, true},
        {{ClassNo{3}, Seq{10}, seq_max}}};
}

Sealed sealed(ClassNo cls, Seq seq, std::string_view body, bool late = false) {
    return Sealed(
        {.cls = cls,
         .seq = seq,
         .late = late,
         .date = {1'700'000'000'000'001},
         .id = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
         .version = "2016-04-06T20:03:48.000Z",
         .media_type = "application/stix+json;version=2.1",
         .body = body}
    );
}

std::string page(Form form, const std::vector<Sealed>& entries, const Gate::Tail& tail) {
    const View view = sample_view();
    Gate gate(view, form);
    for (const Sealed& entry : entries)
        EXPECT_TRUE(gate.pass(entry));
    return std::string(std::move(gate).finish(tail).for_file());
}

TEST(Gate, ObjectPageHasMoreThenNextThenObjects) {
    const std::vector<Sealed> two = {
        sealed(ClassNo{1}, Seq{1}, R"({"a":1})"), sealed(ClassNo{1}, Seq{2}, R"({"b":2})")};
    EXPECT_EQ(
        page(Form::object, two, {.more = true, .next = "a\"b"}),
        R"({"more":true,"next":"a\"b","objects":[{"a":1},{"b":2}]})"
    );
    EXPECT_EQ(page(Form::object, two, {}), R"({"more":false,"objects":[{"a":1},{"b":2}]})");
}

TEST(Gate, NextStandsOnlyWithMore) {
    const std::vector<Sealed> one = {sealed(ClassNo{1}, Seq{1}, "{}")};
    EXPECT_EQ(
        page(Form::object, one, {.more = false, .next = "x"}), R"({"more":false,"objects":[{}]})"
    );
    EXPECT_EQ(
        page(Form::object, one, {.more = true, .next = ""}), R"({"more":true,"objects":[{}]})"
    );
}

TEST(Gate, ManifestRecord) {
    EXPECT_EQ(
        page(Form::manifest, {sealed(ClassNo{1}, Seq{1}, "{}")}, {.more = true, .next = "n"}),
        R"({"more":true,"next":"n","objects":[{"id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",)"
        R"("date_added":"2023-11-14T22:13:20.000001Z","version":"2016-04-06T20:03:48.000Z",)"
        R"("media_type":"application/stix+json;version=2.1"}]})"
    );
}

TEST(Gate, Versions) {
    EXPECT_EQ(
        page(
            Form::version, {sealed(ClassNo{1}, Seq{1}, "{}"), sealed(ClassNo{1}, Seq{2}, "{}")}, {}
        ),
        R"({"more":false,"versions":["2016-04-06T20:03:48.000Z","2016-04-06T20:03:48.000Z"]})"
    );
}

TEST(Gate, LinesAreTheStoredBytes) {
    EXPECT_EQ(
        page(
            Form::line,
            {sealed(ClassNo{1}, Seq{1}, "{1}"), sealed(ClassNo{1}, Seq{2}, "{2}")},
            {.more = true, .next = "n"}
        ),
        "{1}\n{2}\n"
    );
    EXPECT_EQ(page(Form::line, {}, {}), "");
}

TEST(Gate, EmptyPagesHaveNoListAndAreNeverTwoBytes) {
    EXPECT_EQ(page(Form::object, {}, {}), R"({"more":false})");
    for (const Form form : {Form::manifest, Form::version}) {
        const std::string text = page(form, {}, {});
        EXPECT_EQ(text.substr(0, 2), "{}");
        EXPECT_EQ(text.find_first_not_of(' ', 2), std::string::npos);
        EXPECT_GT(text.size(), 4U);
    }
    // More, although nothing fitted on this page.
    EXPECT_EQ(page(Form::object, {}, {.more = true, .next = "n"}), R"({"more":true,"next":"n"})");
    EXPECT_EQ(page(Form::manifest, {}, {.more = true, .next = "n"}), R"({"more":true,"next":"n"})");
}

TEST(Gate, AnyLengthOfNextFits) {
    for (const std::size_t size : {1U, 600U, 609U, 610U, 611U, 612U, 613U, 700U, 5'000U}) {
        const std::string next(size, 'x');
        EXPECT_EQ(
            page(Form::object, {sealed(ClassNo{1}, Seq{1}, "{}")}, {.more = true, .next = next}),
            R"({"more":true,"next":")" + next + R"(","objects":[{}]})"
        );
    }
}

TEST(Gate, WithholdsWhatTheViewDoesNotShow) {
    const View view = sample_view();
    Gate gate(view, Form::object);
    EXPECT_FALSE(gate.pass(sealed(ClassNo{2}, Seq{1}, "secret")));
    EXPECT_FALSE(gate.pass(sealed(ClassNo{2}, Seq{1}, "secret", true)));
    EXPECT_FALSE(gate.pass(sealed(ClassNo{0}, Seq{1}, "secret")));
    EXPECT_FALSE(gate.pass(sealed(ClassNo{99}, Seq{1}, "secret", true)));
    EXPECT_FALSE(gate.pass(sealed(ClassNo{3}, Seq{10}, "secret")));
    EXPECT_EQ(gate.count(), 0U);
    EXPECT_EQ(gate.bytes(), 0U);
    EXPECT_TRUE(gate.pass(sealed(ClassNo{3}, Seq{11}, "{3}")));
    EXPECT_TRUE(gate.pass(sealed(ClassNo{3}, Seq{10}, "{4}", true)));
    EXPECT_EQ(gate.count(), 2U);
    EXPECT_EQ(gate.bytes(), 7U);
    EXPECT_EQ(std::move(gate).finish({}).for_file(), R"({"more":false,"objects":[{3},{4}]})");
}

TEST(Released, GivesItsBytesOnce) {
    const View view = sample_view();
    Gate gate(view, Form::object);
    ASSERT_TRUE(gate.pass(sealed(ClassNo{1}, Seq{1}, "{}")));
    Released page = std::move(gate).finish({});
    const std::string text(page.for_file());
    EXPECT_EQ(page.size(), text.size());
    EXPECT_EQ(page.objects(), 1U);
    // printf '{"more":false,"objects":[{}]}' | sha256sum
    EXPECT_EQ(
        page.digest_hex(), "7a53bf8419095a382d9847b117ef323432c1a832a91f9f74ef19fe2878b68d65"
    );
    Released moved = std::move(page);
    EXPECT_EQ(page.size(), 0U);  // NOLINT(bugprone-use-after-move): its state is promised
    const Outgoing out = std::move(moved).out();
    EXPECT_EQ(out.bytes(), text);
    EXPECT_EQ(moved.size(), 0U);  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(moved.objects(), 0U);
}

TEST(Released, OwnWords) {
    Released words = Released::own_words(OwnWords::problem, R"({"title":"no"})");
    EXPECT_EQ(words.objects(), 0U);
    EXPECT_EQ(std::move(words).out().bytes(), R"({"title":"no"})");
    EXPECT_EQ(Outgoing("fixed").bytes(), "fixed");
    EXPECT_EQ(Outgoing().bytes(), "");
}

}  // namespace
}  // namespace entente::agreement
