"""The pure core of Headrace: frames, stages, features, learners, evaluation, releases. It never imports Flink."""
