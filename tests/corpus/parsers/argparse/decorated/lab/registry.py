import functools

SETUPS = {}
ORDER = []


def options(name, order=0):
    """Registers a function that adds options to a parser."""

    def decorate(function):
        @functools.wraps(function)
        def wrapper(parser):
            group = parser.add_argument_group(name)
            function(group)
            return parser

        SETUPS[name] = wrapper
        ORDER.append((order, name))
        return wrapper

    return decorate


def build(parser):
    for _, name in sorted(ORDER):
        parser = SETUPS[name](parser)
    return parser
