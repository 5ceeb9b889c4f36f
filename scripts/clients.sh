#!/bin/sh
# Installs other people's clients into build/clients as they are pinned beside their adapters; nothing of ours uses them.
set -eu
pins=tests/clients there=build/clients

if ! cmp -s $pins/python/requirements.txt $there/python/requirements.txt; then
	echo "installing other people's Python clients …"
	rm -rf $there/python
	PIP_CONSTRAINT='' .venv/bin/python -m pip install --quiet --no-input --no-deps --target $there/python \
		--requirement $pins/python/requirements.txt
	cp $pins/python/requirements.txt $there/python/
fi

command -v npm >/dev/null || exit 0 # system-parts.sh has said so
if ! cmp -s $pins/node/package.json $there/node/installed.json; then
	echo "installing other people's Node.js clients …"
	rm -rf $there/node && mkdir -p $there/node && cp $pins/node/package.json $there/node/
	(cd $there/node && npm install --ignore-scripts --package-lock=false --no-audit --no-fund --loglevel=error >/dev/null)
	cp $pins/node/package.json $there/node/installed.json
fi
