# The commands of the project, each thin: scripts/setup.sh installs what is
# missing, CMake's presets do the building.

JOBS ?= $(shell nproc)
# Debian's, for which the set-up installs NumPy.
PYTHON ?= /usr/bin/python3
SOURCES = $(shell git ls-files '*.cpp' '*.h' '*.c' '*.cu')

.PHONY: help setup build check check-asan check-onnx check-aarch64 check-format demo bench bench-gpu docs format clean

help: ## This text
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 20

setup: ## Install the packages that are missing
	@scripts/setup.sh

build/build.ninja: CMakePresets.json | setup
	cmake --preset release
	@touch $@

build-asan/build.ninja: CMakePresets.json | setup
	cmake --preset asan
	@touch $@

build: build/build.ninja ## Build the tools, into build/bin
	cmake --build --preset release -j $(JOBS)

# Has nvdisasm, for the tests and the report of the GPU kernels' machine code.
build/gpu-venv/installed: bench/requirements/gpu.txt | setup
	python3 -m venv build/gpu-venv
	build/gpu-venv/bin/pip install -q --retries=1 -r $<
	@touch $@

# These tests are left out where there is no ptxas or no network.
check: build/build.ninja ## Build and run every test
	@! PATH="$$PATH:$${CUDA_HOME:-/usr/local/cuda}/bin" command -v ptxas >/dev/null || \
	  $(MAKE) -s build/gpu-venv/installed || \
	  echo "check: nvdisasm cannot be installed; machine code is not tested"
	cmake --build --preset release -j $(JOBS) --target check-attn

check-asan: build-asan/build.ninja ## The same under AddressSanitizer and UndefinedBehaviorSanitizer
	cmake --build --preset asan -j $(JOBS) --target check-attn

check-onnx: build ## Run ONNX's own tests of attention, whose package is installed in build/
	scripts/check-onnx.py build

check-aarch64: build ## Run kernels for aarch64 in qemu-user, which is not installed
	$(PYTHON) scripts/aarch64/check.py build

demo: build ## Compile attention with the shapes of Llama 3.1 8B and run it here
	@examples/llama-3.1-8b/demo.py

bench: build ## Compare with PyTorch, ONNX Runtime, ggml and IREE on this machine
	bench/install_peers.py build/bench-venv
	build/bench-venv/bin/python bench/bench.py $(BENCH_ARGS)

bench-gpu: build build/gpu-venv/installed ## Print registers, machine code and memory accesses of the GPU kernels
	build/gpu-venv/bin/python bench/gpu_report.py $(BENCH_ARGS)

docs: build/build.ninja ## Write the references of the dialect and the passes from TableGen
	cmake --build --preset release -j $(JOBS) --target attn-update-docs

format: setup ## Format the sources
	clang-format-22 -i $(SOURCES)

check-format: setup ## Fail where a source is not formatted
	clang-format-22 --dry-run --Werror $(SOURCES)

clean: ## Remove what was built
	rm -rf build build-asan
