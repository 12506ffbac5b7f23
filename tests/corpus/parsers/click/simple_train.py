"""Train a small classifier."""

import json

import click


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("-e", "--epochs", default=10, help="Number of passes over the data.")
@click.option("-b", "--batch-size", "batch_size", type=int, default=32)
@click.option("--lr", "--learning-rate", "learning_rate", type=float, default=1e-3)
@click.option("--weight_decay", default=0.0, help="L2 penalty.")
@click.option("--optimizer", type=click.Choice(["sgd", "adam", "adamw"], case_sensitive=False), default="adam")
@click.option("--amp/--no-amp", default=False, help="Mixed precision.")
@click.option("--pin-memory", is_flag=True, default=False)
@click.option("--output-dir", type=click.Path(file_okay=False), required=True)
@click.option("--name", default=None, type=str)
@click.option("-v", "--verbose", count=True)
@click.version_option("1.0.0")
def main(epochs, batch_size, learning_rate, weight_decay, optimizer, amp, pin_memory, output_dir, name, verbose):
    """Train a small classifier and write it to OUTPUT_DIR."""
    click.echo(
        json.dumps(
            {
                "epochs": epochs,
                "batch_size": batch_size,
                "learning_rate": learning_rate,
                "weight_decay": weight_decay,
                "optimizer": optimizer,
                "amp": amp,
                "pin_memory": pin_memory,
                "output_dir": output_dir,
                "name": name,
                "verbose": verbose,
            }
        )
    )


if __name__ == "__main__":
    main()
