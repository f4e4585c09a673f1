#!/bin/sh
# The whole chain that makes models/default: scripts/make_default_model.sh /path/to/recordings
# The folder holds the recordings and a manifest.csv (path, source, label, kind, license, ship);
# rows whose ship is 1 or nc may be learned from (nc: the model is for non-commercial use), the others only test.
set -eu
material=${1:?"usage: $0 /path/to/recordings"}
timbre=${TIMBRE:-timbre}

$timbre data add-folder "$material" --name recordings --csv "$material/manifest.csv" \
    --source-column source --license-column license --kind-column kind --ship-column ship --ship 1,nc \
    --holds-no mir1k:choir --holds-no singers:choir --holds-no speech:choir \
    --holds-no drum_machines:tr808_kick_drum --holds-no gtown_church:tr808_kick_drum \
    --never-validates fsdkaggle2018
$timbre data soundfonts --phrases 60
$timbre mix --train 90000 --validation 3000 --test 3000
$timbre spectrograms
$timbre train --size large --epochs 80 --threads "$(nproc)"
