"""Asks EC2 for an instance: in one zone after the other, and on demand where the user agrees to that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runctl.core.aws import Account, calling
from runctl.core.errors import CloudError
from runctl.providers.aws import failures, model
from runctl.providers.aws.creation_plan import Plan
from runctl.providers.aws.model import Instance
from runctl.providers.aws.polling import Pause, poll
from runctl.providers.aws.request import run_instances

Report = Callable[[str], None]
# is asked before a fall-back to on-demand; raises to refuse
Ask = Callable[[str], None]
# IAM takes its time to tell EC2 of a profile that `runctl aws setup` has just made
_PROFILE_S = 30


class Launching:
    """The requests of one creation. `unsure` says whether one was sent whose answer is not known."""

    def __init__(self, account: Account, plan: Plan, report: Report, ask: Ask, pause: Pause) -> None:
        self._account = account
        self._plan = plan
        self._report = report
        self._ask = ask
        self._pause = pause
        self.unsure = False
        self._refusals: list[CloudError] = []

    def launch(self, key: str | None, group: str) -> Instance:
        """The instance, in the first place that has capacity; pending. Raises CloudError, KeyboardInterrupt."""
        spot = self._plan.spot
        found = self._in_some_place(spot, key, group)
        if found is None and spot and self._plan.spot_fallback:
            self._consent_to_on_demand()
            spot = False
            found = self._in_some_place(spot, key, group)
        if found is None:
            raise failures.nowhere(self._plan.kind, spot, self._refusals, self._plan.spot_fallback)
        return found

    def _in_some_place(self, spot: bool, key: str | None, group: str) -> Instance | None:
        """Tries one place after the other; None when all of them lack what is asked for."""
        for place in self._plan.places:
            self._pause(0)
            request = run_instances(self._plan, place, spot, key, group, attempt=len(self._refusals))
            try:
                return self._send(request, place.zone)
            except CloudError as error:
                if not failures.is_of_the_zone(error):
                    self.unsure = failures.may_have_been_done(error)
                    raise failures.explained(error, self._plan.kind, spot, self._account.region) from error
                self._refusals.append(error)
                self._report(f"{place.zone} has none: {error.code}")
        return None

    def _send(self, request: dict[str, Any], zone: str) -> Instance:
        patiently = poll(lambda: self._answer(request, zone, patient=True), _PROFILE_S, self._pause)
        found = patiently or self._answer(request, zone, patient=False)
        assert found is not None
        return found

    def _answer(self, request: dict[str, Any], zone: str, patient: bool) -> Instance | None:
        """The instance that EC2 made; None for a refusal that may be over soon, with `patient`."""
        try:
            with calling(f"create an instance in {zone}"):
                answer = self._account.client("ec2").run_instances(**request)
        except CloudError as error:
            if patient and failures.is_of_a_new_profile(error):
                return None
            raise
        return model.instance_of(answer["Instances"][0])

    def _consent_to_on_demand(self) -> None:
        price = self._plan.on_demand
        cost = f"${price.usd_per_hour:.4f} per hour ({price.source})" if price else "at a price that is not known"
        self._report(f"no zone has spot capacity for {self._plan.kind.name}; on demand it costs {cost}")
        self._ask(f"Take {self._plan.kind.name} on demand instead, {cost}?")
