"""HfArgumentParser of transformers, and TrlParser."""
