#!/bin/sh
# From nothing to the windows that training reads: download, table, mixes, log-mel windows.
#
#   DATASETS="irmas vocalset" MIX="--train 40000" DATA=/big/disk scripts/make_data.sh
#   SMOKE=1 scripts/make_data.sh     all of it in miniature: small archives, served on loopback
#
# Every step goes on where it was interrupted. A file that cannot be fetched and a data set that
# cannot be read stop none of the others; the exit status is then 1.
set -eu
cd "$(dirname "$0")/.."
timbre=${TIMBRE:-timbre}

if [ -n "${SMOKE:-}" ]; then
    DATA=${DATA:-data/smoke}
    DATASETS=${DATASETS:-all}
    MIX=${MIX:---train 60 --validation 20 --test 20}
    export DATA DATASETS MIX SMOKE=
    exec "${PYTHON:-python3}" tests/serve_miniatures.py "$DATA/hosts" scripts/make_data.sh
fi

raw=${DATA:-data}/raw
table=${DATA:-data}/interim
decoded=$table/decoded
windows=${DATA:-data}/processed
failed=0

# A command that is interrupted ends with 1 too, and the next one must not begin.
trap 'exit 130' INT
trap 'exit 143' TERM

# DATASETS and MIX are several words, so they are not quoted.
$timbre data download ${DATASETS:-} --raw "$raw" || failed=$?
[ "$failed" -le 1 ] || exit "$failed"
$timbre data metadata --raw "$raw" --table "$table" || failed=$?
[ "$failed" -le 1 ] && [ -e "$table/metadata.parquet" ] || exit "$failed"
$timbre mix ${MIX:-} --table "$table" --decoded "$decoded" --windows "$windows"
$timbre spectrograms --table "$table" --decoded "$decoded" --windows "$windows"

echo
sed -n 3p "$table/summary.md" # how many clips, hours and groups
echo "$raw: the data sets as they came, each with its receipt"
echo "$table: the table (metadata.parquet, metadata.csv), splits/, summary.md, problems.csv, decoded sound"
echo "$windows: mixes and windows, a folder a split, for timbre train"
[ "$failed" -eq 0 ] || echo "Not everything could be fetched and read: see above." >&2
exit "$failed"
