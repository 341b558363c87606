#include "agreement/release.h"

#include "base/assert.h"
#include "base/escape.h"
#include "base/hash.h"

#include <utility>

namespace entente::agreement {
namespace {

// Room before the first entry for the page's head: `next` is a cursor of a few hundred bytes. A
// longer head still fits, at the price of moving the page once.
constexpr std::size_t head_room = 640;

std::string_view list_name(Form form) {
    return form == Form::version ? "versions" : "objects";
}

}  // namespace

Released Released::own_words(OwnWords /*why*/, std::string text) {
    Released out;
    out.text_ = std::move(text);
    return out;
}

std::string Released::digest_hex() const {
    return to_hex(sha256(for_file()));
}

Outgoing Released::out() && {
    Outgoing gone(std::exchange(text_, {}), std::exchange(begin_, 0));
    objects_ = 0;
    return gone;
}

bool Gate::pass(const Sealed& sealed) {
    const Sealed::Parts& entry = sealed.parts_;
    if (!view_.releases(entry.cls)) return false;
    if (!entry.late && !view_.shows(entry.cls, entry.seq)) return false;
    std::string& text = page_.text_;
    if (form_ != Form::line) {
        if (page_.objects_ == 0) {
            text.assign(head_room, ' ');
            page_.begin_ = head_room;
        } else {
            text += ',';
        }
    }
    switch (form_) {
        case Form::object:
            text += entry.body;
            break;
        case Form::manifest:
            text += R"({"id":)" + json_string(entry.id) + R"(,"date_added":")" +
                    format_taxii(entry.date) + R"(","version":)" + json_string(entry.version) +
                    R"(,"media_type":)" + json_string(entry.media_type) + '}';
            break;
        case Form::version:
            text += json_string(entry.version);
            break;
        case Form::line:
            text += entry.body;
            text += '\n';
            break;
    }
    ++page_.objects_;
    entries_.push_back(entry.seq);
    return true;
}

Released Gate::finish(const Tail& tail) && {
    Released page = std::exchange(page_, Released());
    if (form_ == Form::line) return page;
    std::string head = tail.more ? R"({"more":true)" : R"({"more":false)";
    if (tail.more && !tail.next.empty()) head += R"(,"next":)" + json_string(tail.next);
    if (page.objects_ == 0) {
        page.text_ = tail.more || form_ == Form::object ? head + '}' : "{}      ";
        return page;
    }
    head.append(R"(,")").append(list_name(form_)).append(R"(":[)");
    if (head.size() > page.begin_) {
        page.text_.insert(0, head.size() - page.begin_, ' ');
        page.begin_ = head.size();
    }
    page.begin_ -= head.size();
    page.text_.replace(page.begin_, head.size(), head);
    page.text_ += "]}";
    return page;
}

}  // namespace entente::agreement
