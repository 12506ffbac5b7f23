#!/usr/bin/env python3 -u
"""
Train a new model on one or across multiple GPUs.
"""

from fairseq_lite_cli import cli_main

if __name__ == "__main__":
    cli_main()
