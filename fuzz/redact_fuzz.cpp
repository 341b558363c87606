// Redacts arbitrary objects by arbitrary selectors. The first byte is how the others are read: as
// an object, or as the value of a property of a sound object and, behind each 0 byte, a selector
// into it (in turn for one of two markings). What comes out must be sound and say nothing of what
// was hidden.
#include "base/assert.h"
#include "base/escape.h"
#include "stix/check.h"
#include "stix/internal/selectors.h"
#include "stix/internal/tree.h"
#include "stix/internal/value.h"
#include "stix/marking_paths.h"
#include "stix/object.h"
#include "stix/redact.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>

namespace {

using namespace entente;

constexpr std::string_view red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
constexpr std::string_view amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";

std::string object_of(std::string_view text) {
    std::string selectors[2];
    const std::string_view value = text.substr(0, text.find('\0'));
    std::size_t turn = 0;
    for (text.remove_prefix(value.size()); !text.empty(); turn = 1 - turn) {
        text.remove_prefix(1);
        const std::string_view selector = text.substr(0, text.find('\0'));
        text.remove_prefix(selector.size());
        if (!selectors[turn].empty()) selectors[turn] += ',';
        selectors[turn] += json_string(selector);
    }
    std::string out =
        R"({"type":"tool","spec_version":"2.1","id":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",)"
        R"("created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z","name":"nmap",)"
        R"("labels":["one more","another"],"x_v":)";
    out.append(value).append(",\"granular_markings\":[");
    for (turn = 0; turn < 2; ++turn) {
        if (selectors[turn].empty()) continue;
        out.append(out.back() == '[' ? "" : ",").append(R"({"marking_ref":")");
        out.append(turn == 0 ? red : amber).append(R"(","selectors":[)");
        out.append(selectors[turn]).append("]}");
    }
    return out + "]}";
}

/// The texts of the parts that the markings select.
std::set<std::string> hidden_texts(
    const std::string& canonical, const std::vector<std::string>& hidden
) {
    std::set<std::string> out;
    stix::internal::Tree tree(canonical);
    const auto entries = stix::internal::read_granular(tree);
    ENTENTE_ASSERT(entries);
    for (const auto& entry : *entries) {
        if (std::find(hidden.begin(), hidden.end(), entry.marking_ref) == hidden.end()) continue;
        for (const auto& selector : entry.selectors) {
            for (const auto root : selector.parts) {
                for (auto part = root; part < tree.end(root); ++part) {
                    if (tree.is_string(part))
                        out.insert(stix::internal::unescaped(tree.value(part)));
                }
            }
        }
    }
    return out;
}

stix::Redaction redaction_of(const stix::Object& object, std::vector<std::string> hidden) {
    stix::Redaction out;
    out.hidden = std::move(hidden);
    out.id = object.type + "--dddddddd-0000-4000-8000-00000000000d";
    out.created_by_ref = "identity--aaaaaaaa-0000-4000-8000-000000000001";
    out.created = out.modified = "2025-06-01T00:00:00.000Z";
    for (const std::string& id : object.references) {
        if (id.back() < '8')
            out.renamed.emplace(
                id, id.substr(0, id.size() - 36) + "eeeeeeee-0000-4000-8000-00000000000e"
            );
    }
    return out;
}

/// The derived object; empty if there is none.
std::string redacted(
    std::string_view text, const stix::Object& object, const std::vector<std::string>& hidden
) {
    const auto redaction = redaction_of(object, hidden);
    const auto result = stix::redact(text, redaction);
    if (!result) {
        ENTENTE_ASSERT(result.error().code == Errc::invalid_argument && object.id == redaction.id);
        return {};
    }
    ENTENTE_ASSERT(stix::redact(text, redaction)->body == result->body);
    if (result->withheld != stix::Withheld::no) {
        ENTENTE_ASSERT(result->body.empty() && !result->why.empty());
        return {};
    }
    const std::string& body = result->body;
    ENTENTE_ASSERT(stix::read_object(body));
    stix::Checker checker;
    ENTENTE_ASSERT(checker.check(body, {stix::Spec::as_stated, false}).empty());
    const std::string canonical = stix::canonical_json(body).value();
    ENTENTE_ASSERT(stix::granular_markings(canonical));
    if (!hidden.empty()) {
        ENTENTE_ASSERT(canonical.find(object.id) == std::string::npos);
        for (const std::string& secret :
             hidden_texts(stix::canonical_json(object.body).value(), hidden)) {
            // In canonical form a text without escapes stands as it is.
            const bool plain = secret.size() >= 4 && secret.size() <= 256 &&
                               json_string(secret).size() == secret.size() + 2;
            if (plain) ENTENTE_ASSERT(canonical.find(secret) == std::string::npos);
        }
    }
    return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    const std::string text = data[0] % 2 == 0 ? object_of(bytes) : std::string(bytes);
    if (const auto canonical = stix::canonical_json(text)) {
        (void)stix::resolve_selector(*canonical, bytes.substr(0, 40));
        if (const auto parts = stix::marked_parts(*canonical)) {
            for (const auto& part : *parts)
                ENTENTE_ASSERT(!stix::pointer_of(part.path).empty() && !part.markings.empty());
        }
    }
    const auto object = stix::read_object(text);
    if (!object) return 0;
    (void)redacted(text, *object, {});
    auto hidden = object->granular_markings;
    const std::string less = redacted(text, *object, hidden);
    if (hidden.empty()) return 0;
    hidden.pop_back();
    const std::string more = redacted(text, *object, hidden);
    if (less.empty() || more.empty()) return 0;
    // What is visible to the one who may see less, the other sees too: each of its parts that is
    // not a marking.
    stix::internal::Tree of_less(less);
    stix::internal::Tree of_more(more);
    for (const auto part : of_less.children(0)) {
        if (of_less.name(part) != "granular_markings")
            ENTENTE_ASSERT(of_more.member(0, of_less.name(part)) != stix::internal::Tree::none);
    }
    return 0;
}
