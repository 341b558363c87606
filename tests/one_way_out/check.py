"""Compiles one file of this folder without and with its forbidden line; see CMakeLists.txt."""

import argparse
import pathlib
import re
import subprocess
import sys


def compile_file(compiler, include, path, *flags):
    command = [compiler, "-std=c++20", "-fsyntax-only", f"-I{include}", *flags, str(path)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    )
    return done.returncode, done.stderr


def problem_with(options):
    text = options.file.read_text(encoding="utf-8")
    code, errors = compile_file(options.compiler, options.include, options.file)
    if code != 0:
        return f"does not compile even without the forbidden line:\n{errors}"
    expected = re.findall(r"^// refused with: (.+)$", text, re.MULTILINE)
    blocks = re.findall(r"^#ifdef FORBIDDEN\n(.*?)^#endif$", text, re.MULTILINE | re.DOTALL)
    if options.file.name == "control.cpp":
        return "a control forbids nothing" if expected or blocks else None
    if len(expected) != 1 or len(blocks) != 1 or len(blocks[0].strip().splitlines()) != 1:
        return "needs one '// refused with:' line and one forbidden line"
    code, errors = compile_file(options.compiler, options.include, options.file, "-DFORBIDDEN")
    if code == 0:
        return f"compiles, but must not: {blocks[0].strip()}"
    line = text[: text.index(blocks[0])].count("\n") + 1
    at_line = rf"{re.escape(options.file.name)}:{line}:\d+: error: "
    messages = re.findall(at_line + r"(.*)$", errors, re.MULTILINE)
    if not any(re.search(expected[0], message) for message in messages):
        return f"is refused, but not with /{expected[0]}/ at line {line}:\n{errors}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--include", required=True)
    parser.add_argument("file", type=pathlib.Path)
    options = parser.parse_args()
    if problem := problem_with(options):
        print(f"{options.file.name}: {problem}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
