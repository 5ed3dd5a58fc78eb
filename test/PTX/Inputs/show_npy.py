"""Prints a .npy file: its type and shape, then its elements."""
import ast
import struct
import sys

with open(sys.argv[1], "rb") as file:
    assert file.read(6) == b"\x93NUMPY"
    file.read(2)
    header = ast.literal_eval(file.read(struct.unpack("<H", file.read(2))[0]).decode())
    data = file.read()
code = {"<f4": "f", "<i4": "i", "<f8": "d"}[header["descr"]]
values = struct.unpack("<%d%s" % (len(data) // struct.calcsize(code), code), data)
print(header["descr"], header["shape"])
print(*values)
