// Arbitrary bytes as a request head, through the scanner, the target and the framing; and as the
// answer of a DNS server.
#include "base/assert.h"
#include "base/limits.h"
#include "http/internal/head.h"
#include "http/internal/srv_answer.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace entente;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    http::HeadScan scan;
    const auto state = scan.scan(text);
    ENTENTE_ASSERT(scan.size() <= text.size());
    if (state == http::HeadScan::State::complete) {
        const std::string_view head = text.substr(0, scan.size());
        ENTENTE_ASSERT(head.ends_with("\r\n\r\n") && head.find('\0') == std::string_view::npos);
        ENTENTE_ASSERT(
            head.find("\r\n ") == std::string_view::npos &&
            head.find("\r\n\t") == std::string_view::npos
        );
        ENTENTE_ASSERT(
            head.size() <= limits::header_bytes_max + limits::request_target_bytes_max + 64
        );
        http::HeadScan again;
        ENTENTE_ASSERT(again.scan(head) == state && again.size() == scan.size());
    }
    http::Head head;
    if (http::split_target("GET", text, head)) ENTENTE_ASSERT(head.path.starts_with('/'));
    head.headers.add("Host", "a");
    const std::size_t middle = size / 2;
    head.headers.add("Content-Length", std::string(text.substr(0, middle)));
    head.headers.add("Accept-Encoding", std::string(text));
    (void)http::accepts_gzip(head.headers);
    const auto judged = http::judge(head, 1);
    if (judged.refuse_status == 0)
        ENTENTE_ASSERT(judged.framing.body != http::Framing::Body::chunked);
    (void)http::parse_srv_answer({data, size});
    return 0;
}
