// libcublas.so.13: the bindings load it; nothing of it is called.
