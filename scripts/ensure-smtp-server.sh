#!/bin/sh
# Installs the mail server that tests receive mail with, from PyPI into a virtual environment, when its list of packages changed.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

if cmp -s end2end/smtp/requirements.txt end2end/smtp/venv/.installed; then exit 0; fi
command -v python3 >/dev/null || install_packages "the tests' mail server" python3 python3-venv
# Debian's python3 comes without what a virtual environment is made with.
python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages "the tests' mail server" python3-venv
say "installing the tests' mail server from PyPI (some seconds)"
rm -rf end2end/smtp/venv
python3 -m venv end2end/smtp/venv >&2
end2end/smtp/venv/bin/pip install --quiet --disable-pip-version-check --requirement end2end/smtp/requirements.txt >&2 ||
    fail "pip failed: check the network and PyPI's setting, then try again"
cp end2end/smtp/requirements.txt end2end/smtp/venv/.installed
