#pragma once
// What sensors tell of, as cyber-observable objects: the one place that knows how flows, names,
// requests, certificates, files and mail become objects and references (STIX 2.1, 6), whichever
// sensor it was.
#include "match/event.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace entente::match {

/// Fills one event: `begin`, what there is in any order, `finish`. Empty texts are nothing. Views
/// must live as long as the event's. Values are brought to one spelling (canonical.h). Threads: one
/// at a time.
class Sightings {
  public:
    void begin(Event& event);

    /// A name that was asked for.
    void query(std::string_view name);
    /// An answer for `name`: `data` is an address (A, AAAA) or a name (CNAME, NS, MX, PTR, SRV);
    /// other types are nothing. An empty `name` is the name asked for; an empty `type` is told by
    /// what the data looks like.
    void answer(std::string_view name, std::string_view type, std::string_view data);
    /// A name that was spoken to (TLS server name, host of a request): or an address.
    void host(std::string_view name);
    void hardware(std::string_view mac);
    /// A URL that stands in something, perhaps without its scheme.
    void link(std::string_view url);

    struct Certificate {
        std::string_view subject, issuer, serial, md5, sha1, sha256, not_before, not_after;
    };

    void certificate(const Certificate& of);

    struct File {
        std::string_view name;  // or a path with one
        std::optional<std::int64_t> size;
        std::string_view md5, sha1, sha256, mime_type;
        Event::Index directory = Event::none;
    };

    /// The object; none where nothing is said of the file but its kind.
    Event::Index file(const File& of);

    void mail_from(std::string_view address);
    void mail_to(std::string_view address);
    void mail_cc(std::string_view address);
    /// One that is in no message.
    void mail_address(std::string_view address);

    struct Mail {
        std::string_view subject, message_id;
    };

    Mail mail;

    struct Request {
        std::string_view host, target, method, user_agent, referrer;
        std::optional<std::int64_t> port;
        bool secure = false;
    };

    Request http;

    struct Traffic {
        std::string_view src, dst;
        std::optional<std::int64_t> src_port, dst_port, src_bytes, dst_bytes, src_packets,
            dst_packets;
        std::array<std::string_view, 2> protocols;  // the outer first
    };

    /// The flow, and what was gathered for the whole event.
    void finish(const Traffic& of);

  private:
    struct Named {
        std::string_view name;
        Event::Index object = Event::none;
        Event::Index resolves = Event::none;  // its list of what it resolves to
    };

    [[nodiscard]] Named* domain(std::string_view name);
    /// An object for an address; none where it is none.
    [[nodiscard]] Event::Index address(std::string_view text);
    [[nodiscard]] Event::Index mailbox(std::string_view text);
    void request(Event::Index traffic);
    void request_url();
    void message();
    [[nodiscard]] std::string_view joined(std::initializer_list<std::string_view> parts);

    Event* event_ = nullptr;
    std::vector<Named> names_;
    std::string_view asked_;
    Event::Index mail_from_ = Event::none;
    std::vector<Event::Index> mail_to_, mail_cc_;
};

}  // namespace entente::match
