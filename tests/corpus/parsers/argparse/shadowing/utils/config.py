import argparse


def get_parser():
    return argparse.ArgumentParser()
