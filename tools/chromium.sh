#!/usr/bin/env bash
# A browser for the tests of the pages (`make real`), from Debian or Ubuntu.
#
#   tools/chromium.sh install     needs root; nothing where there is one already
#   tools/chromium.sh where       prints its path, or says how to get one
set -euo pipefail

where() {
    command -v chromium || command -v chromium-browser || command -v google-chrome || {
        echo "no Chromium here: tools/chromium.sh install" >&2
        exit 1
    }
}

install() {
    if (where) >/dev/null 2>&1; then return; fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium fonts-dejavu-core
}

case "${1:-}" in
install) install ;;
where) where ;;
*)
    echo "usage: tools/chromium.sh install|where" >&2
    exit 2
    ;;
esac
