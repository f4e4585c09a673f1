def test_both_spellings_are_the_guitar(write, clips_of):
    write("Metadata_Train.csv", "FileName,Class", "a.wav,Sound_Guitar", '"b, slow.wav",Sound_Piano')
    write("Metadata_Test.csv", "FileName,Class", "c.wav,Sound_Guiatr", "d.wav,Sound_Drum")
    clips = clips_of("misd")
    guitar = (("acoustic_guitar", "electric_guitar"),)
    assert clips["a.wav"].truth.any_of == clips["c.wav"].truth.any_of == guitar
    assert clips["a.wav"].group == clips["c.wav"].group == "misd/Sound_Guitar"
    assert "violin" in clips["a.wav"].truth.absent
    assert clips["b, slow.wav"].truth.present == ("piano",)
    assert clips["b, slow.wav"].path == "Train_submission/Train_submission/b, slow.wav"
    assert clips["d.wav"].path == "Test_submission/Test_submission/d.wav"
    drums = clips["d.wav"].truth
    assert "snare_drum" in drums.any_of[0]
    assert "cowbell" not in drums.absent  # it may belong to the kit
    assert "hand_drum" in drums.absent
