#!/bin/sh
# Makes `cargo build --target wasm32-unknown-unknown` work in this folder. Silent when it already does.
#
#   1. the selected toolchain has the target: nothing to do
#   2. `rustup target add`, unless WASM_TARGET_SKIP_RUSTUP=1 (for machines that may use Debian's packages only)
#   3. Debian's rustc-web, whose std is built once from rust-web-src and linked as the rustup toolchain "debian"
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh
target=wasm32-unknown-unknown

# has_target RUSTC...: that compiler finds a std for the target.
has_target() {
    libraries=$("$@" --print target-libdir --target $target 2>/dev/null) && ls "$libraries"/libstd-*.rlib >/dev/null 2>&1
}

# What std must have been built for: this very commit of the compiler, with this script's way of naming source paths.
wanted_stamp() { echo "$(/usr/bin/rustc --version --verbose | sed -n 's/^commit-hash: //p') remapped"; }

stamp=/usr/lib/rustlib/$target/lib/.built-for

# Debian's package moves: files built for the one before may still lie there after an upgrade.
is_stale() { [ "$(rustc --print sysroot)" = /usr ] && [ -e $stamp ] && [ "$(cat $stamp)" != "$(wanted_stamp)" ]; }

if has_target rustc && ! is_stale; then exit 0; fi

if [ "${WASM_TARGET_SKIP_RUSTUP:-0}" != 1 ] && command -v rustup >/dev/null; then
    say "adding $target by rustup (seconds)"
    if timeout 120 rustup target add $target >&2 && has_target rustc; then exit 0; fi
    say "rustup could not add it; trying Debian's packages"
fi

command -v apt-get >/dev/null || fail "cannot install $target here: run 'rustup target add $target', then try again"

missing=
for package in rustc-web cargo-web rust-web-src rust-web-llvm lld-22 rust-web-clippy rustfmt-web; do
    dpkg-query -W -f='${Status}' $package 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
# shellcheck disable=SC2086 # one word a package
[ -z "$missing" ] || install_packages "the Rust compiler for the browser" $missing

if [ "$(cat $stamp 2>/dev/null)" != "$(wanted_stamp)" ] || ! has_target /usr/bin/rustc; then
    say "building std for $target from Debian's sources (about a minute)"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir "$work/src"
    echo '#![no_std]' >"$work/src/lib.rs"
    # As in Rust's own builds of std. lto stays off here (with it cargo emits bitcode only, which builds without LTO cannot
    # link); embed-bitcode is what lets the application itself use fat LTO.
    cat >"$work/Cargo.toml" <<'TOML'
[package]
name = "make-std"
version = "0.0.0"
edition = "2021"
[profile.release]
opt-level = 3
codegen-units = 1
debug = 0
lto = "off"
panic = "unwind"
TOML
    (
        cd "$work"
        # RUSTC_BOOTSTRAP unlocks -Zbuild-std and is confined to this one command.
        env -u RUSTUP_TOOLCHAIN -u CARGO_BUILD_TARGET RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc CARGO_TARGET_DIR="$work/target" \
            RUSTFLAGS="-Cembed-bitcode=yes --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo" \
            /usr/bin/cargo build --quiet --release --target $target -Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test >&2
    ) || fail "std for $target did not build: see the messages above"
    libraries=$(dirname $stamp)
    as_root mkdir -p "$libraries"
    as_root rm -f "$libraries"/*.rlib "$libraries"/*.rmeta
    for file in "$work/target/$target"/release/deps/lib*.rlib; do
        case $file in */libmake_std-*) ;; *) as_root cp "$file" "$libraries/" ;; esac
    done
    wanted_stamp | as_root tee $stamp >/dev/null
    # Cargo does not notice a new std of the same compiler: what was compiled against the old one does not link any more.
    rm -rf "${CARGO_TARGET_DIR:-target}/front/$target" "${CARGO_TARGET_DIR:-target}/$target"
fi
has_target /usr/bin/rustc || fail "Debian's std for $target is incomplete: remove $stamp and try again"

if command -v rustup >/dev/null; then
    [ "$(rustup run debian rustc --print sysroot 2>/dev/null)" = /usr ] || rustup toolchain link debian /usr >&2
    selected=$(rustup show active-toolchain 2>/dev/null || true)
    case $selected in
    "debian "*) ;;
    *)
        [ -z "${RUSTUP_TOOLCHAIN:-}" ] || fail "RUSTUP_TOOLCHAIN is $RUSTUP_TOOLCHAIN, which has no $target: unset it, or set it to debian"
        say "selecting the toolchain 'debian' for this folder (undo: rustup override unset)"
        rustup override set debian >&2
        ;;
    esac
fi
has_target rustc || fail "the selected toolchain still has no $target: run 'rustup show' to see which one it is"
