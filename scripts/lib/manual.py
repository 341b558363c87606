"""Writes manual pages from what the program says about its own commands.

usage: entente help --tree | manual.py DIRECTORY VERSION DATE
"""

import json
import re
import sys
from pathlib import Path


def plain(text):
    """Text as troff shows it: backslashes and hyphens as they are, no line that is taken for a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def option(one, positional=False):
    value = f" \\fI{plain(one['type'])}\\fR" if one.get("type") and not positional else ""
    name = f"\\fI{plain(one['name'])}\\fR" if positional else f"\\fB{plain(one['name'])}\\fR"
    more = [one["about"].rstrip(".") + "."]
    if one.get("default"):
        more.append(f"Default: {one['default']}.")
    if one.get("environment"):
        more.append(f"Also from the variable {one['environment']}.")
    if one.get("required"):
        more.append("Must be given.")
    return f".TP\n{name}{value}\n{plain(' '.join(more))}\n"


def page(node, path, version, date):
    name = "-".join(path)
    about = node["about"]
    out = f'.TH {name.upper()} 1 "{date}" "Entente {version}" "Entente"\n'
    out += f".SH NAME\n{plain(name)} \\- {plain(about[:1].lower() + about[1:])}\n"
    out += f".SH SYNOPSIS\n.B {plain(' '.join(path))}\n"
    if node["commands"]:
        out += "\\fICOMMAND\\fR\n"
    if node["options"]:
        out += "[\\fIOPTION\\fR]...\n"
    for word in node["words"]:
        shown = plain(word["name"].upper())
        out += f"\\fI{shown}\\fR\n" if word.get("required") else f"[\\fI{shown}\\fR]\n"
    out += f".SH DESCRIPTION\n{plain(about)}.\n"
    if node["commands"]:
        out += ".SH COMMANDS\n"
        for below in node["commands"]:
            out += f".TP\n.BR {plain('-'.join([*path, below['name']]))} (1)\n{plain(below['about'])}.\n"
    if node["words"]:
        out += ".SH ARGUMENTS\n" + "".join(option(one, True) for one in node["words"])
    if node["options"]:
        out += ".SH OPTIONS\n" + "".join(option(one) for one in node["options"])
    for title, text in re.findall(r"^(\S[^\n]*):\n((?:[ \t][^\n]*\n?)+)", node["footer"], re.M):
        out += f".SH {title.upper()}\n.nf\n{plain(text.rstrip())}\n.fi\n"
    if len(path) > 1:
        out += ".SH EXIT STATUS\nSee \\fBentente\\fR(1).\n"
        out += f".SH SEE ALSO\n.BR {plain('-'.join(path[:-1]))} (1)\n"
    return name, out


def write(node, path, version, date, to):
    name, text = page(node, path, version, date)
    (to / f"{name}.1").write_text(text)
    for below in node["commands"]:
        write(below, [*path, below["name"]], version, date, to)


def main():
    to = Path(sys.argv[1])
    version, date = sys.argv[2], sys.argv[3]
    to.mkdir(parents=True, exist_ok=True)
    write(json.load(sys.stdin), ["entente"], version, date, to)


if __name__ == "__main__":
    main()
