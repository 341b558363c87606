#include "taxii/client/pull.h"

#include "base/escape.h"
#include "base/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace entente::taxii::client {
namespace {

constexpr std::size_t mark_bytes = 12;
constexpr int restarts_max = 5;  // in a row, without anything new

std::string joined(const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) {
        if (!text.empty()) text += ',';
        text += value;
    }
    return text;
}

std::uint64_t number_of(const Digest& digest) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i)
        number = number << 8U | digest[i];
    return number;
}

/// Objects that were handed over lately, as marks, bounded by limits::pull_recent_objects_max.
class Recent {
  public:
    explicit Recent(std::vector<std::string> marks) {
        for (std::string& mark : marks)
            add(std::move(mark));
    }

    [[nodiscard]] bool has(const std::string& mark) const { return known_.contains(mark); }

    void add(std::string mark) {
        if (!known_.insert(mark).second) return;
        order_.push_back(std::move(mark));
        if (order_.size() <= limits::pull_recent_objects_max) return;
        known_.erase(order_.front());
        order_.pop_front();
    }

    void clear() {
        known_.clear();
        order_.clear();
    }

    [[nodiscard]] std::vector<std::string> marks() const { return {order_.begin(), order_.end()}; }

  private:
    boost::unordered_flat_set<std::string> known_;
    std::deque<std::string> order_;
};

/// One pull under way.
class Puller {
  public:
    Puller(Session& session, const PullPlan& plan, PullPosition position)
        : session_(session),
          plan_(plan),
          at_(std::move(position)),
          recent_(std::exchange(at_.recent, {})),
          known_pages_max_(recent_.marks().size()) {}

    PullReport run() {
        start();
        while (true) {
            if (report_.pages - known_pages_ >= plan_.pages_max) {
                stop(
                    Errc::overloaded,
                    fmt::format("the limit of {} pages is reached", plan_.pages_max)
                );
                break;
            }
            const Result<bool> more = turn();
            if (!more) report_.stopped = more.error();
            if (!more || !*more) break;
        }
        report_.last_date = at_.last;
        return std::move(report_);
    }

  private:
    void start() {
        if (at_.open) {
            // By date even where a cursor is known: a server that drops a page when it has served
            // it (medallion) may have served one that never arrived. Both ways lose nothing
            // (TAXII 2.1, 3.5).
            if (at_.next.empty() || at_.last) step_back();
            return;
        }
        at_.base = at_.last ? at_.last : plan_.filter.added_after;
        at_.next.clear();
        at_.open = true;
    }

    void stop(Errc code, std::string detail) { report_.stopped = Error{code, std::move(detail)}; }

    /// The date before `last`, but nothing that the filter leaves out.
    [[nodiscard]] std::optional<Micros> before_last() const {
        return at_.last ? std::max(std::optional(*at_.last + -1), plan_.filter.added_after)
                        : plan_.filter.added_after;
    }

    /// Begins a new walk just before the last date. What was handed over with that date is known by
    /// its marks.
    void step_back() {
        at_.next.clear();
        at_.base = before_last();
    }

    [[nodiscard]] http::Url url() const {
        std::string query = fmt::format("?limit={}", plan_.limit);
        const auto add = [&query](std::string_view name, const std::string& value) {
            if (!value.empty())
                query +=
                    fmt::format("&{}={}", http::percent_encode(name), http::percent_encode(value));
        };
        if (at_.base) add("added_after", format_taxii(*at_.base));
        add("match[id]", joined(plan_.filter.ids));
        add("match[type]", joined(plan_.filter.types));
        add("match[version]", joined(plan_.filter.versions));
        add("match[spec_version]", joined(plan_.filter.spec_versions));
        add("next", at_.next);
        return {plan_.objects.origin, plan_.objects.target + query};
    }

