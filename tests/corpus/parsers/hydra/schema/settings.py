from dataclasses import dataclass

from omegaconf import MISSING


@dataclass
class DBConfig:
    driver: str = MISSING
    host: str = "localhost"
    port: int = 80


@dataclass
class MySQLConfig(DBConfig):
    driver: str = "mysql"
    user: str = MISSING


def register(cs):
    for name, node in {"base_mysql": MySQLConfig, "base_plain": DBConfig}.items():
        cs.store(group="db", name=name, node=node)
