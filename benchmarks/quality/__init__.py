"""How well the learners learn, on data with known figures."""
