#!/bin/sh
# Builds the adapter in the current folder with the shared part, the class path being in its file `classpath`:
# sh ../lib/java/build.sh SOURCE...
set -eu
shared=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
exec javac -Xlint:all,-path,-processing,-classfile -d build @classpath "$shared"/corspec/*.java "$@"
