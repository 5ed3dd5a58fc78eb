#!/usr/bin/env python3
"""Do what a Markdown document shows, and compare.

usage: run_console.py DOCUMENT.md FOLDER

In order, within FOLDER, which is made anew:
- a fence ```LANGUAGE file=NAME is written to the file NAME;
- in a fence ```console each line after '$ ' is a command (a backslash at its end
  continues it) and the lines up to the next are what it prints, standard
  error included. '...' stands for any text within a line, and alone on a line
  for any lines. The command has to succeed, unless the fence says ```console fails.
"""

import pathlib
import re
import shutil
import subprocess
import sys


def parse_fences(text):
    """(line, info string, lines) of each fence."""
    fences, current = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            if current is None:
                current = (number, line[3:].strip(), [])
            else:
                fences.append(current)
                current = None
        elif current is not None:
            current[2].append(line)
    if current is not None:
        sys.exit(f"line {current[0]}: a fence that does not end")
    return fences


def parse_commands(start, lines):
    """(line, command, expected lines) of a console fence."""
    commands, continued = [], False
    for number, line in enumerate(lines, start + 1):
        if continued:
            commands[-1][1] += "\n" + line
        elif line.startswith("$ "):
            commands.append([number, line[2:], []])
        elif not commands:
            sys.exit(f"line {number}: output without a command")
        else:
            commands[-1][2].append(line)
            continue
        continued = line.endswith("\\")
    return commands


def matches(expected, printed):
    pattern = ""
    for line in expected:
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += "[^\n]*?".join(map(re.escape, line.rstrip().split("..."))) + r"[ \t]*\n"
    return re.fullmatch(pattern, printed) is not None


def run(number, command, expected, fails, folder):
    result = subprocess.run(["bash", "-c", command], cwd=folder, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    printed = result.stdout
    if printed and not printed.endswith("\n"):
        printed += "\n"
    if (result.returncode != 0) == fails and matches(expected, printed):
        return True
    print(f"line {number}: {command}\nexit status {result.returncode}; printed:\n{printed}"
          "expected:\n" + "\n".join(expected), file=sys.stderr)
    return False


def main():
    document, folder = map(pathlib.Path, sys.argv[1:])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    commands = failures = 0
    for number, info, lines in parse_fences(document.read_text()):
        language, *words = info.split() or [""]
        for word in words:
            if word.startswith("file="):
                (folder / word[len("file="):]).write_text("\n".join(lines) + "\n")
        if language == "console":
            for command in parse_commands(number, lines):
                commands += 1
                failures += not run(*command, "fails" in words, folder)
    if not commands:
        sys.exit(f"{document} shows no command")
    if failures:
        sys.exit(f"{document}: {failures} of {commands} commands print something else")


if __name__ == "__main__":
    main()
