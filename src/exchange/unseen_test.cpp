// What a partner may not see of an id changes no answer to what it sends or deletes under it.
#include "exchange/testing/pact.h"
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace entente::exchange {
namespace {

using namespace testing;
using stix::Tlp;
using Way = store::AgreementBinding::Way;

class Unseen : public ::testing::Test {
  protected:
    Unseen() {
        h.grant(publisher, c, {.read = true, .write = true});
        pact.agree(
            {.flows =
                 {{.fid = "now", .max_marking = "green", .select = R"({"types":["indicator"]})"},
                  {.fid = "later",
                   .max_marking = "green",
                   .select = R"({"types":["tool"]})",
                   .extra = R"(,"min_delay_hours":1)"},
                  {.fid = "back",
                   .from = R"(["south"])",
                   .to = R"(["north"])",
                   .max_marking = "green"}}}
        );
        pact.bind(c);
        pact.bind(c, Way::in);
    }

    void of_north(const std::string& object) {
        const auto report = h.publish(publisher, c, {object});
        ASSERT_TRUE(report && report->outcomes[0].accepted);
    }

    Outcome sent(const std::string& object) { return h.publish(partner, c, {object})->outcomes[0]; }

    static std::string created_later(std::string object) {
        constexpr std::string_view created = R"("created":"2025-01-01T00:00:00.000Z")";
        return object.replace(
            object.find(created), created.size(), R"("created":"2025-01-01T00:00:00.001Z")"
        );
    }

    static std::string host(const std::string& value, Tlp marking) {
        return fmt::format(
            R"({{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--00000001-0000-5000-8000-000000000000","value":"{}","object_marking_refs":["{}"]}})",
            value,
            stix::tlp2_marking_id(marking)
        );
    }

    std::unique_ptr<store::Store> store = store::make_memory_store();
    Harness h{*store};
    CollectionNo c = h.collection("Shared", Tlp::green);
    UserNo publisher = h.user("publisher", h.own());
    PartyNo south = h.party("South");
    UserNo partner = h.user("partner", south);
    Pact pact{h, {{"north", h.own()}, {"south", south}}};
};

TEST_F(Unseen, AnIdWhoseDelayIsNotOverIsAsGoodAsFree) {
    of_north(object_json({.number = 1, .type = "tool"}));
    const DeleteRequest request{
        .id = object_id({.number = 1, .type = "tool"}), .version = {}, .spec_versions = {}};
    EXPECT_EQ(h.remove(partner, c, request).error().code, Errc::not_found);
    EXPECT_TRUE(sent(object_json({.number = 1, .version = 1, .type = "tool"})).accepted);
    // Once it is due it is no secret.
    h.clock.advance(3'600'000'000);
    h.exchange().look_at_agreements();
    EXPECT_FALSE(sent(object_json({.number = 1, .version = 2, .type = "tool"})).accepted);
}

TEST_F(Unseen, TheSendersOwnVersionsAskTheSameOfItsNextOnes) {
    const auto tell = [&] {
        EXPECT_TRUE(sent(object_json({.number = 1, .version = 1})).accepted);
        return sent(created_later(object_json({.number = 1, .version = 2}))).message;
    };
    const std::string free = tell();
    EXPECT_NE(free, "");
    ASSERT_TRUE(
        h.remove(partner, c, {.id = object_id({.number = 1}), .version = {}, .spec_versions = {}})
    );
    of_north(object_json({.number = 1, .tlp = Tlp::red}));
    EXPECT_EQ(tell(), free);
}

TEST_F(Unseen, AnAddressThatIsTakenIsRefusedOtherContentInTheSameWords) {
    const auto tell = [&] {
        EXPECT_TRUE(sent(host("198.51.100.1", Tlp::clear)).accepted);
        return sent(host("198.51.100.2", Tlp::clear)).message;
    };
    const std::string free = tell();
    EXPECT_NE(free, "");
    store->write([&](store::Transaction& tx) {
        for (const auto& v : tx.versions(c, "ipv4-addr--00000001-0000-5000-8000-000000000000"))
            tx.remove(c, v.seq);
    });
    of_north(host("198.51.100.3", Tlp::red));
    EXPECT_EQ(tell(), free);
}

TEST_F(Unseen, AnothersIdentityIsRefusedWhetherOrNotTheVersionIsTaken) {
    const std::string identity = "identity--11111111-1111-4111-8111-111111111111";
    h.identify(identity);
    const auto tell = [&](int number) {
        return sent(object_json({.number = number, .created_by = identity})).message;
    };
    const std::string free = tell(1);
    EXPECT_NE(free, "");
    of_north(object_json({.number = 2, .tlp = Tlp::red}));
    EXPECT_EQ(tell(2), free);
}

}  // namespace
}  // namespace entente::exchange
