#include "exchange/certificate_login.h"

#include <algorithm>

namespace entente::exchange {
namespace {

// "key:" + digest, or "name:" + digest of the CA's key + ":" + name.
constexpr std::string_view key_prefix = "key:";
constexpr std::string_view name_prefix = "name:";
constexpr std::size_t digest_digits = 64;

bool is_digest(std::string_view text) {
    const auto digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() == digest_digits && std::ranges::all_of(text, digit);
}

}  // namespace

std::string CertificateBinding::text() const {
    if (name.empty()) return std::string(key_prefix) + key_sha256;
    return std::string(name_prefix) + key_sha256 + ":" + name;
}

std::optional<CertificateBinding> CertificateBinding::read(std::string_view text) {
    const bool by_name = text.starts_with(name_prefix);
    if (!by_name && !text.starts_with(key_prefix)) return std::nullopt;
    text.remove_prefix(by_name ? name_prefix.size() : key_prefix.size());
    const std::string_view digest = text.substr(0, digest_digits);
    if (!is_digest(digest)) return std::nullopt;
    text.remove_prefix(digest_digits);
    if (!by_name && !text.empty()) return std::nullopt;
    if (by_name && (text.size() < 2 || text.front() != ':')) return std::nullopt;
    return CertificateBinding{std::string(digest), std::string(by_name ? text.substr(1) : "")};
}

}  // namespace entente::exchange
