#include "peer/settings.h"

#include <boost/json.hpp>

#include <utility>

namespace entente::peer {
namespace {

namespace json = boost::json;
using taxii::client::Credentials;
using taxii::client::Way;

json::array array_of(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

/// Members of an object that was written here; anything else makes `sound` false.
class Members {
  public:
    explicit Members(std::string_view text) {
        json::error_code error;
        json::value value = json::parse(text, error);
        sound = !error && value.is_object();
        if (sound) object_ = std::move(value.as_object());
    }

    std::string text(std::string_view name) {
        const json::value* value = object_.if_contains(name);
        sound = sound && value != nullptr && value->is_string();
        return sound ? std::string(value->get_string()) : std::string();
    }

    bool flag(std::string_view name) {
        const json::value* value = object_.if_contains(name);
        sound = sound && value != nullptr && value->is_bool();
        return sound && value->get_bool();
    }

    std::int64_t number(std::string_view name) {
        const json::value* value = object_.if_contains(name);
        sound = sound && value != nullptr && value->is_int64();
        return sound ? value->get_int64() : 0;
    }

    std::vector<std::string> texts(std::string_view name) {
        std::vector<std::string> all;
        const json::value* value = object_.if_contains(name);
        sound = sound && value != nullptr && value->is_array();
        if (!sound) return all;
        for (const json::value& one : value->get_array()) {
            sound = sound && one.is_string();
            if (sound) all.emplace_back(one.get_string());
        }
        return all;
    }

    bool sound = false;

  private:
    json::object object_;
};

std::string_view kind_name(Credentials::Kind kind) {
    switch (kind) {
        case Credentials::Kind::none:
            return "none";
        case Credentials::Kind::basic:
            return "basic";
        case Credentials::Kind::bearer:
            return "bearer";
        case Credentials::Kind::token:
            return "token";
    }
    return "none";
}

}  // namespace

std::string settings_text(const Way& way) {
    return json::serialize(json::object{
        {"root", way.root},
        {"collection", way.collection},
        {"allow_origins", array_of(way.allow_origins)},
        {"credentials_for", array_of(way.credentials_for)},
        {"plain_http", way.plain_http},
        {"ca_file", way.ca_file},
        {"client_certificate", way.client_certificate},
        {"client_key", way.client_key},
        {"insecure", way.insecure_skip_verify},
        {"timeout_s", way.timeout_s}});
}

Result<Way> read_way(const store::Peer& peer) {
    Members members(peer.settings);
    Way way;
    way.url = peer.url;
    way.root = members.text("root");
    way.collection = members.text("collection");
    way.allow_origins = members.texts("allow_origins");
    way.credentials_for = members.texts("credentials_for");
    way.plain_http = members.flag("plain_http");
    way.ca_file = members.text("ca_file");
    way.client_certificate = members.text("client_certificate");
    way.client_key = members.text("client_key");
    way.insecure_skip_verify = members.flag("insecure");
    way.timeout_s = members.number("timeout_s");
    if (!members.sound) return fail(Errc::corrupt, "the settings of the peer cannot be read");
    return way;
}

std::string credentials_text(const Credentials& credentials) {
    return json::serialize(json::object{
        {"kind", kind_name(credentials.kind)},
        {"user", credentials.user},
        {"secret", credentials.secret}});
}

Result<Credentials> read_credentials(std::string_view text) {
    using Kind = Credentials::Kind;
    Members members(text);
    const std::string kind = members.text("kind");
    Credentials credentials;
    credentials.user = members.text("user");
    credentials.secret = members.text("secret");
    for (const Kind one : {Kind::basic, Kind::bearer, Kind::token}) {
        if (kind_name(one) == kind) credentials.kind = one;
    }
    if (!members.sound || credentials.kind == Kind::none) {
        return fail(Errc::corrupt, "the file of the peer's credentials cannot be read");
    }
    return credentials;
}

}  // namespace entente::peer
