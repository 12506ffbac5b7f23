import importlib
import os
import sys


def import_user_module(args):
    module_path = getattr(args, "user_dir", None)
    if module_path is not None:
        module_parent, module_name = os.path.split(os.path.abspath(module_path))
        sys.path.insert(0, module_parent)
        importlib.import_module(module_name)
        sys.path.pop(0)


def eval_str_list(x, type=float):
    if x is None:
        return None
    if isinstance(x, str):
        x = eval(x)
    try:
        return list(map(type, x))
    except TypeError:
        return [type(x)]


def csv_str_list(x):
    return x.split(",")
