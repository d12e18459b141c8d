"""Customers come, change and go."""

from sandbox.shapes import people
from sandbox.shapes.payments import ADDRESS
from sandbox.workshop.desk import act
from sandbox.workshop.memberships import Memberships
from sandbox.workshop.record import Client, insist


class People(Memberships):
    @act
    def customer(
        self, email: str | None = None, *, name: str | None = None, country: str | None = None
    ) -> Client:
        """A new customer; any number of them may have the same address."""
        row = people.customer(
            f"cus_{self._letters()[:14]}",
            created=self._now,
            name=name,
            email=email,
            address=ADDRESS | {"country": country} if country else None,
            payment_method=None,
        )
        self._put(row)
        self._tell("customer.created", row["id"])
        return Client(row["id"], email, name)

    @act
    def change_customer(self, client: Client, /, **changes: str | None) -> None:
        """`email=`, `name=`, or both; None takes it away."""
        insist(changes.keys() <= {"email", "name"}, "Only the address and the name can change")
        insist(not client.deleted, "A deleted customer cannot change")
        before = {field: getattr(client, field) for field in changes}
        for field, value in changes.items():
            setattr(client, field, value)
        self._change(client.id, **changes)
        self._tell("customer.updated", client.id, **before)

    @act
    def delete_customer(self, client: Client) -> None:
        """Ends their memberships too, as Stripe does."""
        insist(not client.deleted, "A deleted customer cannot be deleted again")
        for plan in client.plans:
            self._end(plan)
        client.deleted = True
        self._tell("customer.deleted", client.id)
        self._gone.append(people.deleted_customer(client.id))
        del self._objects[client.id]
