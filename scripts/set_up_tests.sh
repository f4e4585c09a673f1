#!/bin/sh
# What the tests need besides Python: a Chromium, and where they can be had ffmpeg, fluidsynth and TiMidity.
#
# Only Chromium is indispensable, with the library that Playwright drives it by. Without a system
# ffmpeg the tests run on the one that comes with imageio-ffmpeg, which cannot speak; without one that
# can, fluidsynth, TiMidity or a soundfont the tests that render speech or notes are skipped.
set -eu

have_browser() {
    [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || command -v chromium-browser >/dev/null
}

have_library() {
    for folder in /lib /usr/lib /usr/lib64 /usr/local/lib /lib/*-linux-gnu /usr/lib/*-linux-gnu; do
        if [ -e "$folder/$1" ]; then return 0; fi
    done
    return 1
}

have_soundfont() {
    [ -n "$(find /usr/share/sounds/sf2 -name 'TimGM6mb.sf2' 2>/dev/null)" ]
}

missing=""
have_browser || missing="$missing chromium"
have_library libatomic.so.1 || missing="$missing libatomic1"
command -v ffmpeg >/dev/null || missing="$missing ffmpeg"
have_library libfluidsynth.so.3 || missing="$missing libfluidsynth3"
have_soundfont || missing="$missing timgm6mb-soundfont"
command -v timidity >/dev/null || missing="$missing timidity"
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo --non-interactive"
fi

if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
    echo "Installing$missing"
    apt_get="$as_root env DEBIAN_FRONTEND=noninteractive apt-get"
    log=$(mktemp)
    # shellcheck disable=SC2086  # words on purpose
    { $apt_get update && $apt_get install --yes --no-install-recommends $missing; } >"$log" 2>&1 || tail -n 5 "$log" >&2
    rm -f "$log"
else
    echo "Not installed, and this user may not install it:$missing" >&2
fi

if ! have_browser || ! have_library libatomic.so.1; then
    echo "The tests drive a real browser. Install Chromium and libatomic (on Debian and Ubuntu:" >&2
    echo "sudo apt-get install chromium libatomic1) and run make test again." >&2
    exit 1
fi
