from .coco import add_coco_args


def add_dataset_args(parser):
    parser.add_argument("--dataset", default="coco")
    add_coco_args(parser)
