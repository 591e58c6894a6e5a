#!/usr/bin/env bash
# A real S3 on this machine for `make real`: Ceph's RADOS gateway from Debian's packages, one
# monitor, one OSD, everything in one folder.
#
#   tools/radosgw.sh install          apt packages (root)
#   tools/radosgw.sh start FOLDER     prints the environment that clients need
#   tools/radosgw.sh bucket FOLDER NAME
#   tools/radosgw.sh stop FOLDER
set -euo pipefail

install() {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        radosgw ceph-mon ceph-osd ceph-common
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

configure() {
    local folder=$1 mon_port
    mon_port=$(free_port)
    mkdir -p "$folder"/{mon,osd,run,log}
    cat >"$folder/ceph.conf" <<CONF
[global]
fsid = $(python3 -c 'import uuid; print(uuid.uuid4())')
mon host = [v2:127.0.0.1:$mon_port]
mon initial members = a
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms cluster mode = crc
ms service mode = crc
ms client mode = crc
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon data avail crit = 1
run dir = $folder/run
log file = $folder/log/\$name.log
admin socket = $folder/run/\$name.asok
pid file = $folder/run/\$name.pid
[mon.a]
mon data = $folder/mon
[osd.0]
osd data = $folder/osd
osd objectstore = bluestore
bluestore block size = 8589934592
osd memory target = 939524096
[client.admin]
keyring = /dev/null
CONF
}

start_monitor() {
    local folder=$1 fsid address
    fsid=$(sed -n 's/^fsid = //p' "$folder/ceph.conf")
    address=$(sed -n 's/^mon host = //p' "$folder/ceph.conf")
    monmaptool --create --fsid "$fsid" --addv a "$address" "$folder/monmap" >/dev/null
    touch "$folder/mon.keyring"
    ceph-mon -c "$folder/ceph.conf" --mkfs -i a --monmap "$folder/monmap" \
        --keyring "$folder/mon.keyring" --setuser root --setgroup root
    ceph-mon -c "$folder/ceph.conf" -i a --setuser root --setgroup root
}

start_osd() {
    local folder=$1 uuid
    uuid=$(python3 -c 'import uuid; print(uuid.uuid4())')
    ceph -c "$folder/ceph.conf" osd new "$uuid" >/dev/null
    ceph-osd -c "$folder/ceph.conf" -i 0 --mkfs --osd-uuid "$uuid" --setuser root --setgroup root
    ceph-osd -c "$folder/ceph.conf" -i 0 --setuser root --setgroup root
}

start_gateway() {
    local folder=$1 port
    port=$(free_port)
    timeout 120 radosgw-admin -c "$folder/ceph.conf" -n client.admin user create --uid=ringroad \
        --display-name=ringroad --access-key=ringroad --secret=ringroad-secret >"$folder/user.json"
    radosgw -c "$folder/ceph.conf" -n client.admin --setuser root --setgroup root \
        --rgw-frontends="beast endpoint=127.0.0.1:$port"
    for _ in $(seq 100); do
        if curl -sf "http://127.0.0.1:$port/" >/dev/null; then
            printf 'AWS_ENDPOINT_URL=http://127.0.0.1:%s\n' "$port" >"$folder/environment"
            printf 'AWS_ACCESS_KEY_ID=ringroad\nAWS_SECRET_ACCESS_KEY=ringroad-secret\n' \
                >>"$folder/environment"
            printf 'AWS_REGION=us-east-1\nAWS_VIRTUAL_HOSTED_STYLE_REQUEST=false\n' \
                >>"$folder/environment"
            cat "$folder/environment"
            return
        fi
        sleep 0.3
    done
    echo "the gateway does not answer: see $folder/log" >&2
    exit 1
}

bucket() {
    # shellcheck disable=SC1091
    source "$1/environment"
    curl -sSf -X PUT --aws-sigv4 "aws:amz:us-east-1:s3" \
        -H "x-amz-content-sha256: $(printf '' | sha256sum | cut -d' ' -f1)" \
        --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$AWS_ENDPOINT_URL/$2"
}

stop() {
    local folder=$1 pid
    for pid in "$folder"/run/*.pid; do
        [ -e "$pid" ] && kill "$(cat "$pid")" 2>/dev/null || true
    done
}

case ${1:-} in
install) install ;;
start)
    folder=$(mkdir -p "$2" && cd "$2" && pwd)
    configure "$folder"
    start_monitor "$folder"
    start_osd "$folder"
    start_gateway "$folder"
    ;;
bucket) bucket "$2" "$3" ;;
stop) stop "$2" ;;
*)
    sed -n '2,10s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
