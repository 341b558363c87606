// What one page is, case by case; scan_property_test.cpp tries random histories.
#include "store/scan.h"

#include "base/limits.h"
#include "store/scan_stores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace entente::store::test {
namespace {

using agreement::Facets;
using agreement::raw;
using agreement::Stretch;
using agreement::View;
using testing::ElementsAre;
using testing::IsEmpty;
using Bodies = std::vector<std::string>;

constexpr std::int64_t day = 1'000'000;

struct Published {
    ClassNo cls{};
    std::string id;
    std::string key;
};

class Scan : public testing::TestWithParam<StoreKind> {
  protected:
    void SetUp() override {
        store_ = GetParam().make();
        store_->write([&](Transaction& tx) {
            party_ = tx.put(Party{.no = {}, .name = "own", .own = true, .identities = {}});
            User user;
            user.name = "reader";
            user.party = party_;
            user_ = tx.put(user);
            ApiRoot root;
            root.name = "root";
            Collection collection;
            collection.root = tx.put(root);
            collection.id = "91a7b528-80eb-42ed-a74d-c6fbd5a26116";
            collection_ = tx.put(collection);
            tx.make_view(user_, collection_);
        });
    }

    ClassNo make_class(
        const std::string& type,
        const std::string& marking,
        const std::string& spec = "2.1",
        PartyNo held_for = {}
    ) {
        const Facets facets{
            .type = type,
            .spec_version = spec,
            .markings = {marking},
            .source = party_,
            .held_for = held_for};
        ClassNo no{};
        store_->write([&](Transaction& tx) { no = tx.intern_class(agreement::facets_key(facets)); }
        );
        if (classes_.find(no) == nullptr) classes_.add(no, facets);
        return no;
    }

    /// The body of each entry is its id, '@' and key.
    Seq publish(const std::vector<Published>& batch, std::int64_t date, bool siblings = false) {
        Bodies bodies;
        for (const Published& p : batch)
            bodies.push_back(p.id + '@' + p.key);
        std::vector<NewEntry> rows;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            rows.push_back(
                {.cls = batch[i].cls,
                 .lane = classes_.find(batch[i].cls)->held_for,
                 .id = batch[i].id,
                 .version = batch[i].key,
                 .version_key = batch[i].key,
                 .digest = {},
                 .body = bodies[i],
                 .siblings = siblings}
            );
        }
        Seq first{};
        store_->write([&](Transaction& tx) {
            first = tx.append(collection_, {date}, rows);
            if (siblings) tx.mark_siblings(collection_, batch.front().id, true);
        });
        return first;
    }

    [[nodiscard]] View view_of(
        const std::vector<ClassNo>& released, std::vector<Stretch> stretches = {}
    ) const {
        std::vector<bool> bits(classes_.size(), false);
        for (const ClassNo cls : released)
            bits[raw(cls)] = true;
        return {
            user_,
            collection_,
            agreement::terms_up_to(party_, stix::Tlp::red, stix::Tlp::clear),
            bits,
            std::move(stretches)};
    }

    struct Page {
        Bodies bodies;
        std::vector<std::int64_t> dates;
        ScanResult result;
        std::uint64_t rows_touched = 0;
    };

    Page read(
        const View& view, const Filter& filter = {}, Position from = {}, std::uint64_t limit = 1'000
    ) {
        const auto snapshot = store_->snapshot();
        agreement::Gate gate(view, agreement::Form::line);
        Page page;
        page.result = scan(
            *snapshot,
            view,
            classes_,
            filter,
            from,
            limit,
            [&](const agreement::Sealed& sealed) {
                EXPECT_TRUE(gate.pass(sealed));
                page.dates.push_back(sealed.date().count);
                return true;
            }
        );
        page.rows_touched = snapshot->rows_touched();
        const agreement::Released released = std::move(gate).finish({});
        std::string_view rest = released.for_file();
        while (!rest.empty()) {
            page.bodies.emplace_back(rest.substr(0, rest.find('\n')));
            rest.remove_prefix(rest.find('\n') + 1);
        }
        return page;
    }

