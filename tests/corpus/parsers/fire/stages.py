"""Groups of commands: an object whose attributes are objects with commands, as in fire's own guide."""

import json

import fire


def show(**received):
    print(json.dumps(received))


class IngestionStage:
    def run(self, source="s3", workers=4):
        show(stage="ingestion", source=source, workers=workers)


class DigestionStage:
    def __init__(self, volume=1):
        self.volume = volume

    def run(self, rate: float = 0.5, dry_run=False):
        show(stage="digestion", rate=rate, dry_run=dry_run, volume=self.volume)

    def status(self):
        show(stage="status")


class Pipeline:
    def __init__(self):
        self.ingestion = IngestionStage()
        self.digestion = DigestionStage(volume=3)

    def run(self, name="all"):
        show(stage=name)


if __name__ == "__main__":
    fire.Fire(Pipeline())
