def add_vision_args(parser):
    group = parser.add_argument_group(title="vision")

    group.add_argument("--num-classes", type=int, default=1000, help="num classes (default: 1000)")
    group.add_argument("--img-h", type=int, default=224, help="img h (default: 224)")
    group.add_argument("--img-w", type=int, default=224, help="img w (default: 224)")
    group.add_argument("--num-channels", type=int, default=3, help="num channels (default: 3)")
    group.add_argument("--patch-dim", type=int, default=16, help="patch dim (default: 16)")
    group.add_argument("--classes-fraction", type=float, default=1.0, help="classes fraction (default: 1.0)")
    group.add_argument(
        "--data-per-class-fraction", type=float, default=1.0, help="data per class fraction (default: 1.0)"
    )
    group.add_argument("--head-lr-mult", type=float, default=1.0, help="head lr mult (default: 1.0)")
    group.add_argument("--vision-pretraining", action="store_true", help="vision pretraining.")
    group.add_argument(
        "--vision-backbone-type",
        type=str,
        default="vit",
        choices=["vit", "mit", "swin"],
        help="vision backbone type (default: vit)",
    )

    return parser