    static Filter versions(VersionFilter version) {
        Filter filter;
        filter.version = std::move(version);
        return filter;
    }

    static VersionFilter all() { return {.all = true, .first = false, .last = false, .keys = {}}; }

    static Filter after(std::int64_t date) {
        Filter filter;
        filter.added_after = Micros{date};
        return filter;
    }

    std::unique_ptr<Store> store_;
    agreement::ClassTable classes_;
    PartyNo party_{};
    UserNo user_{};
    CollectionNo collection_{};
};

TEST_P(Scan, NothingAtAll) {
    const Page page = read(view_of({}));
    EXPECT_THAT(page.bodies, IsEmpty());
    EXPECT_FALSE(page.result.more);
    EXPECT_EQ(raw(page.result.end.seq), 0U);
    EXPECT_FALSE(page.result.first_date);
    EXPECT_FALSE(page.result.last_date);
    EXPECT_THAT(read(view_of({}), after(day)).bodies, IsEmpty());
}

TEST_P(Scan, WithheldEntriesLeaveNoGapInTheDates) {
    const ClassNo open = make_class("tool", "open");
    const ClassNo closed = make_class("tool", "closed");
    publish(
        {{closed, "t--0", "k"}, {open, "t--1", "k"}, {closed, "t--2", "k"}, {open, "t--3", "k"}},
        day
    );
    publish({{closed, "t--4", "k"}, {open, "t--5", "k"}}, day);
    const Page page = read(view_of({open}));
    EXPECT_THAT(page.bodies, ElementsAre("t--1@k", "t--3@k", "t--5@k"));
    EXPECT_THAT(page.dates, ElementsAre(day, day + 1, day + 4));
    EXPECT_THAT(
        read(view_of({open, closed})).dates,
        ElementsAre(day, day + 1, day + 2, day + 3, day + 4, day + 5)
    );
    const auto snapshot = store_->snapshot();
    const auto group = snapshot->group_at(collection_, Seq{4});
    ASSERT_TRUE(group);
    EXPECT_EQ(date_in_view(*group, view_of({open}), Seq{4}).count, day + 1);
    EXPECT_EQ(date_in_view(*group, view_of({open, closed}), Seq{4}).count, day + 3);
}

TEST_P(Scan, DatesStayWhenEntriesGo) {
    const ClassNo a = make_class("tool", "a");
    const ClassNo b = make_class("tool", "b");
    const Seq first = publish({{a, "t--1", "k"}, {b, "t--2", "k"}, {a, "t--3", "k"}}, day);
    store_->write([&](Transaction& tx) { tx.remove(collection_, first); });
    EXPECT_THAT(read(view_of({a, b})).dates, ElementsAre(day + 1, day + 2));
    // Class a was taken away after the group: it goes on taking part.
    const View narrowed = view_of({b}, {{a, Seq{0}, Seq{3}}});
    EXPECT_THAT(read(narrowed).bodies, ElementsAre("t--2@k"));
    EXPECT_THAT(read(narrowed).dates, ElementsAre(day + 1));
}

TEST_P(Scan, AddedAfterIsStrictAndByTheViewsOwnDates) {
    const ClassNo open = make_class("tool", "open");
    const ClassNo closed = make_class("tool", "closed");
    publish(
        {{open, "t--1", "k"}, {closed, "t--2", "k"}, {open, "t--3", "k"}, {open, "t--4", "k"}}, day
    );
    publish({{open, "t--5", "k"}}, 2 * day);
    const View view = view_of({open});
    EXPECT_THAT(
        read(view, after(day - 1)).bodies, ElementsAre("t--1@k", "t--3@k", "t--4@k", "t--5@k")
    );
    EXPECT_THAT(read(view, after(day)).bodies, ElementsAre("t--3@k", "t--4@k", "t--5@k"));
    EXPECT_THAT(read(view, after(day + 1)).bodies, ElementsAre("t--4@k", "t--5@k"));
    EXPECT_THAT(read(view, after(day + 2)).bodies, ElementsAre("t--5@k"));
    EXPECT_THAT(read(view, after(day + 3)).bodies, ElementsAre("t--5@k"));
    EXPECT_THAT(read(view, after(2 * day)).bodies, IsEmpty());
    EXPECT_THAT(read(view, after(9'000'000 * day)).bodies, IsEmpty());
    EXPECT_THAT(read(view, after(-day)).bodies, testing::SizeIs(4));
    // Beside a cursor the later of the two counts.
    EXPECT_THAT(read(view, after(day), {Seq{3}}).bodies, ElementsAre("t--4@k", "t--5@k"));
    EXPECT_THAT(read(view, after(day + 2), {Seq{1}}).bodies, ElementsAre("t--5@k"));
}

