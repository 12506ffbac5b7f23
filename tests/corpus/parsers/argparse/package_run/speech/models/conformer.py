from .base import Base


class Conformer(Base):
    pass
