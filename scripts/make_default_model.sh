#!/bin/sh
# The whole chain that makes models/default: scripts/make_default_model.sh /path/to/recordings
# The folder holds the recordings and a manifest.csv (path, source, label, kind, license, ship);
# rows whose ship is 1 may be learned from, the others only test.
set -eu
material=${1:?"usage: $0 /path/to/recordings"}
timbre=${TIMBRE:-timbre}

$timbre data add-folder "$material" --name recordings --csv "$material/manifest.csv" \
    --source-column source --license-column license --kind-column kind --ship-column ship --ship 1
$timbre data soundfonts
$timbre mix --train 40000 --validation 4000 --test 4000
$timbre spectrograms
$timbre train --epochs 20
