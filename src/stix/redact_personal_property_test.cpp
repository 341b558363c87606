// Random sound objects with personal data planted in them: what stripping leaves.
#include "stix/check.h"
#include "stix/personal.h"
#include "stix/redact.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace entente::stix {
namespace {

namespace json = boost::json;

constexpr PersonalClasses contact = personal_bit(Personal::contact);
constexpr PersonalClasses account = personal_bit(Personal::account);
constexpr PersonalClasses free_text = personal_bit(Personal::free_text);
constexpr PersonalClasses credentials = personal_bit(Personal::credentials);
constexpr std::string_view uuid = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";

/// $C $A $F $K: a value of the class that is personal where it stands; $w a word that is not; $n
/// one that never is one of the former, for a fact of the object makes its texts free.
struct Template {
    std::string_view type;
    bool observable;
    std::string_view properties;
};

constexpr Template templates[] = {
    {"identity",
     false,
     R"("name":"$w","description":"$F","identity_class":"group","roles":["$F","$w"])"},
    {"identity", false, R"("name":"$C","contact_information":"$C","identity_class":"individual")"},
    {"malware",
     false,
     R"("name":"$w","is_family":true,"description":"$F","aliases":["$w","$F"],"labels":["$F"],"external_references":[{"source_name":"$w","description":"$F","url":"https://$K@example.com/"}])"},
    {"note",
     false,
     R"("content":"$w","abstract":"$F","authors":["$C","$C"],"object_refs":["malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"])"},
    {"indicator",
     false,
     R"("name":"$w","description":"$F","pattern_type":"stix","pattern":"[domain-name:value = '$n']","valid_from":"2016-05-12T08:17:27Z")"},
    {"user-account",
     true,
     R"("user_id":"$A","account_login":"$A","display_name":"$A","credential":"$K","is_disabled":true,"extensions":{"unix-account-ext":{"gid":7,"home_dir":"$A"}})"},
    {"email-message",
     true,
     R"("is_multipart":true,"subject":"$C","received_lines":["$C"],"content_type":"$w","message_id":"$w","additional_header_fields":{"Reply-To":["$C","$C"]},"body_multipart":[{"body":"$C"}])"},
    {"process",
     true,
     R"("pid":77,"command_line":"run /home/$A/x","cwd":"/home/$A","environment_variables":{"USER":"$A","LANG":"$w","HOME":"/home/$A"})"},
    {"network-traffic",
     true,
     R"("src_ref":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","protocols":["tcp"],"extensions":{"http-request-ext":{"request_method":"get","request_value":"/$w","request_header":{"Cookie":["$K"],"Host":["$w"]}}})"},
    {"file",
     true,
     R"("hashes":{"MD5":"79054025255fb1a26e4bc422aef54eb4"},"name":"$F","extensions":{"ntfs-ext":{"sid":"$A"}})"},
    {"software", true, R"("name":"$w","vendor":"$F","x_maker":{"mail":"$F","n":1})"},
};

class Maker {
  public:
    explicit Maker(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t n) { return random_() % n; }

    std::string word() {
        std::string out = "w";
        for (int i = 0; i < 9; ++i)
            out += "bcdfghjklmnpqrst"[below(16)];
        return out;
    }

    /// The text of a value, which `said` remembers by its class.
    std::string value(char of) {
        std::string text = word();
        if (of == 'w') {
            // Now and then a value of a class stands where nothing tells that it does.
            const bool copied = !last_.empty() && below(25) == 0;
            return copied ? last_ : text;
        }
        if (of == 'n') return text;
        PersonalClasses cls = of == 'C' ? contact : of == 'A' ? account : credentials;
        std::string shown = text;
        if (of == 'F') {
            cls = free_text;
            text += "@" + word() + ".example";
            shown = below(2) == 0 ? text : "Ask " + text + " about it";
        } else if (of == 'K') {
            shown = text = "u:" + text;
        }
        said[text] = cls;
        // Of an account a path may hold no more than the name.
        if (of != 'A') last_ = text;
        return shown;
    }

    std::string object() {
        said.clear();
        last_.clear();
        const Template& t = templates[below(std::size(templates))];
        std::string out = R"({"type":")" + std::string(t.type) +
                          R"(","spec_version":"2.1","id":")" + std::string(t.type) + "--" +
                          std::string(uuid) + "\"";
        if (!t.observable)
            out += R"(,"created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z")";
        out += ',';
        for (std::size_t i = 0; i < t.properties.size(); ++i) {
            if (t.properties[i] == '$') {
                out += value(t.properties[++i]);
            } else {
                out += t.properties[i];
            }
        }
        type = t.type;
        return out + "}";
    }

    std::map<std::string, PersonalClasses> said;
    std::string type;

  private:
    std::mt19937 random_;
    std::string last_;
};

Redaction strip(const std::string& type, PersonalClasses classes, char number = '1') {
    Redaction redaction;
    redaction.strip = classes;
    redaction.id = type + "--dddddddd-0000-4000-8000-00000000000" + number;
    redaction.created_by_ref = "identity--aaaaaaaa-0000-4000-8000-000000000001";
    redaction.created = redaction.modified = "2025-06-01T00:00:00.000Z";
    return redaction;
}

/// What it says, but for what every derived object has its own of.
json::object content(const std::string& body) {
    json::object out = json::parse(body).as_object();
    for (const char* name : {"id", "created_by_ref", "created", "modified"})
        out.erase(name);
    return out;
}

/// Every leaf with the names on the way to it; places in lists do not count, they move.
void leaves(const json::value& value, const std::string& path, std::multiset<std::string>& out) {
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object)
            leaves(member.value(), path + "/" + std::string(member.key()), out);
    } else if (const auto* list = value.if_array()) {
        for (const json::value& element : *list)
            leaves(element, path + "/[]", out);
    } else {
        out.insert(path + " " + json::serialize(value));
    }
}

