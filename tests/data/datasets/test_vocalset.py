def test_each_recording_once_and_the_singer_is_the_group(write, clips_of):
    write("VocalSet/FULL/female1/arpeggios/belt/f1_arpeggios_belt_c_a.wav")
    write("VocalSet/FULL/male10/excerpts/spoken/caro_spoken.wav")
    write("VocalSet/data_by_singer/female1/arpeggios/belt/f1_arpeggios_belt_c_a.wav")
    write("VocalSet/data_by_technique/belt/f1_arpeggios_belt_c_a.wav")
    clips = clips_of("vocalset")
    sung, spoken = clips["f1_arpeggios_belt_c_a.wav"], clips["caro_spoken.wav"]
    assert len(clips) == 2
    assert sung.path == "VocalSet/FULL/female1/arpeggios/belt/f1_arpeggios_belt_c_a.wav"
    assert (sung.group, sung.kind) == ("vocalset/female1", "phrase")
    assert (spoken.group, spoken.kind) == ("vocalset/male10", "speech")
    assert sung.truth.present == ("voice",)
    assert "choir" not in sung.truth.absent
    assert "violin" in sung.truth.absent
