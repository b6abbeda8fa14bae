"""The source: lanes that read partitions of topics, or files, and remember how far they came."""
