#include "match/zeek.h"

#include "match/internal/event_bytes.h"
#include "match/internal/json_walk.h"
#include "match/internal/record.h"
#include "match/internal/sightings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

namespace entente::match {
namespace {

/// `\x2c` as the byte that it stands for (Zeek's ASCII writer); false where nothing is escaped.
bool unescape(std::string_view text, std::string& out) {
    if (text.find("\\x") == std::string_view::npos) return false;
    out.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code = 0;
        const char* const digits = text.data() + i + 2;
        if (text.substr(i, 2) == "\\x" && i + 4 <= text.size() &&
            std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2) {
            out += static_cast<char>(code);
            i += 3;
        } else {
            out += text[i];
        }
    }
    return true;
}

}  // namespace

struct ZeekReader::Inside {
    std::shared_ptr<const FieldMap> fields;
    const FieldTree& tree;
    JsonWalk walk;
    Sightings seen;
    Record record;

    // The tab-separated form.
    struct Column {
        std::uint32_t field = FieldTree::none;
        bool list = false;
    };

    std::vector<Column> columns;
    std::string separator = "\t";
    std::string set_separator = ",";
    std::string unset = "-";
    std::string empty = "(empty)";
    std::string log;  // #path
    std::string plain;

    Result<void> read_row(std::string_view line, Event& event);
    void read_comment(std::string_view line);
    void each(std::string_view text, const std::string& between, auto take);
    void take(Event& event, std::uint32_t field, std::string_view text);
};

void ZeekReader::Inside::each(std::string_view text, const std::string& between, auto take_one) {
    while (true) {
        const auto end = text.find(between);
        take_one(text.substr(0, end));
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + between.size());
    }
}

void ZeekReader::Inside::read_comment(std::string_view line) {
    // `#separator \x09` says which character parts what follows.
    const auto blank = line.find_first_of(std::string(" ") + separator);
    if (blank == std::string_view::npos) return;
    const std::string_view what = line.substr(0, blank);
    const std::string_view rest = line.substr(blank + 1);
    if (what == "#separator") {
        if (!unescape(rest, plain)) plain = rest;
        separator = plain.empty() ? "\t" : plain;
    } else if (what == "#set_separator" && !rest.empty()) {
        set_separator = rest;
    } else if (what == "#unset_field") {
        unset = rest;
    } else if (what == "#empty_field") {
        empty = rest;
    } else if (what == "#path") {
        log = rest;
    } else if (what == "#fields") {
        columns.clear();
        each(rest, separator, [this](std::string_view name) {
            columns.push_back({tree.find(FieldTree::root, name), false});
        });
    } else if (what == "#types") {
        std::size_t at = 0;
        each(rest, separator, [this, &at](std::string_view type) {
            if (at == columns.size()) return;
            columns[at++].list = type.starts_with("set[") || type.starts_with("vector[");
        });
    }
}

void ZeekReader::Inside::take(Event& event, std::uint32_t field, std::string_view text) {
    if (text == unset || text == empty) return;
    const FieldTree::Node& node = tree.nodes[field];
    if (!node.says) return;
    record.take(node.sight, unescape(text, plain) ? event.keep(plain) : text, node.other);
}

Result<void> ZeekReader::Inside::read_row(std::string_view line, Event& event) {
    if (columns.empty()) return fail(Errc::malformed, "a row before the line #fields");
    std::size_t at = 0;
    each(event.keep(line), separator, [&](std::string_view text) {
        const Column column = at < columns.size() ? columns[at] : Column{};
        ++at;
        if (column.field == FieldTree::none) return;
        if (column.list) {
            each(text, set_separator, [&](std::string_view one) {
                take(event, column.field, one);
            });
        } else {
            take(event, column.field, text);
        }
    });
    if (at == columns.size()) return {};
    return fail(Errc::malformed, fmt::format("{} columns, #fields has {}", at, columns.size()));
}

ZeekReader::ZeekReader(std::shared_ptr<const FieldMap> fields) {
    const FieldTree& tree = fields->tree(Format::zeek);
    inside_.reset(new Inside{
        std::move(fields), tree, {}, {}, {}, {}, "\t", ",", "-", "(empty)", {}, {}});
}

ZeekReader::~ZeekReader() = default;
ZeekReader::ZeekReader(ZeekReader&&) noexcept = default;
ZeekReader& ZeekReader::operator=(ZeekReader&&) noexcept = default;

Result<bool> ZeekReader::read(std::string_view line, Event& event) {
    event.clear();
    ENTENTE_CHECK(check_event_bytes(line));
    Inside& in = *inside_;
    if (line.starts_with('#')) {
        in.read_comment(line);
        return false;
    }
    in.seen.begin(event);
    in.record.begin(event, in.seen);
    const bool is_json = line.starts_with('{');
    if (!is_json) in.record.log = in.log;
    auto read = is_json ? in.walk.walk(line, in.tree, in.record) : in.read_row(line, event);
    if (!read) {
        event.clear();
        return tl::make_unexpected(std::move(read.error()));
    }
    in.record.finish();
    return true;
}

}  // namespace entente::match
