#!/usr/bin/env bash
# Install or upgrade Alerter as a systemd service. Run as root from a checkout or an unpacked release:
#   deploy/install.sh            installs into /opt/alerter, configuration in /etc/alerter
# Existing configuration is never overwritten. DESTDIR=... stages into a folder and starts nothing.
set -euo pipefail
source_dir="$(cd "$(dirname "$0")/.." && pwd)"
root="${DESTDIR:-}"
prefix="$root/opt/alerter"
python="${PYTHON:-python3}"

say() { printf 'alerter: %s\n' "$*"; }
[ -n "$root" ] || [ "$(id -u)" = 0 ] || { say "run as root, or set DESTDIR" >&2; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
  || { say "needs Python 3.11 or newer; set PYTHON" >&2; exit 1; }

say "installing into $prefix"
install -d "$prefix"
"$python" -m venv "$prefix"
pip=("$prefix/bin/python" -m pip --disable-pip-version-check --no-input install --quiet)
"${pip[@]}" --require-hashes -r "$source_dir/requirements.lock"
"${pip[@]}" --no-deps --no-build-isolation "$source_dir"

install -d -m 0750 "$root/etc/alerter" "$root/etc/alerter/secrets"
for file in alerter.yaml feeds.yaml missions.yaml; do
  if [ -e "$root/etc/alerter/$file" ]; then
    say "keeping $root/etc/alerter/$file"
  else
    sed 's#sqlite:///../state/alerter.db#sqlite:////var/lib/alerter/alerter.db#' \
      "$source_dir/config/$file" >"$root/etc/alerter/$file"
    chmod 0640 "$root/etc/alerter/$file"
  fi
done
install -D -m 0644 "$source_dir/deploy/alerter.service" "$root/usr/lib/systemd/system/alerter.service"
install -D -m 0644 "$source_dir/deploy/alerter.sysusers" "$root/usr/lib/sysusers.d/alerter.conf"
install -D -m 0644 "$source_dir/deploy/alerter.tmpfiles" "$root/usr/lib/tmpfiles.d/alerter.conf"

[ -z "$root" ] || { say "staged below $root"; exit 0; }
systemd-sysusers
systemd-tmpfiles --create alerter.conf
chgrp -R alerter /etc/alerter
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl enable --now alerter.service
  say "running; see: systemctl status alerter, journalctl -u alerter"
else
  say "installed; systemd is not running here, so nothing was started"
fi
