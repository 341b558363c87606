// Random sound objects with random granular markings, redacted; what must come out is reckoned a
// second time, with another JSON library and none of the code under test.
#include "stix/check.h"
#include "stix/marking_paths.h"
#include "stix/object.h"
#include "stix/redact.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>

namespace entente::stix {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> markings = {
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"};
constexpr std::string_view redactor = "identity--aaaaaaaa-0000-4000-8000-000000000001";
constexpr std::string_view new_time = "2025-06-02T00:00:00.000Z";

// Objects with most that their types may have. @ becomes a word of its own; the rest is random too.
constexpr std::string_view templates[] = {
    R"({"type":"indicator","name":"@","description":"@ and @","indicator_types":["malicious-activity","benign"],"pattern":"[domain-name:value = '@']","pattern_type":"stix","valid_from":"2016-05-12T08:17:27Z","kill_chain_phases":[{"kill_chain_name":"@","phase_name":"@"},{"kill_chain_name":"@","phase_name":"@"}],"labels":["@","@"],"confidence":55})",
    R"({"type":"malware","name":"@","is_family":true,"description":"@","malware_types":["trojan"],"aliases":["@","@","@"],"first_seen":"2016-05-12T08:17:27Z","implementation_languages":["c"],"capabilities":["infects-files"]})",
    R"({"type":"identity","name":"@","description":"@","roles":["@"],"identity_class":"organization","sectors":["energy"],"contact_information":"@"})",
    R"({"type":"threat-actor","name":"@","aliases":["@"],"goals":["@","@"],"sophistication":"expert","threat_actor_types":["crime-syndicate"],"personal_motivations":["revenge"]})",
    R"({"type":"report","name":"@","description":"@ @","published":"2016-05-12T08:17:27Z","object_refs":["indicator--26ffb872-1dd9-446e-b6f5-d58527e5b5d2","campaign--83422c77-904c-4dc1-aff5-5c38f3a2c55c"],"labels":["@"]})",
    R"({"type":"relationship","relationship_type":"uses","source_ref":"campaign--83422c77-904c-4dc1-aff5-5c38f3a2c55c","target_ref":"malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b","description":"@","start_time":"2016-05-12T08:17:27Z"})",
    R"({"type":"vulnerability","name":"@","description":"@","labels":["@","@"]})",
    R"({"type":"location","region":"south-america","country":"br","city":"@","street_address":"@","latitude":48.8566,"longitude":2.3522})",
    R"({"type":"file","hashes":{"SHA-256":"841a8921140aba50671ebb0770fecc4ee308c4952cfeff8de154ab14eeef4649"},"name":"@","size":25536,"extensions":{"ntfs-ext":{"sid":"@","alternate_data_streams":[{"name":"@","size":25537},{"name":"@"}]}},"contains_refs":["file--26ffb872-1dd9-446e-b6f5-d58527e5b5d2"]})",
    R"({"type":"network-traffic","src_ref":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","src_port":24678,"dst_port":80,"protocols":["ipv4","tcp"],"ipfix":{"minimumIpTotalLength":3232,"@":"@"},"extensions":{"http-request-ext":{"request_method":"get","request_value":"@","request_header":{"Accept":["@","@"]}}}})",
    R"({"type":"email-message","is_multipart":true,"subject":"@","received_lines":["@","@"],"additional_header_fields":{"@":["@","@"],"@":["@"]},"body_multipart":[{"body":"@","content_type":"text/plain"},{"body":"@"}]})",
    R"({"type":"windows-registry-key","key":"hkey_local_machine\\@","values":[{"name":"@","data":"@","data_type":"REG_SZ"},{"name":"@"}],"number_of_subkeys":4711})",
    R"({"type":"process","pid":12210,"command_line":"@ @","environment_variables":{"@":"@","@":"@"},"cwd":"@"})",
};

class Maker {
  public:
    explicit Maker(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t n) { return random_() % n; }

