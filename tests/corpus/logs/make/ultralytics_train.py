"""Ultralytics from its yaml, on drawn pictures, nothing downloaded: `pip install ultralytics torch==2.13.0`, then
`python ultralytics_train.py`."""

import tempfile
from pathlib import Path

import numpy
from PIL import Image
from ultralytics import YOLO


def draw(folder: Path, count: int) -> None:
    generator = numpy.random.default_rng(1)
    for kind in ("images", "labels"):
        (folder / kind / "train").mkdir(parents=True)
    for index in range(count):
        picture = generator.integers(0, 60, (64, 64, 3), dtype=numpy.uint8)
        left, top = generator.integers(0, 40, 2)
        picture[top : top + 20, left : left + 20] = 220
        Image.fromarray(picture).save(folder / f"images/train/{index}.png")
        label = f"0 {(left + 10) / 64} {(top + 10) / 64} {20 / 64} {20 / 64}\n"
        (folder / f"labels/train/{index}.txt").write_text(label)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="toy"))
    draw(folder, 24)
    data = folder / "toy.yaml"
    data.write_text(f"path: {folder}\ntrain: images/train\nval: images/train\nnames:\n  0: square\n")
    YOLO("yolo11n.yaml").train(
        data=data, epochs=3, imgsz=64, batch=4, workers=0, device="cpu", amp=False, plots=False, project=str(folder)
    )


if __name__ == "__main__":
    main()
