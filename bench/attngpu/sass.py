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
    # Instructions on the shortest way through: what a step runs that needs no mask and in which
    # no maximum rises.
    path: int = 0

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


def find_shortest_path(instructions, positions, begin, end):
    """Instructions from `begin` to `end`, inclusive, where forward branches skip what they can."""
    fewest = {begin: 0}
    for at in range(begin, end + 1):
        if at not in fewest:
            continue
        after = fewest[at] + 1
        following = [at + 1]
        match = re.search(r"\bBRA\b.*`\((\.L\w+)\)", instructions[at])
        if match and at < end:
            is_conditional = re.search(r"^@|\bU?P\d", instructions[at])
            target = positions.get(match[1], -1)
            following = ([at + 1] if is_conditional else []) + (
                [target] if at < target <= end else [])
        for place in following:
            fewest[place] = min(fewest.get(place, after), after)
    return fewest.get(end + 1, end + 1 - begin)


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
                loops.append(Loop(mix, find_shortest_path(instructions, positions, begin, end)))
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
