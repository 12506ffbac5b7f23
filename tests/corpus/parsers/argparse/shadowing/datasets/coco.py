def add_coco_args(parser):
    parser.add_argument("--coco-year", type=int, default=2017, choices=range(2014, 2018))
