from ..models import MODELS
from ..models.base import Base


def add_options(parser):
    # imported here, since models import the command line for their errors
    from .. import __version__

    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--model", choices=sorted(MODELS), default=Base.default_name)
    parser.add_argument("--beam", type=int, default=4)
    return parser
