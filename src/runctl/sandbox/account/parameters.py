"""Systems Manager's public parameters: the ids of AMIs, under AWS's names for them."""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.ssm.models import Parameter, ParameterDict

from runctl.sandbox.account.images import image_parameters

_PUBLIC = "/aws/service/"


def _check_loading_status(self: Any, key: str) -> None:
    """Puts the parameters in when the first public one is asked for; moto's own name AMIs that it does not have."""
    if self.latest_amis_loaded or not str(key).startswith(_PUBLIC):
        return
    self.latest_amis_loaded = True
    for name, value in image_parameters(self.region_name).items():
        parameter = Parameter(  # type: ignore[abstract]
            account_id=self.account_id,
            name=name,
            value=value,
            parameter_type="String",
            description=None,
            allowed_pattern=None,
            keyid=None,
            last_modified_date=utcnow().timestamp(),  # type: ignore[arg-type]
            version=1,
            data_type="text",
        )
        dict.setdefault(self, name, []).append(parameter)


def apply() -> None:
    """Replaces moto's own."""
    ParameterDict._check_loading_status = _check_loading_status  # type: ignore[method-assign]
