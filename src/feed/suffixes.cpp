#include "feed/suffixes.h"

#include "feed/internal/text.h"

#include <algorithm>

namespace entente::feed {

Result<PublicSuffixes> PublicSuffixes::read(std::string_view text) {
    PublicSuffixes list;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        at = end + 1;
        // A rule ends at the first white space.
        line = line.substr(0, line.find_first_of(" \t\r"));
        if (line.empty() || line.starts_with("//")) continue;
        NameSet* to = &list.rules_;
        if (line.starts_with("*.")) {
            to = &list.wildcards_;
            line.remove_prefix(2);
        } else if (line.starts_with('!')) {
            to = &list.exceptions_;
            line.remove_prefix(1);
        }
        if (auto name = internal::name_of(line)) to->insert(std::move(*name));
    }
    if (list.size() == 0) {
        return fail(Errc::malformed, "no list of public suffixes: no line of it is a rule");
    }
    return list;
}

bool PublicSuffixes::is_suffix(std::string_view domain) const {
    const std::string name(domain);
    if (exceptions_.contains(name)) return false;
    // What stands under a wildcard is let to others too, so its parent is one as well.
    if (rules_.contains(name) || wildcards_.contains(name)) return true;
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos) return true;
    return wildcards_.contains(name.substr(dot + 1));
}

}  // namespace entente::feed
