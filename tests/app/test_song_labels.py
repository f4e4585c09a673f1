"""A song that another model tagged keeps that model's labels and thresholds."""

from timbre.paths import DEFAULT_MODEL_DIR


def test_after_a_change_of_model_a_song_has_its_own_labels(run_server, tmp_path, wav):
    with run_server(data_dir=tmp_path) as before:
        song_id = before.upload(wav)
        before.wait(song_id)
        labels = before.get("/api/labels").json()
        assert before.get(f"/api/labels?song={song_id}").json() == labels
    with run_server(data_dir=tmp_path, TIMBRE_MODEL=DEFAULT_MODEL_DIR) as after:
        assert len(after.get("/api/labels").json()["labels"]) > len(labels["labels"])
        kept = after.get(f"/api/labels?song={song_id}").json()["labels"]
        assert [row["id"] for row in kept] == after.song(song_id)["labels"]
        assert {row["id"]: row["threshold"] for row in kept} == {
            row["id"]: row["threshold"] for row in labels["labels"]
        }
        assert after.get("/api/labels?song=nobody").json()["error"]["code"] == "not_found"
