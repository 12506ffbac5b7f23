from . import finetune, pretrain

ALL = [pretrain, finetune]
