"""People × spend = goal: any two of the three tell the third.

Amounts are in minor units of one currency, of one window.
"""

from dataclasses import dataclass

from truefans.money import share


def people_for(money: int, spend: int) -> int:
    """The fewest people who together reach `money` when each spends `spend`, more than nothing."""
    return -(-money // spend)


def spend_for(money: int, people: int) -> int:
    """The least that each of `people` spends so that all of them reach `money`."""
    return -(-money // people)


@dataclass(frozen=True, slots=True)
class Goal:
    """`people` who each spend `spend` within `months`; a `team` needs that once for each of it."""

    people: int
    spend: int
    months: int = 12
    team: int = 1

    @property
    def money(self) -> int:
        return self.people * self.spend

    @property
    def a_year(self) -> int:
        """Half up, as is `a_month`."""
        return share(self.money, 12, self.months)

    @property
    def a_month(self) -> int:
        return share(self.money, 1, self.months)

    @property
    def all_people(self) -> int:
        return self.people * self.team

    @property
    def all_money(self) -> int:
        return self.money * self.team
