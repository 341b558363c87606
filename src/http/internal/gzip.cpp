#include "http/internal/gzip.h"

#include "base/assert.h"
#include "base/limits.h"

#include <algorithm>
#include <isa-l/igzip_lib.h>
#include <limits>
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

Gunzip::Gunzip() : state_(std::make_unique<inflate_state>()), scratch_(scratch_bytes, '\0') {}

Gunzip::~Gunzip() = default;

Gunzip::State Gunzip::next_step(std::string& out, std::uint64_t out_bytes_max) {
    if (at_start_) {
        if (++members_ > limits::gzip_members_max) return State::broken;
        std::uint8_t* const in = state_->next_in;
        const std::uint32_t left = state_->avail_in;
        isal_inflate_init(state_.get());
        state_->crc_flag = ISAL_GZIP;
        state_->next_in = in;
        state_->avail_in = left;
        at_start_ = false;
    }
    state_->next_out = reinterpret_cast<std::uint8_t*>(scratch_.data());
    state_->avail_out = static_cast<std::uint32_t>(scratch_.size());
    if (isal_inflate(state_.get()) != ISAL_DECOMP_OK) return State::broken;
    const std::size_t made = scratch_.size() - state_->avail_out;
    if (made > out_bytes_max - std::min<std::uint64_t>(out.size(), out_bytes_max)) {
        return State::too_large;
    }
    out.append(scratch_, 0, made);
    at_start_ = state_->block_state == ISAL_BLOCK_FINISH;
    return State::ok;
}

Gunzip::State Gunzip::feed(std::string_view bytes, std::string& out, std::uint64_t out_bytes_max) {
    ENTENTE_ASSERT(bytes.size() <= std::numeric_limits<std::uint32_t>::max());
    state_->next_in = as_input(bytes);
    state_->avail_in = static_cast<std::uint32_t>(bytes.size());
    while (true) {
        if (at_start_ && state_->avail_in == 0) return State::ok;
        const State step = next_step(out, out_bytes_max);
        if (step != State::ok) return step;
        // A full output may mean that more waits inside; anything else means that the input is used
        // up.
        if (!at_start_ && state_->avail_in == 0 && state_->avail_out > 0) return State::ok;
    }
}

}  // namespace entente::http