    /// One request. Returns whether there is more to ask for.
    Result<bool> turn() {
        ENTENTE_CHECK(session_.check());
        // A server that deletes a page when it has served it would skip one if the same cursor were
        // sent again.
        const Session::Lost when_lost =
            at_.next.empty() ? Session::Lost::repeat : Session::Lost::tell;
        const Result<http::Reply> reply = session_.get(url(), when_lost);
        if (!reply) return recover(reply.error());
        ENTENTE_TRY(const Page page, read_page(reply->body));
        ++report_.pages;
        std::vector<std::string> marks;
        marks.reserve(page.objects.size());
        for (const std::string_view object : page.objects)
            marks.push_back(object_mark(object));
        ENTENTE_CHECK(no_loop(page, marks));
        read_date(*reply, page.objects.size());
        ENTENTE_TRY(const bool fresh, hand_over(page, std::move(marks)));
        if (fresh) restarts_ = 0;
        // Pages of what an earlier run got are the price of going on by date, not progress: a small
        // limit of pages would otherwise end each run before anything new. An honest server sends
        // no more of them than there are objects.
        if (!fresh && !page.objects.empty() && known_pages_ < known_pages_max_) ++known_pages_;
        ENTENTE_TRY(const bool more, advance(page, fresh));
        save();
        if (plan_.progress) plan_.progress(report_.accepted, session_.bytes_received());
        return more;
    }

    /// After a request that failed: whether the pull can go on in another way.
    Result<bool> recover(const Error& error) {
        if (at_.next.empty()) return tl::unexpected<Error>(error);
        const bool lost = session_.lost();
        const bool cursor_gone = error.code == Errc::unprocessable || error.code == Errc::not_found;
        if ((!lost && !cursor_gone) ||
            restarts_ >= std::min(restarts_max, session_.budget().retries_max)) {
            return tl::unexpected<Error>(error);
        }
        if (lost) ENTENTE_CHECK(session_.back_off(restarts_));
        ++restarts_;
        if (at_.last) {
            if (cursor_gone)
                session_.warn_once("the server no longer knows its cursor: the pull goes on by date"
                );
            step_back();
        } else if (cursor_gone) {
            if (std::exchange(began_again_, true)) return tl::unexpected<Error>(error);
            contents_.clear();
            pages_.clear();
            session_.warn_once(
                "the server no longer knows its cursor and gives no dates: the pull begins again, "
                "objects may come twice"
            );
            step_back();
        }
        return true;
    }

    /// Fails when the server leads in circles.
    Result<void> no_loop(const Page& page, const std::vector<std::string>& marks) {
        if (page.objects.empty()) {
            if (page.more == true && ++empty_pages_ > limits::pull_empty_pages_max) {
                return fail(
                    Errc::corrupt,
                    fmt::format("{} empty pages in a row say that there is more", empty_pages_)
                );
            }
            return {};
        }
        empty_pages_ = 0;
        // The objects alone: a server may write ever new cursors on the same page.
        const std::string content = joined(marks);
        const bool seen = !contents_.insert(number_of(sha256(content))).second;
        const bool same_cursor =
            !pages_.insert(number_of(sha256(content + "\n" + page.next))).second;
        repeated_pages_ = seen ? repeated_pages_ + 1 : 0;
        if ((same_cursor && !page.next.empty() && restarts_ == 0) ||
            repeated_pages_ > limits::pull_repeated_pages_max) {
            return fail(
                Errc::corrupt,
                "the server leads in circles: it serves the same page again and again"
            );
        }
        return {};
    }

