#include "exchange/exchange.h"

#include "base/limits.h"
#include "base/log.h"
#include "exchange/agreement_changes.h"
#include "exchange/consumers.h"
#include "exchange/disclosure.h"
#include "exchange/internal/cursor.h"
#include "exchange/internal/inbox.h"
#include "exchange/internal/publish_job.h"
#include "exchange/internal/pulse.h"
#include "exchange/internal/remove_job.h"
#include "stix/envelope.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

namespace entente::exchange {

struct Exchange::Inside {
    Inside(Parts p, Settings s) : parts(p), settings(s), pulse(p.store), intake(p.clock) {}

    Parts parts;
    Settings settings;
    Pulse pulse;
    Intake intake;
    std::mutex mutex;                   // guards what follows
    std::vector<store::Act> own_reads;  // of the own party's users, until flush
    std::size_t own_reads_bytes = 0;    // of their facts
    ReaderNotes notes;                  // of all requests, until flush

    [[nodiscard]] Result<store::User> still_valid(const State& state, const Caller& caller) const;
    [[nodiscard]] Result<store::User> admitted(const State& state, const Caller& caller) const;
    Result<Page> make_page(
        const Caller& caller,
        store::CollectionNo collection,
        const ReadRequest& request,
        store::Act& act,
        bool& partner
    );

    /// What is asked for, with what a cursor adds.
    struct Asked {
        store::Filter filter;
        store::Position from;
        std::uint64_t limit = 0;
    };

