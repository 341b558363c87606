// Commands on the nodes of partners: peer set, show, list, remove, deliver.
#include "cli/command_line.h"
#include "cli/peer.h"
#include "cli/remote_options.h"

namespace entente::cli {
namespace {

constexpr const char* which_party = "The partner's name here";

void add_set(CommandLine& c, Group g) {
    c.add(
        g,
        "set",
        "Set where a partner's node is told of agreements, replacing what was set",
        &peer_set,
        "  entente peer set \"South CERT\" --url https://taxii.south.example/api/collections/UUID/ "
        "--token-file token\n",
        [](OptionSet& a, PeerSetOptions& o) {
            a.required("party", o.party, which_party);
            a.required(
                "--url",
                o.remote.url,
                "A collection of its server that takes agreements (or a server)"
            );
            remote_options(a, o.remote);
        }
    );
}

}  // namespace

void declare_peer_commands(CommandLine& c) {
    Group g = c.group("peer", "Nodes of partners, and what waits to be told to them");
    add_set(c, g);
    c.add(
        g,
        "show",
        "Show how a partner's node is reached and what waits for it",
        &peer_show,
        "  entente peer show \"South CERT\"\n",
        [](OptionSet& a, PeerOptions& o) { a.required("party", o.party, which_party); }
    );
    c.add(
        g,
        "list",
        "List the addresses, with what waits and the last error",
        &peer_list,
        "  entente peer list\n",
        [](OptionSet&, Common&) {}
    );
    c.add(
        g,
        "remove",
        "Remove the address of a partner's node, with what waits for it",
        &peer_remove,
        "  entente peer remove \"South CERT\"\n",
        [](OptionSet& a, PeerOptions& o) { a.required("party", o.party, which_party); }
    );
    c.add(
        g,
        "deliver",
        "Send what waits now; a running server does so by itself",
        &peer_deliver,
        "  entente peer deliver\n  entente peer deliver \"South CERT\"\n",
        [](OptionSet& a, PeerOptions& o) {
            a.option("party", o.party, "The partner's name here (default: all)");
        }
    );
}

}  // namespace entente::cli
