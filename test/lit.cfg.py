# The lit suite of check-attn. Outside tools and what the host can do become
# available features: a test that needs one says REQUIRES.

import glob
import importlib.util
import os
import platform
import shutil
import sys

import lit.formats
from lit.llvm import llvm_config

config.name = "attn"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".ptx"]
config.excludes = ["CMakeLists.txt", "lit.cfg.py", "Inputs", "unit"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.attn_binary_dir, "test")

llvm_config.with_environment("FILECHECK_OPTS", "--enable-var-scope")
config.substitutions.append(("%attn_source", config.attn_source_dir))
config.substitutions.append(("%attn_binary", config.attn_binary_dir))
config.substitutions.append(("%attn_include", os.path.join(config.attn_source_dir, "runtime")))
config.substitutions.append(("%attn_lib", config.attn_lib_dir))
config.substitutions.append(("%mlir_lib", config.mlir_lib_dir))
config.substitutions.append(("%host_cc", config.host_cc))
config.substitutions.append(("%host_cxx", config.host_cxx))
config.substitutions.append(("%python", '"%s"' % sys.executable))
config.substitutions.append(("%true", shutil.which("true")))


# Models of ONNX are written as text in tests: protoc makes the bytes.
if config.onnx_proto_dir and shutil.which("protoc"):
    config.available_features.add("protoc")
    config.substitutions.append(("%encode_onnx", "protoc --encode=onnx.ModelProto -I %s %s" % (
        config.onnx_proto_dir, os.path.join(config.onnx_proto_dir, "onnx/onnx.proto"))))
if config.has_onnx_import.upper() == "ON":
    config.available_features.add("onnx-import")


def find_cuda_tool(name):
    # PyPI has some of the tools; the Makefile installs nvdisasm from there.
    home = os.environ.get("CUDA_HOME", "/usr/local/cuda")
    packages = glob.glob(os.path.join(config.attn_binary_dir, "gpu-venv/lib/*/site-packages/nvidia/*/bin"))
    path = os.pathsep.join([config.environment["PATH"], os.path.join(home, "bin"), *packages])
    return shutil.which(name, path=path)


# A tool by its name; its directory joins the path where it was not on it.
for tool in ["nvcc", "ptxas", "cuobjdump", "nvdisasm"]:
    path = find_cuda_tool(tool)
    if path:
        config.available_features.add(tool)
        llvm_config.with_environment("PATH", os.path.dirname(path), append_path=True)
for tool in ["spirv-val", "spirv-dis", "vulkaninfo"]:
    if shutil.which(tool, path=config.environment["PATH"]):
        config.available_features.add(tool)

# FileCheck, not, count, split-file, mlir-opt and our tools are found on the
# path; ours come first.
llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.with_environment("PATH", config.attn_tools_dir, append_path=True)
for tool in ["llc", "mlir-translate"]:
    if shutil.which(tool, path=config.environment["PATH"]):
        config.available_features.add(tool)

# A Python module by its name.
for module in ["numpy", "torch", "onnx"]:
    if importlib.util.find_spec(module):
        config.available_features.add(module)

# The host: x86-64 or aarch64, its vector extensions by the kernel's names
# (avx2, avx512f, avx512_bf16, asimd), and whether a CUDA device answers.
config.available_features.add("host-" + platform.machine().replace("_", "-"))
try:
    with open("/proc/cpuinfo") as info:
        flags = set()
        for line in info:
            if line.startswith(("flags", "Features")):
                flags = set(line.split(":", 1)[1].split())
                break
    for flag in ["avx2", "fma", "avx512f", "avx512_bf16", "asimd"]:
        if flag in flags:
            config.available_features.add(flag)
except OSError:
    pass
if os.path.exists("/dev/nvidia0"):
    config.available_features.add("cuda-device")

if config.sanitizers.upper() in ("ON", "1", "TRUE"):
    config.available_features.add("asan")
    # LLVM and MLIR come uninstrumented: containers and arenas that cross into
    # them would be reported, and what they leave for the end of the process is no
    # leak.
    llvm_config.with_environment(
        "ASAN_OPTIONS",
        "detect_leaks=0:detect_container_overflow=0:allow_user_poisoning=0")
    llvm_config.with_environment("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1")
