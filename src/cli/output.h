#pragma once
// What commands print: one JSON document or JSON lines for scripts, short aligned text for people.
// Everything that came from outside is escaped here, so no command has to think of it.
#include <boost/json/object.hpp>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace entente::cli {

/// Columns of text, each as wide as its widest cell.
class Table {
  public:
    explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

    /// REQUIRES: as many cells as headings. Cells are escaped on printing.
    void row(std::vector<std::string> cells);

    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

    /// The table with one line per row, no trailing blanks.
    [[nodiscard]] std::string text() const;

  private:
    std::vector<std::string> headings_;
    std::vector<std::vector<std::string>> rows_;
};

/// Columns that a terminal needs for well-formed UTF-8 text without control characters.
[[nodiscard]] std::size_t display_width(std::string_view text) noexcept;

/// Standard output of one command. Methods for people do nothing with --json, and the other way
/// round, so a command says both and the user chooses. Threads: one at a time.
class Output {
  public:
    Output(std::FILE* out, bool json) : out_(out), json_(json) {}

    [[nodiscard]] bool json() const noexcept { return json_; }

    /// One JSON text and a line feed.
    void document(const boost::json::object& object);
    /// For people: the line, escaped.
    void line(std::string_view text);
    /// For people: name and value, aligned with others of the same width.
    void field(std::string_view name, std::string_view value);
    /// For people: the table, or `otherwise` when it has no rows.
    void table(const Table& table, std::string_view otherwise);
    /// Bytes as they are, whatever the mode: data the user asked for.
    void raw(std::string_view bytes);
    /// Everything reaches the file. Throws StorageError when it cannot be written (disk full,
    /// closed pipe).
    void flush();

  private:
    std::FILE* out_;
    bool json_;
};

}  // namespace entente::cli
