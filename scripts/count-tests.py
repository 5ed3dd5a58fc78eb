#!/usr/bin/env python3
"""Count the tests in a file that lit wrote with --xunit-xml-output.

Prints one line, 'N passed, N failed, N skipped'; fails where a test failed or
none ran.
"""

import sys
import xml.etree.ElementTree as ElementTree


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: count-tests.py RESULTS.xml")
    passed = failed = skipped = 0
    try:
        for case in ElementTree.parse(sys.argv[1]).iter("testcase"):
            if case.find("skipped") is not None:
                skipped += 1
            elif case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            else:
                passed += 1
    except (OSError, ElementTree.ParseError) as error:
        print(f"count-tests: no results: {error}", file=sys.stderr)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
