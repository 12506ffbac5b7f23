"""General-purpose training script for image-to-image translation.

Example:
    python train.py --dataroot ./datasets/maps --name maps_cyclegan --model cycle_gan
"""

import json

from options.train_options import TrainOptions

if __name__ == "__main__":
    opt = TrainOptions().parse()  # get training options
    print(json.dumps(vars(opt)))