TEST_P(Scan, MoreMeansThatThisReaderGetsAnother) {
    const ClassNo open = make_class("tool", "open");
    const ClassNo closed = make_class("tool", "closed");
    publish({{open, "t--1", "k"}, {open, "t--2", "k"}, {closed, "t--3", "k"}}, day);
    const View view = view_of({open});
    const Page first = read(view, {}, {}, 1);
    EXPECT_TRUE(first.result.more);
    EXPECT_EQ(first.result.end.seq, Seq{1});
    EXPECT_FALSE(read(view, {}, first.result.end, 1).result.more);
    EXPECT_FALSE(read(view, {}, {}, 2).result.more);
    EXPECT_TRUE(read(view, {}, {}, 0).result.more);
    EXPECT_FALSE(read(view, {}, {Seq{2}}, 0).result.more);
    const Page beyond = read(view, {}, {agreement::seq_max}, 5);
    EXPECT_THAT(beyond.bodies, IsEmpty());
    EXPECT_FALSE(beyond.result.more);
    EXPECT_THAT(read(view, {}, {Seq{~0ULL}}, 5).bodies, IsEmpty());
}

TEST_P(Scan, AFullPageEndsBeforeWhatTheSinkRefused) {
    const ClassNo open = make_class("tool", "open");
    publish({{open, "t--1", "k"}, {open, "t--2", "k"}}, day);
    const auto snapshot = store_->snapshot();
    int offered = 0;
    const ScanResult result =
        scan(*snapshot, view_of({open}), classes_, {}, {}, 10, [&](const auto& /*sealed*/) {
            return ++offered == 1;
        });
    EXPECT_EQ(offered, 2);
    EXPECT_TRUE(result.more);
    EXPECT_EQ(result.end.seq, Seq{1});
    EXPECT_EQ(result.last_date, result.first_date);
}

// T70, T71: by version, not by arrival.
TEST_P(Scan, VersionsOfAnObject) {
    const ClassNo open = make_class("tool", "open");
    publish({{open, "t--1", "2"}, {open, "t--1", "3"}}, day);
    publish({{open, "t--1", "1"}, {open, "t--2", "7"}}, day);
    const View view = view_of({open});
    EXPECT_THAT(read(view).bodies, ElementsAre("t--1@3", "t--2@7"));
    EXPECT_THAT(
        read(view, versions(all())).bodies, ElementsAre("t--1@2", "t--1@3", "t--1@1", "t--2@7")
    );
    VersionFilter want{.all = false, .first = true, .last = false, .keys = {}};
    EXPECT_THAT(read(view, versions(want)).bodies, ElementsAre("t--1@1", "t--2@7"));
    want.last = true;
    EXPECT_THAT(read(view, versions(want)).bodies, ElementsAre("t--1@3", "t--1@1", "t--2@7"));
    want = {.all = false, .first = false, .last = false, .keys = {"2", "7"}};
    EXPECT_THAT(read(view, versions(want)).bodies, ElementsAre("t--1@2", "t--2@7"));
    want.last = true;
    EXPECT_THAT(read(view, versions(want)).bodies, ElementsAre("t--1@2", "t--1@3", "t--2@7"));
    want = {.all = false, .first = false, .last = false, .keys = {"9"}};
    EXPECT_THAT(read(view, versions(want)).bodies, IsEmpty());
}

