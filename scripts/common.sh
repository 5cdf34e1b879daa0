# shellcheck shell=sh
# Shared by the other scripts: says what happens, installs Debian packages. Sourced, not run.

say() { echo "$(basename "$0" .sh): $*" >&2; }

fail() {
    say "$*"
    exit 1
}

# Runs a command as root: directly when we are root, by sudo otherwise.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "this needs root, and there is no sudo. As root, run: $*"
    fi
}

# install_packages WHAT_FOR PACKAGE...: installs Debian packages, refreshing the package lists when they are missing or stale.
install_packages() {
    what_for=$1
    shift
    command -v apt-get >/dev/null || fail "$what_for needs the Debian packages $*, and there is no apt-get here: install their counterparts by hand"
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || fail "$what_for needs packages. As root, run: apt-get install $*"
    say "installing $* ($what_for; about a minute)"
    # The first try may fail for lists that name versions which the mirror has replaced.
    if apt-cache show "$1" >/dev/null 2>&1 && apt_install "$@"; then return; fi
    say "refreshing the package lists"
    as_root apt-get update -qq >&2 || fail "apt-get update failed: check the network and /etc/apt/sources.list"
    apt_install "$@" || fail "could not install $*: run 'apt-get install $*' as root and read its message"
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}