    bool one_in(std::size_t n) { return below(n) == 0; }

    /// Seldom one that was made before.
    std::string word() {
        static constexpr char digits[] = "bcdfghjklmnpqrst";
        if (!words_.empty() && one_in(60)) return words_[below(words_.size())];
        std::string out = "w";
        for (int i = 0; i < 8; ++i)
            out += digits[below(16)];
        words_.push_back(out);
        return out;
    }

    /// A sound object.
    json::object object() {
        std::string text;
        for (const char c : templates[below(std::size(templates))])
            c == '@' ? text += word() : text += c;
        json::object out = json::parse(text).as_object();
        const std::string type(out.at("type").as_string());
        const bool observable = type == "file" || type == "network-traffic" ||
                                type == "email-message" || type == "windows-registry-key" ||
                                type == "process";
        out["spec_version"] = "2.1";
        out["id"] = type + "--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
        if (!observable) {
            out["created"] = out["modified"] = "2016-05-12T08:17:27.000Z";
            if (one_in(2)) out["created_by_ref"] = "identity--f431f809-377b-45e0-aa1c-6a4751cae5ff";
            json::array references;
            for (std::size_t i = 0, n = below(4); i < n; ++i)
                references.push_back(
                    {{"source_name", word()}, {"external_id", word()}, {"description", word()}}
                );
            if (!references.empty()) out["external_references"] = std::move(references);
        }
        if (one_in(3)) out["object_marking_refs"] = {markings[2]};
        for (int i = 0; i < 2; ++i)
            out["x_" + word()] = value(3);
        return out;
    }

    json::value value(int depth) {
        switch (depth == 0 ? 2 + below(4) : below(6)) {
            case 0: {
                json::array out;
                for (std::size_t i = 0, n = 1 + below(3); i < n; ++i)
                    out.push_back(value(depth - 1));
                return out;
            }
            case 1: {
                json::object out;
                for (std::size_t i = 0, n = 1 + below(3); i < n; ++i)
                    out[word()] = value(depth - 1);
                return out;
            }
            case 2:
                return 1'000'000 + static_cast<std::int64_t>(below(100'000'000));
            case 3:
                return one_in(2);
            default:
                return json::string(word());
        }
    }

  private:
    std::mt19937 random_;
    std::vector<std::string> words_;
};

/// All paths into a value but the value's own.
void paths_in(const json::value& value, const Path& here, std::vector<Path>& out) {
    const auto add = [&](Step step, const json::value& child) {
        Path path = here;
        path.push_back(std::move(step));
        out.push_back(path);
        paths_in(child, path, out);
    };
    if (const auto* list = value.if_array()) {
        for (std::size_t i = 0; i < list->size(); ++i)
            add(i, (*list)[i]);
    } else if (const auto* object = value.if_object()) {
        for (const auto& member : *object)
            add(std::string(member.key()), member.value());
    }
}

std::string selector(const Path& path) {
    std::string out;
    for (const Step& step : path) {
        if (!out.empty()) out += '.';
        if (const auto* index = std::get_if<std::size_t>(&step)) {
            out += "[" + std::to_string(*index) + "]";
        } else {
            out += std::get<std::string>(step);
        }
    }
    return out;
}

bool covers(const Path& outer, const Path& inner) {
    return outer.size() <= inner.size() && std::equal(outer.begin(), outer.end(), inner.begin());
}

/// Properties that have rules of their own when they are hidden (Redact.* tests them).
bool is_special(const Path& path) {
    static const std::set<std::string> names = {
        "type",
        "id",
        "spec_version",
        "created",
        "modified",
        "created_by_ref",
        "object_marking_refs",
        "granular_markings"};
    return names.contains(std::get<std::string>(path.front()));
}

/// An object, and what marks which of its parts.
struct Marked {
    json::object object;
    std::vector<std::pair<std::string, Path>> granular;
};

