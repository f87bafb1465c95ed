"""`flask metrics`, as an operator or a timer runs it."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from tests.cli.conftest import House, Run, unchanged


def test_the_figures_are_printed_and_nothing_is_changed(house: House) -> None:
    house.scene.confirmed()
    with unchanged(house.platform):
        text = house.says("metrics")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    for kind in ("letter", "notice"):
        assert samples["solidarity_deliveries", kind, "queued"] == 2
    assert "supporter.example" not in text


def test_a_database_that_cannot_be_used_is_one_line(house: House, flask: Run) -> None:
    with house.platform.sessions.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE tally")
    assert "Has `flask prepare` run?" in flask("metrics").output
