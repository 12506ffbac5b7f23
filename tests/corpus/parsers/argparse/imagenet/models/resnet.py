def resnet18(pretrained=False):
    return "resnet18"


def resnet50(pretrained=False):
    return "resnet50"
