"""Machine code of NVIDIA GPUs, as nvdisasm prints it: loops and their instructions."""

import collections
import dataclasses
import re

MATRIX_PRODUCTS = ("HMMA", "IMMA", "QMMA", "HGMMA", "QGMMA", "UTCHMMA", "UTCQMMA", "OMMA")
LOCAL_MEMORY = ("LDL", "STL")


@dataclasses.dataclass
class Loop:
    """The instructions between a backward branch and its target, by opcode."""

    mix: collections.Counter

    @property
    def instructions(self):
        return sum(self.mix.values())

    @property
    def products(self):
        return sum(self.mix[opcode] for opcode in MATRIX_PRODUCTS)

    @property
    def instructions_per_product(self):
        return self.instructions / self.products

    @property
    def local_accesses(self):
        return sum(self.mix[opcode] for opcode in LOCAL_MEMORY)


def get_opcode(instruction):
    """`FFMA` of `@!P0 FFMA.FTZ R1, R2, R3, R4`."""
    return re.sub(r"^@!?U?P\w+\s+", "", instruction).split()[0].split(".")[0]


def find_loops(listing):
    """The loops of a listing (nvdisasm -c) that multiply matrices, in its order."""
    positions, instructions = {}, []
    for line in listing.splitlines():
        if match := re.match(r"\s*(\.L\w+):", line):
            positions[match[1]] = len(instructions)
        elif match := re.match(r"\s*/\*[0-9a-f]{4,}\*/\s+(.*?)\s*;", line):
            instructions.append(match[1])
    loops = []
    for end, instruction in enumerate(instructions):
        match = re.search(r"\bBRA\b.*`\((\.L\w+)\)", instruction)
        begin = positions.get(match[1], end + 1) if match else end + 1
        if begin <= end:
            mix = collections.Counter(map(get_opcode, instructions[begin:end + 1]))
            if any(mix[opcode] for opcode in MATRIX_PRODUCTS):
                loops.append(Loop(mix))
    return loops


def find_main_loop(loops):
    """The loop over keys without masks: the fewest instructions to a product."""
    return min(loops, key=lambda loop: loop.instructions_per_product, default=None)


def parse_resources(log):
    """What `ptxas -v` says of its kernels: registers and spills of the largest, shared memory."""
    def largest(pattern):
        return max(map(int, re.findall(pattern, log)), default=0)
    return {"registers": largest(r"Used (\d+) registers"),
            "spill_bytes": largest(r"(\d+) bytes spill stores") + largest(r"(\d+) bytes spill loads"),
            "stack_bytes": largest(r"(\d+) bytes stack frame")}
