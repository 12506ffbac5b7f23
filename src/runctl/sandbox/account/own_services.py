"""Services that moto lacks, or only pretends to have: pricing, service quotas, and what Systems Manager carries out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from runctl.sandbox.account import price_list, quotas
from runctl.sandbox.answers import Answer, document, refused
from runctl.sandbox.gate import log
from runctl.sandbox.keys import Refusal

if TYPE_CHECKING:
    from runctl.sandbox.gate import Call
    from runctl.sandbox.ssm import Ssm


class OwnServices:
    """Answers what is not moto's to answer."""

    def __init__(self, ssm: Ssm) -> None:
        self._ssm = ssm
        self._logged = 0

    def answer(self, call: Call) -> Answer | None:
        """The answer; None when it is moto's affair."""
        if call.service == "pricing":
            return self._pricing(call)
        if call.service == "servicequotas":
            return self._quotas(call)
        if call.service == "ssm" and call.action in self._ssm.actions:
            return self._systems_manager(call)
        return None

    def _pricing(self, call: Call) -> Answer:
        asked = json.loads(call.body or b"{}")
        if call.action != "GetProducts":
            raise NotImplementedError("only GetProducts")
        if asked.get("ServiceCode") != "AmazonEC2":
            return document({"FormatVersion": "aws_v1", "PriceList": []})
        return document({"FormatVersion": "aws_v1", "PriceList": price_list.products(asked.get("Filters") or [])})

    def _quotas(self, call: Call) -> Answer:
        asked = json.loads(call.body or b"{}")
        if asked.get("ServiceCode") != "ec2":
            return _not_found(call, f"there are no quotas of {asked.get('ServiceCode')!r} in the sandbox")
        if call.action in ("ListServiceQuotas", "ListAWSDefaultServiceQuotas"):
            return document({"Quotas": quotas.all_quotas(call.region)})
        if call.action in ("GetServiceQuota", "GetAWSDefaultServiceQuota"):
            found = quotas.quota(call.region, asked.get("QuotaCode", ""))
            return document({"Quota": found}) if found else _not_found(call, "there is no such quota")
        raise NotImplementedError("only ListServiceQuotas and GetServiceQuota")

    def _systems_manager(self, call: Call) -> Answer:
        from runctl.sandbox.ssm import SsmError

        while self._logged < len(self._ssm.refused):
            log(f"a session's client was turned away: {self._ssm.refused[self._logged]}")
            self._logged += 1
        try:
            return document(self._ssm.answer(call.action, json.loads(call.body or b"{}")))
        except SsmError as error:
            return refused(call.service, Refusal(error.code, error.message, 400), call.is_json)


def _not_found(call: Call, message: str) -> Answer:
    return refused(call.service, Refusal("NoSuchResourceException", message, 400), is_json=True)
