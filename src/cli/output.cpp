#include "cli/output.h"

#include "base/assert.h"
#include "base/escape.h"
#include "base/result.h"
#include "cli/visible_json.h"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace entente::cli {
namespace {
constexpr std::size_t field_name_width = 18;

void pad(std::string& line, std::string_view cell, std::size_t width) {
    line += cell;
    line.append(width - std::min(width, display_width(cell)), ' ');
}
}  // namespace

std::size_t display_width(std::string_view text) noexcept {
    std::size_t width = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if ((c & 0xc0U) == 0x80U) continue;  // continuation bytes take no column
        // East Asian wide letters and most emoji take two columns; their lead bytes tell them apart
        // well enough for a table: U+1100-115F (e1 84..85), U+2E80-D7A3 (e2 ba.. to ed 9e),
        // U+F900-FAFF, U+FF00-FF60 (ef), U+1F300.. (f0).
        const unsigned char d = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
        const bool wide = (c == 0xe1 && (d == 0x84 || d == 0x85)) || (c == 0xe2 && d >= 0xba) ||
                          (c >= 0xe3 && c <= 0xed) || (c == 0xef && d >= 0xa4 && d <= 0xab) ||
                          (c == 0xef && d >= 0xbc && d <= 0xbd) || (c == 0xf0 && d == 0x9f);
        width += wide ? 2 : 1;
    }
    return width;
}

void Table::row(std::vector<std::string> cells) {
    ENTENTE_ASSERT(cells.size() == headings_.size());
    for (std::string& cell : cells)
        cell = cell.empty() ? "-" : printable(cell);
    rows_.push_back(std::move(cells));
}

std::string Table::text() const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < headings_.size(); ++i) {
        std::size_t width = display_width(headings_[i]);
        for (const auto& cells : rows_)
            width = std::max(width, display_width(cells[i]));
        widths.push_back(width);
    }
    std::string text;
    const auto add = [&](const std::vector<std::string>& cells) {
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i > 0) line += "  ";
            pad(line, cells[i], widths[i]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    };
    add(headings_);
    for (const auto& cells : rows_)
        add(cells);
    return text;
}

void Output::document(const boost::json::object& object) {
    if (!json_) return;
    raw(visible_json(boost::json::serialize(object)));
    raw("\n");
}

void Output::line(std::string_view text) {
    if (json_) return;
    raw(printable(text, text.size()));
    raw("\n");
}

void Output::field(std::string_view name, std::string_view value) {
    if (json_) return;
    std::string line;
    pad(line, name, field_name_width);
    line += value.empty() ? "-" : printable(value);
    raw(line + '\n');
}

void Output::table(const Table& table, std::string_view otherwise) {
    if (json_) return;
    if (table.empty()) {
        line(otherwise);
    } else {
        raw(table.text());
    }
}

void Output::raw(std::string_view bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), out_) != bytes.size()) {
        const auto kind = errno == ENOSPC ? StorageError::Kind::full : StorageError::Kind::io;
        throw StorageError(kind, fmt::format("cannot write the output: {}", std::strerror(errno)));
    }
}

void Output::flush() {
    if (std::fflush(out_) != 0) {
        const auto kind = errno == ENOSPC ? StorageError::Kind::full : StorageError::Kind::io;
        throw StorageError(kind, fmt::format("cannot write the output: {}", std::strerror(errno)));
    }
}

}  // namespace entente::cli