std::multiset<std::string> leaves(const std::string& body) {
    std::multiset<std::string> out;
    leaves(content(body), "", out);
    return out;
}

bool is_sound(const std::string& body) {
    Checker checker;
    CheckOptions options;
    options.should = false;
    return checker.check(body, options).empty();
}

TEST(RedactPersonalProperty, SaysNothingOfWhatIsStrippedAndNoMoreWhereMoreIs) {
    Maker make(20'250'602);
    std::map<bool, int> derived;
    for (int i = 0; i < 500; ++i) {
        const std::string object = make.object();
        SCOPED_TRACE(object);
        ASSERT_TRUE(is_sound(object));
        std::map<PersonalClasses, std::string> shown;
        for (unsigned set = 0; set <= all_personal; ++set) {
            const auto classes = static_cast<PersonalClasses>(set);
            const auto out = redact(object, strip(make.type, classes));
            ASSERT_TRUE(out.has_value()) << out.error().detail;
            ++derived[out->withheld == Withheld::no];
            for (const auto& [text, cls] : make.said) {
                ASSERT_EQ(out->why.find(text), std::string::npos);
                if ((cls & classes) == 0) continue;
                ASSERT_EQ(out->body.find(text), std::string::npos) << out->body;
            }
            if (out->withheld != Withheld::no) continue;
            ASSERT_TRUE(is_sound(out->body)) << out->body;
            // Once more changes nothing.
            ASSERT_EQ(personal_classes(*read_object(out->body)) & classes, 0) << out->body;
            const auto again = redact(out->body, strip(make.type, classes, '2'));
            ASSERT_TRUE(again.has_value() && again->withheld == Withheld::no);
            ASSERT_EQ(content(again->body), content(out->body));
            shown[classes] = out->body;
        }
        ASSERT_TRUE(shown.contains(0));
        EXPECT_EQ(content(shown[0]), content(object));
        for (const auto& [fewer, more_shown] : shown) {
            for (const auto& [more, less_shown] : shown) {
                if ((fewer & more) != fewer) continue;
                const auto a = leaves(less_shown);
                const auto b = leaves(more_shown);
                ASSERT_TRUE(std::includes(b.begin(), b.end(), a.begin(), a.end()))
                    << less_shown << "\n"
                    << more_shown;
            }
        }
    }
    EXPECT_GT(derived[true], 3'000);
    EXPECT_GT(derived[false], 150);
}

TEST(RedactPersonalProperty, TheBitsAreThoseOfTheParts) {
    Maker make(20'250'603);
    for (int i = 0; i < 2'000; ++i) {
        const std::string object = make.object();
        PersonalClasses parts = 0;
        const auto found = personal_data(object);
        ASSERT_TRUE(found.has_value());
        for (const PersonalPart& part : *found)
            parts = static_cast<PersonalClasses>(parts | personal_bit(part.cls));
        ASSERT_EQ(personal_classes(*read_object(object)), parts) << object;
    }
}

}  // namespace
}  // namespace entente::stix