Marked mark(Maker& make, json::object object) {
    Marked out;
    std::vector<Path> paths;
    paths_in(object, {}, paths);
    json::array entries;
    for (std::size_t i = 0, n = 1 + make.below(4); i < n; ++i) {
        json::array selectors;
        const std::string ref(markings[make.below(2)]);
        for (std::size_t k = 0, m = 1 + make.below(3); k < m; ++k) {
            const Path& path = paths[make.below(paths.size())];
            if (is_special(path)) continue;
            selectors.push_back(json::string(selector(path)));
            out.granular.emplace_back(ref, path);
        }
        if (selectors.empty()) continue;
        entries.push_back({{"marking_ref", ref}, {"selectors", std::move(selectors)}});
    }
    if (!entries.empty()) object["granular_markings"] = std::move(entries);
    out.object = std::move(object);
    return out;
}

/// What is left of a value without `hidden`; nothing when nothing is.
std::optional<json::value> rest(
    const json::value& value, const Path& here, const std::vector<Path>& hidden
) {
    if (std::find(hidden.begin(), hidden.end(), here) != hidden.end()) return std::nullopt;
    const auto child = [&](Step step, const json::value& v) {
        Path path = here;
        path.push_back(std::move(step));
        return rest(v, path, hidden);
    };
    if (const auto* list = value.if_array()) {
        json::array out;
        for (std::size_t i = 0; i < list->size(); ++i) {
            if (auto kept = child(i, (*list)[i])) out.push_back(std::move(*kept));
        }
        if (out.empty()) return std::nullopt;
        return out;
    }
    if (const auto* object = value.if_object()) {
        json::object out;
        for (const auto& member : *object) {
            if (auto kept = child(std::string(member.key()), member.value()))
                out[member.key()] = std::move(*kept);
        }
        if (out.empty()) return std::nullopt;
        return out;
    }
    return value;
}

/// All names and scalars, as text.
void words_of(const json::value& value, std::multiset<std::string>& out, bool names) {
    if (const auto* list = value.if_array()) {
        for (const json::value& element : *list)
            words_of(element, out, names);
    } else if (const auto* object = value.if_object()) {
        for (const auto& member : *object) {
            if (names) out.insert(std::string(member.key()));
            words_of(member.value(), out, names);
        }
    } else if (value.is_string()) {
        out.insert(std::string(value.as_string()));
    } else {
        out.insert(json::serialize(value));
    }
}

const json::value* at_path(const json::value& value, const Path& path) {
    const json::value* at = &value;
    for (const Step& step : path) {
        at = std::holds_alternative<std::size_t>(step)
                 ? &at->as_array()[std::get<std::size_t>(step)]
                 : &at->as_object().at(std::get<std::string>(step));
    }
    return at;
}

/// One of Maker's words.
bool is_word(const std::string& text) {
    return text.size() == 9 && text[0] == 'w';
}

void names_in(const json::value& value, std::set<std::string>& out) {
    std::multiset<std::string> all;
    words_of(value, all, true);
    std::multiset<std::string> values;
    words_of(value, values, false);
    for (const std::string& name : all) {
        const auto at = values.find(name);
        if (at == values.end()) {
            out.insert(name);
        } else {
            values.erase(at);
        }
    }
}

/// What of the hidden parts may not be said: their texts, their large numbers, and the keys in them
/// that are nowhere else.
std::set<std::string> secrets_of(
    const json::value& object, const std::vector<Path>& hidden, const json::value& left
) {
    std::multiset<std::string> values;
    std::set<std::string> out;
    std::set<std::string> names_left;
    names_in(left, names_left);
    for (const Path& path : hidden) {
        words_of(*at_path(object, path), values, false);
        std::set<std::string> names;
        names_in(*at_path(object, path), names);
        for (const std::string& name : names) {
            if (is_word(name) && !names_left.contains(name)) out.insert(name);
        }
    }
    for (const std::string& value : values) {
        if (value.size() >= 4 && value != "true" && value != "false") out.insert(value);
    }
    return out;
}

