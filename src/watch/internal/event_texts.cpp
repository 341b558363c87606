#include "watch/internal/event_texts.h"

#include "stix/envelope.h"

#include <algorithm>

namespace entente::watch {

Result<void> each_event(
    std::string_view body,
    const std::function<void(std::string_view text, std::uint64_t number)>& take,
    const std::function<Result<void>(std::string_view text)>& whole
) {
    std::string_view text = body;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    std::string_view begun = text;
    begun.remove_prefix(std::min(begun.find_first_not_of(" \t\r\n"), begun.size()));
    const auto end = begun.find('\n');
    std::string_view line = begun.substr(0, end);
    line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
    const bool over_lines =
        begun.starts_with('[') ||
        (begun.starts_with('{') && end != std::string_view::npos && !line.ends_with('}'));
    std::uint64_t number = 0;
    if (!over_lines) {
        while (!text.empty()) {
            const std::size_t length = std::min(text.find('\n'), text.size());
            take(text.substr(0, length), ++number);
            text.remove_prefix(std::min(length + 1, text.size()));
        }
        return {};
    }
    if (match::format_of_line(begun) == match::Format::observed) return whole(begun);
    stix::Cutter cutter([&](std::string_view object, std::size_t) -> Result<void> {
        take(object, ++number);
        return {};
    });
    ENTENTE_CHECK(cutter.feed(begun));
    return cutter.finish();
}

}  // namespace entente::watch
