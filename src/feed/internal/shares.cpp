#include "feed/internal/shares.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace entente::feed::internal {
namespace {

/// What each of those who want so much may have of `most`: all up to a level, and one more for the
/// first ones.
class Shares {
  public:
    Shares(std::vector<std::size_t> wanted, std::size_t most) {
        std::ranges::sort(wanted);
        std::size_t left = most;
        std::size_t others = wanted.size();
        for (const std::size_t one : wanted) {
            if (one > left / others) break;
            left -= one;
            --others;
        }
        level_ = others == 0 ? most : left / others;
        more_ = others == 0 ? 0 : left % others;
    }

    [[nodiscard]] std::size_t of(std::size_t wanted) {
        if (wanted <= level_) return wanted;
        if (more_ == 0) return level_;
        --more_;
        return level_ + 1;
    }

  private:
    std::size_t level_ = 0;
    std::size_t more_ = 0;
};

struct Custodian {
    std::size_t count = 0;
    std::unordered_map<std::string_view, std::size_t> objects;  // first how much, then what is left
};

}  // namespace

void cut(std::vector<Candidate>& candidates, std::size_t most, const std::bitset<kinds>& of) {
    const auto concerns = [&](const Candidate& one) {
        return of.test(static_cast<std::size_t>(one.value->kind));
    };
    if (static_cast<std::size_t>(std::ranges::count_if(candidates, concerns)) <= most) return;
    std::map<std::uint64_t, Custodian> all;
    for (const Candidate& one : candidates) {
        if (!concerns(one)) continue;
        Custodian& custodian = all[one.custodian];
        ++custodian.count;
        ++custodian.objects[one.source];
    }
    std::vector<std::size_t> wanted;
    for (const auto& [number, custodian] : all)
        wanted.push_back(custodian.count);
    Shares shares(std::move(wanted), most);
    for (auto& [number, custodian] : all) {
        std::vector<std::size_t> parts;
        parts.reserve(custodian.objects.size());
        for (const auto& [source, count] : custodian.objects)
            parts.push_back(count);
        Shares own(std::move(parts), shares.of(custodian.count));
        // By id, so that the same objects give the same feed.
        std::vector<std::pair<std::string_view, std::size_t*>> objects;
        objects.reserve(custodian.objects.size());
        for (auto& [source, count] : custodian.objects)
            objects.emplace_back(source, &count);
        std::ranges::sort(objects);
        for (const auto& [source, count] : objects)
            *count = own.of(*count);
    }
    std::erase_if(candidates, [&](const Candidate& one) {
        if (!concerns(one)) return false;
        std::size_t& left = all.at(one.custodian).objects.at(one.source);
        if (left == 0) return true;
        --left;
        return false;
    });
}

}  // namespace entente::feed::internal