// T73: first and last are picked among what the rest of the request leaves.
TEST_P(Scan, AddedAfterComesBeforeTheVersionFilter) {
    const ClassNo open = make_class("tool", "open");
    publish({{open, "t--1", "3"}}, day);
    publish({{open, "t--1", "1"}, {open, "t--1", "2"}}, 2 * day);
    const View view = view_of({open});
    EXPECT_THAT(read(view).bodies, ElementsAre("t--1@3"));
    EXPECT_THAT(read(view, after(day)).bodies, ElementsAre("t--1@2"));
    Filter filter = after(2 * day);
    EXPECT_THAT(read(view, filter).bodies, ElementsAre("t--1@2"));
    filter.version = {.all = false, .first = true, .last = false, .keys = {}};
    EXPECT_THAT(read(view, filter).bodies, ElementsAre("t--1@2"));
    filter.added_after = Micros{day};
    EXPECT_THAT(read(view, filter).bodies, ElementsAre("t--1@1"));
}

TEST_P(Scan, WhoMayNotSeeTheNewerVersionGoesOnSeeingTheOlder) {
    const ClassNo open = make_class("tool", "open");
    const ClassNo closed = make_class("tool", "closed");
    publish({{open, "t--1", "1"}}, day);
    publish({{closed, "t--1", "2"}}, day);
    publish({{open, "t--2", "1"}, {closed, "t--2", "2"}, {open, "t--2", "3"}}, day);
    EXPECT_THAT(read(view_of({open})).bodies, ElementsAre("t--1@1", "t--2@3"));
    EXPECT_THAT(read(view_of({open, closed})).bodies, ElementsAre("t--1@2", "t--2@3"));
    EXPECT_THAT(read(view_of({closed})).bodies, ElementsAre("t--1@2", "t--2@2"));
}

// T72.
TEST_P(Scan, NewestSpecVersionUnlessTheRequestNamesSome) {
    const ClassNo old_form = make_class("tool", "open", "2.0");
    const ClassNo new_form = make_class("tool", "open", "2.1");
    publish({{new_form, "t--1", "1"}, {old_form, "t--1", "2"}}, day, true);
    publish({{old_form, "t--2", "1"}}, day);
    const View view = view_of({old_form, new_form});
    EXPECT_THAT(read(view).bodies, ElementsAre("t--1@1", "t--2@1"));
    EXPECT_THAT(read(view, versions(all())).bodies, ElementsAre("t--1@1", "t--2@1"));
    EXPECT_THAT(read(view_of({old_form})).bodies, ElementsAre("t--1@2", "t--2@1"));
    Filter filter;
    filter.spec_versions = {"2.0"};
    EXPECT_THAT(read(view, filter).bodies, ElementsAre("t--1@2", "t--2@1"));
    filter.spec_versions = {"2.1"};
    EXPECT_THAT(read(view, filter).bodies, ElementsAre("t--1@1"));
    filter.spec_versions = {"2.0", "2.1"};
    EXPECT_THAT(read(view, filter).bodies, ElementsAre("t--1@2", "t--2@1"));
    filter.version = all();
    EXPECT_THAT(read(view, filter).bodies, ElementsAre("t--1@1", "t--1@2", "t--2@1"));
    filter.spec_versions = {"3.0"};
    EXPECT_THAT(read(view, filter).bodies, IsEmpty());
}

TEST_P(Scan, TypesAndIds) {
    const ClassNo tool = make_class("tool", "open");
    const ClassNo malware = make_class("malware", "open");
    const ClassNo closed = make_class("malware", "closed");
    publish(
        {{tool, "tool--1", "1"},
         {malware, "malware--1", "1"},
         {tool, "tool--2", "1"},
         {tool, "tool--1", "2"}},
        day
    );
    publish({{closed, "malware--2", "1"}}, day);
    const View view = view_of({tool, malware});
    Filter filter;
    filter.types = {"malware", "vulnerability"};
    EXPECT_THAT(read(view, filter).bodies, ElementsAre("malware--1@1"));
    filter.types = {"vulnerability"};
    EXPECT_THAT(read(view, filter).bodies, IsEmpty());
    filter.types = {};
    filter.ids = {"malware--1", "malware--2", "tool--1"};
    EXPECT_THAT(read(view, filter).bodies, ElementsAre("malware--1@1", "tool--1@2"));
    EXPECT_THAT(read(view, filter, {}, 1).bodies, ElementsAre("malware--1@1"));
    EXPECT_TRUE(read(view, filter, {}, 1).result.more);
    EXPECT_FALSE(read(view, filter, {Seq{2}}, 1).result.more);
    filter.version = all();
    EXPECT_THAT(read(view, filter).bodies, ElementsAre("tool--1@1", "malware--1@1", "tool--1@2"));
    EXPECT_TRUE(read(view, filter).result.any_id_visible);
    filter.types = {"vulnerability"};
    EXPECT_THAT(read(view, filter).bodies, IsEmpty());
    EXPECT_TRUE(read(view, filter).result.any_id_visible);
    filter.ids = {"malware--2", "tool--9"};
    EXPECT_FALSE(read(view, filter).result.any_id_visible);
}

