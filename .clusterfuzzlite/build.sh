#!/usr/bin/env bash
# Builds every fuzz target into $OUT, with its seeds, dictionary and options. Run by ClusterFuzzLite and OSS-Fuzz in
# their images, and by fuzz/oss-fuzz/check anywhere.
set -euo pipefail
cd "$SRC/corspec"

# What the image sets for other languages cargo-fuzz sets itself, for Rust.
case "${SANITIZER:-address}" in
    # The image's cargo makes a plain build of this, with coverage.
    coverage) cargo fuzz build ;;
    *) cargo fuzz build --sanitizer "${SANITIZER:-address}" ;;
esac

host=$(rustc -vV | sed -n 's/^host: //p')
built="${CARGO_TARGET_DIR:-fuzz/target}/$host/release"
for source in fuzz/fuzz_targets/*.rs; do
    target=$(basename "$source" .rs)
    # One measures and finds nothing; the other's feature is not built.
    case "$target" in nothing | frameworks) continue ;; esac
    cp "$built/$target" "$OUT/"
    zip -jqr "$OUT/${target}_seed_corpus.zip" "fuzz/seeds/$target"
    cp fuzz/corspec.dict "$OUT/$target.dict"
    cp fuzz/corspec.options "$OUT/$target.options"
done
