def vgg16(pretrained=False):
    return "vgg16"
