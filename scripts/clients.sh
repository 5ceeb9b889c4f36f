#!/bin/sh
# Installs other people's clients into build/clients as they are pinned beside their adapters; nothing of ours uses them.
set -eu
pins=tests/clients there=build/clients

current() { cmp -s "$pins/$1" "$there/$1.installed"; } # current PINS
keep() { cp "$pins/$1" "$there/$1.installed"; }
give_up() { # give_up NAME FOLDER
	echo "!!! $1 COULD NOT BE INSTALLED: their tests are SKIPPED !!!"
	rm -rf "${there:?}/$2"
}

python() {
	PIP_CONSTRAINT='' .venv/bin/python -m pip install --quiet --no-input --no-deps --target $there/python \
		--requirement $pins/python/requirements.txt
}

node() {
	cp $pins/node/package.json $there/node/
	(cd $there/node && npm install --ignore-scripts --package-lock=false --no-audit --no-fund --loglevel=error >/dev/null)
}

if ! current python/requirements.txt; then
	echo "installing other people's Python clients …"
	rm -rf $there/python
	if python; then keep python/requirements.txt; else give_up "PYTHON CLIENTS" python; fi
fi

command -v npm >/dev/null || exit 0 # system-parts.sh has said so
if ! current node/package.json; then
	echo "installing other people's Node.js clients …"
	rm -rf $there/node && mkdir -p $there/node
	if node; then keep node/package.json; else give_up "NODE.JS CLIENTS" node; fi
fi