bool says(const json::value& value, const std::set<std::string>& secrets) {
    std::multiset<std::string> words;
    words_of(value, words, true);
    return std::any_of(words.begin(), words.end(), [&secrets](const std::string& word) {
        return std::any_of(secrets.begin(), secrets.end(), [&word](const std::string& secret) {
            return word.find(secret) != std::string::npos;
        });
    });
}

Redaction redaction_for(const json::object& object, std::vector<std::string> hidden) {
    Redaction out;
    out.hidden = std::move(hidden);
    out.id = std::string(object.at("type").as_string()) + "--dddddddd-0000-4000-8000-00000000000d";
    out.created_by_ref = redactor;
    out.created = out.modified = new_time;
    return out;
}

/// What `redact` is to make, without the granular markings.
json::object expected(
    const Marked& marked, const std::vector<Path>& hidden, const Redaction& redaction
) {
    json::object out = rest(marked.object, {}, hidden).value().as_object();
    out["id"] = redaction.id;
    if (out.contains("created")) {
        out["created"] = redaction.created;
        out["modified"] = redaction.modified;
        out["created_by_ref"] = redaction.created_by_ref;
    }
    out.erase("granular_markings");
    return out;
}

bool is_sound(const std::string& text) {
    Checker checker;
    CheckOptions options;
    options.should = false;
    return checker.check(text, options).empty();
}

/// Which words each marking covers.
std::multiset<std::pair<std::string, std::string>> coverage(
    const json::value& object, const std::vector<std::pair<std::string, Path>>& granular
) {
    std::set<std::pair<std::string, Path>> leaves;
    std::vector<Path> paths;
    paths_in(object, {}, paths);
    for (const auto& [ref, outer] : granular) {
        for (const Path& path : paths) {
            if (covers(outer, path)) leaves.emplace(ref, path);
        }
    }
    std::multiset<std::pair<std::string, std::string>> out;
    for (const auto& [ref, path] : leaves) {
        const json::value& leaf = *at_path(object, path);
        if (leaf.is_object() || leaf.is_array()) continue;
        out.emplace(ref, json::serialize(leaf));
    }
    return out;
}

struct Tally {
    int released = 0;
    int required_part = 0;
    int value_elsewhere = 0;
};

void check_markings(
    const Marked& marked,
    const std::vector<Path>& hidden,
    const std::string& ref,
    const Redacted& redacted
) {
    const json::value result = json::parse(redacted.body);
    std::vector<std::pair<std::string, Path>> left;
    for (const auto& [other, path] : marked.granular) {
        if (other != ref) left.emplace_back(other, path);
    }
    auto wanted = coverage(marked.object, left);
    // Less what is hidden.
    std::vector<std::pair<std::string, Path>> gone;
    std::vector<Path> paths;
    paths_in(marked.object, {}, paths);
    for (const Path& path : paths) {
        const bool is_hidden = std::any_of(hidden.begin(), hidden.end(), [&path](const Path& h) {
            return covers(h, path);
        });
        if (!is_hidden) continue;
        for (const auto& [other, outer] : left) {
            if (covers(outer, path)) gone.emplace_back(other, path);
        }
    }
    for (const auto& one : coverage(marked.object, gone))
        wanted.erase(wanted.find(one));

    const auto read = granular_markings(canonical_json(redacted.body).value());
    ASSERT_TRUE(read) << read.error().detail << redacted.body;
    std::vector<std::pair<std::string, Path>> now;
    for (const GranularMarking& marking : *read) {
        EXPECT_NE(marking.marking_ref, ref);
        for (const Path& path : marking.paths)
            now.emplace_back(marking.marking_ref, path);
    }
    EXPECT_EQ(coverage(result, now), wanted) << redacted.body;
}