    /// Reads the date of the page's last object (TAXII 2.1, 3.3).
    void read_date(const http::Reply& reply, std::size_t objects) {
        last_.reset();
        if (objects == 0) return;
        const auto date = [&](std::string_view name) -> std::optional<Micros> {
            const auto field = reply.headers.find(name);
            if (!field) return std::nullopt;
            const Result<Micros> t = parse_client_time(*field);
            if (t && t->count > 0 && t->count < 253'402'300'800'000'000) return *t;  // year 9999
            session_.warn_once(
                fmt::format("the server's {} is no date: {}", name, printable(*field, 60))
            );
            return std::nullopt;
        };
        last_ = date("X-TAXII-Date-Added-Last");
        // medallion says it once where one object is a page.
        if (!last_ && objects == 1) last_ = date("X-TAXII-Date-Added-First");
        if (at_.last && last_ && *last_ < *at_.last) {
            session_.warn_once("the server's dates go back; the newest one counts");
        }
    }

    /// Gives the sink what it has not had yet. Returns whether there was any.
    Result<bool> hand_over(const Page& page, std::vector<std::string> marks) {
        std::vector<std::string_view> fresh;
        boost::unordered_flat_set<std::string_view> here;
        for (std::size_t i = 0; i < marks.size(); ++i) {
            if (recent_.has(marks[i]) || !here.insert(marks[i]).second) {
                ++report_.repeated;
            } else {
                fresh.push_back(page.objects[i]);
            }
        }
        report_.refused += page.others;
        if (page.others != 0)
            session_.warn_once(
                "the server's pages hold things that are no JSON objects; they are left out"
            );
        if (!fresh.empty()) {
            ENTENTE_TRY(const Taken taken, plan_.sink(fresh));
            report_.accepted += taken.accepted;
            report_.refused += taken.refused;
        }
        // Marks are of use while their objects may have the newest date; where there are no dates,
        // for one page.
        const bool rises = last_ && (!at_.last || *last_ > *at_.last);
        if (rises || (!at_.last && !page.objects.empty())) recent_.clear();
        if (rises) at_.last = last_;
        for (std::string& mark : marks)
            recent_.add(std::move(mark));
        return !fresh.empty();
    }

    /// Moves the position behind the page. Returns whether there is more.
    Result<bool> advance(const Page& page, bool fresh) {
        // A server that gives a cursor without a word about more has more, unless the page is
        // empty.
        const bool more = page.more.value_or(!page.next.empty() && !page.objects.empty());
        if (!more) {
            at_.open = false;
            at_.next.clear();
            return false;
        }
        if (!page.next.empty()) {
            at_.next = page.next;
            return true;
        }
        // TAXII 2.1, 3.5: `more` without `next` means to go on by date.
        if (!at_.last) {
            return fail(
                Errc::corrupt,
                "the server says that there is more, but gives neither `next` nor a date to go on "
                "from"
            );
        }
        if (fresh || (at_.base != before_last() && at_.base != at_.last)) {
            step_back();
            return true;
        }
        if (at_.base == at_.last) {
            return fail(
                Errc::corrupt,
                "the server says that there is more, but serves the same objects again"
            );
        }
        // A whole page of one date, and all of it known: only the next date leads on.
        if (!page.objects.empty()) {
            session_.warn_once(
                "the server gives more objects one date than a page holds; some may be missing, "
                "try a larger --limit"
            );
        }
        at_.next.clear();
        at_.base = at_.last;
        return true;
    }

    void save() {
        if (!plan_.save) return;
        PullPosition position = at_;
        position.recent = recent_.marks();
        plan_.save(position);
    }

    Session& session_;
    const PullPlan& plan_;
    PullPosition at_;
    Recent recent_;
    std::uint64_t known_pages_max_;
    std::uint64_t known_pages_ = 0;
    PullReport report_;
    std::optional<Micros> last_;  // of the page at hand
    boost::unordered_flat_set<std::uint64_t> contents_;
    boost::unordered_flat_set<std::uint64_t> pages_;
    int empty_pages_ = 0;
    int repeated_pages_ = 0;
    int restarts_ = 0;
    bool began_again_ = false;
};

}  // namespace

std::string object_mark(std::string_view object) {
    const bool plain = object.find_first_of("\r\n") == std::string_view::npos;
    const Digest digest = plain ? sha256(object) : sha256(one_line(object));
    return to_hex(std::span(digest).first(mark_bytes));
}

PullReport pull(Session& session, const PullPlan& plan, PullPosition position) {
    return Puller(session, plan, std::move(position)).run();
}

}  // namespace entente::taxii::client
