#include "cli/validate_ids.h"

#include <algorithm>
#include <tuple>

namespace entente::cli {
namespace {
constexpr Fingerprint nothing{0, 0};
constexpr std::size_t slots_min = 64;
}  // namespace

Fingerprints::Fingerprints(Random& random) {
    random.fill(key_);
}

Fingerprint Fingerprints::of(std::string_view text) const noexcept {
    Fingerprint print = table_hash(key_, text);
    if (print == nothing) print[0] = 1;
    return print;
}

Fingerprint Fingerprints::of(std::string_view first, std::string_view second) {
    joined_ = std::to_string(first.size());
    joined_ += ' ';
    joined_ += first;
    joined_ += second;
    return of(joined_);
}

/// Where `print` is, or would have to be put. REQUIRES: there is a free slot.
std::size_t FingerprintSet::slot_of(Fingerprint print) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = print[0] & mask;
    while (slots_[slot] != nothing && slots_[slot] != print)
        slot = (slot + 1) & mask;
    return slot;
}

FingerprintSet::Added FingerprintSet::add(Fingerprint print) {
    if (size_ * 4 >= slots_.size() * 3 && size_ < max_) grow();
    const std::size_t slot = slot_of(print);
    if (slots_[slot] == print) return Added::was_there;
    if (size_ == max_) return Added::full;
    slots_[slot] = print;
    ++size_;
    return Added::yes;
}

bool FingerprintSet::has(Fingerprint print) const noexcept {
    return !slots_.empty() && slots_[slot_of(print)] == print;
}

void FingerprintSet::grow() {
    std::vector<Fingerprint> before(std::max(slots_min, slots_.size() * 2), nothing);
    before.swap(slots_);
    for (const Fingerprint& print : before) {
        if (print != nothing) slots_[slot_of(print)] = print;
    }
}

void FingerprintSet::clear() {
    if (size_ == 0) return;
    size_ = 0;
    // A large table is not swept for each of many small bundles.
    slots_.assign(slots_min, nothing);
    slots_.shrink_to_fit();
}

void OpenReferences::is_there(std::string_view id) {
    const Fingerprint print = prints_.of(id);
    if (known_.add(print) == FingerprintSet::Added::full) overflowed_ = true;
    open_.erase(print);
}

bool OpenReferences::refers(std::string_view target) {
    const Fingerprint print = prints_.of(target);
    if (known_.has(print)) return false;
    if (const auto found = open_.find(print); found != open_.end()) {
        ++found->second.count;
        return false;
    }
    if (open_.size() < open_max_) return true;
    ++not_followed_;
    return false;
}

void OpenReferences::first_seen(Reference reference) {
    reference.count = 1;
    const Fingerprint print = prints_.of(reference.target);
    open_.emplace(print, std::move(reference));
}

std::vector<OpenReferences::Reference> OpenReferences::unanswered() const {
    std::vector<Reference> left;
    left.reserve(open_.size());
    for (const auto& [print, reference] : open_)
        left.push_back(reference);
    std::ranges::sort(left, {}, [](const Reference& r) {
        return std::tie(r.at.file, r.at.byte, r.pointer);
    });
    return left;
}

}  // namespace entente::cli
