"""The streaming protocols that the scripted provider speaks: one module each, all with the names of `shape.Shape`."""
