#include "base/escape.h"
#include "base/limits.h"
#include "cli/file_kind.h"
#include "cli/key_commands.h"
#include "cli/key_files.h"
#include "cli/new_file.h"
#include "cli/state_file.h"
#include "cli/words.h"
#include "ledger/certificate.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <sys/stat.h>

namespace entente::cli {
namespace {

namespace json = boost::json;
using ledger::Signer;
using ledger::Verifier;

json::object key_json(const Verifier& key) {
    return {
        {"name", key.name},
        {"key", ledger::verifier_text(key)},
        {"fingerprint", ledger::fingerprint(key)}};
}

void show_key(const Verifier& key, std::string_view kept, Context& context) {
    json::object document = key_json(key);
    if (!kept.empty()) document["kept"] = kept;
    context.out.document(document);
    context.out.field("name", key.name);
    context.out.field("key", ledger::verifier_text(key));
    context.out.field("fingerprint", ledger::fingerprint(key));
    if (!kept.empty()) context.out.field("kept", kept);
}

std::string_view kept_words(bool encrypted) {
    return encrypted ? "under a passphrase" : "without a passphrase";
}

void show_statement(const ledger::KeyStatement& statement, Context& context) {
    const Verifier& by = ledger::statement_by(statement);
    const Verifier& about = ledger::statement_about(statement);
    context.out.document(
        {{"says", ledger::describe(statement)},
         {"by", ledger::verifier_text(by)},
         {"by_fingerprint", ledger::fingerprint(by)},
         {"about", ledger::verifier_text(about)},
         {"signatures", "verified"}}
    );
    context.out.field("says", ledger::describe(statement));
    context.out.field("by", ledger::verifier_text(by));
    context.out.field("fingerprint", ledger::fingerprint(by));
    context.out.field("about", ledger::verifier_text(about));
    context.out.field("signatures", "verified");
}

}  // namespace

Result<Exit> key_new(const KeyNewOptions& options, Context& context) {
    if (options.plain && !options.passphrase_file.empty()) {
        return fail(
            Errc::invalid_argument, "--plain has no passphrase: leave --passphrase-file out"
        );
    }
    ENTENTE_CHECK(check_name("name of the key", options.name));
    ENTENTE_CHECK(check_new_file(options.out));
    std::array<std::uint8_t, 32> seed{};
    context.random.fill(seed);
    auto signer = Signer::from_seed(options.name, seed);
    ::explicit_bzero(seed.data(), seed.size());
    if (!signer) return tl::unexpected<Error>(std::move(signer).error());
    const NewKeyFile file{
        .plain = options.plain,
        .passphrase_file = options.passphrase_file,
        .prompt = "Passphrase of the new key"};
    ENTENTE_TRY(const SecretText text, key_file_text(*signer, file, context));
    ENTENTE_CHECK(write_new_file(options.out, text.view(), Readers::owner));
    show_key(signer->verifier(), kept_words(!options.plain), context);
    return Exit::ok;
}

Result<Exit> key_show(const KeyShowOptions& options, Context& context) {
    if (const auto key = ledger::verifier_of(options.key)) {
        show_key(*key, "", context);
        return Exit::ok;
    }
    ENTENTE_TRY(const SecretText read, read_key_text(options.key));
    const std::string_view text = read.view();
    const auto at_file = [&](Error error) {
        error.detail = fmt::format("{}: {}", printable(options.key), error.detail);
        return tl::unexpected<Error>(std::move(error));
    };
    // A statement is known by its first line; everything else has to be a key file.
    constexpr std::array<std::string_view, 3> statements{
        "entente-key-certificate/", "entente-key-rotation/", "entente-key-revocation/"};
    for (const std::string_view start : statements) {
        if (!text.starts_with(start)) continue;
        const auto statement = ledger::verify_key_statement(text);
        if (!statement) return at_file(statement.error());
        show_statement(*statement, context);
        return Exit::ok;
    }
    const auto head = ledger::read_key_file_head(text);
    if (!head) return at_file(with_kind(head.error(), text, {FileKind::key}));

    struct stat status {};

    if (::stat(options.key.c_str(), &status) == 0 && (status.st_mode & 077U) != 0) {
        context.note(
            fmt::format("{}: others of this machine may read this key; use: chmod 600", options.key)
        );
    }
    show_key(head->verifier, kept_words(head->encrypted), context);
    return Exit::ok;
}

Result<Exit> key_passphrase(const KeyPassphraseOptions& options, Context& context) {
    if (options.plain && !options.new_passphrase_file.empty()) {
        return fail(
            Errc::invalid_argument, "--plain has no passphrase: leave --new-passphrase-file out"
        );
    }
    KeyOpener opener(options.passphrase_files, context);
    ENTENTE_TRY(const Signer signer, opener.open(options.file));
    const NewKeyFile file{
        .plain = options.plain,
        .passphrase_file = options.new_passphrase_file,
        .prompt = "New passphrase"};
    ENTENTE_TRY(const SecretText text, key_file_text(signer, file, context));
    // A link goes on to name the file; a file in its place would leave the old passphrase there.
    std::error_code error;
    const std::string file_itself = std::filesystem::canonical(options.file, error).native();
    write_state(error ? options.file : file_itself, text.view());
    show_key(signer.verifier(), kept_words(!options.plain), context);
    return Exit::ok;
}

}  // namespace entente::cli
