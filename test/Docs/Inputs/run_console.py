#!/usr/bin/env python3
"""Do what a Markdown document shows, and compare.

usage: run_console.py DOCUMENT.md FOLDER

In order, within FOLDER, which is made anew:
- a fence ```LANGUAGE file=NAME is written to the file NAME;
- in a fence ```console each line after '$ ' is a command (a backslash at its end
  continues it) and the lines up to the next are what it prints, standard
  error included. '...' stands for any text within a line, and alone on a line
  for any lines. An SSA name stands for any. The command has to succeed, unless
  the fence says ```console fails.
- in a fence ```console measured what is printed depends on the machine: an
  integer stands for any, a number with a fraction for any, one with an exponent
  for those within a factor of ten.
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


WILDCARD = re.compile(r"(\.\.\.)|(%[\w#]+)")
NUMBER = re.compile(r"(\.\.\.)|(%[\w#]+)|(-?\d+(?:\.\d+)?(?:e[-+]\d+)?)")
EXPONENT = re.compile(r"e[-+]\d+$")


def matches(expected, printed, measured):
    """Whether the printed text is one that the expected lines stand for."""
    pattern, magnitudes = "", []
    for line in expected:
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*?"
            continue
        end = 0
        for found in (NUMBER if measured else WILDCARD).finditer(line := line.rstrip()):
            pattern += re.escape(line[end:found.start()])
            end = found.end()
            if found[1]:
                pattern += r"[^\n]*?"
            elif found[2]:
                pattern += r"%[\w#]+"
            elif EXPONENT.search(found[3]):
                pattern += r"(-?\d+(?:\.\d+)?e[-+]\d+)"
                magnitudes.append(abs(float(found[3])))
            elif "." in found[3]:
                pattern += r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?"
            else:
                pattern += r"-?\d+"
        pattern += re.escape(line[end:]) + r"[ \t]*\n"
    found = re.fullmatch(pattern, printed)
    return found is not None and all(
        magnitude / 10 <= abs(float(number)) <= magnitude * 10
        for magnitude, number in zip(magnitudes, found.groups(), strict=True))


def run(number, command, expected, words, folder):
    result = subprocess.run(["bash", "-c", command], cwd=folder, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    printed = result.stdout
    if printed and not printed.endswith("\n"):
        printed += "\n"
    if ((result.returncode != 0) == ("fails" in words) and
            matches(expected, printed, "measured" in words)):
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
                failures += not run(*command, words, folder)
    if not commands:
        sys.exit(f"{document} shows no command")
    if failures:
        sys.exit(f"{document}: {failures} of {commands} commands print something else")


if __name__ == "__main__":
    main()
