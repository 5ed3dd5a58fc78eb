#!/usr/bin/env python3
"""Stands for ptxas where a test says what is spilled: in the kernel's name.

k_nonex24_255x8_otherx16 spills 24 bytes without a bound, 8 with 255 registers and
16 with any other; what a name does not say is not spilled. For "fail" in the place
of a number it fails, for "nothing" it says nothing; of unused_* it does not say
the registers. The "cubin" lists the bounds.
"""

import re
import sys

output = sys.argv[sys.argv.index("-o") + 1]
text = open(sys.argv[-1]).read()
with open(output, "w") as cubin:
    for kernel, directives in re.findall(r"\.entry (\w+)\((?:.|\n)*?\)\n((?:\..*\n)*)", text):
        found = re.search(r"\.maxnreg (\d+)", directives)
        bound = found[1] if found else "none"
        spills = dict(re.findall(r"_(none|other|\d+)x(fail|nothing|\d+)", kernel))
        spilled = spills.get(bound, spills.get("other", "0"))
        cubin.write(f"{kernel}: {bound}\n")
        if spilled == "fail":
            sys.exit(f"ptxas {sys.argv[-1]}, line 1; error   : no {bound} registers")
        if spilled == "nothing":
            continue
        stored = int(spilled) // 2
        print(f"ptxas info    : Compiling entry function '{kernel}' for 'sm_80'")
        print(f"ptxas info    : Function properties for {kernel}")
        print(f"    0 bytes stack frame, {stored} bytes spill stores, {stored} bytes spill loads")
        if kernel.startswith("unused"):
            continue
        print(f"ptxas info    : Used {bound if found else 128} registers, used 1 barriers")
