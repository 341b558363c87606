#include "base/gunzip.h"

#include "base/assert.h"

#include <algorithm>
#include <isa-l/igzip_lib.h>
#include <limits>

namespace entente {
namespace {

constexpr std::size_t scratch_bytes = 64U << 10U;

// ISA-L only reads the input but declares it as writable.
std::uint8_t* as_input(std::string_view bytes) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(bytes.data()));
}

}  // namespace

GzipHeader::State GzipHeader::take(std::string_view& bytes) {
    State state = State::more;
    while (state == State::more && !bytes.empty()) {
        state = step(static_cast<std::uint8_t>(bytes.front()));
        bytes.remove_prefix(1);
    }
    return state;
}

GzipHeader::State GzipHeader::step(std::uint8_t byte) {
    switch (part_) {
        case Part::fixed:
            return step_fixed(byte);
        case Part::extra_size:
            extra_bytes_ |= static_cast<unsigned>(byte) << (8 * index_);
            if (++index_ < 2) return State::more;
            return enter(extra_bytes_ > 0 ? Part::extra : Part::name);
        case Part::extra:
            return ++index_ < extra_bytes_ ? State::more : enter(Part::name);
        case Part::name:
            return byte != 0 ? State::more : enter(Part::comment);
        case Part::comment:
            return byte != 0 ? State::more : enter(Part::checksum);
        case Part::checksum:
            return ++index_ < 2 ? State::more : enter(Part::end);
        case Part::end:
            break;
    }
    return State::broken;
}

GzipHeader::State GzipHeader::step_fixed(std::uint8_t byte) {
    constexpr unsigned reserved_flags = 0xe0;
    constexpr unsigned fixed_bytes = 10;
    const unsigned at = index_++;
    if ((at == 0 && byte != 0x1f) || (at == 1 && byte != 0x8b) || (at == 2 && byte != 8)) {
        return State::broken;
    }
    if (at == 3) flags_ = byte;
    if ((flags_ & reserved_flags) != 0) return State::broken;
    return index_ < fixed_bytes ? State::more : enter(Part::extra_size);
}

GzipHeader::State GzipHeader::enter(Part part) {
    constexpr unsigned has_checksum = 2;
    constexpr unsigned has_extra = 4;
    constexpr unsigned has_name = 8;
    constexpr unsigned has_comment = 16;
    if (part == Part::extra_size && (flags_ & has_extra) == 0) part = Part::name;
    if (part == Part::name && (flags_ & has_name) == 0) part = Part::comment;
    if (part == Part::comment && (flags_ & has_comment) == 0) part = Part::checksum;
    if (part == Part::checksum && (flags_ & has_checksum) == 0) part = Part::end;
    part_ = part;
    index_ = 0;
    return part == Part::end ? State::done : State::more;
}

Gunzip::Gunzip(const Options& options)
    : options_(options),
      state_(std::make_unique<inflate_state>()),
      scratch_(scratch_bytes, '\0') {}

Gunzip::~Gunzip() = default;

Gunzip::State Gunzip::begin_member() {
    if (++members_ > options_.members_max) return State::broken;
    header_ = {};
    in_header_ = in_member_ = true;
    return State::ok;
}

Gunzip::State Gunzip::inflate(
    std::string_view& bytes, std::string& out, std::uint64_t out_bytes_max
) {
    state_->next_in = as_input(bytes);
    state_->avail_in = static_cast<std::uint32_t>(bytes.size());
    do {
        state_->next_out = reinterpret_cast<std::uint8_t*>(scratch_.data());
        state_->avail_out = static_cast<std::uint32_t>(scratch_.size());
        if (isal_inflate(state_.get()) != ISAL_DECOMP_OK) return State::broken;
        const std::size_t made = scratch_.size() - state_->avail_out;
        if (made > out_bytes_max - std::min<std::uint64_t>(out.size(), out_bytes_max)) {
            return State::too_large;
        }
        out.append(scratch_, 0, made);
        in_member_ = state_->block_state != ISAL_BLOCK_FINISH;
        // A full output may mean that more waits inside; anything else means that the input is used
        // up.
    } while (in_member_ && (state_->avail_in > 0 || state_->avail_out == 0));
    bytes.remove_prefix(bytes.size() - state_->avail_in);
    return State::ok;
}

Gunzip::State Gunzip::feed(std::string_view bytes, std::string& out, std::uint64_t out_bytes_max) {
    ENTENTE_ASSERT(bytes.size() <= std::numeric_limits<std::uint32_t>::max());
    State state = State::ok;
    while (state == State::ok && !bytes.empty()) {
        if (!in_member_ && members_ > 0 && options_.zeros_between && bytes.front() == '\0') {
            bytes.remove_prefix(std::min(bytes.find_first_not_of('\0'), bytes.size()));
        } else if (!in_member_) {
            state = begin_member();
        } else if (in_header_) {
            const GzipHeader::State header = header_.take(bytes);
            if (header == GzipHeader::State::broken) return State::broken;
            if (header == GzipHeader::State::more) return State::ok;
            in_header_ = false;
            isal_inflate_init(state_.get());
            state_->crc_flag = ISAL_GZIP_NO_HDR_VER;
        } else {
            state = inflate(bytes, out, out_bytes_max);
        }
    }
    return state;
}

}  // namespace entente
