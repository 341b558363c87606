#include "exchange/writer.h"

#include "base/limits.h"
#include "exchange/testing/settings_store.h"

#include <gtest/gtest.h>

#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace entente::exchange {
namespace {

using testing::SettingsStore;

/// What became of a job, in words.
std::string words(const std::exception_ptr& failure) {
    if (!failure) return "done";
    try {
        std::rethrow_exception(failure);
    } catch (const StorageError& e) {
        switch (e.kind()) {
            case StorageError::Kind::full:
                return "full";
            case StorageError::Kind::busy:
                return "busy";
            case StorageError::Kind::io:
                return "io";
            case StorageError::Kind::corrupt:
                return "corrupt";
        }
        return "?";
    } catch (const std::exception& e) {
        return e.what();
    }
}

/// Collects what `done` callbacks say, in their order.
class Answers {
  public:
    [[nodiscard]] Writer::Done expect(std::string name) {
        return [this, name = std::move(name)](const std::exception_ptr& failure) {
            const std::lock_guard lock(mutex_);
            answers_.push_back(name + ":" + words(failure));
            changed_.notify_all();
        };
    }

    [[nodiscard]] std::vector<std::string> wait_for(std::size_t n) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return answers_.size() >= n; });
        return answers_;
    }

    [[nodiscard]] std::vector<std::string> now() {
        const std::lock_guard lock(mutex_);
        return answers_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> answers_;
};

Writer::Work sets(std::string name, std::string value = "1") {
    return [=](store::Transaction& tx) { tx.set_setting(name, value); };
}

Writer::Work appends(std::string name, std::string value) {
    return [=](store::Transaction& tx) {
        tx.set_setting(name, tx.setting(name).value_or("") + value);
    };
}

Writer::Work fails_after_setting(std::string name) {
    return [=](store::Transaction& tx) {
        tx.set_setting(name, "1");
        throw std::runtime_error("refused");
    };
}

using Names = std::vector<std::string>;

class GroupWriterTest : public ::testing::Test {
  protected:
    /// Keeps the writer's thread inside a transaction of one job, so that what is submitted next
    /// waits together.
    void occupy(Writer& writer, std::size_t begun_before = 0) {
        store_.hold();
        writer.submit(sets("first"), answers_.expect("first"), 0);
        store_.wait_for_begun(begun_before + 1);
    }

    SettingsStore store_;
    Answers answers_;
};

TEST_F(GroupWriterTest, CommitsWhatWaitsTogether) {
    const auto writer = make_group_writer(store_);
    occupy(*writer);
    for (int i = 0; i < 10; ++i) {
        writer->submit(sets(std::to_string(i)), answers_.expect(std::to_string(i)), 100);
    }
    EXPECT_EQ(answers_.now(), Names{}) << "nobody is told before the commit";
    store_.release();
    EXPECT_EQ(answers_.wait_for(11).size(), 11U);
    EXPECT_EQ(store_.commits(), 2U);
    EXPECT_EQ(store_.settings().size(), 11U);
}

TEST_F(GroupWriterTest, WithoutBatchingCommitsEachAlone) {
    const auto writer = make_group_writer(store_, false);
    occupy(*writer);
    for (int i = 0; i < 10; ++i)
        writer->submit(sets(std::to_string(i)), answers_.expect(""), 100);
    store_.release();
    EXPECT_EQ(answers_.wait_for(11).size(), 11U);
    EXPECT_EQ(store_.commits(), 11U);
}

TEST_F(GroupWriterTest, AGroupHasNoMoreJobsThanTheLimit) {
    const auto writer = make_group_writer(store_);
    occupy(*writer);
    const std::size_t jobs = limits::group_commit_requests_max + 1;
    for (std::size_t i = 0; i < jobs; ++i)
        writer->submit(sets("x"), answers_.expect(""), 0);
    store_.release();
    EXPECT_EQ(answers_.wait_for(jobs + 1).size(), jobs + 1);
    EXPECT_EQ(store_.commits(), 3U) << "the first, a full group, and one more";
}

