from .resnet import resnet18, resnet50
from .vgg import vgg16

__all__ = ["resnet18", "resnet50", "vgg16"]
