#include "base/limits.h"
#include "cli/change.h"
#include "cli/directory.h"
#include "cli/node_dir.h"
#include "cli/words.h"
#include "exchange/login.h"

#include <fmt/format.h>

namespace entente::cli {

Result<Exit> init(const InitOptions& options, Context& context) {
    ENTENTE_CHECK(check_name("party name", options.name));
    if (!options.identity.empty()) ENTENTE_CHECK(check_identity(options.identity));
    ENTENTE_TRY(const NodeDir node, NodeDir::create(options.common.data, context.random));

    store::Party party;
    party.name = options.name;
    party.own = true;
    party.identities = {
        options.identity.empty() ? "identity--" + new_uuid(context.random) : options.identity};
    const exchange::NewToken secret = exchange::new_token(context.random, node.keys().token);

    const auto work = [&](store::Transaction& tx) -> Result<void> {
        party.no = tx.put(party);
        store::User admin;
        admin.name = "admin";
        admin.party = party.no;
        admin.role = store::Role::admin;
        store::Token token;
        token.user = tx.put(admin);
        token.hash = secret.hash;
        token.label = "made by init";
        token.created = context.clock.now();
        (void)tx.put(token);
        store::ApiRoot root;
        root.name = "api";
        root.title = options.name;
        root.max_content_length = limits::content_length_default;
        root.is_default = true;
        (void)tx.put(root);
        tx.set_setting(epoch_setting, "1");
        // Last: this row is what makes it a node.
        tx.set_setting(node_id_setting, new_uuid(context.random));
        record(
            tx,
            context.clock,
            "initialised",
            {{"party", options.name}, {"identity", party.identities.front()}}
        );
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));

    context.out.document({
        {"data", node.path()},
        {"party", party.name},
        {"identity", party.identities.front()},
        {"user", "admin"},
        {"token", secret.text},
        {"root", "api"},
    });
    context.out.line(fmt::format("{} is a node of {}.", node.path(), party.name));
    context.out.field("identity", party.identities.front());
    context.out.field("API root", "/api/");
    context.out.field("user", "admin");
    context.out.field("token", secret.text);
    context.out.line("The token is shown this once; keep it secret. Next:");
    context.out.line(fmt::format("  entente collection add \"Indicators\" --data {}", node.path()));
    context.out.line(fmt::format("  entente serve --data {}", node.path()));
    return Exit::ok;
}

}  // namespace entente::cli
