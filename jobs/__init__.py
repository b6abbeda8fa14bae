"""The job: configuration, topology, connectors and the command line."""
