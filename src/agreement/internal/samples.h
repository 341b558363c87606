#pragma once
// Agreements for tests.
#include "base/hash.h"
#include "ledger/note.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace entente::agreement::internal {

/// The text of a key of `name`, the same for the same name and number.
inline std::string sample_key(const std::string& name, std::uint8_t number = 0) {
    std::array<std::uint8_t, 32> seed = sha256(name);
    seed[0] = number;
    const auto signer = ledger::Signer::from_seed(name, seed).value();
    return ledger::verifier_text(signer.verifier());
}

inline boost::json::object sample_object(const std::string& text) {
    return boost::json::parse(text).as_object();
}

/// Two parties and one flow; nothing that may be left out.
inline boost::json::object small_sample() {
    return sample_object(fmt::format(
        R"({{"schema":"entente-agreement/1","version":1,"title":"Indicators","parties":[
        {{"pid":"north","name":"CERT North","sign_keys":["{}"]}},
        {{"pid":"south","name":"South Energy","sign_keys":["{}"]}}],
        "flows":[{{"fid":"f1","from":["north"],"to":["south"]}}],
        "validity":{{"from":"2026-01-01T00:00:00Z","until":"2027-01-01T00:00:00Z"}}}})",
        sample_key("north.example/entente"),
        sample_key("south.example/entente")
    ));
}

/// A version 2 in which every key stands, none with its fallback.
inline boost::json::object full_sample() {
    return sample_object(fmt::format(
        R"({{"schema":"entente-agreement/1","comment":"for people","version":2,
        "id":"agr:{0:a>64}","previous":"{0:b>64}","title":"Grid","one_sided":false,"parties":[
        {{"pid":"north","name":"CERT North","comment":"national",
          "identities":["identity--11111111-1111-4111-8111-111111111111",
                        "identity--22222222-2222-4222-8222-222222222222"],
          "sign_keys":["{1}","{2}"],"contact":"soc@north.example","jurisdiction":"NO"}},
        {{"pid":"south","name":"South Energy","identities":["identity--33333333-3333-4333-8333-333333333333"],
          "sign_keys":["{3}"],"contact":"soc@south.example","jurisdiction":"ZA"}},
        {{"pid":"east","name":"East Water","identities":["identity--44444444-4444-4444-8444-444444444444"],
          "sign_keys":["{4}"],"contact":"soc@east.example","jurisdiction":"JP"}}],
        "topics":{{"comment":"words","ransom":["type:malware","malware_types:ransomware"],"lures":["label:phishing"]}},
        "flows":[
        {{"fid":"down","from":["north"],"to":["south","east"],"comment":"the main flow",
          "select":{{"types":["malware","indicator"],"topics":["ransom","lures"],
            "pattern_paths":["ipv4-addr:value","file:hashes.*"],"min_confidence":50,
            "exclude_labels":["internal","draft"],"not_older_days":365}},
          "max_marking":"amber+strict","strip":["credentials","contact"],"named":["eve","bob"],
          "min_delay_hours":24,"objects_per_day":200000,"bytes_per_day":1000000000}},
        {{"fid":"up","from":["south","east"],"to":["north"],"select":{{"types":["sighting"]}},"max_marking":"red"}}],
        "use":{{"purposes":["network-defence","incident-response"],
          "permitted_actions":"externally-visible-indirect-actions","affected_party_notifications":"may",
          "commercial_use":"may","unmodified_resale":"may","ml_training":"may"}},
        "onward":{{"allowed":true,"max_marking":"green","to":["community:grid","clients"],
          "attribution":"may","min_delay_hours":48}},
        "handling":{{"encrypt_in_transit":"may","encrypt_at_rest":"must","retention_days":365,
          "retention_days_personal":30,"purge_on_end_days":60}},
        "obligations":[
        {{"oid":"o1","who":["south","east"],"what":"sighting","on":"indicator","when":"match","within":"P7D"}},
        {{"oid":"o2","who":["north"],"what":"revoke-propagate","within":"PT1H30M"}}],
        "validity":{{"from":"2026-01-01T00:00:00Z","until":"2027-01-01T00:00:00.5Z","notice_days":30}},
        "change":{{"join":"quorum","quorum":2,"dispute_contact":"board@grid.example"}},
        "law":{{"text_sha256":"{0:c>64}","text_uri":"https://grid.example/contract.pdf","precedence":"legal-text"}}}})",
        "",
        sample_key("north.example/entente"),
        sample_key("north.example/entente", 1),
        sample_key("south.example/entente"),
        sample_key("east.example/entente")
    ));
}

/// A version 1 with every key that one may have.
inline boost::json::object full_first_sample() {
    boost::json::object sample = full_sample();
    sample["version"] = 1;
    sample.erase("id");
    sample.erase("previous");
    return sample;
}

}  // namespace entente::agreement::internal
