#include "store/contract.h"

#include <algorithm>

namespace entente::store::contract {
namespace {

using agreement::raw;
using Way = AgreementBinding::Way;

const std::string one = "agr:" + std::string(64, '1');
const std::string two = "agr:" + std::string(64, '2');

AgreementRecord document_of(const std::string& agreement) {
    return {
        .no = {},
        .agreement = agreement,
        .kind = AgreementRecord::Kind::document,
        .body = "{}",
        .at = {1}};
}

class AgreementContract : public StoreContract {
  protected:
    /// Whether a transaction of `work` alone moves the generation.
    bool moves(const std::function<void(Transaction&)>& work) {
        const std::uint64_t before = look()->generation();
        write(work);
        return look()->generation() != before;
    }

    [[nodiscard]] Directory directory() { return look()->directory(); }

    /// The numbers of the acts by `agreement`.
    [[nodiscard]] std::vector<std::uint64_t> acts_of(
        std::string_view agreement, ActNo from, std::size_t count
    ) {
        std::vector<std::uint64_t> numbers;
        for (const Act& act : look()->acts_of_agreement(agreement, from, count))
            numbers.push_back(raw(act.no));
        return numbers;
    }
};

class DelayContract : public StoreContract {};

INSTANTIATE_TEST_SUITE_P(Stores, AgreementContract, testing::ValuesIn(backends()), backend_name);
INSTANTIATE_TEST_SUITE_P(Stores, DelayContract, testing::ValuesIn(backends()), backend_name);

TEST_P(AgreementContract, IsEmptyAtFirst) {
    const Directory d = directory();
    EXPECT_TRUE(d.agreement_records.empty());
    EXPECT_TRUE(d.agreement_parties.empty());
    EXPECT_TRUE(d.agreement_bindings.empty());
    EXPECT_TRUE(d.cards.empty());
    EXPECT_TRUE(d.key_statements.empty());
    EXPECT_EQ(d.agreements_at, Micros{0});
}

TEST_P(AgreementContract, RecordsAreNumberedInTheOrderTheyWereTaken) {
    // Bodies are kept byte by byte: signatures are over them.
    const std::string body("\xe2\x80\x94 North \0\r\n\xff", 14);
    using Kind = AgreementRecord::Kind;
    std::vector<AgreementRecord> rows{
        {.no = AgreementRecordNo{77},
         .agreement = two,
         .kind = Kind::document,
         .body = body,
         .at = {9}},
        {.no = {}, .agreement = one, .kind = Kind::signature, .body = "", .at = {7}},
        {.no = {},
         .agreement = two,
         .kind = Kind::statement,
         .body = std::string(300'000, 'b'),
         .at = {8}},
    };
    write([&](Transaction& tx) {
        EXPECT_EQ(tx.append_agreement(rows[0]), AgreementRecordNo{1});
        EXPECT_FALSE(tx.savepoint([&] {
            (void)tx.append_agreement(rows[1]);
            return false;
        }));
        EXPECT_EQ(tx.append_agreement(rows[1]), AgreementRecordNo{2});
        EXPECT_EQ(tx.directory().agreement_records.size(), 2U);
    });
    (void)reopen();
    write([&](Transaction& tx) { EXPECT_EQ(tx.append_agreement(rows[2]), AgreementRecordNo{3}); });
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i].no = AgreementRecordNo{i + 1};
    EXPECT_EQ(directory().agreement_records, rows);
    EXPECT_TRUE(findings().empty());
}

TEST_P(AgreementContract, APidOfAnAgreementIsOneParty) {
    write([&](Transaction& tx) {
        (void)tx.append_agreement(document_of(one));
        (void)tx.append_agreement(document_of(two));
        tx.put(AgreementParty{.agreement = two, .pid = "a", .party = own});
        tx.put(AgreementParty{.agreement = one, .pid = "b", .party = own});
        tx.put(AgreementParty{.agreement = one, .pid = "a", .party = own});
        tx.put(AgreementParty{.agreement = one, .pid = "a", .party = other});
    });
    std::vector<AgreementParty> expected{{one, "a", other}, {one, "b", own}, {two, "a", own}};
    EXPECT_EQ(directory().agreement_parties, expected);
    // What is erased is named by agreement and pid.
    write([&](Transaction& tx) {
        tx.erase(AgreementParty{.agreement = one, .pid = "a", .party = {}});
        tx.erase(AgreementParty{.agreement = two, .pid = "b", .party = own});
    });
    (void)reopen();
    expected.erase(expected.begin());
    EXPECT_EQ(directory().agreement_parties, expected);
    EXPECT_TRUE(findings().empty());
}

TEST_P(AgreementContract, ABindingIsThereOnceAndErasedAlone) {
    const std::vector<AgreementBinding> rows{
        {one, "", feed, Way::out},
        {one, "f1", feed, Way::out},
        {one, "f1", feed, Way::in},
        {one, "f1", spare, Way::out},
        {two, "f1", feed, Way::out},
    };
    write([&](Transaction& tx) {
        (void)tx.append_agreement(document_of(one));
        (void)tx.append_agreement(document_of(two));
        for (const AgreementBinding& row : {rows[4], rows[2], rows[0], rows[3], rows[1], rows[2]})
            tx.put(row);
    });
    EXPECT_EQ(directory().agreement_bindings, rows);
    write([&](Transaction& tx) { tx.erase(rows[1]); });
    (void)reopen();
    EXPECT_EQ(directory().agreement_bindings, (std::vector{rows[0], rows[2], rows[3], rows[4]}));
    EXPECT_TRUE(findings().empty());
}

TEST_P(AgreementContract, CardsAreKeptAsTheyWereAccepted) {
    const Card newer{
        .party = other, .sequence = (1ULL << 53U) - 1, .note = "new\n\nsigned", .at = {4}};
    const Card older{.party = other, .sequence = 1, .note = std::string("o\0ld", 4), .at = {5}};
    const Card mine{.party = own, .sequence = 1, .note = "mine", .at = {3}};
    write([&](Transaction& tx) {
        for (const Card& card : {newer, older, mine})
            tx.put(card);
        tx.put(Card{.party = other, .sequence = 1, .note = "another text", .at = {6}});
    });
    (void)reopen();
    EXPECT_EQ(directory().cards, (std::vector{mine, older, newer}));
}

TEST_P(AgreementContract, AStatementAboutKeysIsTakenOnce) {
    const KeyStatement first{.note = "z replaces y", .at = {5}};
    const KeyStatement second{.note = "a revokes b", .at = {4}};
    write([&](Transaction& tx) {
        tx.put(first);
        tx.put(second);
        tx.put(KeyStatement{.note = first.note, .at = {9}});
    });
    (void)reopen();
    EXPECT_EQ(directory().key_statements, (std::vector{first, second}));
}

TEST_P(AgreementContract, TheMomentOfJudgementNeverGoesBack) {
    write([&](Transaction& tx) {
        tx.set_agreements_at({20});
        tx.set_agreements_at({10});
        EXPECT_EQ(tx.directory().agreements_at, Micros{20});
    });
    (void)reopen();
    EXPECT_FALSE(moves([&](Transaction& tx) { tx.set_agreements_at({19}); }));
    EXPECT_EQ(directory().agreements_at, Micros{20});
    write([&](Transaction& tx) { tx.set_agreements_at({21}); });
    EXPECT_EQ(directory().agreements_at, Micros{21});
}

TEST_P(AgreementContract, MovesTheGenerationWhenSomethingChanges) {
    const AgreementParty party{.agreement = one, .pid = "a", .party = own};
    const AgreementParty moved{.agreement = one, .pid = "a", .party = other};
    const AgreementBinding binding{.agreement = one, .flow = "f", .collection = feed};
    const Card card{.party = own, .sequence = 1, .note = "n", .at = {1}};
    const KeyStatement statement{.note = "n", .at = {1}};
    const auto put = [](const auto& row) { return [row](Transaction& tx) { tx.put(row); }; };
    const auto erase = [](const auto& row) { return [row](Transaction& tx) { tx.erase(row); }; };
    for (int i = 0; i < 2; ++i)
        EXPECT_TRUE(moves([](Transaction& tx) { (void)tx.append_agreement(document_of(one)); }));
    EXPECT_TRUE(moves(put(party)));
    EXPECT_FALSE(moves(put(party)));
    EXPECT_TRUE(moves(put(moved)));
    EXPECT_TRUE(moves(erase(party)));
    EXPECT_FALSE(moves(erase(party)));
    EXPECT_TRUE(moves(put(binding)));
    EXPECT_FALSE(moves(put(binding)));
    EXPECT_TRUE(moves(erase(binding)));
    EXPECT_FALSE(moves(erase(binding)));
    EXPECT_TRUE(moves(put(card)));
    EXPECT_FALSE(moves(put(card)));
    EXPECT_TRUE(moves(put(statement)));
    EXPECT_FALSE(moves(put(statement)));
    EXPECT_TRUE(moves([](Transaction& tx) { tx.set_agreements_at({5}); }));
    EXPECT_FALSE(moves([](Transaction& tx) { tx.set_agreements_at({5}); }));
}

TEST_P(AgreementContract, APartyTakesItsCardsAndItsPartInAgreementsAlong) {
    PartyNo west{};
    write([&](Transaction& tx) {
        west = tx.put(Party{.no = {}, .name = "West", .own = false, .identities = {}});
        (void)tx.append_agreement(document_of(one));
        for (const PartyNo p : {west, other}) {
            tx.put(AgreementParty{.agreement = one, .pid = std::to_string(raw(p)), .party = p});
            tx.put(Card{.party = p, .sequence = 1, .note = "n", .at = {1}});
            tx.put(Card{.party = p, .sequence = 2, .note = "n", .at = {1}});
        }
    });
    write([&](Transaction& tx) { tx.erase(west); });
    const Directory d = directory();
    EXPECT_EQ(d.parties.size(), 2U);
    ASSERT_EQ(d.agreement_parties.size(), 1U);
    EXPECT_EQ(d.agreement_parties[0].party, other);
    ASSERT_EQ(d.cards.size(), 2U);
    EXPECT_EQ(d.cards[0].party, other);
    EXPECT_EQ(d.agreement_records.size(), 1U);
    EXPECT_TRUE(findings().empty());
}

TEST_P(AgreementContract, ACollectionTakesItsBindingsAlong) {
    write([&](Transaction& tx) {
        (void)tx.append_agreement(document_of(one));
        for (const CollectionNo c : {feed, spare}) {
            tx.put(AgreementBinding{.agreement = one, .flow = "", .collection = c, .way = Way::in});
            tx.put(AgreementBinding{.agreement = one, .flow = "f", .collection = c});
        }
        tx.erase(feed);
    });
    const Directory d = directory();
    ASSERT_EQ(d.agreement_bindings.size(), 2U);
    EXPECT_EQ(d.agreement_bindings[0].collection, spare);
    EXPECT_EQ(d.agreement_bindings[1].collection, spare);
    EXPECT_TRUE(findings().empty());
}

TEST_P(AgreementContract, ActsAreFoundByTheirAgreement) {
    const auto act = [&](const std::string& agreement) {
        return Act{
            .no = {},
            .kind = "disclosed",
            .at = {7},
            .user = bob,
            .party = other,
            .collection = feed,
            .facts = R"({"count":1})",
            .agreement = agreement};
    };
    write([&](Transaction& tx) {
        for (const std::string& agreement : {one, std::string(), two, one, std::string(), one})
            tx.append_act(act(agreement));
        EXPECT_FALSE(tx.savepoint([&] {
            tx.append_act(act(one));
            EXPECT_EQ(tx.acts_of_agreement(one, {}, 10).size(), 4U);
            return false;
        }));
    });
    (void)reopen();
    EXPECT_EQ(acts_of(one, {}, 10), (std::vector<std::uint64_t>{1, 4, 6}));
    EXPECT_EQ(acts_of(one, ActNo{4}, 10), (std::vector<std::uint64_t>{4, 6}));
    EXPECT_EQ(acts_of(one, ActNo{2}, 1), (std::vector<std::uint64_t>{4}));
    EXPECT_TRUE(acts_of(one, ActNo{7}, 10).empty());
    EXPECT_TRUE(acts_of(one, {}, 0).empty());
    EXPECT_EQ(acts_of(two, {}, 10), (std::vector<std::uint64_t>{3}));
    EXPECT_TRUE(acts_of("agr:", {}, 10).empty());
    EXPECT_TRUE(acts_of("", {}, 10).empty());
    const auto all = look()->acts({}, 10);
    ASSERT_EQ(all.size(), 6U);
    EXPECT_EQ(all[0].agreement, one);
    EXPECT_EQ(all[1].agreement, "");
    const auto found = look()->acts_of_agreement(two, {}, 10);
    EXPECT_EQ(found[0].kind, "disclosed");
    EXPECT_EQ(found[0].at, Micros{7});
    EXPECT_EQ(found[0].user, bob);
    EXPECT_EQ(found[0].party, other);
    EXPECT_EQ(found[0].collection, feed);
    EXPECT_EQ(found[0].facts, R"({"count":1})");
    EXPECT_EQ(found[0].agreement, two);
    EXPECT_TRUE(findings().empty());
}

TEST_P(AgreementContract, ActsOfOneAreFoundAmongManyWithoutReadingThem) {
    write([&](Transaction& tx) {
        Act act;
        for (int i = 0; i < 2'000; ++i) {
            act.agreement = i % 500 == 0 ? one : i % 2 == 0 ? two : "";
            tx.append_act(act);
        }
    });
    const auto s = look();
    const std::uint64_t before = s->rows_touched();
    EXPECT_EQ(s->acts_of_agreement(one, {}, 100).size(), 4U);
    EXPECT_LE(s->rows_touched() - before, 5U);
}

TEST_P(DelayContract, ClassesAreReplacedWholeAndStandInOrder) {
    const std::vector<Delayed> rows{{red, Seq{7}}, {green, Seq{0}}, {blue, agreement::seq_max}};
    write([&](Transaction& tx) {
        tx.make_view(bob, feed);
        tx.make_view(bob, spare);
        tx.make_view(ann, feed);
        tx.set_delayed(bob, feed, std::vector{rows[2], rows[0], rows[1]});
        tx.set_delayed(ann, feed, std::vector{rows[1]});
        EXPECT_EQ(tx.delayed(bob, feed), rows);
    });
    (void)reopen();
    EXPECT_EQ(look()->delayed(bob, feed), rows);
    EXPECT_EQ(look()->delayed(ann, feed), std::vector{rows[1]});
    EXPECT_TRUE(look()->delayed(bob, spare).empty());
    EXPECT_TRUE(look()->delayed(ann, spare).empty());
    const std::vector<Delayed> fewer{{red, Seq{9}}};
    const std::uint64_t generation = look()->generation();
    const auto before = look();
    write([&](Transaction& tx) { tx.set_delayed(bob, feed, fewer); });
    EXPECT_EQ(look()->delayed(bob, feed), fewer);
    EXPECT_EQ(before->delayed(bob, feed), rows);
    write([&](Transaction& tx) { tx.set_delayed(bob, feed, {}); });
    EXPECT_TRUE(look()->delayed(bob, feed).empty());
    EXPECT_EQ(look()->delayed(ann, feed), std::vector{rows[1]});
    EXPECT_EQ(look()->generation(), generation);
    EXPECT_TRUE(findings().empty());
}

TEST_P(DelayContract, ClassesGoWithTheView) {
    const std::vector<Delayed> rows{{red, Seq{7}}};
    write([&](Transaction& tx) {
        for (const UserNo u : {ann, bob}) {
            for (const CollectionNo c : {feed, spare}) {
                tx.make_view(u, c);
                tx.set_delayed(u, c, rows);
            }
        }
    });
    write([&](Transaction& tx) { tx.erase(bob); });
    EXPECT_TRUE(look()->delayed(bob, feed).empty());
    EXPECT_EQ(look()->delayed(ann, feed), rows);
    write([&](Transaction& tx) { tx.erase(feed); });
    EXPECT_TRUE(look()->delayed(ann, feed).empty());
    EXPECT_EQ(look()->delayed(ann, spare), rows);
    EXPECT_TRUE(findings().empty());
}

TEST_P(DelayContract, ClassesOfAViewThatIsNotThereAreABug) {
    const std::vector<Delayed> rows{{red, Seq{7}}};
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(write([&](Transaction& tx) { tx.set_delayed(bob, feed, rows); }), "has_view");
}

}  // namespace
}  // namespace entente::store::contract
