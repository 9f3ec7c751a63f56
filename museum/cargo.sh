#!/bin/sh
# Builds the adapter in the current folder with one version of a package: sh ../cargo.sh .vulnerable tower-http 0.5.1
set -eu
mkdir -p "$1"
cp -R Cargo.toml Cargo.lock "$1"
[ ! -d src ] || cp -R src "$1"
cargo update --quiet --manifest-path "$1/Cargo.toml" --package "$2" --precise "$3"
# What both versions are built of is built once.
cargo build --quiet --release --manifest-path "$1/Cargo.toml" --target-dir .fixed/target
cp .fixed/target/release/adapter "$1/adapter"
