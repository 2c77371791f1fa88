#!/bin/sh
# Packs a folder into a compressed archive, file by file, and prints how far it is.
#   archive.sh [FOLDER [ARCHIVE]]
# Without a folder it makes one to pack: forty files of measurements.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make_folder() {
  mkdir "$work/measurements"
  for day in $(seq -w 1 40); do
    seq 1 20000 | awk -v day="$day" '{ printf "2026-01-01;%s;%d;%.3f\n", day, $1, sin($1 / day) }' >"$work/measurements/day-$day.csv"
  done
  echo "$work/measurements"
}

folder=${1:-$(make_folder)}
archive=${2:-archive.tar.gz}
find "$folder" -type f | sort >"$work/files"
total=$(wc -l <"$work/files")

echo "packing $total files of $folder"
packed=0
while IFS= read -r file; do
  tar -rf "$work/archive.tar" -C "$folder" "./${file#"$folder"/}"
  packed=$((packed + 1))
  printf '\r%3d%%  %s' $((100 * packed / total)) "${file##*/}"
done <"$work/files"
printf '\n'

gzip -c "$work/archive.tar" >"$archive"
echo "wrote $archive, $(wc -c <"$archive") bytes"