TEST_F(GroupWriterTest, AGroupHasNoMoreBytesThanTheLimitUnlessOneJobAlone) {
    const auto writer = make_group_writer(store_);
    occupy(*writer);
    constexpr std::size_t most = limits::group_commit_bytes_max;
    // Groups: {half, half}, {1}, {more than the limit}, {everything there is}, {1, 1}.
    for (const std::size_t bytes : std::array{
             most / 2,
             most - most / 2,
             std::size_t{1},
             most + 1,
             SIZE_MAX,
             std::size_t{1},
             std::size_t{1}}) {
        writer->submit(sets("x"), answers_.expect(""), bytes);
    }
    store_.release();
    EXPECT_EQ(answers_.wait_for(8).size(), 8U);
    EXPECT_EQ(store_.commits(), 6U);
}

TEST_F(GroupWriterTest, AJobThatThrowsIsUndoneAlone) {
    const auto writer = make_group_writer(store_);
    occupy(*writer);
    writer->submit(sets("a"), answers_.expect("a"), 1);
    writer->submit(fails_after_setting("b"), answers_.expect("b"), 1);
    writer->submit(sets("c"), answers_.expect("c"), 1);
    store_.release();
    EXPECT_EQ(answers_.wait_for(4), (Names{"first:done", "a:done", "b:refused", "c:done"}));
    EXPECT_EQ(store_.settings(), (SettingsStore::Settings{{"first", "1"}, {"a", "1"}, {"c", "1"}}));
    EXPECT_EQ(store_.commits(), 2U);
}

TEST_F(GroupWriterTest, AFailedCommitIsToldToEveryJobOfTheGroupAndNotRetried) {
    const auto writer = make_group_writer(store_);
    occupy(*writer);
    store_.break_commit(2);
    int runs = 0;  // the writer thread's until the answers are there
    writer->submit([&](store::Transaction&) { ++runs; }, answers_.expect("a"), 1);
    writer->submit(fails_after_setting("b"), answers_.expect("b"), 1);
    writer->submit(sets("c"), answers_.expect("c"), 1);
    store_.release();
    EXPECT_EQ(answers_.wait_for(4), (Names{"first:done", "a:full", "b:full", "c:full"}));
    EXPECT_EQ(runs, 1);
    writer->submit(sets("d"), answers_.expect("d"), 1);
    EXPECT_EQ(answers_.wait_for(5).back(), "d:done") << "the next group has nothing to do with it";
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(store_.settings(), (SettingsStore::Settings{{"first", "1"}, {"d", "1"}}));
}

TEST_F(GroupWriterTest, AFailedSavepointIsToldToEveryJobOfTheGroup) {
    const auto writer = make_group_writer(store_);
    occupy(*writer);
    store_.break_savepoint(3);  // of "first", a, b
    writer->submit(sets("a"), answers_.expect("a"), 1);
    writer->submit(sets("b"), answers_.expect("b"), 1);
    writer->submit(sets("c"), answers_.expect("c"), 1);
    store_.release();
    EXPECT_EQ(answers_.wait_for(4), (Names{"first:done", "a:io", "b:io", "c:io"}));
    EXPECT_EQ(store_.settings(), (SettingsStore::Settings{{"first", "1"}}));
}

TEST_F(GroupWriterTest, KeepsTheOrderInWorkAndInAnswers) {
    const auto writer = make_group_writer(store_);
    occupy(*writer);
    std::string order;
    Names names{"first:done"};
    for (char c = 'a'; c <= 'z'; ++c) {
        writer->submit(appends("order", {c}), answers_.expect({c}), 0);
        order += c;
        names.push_back(std::string(1, c) + ":done");
    }
    store_.release();
    EXPECT_EQ(answers_.wait_for(names.size()), names);
    EXPECT_EQ(store_.settings().at("order"), order);
}

TEST_F(GroupWriterTest, OneJobMoreThanTheQueueHoldsIsRefusedAtOnce) {
    const auto writer = make_group_writer(store_);
    occupy(*writer);
    for (std::size_t i = 0; i < limits::write_queue_max; ++i) {
        writer->submit(appends("count", "1"), answers_.expect("waits"), 0);
    }
    EXPECT_EQ(answers_.now(), Names{});
    writer->submit(appends("count", "1"), answers_.expect("too many"), 0);
    EXPECT_EQ(answers_.now(), Names{"too many:busy"});
    EXPECT_THROW(writer->run(sets("x")), StorageError);
    store_.release();
    EXPECT_EQ(answers_.wait_for(limits::write_queue_max + 2).size(), limits::write_queue_max + 2);
    EXPECT_EQ(store_.settings().at("count").size(), limits::write_queue_max);
    writer->run(sets("room again"));
}

