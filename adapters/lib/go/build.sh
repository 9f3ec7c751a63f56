#!/bin/sh
# Builds the adapter in the current folder against Debian's packages of Go, without network: sh ../lib/go/build.sh
set -eu
shared=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
GO111MODULE=off GOFLAGS= GOPATH=/usr/share/gocode:$shared exec go build -o adapter .
