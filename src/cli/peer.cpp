#include "cli/peer.h"

#include "base/escape.h"
#include "base/limits.h"
#include "cli/change.h"
#include "cli/find.h"
#include "cli/node_dir.h"
#include "cli/peer_files.h"
#include "cli/remote_access.h"
#include "cli/stop.h"
#include "exchange/outbox.h"
#include "peer/settings.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

namespace entente::cli {
namespace {

namespace client = taxii::client;
namespace json = boost::json;
using store::OutboxNo;
using store::OutboxRow;
using store::PartyNo;

constexpr std::size_t rows_shown = 50;

/// What is there for one party.
struct Box {
    std::size_t waiting = 0;
    std::size_t given_up = 0;
    std::optional<Micros> oldest;
    std::optional<Micros> next;
    std::string error;            // the last one
    std::vector<OutboxRow> rows;  // the first that are not delivered
};

std::map<PartyNo, Box> boxes_of(store::Snapshot& snapshot) {
    std::map<PartyNo, Box> boxes;
    for (OutboxNo from{1};;) {
        const auto rows = snapshot.outbox(from, 1);
        if (rows.empty()) return boxes;
        OutboxRow row = rows.front();
        from = OutboxNo{agreement::raw(row.no) + 1};
        if (row.state == OutboxRow::State::delivered) continue;
        Box& box = boxes[row.party];
        if (!row.error.empty()) box.error = row.error;
        if (row.state == OutboxRow::State::given_up) {
            ++box.given_up;
        } else {
            ++box.waiting;
            box.oldest = std::min(box.oldest.value_or(row.created), row.created);
            box.next = std::min(box.next.value_or(row.due), row.due);
        }
        row.body.clear();
        if (box.rows.size() < rows_shown) box.rows.push_back(std::move(row));
    }
}

json::value time_json(const std::optional<Micros>& at) {
    return at ? json::value(format_taxii(*at)) : json::value();
}

std::string time_text(const std::optional<Micros>& at) {
    return at ? format_taxii(*at) : std::string();
}

json::object peer_json(const store::Directory& directory, const store::Peer& peer, const Box& box) {
    return {
        {"party", party_name(directory, peer.party)},
        {"url", peer.url},
        {"credentials", !peer.secret.empty()},
        {"waiting", box.waiting},
        {"oldest", time_json(box.oldest)},
        {"next_try", time_json(box.next)},
        {"given_up", box.given_up},
        {"error", box.error}};
}

Result<store::Peer> find_peer(const store::Directory& directory, const std::string& name) {
    ENTENTE_TRY(const store::Party party, find_party(directory, name));
    const auto at = std::ranges::find(directory.peers, party.no, &store::Peer::party);
    if (at != directory.peers.end()) return *at;
    return fail(
        Errc::not_found,
        fmt::format(
            "the node of '{}' has no address here; set it with: entente peer set '{}' --url URL",
            printable(party.name),
            printable(party.name)
        )
    );
}

/// A server that runs elsewhere must find the files too.
void make_absolute(std::string& path) {
    if (!path.empty()) path = std::filesystem::absolute(path).native();
}

std::string_view kind_text(const OutboxRow& row) {
    return row.kind == OutboxRow::Kind::agreement ? "agreement" : "objects";
}

/// What a delivery of a command needs: it ends with a signal, and says what it meets.
peer::Surroundings for_command(const NodeDir& node, Context& context) {
    peer::Surroundings around = surroundings(node, context.clock, context.random);
    around.stopping = [] { return stop_requested(); };
    around.warn = [&context](const std::string& party, std::string_view text) {
        context.note(fmt::format("{}: {}", party, text));
    };
    return around;
}

}  // namespace

Result<Exit> peer_set(const PeerSetOptions& options, Context& context) {
    client::Way way = options.remote;
    make_absolute(way.ca_file);
    make_absolute(way.client_certificate);
    make_absolute(way.client_key);
    ENTENTE_TRY(
        const client::Credentials credentials,
        read_credentials(options.remote, process_environment, context.in, context.err)
    );
    // A name that the DNS does not tell now may be told later.
    if (const auto route = client::find_route(way, credentials);
        !route && route.error().code != Errc::overloaded) {
        return tl::unexpected<Error>(route.error());
    }
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    ENTENTE_TRY(
        const store::Party party, find_party(node.store().snapshot()->directory(), options.party)
    );
    if (party.own) return fail(Errc::conflict, "that is this node's own party");
    ENTENTE_TRY(const std::string secret, keep_credentials(node, credentials, context.random));
    std::string before;
    std::size_t queued = 0;
    store::Directory after;
    const store::Peer row{
        .party = party.no, .url = way.url, .settings = peer::settings_text(way), .secret = secret};
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        ENTENTE_CHECK(find_party(tx.directory(), options.party));
        const store::Directory directory = tx.directory();
        const auto old = std::ranges::find(directory.peers, party.no, &store::Peer::party);
        if (old != directory.peers.end()) before = old->secret;
        tx.put(row);
        record(
            tx,
            context.clock,
            "peer set",
            {{"party", party.name}, {"url", way.url}, {"credentials", !secret.empty()}}
        );
        queued = exchange::queue_known(tx, context.clock, party.no);
        exchange::try_again(tx, context.clock.now(), party.no);
        after = tx.directory();
        return {};
    };
    const auto done = in_transaction(node.store(), work);
    forget_credentials(node, done ? before : secret);
    if (!done) return tl::unexpected<Error>(done.error());
    json::object shown = peer_json(after, row, {});
    shown["waiting"] = queued;
    context.out.document(shown);
    context.out.field("party", party.name);
    context.out.field("url", way.url);
    context.out.field("agreements to send", std::to_string(queued));
    if (credentials.kind == client::Credentials::Kind::none && way.client_certificate.empty()) {
        context.note("no credentials: most servers let nobody write without (--token-file)");
    }
    return Exit::ok;
}

