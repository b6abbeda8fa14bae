"""What a stack trace says to people."""

from __future__ import annotations

from jobs.failures import cause_of

PYTHON = """java.lang.RuntimeException: Error while waiting for BeamPythonFunctionRunner flush
\tat org.apache.flink.AbstractOperator.invokeFinishBundle(AbstractOperator.java:107)
Caused by: java.lang.RuntimeException: Error received from SDK harness for instruction 7: Traceback:
  File "udfs/releases/storage.py", line 3, in write
    raise
OSError: [Errno 28] No space left on device: 'model.onnx'

\tat java.base/java.util.concurrent.CompletableFuture.get(Unknown Source)
\t... 7 more
"""
JAVA = """org.apache.flink.util.FlinkException: The job failed
\tat org.apache.flink.Job.run(Job.java:1)
Caused by: java.io.IOException: No space left on device
\tat java.base/java.io.FileOutputStream.write(Unknown Source)
"""


def test_the_error_of_python_or_the_innermost_cause() -> None:
    assert cause_of(PYTHON) == "OSError: [Errno 28] No space left on device: 'model.onnx'"
    assert cause_of(JAVA) == "Caused by: java.io.IOException: No space left on device"
    assert cause_of("") == "no cause is known"
