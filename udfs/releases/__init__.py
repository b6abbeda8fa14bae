"""Releases: models as ONNX files, the manifests that name them, and the registry that holds both."""
