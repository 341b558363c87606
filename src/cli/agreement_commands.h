#pragma once
// `entente agreement …`: agreements as documents, their signatures, and where they act on a node.
// Each command is one function on plain options. All fail as their checks say, and throw
// StorageError.
#include "cli/context.h"
#include "cli/remote.h"

#include <cstdint>
#include <string>
#include <vector>

namespace entente::cli {

/// Commands that read: a file or an agreement of the node.
struct AgreementReadOptions {
    Common common;
    std::string subject;  // FILE or ID, with @version if need be
    std::string other;    // diff: the second one
};

/// The document in plain words, and how it stands.
[[nodiscard]] Result<Exit> agreement_show(const AgreementReadOptions& options, Context& context);
/// Each change from the first to the second. Exit: ok; findings when there is none.
[[nodiscard]] Result<Exit> agreement_diff(const AgreementReadOptions& options, Context& context);
[[nodiscard]] Result<Exit> agreement_list(const Common& options, Context& context);
/// What is wrong and what comes next. Exit: ok; findings when something is wrong.
[[nodiscard]] Result<Exit> agreement_check(const AgreementReadOptions& options, Context& context);

/// Commands that sign a note.
struct AgreementSignOptions {
    Common common;
    std::string subject;  // FILE or ID
    std::string key;      // a key file
    std::vector<std::string> passphrase_files;
    std::string person;
    std::string office;
    std::string reason;  // suspend, end
    std::string out;     // a new file for the note; empty = standard output, or none with a node
};

[[nodiscard]] Result<Exit> agreement_sign(const AgreementSignOptions& options, Context& context);
/// Takes a document into the node and signs it there.
[[nodiscard]] Result<Exit> agreement_propose(const AgreementSignOptions& options, Context& context);
[[nodiscard]] Result<Exit> agreement_suspend(const AgreementSignOptions& options, Context& context);
/// Takes back every suspension of the key's party that stands.
[[nodiscard]] Result<Exit> agreement_resume(const AgreementSignOptions& options, Context& context);
[[nodiscard]] Result<Exit> agreement_end(const AgreementSignOptions& options, Context& context);

struct AgreementFilesOptions {
    Common common;
    std::vector<std::string> files;  // documents, signed notes, packs
};

[[nodiscard]] Result<Exit> agreement_add(const AgreementFilesOptions& options, Context& context);

struct AgreementSendOptions {
    Common common;
    std::string id;
    std::string out;       // a new file; empty = standard output, unless there is an address
    RemoteOptions remote;  // url: the collection that gets it as a STIX object
};

/// All that is known of an agreement, as a pack or as a STIX object. Exit: ok; refused (the server
/// did not take it).
[[nodiscard]] Result<Exit> agreement_send(const AgreementSendOptions& options, Context& context);

struct AgreementReceiveOptions {
    Common common;
    std::string file;      // a pack, or whatever else `agreement add` takes
    RemoteOptions remote;  // url: a collection that may hold agreements as STIX objects
};

[[nodiscard]] Result<Exit> agreement_receive(
    const AgreementReceiveOptions& options, Context& context
);

struct AgreementMapOptions {
    Common common;
    std::string id;
    std::string pid;
    std::string party;  // "none" = nobody
};

[[nodiscard]] Result<Exit> agreement_map(const AgreementMapOptions& options, Context& context);

struct AgreementBindOptions {
    Common common;
    std::string id;
    std::string collection;
    std::string flow;  // empty = every flow
    bool out = false;
    bool in = false;
};

[[nodiscard]] Result<Exit> agreement_bind(const AgreementBindOptions& options, Context& context);
[[nodiscard]] Result<Exit> agreement_unbind(const AgreementBindOptions& options, Context& context);

}  // namespace entente::cli
