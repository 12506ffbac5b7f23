import click


@click.group(context_settings={"auto_envvar_prefix": "LAB"})
@click.option("--workdir", type=click.Path(), default=".")
@click.option("--debug/--no-debug", "-d/-D", default=False)
@click.pass_context
def cli(ctx, workdir, debug):
    """The lab."""
    ctx.ensure_object(dict)
    ctx.obj.update(workdir=workdir, debug=debug)


from .commands import data, train  # noqa: E402, F401
