import json

import datasets
import hydra
from utils.config import get_parser

parser = hydra.main(get_parser())
datasets.add_dataset_args(parser)
args = parser.parse_args()
print(json.dumps(vars(args)))
