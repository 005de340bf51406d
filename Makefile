# The short list of what one does here. `make check` is what CI runs.
.PHONY: check test kernels ptx nvrtc gpu-bundle gpu-check golden fuzz bench

FUZZTIME ?= 30s

check:
	.ci/run

test:
	go test ./...

kernels: ## the processor's C kernels under AddressSanitizer, AMX in emulation; then without cgo, and NEON where there is an emulator
	ASAN_OPTIONS=allocator_may_return_null=1 go test -asan -tags amxemulated ./model/backend/cpu/... ./internal/gemm
	CGO_ENABLED=0 go test ./model/backend/cpu/... ./internal/gemm
	if command -v aarch64-linux-gnu-gcc && command -v qemu-aarch64; then \
		CGO_ENABLED=1 GOARCH=arm64 CC=aarch64-linux-gnu-gcc go test -exec 'qemu-aarch64 -L /usr/aarch64-linux-gnu' ./model/backend/cpu/... ./internal/gemm; fi

# What Python's pip installs of NVIDIA's compiler is all it needs.
define with_nvrtc
	@dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; \
	python3 -m pip install -q --target "$$dir" $(1) && \
	FRAMEPILOT_REQUIRE=nvrtc FRAMEPILOT_CUDA=$$(echo "$$dir"/nvidia/*/lib) go test -count=1 -v ./model/backend/cuda/nvrtc $(2)
endef

ptx: ## renew the PTX embedded in the program after a change to the GPU's kernels
	$(call with_nvrtc,nvidia-cuda-nvrtc-cu12==12.0.76,-run TestPTX -update)

nvrtc: ## compile the GPU's kernels for every generation with the newest compilers: no warning, no spill
	$(call with_nvrtc,nvidia-cuda-nvrtc-cu12,-run TestCompiles)
	$(call with_nvrtc,nvidia-cuda-nvrtc,-run TestCompiles)

BUNDLE = gpu-check
PEER ?=

gpu-bundle: ## the folder gpu-check/, with all that run.sh needs on a machine with a GPU but the driver and cuBLASLt; PEER=script.py adds a PyTorch program
	rm -rf $(BUNDLE) && mkdir -p $(BUNDLE)/model $(BUNDLE)/testdata/model
	go build -trimpath -ldflags '-s -w' -o $(BUNDLE)/framepilot .
	go test -c -trimpath -ldflags '-s -w' -o $(BUNDLE)/cuda.test ./model/backend/cuda
	go test -c -trimpath -ldflags '-s -w' -o $(BUNDLE)/model/model.test ./model
	cp testdata/model/tiny-b.pth testdata/model/tiny-h.safetensors testdata/model/tiny-[bh].golden.safetensors $(BUNDLE)/testdata/model
	cp .ci/gpu-check $(BUNDLE)/run.sh
	if [ -n "$(PEER)" ]; then mkdir $(BUNDLE)/peer && cp "$$(dirname "$(PEER)")"/*.py $(BUNDLE)/peer; fi

gpu-check: gpu-bundle ## everything about the GPU of this machine: conformance, goldens, same bits, memory checker, speed; JSON in $$OUT or gpu-check/results
	$(BUNDLE)/run.sh

golden: ## rewrite golden texts after reviewing what changed
	go test ./pilot/report -update

tables: ## measure the methods anew and rewrite the pages about them (an hour)
	go test ./fewshot -run Table -timeout 3h -table ../docs/methods-benchmark.md
	go test ./fewshot -run Speed -timeout 1h -speed ../docs/methods-speed.md
	go test ./domain -run Table -timeout 3h -table ../docs/domain-benchmark.md

fuzz: ## every fuzz target for FUZZTIME each
	@go list ./... | while read -r pkg; do \
		go test "$$pkg" -list '^Fuzz' | grep '^Fuzz' | while read -r target; do \
			echo "== $$pkg $$target"; go test "$$pkg" -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) || exit 1; \
		done || exit 1; \
	done

bench: ## input for benchstat
	go test ./... -run '^$$' -bench . -benchmem -count 5