    [[nodiscard]] Result<Asked> asked(
        const ReadRequest& request, const store::User& user, store::CollectionNo collection
    ) const;
    [[nodiscard]] NothingNew nothing_new(
        const std::optional<store::CommitMark>& before,
        const Present& read,
        const Caller& caller,
        store::CollectionNo collection,
        const ReaderNote& note
    );
    void note(store::UserNo user, store::CollectionNo collection, const ReaderNote& now);
    [[nodiscard]] bool keep(store::Act& act);
    void disclose(
        Page page, store::Act act, bool partner, const std::function<void(Result<Page>)>& then
    );
};

namespace {

tl::unexpected<Error> no_collection() {
    return fail(Errc::not_found, "no such collection, or you have no right on it");
}

/// A full queue is counted; anything else is told to the log.
Error to_error(const std::exception_ptr& problem, Intake& intake) {
    try {
        std::rethrow_exception(problem);
    } catch (const QueueFull&) {
        intake.refused_late();
        return {Errc::overloaded, "the server cannot store this now; try again later"};
    } catch (const StorageError& e) {
        log::error("the store failed", {{"what", e.what()}});
        const bool later =
            e.kind() == StorageError::Kind::busy || e.kind() == StorageError::Kind::full;
        return {
            later ? Errc::overloaded : Errc::corrupt,
            "the server cannot store this now; try again later"};
    } catch (const std::exception& e) {
        // Out of memory, for example: this job was undone, the others go on.
        log::error("a job of the writer failed", {{"what", e.what()}});
        return {Errc::corrupt, "the server cannot store this now; try again later"};
    }
}

agreement::Form form_of(What what) {
    switch (what) {
        case What::objects:
            return agreement::Form::object;
        case What::manifest:
            return agreement::Form::manifest;
        case What::versions:
            return agreement::Form::version;
    }
    return agreement::Form::object;
}

const char* name_of(What what) {
    switch (what) {
        case What::objects:
            return "objects";
        case What::manifest:
            return "manifest";
        case What::versions:
            return "versions";
    }
    return "objects";
}

}  // namespace

Exchange::Exchange(Parts parts, Settings settings)
    : inside_(std::make_unique<Inside>(parts, settings)) {}

Exchange::~Exchange() = default;

// A request is judged by the state of its own snapshot: what was revoked since the login is
// revoked.
Result<store::User> Exchange::Inside::still_valid(const State& state, const Caller& caller) const {
    const store::User* user = state.user(caller.user);
    bool valid = user != nullptr && !user->disabled && state.stops.of(*user) == nullptr;
    if (valid && caller.token != store::TokenNo{}) {
        const auto token =
            std::ranges::find(state.directory.tokens, caller.token, &store::Token::no);
        valid = token != state.directory.tokens.end() && !token->revoked &&
                (!token->expires || parts.clock.now() < *token->expires);
    }
    if (!valid) return fail(Errc::unauthorized, "these credentials are not valid here");
    return *user;
}

/// The caller, unless it has to wait until somebody has looked at the clock.
Result<store::User> Exchange::Inside::admitted(const State& state, const Caller& caller) const {
    ENTENTE_TRY(store::User user, still_valid(state, caller));
    if (state.must_wait(user))
        return fail(Errc::overloaded, "the server cannot answer this now; try again later");
    return user;
}

// ---- Reading

Result<Exchange::Inside::Asked> Exchange::Inside::asked(
    const ReadRequest& request, const store::User& user, store::CollectionNo collection
) const {
    Asked what{
        .filter = request.filter,
        .from = {},
        .limit = std::min(
            request.limit == 0 ? limits::page_objects_default : request.limit,
            limits::page_objects_max
        )};
    if (request.next.empty()) return what;
    ENTENTE_TRY(
        const Cursor cursor, open_cursor(settings.cursor_key, request.next, user.no, collection)
    );
    ENTENTE_TRY(what.filter, continued_filter(cursor, request));
    what.from = position_now(cursor, settings, collection);
    return what;
}

namespace {

/// When the login ends by itself.
std::optional<Micros> end_of_login(const State& state, const Caller& caller) {
    if (caller.token == store::TokenNo{}) {
        const store::User* user = state.user(caller.user);
        return user == nullptr ? std::nullopt : user->password_expires;
    }
    const auto& tokens = state.directory.tokens;
    const auto token = std::ranges::find(tokens, caller.token, &store::Token::no);
    return token == tokens.end() ? std::nullopt : token->expires;
}

ReaderNote note_of_request(
    const ReadRequest& request,
    const store::Filter& filter,
    const Caller& caller,
    store::Position end,
    const Page& page,
    Micros at
) {
    ReaderNote now{.at = at, .token = caller.token, .requests = 1};
    if (request.what != What::objects) return now;
    now.delivered = page.count;
    if (filter.ids.empty()) {
        now.position = end.seq;
        now.date = page.last_date;
        now.filtered = !filter.types.empty() || !filter.spec_versions.empty();
    }
    return now;
}

}  // namespace

NothingNew Exchange::Inside::nothing_new(
    const std::optional<store::CommitMark>& before,
    const Present& read,
    const Caller& caller,
    store::CollectionNo collection,
    const ReaderNote& note
) {
    const auto head = read.snapshot->head(collection);
    pulse.learn(before, read.state, collection, head);
    return {
        .user = caller.user,
        .collection = collection,
        .generation = read.state->directory.generation,
        .next_seq = head.next_seq,
        .entries = head.entries,
        .expires = end_of_login(*read.state, caller),
        .note = note};
}

Result<Page> Exchange::Inside::make_page(
    const Caller& caller,
    store::CollectionNo collection,
    const ReadRequest& request,
    store::Act& act,
    bool& partner
) {
    const auto before = pulse.mark();
    const Present read = present(parts.store, parts.states, parts.clock, [this](const auto& work) {
        parts.writer.run(work);
    });
    const auto& [snapshot, state] = read;
    ENTENTE_TRY(const store::User user, admitted(*state, caller));
    const State::Rights rights = state->rights(user, collection);
    if (state->collection(collection) == nullptr || !rights.any()) return no_collection();
    if (!rights.read) return fail(Errc::forbidden, "you may not read this collection");

    ENTENTE_TRY(const Asked what, asked(request, user, collection));
    const auto view = parts.states.view(*snapshot, *state, user.no, collection);
    agreement::Gate gate(*view, form_of(request.what));
    const auto found = store::scan(
        *snapshot,
        *view,
        *state->classes,
        what.filter,
        what.from,
        what.limit,
        [&](const agreement::Sealed& sealed) {
            if (gate.count() > 0 && gate.bytes() > limits::page_bytes_max) return false;
            if (!gate.pass(sealed)) log::error("bug: a scan offered what the view withholds");
            return true;
        }
    );
    if (request.one_object && !found.any_id_visible) {
        return fail(Errc::not_found, "no such object in this collection");
    }
    agreement::Gate::Tail tail;
    if (found.more) {
        tail.more = true;
        tail.next = seal_cursor(
            settings.cursor_key,
            {settings.epoch, request.what, request.one_object, what.filter, found.end},
            user.no,
            collection
        );
    }
    const std::uint64_t count = gate.count();
    Page page{std::move(gate).finish(tail), count, found.first_date, found.last_date, {}};
    partner = user.party != state->own_party().no;
    const ReaderNote now =
        note_of_request(request, what.filter, caller, found.end, page, parts.clock.now());
    note(user.no, collection, now);
    if (count == 0) {
        // A login that was checked by an earlier state may not count in this one.
        if (!found.more && caller.state->directory.generation == state->directory.generation)
            page.nothing = nothing_new(before, read, caller, collection, now);
        return page;
    }
    act = disclosure_act(
        {.what = name_of(request.what),
         .user = user.no,
         .party = user.party,
         .collection = collection,
         .token = caller.token,
         .after = what.from,
         .to = found.end,
         .sha256 = page.body.digest_hex(),
         .entries = gate.entries()},
        parts.clock.now()
    );
    return page;
}

/// Keeps where the reader stands, until the flush.
void Exchange::Inside::note(
    store::UserNo user, store::CollectionNo collection, const ReaderNote& now
) {
    const std::lock_guard lock(mutex);
    const std::pair who(user, collection);
    if (notes.size() >= limits::readers_noted_max && !notes.contains(who)) return;
    add_note(notes[who], now);
}

/// An own user's record waits in memory for the flush. False when there is no room: then it is
/// written at once, as a partner's.
bool Exchange::Inside::keep(store::Act& act) {
    const std::lock_guard lock(mutex);
    if (own_reads.size() >= limits::own_reads_kept_max ||
        own_reads_bytes + act.facts.size() > limits::own_reads_kept_bytes_max) {
        return false;
    }
    own_reads_bytes += act.facts.size();
    own_reads.push_back(std::move(act));
    return true;
}

void Exchange::Inside::disclose(
    Page page, store::Act act, bool partner, const std::function<void(Result<Page>)>& then
) {
    if (page.count == 0 || (!partner && keep(act))) {
        then(std::move(page));
        return;
    }
    // Durable before the last byte leaves: the page waits for its act.
    auto waiting = std::make_shared<Page>(std::move(page));  // shared: std::function copies
    parts.writer.submit(
        [act = std::move(act)](store::Transaction& tx) { tx.append_act(act); },
        [this, waiting, then](const std::exception_ptr& problem) {
            if (problem) {
                then(tl::unexpected<Error>(to_error(problem, intake)));
            } else {
                then(std::move(*waiting));
            }
        },
        256
    );
}

void Exchange::read(
    const Caller& caller,
    store::CollectionNo collection,
    const ReadRequest& request,
    std::function<void(Result<Page>)> then
) {
    store::Act act;
    bool partner = true;
    Result<Page> page = inside_->make_page(caller, collection, request, act, partner);
    if (!page) {
        then(std::move(page));
        return;
    }
    inside_->disclose(std::move(*page), std::move(act), partner, then);
}

bool Exchange::still_nothing(const NothingNew& then) const {
    const Micros now = inside_->parts.clock.now();
    if (then.expires && now >= *then.expires) return false;
    const auto state = inside_->pulse.unchanged(then);
    return state != nullptr && !agreements_due(*state, now);
}

void Exchange::note_nothing(const NothingNew& then) {
    ReaderNote now = then.note;
    now.at = inside_->parts.clock.now();
    inside_->note(then.user, then.collection, now);
}

bool Exchange::valid(const State& state, const Caller& caller) const {
    return inside_->still_valid(state, caller).has_value();
}

void Exchange::look_at_agreements() {
    // The snapshot ends before the writer is asked: it may have to wait for all readers to go.
    const auto state = inside_->parts.states.get(*inside_->parts.store.snapshot());
    if (state->directory.agreement_records.empty()) return;
    inside_->parts.writer.run([this](store::Transaction& tx) { advance(tx, inside_->parts.clock); }
    );
}

void Exchange::flush() {
    if (const auto refused = inside_->intake.take_refused(); refused > 0) {
        log::warning(
            "writes were refused with 503: more came than could be written",
            {{"requests", std::to_string(refused)}}
        );
    }
    std::vector<store::Act> acts;
    ReaderNotes notes;
    {
        const std::lock_guard lock(inside_->mutex);
        acts.swap(inside_->own_reads);
        inside_->own_reads_bytes = 0;
        notes.swap(inside_->notes);
    }
    if (acts.empty() && notes.empty()) return;
    try {
        inside_->parts.writer.run([&](store::Transaction& tx) {
            for (const store::Act& act : acts)
                tx.append_act(act);
            put_notes(tx, notes);
        });
    } catch (const StorageError&) {
        // The disk may be full now and not later: they wait for the next flush.
        const std::lock_guard lock(inside_->mutex);
        for (const auto& [who, later] : inside_->notes)
            add_note(notes[who], later);
        notes.swap(inside_->notes);
        for (const store::Act& act : acts)
            inside_->own_reads_bytes += act.facts.size();
        inside_->own_reads.insert(inside_->own_reads.begin(), acts.begin(), acts.end());
        throw;
    }
}

// ---- Publishing

std::optional<Intake::Place> Exchange::room_to_publish(const Caller& caller, std::uint64_t bytes) {
    return inside_->intake.enter(caller.user, bytes);
}

Intake::Counts Exchange::intake() const {
    return inside_->intake.counts();
}

void Exchange::publish(
    const Caller& caller,
    store::CollectionNo collection,
    std::string body,
    std::function<void(Result<PublishReport>)> then,
    Intake::Place place
) {
    Inside& in = *inside_;

    struct Job {
        std::string body;  // the candidates' slices live in it
        std::vector<Candidate> candidates;
        std::vector<PostedAgreement> agreements;
        PublishReport report;
        std::optional<Error> refused;
        Intake::Place place;
    };

    auto job = std::make_shared<Job>();  // shared: the work and its end both hold it
    place.arrived(body.size());
    job->place = std::move(place);
    job->body = std::move(body);
    auto envelope = stix::read_envelope(job->body);
    if (!envelope) {
        job->place.end();
        then(tl::unexpected<Error>(envelope.error()));
        return;
    }
    job->report.at = in.parts.clock.now();
    job->report.status_id = new_uuid(in.parts.random);
    const store::Collection* checked = caller.state->collection(collection);
    job->candidates = read_candidates(
        envelope->objects, job->report.at, checked == nullptr ? store::Collection{} : *checked
    );
    if (checked != nullptr && checked->takes_agreements) {
        job->agreements = read_posted(job->candidates);
    }
    const std::size_t bytes = job->body.size();

    auto work = [&in, job, caller, collection](store::Transaction& tx) {
        WriteState state(tx, caller.state);
        if (agreements_due(state.state(), in.parts.clock.now())) {
            advance(tx, in.parts.clock);
            state.reload();
        }
        const auto user = in.admitted(state.state(), caller);
        const store::Collection* where = state.state().collection(collection);
        if (!user) {
            job->refused = user.error();
            return;
        }
        const State::Rights rights = state.state().rights(*user, collection);
        if (where == nullptr || !rights.any()) {
            job->refused = no_collection().value();
            return;
        }
        if (!rights.write) {
            job->refused = Error{Errc::forbidden, "you may not write to this collection"};
            return;
        }
        const store::Collection here = *where;  // the state may be read again while the job runs
        if (!job->agreements.empty() && !here.takes_agreements) {
            job->refused = Error{Errc::overloaded, "the collection has changed; try again"};
            return;
        }
        // What is suspended by them holds for the rest of the request already.
        take_posted(state, in.parts.clock, *user, job->agreements, job->candidates);
        PublishJob(state, *user, here, in.parts.clock).run(job->candidates, job->report.status_id);
        for (const Candidate& c : job->candidates)
            job->report.outcomes.push_back(c.outcome);
        tx.put_status(
            {job->report.status_id, user->no, here.root, job->report.at, status_json(job->report)}
        );
    };
    in.parts.writer.submit(
        std::move(work),
        [&in, job, then = std::move(then)](const std::exception_ptr& problem) {
            if (problem) {
                job->place.give_up();
                then(tl::unexpected<Error>(to_error(problem, in.intake)));
                return;
            }
            job->place.end();
            if (job->refused) {
                then(tl::unexpected<Error>(*job->refused));
            } else {
                then(std::move(job->report));
            }
        },
        bytes
    );
}

// ---- Deleting

void Exchange::remove(
    const Caller& caller,
    store::CollectionNo collection,
    const DeleteRequest& request,
    std::function<void(Result<std::size_t>)> then
) {
    Inside& in = *inside_;
    auto outcome = std::make_shared<Result<std::size_t>>(std::size_t{0}
    );  // shared between the work and its end
    auto work = [&in, caller, collection, request, outcome](store::Transaction& tx) {
        WriteState state(tx, caller.state);
        if (agreements_due(state.state(), in.parts.clock.now())) {
            advance(tx, in.parts.clock);
            state.reload();
        }
        const auto user = in.admitted(state.state(), caller);
        const store::Collection* where = state.state().collection(collection);
        if (!user) {
            *outcome = tl::unexpected<Error>(user.error());
            return;
        }
        const State::Rights rights = state.state().rights(*user, collection);
        if (where == nullptr || (!rights.read && !rights.write)) {
            *outcome = no_collection();  // TAXII 2.1, 5.7: neither right -> 404 (T39)
            return;
        }
        if (!rights.read || !rights.write) {
            *outcome = fail(Errc::forbidden, "deleting needs the right to read and to write");
            return;
        }
        *outcome = remove_versions(
            state, *user, *where, in.parts.clock, request, in.settings.delete_newest_only
        );
    };
    in.parts.writer.submit(
        std::move(work),
        [&in, outcome, then = std::move(then)](const std::exception_ptr& problem) {
            if (problem) {
                then(tl::unexpected<Error>(to_error(problem, in.intake)));
            } else {
                then(std::move(*outcome));
            }
        },
        64
    );
}

Result<agreement::Released> Exchange::status(
    const Caller& caller, store::RootNo root, std::string_view id
) {
    const auto snapshot = inside_->parts.store.snapshot();
    const auto state = inside_->parts.states.get(*snapshot);
    ENTENTE_TRY(const store::User user, inside_->still_valid(*state, caller));
    const auto row = snapshot->status(id);
    if (!row || row->user != user.no || row->root != root) {
        return fail(
            Errc::not_found, "no such status, or it is not yours, or it is older than it is kept"
        );
    }
    return agreement::Released::own_words(agreement::OwnWords::echo, row->body);
}

}  // namespace entente::exchange
