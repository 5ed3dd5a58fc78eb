#!/usr/bin/env bash
# Installs what the build, the tests and the benchmarks need, where something
# is missing: Debian packages by name. Does nothing, at once, where all is there.
# Without root or a sudo that asks for no password it prints the line to run.
set -euo pipefail

packages=(
  # To build: the compiler is LLVM's own, of the version that MLIR is.
  cmake ninja-build ccache clang-22 lld-22 llvm-22-dev libmlir-22-dev
  libdlpack-dev zlib1g-dev
  # To import ONNX models; a build without them has no importer.
  libonnx-dev libprotobuf-dev
  # To test: lit and FileCheck, mlir-opt, gtest, the sanitizers' runtime.
  llvm-22-tools mlir-22-tools libgtest-dev libclang-rt-22-dev
  python3 python3-numpy
  # Writes the models of the importer's tests from text.
  protobuf-compiler
  # To format, and for the environment of make bench.
  clang-format-22 python3-venv
)

if ! command -v dpkg-query >/dev/null; then
  if [ -e /usr/lib/llvm-22/lib/cmake/mlir/MLIRConfig.cmake ]; then
    exit 0
  fi
  echo "setup: no dpkg here, expected Debian 12 or later; install by hand what" \
       "its packages hold: ${packages[*]}" >&2
  exit 1
fi

# dpkg-query fails where it does not know one of them.
states=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
installed=" $(awk '$1 == "ii" { printf "%s ", $2 }' <<<"$states")"
missing=()
for package in "${packages[@]}"; do
  case "$installed" in
  *" $package "*) ;;
  *) missing+=("$package") ;;
  esac
done
[ ${#missing[@]} -eq 0 ] && exit 0

sudo=
if [ "$(id -u)" -ne 0 ]; then
  if ! sudo -n true 2>/dev/null; then
    echo "setup: packages are missing, and installing them needs root. Run:" >&2
    echo "sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends ${missing[*]}'" >&2
    exit 1
  fi
  sudo="sudo -n"
fi

echo "setup: installing ${missing[*]}"
$sudo apt-get update -q
for package in "${missing[@]}"; do
  if ! apt-cache show "$package" >/dev/null 2>&1; then
    echo "setup: apt does not know the package $package; LLVM 22 is in Debian 12's" \
         "security updates (deb http://deb.debian.org/debian-security bookworm-security main)" \
         "and at https://apt.llvm.org" >&2
    exit 1
  fi
done
$sudo env DEBIAN_FRONTEND=noninteractive \
  apt-get install -q -y --no-install-recommends "${missing[@]}"
