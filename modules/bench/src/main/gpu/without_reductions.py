"""Fills ND4J's reductions, broadcasts and sorts in libnd4jcpu.so with traps: without_reductions.py LIBRARY

They are three quarters of its 270 MB of code, for every pair and triple of number types, and neither this project nor DL4J's
training of one layer calls any: our kernels do that work. With traps instead of code the library takes 7 MB of an archive
instead of 24. A call would end the process with SIGTRAP. It must not be stripped yet.
"""

import re
import subprocess
import sys

UNUSED = re.compile(
    "N9functions(9broadcast|7reduce3|6reduce|11indexreduce|12summarystats)|reductionCase|argReduction|argIndex|reduceExec"
    "|reduceDefault|IndexReductionLoops|7helpers10reduction_|quickSort"
)
TRAP = b"\xcc"


def main(path):
    names, sizes = {}, {}
    for line in subprocess.run(["nm", "-S", "--defined-only", path], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
        fields = line.split()
        if len(fields) == 4 and fields[2] in "tTwWiu":
            names.setdefault(int(fields[0], 16), []).append(fields[3])
            sizes[int(fields[0], 16)] = int(fields[1], 16)
    # Code lies at its address in the file, too.
    sections = subprocess.run(["readelf", "-SW", path], stdout=subprocess.PIPE, text=True, check=True).stdout
    address, offset, size = (int(each, 16) for each in re.search(r"\.text\s+PROGBITS\s+(\w+)\s+(\w+)\s+(\w+)", sections).groups())
    filled = 0
    with open(path, "r+b") as library:
        for start, aliases in names.items():
            inside = address <= start and start + sizes[start] <= address + size
            # One code may have several names. What runs when the library is loaded stays.
            if inside and all(UNUSED.search(name) and not name.startswith("_GLOBAL_") for name in aliases):
                library.seek(start - address + offset)
                library.write(TRAP * sizes[start])
                filled += sizes[start]
    print(f"{filled >> 20} of {size >> 20} MiB of code are traps")
    if filled < size // 2:
        sys.exit(f"Cannot find ND4J's reductions in {path}")


if __name__ == "__main__":
    main(sys.argv[1])
