"""What a run is doing is said in the reader's language."""

from django.utils import translation

from sync import showing


def test_the_steps_of_a_run_are_told_in_german() -> None:
    with translation.override("de"):
        assert showing.step("group 1003") == "Gruppe 1003"
        assert showing.step("comparing") == "wird verglichen"
        assert showing.step("DE en") == "DE en"
        assert showing.step("") == ""