Result<Exit> peer_show(const PeerOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto snapshot = node.store().snapshot();
    const store::Directory directory = snapshot->directory();
    ENTENTE_TRY(const store::Peer peer, find_peer(directory, options.party));
    const Box box = boxes_of(*snapshot)[peer.party];
    json::object shown = peer_json(directory, peer, box);
    json::error_code error;
    shown["settings"] = json::parse(peer.settings, error);
    json::array rows;
    for (const OutboxRow& row : box.rows) {
        rows.push_back(json::object{
            {"kind", kind_text(row)},
            {"about", row.about},
            {"since", format_taxii(row.created)},
            {"state", row.state == OutboxRow::State::waiting ? "waiting" : "given up"},
            {"tries", row.tries},
            {"due", format_taxii(row.due)},
            {"error", row.error}});
    }
    shown["rows"] = std::move(rows);
    context.out.document(shown);
    context.out.field("party", party_name(directory, peer.party));
    context.out.field("url", peer.url);
    context.out.field("credentials", peer.secret.empty() ? "none" : "kept in DIR/peers");
    context.out.field("waiting", std::to_string(box.waiting));
    for (const OutboxRow& row : box.rows) {
        const bool waits = row.state == OutboxRow::State::waiting;
        context.out.field(
            waits ? "waits" : "given up",
            fmt::format(
                "{} {}, since {}, {} tries, {} {}{}{}",
                kind_text(row),
                row.about,
                format_taxii(row.created),
                row.tries,
                waits ? "next" : "last",
                format_taxii(row.due),
                row.error.empty() ? "" : ": ",
                row.error
            )
        );
    }
    return Exit::ok;
}

Result<Exit> peer_list(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.data));
    const auto snapshot = node.store().snapshot();
    const store::Directory directory = snapshot->directory();
    auto boxes = boxes_of(*snapshot);
    Table table({"PARTY", "URL", "WAITING", "OLDEST", "NEXT TRY", "GIVEN UP", "LAST ERROR"});
    for (const store::Peer& peer : directory.peers) {
        const Box& box = boxes[peer.party];
        context.out.document(peer_json(directory, peer, box));
        table.row(
            {party_name(directory, peer.party),
             peer.url,
             std::to_string(box.waiting),
             time_text(box.oldest),
             time_text(box.next),
             std::to_string(box.given_up),
             box.error}
        );
    }
    context.out.table(
        table, "no addresses of partners' nodes; set one with: entente peer set PARTY --url URL"
    );
    return Exit::ok;
}

Result<Exit> peer_remove(const PeerOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    store::Peer peer;
    std::string name;
    std::size_t dropped = 0;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(peer, find_peer(directory, options.party));
        name = party_name(directory, peer.party);
        for (OutboxNo from{1};;) {
            const auto rows = tx.outbox(from, 1);
            if (rows.empty()) break;
            from = OutboxNo{agreement::raw(rows.front().no) + 1};
            if (rows.front().party != peer.party) continue;
            dropped += rows.front().state == OutboxRow::State::waiting ? 1 : 0;
            tx.erase(rows.front().no);
        }
        tx.erase_peer(peer.party);
        record(tx, context.clock, "peer removed", {{"party", name}, {"dropped", dropped}});
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    forget_credentials(node, peer.secret);
    context.out.document({{"removed", name}, {"dropped", dropped}});
    context.out.line(
        fmt::format("the address of '{}' is removed, with {} that waited for it", name, dropped)
    );
    return Exit::ok;
}

Result<Exit> peer_deliver(const PeerOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const store::Directory directory = node.store().snapshot()->directory();
    std::vector<store::Peer> peers = directory.peers;
    if (!options.party.empty()) {
        ENTENTE_TRY(const store::Peer only, find_peer(directory, options.party));
        peers = {only};
    }
    if (peers.empty()) {
        return fail(
            Errc::not_found,
            "no addresses of partners' nodes; set one with: entente peer set PARTY --url URL"
        );
    }
    const peer::Surroundings around = for_command(node, context);
    Exit exit = Exit::ok;
    for (const store::Peer& peer : peers) {
        if (stop_requested()) return Exit::interrupted;
        node.store().write([&](store::Transaction& tx) {
            exchange::try_again(tx, context.clock.now(), peer.party);
        });
        const peer::Sent sent = peer::deliver(around, peer.party, peer::Due::all);
        const std::string name = party_name(directory, peer.party);
        context.out.document(
            {{"party", name},
             {"delivered", sent.delivered},
             {"failed", sent.failed},
             {"error", sent.error}}
        );
        std::string line = fmt::format("{}: {} delivered", name, sent.delivered);
        if (sent.failed > 0) {
            line += fmt::format(", {} not: {}", sent.failed, sent.error);
            exit = Exit::broken;
        }
        context.out.line(line);
    }
    return stop_requested() ? Exit::interrupted : exit;
}

}  // namespace entente::cli
