// Granular markings and marking-definitions (STIX 2.1, 7.2; S61, S62, V4-V6).
#include "stix/internal/check_object.h"
#include "stix/internal/selectors.h"

namespace entente::stix::internal {

/// S61, V6: selectors name what is there. Only for objects that have some: needs a tree.
void check_selectors(Check& check) {
    std::string_view list;
    for (const Member& m : check.members()) {
        if (m.name == "granular_markings") list = m.value;
    }
    if (!list.starts_with('[') || list == "[]") return;
    Tree tree(check.json());
    Selectors selectors(tree);
    const Where markings = check.here() / "granular_markings";
    Elements entries(list);
    std::string_view entry;
    bool escaped = false;
    for (std::size_t i = 0; entries.next(entry, escaped); ++i) {
        if (!entry.starts_with('{')) continue;
        const Where marking = markings[i];
        const Where place = marking / "selectors";
        Member m;
        for (Members in(entry); in.next(m);) {
            if (m.name != "selectors" || !m.value.starts_with('[') || m.value == "[]") continue;
            Elements each(m.value);
            std::string_view selector;
            for (std::size_t k = 0; each.next(selector, escaped); ++k) {
                const auto text = check.text(selector);
                if (!text) continue;
                const auto found = selectors.resolve(*text);
                if (found) continue;
                check.findings.must(
                    "V6", place[k], {found.error().detail}
                );
                if (found.error().code == Errc::too_large) return;
            }
        }
    }
}

}  // namespace entente::stix::internal
