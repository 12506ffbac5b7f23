import json


def report(command, **received):
    print(json.dumps({"command": command, **received}))
