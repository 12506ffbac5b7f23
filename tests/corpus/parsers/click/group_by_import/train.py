from lab.main import cli

if __name__ == "__main__":
    cli(obj={})
