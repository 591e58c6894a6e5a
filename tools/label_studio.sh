#!/usr/bin/env bash
# A real Label Studio on this machine for `make real`: the pip package in a venv of its own, SQLite,
# one folder.
#
#   tools/label_studio.sh install         into ${RINGROAD_TOOLS:-~/.cache/ringroad}/label-studio
#   tools/label_studio.sh start FOLDER    prints the environment that the tests need
#   tools/label_studio.sh stop FOLDER
set -euo pipefail

home=${RINGROAD_TOOLS:-$HOME/.cache/ringroad}/label-studio

install() {
    [ -x "$home/bin/label-studio" ] && return
    python3 -m venv "$home"
    "$home/bin/pip" install --quiet label-studio
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start() {
    local folder=$1 port
    port=$(free_port)
    mkdir -p "$folder"
    if [ ! -s "$folder/token" ]; then # the server keeps the first one that it was given
        (umask 077 && python3 -c 'import secrets; print(secrets.token_hex(20))' >"$folder/token")
    fi
    LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN=true LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true \
        COLLECT_ANALYTICS=false LATEST_VERSION_CHECK=false SENTRY_DSN= FRONTEND_SENTRY_DSN= \
        nohup "$home/bin/label-studio" start --no-browser --data-dir "$folder/data" --port "$port" \
        --internal-host 127.0.0.1 --username tests@example.org --password "$(cat "$folder/token")" \
        --user-token "$(cat "$folder/token")" >"$folder/log" 2>&1 &
    echo $! >"$folder/pid"
    for _ in $(seq 600); do
        if curl -fs "http://127.0.0.1:$port/health" >/dev/null 2>&1; then
            echo "RINGROAD_LABEL_STUDIO=http://127.0.0.1:$port"
            echo "RINGROAD_LABEL_STUDIO_TOKEN_FILE=$folder/token"
            return
        fi
        kill -0 "$(cat "$folder/pid")" 2>/dev/null || break
        sleep 1
    done
    tail -20 "$folder/log" >&2
    return 1
}

stop() {
    kill "$(cat "$1/pid")" 2>/dev/null || true
}

"$@"
