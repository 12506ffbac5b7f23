REGISTRIES = {}


def setup_registry(registry_name: str, default=None):
    assert registry_name.startswith("--")
    registry_name = registry_name[2:].replace("-", "_")

    REGISTRY = {}
    REGISTRIES[registry_name] = {"registry": REGISTRY, "default": default}

    def register_x(name):
        def register_x_cls(cls):
            if name in REGISTRY:
                raise ValueError("Cannot register duplicate {} ({})".format(registry_name, name))
            REGISTRY[name] = cls
            return cls

        return register_x_cls

    return register_x, REGISTRY
