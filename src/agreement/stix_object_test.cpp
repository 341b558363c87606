#include "agreement/stix_object.h"

#include "agreement/internal/samples.h"
#include "base/limits.h"
#include "stix/check.h"
#include "stix/object.h"

#include <gtest/gtest.h>

namespace entente::agreement {
namespace {

namespace json = boost::json;

const std::string north = "identity--11111111-1111-4111-8111-111111111111";

Micros day(int n) {
    return {1'767'225'600'000'000 + n * micros_per_day};
}

Document must_read(const json::value& sample) {
    auto read = read_document(json::serialize(sample));
    EXPECT_TRUE(read) << (read ? "" : read.error().detail);
    return read ? std::move(*read) : Document{};
}

/// Version 1 and version 2 with a signature under the first.
Carried sample() {
    const Document one = must_read(internal::small_sample());
    json::object next = internal::small_sample();
    next["version"] = 2;
    next["id"] = one.id;
    next["previous"] = to_hex(one.digest);
    const Document two = must_read(next);
    ledger::Note note{
        .text = signed_text(
            {.id = one.id, .version = 1, .digest = one.digest, .person = "Ada", .office = ""}
        ),
        .signatures = {}};
    const auto signer =
        ledger::Signer::from_seed("north.example/entente", sha256("north.example/entente")).value();
    EXPECT_TRUE(ledger::sign_note(note, signer));
    return {.documents = {one.canonical, two.canonical}, .notes = {ledger::note_bytes(note)}};
}

Envelope envelope() {
    return {.created_by_ref = north, .created = day(0), .modified = day(1), .marking = {}};
}

std::string must_make(const Carried& carried, const Envelope& about = envelope()) {
    auto made = as_stix(carried, about);
    EXPECT_TRUE(made) << (made ? "" : made.error().detail);
    return made.value_or("");
}

TEST(AgreementObject, CarriesWhatWasPutIn) {
    const Carried carried = sample();
    const auto back = from_stix(must_make(carried));
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(back->documents, carried.documents);
    EXPECT_EQ(back->notes, carried.notes);
    Carried draft = carried;
    draft.notes.clear();
    const auto drafted = from_stix(must_make(draft));
    ASSERT_TRUE(drafted) << drafted.error().detail;
    EXPECT_TRUE(drafted->notes.empty());
}

TEST(AgreementObject, PassesTheChecksOfStix) {
    stix::Checker checker;
    Envelope marked = envelope();
    marked.marking = stix::Tlp::amber_strict;
    for (const std::string& text :
         {must_make(sample()), must_make(sample(), marked), std::string(extension_definition())}) {
        for (const stix::Finding& finding : checker.check(text))
            ADD_FAILURE() << finding.rule << ' ' << finding.pointer << ": " << finding.message;
    }
    const auto read = stix::read_object(must_make(sample(), marked));
    ASSERT_TRUE(read);
    EXPECT_EQ(
        read->object_markings,
        std::vector{std::string(stix::tlp2_marking_id(stix::Tlp::amber_strict))}
    );
    EXPECT_EQ(read->created, "2026-01-01T00:00:00.000Z");
    EXPECT_EQ(read->version, "2026-01-02T00:00:00.000Z");
    EXPECT_EQ(read->created_by_ref, north);
}

TEST(AgreementObject, HasOneIdForEachAgreementAndSender) {
    const auto id_of = [](const std::string& text) { return stix::read_object(text).value().id; };
    Carried less = sample();
    less.documents.pop_back();
    const std::string id = id_of(must_make(sample()));
    EXPECT_EQ(id_of(must_make(less)), id);
    Envelope other = envelope();
    other.created_by_ref = "identity--22222222-2222-4222-8222-222222222222";
    EXPECT_NE(id_of(must_make(sample(), other)), id);
    Carried another = sample();
    another.documents = {must_read(internal::full_sample()).canonical};
    EXPECT_NE(id_of(must_make(another)), id);
}

TEST(AgreementObject, IsNotMadeOfWhatIsNoAgreement) {
    const auto expect_refused = [](const Carried& carried, const Envelope& about, const char* where
                                ) {
        const auto made = as_stix(carried, about);
        ASSERT_FALSE(made) << where;
        EXPECT_EQ(made.error().code, Errc::invalid_argument);
        EXPECT_EQ(made.error().detail.find(where), 0U) << made.error().detail;
    };
    Carried carried = sample();
    carried.documents.clear();
    expect_refused(carried, envelope(), "/documents: ");
    carried = sample();
    carried.documents[1] = must_read(internal::full_sample()).canonical;
    expect_refused(carried, envelope(), "/documents/1: of another agreement");
    carried.documents[1] = "{}";
    expect_refused(carried, envelope(), "/documents/1: /schema: missing");
    carried.documents[1] = " " + carried.documents[0];
    expect_refused(carried, envelope(), "/documents/1: not in its canonical form");
    carried = sample();
    carried.notes[0].pop_back();
    expect_refused(carried, envelope(), "/notes/0: ");
    Envelope wrong = envelope();
    wrong.created_by_ref = "North";
    expect_refused(sample(), wrong, "/created_by_ref: ");
    wrong = envelope();
    wrong.modified = day(-1);
    expect_refused(sample(), wrong, "/modified: ");
    carried = sample();
    carried.notes.resize(limits::agreement_records_max, carried.notes[0]);
    const auto many = as_stix(carried, envelope());
    ASSERT_FALSE(many);
    EXPECT_EQ(many.error().code, Errc::too_large);
}

TEST(AgreementObject, RefusesOtherObjectsWithTheirPlace) {
    const std::string text = must_make(sample());

    struct Case {
        const char* key;
        json::value value;  // null = taken away
        const char* where;
    };

    const json::object other_extension{
        {"extension-definition--11111111-1111-4111-8111-111111111111",
         json::object{{"extension_type", "new-sdo"}}}};
    const json::object other_kind{
        {"extension-definition--f83c8940-63ef-4e6f-ab44-12a9ee1c0bfd",
         json::object{{"extension_type", "new-sro"}}}};
    const Case cases[] = {
        {"id", "entente-agreement--11111111-1111-4111-8111-111111111111", "/id: expected entente-"},
        {"type", "malware", "/id: "},
        {"extensions", nullptr, "/extensions: lacks"},
        {"extensions", other_extension, "/extensions: lacks"},
        {"extensions", other_kind, "/extensions: lacks"},
        {"agreement_id", nullptr, "/agreement_id: expected"},
        {"agreement_id", "agr:1", "/agreement_id: expected"},
        {"documents", nullptr, "/documents: no version"},
        {"documents", "text", "/documents: expected a list"},
        {"documents", json::array{1}, "/documents/0: expected a string"},
        {"documents", json::array{"{}"}, "/documents/0: /schema: missing"},
        {"notes", json::array{"x"}, "/notes/0: "},
        {"notes", json::object(), "/notes: expected a list"},
        {"created_by_ref", "identity--22222222-2222-4222-8222-222222222222", "/id: expected"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.where);
        json::object object = json::parse(text).as_object();
        if (c.value.is_null())
            object.erase(c.key);
        else
            object[c.key] = c.value;
        const auto read = from_stix(json::serialize(object));
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().detail.find(c.where), 0U) << read.error().detail;
    }
    json::object many = json::parse(text).as_object();
    many["notes"].as_array().resize(limits::agreement_records_max + 1, "x");
    const auto read = from_stix(json::serialize(many));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::too_large);
    EXPECT_FALSE(from_stix("{"));
}

}  // namespace
}  // namespace entente::agreement
