def write(cases, store, docs, quick):
    pass
