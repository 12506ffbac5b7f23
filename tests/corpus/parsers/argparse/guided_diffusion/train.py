"""
Train a diffusion model on images.
"""

import argparse
import json

from script_util import add_dict_to_argparser, args_to_dict, model_and_diffusion_defaults


def main():
    args = create_argparser().parse_args()
    model = args_to_dict(args, model_and_diffusion_defaults().keys())
    assert model["image_size"] == args.image_size
    print(json.dumps(vars(args)))


def create_argparser():
    defaults = dict(
        data_dir="",
        schedule_sampler="uniform",
        lr=1e-4,
        weight_decay=0.0,
        lr_anneal_steps=0,
        batch_size=1,
        microbatch=-1,  # -1 disables microbatches
        ema_rate="0.9999",  # comma-separated list of EMA values
        resume_checkpoint=None,
    )
    defaults.update(model_and_diffusion_defaults())
    parser = argparse.ArgumentParser()
    add_dict_to_argparser(parser, defaults)
    return parser


if __name__ == "__main__":
    main()
