import dataclasses
from dataclasses import dataclass, field
from typing import List


@dataclass
class TrainingArguments:
    output_dir: str = field()
    bf16: bool = field(default=False)
    gradient_accumulation_steps: int = 1
    learning_rate: float = 5e-5
    weight_decay: float = 0
    warmup_ratio: float = field(default=0.0)
    group_by_length: bool = field(default=False)
    dataloader_pin_memory: bool = field(default=True)
    report_to: List[str] = field(default_factory=lambda: ["none"])


def to_dict(*groups):
    return {name: value for group in groups for name, value in dataclasses.asdict(group).items()}
