// Polls that find nothing, again and again: answered without the store as long as nothing changed
// that concerns them, and never longer.
#include "exchange/stops.h"
#include "taxii/service.h"
#include "taxii/testing/reading.h"

#include <gmock/gmock.h>

#include <functional>

namespace entente::taxii {
namespace {

using namespace testing;
using exchange::testing::object_id;
using stix::Tlp;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ServiceAgain : public ServiceReading {
  protected:
    ServiceAgain() {
        add({{.number = 1}});
        const Answer all = get(at("objects/"));
        poll = at("objects/") + "?added_after=" + all.header("X-TAXII-Date-Added-Last");
        EXPECT_EQ(ask(ro).body, R"({"more":false})");
    }

    Answer ask(const std::string& token) { return server.get(poll, token); }

    /// The answer while every read of the store fails: 200 only for one that needs none.
    Answer ask_without_store(const Request& request) {
        server.store.reads_fail = StorageError::Kind::io;
        Answer answer = server.send(request);
        server.store.reads_fail.reset();
        return answer;
    }

    int status_without_store(const std::string& token) {
        return ask_without_store({.target = poll, .token = token}).status;
    }

    void change(const std::function<void(store::Transaction&)>& work) { server.store.write(work); }

    void change_user(store::UserNo no, const std::function<void(store::User&)>& edit) {
        change([&](store::Transaction& tx) {
            for (store::User row : tx.directory().users) {
                if (row.no != no) continue;
                edit(row);
                tx.put(row);
            }
        });
    }

    void change_token_of(store::UserNo user, const std::function<void(store::Token&)>& edit) {
        change([&](store::Transaction& tx) {
            for (store::Token row : tx.directory().tokens) {
                if (row.user != user) continue;
                edit(row);
                tx.put(row);
            }
        });
    }

    /// Replaces what the reader was granted.
    void regrant(exchange::testing::Harness::Rights rights) {
        for (const store::Grant& grant : server.store.snapshot()->directory().grants) {
            if (grant.user == ro_user) server.h.grant(ro_user, collection, rights, grant.no);
        }
    }

    std::string poll;
};

TEST_F(ServiceAgain, AnEmptyPollIsAnsweredAgainWithoutTheStore) {
    const Answer again = ask_without_store({.target = poll, .token = ro});
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.body, R"({"more":false})");
    EXPECT_EQ(again.fields, ask(ro).fields);
}

TEST_F(ServiceAgain, WhatIsNotTheSameRequestIsRead) {
    EXPECT_EQ(status_without_store(rw), 500) << "another user has not asked yet";
    EXPECT_EQ(status_without_store("ent_" + std::string(43, 'A')), 500);
    const auto asked = [&](Request request) { return ask_without_store(request).status; };
    EXPECT_EQ(asked({.target = poll + "&limit=5", .token = ro}), 500);
    EXPECT_EQ(asked({.method = "HEAD", .target = poll, .token = ro}), 500);
    EXPECT_EQ(asked({.target = poll, .token = ro, .headers = {{"Accept", "*/*"}}}), 500);
    EXPECT_EQ(asked({.target = poll, .token = ro, .headers = {}}), 500);
    EXPECT_EQ(asked({.target = poll, .token = ro}), 200);
    // Two Authorization fields are none, whatever the first one says.
    EXPECT_EQ(
        asked(
            {.target = poll,
             .token = ro,
             .headers = {{"Accept", taxii_type}, {"Authorization", "Bearer " + ro}}}
        ),
        401
    );
}

TEST_F(ServiceAgain, WhatComesIsGivenAtOnce) {
    add({{.number = 2}});
    EXPECT_EQ(status_without_store(ro), 500);
    EXPECT_THAT(names(ask(ro)), ElementsAre("2/0"));
    EXPECT_THAT(names(ask(ro)), ElementsAre("2/0"));
}

TEST_F(ServiceAgain, AfterACommitThatConcernsOthersOneRequestLooksForAll) {
    EXPECT_EQ(ask(rw).body, R"({"more":false})");
    change([](store::Transaction& tx) { tx.set_setting("something", "else"); });
    EXPECT_EQ(status_without_store(ro), 500) << "nobody has looked yet";
    EXPECT_EQ(ask(ro).body, R"({"more":false})");
    EXPECT_EQ(status_without_store(ro), 200);
    EXPECT_EQ(status_without_store(rw), 200) << "who asked before the commit, too";
}

TEST_F(ServiceAgain, WhatIsHiddenChangesNoAnswer) {
    regrant({.read = true, .list = true, .ceiling = Tlp::green});
    add({{.number = 2, .tlp = Tlp::red}});
    EXPECT_EQ(ask(ro).body, R"({"more":false})");
    EXPECT_EQ(ask_without_store({.target = poll, .token = ro}).body, R"({"more":false})");
}

TEST_F(ServiceAgain, ADeletedObjectIsSeenByWhoAskedForIt) {
    const std::string one =
        at("objects/" + object_id({.number = 1}) + "/") + poll.substr(poll.find('?'));
    EXPECT_EQ(server.get(one, ro).status, 200) << "it is there, and not after that date";
    EXPECT_EQ(ask_without_store({.target = one, .token = ro}).status, 200);
    ASSERT_EQ(server.remove(at("objects/" + object_id({.number = 1}) + "/"), rw).status, 200);
    EXPECT_EQ(ask_without_store({.target = one, .token = ro}).status, 500);
    EXPECT_EQ(server.get(one, ro).status, 404);
}

TEST_F(ServiceAgain, StopsRevocationsAndRightsActOnTheNextRequest) {
    const auto revoked = [&](bool is) {
        change_token_of(ro_user, [&](store::Token& row) { row.revoked = is; });
    };
    const auto disabled = [&](bool is) {
        change_user(ro_user, [&](store::User& row) { row.disabled = is; });
    };
    const auto stopped = [&](bool is) {
        change([&](store::Transaction& tx) {
            exchange::Stops stops;
            if (is) stops.users[ro_user] = {.at = server.h.clock.now(), .person = "", .reason = ""};
            ASSERT_TRUE(exchange::put_stops(tx, stops));
        });
    };
    const auto may_read = [&](bool is) { regrant({.read = is, .list = true}); };

    struct Case {
        const char* name;
        std::function<void()> end;
        std::function<void()> begin;
        int status;
    };

    const std::vector<Case> cases{
        {"token revoked", [&] { revoked(true); }, [&] { revoked(false); }, 401},
        {"user disabled", [&] { disabled(true); }, [&] { disabled(false); }, 401},
        {"user stopped", [&] { stopped(true); }, [&] { stopped(false); }, 401},
        {"no right to read", [&] { may_read(false); }, [&] { may_read(true); }, 403}};
    for (const Case& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(ask(ro).status, 200);
        EXPECT_EQ(status_without_store(ro), 200);
        c.end();
        EXPECT_EQ(ask(ro).status, c.status);
        EXPECT_NE(status_without_store(ro), 200);
        c.begin();
        EXPECT_EQ(ask(ro).status, 200);
    }
}

TEST_F(ServiceAgain, ALoginEndsByItself) {
    const Micros end = server.h.clock.now() + 60 * micros_per_second;
    change_token_of(ro_user, [&](store::Token& row) { row.expires = end; });
    server.password(rw_user, "a good password");
    change_user(rw_user, [&](store::User& row) { row.password_expires = end; });
    const Request by_password{
        .target = poll,
        .headers = {
            {"Accept", taxii_type},
            {"Authorization", "Basic " + to_base64("read-write:a good password")}}};
    EXPECT_EQ(ask(ro).status, 200);
    EXPECT_EQ(server.send(by_password).status, 200);
    EXPECT_EQ(status_without_store(ro), 200);
    EXPECT_EQ(ask_without_store(by_password).status, 200);
    server.h.clock.advance(60 * micros_per_second);
    EXPECT_EQ(ask(ro).status, 401);
    EXPECT_EQ(server.send(by_password).status, 401);
}

TEST_F(ServiceAgain, AnOldPasswordIsNotKeptByANewState) {
    server.password(ro_user, "an old password");
    exchange::ReadRequest request;
    request.filter.added_after = server.h.clock.now();
    const exchange::Caller before = server.h.caller(ro_user);
    server.password(ro_user, "a new password");
    std::optional<exchange::NothingNew> nothing;
    server.h.exchange().read(before, collection, request, [&](Result<exchange::Page> page) {
        ASSERT_TRUE(page);
        EXPECT_EQ(page->count, 0U);
        nothing = page->nothing;
    });
    EXPECT_FALSE(nothing) << "it was checked before the password changed";
}

TEST_F(ServiceAgain, TheReaderIsNotedEachTime) {
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(status_without_store(ro), 200);
    server.h.clock.advance(5 * micros_per_second);
    const Micros last = server.h.clock.now();
    EXPECT_EQ(status_without_store(ro), 200);
    server.h.exchange().flush();
    const auto note = exchange::note_of(*server.store.snapshot(), ro_user, collection);
    ASSERT_TRUE(note);
    EXPECT_EQ(note->requests, 5U);
    EXPECT_EQ(note->at, last);
    EXPECT_EQ(note->delivered, 0U);
}

class ServiceAgainLimited : public ServiceTest {
  protected:
    ServiceAgainLimited() : ServiceTest(options(asked_)) {}

    /// Every third request of a user and those after it wait.
    static ServiceOptions options(int& asked) {
        ServiceOptions made;
        made.caller_waits = [&asked](store::UserNo) -> std::optional<std::int64_t> {
            return ++asked > 2 ? std::optional<std::int64_t>(7) : std::nullopt;
        };
        return made;
    }

    int asked_ = 0;
};

TEST_F(ServiceAgainLimited, CountsForTheLimitOfItsUserLikeAnyOther) {
    for (const int status : {200, 200, 429, 429}) {
        const Answer answer = server.get(at("objects/"), ro);
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.header("Retry-After"), status == 429 ? "7" : "");
    }
    EXPECT_EQ(asked_, 4) << "once a request";
}

}  // namespace
}  // namespace entente::taxii
