#include "taxii/internal/kept_answers.h"

#include "base/limits.h"
#include "base/random.h"

#include <string>
#include <utility>

namespace entente::taxii {

KeptAnswers::KeptAnswers() {
    system_random().fill(key_);
}

std::optional<Digest> KeptAnswers::key_of(const http::Head& head) const {
    if (head.method != "GET" || head.headers.count("Authorization") != 1) return std::nullopt;
    const std::string_view credentials = *head.headers.find("Authorization");
    const auto accept = head.headers.joined("Accept");
    // No part holds a line feed, so no two requests give the same text.
    std::string text;
    text.reserve(
        head.path.size() + head.query.size() + credentials.size() + (accept ? accept->size() : 0) +
        4
    );
    text.append(head.path).append(1, '\n').append(head.query).append(1, '\n');
    text.append(credentials).append(1, '\n');
    if (accept) text.append(1, '=').append(*accept);
    return keyed_hash(key_, text);
}

std::shared_ptr<const KeptAnswers::Kept> KeptAnswers::find(const Digest& key) const {
    const std::lock_guard lock(mutex_);
    const auto at = answers_.find(key);
    return at == answers_.end() ? nullptr : at->second;
}

void KeptAnswers::put(const Digest& key, Kept kept) {
    auto fresh = std::make_shared<const Kept>(std::move(kept));
    const std::lock_guard lock(mutex_);
    if (answers_.size() >= limits::kept_answers_max && !answers_.contains(key))
        answers_.erase(answers_.begin());
    answers_.insert_or_assign(key, std::move(fresh));
}

}  // namespace entente::taxii
