#!/bin/sh
# Installs the official clients, newest versions, into two throw-away folders:
#
#     tests/sandbox_sdk/install.sh PYTHON_FOLDER NODE_FOLDER
#
# then: RUSHES_TEST_PYTHON=PYTHON_FOLDER/bin/python \
#       RUSHES_TEST_NODE_MODULES=NODE_FOLDER/node_modules cargo test --test it sdk
set -eu

if [ $# -ne 2 ]; then
    echo "usage: $0 PYTHON_FOLDER NODE_FOLDER" >&2
    exit 2
fi

python3 -m venv "$1"
"$1/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade wavespeed huggingface_hub

mkdir -p "$2"
cd "$2"
[ -e package.json ] || echo '{"private": true}' > package.json
npm install --silent --no-fund --no-audit --ignore-scripts wavespeed@latest