void check_one(const Marked& marked, const std::string& ref, Tally& tally) {
    const std::string text = json::serialize(marked.object);
    std::vector<Path> hidden;
    for (const auto& [other, path] : marked.granular) {
        if (other == ref) hidden.push_back(path);
    }
    const Redaction redaction = redaction_for(marked.object, {ref});
    const auto redacted = redact(text, redaction);
    ASSERT_TRUE(redacted) << redacted.error().detail;
    ASSERT_EQ(redact(text, redaction)->body, redacted->body);

    const json::object wanted = expected(marked, hidden, redaction);
    const std::set<std::string> secrets = secrets_of(marked.object, hidden, wanted);
    SCOPED_TRACE(text + "\nwithout " + ref);
    switch (redacted->withheld) {
        case Withheld::no: {
            ++tally.released;
            json::object result = json::parse(redacted->body).as_object();
            EXPECT_TRUE(is_sound(redacted->body)) << redacted->body;
            EXPECT_FALSE(says(result, secrets)) << redacted->body;
            for (const std::string& secret : secrets)
                EXPECT_EQ(redacted->body.find(secret), std::string::npos) << redacted->body;
            check_markings(marked, hidden, ref, *redacted);
            result.erase("granular_markings");
            EXPECT_EQ(result, wanted);
            break;
        }
        case Withheld::required_part:
            ++tally.required_part;
            EXPECT_FALSE(is_sound(json::serialize(wanted))) << redacted->why;
            break;
        case Withheld::value_elsewhere:
            ++tally.value_elsewhere;
            EXPECT_TRUE(says(wanted, secrets)) << redacted->why;
            break;
        default:
            FAIL() << redacted->why;
    }
}

TEST(RedactProperty, ResultIsTheObjectWithoutWhatIsHiddenAndSaysNothingOfIt) {
    Tally tally;
    for (unsigned seed = 0; seed < 1'500; ++seed) {
        Maker make(seed);
        const Marked marked = mark(make, make.object());
        ASSERT_TRUE(is_sound(json::serialize(marked.object))) << json::serialize(marked.object);
        for (std::size_t i = 0; i < 2; ++i)
            check_one(marked, std::string(markings[i]), tally);
        if (HasFatalFailure() || HasNonfatalFailure()) {
            ADD_FAILURE() << "seed " << seed;
            return;
        }
    }
    EXPECT_GT(tally.released, 1'000);
    EXPECT_GT(tally.required_part, 100);
    EXPECT_GT(tally.value_elsewhere, 20);
}

TEST(RedactProperty, WhoMaySeeMoreKeepsAllThatOthersKeep) {
    int compared = 0;
    for (unsigned seed = 0; seed < 1'000; ++seed) {
        Maker make(seed);
        const Marked marked = mark(make, make.object());
        const std::string text = json::serialize(marked.object);
        std::vector<std::string> both = {std::string(markings[0]), std::string(markings[1])};
        const auto less = redact(text, redaction_for(marked.object, both));
        ASSERT_TRUE(less) << less.error().detail;
        both.pop_back();
        const auto more = redact(text, redaction_for(marked.object, both));
        ASSERT_TRUE(more) << more.error().detail;
        if (less->withheld != Withheld::no || more->withheld != Withheld::no) continue;
        ++compared;
        const auto words = [](const Redacted& redacted) {
            json::object object = json::parse(redacted.body).as_object();
            object.erase("granular_markings");
            std::multiset<std::string> out;
            words_of(object, out, true);
            return out;
        };
        const auto of_less = words(*less);
        const auto of_more = words(*more);
        EXPECT_TRUE(std::includes(of_more.begin(), of_more.end(), of_less.begin(), of_less.end()))
            << less->body << "\n"
            << more->body;
    }
    EXPECT_GT(compared, 300);
}

}  // namespace
}  // namespace entente::stix
