#!/bin/sh
# Installs the SDKs of other systems that tests ask Refundry with, from PyPI into a virtual environment, when the list of them changed.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

wanted=$(cat end2end/clients/build.txt end2end/clients/requirements.txt)
if [ "$wanted" = "$(cat end2end/clients/venv/.installed 2>/dev/null)" ]; then exit 0; fi
command -v python3 >/dev/null || install_packages "other systems' SDKs" python3 python3-venv
# Debian's python3 comes without what a virtual environment is made with.
python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages "other systems' SDKs" python3-venv
say "installing other systems' SDKs from PyPI (some seconds)"
rm -rf end2end/clients/venv
python3 -m venv end2end/clients/venv >&2
install() {
    end2end/clients/venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps "$@" >&2 ||
        fail "pip failed: check the network and PyPI's setting, then try again"
}
install --requirement end2end/clients/build.txt
# Built with what was just installed, not with what pip would fetch without a hash.
install --no-build-isolation --requirement end2end/clients/requirements.txt
printf '%s' "$wanted" >end2end/clients/venv/.installed