// A clock that only jobs move.
class PacedWriterTest : public GroupWriterTest {
  protected:
    Writer::Work takes(std::int64_t ms, std::string name) {
        return [this, ms, name](store::Transaction& tx) {
            clock_.advance(ms * 1'000);
            tx.set_setting(name, tx.setting("order").value_or(""));
            tx.set_setting("order", tx.setting("order").value_or("") + name);
        };
    }

    FakeClock clock_{Micros{0}};
};

TEST_F(PacedWriterTest, AGroupRunsNoLongerThanTheLimitAndTheRestFollowsInOrder) {
    const auto writer = make_group_writer(store_, true, clock_);
    occupy(*writer);
    // Groups: {a, b}, {c}, {d, e}.
    const std::int64_t half = limits::group_commit_ms_max / 2;
    const std::vector<std::pair<std::string, std::int64_t>> jobs{
        {"a", half}, {"b", half}, {"c", 2 * half}, {"d", half}, {"e", half}};
    for (const auto& [name, ms] : jobs) {
        writer->submit(takes(ms, name), answers_.expect(name), 10);
    }
    store_.release();
    EXPECT_EQ(
        answers_.wait_for(6),
        (Names{"first:done", "a:done", "b:done", "c:done", "d:done", "e:done"})
    );
    EXPECT_EQ(store_.commits(), 4U);
    EXPECT_EQ(store_.settings().at("order"), "abcde");
}

TEST_F(PacedWriterTest, WhatWouldWaitTooLongIsRefusedAtOnce) {
    const auto writer = make_group_writer(store_, true, clock_);
    // 10 ms each, all alike: after the patience is used up, so many that the wait is reached.
    constexpr std::size_t bytes = 1'000;
    constexpr std::int64_t each_ms = 10;
    writer->submit(takes(each_ms, "m"), answers_.expect("measured"), bytes);
    (void)answers_.wait_for(1);
    occupy(*writer, 1);
    for (std::size_t i = 0; i < limits::write_patience_requests; ++i)
        writer->submit(sets("x"), answers_.expect("waits"), bytes);
    EXPECT_EQ(answers_.now(), Names{"measured:done"}) << "they may wait, however long it takes";
    ASSERT_GT(limits::write_patience_requests * each_ms, limits::write_wait_ms_max);
    writer->submit(sets("y"), answers_.expect("late"), bytes);
    EXPECT_EQ(answers_.now(), (Names{"measured:done", "late:busy"}));
    writer->submit(sets("z"), answers_.expect("own"), 0);
    EXPECT_EQ(answers_.now().size(), 2U) << "the node's own work is not refused";
    store_.release();
    const std::size_t all = limits::write_patience_requests + 4;
    EXPECT_EQ(answers_.wait_for(all).size(), all);
    EXPECT_EQ(store_.settings().count("y"), 0U);
    writer->submit(sets("y"), answers_.expect("later"), bytes);
    EXPECT_EQ(answers_.wait_for(all + 1).back(), "later:done");
}

TEST_F(PacedWriterTest, ManyThatTakeLittleTimeAllWait) {
    const auto writer = make_group_writer(store_, true, clock_);
    writer->submit(takes(1, "m"), answers_.expect("measured"), 1'000'000);
    (void)answers_.wait_for(1);
    occupy(*writer, 1);
    const std::size_t many = 4 * limits::write_patience_requests;
    for (std::size_t i = 0; i < many; ++i)
        writer->submit(sets("x"), answers_.expect("waits"), 1'000);
    EXPECT_EQ(answers_.now().size(), 1U);
    store_.release();
    EXPECT_EQ(answers_.wait_for(many + 2).size(), many + 2);
}

TEST_F(GroupWriterTest, ItsDestructorFinishesWhatWaits) {
    auto writer = make_group_writer(store_);
    occupy(*writer);
    for (int i = 0; i < 1'000; ++i)
        writer->submit(appends("count", "1"), answers_.expect(""), 0);
    std::thread ends([&] { writer.reset(); });
    store_.release();
    ends.join();
    EXPECT_EQ(answers_.now().size(), 1'001U);
    EXPECT_EQ(store_.settings().at("count").size(), 1'000U);
}

TEST_F(GroupWriterTest, ItsDestructorFinishesWhatAJobsAnswerSubmits) {
    auto writer = make_group_writer(store_);
    store_.hold();
    Writer& alive = *writer;
    writer->submit(
        sets("a"),
        [&](const std::exception_ptr&) { alive.submit(sets("b"), answers_.expect("b"), 0); },
        0
    );
    store_.wait_for_begun(1);
    std::thread ends([&] { writer.reset(); });
    store_.release();
    ends.join();
    EXPECT_EQ(answers_.now(), Names{"b:done"});
}

TEST_F(GroupWriterTest, WhatAJobHoldsIsGoneBeforeItsAnswer) {
    const auto writer = make_group_writer(store_);
    auto body = std::make_shared<std::string>("a request body");
    const std::weak_ptr<std::string> watched = body;
    std::optional<bool> gone;
    writer->submit(
        [body = std::move(body)](store::Transaction& tx) { tx.set_setting("body", *body); },
        [&, answer = answers_.expect("a")](const std::exception_ptr& failure) {
            gone = watched.expired();
            answer(failure);
        },
        0
    );
    EXPECT_EQ(answers_.wait_for(1), Names{"a:done"});
    EXPECT_TRUE(gone.has_value() && *gone);
}

TEST_F(GroupWriterTest, RunReturnsAfterTheCommitAndThrowsWhatTheJobThrew) {
    const auto writer = make_group_writer(store_);
    writer->run(sets("a"));
    EXPECT_TRUE(store_.settings().contains("a"));
    try {
        writer->run(fails_after_setting("b"));
        ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& e) {
        EXPECT_STREQ(e.what(), "refused");
    }
    store_.break_commit(1);
    try {
        writer->run(sets("c"));
        ADD_FAILURE() << "nothing was thrown";
    } catch (const StorageError& e) {
        EXPECT_EQ(e.kind(), StorageError::Kind::full);
    }
    EXPECT_EQ(store_.settings(), (SettingsStore::Settings{{"a", "1"}}));
}

TEST_F(GroupWriterTest, ManyThreadsWriteAtOnce) {
    const auto writer = make_group_writer(store_);
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 200; ++i) {
                if (i % 10 == 9) {
                    EXPECT_THROW(writer->run(fails_after_setting("never")), std::runtime_error);
                } else {
                    writer->run(appends(std::to_string(t), std::to_string(i % 10)));
                }
            }
        });
    }
    for (std::thread& t : threads)
        t.join();
    const auto settings = store_.settings();
    EXPECT_EQ(settings.size(), 8U);
    std::string all;
    for (int i = 0; i < 20; ++i)
        all += "012345678";
    for (const auto& [thread, order] : settings)
        EXPECT_EQ(order, all) << thread;
}

TEST_F(GroupWriterTest, MovesTheLogAfterSoManyBytesAndSurvivesAFailedOne) {
    const auto writer = make_group_writer(store_);
    store_.break_checkpoints();
    for (std::size_t n = 1; n <= 3; ++n) {
        writer->submit(sets("x"), answers_.expect("a"), limits::checkpoint_bytes);
        store_.wait_for_checkpoints(n);
    }
    for (const std::string& answer : answers_.wait_for(3))
        EXPECT_EQ(answer, "a:done");
}

TEST(InlineWriter, CommitsEachJobBeforeSubmitReturns) {
    SettingsStore store;
    Answers answers;
    const auto writer = make_inline_writer(store);
    writer->submit(sets("a"), answers.expect("a"), 0);
    EXPECT_EQ(answers.now(), Names{"a:done"});
    EXPECT_EQ(store.commits(), 1U);
    writer->submit(fails_after_setting("b"), answers.expect("b"), 0);
    EXPECT_EQ(answers.now(), (Names{"a:done", "b:refused"}));
    store.break_commit(1);
    writer->submit(sets("c"), answers.expect("c"), 0);
    EXPECT_EQ(answers.now(), (Names{"a:done", "b:refused", "c:full"}));
    EXPECT_THROW(writer->run(fails_after_setting("d")), std::runtime_error);
    writer->run(sets("e"));
    EXPECT_EQ(store.settings(), (SettingsStore::Settings{{"a", "1"}, {"e", "1"}}));
}

}  // namespace
}  // namespace entente::exchange
