#include "http/internal/gzip.h"

#include "base/assert.h"

#include <algorithm>
#include <isa-l/igzip_lib.h>
#include <limits>
#include <memory>
#include <vector>

namespace entente::http {
namespace {

constexpr std::size_t scratch_bytes = 64U << 10U;
constexpr std::uint32_t level = 1;

/// ISA-L's state is large, so each thread makes it once.
struct Deflater {
    isal_zstream stream{};
    std::vector<std::uint8_t> work = std::vector<std::uint8_t>(ISAL_DEF_LVL1_DEFAULT);
};

Deflater& thread_deflater() {
    thread_local const auto instance = std::make_unique<Deflater>();
    return *instance;
}

// ISA-L only reads the input but declares it as writable.
std::uint8_t* as_input(std::string_view bytes) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(bytes.data()));
}

}  // namespace

std::string gzip(std::string_view plain) {
    ENTENTE_ASSERT(plain.size() <= std::numeric_limits<std::uint32_t>::max());
    Deflater& deflater = thread_deflater();
    isal_zstream& stream = deflater.stream;
    isal_deflate_init(&stream);
    stream.level = level;
    stream.level_buf = deflater.work.data();
    stream.level_buf_size = static_cast<std::uint32_t>(deflater.work.size());
    stream.gzip_flag = IGZIP_GZIP;
    stream.end_of_stream = 1;
    stream.flush = NO_FLUSH;
    stream.next_in = as_input(plain);
    stream.avail_in = static_cast<std::uint32_t>(plain.size());

    std::string out;
    std::size_t used = 0;
    std::size_t room = plain.size() / 4 + 1'024;  // JSON of this field shrinks to a fifth or less
    while (stream.internal_state.state != ZSTATE_END) {
        out.resize(used + room);
        stream.next_out = reinterpret_cast<std::uint8_t*>(out.data()) + used;
        stream.avail_out = static_cast<std::uint32_t>(room);
        const int result = isal_deflate(&stream);
        ENTENTE_ASSERT(result == COMP_OK);
        used += room - stream.avail_out;
        room = std::max<std::size_t>(plain.size() / 4, scratch_bytes);
    }
    out.resize(used);
    return out;
}

}  // namespace entente::http
