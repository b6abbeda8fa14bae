"""CPU time of pack, [user] and [train] an event, without Flink, on the configuration that the throughput job runs."""
