#!/bin/sh
# Installs the Debian packages the tests use, when they are missing and we may; says loudly what stays out otherwise.
set -eu
need() { # need NAME PROOF PACKAGES: PROOF is a shell test of its presence
	if sh -c "$2" >/dev/null 2>&1; then return; fi
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo "installing $1 …"
		[ -n "${updated:-}" ] || apt-get -qq update || true
		updated=1
		DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends $3 >/dev/null && return
	fi
	echo "!!! $1 IS MISSING and cannot be installed here: its tests are SKIPPED (install: $3) !!!"
}
need PostgreSQL 'ls /usr/lib/postgresql/*/bin/initdb' postgresql
need Redis 'command -v redis-server' redis-server
need Node.js 'command -v node && command -v npm' 'nodejs npm'
need Chromium 'command -v chromium || command -v chromium-browser || command -v google-chrome' 'chromium fonts-wqy-microhei'
