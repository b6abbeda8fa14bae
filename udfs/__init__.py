"""The pure core of Headrace: frames, stages, features, learners, evaluation, releases. It never imports Flink."""

__version__ = "0.1.0"
