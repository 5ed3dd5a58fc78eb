"""Tables of figures, and their upper bounds."""

# Column, title, digits.
COLUMNS = [("registers", "regs", 0), ("spill_bytes", "spills", 0), ("shared_bytes", "shared", 0),
           ("loop_instructions", "loop", 0), ("loop_products", "mma", 0),
           ("instructions_per_product", "loop/mma", 2), ("path_per_product", "path/mma", 2),
           ("loop_local_accesses", "local", 0),
           ("compares_per_score", "cmp/score", 2), ("bank_conflicts", "conflicts", 0), ("bytes_per_access", "B/access", 1),
           ("bytes_read_ratio", "read", 2), ("bytes_written_ratio", "written", 2),
           ("ptx_ms", "PTX ms", 0), ("ptxas_ms", "ptxas ms", 0)]


def make_table(rows):
    """Aligned text, a line for each kernel and chip."""
    lines = [["kernel", "chip"] + [title for _, title, _ in COLUMNS]]
    for row in rows:
        if "reason" in row:
            lines.append([row["kernel"], row["chip"], row["reason"]])
            continue
        lines.append([row["kernel"], row["chip"]] +
                     [f"{row[name]:.{digits}f}" if name in row else "-"
                      for name, _, digits in COLUMNS])
    full = [line for line in lines if len(line) > 3]
    widths = [max(len(line[i]) for line in full) for i in range(len(lines[0]))]
    text = []
    for line in lines:
        cells = [cell.ljust(width) if i < 2 or len(line) == 3 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(line, widths))]
        if len(line) == 3:
            cells[2] = line[2]
        text.append("  ".join(cells).rstrip())
    return "\n".join(text) + "\n"


def make_mixes(rows):
    """The instructions of each main loop, most frequent first, to each matrix product."""
    text = []
    for row in rows:
        if "loop_mix" in row:
            mix = sorted(row["loop_mix"].items(), key=lambda item: (-item[1], item[0]))
            text.append(f"{row['kernel']} {row['chip']}: " +
                        ", ".join(f"{count} {opcode}" for opcode, count in mix))
    return "\n".join(text) + "\n" if text else ""


def find_violations(rows, limits):
    """A line for each figure above its limit, and for what was limited but not measured.

    `limits` is {kernel: {chip: {figure: most}}}; the chip "*" is every one.
    """
    violations = []
    for row in rows:
        chips = limits.get(row["kernel"], {})
        bounds = chips.get("*", {}) | chips.get(row["chip"], {})
        for name, most in bounds.items():
            where = f"{row['kernel']} {row['chip']}: {name}"
            if name not in row:
                violations.append(f"{where} was not measured: {row.get('reason', 'no figure')}")
            elif row[name] > most:
                violations.append(f"{where} is {row[name]}, expected at most {most}")
    return violations
