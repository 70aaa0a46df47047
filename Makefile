# Weir. `make run` and `make test` do everything on a fresh Debian machine; the rest is for those who work on it.
.PHONY: all build run test check format bench fuzz sanitize clean setup setup-test help

all: build

help:
	@sed -n 's/^## //p' Makefile

## make run       install what is missing, build, start Weir with its sandbox on http://localhost:8080
run: build
	@echo "weir: starting on http://localhost:8080 (Ctrl-C stops; data in ./data)"
	@exec build/weir run --sandbox --data data

## make           install what is missing and build build/weir
build: setup
	@test -f build/build.ninja || meson setup build > /dev/null
	@echo "weir: building"
	@ninja -C build --quiet weir

setup:
	@scripts/setup build

setup-test:
	@scripts/setup test

## make test      the same, then every test; the last line counts them
test: setup-test build
	@echo "weir: building the tests"
	@ninja -C build --quiet
	@tests/run

## make check     format, layers, banned calls and static analysis
check: build
	@scripts/check

## make format    bring the C files into the house style
format:
	@find src tests bench \( -name '*.[ch]' -o -name '*.cc' \) -exec clang-format -i {} +

## make sanitize  the unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
sanitize: setup-test build
	@test -f build-asan/build.ninja || meson setup build-asan -Db_sanitize=address,undefined -Db_lundef=false > /dev/null
	@ninja -C build-asan --quiet
	@meson test -C build-asan --no-rebuild --suite unit --timeout-multiplier 4 --print-errorlogs

## make bench     measurements beside their peers
bench: setup-test build
	@bench/run

## make fuzz      every fuzzer for FUZZ_SECONDS (60) each
fuzz: setup-test
	@scripts/fuzz

clean:
	rm -rf build build-asan build-fuzz
