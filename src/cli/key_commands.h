#pragma once
// `entente key …` and the cards of parties: keys as files, without a node, so that an identity key
// can stay on a machine that is never connected.
#include "cli/context.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace entente::cli {

struct KeyNewOptions {
    Common common;
    std::string name;
    std::string out;
    std::string passphrase_file;
    bool plain = false;
};

/// Makes a key and its file. Exit: ok; state (the file is there already).
[[nodiscard]] Result<Exit> key_new(const KeyNewOptions& options, Context& context);

struct KeyShowOptions {
    Common common;
    std::string key;  // a key file, a key's text, or a statement about a key
};

/// Says whose key it is, with its fingerprint, or what a statement says and whether it verifies.
[[nodiscard]] Result<Exit> key_show(const KeyShowOptions& options, Context& context);

struct KeyPassphraseOptions {
    Common common;
    std::string file;
    std::vector<std::string> passphrase_files;
    std::string new_passphrase_file;
    bool plain = false;
};

/// Puts the key under another passphrase, or none. The file is replaced whole.
[[nodiscard]] Result<Exit> key_passphrase(const KeyPassphraseOptions& options, Context& context);

/// Options of the commands that sign a statement about a key.
struct KeyStatementOptions {
    Common common;
    std::string signer;  // a key file
    std::vector<std::string> passphrase_files;
    std::string about;      // certify: the node's key; rotate, revoke: empty = the signer
    std::string successor;  // rotate: a key file
    std::string use = "delivery";
    std::string reason = "retired";
    std::string from;   // certify; empty = now
    std::string until;  // certify, rotate
    std::string since;  // revoke; empty = now
    std::string out;    // empty = standard output
};

[[nodiscard]] Result<Exit> key_certify(const KeyStatementOptions& options, Context& context);
[[nodiscard]] Result<Exit> key_rotate(const KeyStatementOptions& options, Context& context);
[[nodiscard]] Result<Exit> key_revoke(const KeyStatementOptions& options, Context& context);

struct PartyCardOptions {
    Common common;
    std::string after;                   // the card that this one follows
    std::vector<std::string> keys;       // key files: named in the card, and sign it
    std::vector<std::string> also_sign;  // key files that sign without being named
    std::vector<std::string> passphrase_files;
    std::optional<std::string> name;
    std::optional<std::string> organisation;
    std::optional<std::string> contact;
    std::string recovery;  // a key's text or file
    std::vector<std::string> identities;
    std::vector<std::string> taxii;
    std::vector<std::string> clients;
    std::vector<std::string> statements;  // files
    std::string from;                     // empty = now
    std::uint64_t sequence = 0;           // 0 = one more than the card before
    std::string out;                      // empty = standard output
};

/// Writes and signs the own card.
[[nodiscard]] Result<Exit> party_card(const PartyCardOptions& options, Context& context);

/// What a partner handed over: a card, or a statement about a key.
struct PartyTakeOptions {
    Common common;
    std::string source;  // FILE, URL, or "-"
    std::string party;   // its name here; empty = as the card says
    std::string fingerprint;
    std::string ca_file;
};

/// True when the word of `party add` or `party show` means a file or an address, not a name.
[[nodiscard]] bool names_card(const std::string& word);

/// Shows a card and takes it when its fingerprint is confirmed, or when it follows the card that is
/// known. Exit: ok; state (not confirmed, an older card, no key that counts).
[[nodiscard]] Result<Exit> party_take(const PartyTakeOptions& options, Context& context);

/// Shows the card in a file without taking it.
[[nodiscard]] Result<Exit> party_show_card(const std::string& source, Context& context);

}  // namespace entente::cli
