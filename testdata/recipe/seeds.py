def build(kit):
    return []
