DEFAULTS = {"train": {"lr": 0.02, "epochs": 7}, "export": {"format": "onnx"}}
MODELS = {"resnet18": object, "vit_b_16": object}
FORMATS = ("onnx", "torchscript")
