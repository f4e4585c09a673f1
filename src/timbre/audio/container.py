"""What kind of file this is, by its first bytes: never by its name, which anyone can choose."""

import codecs
from typing import Literal

from timbre.errors import TimbreError

Container = Literal["wav", "mp3", "flac", "ogg", "mp4", "aac", "aiff", "matroska", "unknown"]

# What ffmpeg may open. Without this list a playlist called song.mp3 makes it decode another file.
DEMUXERS = "wav,mp3,flac,ogg,mov,aac,aiff,matroska"
# What it may decode: the sound of those containers, and never a picture. A cover of 0.7 MB can claim 15,000 x
# 15,000 pixels, which cost 700 MB and seconds before the first sample.
DECODERS = (
    "aac,aac_fixed,aac_latm,ac3,ac3_fixed,adpcm_g722,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_swf,"
    "adpcm_yamaha,alac,als,amrnb,amrwb,ape,cook,dca,eac3,flac,g722,g723_1,g726,g726le,gsm,gsm_ms,ilbc,"
    "libgsm,libgsm_ms,libopencore_amrnb,libopencore_amrwb,libopus,libspeex,libvorbis,mace3,mace6,mlp,mp1,"
    "mp1float,mp2,mp2float,mp3,mp3adu,mp3adufloat,mp3float,mp3on4,mp3on4float,nellymoser,opus,pcm_alaw,"
    "pcm_bluray,pcm_dvd,pcm_f16le,pcm_f24le,pcm_f32be,pcm_f32le,pcm_f64be,pcm_f64le,pcm_mulaw,pcm_s16be,"
    "pcm_s16be_planar,pcm_s16le,pcm_s16le_planar,pcm_s24be,pcm_s24le,pcm_s24le_planar,pcm_s32be,pcm_s32le,"
    "pcm_s32le_planar,pcm_s64be,pcm_s64le,pcm_s8,pcm_s8_planar,pcm_u16be,pcm_u16le,pcm_u24be,pcm_u24le,"
    "pcm_u32be,pcm_u32le,pcm_u8,qcelp,qdm2,qdmc,speex,truehd,truespeech,tta,vorbis,wavpack,wmalossless,wmapro,"
    "wmav1,wmav2,wmavoice"
)
FORMATS = ("wav", "mp3", "flac", "ogg", "opus", "m4a", "mp4", "aac", "aiff", "webm", "mka")
HEAD_BYTES = 4_096  # enough to tell every container; mp4 needs `Mp4Layout` besides

# First bytes of what is certainly not a sound file.
_NEVER_AUDIO = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"%PDF", b"PK\x03\x04",
    b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\x7fELF", b"MZ", b"#EXTM3U", b"ffconcat", b"<?xml", b"<svg",
    b"<html", b"<!DOCTYPE", b"<!doctype", b"SQLite format 3",
)  # fmt: skip


def sniff(head: bytes) -> Container:
    """The container that these first bytes (`HEAD_BYTES` of them, or the whole file) begin.

    Raises
    ------
    TimbreError
        `empty_file`, or `not_audio` where the first bytes leave no doubt.
    """
    if not head:
        raise TimbreError("empty_file")
    found = _known(head)
    if found == "unknown" and (head.startswith(_NEVER_AUDIO) or _is_text(head)):
        raise TimbreError("not_audio")
    return found


def _known(head: bytes) -> Container:
    magic, form = head[:4], head[8:12]
    if magic in (b"RIFF", b"RF64") and form == b"WAVE":
        return "wav"
    if magic == b"FORM" and form in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[4:8] == b"ftyp":
        return "mp4"
    simple: dict[bytes, Container] = {
        b"fLaC": "flac",
        b"OggS": "ogg",
        b"\x1aE\xdf\xa3": "matroska",
    }
    if magic in simple:
        return simple[magic]
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6)):
        return "mp3"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "aac"
    return "unknown"


def _is_text(head: bytes) -> bool:
    """Whether all of it reads as text: a real container is binary within its first bytes."""
    try:
        # Incremental, since the last character may be cut off.
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character.isspace() for character in text)


def mp4_streams(head: bytes) -> bool | None:
    """Whether an mp4 can be decoded while it arrives: its index (`moov`) stands before its data.

    Returns
    -------
    streams
        None while `head` is too short to tell.
    """
    position = 0
    while position + 8 <= len(head):
        size = int.from_bytes(head[position : position + 4], "big")
        kind = head[position + 4 : position + 8]
        if kind == b"moov":
            return True
        if kind == b"mdat":
            return False
        if size == 1 and position + 16 <= len(head):
            size = int.from_bytes(head[position + 8 : position + 16], "big")
        if size < 8:
            return False
        position += size
    return None


def ogg_is_complete(tail: bytes) -> bool:
    """Whether the last page within the last 64 KiB of an Ogg file is marked as the stream's end."""
    page = tail.rfind(b"OggS")
    return page < 0 or len(tail) < page + 6 or bool(tail[page + 5] & 4)
