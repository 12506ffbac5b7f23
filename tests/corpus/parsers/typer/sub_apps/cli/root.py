import typer

from . import data, train

app = typer.Typer(no_args_is_help=True, help="The lab.")
app.add_typer(data.app, name="data")
app.add_typer(train.app)


@app.callback()
def configure(ctx: typer.Context, workdir: str = ".", verbose: bool = typer.Option(False, "-v", "--verbose")):
    ctx.obj = {"workdir": workdir, "verbose": verbose}