TEST_P(Scan, CopiesHeldForTheOwnParty) {
    const ClassNo open = make_class("tool", "open");
    const ClassNo held = make_class("tool", "open", "2.1", party_);
    const ClassNo others = make_class("tool", "open", "2.1", PartyNo{raw(party_) + 1});
    publish({{open, "t--1", "1"}}, day);
    publish({{held, "t--1", "1"}, {held, "t--1", "2"}}, day, true);
    const View view = view_of({open, held});
    EXPECT_THAT(read(view).bodies, ElementsAre("t--1@2"));
    EXPECT_EQ(read(view, versions(all())).dates, (std::vector<std::int64_t>{day, day + 2}));
    publish({{others, "t--1", "3"}}, day, true);
    EXPECT_THAT(read(view).bodies, ElementsAre("t--1@2"));
    EXPECT_THAT(read(view_of({open})).bodies, ElementsAre("t--1@1"));
    store_->write([&](Transaction& tx) { tx.remove(collection_, Seq{1}); });
    EXPECT_THAT(read(view, versions(all())).bodies, ElementsAre("t--1@1", "t--1@2"));
}

TEST_P(Scan, LateRowsStandAtTheirOwnPlaces) {
    const ClassNo open = make_class("tool", "open");
    const ClassNo later = make_class("tool", "later");
    publish({{later, "t--1", "k"}, {open, "t--2", "k"}, {later, "t--3", "k"}}, day);
    const std::vector<Stretch> stretches = {{later, Seq{3}, agreement::seq_max}};
    store_->write([&](Transaction& tx) {
        tx.set_stretches(user_, collection_, stretches);
        const std::vector<Transaction::NewLate> rows = {
            {Seq{1}, LateRow::Kind::widened}, {Seq{3}, LateRow::Kind::widened}};
        tx.append_late(user_, collection_, {2 * day}, rows);
    });
    publish({{open, "t--4", "k"}, {later, "t--5", "k"}}, 2 * day);
    const View view = view_of({open, later}, stretches);
    const Page page = read(view);
    EXPECT_THAT(page.bodies, ElementsAre("t--2@k", "t--1@k", "t--3@k", "t--4@k", "t--5@k"));
    EXPECT_THAT(page.dates, ElementsAre(day, 2 * day, 2 * day + 1, 2 * day + 2, 2 * day + 3));
    EXPECT_THAT(read(view, after(2 * day)).bodies, ElementsAre("t--3@k", "t--4@k", "t--5@k"));
    const Page two = read(view, {}, {}, 2);
    EXPECT_EQ(two.result.end.seq, Seq{4});
    EXPECT_THAT(read(view, {}, two.result.end, 2).bodies, ElementsAre("t--3@k", "t--4@k"));
    Filter filter;
    filter.ids = {"t--1", "t--2"};
    EXPECT_THAT(read(view, filter).bodies, ElementsAre("t--2@k", "t--1@k"));
    // The right is lost again: late rows of a class that is not released show nothing.
    EXPECT_THAT(read(view_of({open}, stretches)).bodies, ElementsAre("t--2@k", "t--4@k"));
    store_->write([&](Transaction& tx) { tx.remove(collection_, Seq{1}); });
    EXPECT_THAT(read(view).bodies, ElementsAre("t--2@k", "t--3@k", "t--4@k", "t--5@k"));
}

