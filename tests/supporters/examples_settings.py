"""How the examples of settings are run; each answers {what follows: its value, as written}."""

from dashboard.measure import people_for
from tests.factories import CreatorFactory
from tests.supporters.worked import Example, money
from truefans.money import to_minor


def run_team(example: Example) -> dict[str, str]:
    was, team = int(example.get("team")), int(example.get("then"))
    count = int(example.get("target count").replace(",", ""))
    creator = CreatorFactory(
        target_count=people_for(team, count=count, was=was),
        target_spend=to_minor(example.get("target spend"), "GBP"),
        team_size=team,
    )
    return {
        "target count": f"{creator.target_count:,}",
        "goal": money(creator.goal, "GBP"),
        "each": money(creator.goal_each, "GBP"),
    }


RUNNERS = {"team": run_team}
