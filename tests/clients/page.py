"""The table of docs/clients.md, from the results of a run. The rest of that page is written by hand."""

from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "clients.md"
BEGIN = "<!-- begin: written by tests/clients -->"
END = "<!-- end: written by tests/clients -->"
HEAD = ("Client", "Version", "Its habits", "Replayed from", "Requests for the first 5,000", "Ended with", "OK")


def table(rows, result_of):
    lines = [HEAD, ("---",) * len(HEAD)]
    for row in rows:
        result = result_of(row)
        ok = "yes" if result.ok else "**no**"
        lines.append((row.product, row.version, row.habit, row.written_from, str(result.requests), result.ended_with, ok))
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def parts_of(text):
    before, rest = text.split(BEGIN)
    inside, after = rest.split(END)
    return before, inside.strip("\n"), after


def committed():
    return parts_of(PAGE.read_text(encoding="utf-8"))[1]


def write(made):
    before, _, after = parts_of(PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", encoding="utf-8")