TEST_P(Scan, LateRowsOfOtherTypesAreNotFollowed) {
    const ClassNo tool = make_class("tool", "later");
    const ClassNo malware = make_class("malware", "later");
    std::vector<Published> batch;
    for (int i = 0; i < 500; ++i)
        batch.push_back({i == 250 ? malware : tool, "t--" + std::to_string(i), "k"});
    publish(batch, day);
    const std::vector<Stretch> stretches = {
        {tool, Seq{500}, agreement::seq_max}, {malware, Seq{500}, agreement::seq_max}};
    store_->write([&](Transaction& tx) {
        std::vector<Transaction::NewLate> rows;
        for (std::uint64_t seq = 1; seq <= 500; ++seq)
            rows.push_back({Seq{seq}, LateRow::Kind::widened});
        tx.append_late(user_, collection_, {2 * day}, rows);
    });
    const View view = view_of({tool, malware}, stretches);
    EXPECT_EQ(read(view).bodies.size(), 500U);
    Filter filter;
    filter.types = {"malware"};
    const Page page = read(view, filter);
    EXPECT_THAT(page.dates, ElementsAre(2 * day + 250));
    // Each place and each late row once, and the entry.
    EXPECT_LE(page.rows_touched, 1'010U);
}

TEST_P(Scan, WhatStandsInPlaceIsNotShownAgainByAWidenedRow) {
    const ClassNo open = make_class("tool", "open");
    publish({{open, "t--1", "k"}}, day);
    store_->write([&](Transaction& tx) {
        const Transaction::NewLate row{Seq{1}, LateRow::Kind::widened};
        tx.append_late(user_, collection_, {2 * day}, {&row, 1});
    });
    EXPECT_THAT(read(view_of({open})).dates, ElementsAre(day));
    store_->write([&](Transaction& tx) {
        const Transaction::NewLate row{Seq{1}, LateRow::Kind::reexposed};
        tx.append_late(user_, collection_, {3 * day}, {&row, 1});
    });
    EXPECT_THAT(read(view_of({open})).dates, ElementsAre(3 * day));
    EXPECT_THAT(read(view_of({open}), versions(all())).dates, ElementsAre(day));
}

TEST_P(Scan, TheLatestAgainIsShownAgainToThoseWhoAskForTheLatest) {
    const ClassNo open = make_class("tool", "open");
    publish({{open, "t--1", "1"}, {open, "t--2", "1"}}, day);
    publish({{open, "t--1", "2"}}, day);
    store_->write([&](Transaction& tx) {
        tx.remove(collection_, Seq{3});
        const Transaction::NewLate row{Seq{1}, LateRow::Kind::reexposed};
        tx.append_late(user_, collection_, {2 * day}, {&row, 1});
    });
    const View view = view_of({open});
    EXPECT_THAT(read(view).bodies, ElementsAre("t--2@1", "t--1@1"));
    EXPECT_THAT(read(view).dates, ElementsAre(day + 1, 2 * day));
    EXPECT_THAT(read(view, after(day + 2)).bodies, ElementsAre("t--1@1"));
    EXPECT_THAT(read(view, versions(all())).dates, ElementsAre(day, day + 1));
    EXPECT_THAT(
        read(view, versions({.all = false, .first = true, .last = false, .keys = {}})).dates,
        ElementsAre(day, day + 1)
    );
    store_->write([&](Transaction& tx) {
        const Transaction::NewLate row{Seq{1}, LateRow::Kind::reexposed};
        tx.append_late(user_, collection_, {3 * day}, {&row, 1});
    });
    EXPECT_THAT(read(view).dates, ElementsAre(day + 1, 3 * day));
    Filter one;
    one.ids = {"t--1"};
    EXPECT_THAT(read(view, one).dates, ElementsAre(3 * day));
}

// The work for a page depends on what the reader sees, not on how much lies between.
TEST_P(Scan, RareEntriesCostTheSameHoweverManyAreWithheldBetween) {
    const ClassNo rare = make_class("tool", "rare");
    const ClassNo other_rare = make_class("malware", "rare");
    const ClassNo closed = make_class("tool", "closed");
    const View view = view_of({rare, other_rare});
    std::vector<std::uint64_t> touched;
    int number = 0;
    for (const int between : {5'000, 20'000}) {
        std::vector<Published> batch;
        for (int i = 0; i < between; ++i)
            batch.push_back({closed, "t--" + std::to_string(++number), "k"});
        for (int i = 0; i < 10; ++i) {
            batch.insert(
                batch.begin() + i * (between / 10) + 3,
                Published{i % 2 == 0 ? rare : other_rare, "t--" + std::to_string(++number), "k"}
            );
        }
        const Seq first = publish(batch, day);
        const Page page = read(view, {}, {Seq{raw(first) - 1}});
        EXPECT_EQ(page.bodies.size(), 10U);
        EXPECT_FALSE(page.result.more);
        touched.push_back(page.rows_touched);
        EXPECT_LE(page.rows_touched, limits::withheld_rows_per_page_max + 60);
        const Page one = read(view, {}, {Seq{raw(first) + 1'000}}, 1);
        EXPECT_EQ(one.bodies.size(), 1U);
        EXPECT_TRUE(one.result.more);
        EXPECT_LE(one.rows_touched, limits::withheld_rows_per_page_max + 20);
        Filter filter;
        filter.types = {"malware"};
        EXPECT_EQ(read(view, filter, {Seq{raw(first) - 1}}).bodies.size(), 5U);
        EXPECT_LE(
            read(view, filter, {Seq{raw(first) - 1}}).rows_touched,
            limits::withheld_rows_per_page_max + 60
        );
    }
    // What differs is how many of the ten lie among the rows that are passed over one by one.
    EXPECT_LE(touched[1], touched[0] + 10);
    EXPECT_LE(read(view, {}, {Seq{30'000}}).rows_touched, 3U);
    EXPECT_LE(read(view, after(day * 2)).rows_touched, 5U);
}

// Many versions of one object, of which the reader sees every other: they are read once, not once
// for each.
TEST_P(Scan, ManyVersionsOfOneObjectAreLookedUpOnce) {
    const ClassNo open = make_class("tool", "open");
    const ClassNo closed = make_class("tool", "closed");
    constexpr std::size_t count = 2'000;
    std::vector<Published> batch;
    for (std::size_t i = 0; i < count; ++i) {
        batch.push_back({i % 2 == 0 ? open : closed, "t--1", std::to_string(10'000 + i)});
    }
    publish(batch, day);
    const Page page = read(view_of({open}));
    EXPECT_THAT(page.bodies, ElementsAre("t--1@11998"));
    EXPECT_LE(page.rows_touched, 3 * count);
}

TEST_P(Scan, MediaTypeFollowsTheSpecVersion) {
    const ClassNo old_form = make_class("tool", "open", "2.0");
    const ClassNo new_form = make_class("tool", "open", "2.1");
    publish({{old_form, "t--1", "1"}, {new_form, "t--2", "2"}}, day);
    const auto snapshot = store_->snapshot();
    const View view = view_of({old_form, new_form});
    agreement::Gate gate(view, agreement::Form::manifest);
    const ScanResult result =
        scan(*snapshot, view, classes_, {}, {}, 10, [&](const agreement::Sealed& sealed) {
            return gate.pass(sealed);
        });
    EXPECT_FALSE(result.more);
    EXPECT_EQ(
        std::move(gate).finish({}).for_file(),
        R"({"more":false,"objects":[{"id":"t--1","date_added":"1970-01-01T00:00:01.000000Z","version":"1",)"
        R"("media_type":"application/stix+json;version=2.0"},)"
        R"({"id":"t--2","date_added":"1970-01-01T00:00:01.000001Z","version":"2",)"
        R"("media_type":"application/stix+json;version=2.1"}]})"
    );
}

INSTANTIATE_TEST_SUITE_P(Stores, Scan, testing::ValuesIn(store_kinds()), [](const auto& p) {
    return p.param.name;
});

}  // namespace
}  // namespace entente::store::test
