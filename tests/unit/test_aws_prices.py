"""Prices, where they come from, and what is kept of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runctl.core.config import Config, load
from runctl.core.errors import CloudError
from runctl.providers.aws import price_table, prices
from runctl.providers.aws.prices import HOURS_PER_MONTH, Prices

PRODUCT = {
    "product": {"attributes": {"regionCode": "us-east-1"}},
    "terms": {
        "OnDemand": {
            "A": {"priceDimensions": {"B": {"unit": "Hrs", "pricePerUnit": {"USD": "1.0060000000"}}}},
        }
    },
}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(tmp_path)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What the Pricing API answers, one after the other; it is at the end of the list that AWS can't be asked."""
    given: list[Any] = []

    def products(config: Config, **attributes: str) -> list[Any]:
        if not given:
            raise CloudError("cannot ask for prices: AccessDenied")
        return [given.pop(0)]

    monkeypatch.setattr(prices, "_products", products)
    yield given


def test_a_price_of_the_api_is_labelled_and_kept(config: Config, answers: list[Any]) -> None:
    answers.append(PRODUCT)
    asked = Prices(config, "us-east-1").on_demand("g5.xlarge")
    assert asked == (1.006, "Pricing API")
    assert Prices(config, "us-east-1").on_demand("g5.xlarge") == asked
    assert Prices(config, "us-east-1").known("g5.xlarge") == asked
    assert Prices(config, "eu-west-1").known("g5.xlarge") != asked


def test_where_aws_does_not_say_the_table_does_with_its_date(config: Config, answers: list[Any]) -> None:
    price = Prices(config, "us-east-1").on_demand("g5.xlarge")
    assert price == (1.006, f"table of {price_table.AS_OF}")
    elsewhere = Prices(config, "eu-west-1").on_demand("g5.xlarge")
    assert elsewhere is not None and elsewhere.source == f"table of {price_table.AS_OF}, us-east-1"


def test_a_type_that_nobody_knows_has_no_price(config: Config, answers: list[Any]) -> None:
    assert Prices(config, "us-east-1").on_demand("z9.huge") is None


def test_a_price_is_asked_for_again_after_a_day(config: Config, answers: list[Any], home: Path) -> None:
    answers.append(PRODUCT)
    Prices(config, "us-east-1").on_demand("g5.xlarge")
    file = home / "cache" / "prices-us-east-1.json"
    kept = json.loads(file.read_text())
    kept["g5.xlarge"]["asked_at"] -= 86401
    kept["g5.xlarge"]["usd_per_hour"] = 7.0
    file.write_text(json.dumps(kept))
    assert Prices(config, "us-east-1").known("g5.xlarge") == (1.006, f"table of {price_table.AS_OF}")


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"g5.xlarge": 1}', '{"g5.xlarge": {"usd_per_hour": "x"}}', "\x00"])
def test_a_damaged_file_of_prices_is_as_good_as_none(
    config: Config, answers: list[Any], home: Path, damaged: str
) -> None:
    file = home / "cache" / "prices-us-east-1.json"
    file.parent.mkdir(parents=True)
    file.write_text(damaged)
    assert Prices(config, "us-east-1").known("t3.medium") == (0.0416, f"table of {price_table.AS_OF}")
    answers.append(PRODUCT)
    assert Prices(config, "us-east-1").on_demand("g5.xlarge") == (1.006, "Pricing API")


def test_a_volume_costs_by_size_and_by_what_goes_beyond_the_included(config: Config) -> None:
    monthly = [
        Prices(config, "us-east-1").volume("gp3", 500, iops, throughput).usd_per_hour * HOURS_PER_MONTH
        for iops, throughput in ((3000, 125), (4000, 125), (3000, 225), (None, None))
    ]
    assert [round(price, 2) for price in monthly] == [40.0, 45.0, 44.0, 40.0]


@pytest.mark.parametrize(
    ("kind", "price"), [("t3.micro", 0.0104), ("m5.large", 0.096), ("c5.4xlarge", 0.68), ("p5.48xlarge", 55.04)]
)
def test_the_table_gives_what_aws_lists(kind: str, price: float) -> None:
    assert price_table.on_demand(kind) == pytest.approx(price)
