"""An app of a class of our own, with decorated commands, called through click's interface."""

import asyncio
import functools
import json

import typer


def waits(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return asyncio.run(function(*args, **kwargs))

    return wrapper


class Asynchronous(typer.Typer):
    """Runs coroutines as commands."""

    def command(self, *args, **kwargs):
        decorator = super().command(*args, **kwargs)

        def add(function):
            if asyncio.iscoroutinefunction(function):
                return decorator(waits(function))
            return decorator(function)

        return add


app = Asynchronous(help="Serve or train.", no_args_is_help=True, add_completion=False)


@app.command(name="train")
async def train_it(steps: int = 100, *, warm_up: int = 0, name: str = typer.Option("run", "--run-name")):
    print(json.dumps({"steps": steps, "warm_up": warm_up, "name": name}))


def predict(text: str = typer.Argument("hello"), top_k: int = 5):
    print(json.dumps({"text": text, "top_k": top_k}))


app.command()(predict)

if __name__ == "__main__":
    typer.main.get_command(app)(standalone_mode=False)
